"""How far layers, put together, are from the picture that they were split from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .compose import STRIP, on_colour

CLOSE = 2  # levels of 255 that nobody sees


@dataclass(frozen=True)
class Difference:
    """picture: uint8 [h,w,3], the distance in each colour. mean, worst: levels of 255, over all pixels and colours; of a
    pixel's worst colour, close is the share of pixels within CLOSE. transparent: the share of pixels that the layers do
    not cover fully, which are compared on white. scaled: the source's size where it had to be fitted."""

    picture: np.ndarray
    mean: float
    worst: int
    close: float
    transparent: float
    scaled: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        words = (
            f"{self.mean:.2f} of 255 from the source on average, {self.worst} at worst; {self.close:.1%} of the pixels are "
            f"within {CLOSE}."
        )
        if self.transparent:
            words += f" {self.transparent:.1%} of the pixels are transparent, at least in part: those are compared on white."
        if self.scaled:
            words += f" The source, {self.scaled[0]}×{self.scaled[1]}, was scaled to the size of the layers."
        return words


def difference(together: np.ndarray, source: np.ndarray) -> Difference:
    """together: uint8 [h,w,4] of `compose.merged`. source: uint8 [H,W,3|4]; scaled where it has another size."""
    height, width = together.shape[:2]
    scaled = None
    if source.shape[:2] != (height, width):
        scaled = (int(source.shape[1]), int(source.shape[0]))
        picture = Image.fromarray(source)
        source = np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS))
    wanted = on_colour(source) if source.shape[2] == 4 else source
    found = on_colour(together)
    distance = np.maximum(found, wanted) - np.minimum(found, wanted)
    close = total = 0
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        part = distance[top : top + rows]
        total += int(part.sum(dtype=np.int64))
        close += int((part.max(axis=2) <= CLOSE).sum())
    return Difference(
        distance,
        total / distance.size,
        int(distance.max()),
        close / (width * height),
        float((together[..., 3] < 255).mean()),
        scaled,
    )
