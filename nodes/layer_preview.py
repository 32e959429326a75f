"""Each layer as a small picture in ComfyUI's temp folder, for the page's layer viewer."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folder_paths

if TYPE_CHECKING:
    from ..engine.layerfile.layer import Layer

SIDE = 768  # pixels of the canvas's longer side in the viewer
MOST_PICTURES = 64  # layers above that are listed without a picture


def previews(width: int, height: int, layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """For a node's `ui`, under "switchyard_layers": a dict for each layer, the lowest first, all of them, picked or not.

    width, height: the canvas in pixels, which every dict repeats. `x`, `y`, `w`, `h` are the layer's place on it; `opacity` is
    its own, 0 to 1, `group` that of its groups together; `shown` whether it is visible in the file. `filename`, `subfolder`
    and `type` name an RGBA PNG of at most SIDE pixels; a layer without them has no picture.
    """
    scale = min(1.0, SIDE / max(width, height))
    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    return [
        {
            "name": "/".join(layer.path),
            "canvas": [width, height],
            "x": layer.x,
            "y": layer.y,
            "w": layer.width,
            "h": layer.height,
            "opacity": layer.opacity,
            "group": prod(group.opacity for group in layer.group),
            "blend": layer.blend,
            "shown": layer.shown,
            **(_picture(layer, scale, folder) if index < MOST_PICTURES else {}),
        }
        for index, layer in enumerate(layers)
    ]


def _picture(layer: Layer, scale: float, folder: Path) -> dict[str, str]:
    """The same picture has the same name, so that a browser has it already. {} for a layer with nothing in it."""
    import numpy as np
    from PIL import Image

    from ..engine.layerfile.png import png
    from ..engine.layerfile.save import write_whole

    if not layer.width or not layer.height:
        return {}
    pixels = layer.pixels
    if scale < 1:
        size = max(1, round(layer.width * scale)), max(1, round(layer.height * scale))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
    data = png(pixels)
    path = folder / f"switchyard_layer_{sha256(data).hexdigest()[:16]}.png"
    if not path.exists():
        write_whole(path, data)
    return {"filename": path.name, "subfolder": "", "type": "temp"}
