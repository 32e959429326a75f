"""One line cut out of a picture and set level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .verdict import Quad

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_SMALL, _BROAD = 8, 4000  # px: the least side of a line that can hold letters, the most that is made of one


def level(pixels: np.ndarray, quad: Quad, high: int) -> Image.Image | None:
    """The line in a box of an RGB picture (uint8 [H,W,3]), `high` pixels high; None where the box is too small."""
    from PIL import Image

    tl, tr, br, bl = quad
    wide = max(math.dist(tl, tr), math.dist(bl, br))
    tall = max(math.dist(tl, bl), math.dist(tr, br))
    if min(wide, tall) < _SMALL:
        return None
    size = (min(_BROAD, max(1, round(wide * high / tall))), high)
    corners = [value for corner in (tl, bl, br, tr) for value in corner]  # Pillow's order
    # Cut out in its own size and made smaller after that: a transform alone would leave out pixels, and show grain.
    own = (min(_BROAD, max(size[0], round(wide))), max(high, round(min(tall, _BROAD))))
    line = Image.fromarray(pixels).transform(own, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    return line if own == size else line.resize(size, Image.Resampling.LANCZOS)


def widened(quad: Quad, share: float, wide: int, high: int) -> Quad:
    """A box longer at both ends by a share of its height, as far as a picture of wide x high pixels goes."""
    tl, tr, br, bl = quad
    length = max(1.0, math.dist(tl, tr))
    step = share * math.dist(tl, bl) / length

    def beyond(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
        x, y = b[0] + (b[0] - a[0]) * step, b[1] + (b[1] - a[1]) * step
        return min(max(x, 0.0), float(wide)), min(max(y, 0.0), float(high))

    return beyond(tr, tl), beyond(tl, tr), beyond(bl, br), beyond(br, bl)
