"""Load Layers: a PSD, PSB or OpenRaster file as a batch of layers."""

from __future__ import annotations

import os
from pathlib import Path

import folder_paths
from comfy_api.latest import io

from ..engine.errors import BadInput
from . import host
from .sockets import CATEGORY

EXTENSIONS = (".psd", ".psb", ".ora")
NOTHING = "none"  # where the input folder has no such file


class LoadLayers(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardLoadLayers",
            display_name="Load Layers",
            category=CATEGORY,
            description=(
                "Loads the layers of a Photoshop (PSD, PSB) or OpenRaster (ORA) file: a batch of pictures and a batch of masks, "
                "bottom layer first, all on the full canvas."
            ),
            search_aliases=[
                "psd",
                "ora",
                "openraster",
                "photoshop",
                "krita",
                "import layers",
                "open psd",
                "load psd",
            ],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=_files() or [NOTHING],
                    tooltip="A .psd, .psb or .ora in ComfyUI's input folder; 8-bit RGB.",
                ),
                io.Boolean.Input(
                    "hidden_layers",
                    default=False,
                    optional=True,
                    tooltip="Load the layers that are hidden in the file, too.",
                ),
                io.Boolean.Input(
                    "opacity_in_mask",
                    default=True,
                    optional=True,
                    tooltip="Put a layer's opacity into its mask. Off: the mask is the layer's own, and `opacity` tells the rest.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "images", display_name="images", tooltip="One picture per layer, bottom first."
                ),
                io.Mask.Output(
                    "masks", display_name="masks", tooltip="One mask per layer; 1 is transparent."
                ),
                io.String.Output(
                    "names", display_name="names", tooltip="One line per layer, as Save Layers takes them."
                ),
                io.String.Output("opacity", display_name="opacity", tooltip="One line per layer, 0 to 1."),
                io.String.Output("blend_modes", display_name="blend_modes", tooltip="One line per layer."),
                io.String.Output("visible", display_name="visible", tooltip="One line per layer, yes or no."),
            ],
        )

    @classmethod
    def validate_inputs(cls, file: str | None) -> bool | str:
        # Named here, so that a file that was uploaded since the page was loaded, or one of the output folder, is taken.
        if file is None:  # it comes from another node
            return True
        try:
            found = os.path.exists(_path(file))
        except BadInput as error:
            return str(error)
        return found or _missing(file)

    @classmethod
    def fingerprint_inputs(cls, file: str | None, **inputs) -> str:
        if file is None:
            return "from another node"
        try:
            now = os.stat(_path(file))
        except (OSError, ValueError, BadInput):
            return "missing"
        return f"{now.st_mtime_ns} {now.st_size}"

    @classmethod
    def execute(cls, file, hidden_layers=False, opacity_in_mask=True) -> io.NodeOutput:
        from ..engine.layerfile.compose import merged
        from ..engine.layerfile.open_file import open_file
        from ..engine.layerfile.stack import flattened, looks_of
        from . import layer_tensors

        document = open_file(_path(file))
        layers, notes = flattened(document, hidden_layers, opacity_in_mask)
        looks = looks_of(layers)
        text = "\n".join(
            [f"{len(layers)} of {len(document.layers)} layers, {document.width}×{document.height}", *notes]
        )
        host.say(text)
        preview = layer_tensors.shown(merged(document.width, document.height, document.layers), {})
        images, masks = layer_tensors.tensors([layer.pixels for layer in layers])
        outputs = (images, masks, looks.names, looks.opacity, looks.blends, looks.visible)
        return io.NodeOutput(*outputs, ui={"images": [preview], "text": [text]})


def _path(file: str) -> Path:
    """Where the file is. Raises BadInput for one outside ComfyUI's folders, of which older versions of core take any."""
    name, base = folder_paths.annotated_filepath(file)
    base = os.path.abspath(base or folder_paths.get_input_directory())
    path = os.path.abspath(os.path.join(base, name))
    if not path.startswith(os.path.join(base, "")):
        raise BadInput(_missing(file))
    return Path(path)


def _missing(file: str) -> str:
    return f"\u201c{file}\u201d is not in ComfyUI's input folder: put a .psd, .psb or .ora file there, and choose it."


def _files() -> list[str]:
    folder = folder_paths.get_input_directory()
    try:
        return sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.name.lower().endswith(EXTENSIONS) and entry.is_file()
        )
    except OSError:
        return []
