"""Live prices: read without trust, kept for a day, never needed, and never a reason to estimate too little."""

import json
import sqlite3
import threading
from contextlib import contextmanager
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.errors import Refused
from switchyard.engine.fal.address import Addresses, Foreign
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.database import Database
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.tariff import (
    HOLDS,
    MOST,
    RENEW,
    REST,
    LivePrice,
    Tariff,
    priced,
    read_prices,
)
from switchyard.engine.models import all_models
from switchyard.tests.fal_emulator import Act, FalEmulator

KEY = Key("1a2b3c4d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef")
PRO, DEV, EDIT = "fal-ai/flux-2-pro", "fal-ai/flux/dev", "fal-ai/flux-2/edit"
NOW = 1_800_000_000.0
QUESTION = "/v1/models/pricing"


class PricingFal(FalEmulator):
    """`prices`: what the service charges, by endpoint, as (amount, unit)."""

    def __init__(self, prefix=""):
        super().__init__(prefix=prefix)
        self.prices = {PRO: (0.03, "processed megapixels"), DEV: (0.025, "image")}

    def reply(self, seen):
        path, _, query = seen.path.partition("?")
        if seen.method != "GET" or path != self.prefix + QUESTION:
            return super().reply(seen)
        if not seen.headers.get("authorization", "").startswith("Key "):
            return 401, {"error": {"type": "authorization_error"}}, {}, "application/json"
        asked = query.removeprefix("endpoint_id=").split(",")
        rows = [entry(e, *self.prices[e]) for e in asked if e in self.prices]
        return 200, {"prices": rows, "next_cursor": None, "has_more": False}, {}, "application/json"


def entry(endpoint, amount, unit="images", currency="USD"):
    return {"endpoint_id": endpoint, "unit_price": amount, "unit": unit, "currency": currency}


@pytest.fixture
def fal():
    with PricingFal() as emulator:
        yield emulator


@pytest.fixture
def client(fal):
    with FalClient(KEY, fal.url) as one:
        yield one


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path)


def row(endpoint_id):
    return next(e for m in all_models().values() for e in m.endpoints if e.id == endpoint_id)


def live(amount, unit="megapixels"):
    return LivePrice(Decimal(amount), unit)


# --- asking -----------------------------------------------------------------------------------------------------------


def test_the_service_is_asked_once_for_all(fal, client):
    assert client.prices([PRO, DEV, PRO, "fal-ai/unheard-of"]) == {
        PRO: live("0.03", "processed megapixels"),
        DEV: live("0.025", "image"),
    }
    (question,) = fal.seen
    assert question.path == f"{QUESTION}?endpoint_id={PRO},{DEV},fal-ai/unheard-of"
    assert question.headers["authorization"] == f"Key {KEY.reveal()}"


def test_where_the_prices_are():
    assert Addresses().prices([PRO, DEV]) == f"https://api.fal.ai{QUESTION}?endpoint_id={PRO},{DEV}"
    assert (
        Addresses("https://gate.example/fal").prices([DEV]).startswith(f"https://gate.example/fal{QUESTION}?")
    )
    for odd in ("a/b&x=1", "a/b?c", "nope", "a/../b#", "https://evil.example/x"):
        with pytest.raises(Foreign):
            Addresses().prices([odd])
    with pytest.raises(Foreign):  # a reply cannot send the key there
        Addresses().service("https://api.fal.ai/v1/anything")


def test_the_base_address_may_have_a_path():
    with PricingFal(prefix="/gate") as fal, FalClient(KEY, fal.url) as client:
        assert set(client.prices([PRO])) == {PRO}


def test_many_are_asked_fifty_at_a_time_and_what_is_no_endpoint_never(fal, client):
    many = [f"fal-ai/model-{n}" for n in range(120)]
    fal.prices = {name: (0.5, "images") for name in many}
    assert set(client.prices([*many, "nope", "a/b&c=d", "x/" + "y" * 5000])) == set(many)
    assert [seen.path.count("model-") for seen in fal.seen] == [50, 50, 20]
    assert client.prices([]) == {} and len(fal.seen) == 3


@pytest.mark.parametrize(
    "act",
    [Act(drop=True), Act(status=401), Act(status=404), Act(status=429), Act(status=500),
     Act(status=302, headers={"Location": "https://evil.example/"}), Act(status=200, body=b"x" * (2**20 + 1))],
)  # fmt: skip
def test_a_service_that_does_not_say_is_asked_once(fal, client, act):
    fal.script("GET", QUESTION, act)
    with pytest.raises(Refused) as caught:
        client.prices([PRO])
    assert KEY.reveal() not in str(caught.value) and len(fal.seen) == 1


def test_nobody_listens():
    with PricingFal() as fal:
        gone = fal.url
    with FalClient(KEY, gone) as client, pytest.raises(Refused):
        client.prices([PRO])


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"prices": 3}', b"[" * 100_000, b"\xff\xfe"]
)
def test_an_answer_that_is_none_has_no_prices(fal, client, body):
    fal.script("GET", QUESTION, Act(status=200, body=body))
    assert client.prices([PRO]) == {}


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [entry(PRO, 0.03, currency="EUR"), entry(PRO, 0.03, currency=None), entry(PRO, -1), entry(PRO, 0), entry(PRO, True),
     entry(PRO, None), entry(PRO, [1]), entry(PRO, "NaN"), entry(PRO, float("nan")), entry(PRO, float("inf")),
     entry(PRO, "1e9"), entry(PRO, "1e-99999999"), entry(PRO, "0.03 USD"), entry(PRO, 0.03, unit=None),
     entry(PRO, 0.03, unit=""), entry(PRO, 0.03, unit="<b>"), entry(PRO, 0.03, unit="x" * 41), entry([PRO], 0.03),
     entry("fal-ai/flux-2-max", 0.03), entry(None, 0.03), {}, None, 7, PRO, [PRO]],
)  # fmt: skip
def test_garbage_is_left_out_and_spoils_nothing(odd):
    body = json.dumps({"prices": [odd, entry(DEV, 0.025), odd]}).encode()
    assert read_prices(body, [PRO, DEV]) == {DEV: live("0.025", "images")}


def test_amounts_are_exact_whatever_they_are_written_like():
    body = b'{"prices": [%s]}' % b",".join(
        b'{"endpoint_id": "a/%d", "unit_price": %s, "unit": " Processed  Megapixels ", "currency": "USD"}'
        % pair
        for pair in enumerate([b"0.0024075", b'"0.0024075"', b"2.4075e-3", b"1" * 5000])
    )
    assert read_prices(body, ["a/0", "a/1", "a/2", "a/3"]) == dict.fromkeys(
        ["a/0", "a/1", "a/2"], live("0.0024075", "processed megapixels")
    )


def test_of_two_prices_the_dearer_counts():
    body = json.dumps({"prices": [entry(PRO, 0.03), entry(PRO, 0.05), entry(PRO, 0.04)]}).encode()
    assert read_prices(body, [PRO]) == {PRO: live("0.05", "images")}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "endpoint_id": st.sampled_from([PRO, DEV]) | anything,
        "unit_price": st.floats() | st.decimals().map(str) | st.integers() | anything,
        "unit": st.sampled_from(["images", "megapixels", "units"]) | anything,
        "currency": st.sampled_from(["USD", "EUR"]) | anything,
    },
)


@given(
    st.fixed_dictionaries({"prices": st.lists(entries | anything, max_size=6)}).map(json.dumps) | st.text()
)
def test_whatever_comes_a_price_is_a_price(text):
    for endpoint, price in read_prices(text.encode("utf-8", "replace"), [PRO, DEV]).items():
        assert endpoint in (PRO, DEV)
        assert price.unit_price.is_finite() and 0 < price.unit_price <= MOST
        assert price.unit == price.unit.lower().strip() and price.unit


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_a_price_holds_for_a_day_and_is_asked_anew_before(fal, client, database):
    tariff = Tariff(database)
    assert tariff.known(fal.url, PRO, NOW) is None
    tariff.refresh(client, [PRO, DEV], NOW)
    assert tariff.known(fal.url, PRO, NOW + HOLDS) == live("0.03", "processed megapixels")
    assert tariff.known(fal.url, PRO, NOW + HOLDS + 1) is None
    assert tariff.known(fal.url, PRO, NOW - 1) is None  # the clock was set back
    assert tariff.known("", PRO, NOW) is None and tariff.known(fal.url, EDIT, NOW) is None
    fal.prices[PRO] = (0.06, "processed megapixels")
    Tariff(database).refresh(client, [PRO, DEV], NOW + RENEW - 1)
    assert len(fal.seen) == 1 and tariff.known(fal.url, PRO, NOW + RENEW).unit_price == Decimal("0.03")
    tariff.refresh(client, [PRO], NOW + RENEW)
    assert len(fal.seen) == 2 and tariff.known(fal.url, PRO, NOW + RENEW).unit_price == Decimal("0.06")
    assert tariff.known(fal.url, DEV, NOW + RENEW).unit_price == Decimal("0.025")


def test_by_the_clock_on_the_wall_where_none_is_given(fal, client, database):
    Tariff(database).refresh(client, [PRO])
    assert Tariff(database).known(fal.url, PRO) == live("0.03", "processed megapixels")


def test_today_s_price_of_an_endpoint_is_the_live_one_or_its_row_s(fal, client, database):
    fal.prices[PRO] = (0.06, "processed megapixels")
    tariff = Tariff(database)
    tariff.refresh(client, [PRO])
    price_of = tariff.price_of(fal.url)
    assert price_of(row(PRO)) == priced(row(PRO), live("0.06", "processed megapixels")) != row(PRO).price
    assert price_of(row(DEV)) == row(DEV).price
    assert tariff.price_of("")(row(PRO)) == row(PRO).price


def test_a_failure_leaves_what_is_there_and_rests(fal, client, database):
    tariff = Tariff(database)
    tariff.refresh(client, [PRO], NOW)
    later = NOW + RENEW + 1
    fal.script("GET", QUESTION, *[Act(status=500)] * 9)
    for second in (0, 1, REST - 1):
        tariff.refresh(client, [PRO, DEV, EDIT], later + second)  # nobody waits for a dead service again
    assert len(fal.seen) == 2 and tariff.known(fal.url, PRO, later) is not None
    tariff.refresh(client, [DEV], later + REST)
    assert len(fal.seen) == 3
    with PricingFal() as other, FalClient(KEY, other.url) as there:  # which says nothing about another one
        tariff.refresh(there, [DEV], later)
        assert tariff.known(other.url, DEV, later) is not None


def test_an_endpoint_without_a_price_is_not_asked_about_every_time(fal, client, database):
    tariff = Tariff(database)
    tariff.refresh(client, [EDIT], NOW)
    tariff.refresh(client, [EDIT, PRO], NOW + 1)
    assert [seen.path.partition("=")[2] for seen in fal.seen] == [EDIT, PRO]
    tariff.refresh(client, [EDIT, PRO, ""], NOW + REST)
    assert len(fal.seen) == 3 and tariff.known(fal.url, EDIT, NOW + REST) is None
    tariff.refresh(client, [], NOW)
    assert len(fal.seen) == 3


def test_of_many_runs_at_the_same_moment_one_asks(fal, client, database):
    together = threading.Barrier(6)

    def work():
        tariff = Tariff(Database(database.folder))
        together.wait(10)
        tariff.refresh(client, [PRO], NOW)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(fal.seen) == 1 and Tariff(database).known(fal.url, PRO, NOW) is not None


class Failing(Database):
    cannot = False

    @contextmanager
    def writing(self):
        if self.cannot:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        with super().writing() as rows:
            yield rows


def test_a_disk_that_cannot_be_written_asks_nothing(fal, client, tmp_path):
    database = Failing(tmp_path)
    tariff = Tariff(database)
    tariff.refresh(client, [PRO], NOW)
    database.cannot = True
    for one in (tariff, Tariff(database)):
        one.refresh(client, [PRO, DEV], NOW + RENEW)
        assert one.known(fal.url, PRO, NOW + RENEW) is not None
    assert len(fal.seen) == 1
    empty = Failing(tmp_path / "empty")
    empty.cannot = True
    assert Tariff(empty).known(fal.url, PRO, NOW) is None


def test_a_spoilt_row_is_no_price(fal, client, database):
    tariff = Tariff(database)
    tariff.refresh(client, [PRO], NOW)
    for spoilt in ("NaN", "-1", "", "0", None, b"\xff", 5):
        with database.writing() as rows:
            rows.execute("UPDATE tariff SET unit_price = ? WHERE endpoint = ?", (spoilt, PRO))
        price = tariff.known(fal.url, PRO, NOW)
        assert price is None or price.unit_price == 5
