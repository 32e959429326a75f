"""Save Layers: a batch of layers as a file that painting programs open."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import folder_paths
from comfy.cli_args import args
from comfy_api.latest import io

from ..engine.errors import BadInput
from . import host
from .layer_inputs import layer_inputs, looks_inputs, mask_input
from .sockets import CATEGORY

# engine.layerfile.save.FORMATS, which is not imported before a file is written; a test holds them equal.
FORMATS = ("psd", "ora", "psd + ora", "png per layer")


class SaveLayers(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardSaveLayers",
            display_name="Save Layers",
            category=CATEGORY,
            description=(
                "Saves a batch of layers as a Photoshop (PSD) or OpenRaster (ORA) file with names, groups, opacity and blend "
                "modes, for GIMP, Krita, Photoshop and their like; the workflow is inside, as in ComfyUI's PNGs."
            ),
            search_aliases=[
                "psd",
                "ora",
                "openraster",
                "photoshop",
                "krita",
                "gimp",
                "export layers",
                "save psd",
            ],
            inputs=[
                *layer_inputs(),
                io.String.Input(
                    "filename_prefix",
                    default="ComfyUI",
                    tooltip="In ComfyUI's output folder; a folder and %date% and the like work as in Save Image.",
                ),
                io.Combo.Input(
                    "format",
                    options=list(FORMATS),
                    tooltip="PSD for most programs; ORA for Krita.",
                ),
                mask_input(),
                io.String.Input(
                    "names",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="One line per layer, bottom first; `group/name` puts it into a group. Empty: Layer 1, Layer 2 …",
                ),
                *looks_inputs(),
                io.Boolean.Input(
                    "trim",
                    default=True,
                    optional=True,
                    tooltip="Cut off each layer's transparent borders; the layer stays where it is.",
                ),
                io.String.Input(
                    "picks",
                    default="",
                    optional=True,
                    advanced=True,
                    tooltip="What was chosen in the layer viewer: which layers are saved, their order and opacity.",
                ),
            ],
            outputs=[
                io.String.Output(
                    "files",
                    display_name="files",
                    tooltip="The files' paths in the output folder, one per line.",
                )
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
            is_output_node=True,
        )

    @classmethod
    def execute(
        cls,
        images,
        filename_prefix,
        format,
        masks=None,
        names="",
        opacity="",
        blend_modes="",
        visible="",
        trim=True,
        picks="",
    ) -> io.NodeOutput:
        from ..engine.layerfile.compose import merged
        from ..engine.layerfile.layer import Document
        from ..engine.layerfile.picks import picked
        from ..engine.layerfile.save import save
        from ..engine.layerfile.stack import Looks
        from . import layer_preview, layer_tensors

        layers = layer_tensors.stacked(images, masks, Looks(names, opacity, blend_modes, visible), trim)
        document = Document(
            images.shape[2], images.shape[1], tuple(picked(layers, picks)), _metadata(cls.hidden)
        )
        folder, subfolder, stem = place(filename_prefix, document.width, document.height)
        preview = merged(document.width, document.height, document.layers)
        files = [_result(path, subfolder) for path in save(document, preview, folder, stem, format)]
        text = f"{len(document.layers)} layers: {', '.join(file['filename'] for file in files)}"
        host.say(text)
        shown = {"images": [layer_tensors.shown(preview, document.metadata)], "files": files, "text": [text]}
        shown["switchyard_layers"] = layer_preview.previews(document.width, document.height, layers)
        paths = [(Path(subfolder) / file["filename"]).as_posix() for file in files]
        return io.NodeOutput("\n".join(paths), ui=shown)


def place(prefix: str, width: int, height: int) -> tuple[Path, str, str]:
    """(folder, subfolder, name without extension) of the next file with this prefix, counted as core's Save Image does."""
    output = folder_paths.get_output_directory()
    # Core counts files only under the very name that they get: else each run would overwrite the last one's file.
    prefix = re.sub("[\x00-\x1f\x7f]+", " ", prefix).replace("%batch_num%", "0").strip()
    prefix = os.path.normpath(prefix or "layers")
    try:
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(prefix, output, width, height)
    except OSError as error:
        raise BadInput(
            f"The folder of `filename_prefix` cannot be made: {error.strerror or error}."
        ) from None
    except Exception:  # core raises a bare one, with this computer's paths in it
        raise BadInput(
            "`filename_prefix` leads out of ComfyUI's output folder: name a folder inside it."
        ) from None
    return Path(folder), subfolder, f"{name}_{counter:05}_"


def _metadata(hidden) -> dict[str, str]:
    """What core writes into a PNG: the graph that ran, and the page's workflow."""
    if args.disable_metadata:
        return {}
    found = {} if hidden.prompt is None else {"prompt": hidden.prompt}
    return {key: json.dumps(value) for key, value in (found | (hidden.extra_pnginfo or {})).items()}


def _result(path: Path, subfolder: str) -> dict[str, str]:
    return {"filename": path.name, "subfolder": subfolder, "type": "output"}
