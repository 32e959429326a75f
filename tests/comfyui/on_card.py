"""Parts on a pretended card: how the scenarios make them, run them and compare what they say."""

from __future__ import annotations

import contextlib
import gc
from types import SimpleNamespace

import comfy.model_management as mm
import torch
from switchyard.nodes.machine import ComfyMachine
from switchyard.tests.comfyui import small_modules
from switchyard.tests.comfyui.pretend_card import CARD, plugged_in, used

MB = 2**20
FP8 = torch.float8_e4m3fn


class Holder:
    """A loaded model, as a node's output holds it."""


@contextlib.contextmanager
def card(room: float):
    """A card with `room` bytes for weights, beside what ComfyUI wants free for computing and what is there already."""
    empty()
    with plugged_in(int(mm.minimum_inference_memory()) + int(room) + used()):
        yield ComfyMachine()
        mm.unload_all_models()


def empty() -> None:
    mm.unload_all_models()
    gc.collect()


def cared(machine: ComfyMachine, name: str, seed: int = 0, **sizes: int) -> SimpleNamespace:
    """A part, with how it is run and what it should answer: what the same module says without ComfyUI."""
    with torch.inference_mode():  # nodes run in it, and load in it
        module, run = small_modules.build(name, seed, **sizes)
        answer = run(module, "cpu")
        size = sum(weight.nbytes for weight in module.parameters())
        part = machine.care(f"{name}{seed}", small_modules.role(name), module, torch.float32)
    return SimpleNamespace(name=name, part=part, run=run, answer=answer, size=size)


def runs(one: SimpleNamespace, *, ready: ComfyMachine | None = None) -> None:
    """It can run where it is, and says what it should, to the last bit."""
    with torch.inference_mode():
        if ready:
            ready.ready([one.part], 0)
        said = one.run(one.part.module, CARD)
        assert said.device == CARD
        assert torch.equal(said.cpu(), one.answer), f"{one.name} says something else"
