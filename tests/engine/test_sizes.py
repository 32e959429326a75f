"""Sizes: on the grid, within the limits, the shape kept; exact sizes untouched, too large ones refused."""

from __future__ import annotations

import re
from math import log

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchyard.engine.catalog import ROWS
from switchyard.engine.errors import BadInput
from switchyard.engine.models import MEGAPIXEL, Endpoint, SizeRule
from switchyard.engine.sizes import Size, bad_references, drawn, fit, largest, within

ANY = SizeRule()
SIDES = SizeRule(min_side=512, max_side=2048)
AREA = SizeRule(min_pixels=512 * 512, max_pixels=2048 * 2048)
GRID_32 = SizeRule(multiple=32)
SHAPES = SizeRule(
    "aspect", aspects=("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"), field="aspect_ratio"
)
PIXEL_RULES = sorted(
    {e.size for row in ROWS for e in row.endpoints if e.size.kind == "pixels"} | {ANY, SIDES, AREA, GRID_32},
    key=repr,
)

sides = st.integers(1, 20_000) | st.integers(500, 2100) | st.integers(1, 10**9)
sizes = st.builds(Size, sides, sides)
rules = st.sampled_from(PIXEL_RULES)
many = settings(max_examples=400, deadline=None)


def is_drawn_by(rule: SizeRule, size: Size) -> bool:
    return (
        size.width % rule.multiple == size.height % rule.multiple == 0
        and rule.min_side <= min(size.width, size.height)
        and max(size.width, size.height) <= rule.max_side
        and rule.min_pixels <= size.pixels <= rule.max_pixels
    )


@pytest.mark.parametrize(
    "asked, rule, size",
    [
        ((1024, 1024), ANY, (1024, 1024)),
        ((1920, 1080), ANY, (1920, 1088)),
        ((1000, 1000), ANY, (992, 992)),
        ((1001, 1001), ANY, (1008, 1008)),
        ((64, 64), ANY, (64, 64)),
        ((8, 8), ANY, (64, 64)),
        ((32, 64), ANY, (64, 128)),
        ((2048, 2048), ANY, (2048, 2048)),
        ((4096, 1024), ANY, (4096, 1024)),
        ((256, 512), SIDES, (512, 1024)),
        ((2048, 512), SIDES, (2048, 512)),
        ((300, 300), AREA, (512, 512)),
        ((1031, 4068), ANY, (1024, 4064)),  # 1040×4080 would be nearer in shape, and over 4 megapixels
        ((500, 525), AREA, (512, 528)),  # 496×528 would be nearer, and under the least area
        ((1000, 1000), GRID_32, (992, 992)),
        ((1920, 1080), GRID_32, (1920, 1088)),
    ],
)
def test_what_is_drawn(asked, rule, size):
    fitted = fit(Size(*asked), rule, "It")
    assert fitted.size == Size(*size)
    assert (fitted.note == "") == (asked == size)
    if fitted.note:
        assert str(Size(*asked)) in fitted.note and str(Size(*size)) in fitted.note


@pytest.mark.parametrize(
    "asked, rule, words",
    [
        ((4096, 4096), ANY, "4 megapixels"),
        ((5000, 100), ANY, "4096 pixels a side"),
        ((4000, 1000), SIDES, "2048 pixels a side"),
        ((2064, 2064), SIDES, "2048×2048"),
        ((3000, 3000), AREA, "4 megapixels"),
        ((1, 500), ANY, "64×4096"),
        ((20, 1000), SIDES, "long and narrow"),
        ((0, 1024), ANY, "at least 1 pixel"),
        ((-8, -8), ANY, "at least 1 pixel"),
        ((4096, 4096), SHAPES, "smaller"),
    ],
)
def test_what_is_refused(asked, rule, words):
    with pytest.raises(BadInput, match=re.escape(words)) as refused:
        fit(Size(*asked), rule, "It")
    assert str(Size(*asked)) in str(refused.value)


@many
@given(sizes, rules)
@example(Size(1300, 3225), ANY)
@example(Size(4096, 1024), ANY)
@example(Size(1, 10**9), AREA)
def test_every_size_is_fitted_or_refused_with_one_that_is_possible(asked, rule):
    try:
        size = fit(asked, rule, "It").size
    except BadInput as refused:
        named = [Size(*map(int, pair)) for pair in re.findall(r"(\d+)×(\d+)", str(refused))]
        assert named[0] == asked
        assert is_drawn_by(rule, named[-1]) and fit(named[-1], rule, "It").size == named[-1]
        assert not is_drawn_by(rule, asked)
    else:
        assert is_drawn_by(rule, size)
        step = (
            2 * rule.multiple / min(size.width, size.height)
        )  # both sides off by less than one step of the grid
        assert abs(log(size.aspect / asked.aspect)) <= log(1 + step)


@many
@given(sizes, rules)
def test_what_lies_within_the_limits_is_never_refused(asked, rule):
    inside = rule.min_pixels <= asked.pixels <= rule.max_pixels
    if (
        inside
        and rule.min_side <= min(asked.width, asked.height)
        and max(asked.width, asked.height) <= rule.max_side
    ):
        assert is_drawn_by(rule, fit(asked, rule, "It").size)


@many
@given(sizes, rules)
def test_what_is_possible_stays_as_it_is(asked, rule):
    if is_drawn_by(rule, asked):
        assert fit(asked, rule, "It") == fit(asked, rule, "Another")
        assert fit(asked, rule, "It").size == asked and fit(asked, rule, "It").note == ""


@many
@given(sizes, rules)
def test_what_is_too_large_is_refused(asked, rule):
    if max(asked.width, asked.height) > rule.max_side + rule.multiple or asked.pixels > rule.max_pixels * 1.1:
        with pytest.raises(BadInput):
            fit(asked, rule, "It")


@many
@given(st.integers(1, 600), st.integers(1, 600), rules)
def test_what_is_too_small_is_enlarged(width, height, rule):
    asked = Size(width, height)
    small = min(width, height) < rule.min_side or asked.pixels < rule.min_pixels
    if small and max(width, height) <= 3 * min(width, height):
        size = fit(asked, rule, "It").size
        assert size.width >= width and size.height >= height and size.pixels > asked.pixels


@many
@given(sizes, rules)
def test_fitting_twice_changes_nothing(asked, rule):
    try:
        size = fit(asked, rule, "It").size
    except BadInput:
        return
    assert fit(size, rule, "It").size == size


@many
@given(sizes, rules)
def test_the_largest_is_possible_and_nearly_as_large_as_can_be(shape, rule):
    size = largest(shape, rule)
    assert is_drawn_by(rule, size)
    if 0.25 <= shape.aspect <= 4:
        room = min(rule.max_pixels / size.pixels, (rule.max_side / max(size.width, size.height)) ** 2)
        assert room < 1.2


@many
@given(sizes, rules)
def test_a_picture_that_comes_in_always_has_a_size_that_comes_out(shape, rule):
    assert is_drawn_by(rule, fit(within(shape, rule), rule, "It").size)
    assert is_drawn_by(rule, drawn(None, [shape], rule, "It").size)
    assert drawn(None, [shape], rule, "It").note == ""


def test_a_picture_within_the_limits_keeps_its_size():
    assert within(Size(1000, 700), ANY) == Size(1000, 700)
    assert within(Size(6000, 4000), ANY) == largest(Size(6000, 4000), ANY) == Size(2496, 1664)


def test_automatic_sizes():
    input_rule = SizeRule("input")
    assert drawn(None, [], ANY, "It").size == Size(1024, 1024)
    assert drawn(None, [], input_rule, "It").size == Size(1024, 1024)
    assert drawn(Size(640, 480), [Size(99, 99)], ANY, "It").size == Size(640, 480)
    assert drawn(Size(640, 480), [Size(99, 77)], input_rule, "It").size == Size(99, 77)
    assert drawn(None, [Size(512, 512), Size(640, 480)], ANY, "It").size == Size(640, 480)
    matching = SizeRule("aspect", aspects=("match_input", "1:1"), default="match_input")
    assert drawn(None, [Size(777, 555)], matching, "It").size == Size(777, 555)


@pytest.mark.parametrize(
    "asked, shape, size",
    [
        ((1024, 1024), "1:1", (1024, 1024)),
        ((1920, 1080), "16:9", (1360, 768)),
        ((1080, 1920), "9:16", (768, 1360)),
        ((4000, 1000), "21:9", (1568, 672)),
        ((100, 130), "3:4", (880, 1184)),
    ],
)
def test_the_nearest_shape(asked, shape, size):
    fitted = fit(Size(*asked), SHAPES, "It")
    assert (fitted.aspect, fitted.size) == (shape, Size(*size))
    assert (fitted.note == "") == (asked == size)


@many
@given(st.integers(64, 2048), st.integers(64, 2048))
def test_the_nearest_shape_is_one_of_its_own_and_about_a_megapixel(width, height):
    fitted = fit(Size(width, height), SHAPES, "It")
    assert fitted.aspect in SHAPES.aspects
    assert fitted.size.width % 16 == fitted.size.height % 16 == 0
    assert 0.95 * MEGAPIXEL < fitted.size.pixels < 1.05 * MEGAPIXEL


@pytest.mark.parametrize(
    "size, megapixels",
    [
        ((1, 1), 1),
        ((1024, 1024), 1),
        ((1025, 1024), 2),
        ((1920, 1080), 2),
        ((2048, 2048), 4),
        ((4096, 4096), 16),
    ],
)
def test_megapixels_are_rounded_up(size, megapixels):
    assert Size(*size).billed_megapixels == megapixels


def test_reference_pictures_of_the_wrong_size():
    picky = Endpoint("x", "edit", reference_side=(384, 5000), references_megapixels=9)
    assert bad_references([], picky) == ""
    assert bad_references([Size(384, 5000)], picky) == ""
    assert "picture 2 is 383×500" in bad_references([Size(500, 500), Size(383, 500)], picky)
    assert "5001×400" in bad_references([Size(5001, 400)], picky)
    assert "12 megapixels" in bad_references([Size(2048, 2048)] * 3, picky)
    assert bad_references([Size(9999, 9999)] * 9, Endpoint("x", "edit")) == ""
