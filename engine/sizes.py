"""Picture sizes: what was asked for, brought onto a model's grid and inside its limits with the aspect kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, sqrt

from .errors import BadInput
from .models import MEGAPIXEL, Endpoint, SizeRule

SQUARE_1K = (1024, 1024)
FOLLOWS = (None, "auto", "match_input")  # an endpoint's own words for "the size of the picture that comes in"


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def billed_megapixels(self) -> int:
        """Whole megapixels, rounded up: how the service counts (1920x1080 is 2)."""
        return max(1, -(-self.pixels // MEGAPIXEL))

    @property
    def aspect(self) -> float:
        return self.width / self.height

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


@dataclass(frozen=True)
class Fit:
    """The size to draw, and a word for the person where it differs from what was asked ("" where it does not).

    `aspect` is the service's name of the shape where the model takes no pixel sizes ("16:9"), else "".
    """

    size: Size
    note: str = ""
    aspect: str = ""


def fit(asked: Size, rule: SizeRule, name: str) -> Fit:
    """Bring `asked` onto the grid of `rule`. `name` is the model's name for messages.

    Off the grid is snapped, below the minimum is enlarged, both said in `note`; over the maximum raises BadInput.
    """
    if asked.width < 1 or asked.height < 1:
        raise BadInput(f"A picture of {asked} was asked for: width and height must be at least 1 pixel.")
    if rule.kind == "aspect":
        return _fit_aspect(asked, rule, name)
    if rule.kind != "pixels":
        return Fit(asked)
    size = _snap(_enlarge(asked, rule), rule)
    if _over(size, rule):
        raise BadInput(_refusal(asked, rule, name))
    return Fit(size, "" if size == asked else f"{asked} drawn as {size}, the nearest that {name} can do")


def drawn(asked: Size | None, references: Sequence[Size], rule: SizeRule, name: str) -> Fit:
    """The size that will come back. `asked` None is automatic: an edit follows its picture, all else is 1024x1024.

    Services size an edit by its last reference; a split into layers has only one. Raises BadInput as `fit` does.
    """
    if rule.kind == "input" and references:
        return Fit(references[0])
    if asked is not None:
        return fit(asked, rule, name)
    if not references:
        return Fit(Size(*SQUARE_1K)) if rule.kind == "input" else _unsaid(fit(Size(*SQUARE_1K), rule, name))
    if rule.default == "match_input":
        return Fit(references[-1])
    return _unsaid(fit(within(references[-1], rule), rule, name))


def largest(shape: Size, rule: SizeRule) -> Size:
    """The largest size on the grid with the shape of `shape`, or as near to that shape as the sides allow."""
    scale = min(sqrt(rule.max_pixels / shape.pixels), rule.max_side / max(shape.width, shape.height))
    least = -(-rule.min_side // rule.multiple) * rule.multiple
    whole = 1e-6  # what 4095.9999 lacks for the grid line that it is
    sides = [max(_down(side * scale + whole, rule.multiple), least) for side in (shape.width, shape.height)]
    longest = sides.index(
        max(sides)
    )  # a very long picture: its short side has grown, so the long one gives way
    most = _down(min(rule.max_side, rule.max_pixels / min(sides)), rule.multiple)
    sides[longest] = min(sides[longest], most)
    return Size(*sides)


def within(shape: Size, rule: SizeRule) -> Size:
    """`shape` itself, or shrunk until the model can draw it: what an edit of a large picture comes back as."""
    return largest(shape, rule) if _over(_enlarge(shape, rule), rule) else shape


def bad_references(references: Sequence[Size], endpoint: Endpoint) -> str:
    """Why `endpoint` cannot take reference pictures of these sizes ("it takes …"); "" where it can."""
    if endpoint.reference_side:
        low, high = endpoint.reference_side
        for number, size in enumerate(references, 1):
            if not (low <= min(size.width, size.height) and max(size.width, size.height) <= high):
                return f"reference picture {number} is {size}, and it takes {low} to {high} pixels a side"
    most, total = endpoint.references_megapixels, sum(size.billed_megapixels for size in references)
    if most and total > most:
        return f"the reference pictures have {total} megapixels together, and it takes {most}"
    return ""


def _unsaid(fitted: Fit) -> Fit:
    """Without the note: nobody asked for another size."""
    return Fit(fitted.size, "", fitted.aspect)


def _over(size: Size, rule: SizeRule) -> bool:
    return max(size.width, size.height) > rule.max_side or size.pixels > rule.max_pixels


def _refusal(asked: Size, rule: SizeRule, name: str) -> str:
    if _over(asked, rule):
        return f"{asked} was asked for, and {name} draws {_limit(asked, rule)}: ask for {largest(asked, rule)} or less."
    return (
        f"{asked} was asked for, and that is too long and narrow for {name}: ask for {largest(asked, rule)}, "
        "or a shape nearer to a square."
    )


def _limit(asked: Size, rule: SizeRule) -> str:
    if asked.pixels <= rule.max_pixels or rule.max_side**2 <= rule.max_pixels:
        return f"at most {rule.max_side} pixels a side"
    return f"at most {rule.max_pixels / MEGAPIXEL:g} megapixels"


def _enlarge(asked: Size, rule: SizeRule) -> Size:
    scale = max(
        1.0,
        rule.min_side / min(asked.width, asked.height),
        sqrt(rule.min_pixels / asked.pixels) if rule.min_pixels else 1.0,
    )
    if scale == 1.0:
        return asked
    width, height = (
        ceil(side * scale / rule.multiple) * rule.multiple for side in (asked.width, asked.height)
    )
    return Size(width, height)


def _snap(size: Size, rule: SizeRule) -> Size:
    """Of the four grid points around `size`, the one with the nearest aspect; among equals the nearest in area.

    Points that the model cannot draw come last, so that what lies within the limits is not snapped out of them.
    """
    if size.width % rule.multiple == size.height % rule.multiple == 0:
        return size
    widths, heights = (
        {max(rule.multiple, _down(side, rule.multiple)), -_down(-side, rule.multiple)}
        for side in (size.width, size.height)
    )
    points = [Size(w, h) for w in widths for h in heights]

    def distance(point: Size) -> tuple[bool, float, int]:
        outside = _over(point, rule) or point.pixels < rule.min_pixels
        return outside, abs(log(point.aspect / size.aspect)), abs(point.pixels - size.pixels)

    return min(points, key=distance)


def _down(side: float, multiple: int) -> int:
    return int(side // multiple) * multiple


def _fit_aspect(asked: Size, rule: SizeRule, name: str) -> Fit:
    if asked.pixels > rule.max_pixels:
        raise BadInput(
            f"{asked} was asked for, and {name} draws {_limit(asked, rule)}: ask for a smaller picture."
        )
    ratios = {name: _ratio(name) for name in rule.aspects if ":" in name}
    shape = min(ratios, key=lambda n: abs(log(ratios[n] / asked.aspect)))
    height = sqrt(MEGAPIXEL / ratios[shape])
    size = Size(round(height * ratios[shape] / 16) * 16, round(height / 16) * 16)
    return Fit(size, "" if size == asked else f"{asked} drawn in the nearest shape, {shape}", shape)


def _ratio(name: str) -> float:
    width, height = name.split(":")
    return int(width) / int(height)
