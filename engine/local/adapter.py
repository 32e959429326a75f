"""What a LoRA does to one weight, for the kinds that are more than two matrices multiplied: DoRA, LoHa and LoKr.

Plain LoRAs travel as (up, down, alpha), which every host adds by itself. The sums here are those of PEFT and LyCORIS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["lora", "loha", "lokr"]


@dataclass(frozen=True, eq=False)
class Adapter:
    """tensors: under the names of `lora_keys.PARTS`. alpha: None is the rank, which makes the scale 1.

    magnitude (DoRA): [out], [out, 1] or [1, in], the lengths of the rows or columns of the changed weight. rows: those of the
    layer that it was trained on which this weight has, None for all.
    """

    kind: Kind
    tensors: Mapping[str, Tensor]
    alpha: float | None = None
    magnitude: Tensor | None = None
    rows: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """[out, in] of the layer that it was trained on. ValueError where its parts do not fit each other."""
        if self.kind == "lora":
            return _product(self.tensors, "up", "down")
        if self.kind == "loha":
            first, second = (_product(self.tensors, f"hada_w{n}_a", f"hada_w{n}_b") for n in (1, 2))
            if first != second:
                raise ValueError("two halves of different sizes")
            return first
        (tall, wide), (rows, columns) = self._factor_shape(1), self._factor_shape(2)
        return tall * rows, wide * columns

    def delta(self, like: Tensor) -> Tensor:
        """What is added at a strength of 1, before any DoRA: [rows, in], on the device and in the type of `like`."""
        parts = {name: tensor.to(like.device, like.dtype).flatten(1) for name, tensor in self.tensors.items()}
        if self.kind == "lora":
            return self.scale * (self._cut(parts["up"]) @ parts["down"])
        if self.kind == "loha":
            first = self._cut(parts["hada_w1_a"]) @ parts["hada_w1_b"]
            return self.scale * first * (self._cut(parts["hada_w2_a"]) @ parts["hada_w2_b"])
        return self.scale * self._kronecker(_factor(parts, 1), _factor(parts, 2))

    def added(self, weight: Tensor, strength: float) -> Tensor:
        """`weight` with this at that strength; a new tensor."""
        changed = weight + self.delta(weight)
        if self.magnitude is not None:
            wanted = self.magnitude.to(weight.device, weight.dtype)
            across = wanted.ndim > 1 and wanted.shape[0] == 1 and wanted.shape[1] == weight.shape[1]
            wanted = wanted.reshape(1, -1) if across else self._cut(wanted.reshape(-1, 1))
            length = changed.norm(dim=0 if across else 1, keepdim=True).clamp(min=1e-12)
            changed = changed * (wanted / length)
        return weight + strength * (changed - weight)

    @property
    def whole(self) -> bool:
        """Whether it can only be added to the whole layer: the lengths of columns are of all rows together."""
        return (
            self.magnitude is not None
            and self.magnitude.ndim > 1
            and self.magnitude.shape[0] == 1 < self.shape[0]
        )

    @property
    def scale(self) -> float:
        """alpha / rank. LoKr knows a rank only where one of its factors is itself a product."""
        ranks = {"lora": ("down",), "loha": ("hada_w1_b",), "lokr": ("lokr_w2_b", "lokr_w1_b")}[self.kind]
        rank = next((self.tensors[name].shape[0] for name in ranks if name in self.tensors), None)
        return 1.0 if self.alpha is None or not rank else self.alpha / rank

    def _cut(self, tensor: Tensor) -> Tensor:
        return tensor if self.rows is None else tensor[slice(*self.rows)]

    def _kronecker(self, first: Tensor, second: Tensor) -> Tensor:
        """Only the blocks that the rows lie in are multiplied out."""
        import torch

        if self.rows is None:
            return torch.kron(first, second)
        (start, stop), height = self.rows, second.shape[0]
        top = start // height
        blocks = torch.kron(first[top : -(-stop // height)], second)
        return blocks[start - top * height : stop - top * height]

    def _factor_shape(self, number: int) -> tuple[int, int]:
        name = f"lokr_w{number}"
        if name not in self.tensors:
            return _product(self.tensors, f"{name}_a", f"{name}_b")
        return _flat(self.tensors[name])


def _factor(parts: Mapping[str, Tensor], number: int) -> Tensor:
    name = f"lokr_w{number}"
    return parts[name] if name in parts else parts[f"{name}_a"] @ parts[f"{name}_b"]


def _product(tensors: Mapping[str, Tensor], left: str, right: str) -> tuple[int, int]:
    if left not in tensors or right not in tensors:
        raise ValueError(f"{left} or {right} is missing")
    (rows, rank), (other, columns) = _flat(tensors[left]), _flat(tensors[right])
    if rank != other:
        raise ValueError(f"ranks of {rank} and {other}")
    return rows, columns


def _flat(tensor: Tensor) -> tuple[int, int]:
    """Rows and columns, of a 1x1 convolution too."""
    if tensor.ndim < 2:
        raise ValueError("a part is no matrix")
    return int(tensor.shape[0]), int(tensor[0].numel())
