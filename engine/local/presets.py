"""Steps, guidance and schedule that belong together, under one name: the tiers of every family, and the fast LoRAs' own.

A distilled LoRA run with the model's own guidance or schedule gives a burnt or a half-drawn picture, so a preset sets all
of it at once. What a person sets beside it wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from ..errors import BadInput
from ..models import find as find_row
from .family import Family

Tier = Literal["draft", "standard", "final"]
AUTO, NONE = "auto", "none"
TIERS: tuple[Tier, ...] = ("draft", "standard", "final")


@dataclass(frozen=True)
class LoraHint:
    """words: parts that the file's name has, in lower case. repositories: row id -> where it is had on the hub."""

    words: tuple[str, ...]
    repositories: Mapping[str, str]

    def fits(self, file: str) -> bool:
        name = re.sub(r"[^a-z0-9]", "", file.lower())
        return all(word in name for word in self.words)


@dataclass(frozen=True)
class Preset:
    """families: row ids that it is for. guidance: None is the model's own. scheduler: changes to the family's; sigmas: the
    list in its place, without the last 0, shifted only where `scheduler` says so; shift: a constant one in place of the
    family's. lora: what it needs."""

    name: str
    families: tuple[str, ...]
    steps: int
    guidance: float | None = None
    scheduler: Mapping[str, object] = field(default_factory=dict)
    sigmas: tuple[float, ...] = ()
    shift: float | None = None
    lora: LoraHint | None = None

    def settings(
        self, steps: int = 0, guidance: float | None = None, shift: float | None = None
    ) -> dict[str, Any]:
        """The fields of a `Job`, with what a person has set (0 and None: nothing) in front. Another number of steps keeps the
        schedule's shape where it is one; a list of sigmas is for its own number alone, and so is left out then."""
        steps = steps or self.steps
        shift = shift or self.shift
        return {
            "steps": steps,
            "guidance": self.guidance if guidance is None else guidance,
            "shift": shift,
            "scheduler": {} if shift else dict(self.scheduler),
            "sigmas": self.sigmas if steps == len(self.sigmas) and not shift else (),
        }

    def missing(self, family: Family, loras: Iterable[str]) -> str:
        """A sentence where no LoRA's file name is the one that this preset needs; "" where there is one, or none is needed.

        No error: it may be in the model's own file, or under another name.
        """
        if self.lora is None or any(self.lora.fits(file) for file in loras):
            return ""
        where = self.lora.repositories.get(family.model, "")
        named = " and ".join(f'"{word}"' for word in self.lora.words)
        return (
            f"The preset {self.name} is made for a LoRA with {named} in its file name, and none is on this model: put it on with "
            f"LoRA Stack (it is in {where} on the hub), or choose another preset."
        )


# lightx2v's model card: distilled at a constant shift of 3, exp(log(3)), and without the stretch to a last sigma of 0.02.
LIGHTNING: Mapping[str, object] = {
    "base_shift": math.log(3),
    "max_shift": math.log(3),
    "shift": 1.0,
    "shift_terminal": None,
    "use_dynamic_shifting": True,
    "time_shift_type": "exponential",
}
_LIGHTNING = {
    "qwen-image-local": "lightx2v/Qwen-Image-Lightning",
    "qwen-image-2512-local": "lightx2v/Qwen-Image-2512-Lightning",
    "qwen-image-edit-local": "lightx2v/Qwen-Image-Lightning",
    "qwen-image-edit-2509-local": "lightx2v/Qwen-Image-Lightning",
    "qwen-image-edit-2511-local": "lightx2v/Qwen-Image-Edit-2511-Lightning",
}


def _lightning(steps: int) -> Preset:
    hint = LoraHint(("lightning", f"{steps}step"), _LIGHTNING)
    return Preset(f"lightning-{steps}", tuple(_LIGHTNING), steps, 1.0, LIGHTNING, lora=hint)


FAST: tuple[Preset, ...] = (
    _lightning(4),
    _lightning(8),
    # Its four sigmas are the even ones, 1 to 0.25, and shifted with the size as the model's own are.
    Preset(
        "qwen-2.1-lightning",
        ("qwen-image-2.1-local",),
        4,
        1.0,
        {"shift_terminal": None},
        lora=LoraHint(("lightning",), {"qwen-image-2.1-local": "lightx2v/Qwen-Image-2.1-Lightning"}),
    ),
    # The card's numbers, which it hands to diffusers' pipeline: that shifts them with the size, as all of the model's.
    Preset(
        "flux-2-turbo",
        ("flux-2-dev-local",),
        8,
        2.5,
        {"use_dynamic_shifting": True},
        sigmas=(1.0, 0.6509, 0.4374, 0.2932, 0.1893, 0.1108, 0.0495, 0.00031),
        lora=LoraHint(("turbo",), {"flux-2-dev-local": "fal/FLUX.2-dev-Turbo"}),
    ),
)
# Row id -> steps of draft, standard and final, where the family's own are not all three. The distilled ones have one number.
_STEPS: Mapping[str, tuple[int, int, int]] = {
    "qwen-image-local": (20, 50, 50),
    "qwen-image-2512-local": (20, 50, 50),
    "qwen-image-edit-local": (20, 50, 50),
    "qwen-image-edit-2509-local": (20, 40, 50),  # the card: 40
    "qwen-image-edit-2511-local": (20, 40, 50),  # the card: 40
    "qwen-image-layered-local": (20, 50, 50),
    "qwen-image-2.1-local": (20, 40, 50),
    "flux-1-dev-local": (16, 28, 50),  # the card: 50
    "flux-1-kontext-dev-local": (16, 28, 50),
    "flux-2-dev-local": (20, 28, 50),  # the card: 50, and 28 "a good trade-off"
    "flux-2-klein-4b-base-local": (20, 50, 50),
    "flux-2-klein-9b-base-local": (20, 50, 50),
}


def names() -> tuple[str, ...]:
    """The options of a node, in their order: only append."""
    return (AUTO, NONE, *TIERS, *(preset.name for preset in FAST))


def choose(name: str, family: Family, tier: Tier = "standard", loras: Iterable[str] = ()) -> Preset | None:
    """What the option `name` means here; None for "none". BadInput for a preset of another family."""
    if name == NONE:
        return None
    if name == AUTO:
        return preset_for(family, tier, loras)
    if name in TIERS:
        return _tiers(family)[TIERS.index(name)]
    preset = next((one for one in FAST if one.name == name), None)
    if preset is None or family.model not in preset.families:
        own = [one.name for one in FAST if family.model in one.families]
        raise BadInput(
            f"The preset {name} is not for {_name(family.model)}: choose one of {', '.join([AUTO, NONE, *TIERS, *own])}."
        )
    return preset


def preset_for(family: Family, tier: Tier = "standard", loras: Iterable[str] = ()) -> Preset:
    """That of a fast LoRA, if the model has one (`lora.names_of`), whatever the tier; else the tier's."""
    files = tuple(loras)
    for preset in FAST:
        if family.model in preset.families and preset.lora is not None and any(map(preset.lora.fits, files)):
            return preset
    return _tiers(family)[TIERS.index(tier)]


def _tiers(family: Family) -> tuple[Preset, ...]:
    return _made(family.model, family.steps, None if family.guidance_kind == "none" else family.guidance)


@cache
def _made(row: str, steps: int, guidance: float | None) -> tuple[Preset, ...]:
    counts = _STEPS.get(row, (steps,) * 3)
    return tuple(Preset(tier, (row,), count, guidance) for tier, count in zip(TIERS, counts, strict=True))


def _name(row_id: str) -> str:
    row = find_row(row_id)
    return row.name if row else row_id
