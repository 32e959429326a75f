"""Picture sizes: what was asked for, brought onto a model's grid and inside its limits with the aspect kept."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt

from .errors import BadInput
from .models import MEGAPIXEL, SizeRule

SQUARE_1K = (1024, 1024)


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
    size = _snap(_enlarge(asked, rule), rule.multiple)
    if max(size.width, size.height) > rule.max_side or size.pixels > rule.max_pixels:
        raise BadInput(
            f"{asked} was asked for, and {name} draws {_limit(rule)}: ask for {largest(asked, rule)} or less."
        )
    return Fit(size, "" if size == asked else f"{asked} drawn as {size}, the nearest that {name} can do")


def largest(shape: Size, rule: SizeRule) -> Size:
    """The largest size on the grid with (nearly) the shape of `shape`."""
    scale = min(sqrt(rule.max_pixels / shape.pixels), rule.max_side / max(shape.width, shape.height))
    sides = (_down(side * scale, rule.multiple) for side in (shape.width, shape.height))
    return Size(*(min(max(side, rule.multiple), rule.max_side) for side in sides))


def within(shape: Size, rule: SizeRule) -> Size:
    """`shape` itself, or shrunk until the model can draw it: what an edit of a large picture comes back as."""
    over = shape.pixels > rule.max_pixels or max(shape.width, shape.height) > rule.max_side
    return largest(shape, rule) if over else shape


def _limit(rule: SizeRule) -> str:
    side = f"at most {rule.max_side} pixels a side"
    return (
        side if rule.max_side**2 <= rule.max_pixels else f"at most {rule.max_pixels / MEGAPIXEL:g} megapixels"
    )


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


def _snap(size: Size, multiple: int) -> Size:
    """Of the four grid points around `size`, the one with the nearest aspect; among equals the nearest in area."""
    widths, heights = (
        {max(multiple, _down(side, multiple)), max(multiple, -_down(-side, multiple))}
        for side in (size.width, size.height)
    )
    points = [Size(w, h) for w in widths for h in heights]
    return min(points, key=lambda p: (abs(log(p.aspect / size.aspect)), abs(p.pixels - size.pixels)))


def _down(side: float, multiple: int) -> int:
    return int(side // multiple) * multiple


def _fit_aspect(asked: Size, rule: SizeRule, name: str) -> Fit:
    if asked.pixels > rule.max_pixels:
        raise BadInput(f"{asked} was asked for, and {name} draws {_limit(rule)}: ask for a smaller picture.")
    ratios = {name: _ratio(name) for name in rule.aspects if ":" in name}
    shape = min(ratios, key=lambda n: abs(log(ratios[n] / asked.aspect)))
    height = sqrt(MEGAPIXEL / ratios[shape])
    size = Size(round(height * ratios[shape] / 16) * 16, round(height / 16) * 16)
    return Fit(size, "" if size == asked else f"{asked} drawn in the nearest shape, {shape}", shape)


def _ratio(name: str) -> float:
    width, height = name.split(":")
    return int(width) / int(height)
