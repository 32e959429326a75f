"""What the local engine needs of its host: a device, memory, casting, interrupt, preview.

ComfyUI's own is in `nodes/machine.py`; `Plain` is a computer without a host, for tests and benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import torch

Job = Literal["transformer", "encoder", "vae"]


@dataclass
class Part:
    """One component under the host's care: nobody else moves its weights.

    key: file (or folder) and dtype; the same key is the same object for everybody. module: the diffusers or transformers
    module itself. dtype: what it computes in; its weights may be stored in less. handle: the host's own (ComfyUI's
    ModelPatcher); LoRAs are patches on a clone of it. device: where it computes, None for the machine's own (ComfyUI keeps
    a VAE on the CPU with --cpu-vae).
    """

    key: str
    role: str
    module: Any
    dtype: torch.dtype
    handle: Any = field(default=None, repr=False)
    device: torch.device | None = None


class Machine(Protocol):
    @property
    def device(self) -> torch.device:
        """Where it is computed."""

    def dtype(self, job: Job, stored: torch.dtype | None) -> torch.dtype:
        """What to compute in. stored: float16 for what may be computed in it, float32 for what is stored so, else bfloat16;
        None: not known (GGUF)."""

    def care(self, key: str, role: str, module: Any, dtype: torch.dtype) -> Part:
        """Takes a module that is loaded on the CPU under care. Linear, norm, conv and embedding layers may be swapped for
        ones that cast and move their weights as they are used; the numbers stay the same."""

    def ready(self, parts: Sequence[Part], activations: int) -> None:
        """Brings `parts` to where they can run, with room for `activations` bytes beside them; others make way."""

    def check(self) -> None:
        """Raises the host's own interrupt when the person pressed cancel."""

    def preview(self, kind: str, step: int, steps: int, x0: torch.Tensor | None) -> None:
        """A step has been done. x0: the picture so far, in the host's model space, None where there is none."""

    def patched(self, part: Part, patches: Sequence[tuple[dict[str, Any], float]]) -> Part:
        """`part` with LoRAs, as a clone that shares its weights: (patches by the module's own weight names, weight)."""


class Plain:
    """The CPU, no limits, no host."""

    def __init__(self, dtype: torch.dtype | None = None, cancelled: Callable[[], None] = lambda: None):
        import torch

        self.device = torch.device("cpu")
        self._dtype = dtype or torch.float32
        self._cancelled = cancelled
        self.steps: list[tuple[int, int]] = []
        self.readied: list[str] = []

    def dtype(self, job: Job, stored: torch.dtype | None) -> torch.dtype:
        return self._dtype

    def care(self, key: str, role: str, module: Any, dtype: torch.dtype) -> Part:
        return Part(key, role, module.to(dtype), dtype)

    def ready(self, parts: Sequence[Part], activations: int) -> None:
        self.readied += [part.role for part in parts]

    def check(self) -> None:
        self._cancelled()

    def preview(self, kind: str, step: int, steps: int, x0: torch.Tensor | None) -> None:
        self.steps.append((step, steps))

    def patched(self, part: Part, patches: Sequence[tuple[dict[str, Any], float]]) -> Part:
        raise NotImplementedError("LoRAs are patched by ComfyUI")
