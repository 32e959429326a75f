"""ComfyUI as the local engine needs it: `engine.local.machine.Machine` on comfy.model_management."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cache
from typing import Any

import comfy.latent_formats
import comfy.model_management as mm
import comfy.utils
import latent_preview
import psutil
import torch
from comfy.weight_adapter import LoRAAdapter

from ..engine.errors import BadInput
from ..engine.local.machine import Job, Part
from ..engine.local.needs import Memory
from ..engine.local.registry import Registry
from .patcher import Patcher, keep

# By the kind of a family; Qwen-Image's VAE is that of Wan 2.1. ComfyUI knows no colours for Qwen-Image-2.1's 64 channels.
LATENT_FORMATS = {
    "qwen": comfy.latent_formats.Wan21,
    "flux1": comfy.latent_formats.Flux,
    "flux2": comfy.latent_formats.Flux2,
}
HALVES = (torch.bfloat16, torch.float16)


@cache
def machine() -> ComfyMachine:
    """The one of this process."""
    return ComfyMachine()


class ComfyMachine:
    """See `engine.local.machine.Machine`. `registry`: what is loaded here; it gives memory back as ComfyUI does."""

    def __init__(self) -> None:
        self.registry = Registry(self.spare_memory)
        self._previewer: tuple[tuple[str, Any], Any] | None = None

    @property
    def device(self) -> torch.device:
        return mm.get_torch_device()

    def dtype(self, job: Job, stored: torch.dtype | None) -> torch.dtype:
        """ComfyUI's own choice, within what the models can do.

        transformer: fp16 only where the engine says that the model keeps within it. encoder: ComfyUI says fp16 where it
        says nothing, in which T5 and Qwen2.5-VL overflow: then bf16 where the card is made for it.
        """
        if job == "vae":
            return mm.vae_dtype(mm.vae_device(), [torch.bfloat16, torch.float32])
        if job == "encoder":
            asked = mm.text_encoder_dtype(self.device)
            if asked in (torch.bfloat16, torch.float32):
                return asked
            return torch.bfloat16 if mm.should_use_bf16(self.device) else torch.float32
        able = [*(HALVES if stored == torch.float16 else HALVES[:1]), torch.float32]
        chosen = mm.unet_dtype(self.device, supported_dtypes=able)
        # --fp8_e4m3fn-unet and the like say how to store, which was settled by the file.
        return chosen if chosen.itemsize > 1 else mm.unet_manual_cast(chosen, self.device, able) or chosen

    def care(self, key: str, role: str, module: Any, dtype: torch.dtype) -> Part:
        """`module` stays stored as it is, except for a VAE (small, and its decoder asks its weights for their type)."""
        device = self.device
        if role == "vae":
            device = mm.vae_device()
            torch.nn.Module.to(module, dtype)  # diffusers' own `to` warns, of nothing
        holder = keep(module, dtype, device)
        return Part(key, role, module, dtype, Patcher(holder, device, self._home(role)), device)

    def ready(self, parts: Sequence[Part], activations: int) -> None:
        mm.load_models_gpu([part.handle for part in parts], memory_required=activations)
        for part in parts:
            # A ComfyUI of another day may load differently; in those we know there is nothing to do.
            part.handle.settle(part.handle.load_device)
            _check_whole(part)
        self._watch()

    def check(self) -> None:
        mm.throw_exception_if_processing_interrupted()

    def memory(self) -> Memory:
        """What models may count on, by ComfyUI's own measure, without what --reserve-vram keeps for others."""
        computer = int(mm.get_total_memory(torch.device("cpu")))
        # Those have no memory beside the computer's; and how much a DirectML card has, ComfyUI cannot tell.
        if self.device.type in ("cpu", "mps") or getattr(mm, "directml_enabled", False):
            return Memory(0, computer)
        card = max(0, int(mm.get_total_memory(self.device) - mm.extra_reserved_memory()))
        return Memory(card, computer, () if mm.vae_device() == self.device else ("vae",))

    def spare_memory(self) -> float:
        """Bytes of the computer's memory that parts nobody holds may go on taking.

        None as soon as none of ours is loaded: others work now, or everything was told to go (POST /free).
        """
        if not _loaded():
            return 0
        memory = psutil.virtual_memory()
        return memory.available - memory.total / 4

    def preview(self, kind: str, step: int, steps: int, x0: torch.Tensor | None) -> None:
        """`step` of `steps` are done. x0: [B, C, H, W] or [B, C, T, H, W], unpacked."""
        picture = None
        previewer = self._find_previewer(kind) if x0 is not None else None
        if previewer is not None:
            if kind == "qwen" and x0.ndim == 4:
                x0 = x0.unsqueeze(2)  # a VAE of videos: its small decoders want the axis of time
            picture = previewer.decode_latent_to_preview_image("JPEG", x0.float())
        if step >= steps:
            self._previewer = None  # it may hold a small decoder on the card
        comfy.utils.ProgressBar(steps).update_absolute(step, steps, picture)

    def patched(self, part: Part, patches: Sequence[tuple[dict[str, Any], float]]) -> Part:
        """Each of `patches` is one LoRA and its strength: weight name -> (up, down, alpha or None) or a tensor to add.

        A name may be (name, (axis, start, length)) for a piece of a weight, as in fused projections. What ComfyUI's own
        `comfy.lora` made is taken too. The weights are shared with `part`, and so is the place on the card: `ready`
        says whose turn it is. BadInput if a LoRA fits nowhere, or on weights that cannot be added to.
        """
        clone = part.handle.clone()
        for lora, strength in patches:
            ours = {_within(name): _adapter(value) for name, value in lora.items()}
            fitting = clone.add_patches(ours, strength)
            if lora and not fitting:
                raise BadInput(
                    f"A LoRA has none of the weights of this {part.role}: it was made for another model, so take one "
                    "that was made for this."
                )
        _refuse_quantised(clone)
        return Part(part.key, part.role, part.module, part.dtype, clone, part.device)

    def _home(self, role: str) -> torch.device:
        if role == "vae":
            return mm.vae_offload_device()
        return mm.unet_offload_device() if role == "transformer" else mm.text_encoder_offload_device()

    def _find_previewer(self, kind: str) -> Any:
        wanted = kind, latent_preview.args.preview_method
        if self._previewer is None or self._previewer[0] != wanted:
            layout = LATENT_FORMATS.get(kind)
            found = latent_preview.get_previewer(self.device, layout()) if layout else None
            self._previewer = wanted, found
        return self._previewer[1]

    def _watch(self) -> None:
        """Has the registry look again when ComfyUI is done with unloading one of ours.

        Not in ON_DETACH: that is called while ComfyUI walks its list, from which a part that is let go of takes itself.
        """
        for loaded in _loaded():
            if not hasattr(loaded, "switchyard_watched"):
                loaded.switchyard_watched = True
                weakref.finalize(loaded, self.registry.trim).atexit = False


def _loaded() -> list[Any]:
    return [one for one in mm.current_loaded_models if isinstance(one.model, Patcher)]


def _check_whole(part: Part) -> None:
    lost = next((name for name, weight in part.module.named_parameters() if weight.is_meta), None)
    if lost is not None:
        raise BadInput(f"The {part.role} is not complete: {lost} has no values. Download the file again.")


def _within(name: Any) -> Any:
    return f"inner.{name}" if isinstance(name, str) else (f"inner.{name[0]}", *name[1:])


def _adapter(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return ("diff", (value,))
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[0], torch.Tensor):
        up, down, alpha = value
        # up, down, alpha, then what only other kinds have: mid, DoRA's scale, a new shape
        return LoRAAdapter(set(), (up, down, None if alpha is None else float(alpha), None, None, None))
    return value


def _refuse_quantised(patcher: Patcher) -> None:
    for name, module in patcher.model.fixed:
        if isinstance(module, torch.nn.Linear) and f"{name}.weight" in patcher.patches:
            raise BadInput(
                f"A LoRA cannot be added to weights that are quantised as {type(module).__name__}: load the model from a "
                "bf16, fp16 or plain fp8 file, or leave the LoRA out."
            )
