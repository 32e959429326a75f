"""How much memory a local model asks for, told before anything is loaded: from its files' headers, or as it is published.

The parts of a model take turns. Each needs its weights, in the types that they are kept in, and what is computed beside them at
a megapixel, by the same figures that the host is given when it runs. The weights may lie on the card and in the computer's
memory at once, and are then fetched layer by layer: slow, but it runs. What is computed has to be on the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import Model
from . import gguf_file, measure, quantised, sample, text_encoder, vae
from .family import Family, Weights, families
from .files import BITS, Entry
from .find import look
from .latents import token_count
from .load import JOBS, computed_in, depth_of
from .machine import Machine
from .measure import CONFIGS
from .sources import Folders
from .weights import Blueprint, draw

if TYPE_CHECKING:
    from torch import dtype

SYSTEM = 2**30  # bytes of the computer's memory that the system and ComfyUI itself take
SIDE = 1024  # pixels of the picture that is reckoned with, and of its references
LAYERED_SIDE, LAYERS = 640, 4  # what Qwen-Image-Layered was made for
SEEN_TOKENS = 1_400  # of a reference picture of a megapixel that an encoder is shown
BLOCK_BITS = {name: 8 * width / block for name, block, width in gguf_file.TYPES.values()}


@dataclass(frozen=True)
class Memory:
    """Bytes. card: 0 where there is none beside the computer's own, or nobody knows how large it is. elsewhere: roles that
    are not computed on the card (ComfyUI's --cpu-vae)."""

    card: int
    computer: int
    elsewhere: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.card + self.of_the_computer

    @property
    def of_the_computer(self) -> int:
        """Without what the system takes."""
        return max(0, self.computer - SYSTEM)


@dataclass(frozen=True)
class Need:
    """Bytes. weights: of one part, as they are kept. beside: what is computed beside them."""

    role: str
    weights: int
    beside: int

    @property
    def total(self) -> int:
        return self.weights + self.beside


def needs_of(
    family: Family, parts: Mapping[str, Path], machine: Machine, configs: Path = CONFIGS
) -> tuple[Need, ...]:
    """One of each part. parts: role -> file or folder; what is not in it counts as it is published.

    BadInput, one sentence, for a file that is not what it is taken for; weights are not read.
    """
    return tuple(
        _need(family, weights, parts.get(weights.role), machine, configs) for weights in family.weights
    )


def needs_here(
    row: Model, chosen: Mapping[str, Path], folders: Folders, machine: Machine
) -> tuple[Need, ...]:
    """The same for `chosen` files, by role, and the likeliest ones on this machine; one that cannot be read counts as it is
    published."""
    family = families()[row.id]
    parts = {**look(family, folders).sources.parts, **chosen}
    needs = []
    for weights in family.weights:
        try:
            needs.append(_need(family, weights, parts.get(weights.role), machine, folders.configs))
        except BadInput:
            needs.append(_need(family, weights, None, machine, folders.configs))
    return tuple(needs)


def too_little(row: Model, needs: tuple[Need, ...], memory: Memory) -> str:
    """A sentence where this machine cannot run it; "" where it can."""
    most = max(needs, key=lambda need: need.total)
    if most.total > memory.total:
        return (
            f"{row.name} does not fit: its {spoken(most.role)} needs {gigabytes(most.total)} of memory "
            f"({gigabytes(most.weights)} of weights), and this machine has {gigabytes(memory.total)} for models in all: use a "
            "smaller file of it (fp8, or a GGUF of fewer bits), or a smaller model."
        )
    on_card = [need for need in needs if need.role not in memory.elsewhere]
    widest = max(on_card or needs, key=lambda need: need.beside)
    if memory.card and on_card and widest.beside > memory.card:
        return (
            f"{row.name} does not fit: it needs {gigabytes(widest.beside)} of the card for what its {spoken(widest.role)} computes at a "
            f"megapixel, and the card has {gigabytes(memory.card)}: use another model, or start ComfyUI with --cpu."
        )
    return ""


def gigabytes(count: int) -> str:
    """Bytes, as a person reads them."""
    return f"{count / 1e9:.1f} GB" if count < 1e10 else f"{count / 1e9:.0f} GB"


def kept_bytes(plan: Blueprint, compute: dtype) -> int:
    """Of the weights once they are loaded: as they are stored, and what is stored in more than `compute` in that. fp8 and
    GGUF stay so in the matrices of linear layers."""
    wide = compute.itemsize * 8
    taken = {
        (take.key, take.rows): (name, take) for name, take in plan.arrangement.items()
    }  # some share one tensor
    bits = sum(
        prod(take.shape) * _bits(name, plan.stored.entries[take.key], plan.weights.role, wide)
        for name, take in taken.values()
    )
    return int(bits / 8)


def _bits(name: str, entry: Entry, role: str, wide: int) -> float:
    """Of one number in memory. A VAE is kept in what it computes in."""
    if role == "vae":
        return wide
    block = BLOCK_BITS.get(entry.dtype)
    stored = block or float(BITS.get(entry.dtype, wide))
    if stored >= 16 or quantised.stays_narrow(name, entry.shape):
        return min(stored, wide)
    return 16 if block else wide  # diffusers unpacks GGUF to float16


def _need(family: Family, weights: Weights, path: Path | None, machine: Machine, configs: Path) -> Need:
    known = measure.bundled(weights.config, configs)
    if path is None:
        import torch

        width = machine.dtype(JOBS.get(weights.role, "encoder"), torch.bfloat16).itemsize
        return Need(weights.role, int(weights.gigabytes * 1e9), _beside(family, weights, known, width))
    plan = draw(weights, path, depth_of(family, weights), configs)
    compute = computed_in(plan, machine)
    try:
        beside = _beside(family, weights, measure.merged(known, plan.config), compute.itemsize)
    except (KeyError, TypeError, ValueError):
        raise BadInput(
            f"The config of {path.name} does not describe a {spoken(weights.role)}: download it again."
        ) from None
    return Need(weights.role, kept_bytes(plan, compute), beside)


def _beside(family: Family, weights: Weights, config: Mapping[str, Any], itemsize: int) -> int:
    """Bytes for one picture of a megapixel; of an edit model with one reference as large."""
    layered = "layers" in family.pipelines
    side = LAYERED_SIDE if layered else SIDE
    if weights.role == "vae":
        return vae.room(family.kind, side, side, vae.TILE, itemsize)
    if weights.role == "transformer":
        tokens = token_count(family.kind, side, side)
        seen = tokens if layered or "edit" in family.pipelines else 0
        drawn = tokens * (LAYERS + 1) if layered else tokens
        return sample.room(config, family, drawn, seen + family.tokens, itemsize)
    tokens = family.tokens + (SEEN_TOKENS if family.processor else 0)
    return text_encoder.room(tokens * measure.hidden_size(config), itemsize)


def spoken(role: str) -> str:
    return {"vae": "VAE", "text_encoder_2": "second text encoder"}.get(role, role.replace("_", " "))
