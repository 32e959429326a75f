"""The money adds up, and no limit is passed, whoever asks at the same moment."""

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput, OverBudget
from switchyard.engine.fal.database import Database
from switchyard.engine.fal.ledger import NANO, Bill, Ledger, Purchase, nano
from switchyard.engine.fal.settings import DAILY, FILE, Budget, read_settings
from switchyard.engine.models import find
from switchyard.engine.price import Estimate

ROOT = Path(__file__).resolve().parents[2]
PRO = find("flux-2-pro").endpoint("generate", 0)
NOON = datetime(2026, 5, 17, 12).timestamp()
DAY = 24 * 3600


class Clock:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


def purchase(usd="0.03", key="k", run="run", most="0"):
    price = Estimate(None if usd is None else Decimal(usd))
    return Purchase(key, PRO, "flux-2-pro", price, run, Decimal(most))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    return Ledger(Database(tmp_path), clock)


def reserve(ledger, budget=Budget(), **wish):  # noqa: B008 - frozen
    with ledger._database.writing() as rows:
        return ledger.reserve(rows, purchase(**wish), budget)


def settle(ledger, payment, *bill):
    with ledger._database.writing() as rows:
        ledger.settle(rows, payment, Bill(*bill))


def counted(ledger):
    return sum((payment.usd for payment in ledger.payments()), Decimal(0))


def test_what_is_under_way_counts_before_it_is_paid(ledger):
    budget = Budget(daily=Decimal("0.10"))
    for _ in range(3):
        reserve(ledger, budget)
    with pytest.raises(OverBudget, match=r"\$0\.03.*today \$0\.00 are spent and \$0\.09 reserved.*\$0\.10"):
        reserve(ledger, budget)
    assert counted(ledger) == Decimal("0.09")


def test_a_limit_may_be_spent_to_the_last_cent(ledger):
    for _ in range(3):
        reserve(ledger, Budget(daily=Decimal("0.09")))


def test_midnight_and_the_first_of_the_month_open_the_purse(ledger, clock):
    daily, monthly = Budget(daily=Decimal("0.03")), Budget(monthly=Decimal("0.06"))
    reserve(ledger, daily)
    clock.now += DAY
    reserve(ledger, daily)
    with pytest.raises(OverBudget, match="monthly"):
        reserve(ledger, monthly)
    clock.now += 20 * DAY
    reserve(ledger, monthly)


@pytest.mark.parametrize("jump", [-DAY, -400 * DAY, 3600])
def test_a_clock_that_is_set_back_does_not_open_the_purse(ledger, clock, jump):
    budget = Budget(daily=Decimal("0.03"))
    reserve(ledger, budget)
    clock.now += jump
    with pytest.raises(OverBudget, match="daily"):
        reserve(ledger, budget)


def test_a_run_has_its_own_limit_and_max_price_is_one(ledger):
    reserve(ledger, run="a", most="0.05")
    with pytest.raises(OverBudget, match="max_price is"):
        reserve(ledger, run="a", most="0.05")
    reserve(ledger, run="b", most="0.05")
    with pytest.raises(OverBudget, match="budget of a run"):
        reserve(ledger, Budget(run=Decimal("0.05")), run="b")


def test_what_is_billed_replaces_what_was_expected(ledger):
    payment = reserve(ledger)
    settle(ledger, payment, "paid", Decimal("0.0105"), Decimal("0.7"), "req-1")
    settle(ledger, payment, "cancelled", Decimal(0))  # too late: the service has said what it was
    (paid,) = ledger.payments()
    assert (paid.usd, paid.outcome, paid.units, paid.request_id) == (
        Decimal("0.0105"),
        "paid",
        Decimal("0.7"),
        "req-1",
    )
    assert paid.estimate == Decimal("0.03")


def test_without_a_bill_the_estimate_stands(ledger):
    settle(ledger, reserve(ledger), "cancelled")
    assert counted(ledger) == Decimal("0.03")


def test_what_was_never_sent_leaves_nothing(ledger):
    with ledger._database.writing() as rows:
        ledger.void(rows, ledger.reserve(rows, purchase(), Budget()))
    assert ledger.payments() == []


def test_several_are_refused_together_when_they_do_not_fit_together(ledger):
    budget = Budget(daily=Decimal("0.05"))
    ledger.check([purchase()], budget)
    with pytest.raises(OverBudget, match=r"\$0\.06"):
        ledger.check([purchase(key="a"), purchase(key="b")], budget)
    assert ledger.payments() == []


def test_an_unknown_price_never_slips_under_a_limit(ledger):
    reserve(ledger, usd=None)  # no limit: the node has asked for permission
    with pytest.raises(OverBudget, match="Nobody knows"):
        reserve(ledger, Budget(monthly=Decimal(50)), usd=None)
    with pytest.raises(OverBudget, match="Nobody knows"):
        reserve(ledger, usd=None, most="1")
    reserve(ledger, Budget(monthly=Decimal("0.30"), unknown_price=Decimal("0.25")), usd=None)
    with pytest.raises(OverBudget, match=r"\$0\.25"):
        reserve(ledger, Budget(monthly=Decimal("0.30"), unknown_price=Decimal("0.25")), usd=None)


def test_a_budget_of_nothing_lets_what_is_free_through(ledger):
    reserve(ledger, Budget(daily=Decimal(0)), usd="0")
    with pytest.raises(OverBudget):
        reserve(ledger, Budget(daily=Decimal(0)), usd="0.000065")


@given(st.lists(st.decimals("0", "100", places=9), max_size=30))
def test_sums_are_exact(amounts):
    assert sum(map(nano, amounts)) == int(sum(amounts, Decimal(0)) * NANO)


CHILD = """
import sys, threading
from types import ModuleType
package = ModuleType("switchyard"); package.__path__ = [sys.argv[1]]; sys.modules["switchyard"] = package
from switchyard.tests.engine.test_fal_ledger import *
budget, done = Budget(daily=Decimal("1.11")), []
def work(n):
    ledger = Ledger(Database(Path(sys.argv[2])), Clock())
    for i in range(25):
        try: done.append(reserve(ledger, budget, key=f"{n} {i}"))
        except OverBudget: pass
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(done))
"""


def test_two_processes_of_four_threads_spend_what_there_is_and_no_more(tmp_path):
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(ROOT), str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert sum(int(child.communicate(timeout=60)[0]) for child in children) == 37
    assert counted(Ledger(Database(tmp_path), Clock())) == Decimal("1.11")


def write(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_settings_are_read_exactly_and_the_lower_daily_budget_holds(tmp_path):
    folder = write(
        tmp_path, '{"daily_budget": 0.1, "monthly_budget": "$60", "run_budget": 2, "patience": {"read": 2.5}}'
    )
    settings = read_settings(folder, {DAILY: " 5 "})
    assert settings.budget == Budget(Decimal("0.1"), Decimal(60), Decimal(2))
    assert settings.limits.read == 2.5
    assert read_settings(folder, {DAILY: "0"}).budget.daily == 0
    assert read_settings(tmp_path / "nowhere", {}).budget == Budget()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"daily": 5}',
        '{"daily_budget": true}',
        '{"daily_budget": -1}',
        '{"daily_budget": "five"}',
        '{"daily_budget": NaN}',
        '{"daily_budget": 1e99}',
        '{"patience": {"picture": 1}}',
        '{"patience": 5}',
        "[" * 100_000,
    ],
)
def test_a_limit_that_cannot_be_read_stops_everything(tmp_path, text):
    with pytest.raises(BadInput, match="nothing was sent"):
        read_settings(write(tmp_path, text), {})


@pytest.mark.parametrize("value", ["five", "-1", "inf", "nan", "1,50", "5 $"])
def test_a_daily_budget_that_is_no_amount_stops_everything(tmp_path, value):
    with pytest.raises(BadInput, match=DAILY):
        read_settings(tmp_path, {DAILY: value})


@given(st.text(max_size=40))
def test_any_settings_are_understood_or_refused(text):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            read_settings(write(Path(folder), text), {DAILY: text})
        except BadInput as error:
            assert len(str(error)) < 400
