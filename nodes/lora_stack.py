"""LoRA Stack: up to three LoRAs on a local model; in series for more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import folder_paths
import torch
from comfy.weight_adapter import WeightAdapterBase
from comfy_api.latest import io

from ..engine.errors import BadInput
from . import host
from .sockets import CATEGORY, ModelSocket

if TYPE_CHECKING:
    from ..engine.local.adapter import Adapter

NONE = "none"
SLOTS = 3


class LoraStack(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        files = [NONE, *folder_paths.get_filename_list("loras")]
        slots: list[io.Input] = []
        for number in range(1, SLOTS + 1):
            slots += [
                io.Combo.Input(
                    f"lora_{number}",
                    options=files,
                    default=NONE,
                    tooltip="A .safetensors file in models/loras.",
                ),
                io.Float.Input(
                    f"strength_{number}",
                    default=1.0,
                    min=-10.0,
                    max=10.0,
                    step=0.05,
                    tooltip="How much of it is added; 0 is off.",
                ),
            ]
        return io.Schema(
            node_id="SwitchyardLoraStack",
            display_name="LoRA Stack",
            category=CATEGORY,
            description=(
                "Puts LoRAs on a local Qwen-Image or FLUX model, in any layout that trainers write. Put several in a row for "
                "more than three. A Lightning or Turbo LoRA also brings its preset with it."
            ),
            search_aliases=["lora", "lightning", "load lora", "lora loader"],
            inputs=[
                ModelSocket.Input("model", tooltip="From one of our loaders, or from another LoRA Stack."),
                *slots,
            ],
            outputs=[
                ModelSocket.Output(
                    "model",
                    display_name="model",
                    tooltip="The same model with the LoRAs; its weights are shared.",
                )
            ],
        )

    @classmethod
    def validate_inputs(cls, lora_1: str = NONE, lora_2: str = NONE, lora_3: str = NONE) -> bool:
        """Naming them here leaves their check to `execute`, whose message says more than a list of files."""
        return True

    @classmethod
    def fingerprint_inputs(cls, **inputs: Any) -> str:
        from ..engine.local.lora import key_of

        try:
            return " ".join(key_of(path) for path, _ in _chosen(inputs))
        except (BadInput, OSError):
            return "missing"

    @classmethod
    def execute(cls, model: Any, **inputs: Any) -> io.NodeOutput:
        from ..engine.local.lora import stacked

        made, words = stacked(model, _chosen(inputs), Added.of)
        if words:
            host.say(" ".join(words))
        return io.NodeOutput(made)


class Added(WeightAdapterBase):
    """An `Adapter` as ComfyUI adds it: where the weight is loaded, or as its layer runs.

    ComfyUI makes it anew from (loaded_keys, weights), with the tensors of `weights` moved.
    """

    name = "switchyard"

    def __init__(self, loaded_keys: set[str], weights: Any):
        self.loaded_keys = loaded_keys
        self.weights = weights

    @classmethod
    def of(cls, adapter: Adapter) -> Added:
        parts = tuple(adapter.tensors.items())
        return cls(
            set(),
            (
                adapter.kind,
                adapter.alpha,
                adapter.magnitude,
                adapter.rows,
                *(x for part in parts for x in part),
            ),
        )

    def calculate_weight(
        self,
        weight,
        key,
        strength,
        strength_model,
        offset,
        function,
        intermediate_dtype=torch.float32,
        original_weight=None,
        **_,
    ):
        from ..engine.local.adapter import Adapter

        kind, alpha, magnitude, rows, *parts = self.weights
        adapter = Adapter(kind, dict(zip(parts[::2], parts[1::2], strict=True)), alpha, magnitude, rows)
        base = weight.to(intermediate_dtype)
        return weight.add_(
            function(adapter.added(base, strength) - base).to(weight.dtype)
        )  # in place: it may be a piece


def _chosen(inputs: dict[str, Any]) -> list[tuple[Path, float]]:
    """(file, strength) of the slots that are in use. BadInput for a file that is not there."""
    chosen = []
    for number in range(1, SLOTS + 1):
        name, strength = inputs.get(f"lora_{number}") or NONE, float(inputs.get(f"strength_{number}", 1.0))
        if name == NONE or not strength:
            continue
        path = folder_paths.get_full_path("loras", name)
        if path is None:
            raise BadInput(
                f"{name} is not in models/loras: choose another file, or put it there and refresh the page."
            )
        chosen.append((Path(path), strength))
    return chosen
