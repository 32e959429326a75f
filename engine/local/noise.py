"""Where the randomness comes from: one generator on the CPU for every image.

Image i of a batch is then the very image that its seed makes alone, on any device. The pipelines draw from
these in their own shapes and in float32 (sample.py hands them float32 embeddings, which is what they take the
type from), so that a seed gives what a plain diffusers pipeline gives with
`generator=[torch.Generator().manual_seed(seed + i), ...]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

LIMIT = 2**64  # ComfyUI's seeds end below it, and torch takes no more


def seeds(first: int, count: int) -> tuple[int, ...]:
    """One for each image: first, first + 1, …; after the greatest comes 0."""
    return tuple((first + i) % LIMIT for i in range(count))


def generators(image_seeds: Sequence[int]) -> list[torch.Generator]:
    import torch

    return [torch.Generator("cpu").manual_seed(seed % LIMIT) for seed in image_seeds]
