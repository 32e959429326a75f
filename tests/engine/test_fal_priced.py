"""From a live price to an estimate and a bill: exact, never too little, never out of an unknown unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.fal.tariff import IMAGES, MEGAPIXELS, LivePrice, billed, priced
from switchyard.engine.models import Endpoint, Price, all_models
from switchyard.engine.price import estimate
from switchyard.engine.sizes import Size

PRO, DEV = "fal-ai/flux-2-pro", "fal-ai/flux/dev"


def row(endpoint_id):
    return next(e for m in all_models().values() for e in m.endpoints if e.id == endpoint_id)


def live(amount, unit="megapixels"):
    return LivePrice(Decimal(amount), unit)


def test_the_live_amount_takes_the_rows_place_where_its_unit_fits():
    dev = row(DEV)
    assert dev.price.rule == "per_megapixel"
    for unit in (
        "megapixels",
        "image",
    ):  # the service's own documentation calls this one's megapixel an image
        price = priced(dev, live("0.02", unit))
        assert (price.rule, price.usd, price.confidence) == ("per_megapixel", Decimal("0.02"), "fal-text")
    flat = Endpoint("a/b", "generate", price=Price("per_image", Decimal("0.04")))
    assert priced(flat, live("0.03", "images")) == Price("per_image", Decimal("0.03"), confidence="fal-text")


def test_two_amounts_never_shrink_and_grow_together():
    pro = row(PRO)
    assert (pro.price.usd, pro.price.extra_usd) == (Decimal("0.03"), Decimal("0.015"))
    for same in ("0.03", "0.015", "0.001"):
        assert priced(pro, live(same, "processed megapixels")) == pro.price
    dearer = priced(pro, live("0.06", "processed megapixels"))
    assert (dearer.rule, dearer.usd, dearer.extra_usd) == (
        "first_megapixel",
        Decimal("0.06"),
        Decimal("0.03"),
    )
    tiers = Endpoint("a/b", "generate", price=Price("per_image_tier", Decimal("0.03"), Decimal("0.07")))
    assert priced(tiers, live("0.05", "images")).extra_usd == Decimal("0.116666667")  # rounded up


def test_an_image_that_is_counted_by_area_is_estimated_the_dearer_way():
    flat = Endpoint("a/b", "edit", price=Price("per_image", Decimal("0.04")), references=1)
    for amount, expected in (("0.02", "0.04"), ("0.05", "0.05")):
        price = priced(flat, live(amount, "megapixels"))
        assert (price.rule, price.usd, price.counts_inputs) == ("per_megapixel", Decimal(expected), True)


def test_an_unknown_price_becomes_known_by_the_unit():
    unknown = Endpoint("a/b", "generate", price=Price(note="No price is published for this endpoint."))
    by_image, by_area = priced(unknown, live("0.04", "images")), priced(unknown, live("0.02", "megapixels"))
    assert (by_image.rule, by_image.usd) == ("per_image", Decimal("0.04")) and "live" in by_image.note
    assert (by_area.rule, by_area.usd, by_area.counts_inputs) == ("per_megapixel", Decimal("0.02"), False)
    for unit in ("compute seconds", "units", "credits", "1000 tokens"):
        assert priced(unknown, live("1", unit)) == unknown.price


@pytest.mark.parametrize("rule", ["free", "per_token"])
def test_what_a_picture_s_price_says_nothing_about_stays(rule):
    endpoint = Endpoint("a/b", "generate", price=Price(rule))
    assert priced(endpoint, live("1", "images")) == endpoint.price


def test_what_was_billed():
    pro, dev = row(PRO), row(DEV)
    assert billed(pro, Decimal("1.5"), live("0.03", "processed megapixels")) == Decimal("0.045")
    assert billed(dev, Decimal(3), live("0.02", "compute seconds")) == Decimal("0.06")
    assert billed(dev, Decimal(2), None) == 2 * dev.price.usd
    assert billed(pro, Decimal(2), None) is None
    assert billed(Endpoint("a/b", "generate", price=Price("free")), Decimal(2), None) == 0
    for odd in ("NaN", "-1", "Infinity", "1e99", "sNaN"):
        assert billed(dev, Decimal(odd), None) is None and billed(dev, Decimal(odd), live("0.02")) is None


money = st.decimals("0.000000001", "1000", places=9)
units_seen = st.sampled_from([*sorted(MEGAPIXELS | IMAGES), "units", "credits", "compute seconds"])
rows_of_prices = st.builds(
    Price,
    st.sampled_from(
        ["per_megapixel", "first_megapixel", "per_image", "per_image_tier", "per_token", "unknown", "free"]
    ),
    usd=st.none() | money,
    extra_usd=st.none() | money,
    counts_inputs=st.booleans(),
    input_megapixels=st.none() | st.integers(1, 9),
    lora_surcharge=st.booleans(),
)
sizes = st.builds(Size, st.integers(64, 4096), st.integers(64, 4096))


@given(rows_of_prices, money, units_seen, sizes, st.lists(sizes, max_size=3), st.integers(1, 4))
def test_an_estimate_is_never_below_what_the_service_says(price, amount, unit, size, inputs, pictures):
    endpoint = Endpoint("a/b", "edit", price=price, references=4)
    now = priced(endpoint, LivePrice(amount, unit))
    before = estimate(endpoint, size, inputs, pictures).usd
    after = estimate(Endpoint("a/b", "edit", price=now, references=4), size, inputs, pictures).usd
    assert after is None or (after.is_finite() and after >= 0)
    if now == price:
        return
    assert after is not None or (
        price.rule in ("first_megapixel", "per_image_tier") and price.extra_usd is None
    )
    if after is not None:
        if (
            now.rule != "per_image_tier" or now.extra_usd >= now.usd
        ):  # a large picture never costs less than a small one
            assert after >= amount * pictures  # the service counts at least one unit for each
        if price.rule in ("first_megapixel", "per_image_tier") and before is not None:
            assert after >= before
        if unit in MEGAPIXELS and now.rule == "per_megapixel":
            assert after >= amount * size.billed_megapixels * pictures


@given(rows_of_prices, st.decimals(), st.none() | st.builds(LivePrice, money, units_seen))
def test_a_bill_is_never_negative_and_always_a_number(price, units, live_price):
    usd = billed(Endpoint("a/b", "generate", price=price), units, live_price)
    assert usd is None or (usd.is_finite() and usd >= 0)


def test_every_row_of_the_table_can_be_priced():
    for model in all_models().values():
        for endpoint in model.endpoints:
            for unit in ("images", "processed megapixels", "units"):
                price = priced(endpoint, live("0.5", unit))
                assert price.usd is None or price.usd > 0
