"""A small picture in four layers, drawn here, so that a screenshot of layers shows some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIDE = 768  # px
SCALE = 3  # drawn so much larger, for smooth edges


def write(file: Path) -> None:
    """Sky, sun, hills and a sail, as a Photoshop file."""
    from engine.layerfile.compose import merged
    from engine.layerfile.layer import Document, Layer
    from engine.layerfile.save import PSD, save

    layers = tuple(Layer(name, _drawn(draw)) for name, draw in DRAWN.items())
    file.parent.mkdir(parents=True, exist_ok=True)
    preview = merged(SIDE, SIDE, layers)
    save(Document(SIDE, SIDE, layers), preview, file.parent, file.stem, PSD)


def pictures(folder: Path) -> list[Path]:
    """A PNG of each layer."""
    from PIL import Image

    files = [folder / f"{name}.png" for name in DRAWN]
    for file, draw in zip(files, DRAWN.values(), strict=True):
        Image.fromarray(_drawn(draw)).save(file)
    return files


def _drawn(draw: Any) -> Any:
    """uint8 [SIDE,SIDE,4]."""
    import numpy as np
    from PIL import Image, ImageDraw

    sheet = Image.new("RGBA", (SIDE * SCALE, SIDE * SCALE))
    draw(ImageDraw.Draw(sheet), SIDE * SCALE)
    return np.array(sheet.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _sky(pen: Any, side: int) -> None:
    for y in range(side):
        share = y / side
        pen.line(
            [(0, y), (side, y)],
            fill=(int(28 + 220 * share), int(52 + 110 * share), int(98 + 10 * share), 255),
        )


def _sun(pen: Any, side: int) -> None:
    pen.ellipse([side * 0.58, side * 0.3, side * 0.82, side * 0.54], fill=(255, 214, 120, 255))


def _hills(pen: Any, side: int) -> None:
    pen.ellipse([-side * 0.4, side * 0.52, side * 0.62, side * 1.3], fill=(44, 72, 84, 255))
    pen.ellipse([side * 0.3, side * 0.6, side * 1.4, side * 1.4], fill=(30, 52, 66, 255))


def _boat(pen: Any, side: int) -> None:
    def at(*points: float) -> list[float]:
        return [side * point for point in points]

    pen.polygon(at(0.3, 0.78, 0.62, 0.78, 0.56, 0.87, 0.36, 0.87), fill=(120, 52, 40, 255))
    pen.polygon(at(0.46, 0.3, 0.46, 0.75, 0.68, 0.75), fill=(246, 238, 220, 255))
    pen.polygon(at(0.44, 0.4, 0.44, 0.75, 0.3, 0.75), fill=(214, 200, 176, 255))


DRAWN = {"sky": _sky, "sun": _sun, "hills": _hills, "boat": _boat}
