"""Opening a local model: headers and configs now, weights when a part is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import tokenizers
from .family import Family, Weights
from .machine import Job, Machine, Part
from .model import LocalModel, Parts, Recipe
from .releases import too_old
from .schedule import schedule_beside
from .sources import Sources, missing, sentence
from .weights import Blueprint, build, draw

if TYPE_CHECKING:
    from torch import dtype

JOBS: dict[str, Job] = {"transformer": "transformer", "vae": "vae"}  # every other role is an encoder
# Their blocks keep within fp16, which cards without bf16 need. Qwen-Image's overflow in it, whatever a file is stored in.
FP16 = ("FluxTransformer2DModel", "Flux2Transformer2DModel")


def open_model(family: Family, sources: Sources, registry: Parts, machine: Machine) -> LocalModel:
    """BadInput, one sentence, if a file is missing, is spoilt or belongs to another model, or the installed libraries are too
    old for it. It takes milliseconds. A transformer from a hub folder is sampled on that folder's own schedule."""
    old = too_old(family)
    if old:
        raise BadInput(old)
    lacking = missing(family, sources)
    if lacking:
        raise BadInput(sentence(family, lacking))
    own = schedule_beside(sources.parts["transformer"])
    family = family if own is None else replace(family, scheduler=own)
    recipes: dict[str, Recipe] = {
        part.role: _recipe(family, part, sources, machine) for part in family.weights
    }
    hub, others, encoder = sources.hub, sources.tokenizers, sources.parts["text_encoder"]
    words: dict[str, Callable[[], Any]] = {
        name: partial(tokenizers.load_tokenizer, kind, name, hub, others, encoder)
        for name, kind in family.tokenizers.items()
    }
    pictures = partial(tokenizers.load_processor, family, hub, others) if family.processor else None
    return LocalModel(family, machine, registry, recipes, words, pictures)


def depth_of(family: Family, weights: Weights) -> int:
    """The layers of an encoder that are read at all; 0: every one."""
    return max(family.out_layers) if family.out_layers and weights.role == "text_encoder" else 0


def computed_in(plan: Blueprint, machine: Machine) -> dtype:
    """What the host computes that component in."""
    return machine.dtype(JOBS.get(plan.weights.role, "encoder"), _plain(plan))


def _recipe(family: Family, weights: Weights, sources: Sources, machine: Machine) -> Recipe:
    path = sources.parts[weights.role]
    plan = draw(weights, path, depth_of(family, weights), sources.configs)
    compute = computed_in(plan, machine)
    key = plan.key(compute)

    def make() -> Part:
        return machine.care(key, weights.role, build(plan, compute), compute)

    return Recipe(key, compute, make, path.name)


def _plain(plan: Blueprint) -> dtype | None:
    """What the host is asked about: fp16 for what may be computed in it, else what is stored, fp8 as bf16."""
    import torch

    stored = plan.leading
    if stored is not None and stored.itemsize > 2:
        return stored
    if plan.weights.class_name in FP16:
        return torch.float16
    return torch.bfloat16 if stored is not None else None
