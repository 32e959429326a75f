"""A local model as it travels from loader to generator: what it is made of, and each part when it is first
asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from .family import Family
from .machine import Machine, Part

if TYPE_CHECKING:
    from torch import dtype

Patches = tuple[dict[str, Any], float]  # weight name of the module -> what is added to it, and how much of it


class Parts(Protocol):
    """`engine/local/registry.py`, as it is needed here."""

    def part(self, key: str, make: Callable[[], Part], holder: object) -> Part: ...


@dataclass(frozen=True)
class Recipe:
    """How one role is loaded. key: the same for the same file, architecture and type. file: for a message."""

    key: str
    compute: dtype
    make: Callable[[], Part]
    file: str


@dataclass(frozen=True, eq=False)
class LocalModel:
    """Holds its parts through the registry as long as it lives itself; makes none before it is asked for one.

    tokenizers: by the hub's folder name. adapters: LoRAs on the transformer, `adapters_key` a word that is
    the same for the same LoRAs at the same strengths.
    """

    family: Family
    machine: Machine
    registry: Parts
    recipes: Mapping[str, Recipe]
    tokenizers: Mapping[str, Callable[[], Any]]
    read_pictures: Callable[[], Any] | None = None
    adapters: tuple[Patches, ...] = ()
    adapters_key: str = ""
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def part(self, role: str) -> Part:
        """The component in that role. BadInput if its files are not what their headers said."""
        recipe = self.recipes[role]
        part = self.registry.part(recipe.key, recipe.make, self)
        if role != "transformer" or not self.adapters:
            return part
        return self._once(f"patched {id(part)}", lambda: self.machine.patched(part, self.adapters))

    def tokenizer(self, name: str = "tokenizer") -> Any:
        return self._once(f"tokenizer {name}", self.tokenizers[name])

    @property
    def processor(self) -> Any:
        """What shows pictures to the encoder; None for a family whose encoder sees none."""
        return self._once("processor", self.read_pictures) if self.read_pictures is not None else None

    def identity(self, role: str) -> str:
        """One word for the weights in that role: file, size, time, architecture, type, LoRAs. For cache keys."""
        adapters = f"|{self.adapters_key}" if role == "transformer" and self.adapters else ""
        return self.recipes[role].key + adapters

    def with_loras(self, adapters: Sequence[Patches], key: str) -> LocalModel:
        """The same model with these LoRAs instead of those that it has: its weights stay shared."""
        return replace(self, adapters=tuple(adapters), adapters_key=key, _kept={}, _lock=threading.RLock())

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            return self._kept[name]
