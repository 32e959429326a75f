"""A graphics card that is not there: a device of its own, with a limit, that refuses to mix its tensors with the CPU's.

Everything on it is computed by the CPU's kernels, so that results are equal to the last bit. What a real card would refuse is
refused (two devices in one operation), what it would copy is copied, and every byte on it is counted while it lives.
ComfyUI's own memory management runs on top unchanged, but for the four questions it asks about a card.
"""

from __future__ import annotations

import contextlib
import weakref
from collections import Counter
from typing import Any
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode

CARD = torch.device("hpu:0")  # a type that torch knows, ComfyUI has no special case for, and nobody has here
MAY_MIX = ("copy_", "__setitem__", "to", "__get__")
FACTS = tuple(getattr(torch.Tensor, name).__get__ for name in ("shape", "dtype", "requires_grad", "grad"))


class OnCard(torch.Tensor):
    """A tensor on the card: `raw` holds its values."""

    raw: torch.Tensor

    @staticmethod
    def __new__(cls, raw: torch.Tensor) -> OnCard:
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            raw.size(),
            strides=raw.stride(),
            storage_offset=raw.storage_offset(),
            dtype=raw.dtype,
            device=CARD,
        )
        made.raw = raw
        place = raw.untyped_storage().data_ptr()
        _living[place] += 1
        if _living[place] == 1:
            _bytes[place] = raw.untyped_storage().nbytes()
            _total["now"] += _bytes[place]
            _total["peak"] = max(_total.values())
        weakref.finalize(made, _freed, place).atexit = False
        return made

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return _call(func, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _call(func, args, kwargs or {})

    def __deepcopy__(self, memo):
        return OnCard(self.raw.clone())


_living: Counter[int] = Counter()
_bytes: dict[int, int] = {}
_total = {"now": 0, "peak": 0}


def used() -> int:
    """Bytes on the card."""
    return _total["now"]


def peak(again: bool = False) -> int:
    """The most that was ever on it. `again`: counted from now on."""
    if again:
        _total["peak"] = used()
    return _total["peak"]


def _freed(place: int) -> None:
    _living[place] -= 1
    if not _living[place]:
        del _living[place]
        _total["now"] -= _bytes.pop(place)


class Generator(torch.Generator):
    """A card draws its own random numbers; here they are the CPU's."""

    def __new__(cls, device: Any = "cpu") -> Generator:
        return super().__new__(cls, "cpu" if _is_card(device) else device)


class Card(TorchFunctionMode):
    """While it is entered, `device=CARD` and `.to(CARD)` work."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        return _call(func, args, kwargs or {})


def _call(func: Any, args: tuple, kwargs: dict) -> Any:
    if func in FACTS and isinstance(args[0], OnCard):
        return func(args[0].raw)
    if func is torch.device or getattr(func, "__name__", "") == "_parse_to":
        return func(*args, **kwargs)
    flat: list[Any] = []
    _each(flat.append, (args, kwargs))
    ours = [one for one in flat if isinstance(one, OnCard)]
    name = getattr(func, "__name__", "")
    named = [torch.device("cpu")] if name == "cpu" else [one for one in flat if _is_device(one)]
    if not ours and not any(_is_card(one) for one in named):
        return func(*args, **kwargs)
    if name == "__get__" and func.__self__ is torch.Tensor.device:
        return CARD
    if name == "__get__" and func.__self__ in (torch.Tensor.is_cuda, torch.Tensor.is_cpu):
        return False
    if name == "_has_compatible_shallow_copy_type":
        return False  # so that modules get a new parameter rather than new data
    with torch._C.DisableTorchFunction():
        here = next(
            (one.device for one in flat if isinstance(one, torch.Tensor) and not isinstance(one, OnCard)),
            None,
        )
    strangers = [
        one for one in flat if isinstance(one, torch.Tensor) and not isinstance(one, OnCard) and _dims(one)
    ]
    reads = name == "__getitem__" and isinstance(args[0], OnCard)  # a card takes indices from the computer
    if ours and strangers and not reads and name not in MAY_MIX:
        raise RuntimeError(f"Expected all tensors to be on the same device, but {name} got {CARD} and {here}")
    to_card = _is_card(named[0]) if named else bool(ours)
    crossing = bool(ours) != to_card
    raws = {id(one.raw): one for one in ours}
    args, kwargs = _each(_bare, (args, kwargs))
    with torch._C.DisableTorchFunction():
        result = func(*args, **kwargs)
        if crossing:  # a copy over the bus, also where the CPU would hand out the same memory
            result = _each(lambda one: one.clone() if isinstance(one, torch.Tensor) else one, result)
        if not to_card:
            return result
        wrap = lambda one: raws.get(id(one)) if id(one) in raws else OnCard(one)  # noqa: E731
        return _each(lambda one: wrap(one) if isinstance(one, torch.Tensor) else one, result)


def _each(do: Any, of: Any) -> Any:
    """`of` with `do` done to everything within its tuples, lists and dicts."""
    if isinstance(of, (tuple, list)):
        done = [_each(do, one) for one in of]
        return done if type(of) is list else tuple(done)
    if isinstance(of, dict):
        return {key: _each(do, one) for key, one in of.items()}
    return do(of)


def _dims(tensor: torch.Tensor) -> int:
    with torch._C.DisableTorchFunction():
        return tensor.dim()


def _bare(one: Any) -> Any:
    if isinstance(one, OnCard):
        return one.raw
    return torch.device("cpu") if _is_card(one) else one


def _is_device(one: Any) -> bool:
    return isinstance(one, torch.device) or (isinstance(one, str) and one.split(":")[0] in ("cpu", "hpu"))


def _is_card(one: Any) -> bool:
    return _is_device(one) and str(one).split(":")[0] == CARD.type


@contextlib.contextmanager
def plugged_in(limit: int):
    """ComfyUI has a card of `limit` bytes. Only what it asks of a card is answered here; the rest is its own."""
    import comfy.model_management as mm
    import psutil

    def free(dev=None, torch_free_too=False):
        amount = limit - used() if _is_card(dev or CARD) else psutil.virtual_memory().available
        return (amount, 0) if torch_free_too else amount

    def total(dev=None, torch_total_too=False):
        amount = limit if _is_card(dev or CARD) else psutil.virtual_memory().total
        return (amount, amount) if torch_total_too else amount

    answers = {
        "get_torch_device": lambda: CARD,
        "get_all_torch_devices": lambda *_, **__: [CARD],
        "get_free_memory": free,
        "get_total_memory": total,
        "vram_state": mm.VRAMState.NORMAL_VRAM,  # ComfyUI was started with --cpu, which turned it off
        "MIN_WEIGHT_MEMORY_RATIO": 0.0,  # as on NVIDIA
    }
    before = {name: getattr(mm, name) for name in answers if hasattr(mm, name)}
    for name in before:
        setattr(mm, name, answers[name])
    try:
        with Card(), mock.patch.object(torch, "Generator", Generator):
            yield
    finally:
        for name, value in before.items():
            setattr(mm, name, value)
