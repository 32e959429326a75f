"""Recompose: layers put together again, and how far that is from the picture they were split from."""

from __future__ import annotations

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker

from . import host
from .layer_inputs import layer_inputs, looks_inputs, mask_input, one_picture
from .sockets import CATEGORY


class Recompose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardRecompose",
            display_name="Recompose",
            category=CATEGORY,
            description=(
                "Puts a batch of layers together again, and shows how far that is from the picture that was split: as a picture "
                "and as a number."
            ),
            search_aliases=["merge layers", "flatten layers", "composite", "difference", "compare"],
            inputs=[
                *layer_inputs(),
                mask_input(),
                io.Image.Input(
                    "source", optional=True, tooltip="The picture that was split, to compare with."
                ),
                *looks_inputs(),
                io.Int.Input(
                    "gain",
                    default=1,
                    min=1,
                    max=64,
                    optional=True,
                    tooltip="Times which the difference is brightened, to see small ones.",
                ),
            ],
            outputs=[
                io.Image.Output("image", display_name="image", tooltip="The layers together."),
                io.Mask.Output(
                    "mask", display_name="mask", tooltip="1 where the layers are transparent together."
                ),
                io.Image.Output(
                    "difference",
                    display_name="difference",
                    tooltip="Distance to the source in each colour; black is none.",
                ),
                io.Float.Output(
                    "mean_difference",
                    display_name="mean_difference",
                    tooltip="On average over all pixels, 0 to 255.",
                ),
            ],
            is_output_node=True,
        )

    @classmethod
    def execute(
        cls, images, masks=None, source=None, opacity="", blend_modes="", visible="", gain=1
    ) -> io.NodeOutput:
        from ..engine.layerfile.compose import merged
        from ..engine.layerfile.stack import Looks
        from . import layer_tensors

        if source is not None:
            one_picture(source)
        layers = layer_tensors.stacked(images, masks, Looks("", opacity, blend_modes, visible), trim=True)
        together = merged(images.shape[2], images.shape[1], layers)
        if source is None:
            missing = ExecutionBlocker(
                "Recompose has nothing to compare with: connect the split picture to `source`."
            )
            text, difference, mean = f"{len(layers)} layers together", missing, missing
        else:
            text, difference, mean = _compared(together, source, gain)
        host.say(text)
        shown = {"images": [layer_tensors.shown(together, {})], "text": [text]}
        return io.NodeOutput(*layer_tensors.tensors([together]), difference, mean, ui=shown)


def _compared(together, source, gain: int):
    """The difference as (text, IMAGE, mean)."""
    import torch

    from ..engine.layerfile.difference import difference
    from . import layer_tensors

    found = difference(together, next(layer_tensors.pictures(source, None)))
    picture = torch.from_numpy(found.picture).float().mul_(gain / 255).clamp_(0, 1)[None]
    return found.text, picture, found.mean
