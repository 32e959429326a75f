"""Prices: fal's own printed examples to the cent, and unknown never becomes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.catalog import ROWS
from switchyard.engine.models import Endpoint, Price
from switchyard.engine.price import Estimate, dollars, estimate, pictures_per_request, total
from switchyard.engine.sizes import Size

ENDPOINTS = {e.id: e for row in ROWS for e in row.endpoints}
ALL = [e for row in ROWS for e in row.endpoints]
ONE = Size(1024, 1024)

sizes = st.builds(Size, st.integers(1, 6000), st.integers(1, 6000))
inputs = st.lists(sizes, max_size=9)
endpoints = st.sampled_from(ALL)
many = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize(
    "endpoint, size, references, usd",
    [
        ("fal-ai/flux-2-pro", (1024, 1024), [], "0.03"),
        ("fal-ai/flux-2-pro", (1920, 1080), [], "0.045"),
        ("fal-ai/flux-2-pro", (512, 512), [], "0.03"),
        ("fal-ai/flux-2-flex", (1024, 1024), [], "0.05"),
        ("fal-ai/flux-2-flex", (1920, 1080), [], "0.10"),
        ("fal-ai/flux-2/edit", (1024, 1024), [(512, 512)], "0.024"),
        ("fal-ai/flux-2/turbo/edit", (1024, 1024), [(512, 512)], "0.016"),
        ("fal-ai/flux-2/flash/edit", (1024, 1024), [(512, 512)], "0.010"),
        ("fal-ai/flux-2/lora/edit", (1024, 1024), [(512, 512)], "0.042"),
        ("fal-ai/flux-2/klein/4b/base/edit", (1024, 1024), [(512, 512)], "0.018"),
        ("fal-ai/flux-2/klein/9b/edit", (1024, 1024), [(512, 512)], "0.022"),
        ("fal-ai/flux-2/klein/9b/edit/lora", (1024, 1024), [(512, 512)], "0.030"),
    ],
)
def test_the_examples_that_fal_prints(endpoint, size, references, usd):
    found = estimate(ENDPOINTS[endpoint], Size(*size), [Size(*r) for r in references])
    assert found.usd == Decimal(usd) and not found.at_most


@pytest.mark.parametrize(
    "endpoint, size, references, pictures, usd, at_most",
    [
        ("fal-ai/flux-2-max/edit", (1024, 1024), [(1024, 1024)], 1, "0.10", False),
        ("fal-ai/flux-2-pro/edit", (1024, 1024), [(1024, 1024)] * 9, 1, "0.165", False),
        ("fal-ai/flux-2-pro/edit", (1024, 1024), [(1920, 1080)], 1, "0.06", False),  # 2 megapixels in
        (
            "fal-ai/flux-2/edit",
            (1024, 1024),
            [(4000, 3000)],
            1,
            "0.024",
            False,
        ),  # resized to one megapixel first
        ("fal-ai/flux-2/edit", (1024, 1024), [(512, 512)], 4, "0.096", True),
        ("fal-ai/flux/schnell", (1024, 1024), [], 4, "0.012", False),
        ("fal-ai/flux/schnell", (1025, 1024), [], 1, "0.006", False),
        ("fal-ai/flux-pro/kontext", (1024, 1024), [(4000, 3000)], 2, "0.08", False),
        ("alibaba/qwen-image-3/text-to-image", (1024, 1024), [], 1, "0.04", False),
        ("alibaba/qwen-image-3/text-to-image", (1040, 1024), [], 1, "0.075", False),
        ("fal-ai/qwen-image-layered", (640, 640), [(640, 640)], 4, "0.20", True),
        ("Qwen/Qwen-Image", (1024, 1024), [], 9, "0", False),
    ],
)
def test_other_prices(endpoint, size, references, pictures, usd, at_most):
    found = estimate(ENDPOINTS[endpoint], Size(*size), [Size(*r) for r in references], pictures)
    assert (found.usd, found.at_most) == (Decimal(usd), at_most)


def test_lora_files_can_cost_more():
    lora = ENDPOINTS["fal-ai/flux-2/lora"]
    assert "2 GB" in estimate(lora, ONE, lora=True).note
    assert estimate(lora, ONE).note == ""
    assert estimate(ENDPOINTS["fal-ai/flux-2/klein/4b/lora"], ONE, lora=True).note == ""


@many
@given(endpoints, sizes, inputs, st.integers(1, 64))
def test_unknown_stays_unknown_and_only_local_is_free(endpoint, size, references, pictures):
    found = estimate(endpoint, size, references, pictures)
    if endpoint.price.rule == "free":
        assert found.usd == 0 and found.text == "free"
    elif endpoint.price.usd is None:
        assert found.usd is None and found.text == "price unknown"
        assert total([found, Estimate(Decimal(1))]).usd is None
    else:
        assert isinstance(found.usd, Decimal) and found.usd > 0 and found.text.startswith(("$", "at most $"))


@many
@given(endpoints, sizes, inputs, st.integers(1, 16))
def test_more_never_costs_less(endpoint, size, references, pictures):
    def usd(*more) -> Decimal:
        return estimate(endpoint, *more).usd or Decimal(0)

    larger = Size(size.width + 1024, size.height)
    assert usd(size, references, pictures) == usd(size, references) * pictures
    assert usd(larger, references) >= usd(size, references)
    assert usd(size, [*references, ONE]) >= usd(size, references)


@pytest.mark.parametrize(
    "price",
    [
        Price(),
        Price("per_token"),
        Price("per_megapixel"),
        Price("per_image"),
        Price("first_megapixel", Decimal(1)),
        Price("per_image_tier", Decimal(1)),
    ],
)
def test_a_formula_with_a_part_missing_is_unknown(price):
    assert estimate(Endpoint("x", "generate", price=price), ONE).usd is None


@pytest.mark.parametrize(
    "endpoint, batch, requests",
    [
        ("fal-ai/flux-2-pro", 3, [1, 1, 1]),
        ("fal-ai/flux/schnell", 10, [4, 4, 2]),
        ("alibaba/qwen-image-3/text-to-image", 7, [6, 1]),
        ("fal-ai/qwen-image-layered", 2, [1, 1]),
        ("Qwen/Qwen-Image", 2, [1, 1]),
    ],
)
def test_a_batch_in_requests(endpoint, batch, requests):
    assert pictures_per_request(ENDPOINTS[endpoint], batch) == requests


@given(endpoints, st.integers(1, 64))
def test_a_batch_in_requests_is_the_whole_batch(endpoint, batch):
    requests = pictures_per_request(endpoint, batch)
    assert sum(requests) == batch and min(requests) > 0
    most = endpoint.param("num_images")
    assert max(requests) <= (most.high if most else 1)


def test_a_sum():
    cents = Estimate(Decimal("0.01"))
    assert total([]).usd == 0
    assert total([cents] * 3) == Estimate(Decimal("0.03"))
    assert total([cents, Estimate(Decimal(1), at_most=True, note="why")]) == Estimate(
        Decimal("1.01"), True, "why"
    )
    assert total([Estimate(None), cents]).usd is None


@pytest.mark.parametrize(
    "usd, text",
    [
        ("0", "$0.00"),
        ("0.04", "$0.04"),
        ("0.040", "$0.04"),
        ("0.045", "$0.045"),
        ("0.003", "$0.003"),
        ("12", "$12.00"),
        ("1E+3", "$1000.00"),
        ("1234.5", "$1234.50"),
        ("30.000", "$30.00"),
    ],
)
def test_dollars(usd, text):
    assert dollars(Decimal(usd)) == text


@given(st.decimals(0, 10**6, places=6))
def test_dollars_are_exact(usd):
    text = dollars(usd)
    assert text.startswith("$") and Decimal(text[1:]) == usd and len(text.partition(".")[2]) >= 2


def test_the_words_for_a_person():
    assert Estimate(Decimal(0)).text == "free"
    assert Estimate(Decimal("0.2"), at_most=True).text == "at most $0.20"
    assert Estimate(None, at_most=True).text == "price unknown"
