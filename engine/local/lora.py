"""LoRA files: read, matched with a model's own layers, and put on it.

Nothing is guessed in silence: a file that fits nowhere, is for another model or is of a kind that is not read is refused in
one sentence, and one that fits in part says how much of it was used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..models import find as find_row
from . import layouts, lora_keys
from .adapter import Adapter
from .family import Family
from .files import Header, Shape, read_header, stamp_of
from .lora_family import seems
from .lora_keys import Places
from .lora_patches import Broken, Parts, noted_alphas, patches_of
from .model import LocalModel

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Lora:
    """patches: as `Machine.patched` takes them, (up, down, alpha) or a tensor to add; an `Adapter` for other kinds.

    used, found: layers of the transformer. encoder: layers of text encoders, which are left as they are.
    """

    file: str
    patches: dict[Any, Any] = field(repr=False)
    used: int
    found: int
    encoder: int = 0

    @property
    def word(self) -> str:
        """What of the file was not used, as a sentence; "" when all was."""
        said = []
        if self.used < self.found:
            said.append(
                f"{self.used} of {self.found} layers of {self.file} were used: this model does not have the others."
            )
        if self.encoder:
            said.append(
                f"{self.encoder} layers of {self.file} are for a text encoder, which is left as it is."
            )
        return " ".join(said)


def read_lora(path: Path, family: Family, shapes: Mapping[str, Shape]) -> Lora:
    """shapes: parameter of the transformer -> its shape, linear weights [out, in] however they are stored (`shapes_of`).

    BadInput, one sentence, for what is no LoRA, is not complete, or was made for another model.
    """
    if path.suffix.lower() == ".gguf":
        raise BadInput(f"{path.name} is a GGUF file: a LoRA is a .safetensors file.")
    header = read_header(path)
    layers, encoder = _layers(header)
    sizes = {name: _size(parts, header) for name, parts in layers.items()}
    _check_family(path.name, family, seems(sizes, header.words))
    places, alphas = Places(family.kind, shapes), noted_alphas(header.words)
    placed = {name: layer for name in layers if (layer := places.find(name)) is not None}
    patches: dict[Any, Any] = {}
    used, misfit = 0, ""
    with _opened(path) as read:
        for name, layer in placed.items():
            try:
                made, trouble = patches_of(layers[name], layer, shapes, read, alphas.get(name))
            except Broken as lack:
                raise BadInput(
                    f"{path.name} is not complete: {name} has {lack}. Download it again."
                ) from None
            misfit = misfit or (f"{name} is {trouble}" if trouble else "")
            used += not trouble
            patches |= made
    if not used:
        raise BadInput(_fits_nowhere(path.name, family, misfit))
    return Lora(path.name, patches, used, len(layers), encoder)


def shapes_of(module: nn.Module) -> dict[str, Shape]:
    """Parameter -> shape; of a linear layer what it computes with, whatever its weight is packed as."""
    from torch import nn

    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict(keep_vars=True).items()}
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Linear):
            shapes[f"{name}.weight"] = (layer.out_features, layer.in_features)
    return shapes


def stacked(
    model: LocalModel,
    chosen: Sequence[tuple[Path, float]],
    carry: Callable[[Adapter], Any] = lambda adapter: adapter,
) -> tuple[LocalModel, tuple[str, ...]]:
    """`model` with LoRAs on top of those that it has, and what is to be said of them.

    carry: makes of an `Adapter` what the machine adds. Everything is checked here, down to whether the weights can be added
    to (a GGUF file's cannot), so that the error is at the node that names the file.
    """
    wanted = [(path, strength) for path, strength in chosen if strength]
    if not wanted:
        return model, ()
    shapes = shapes_of(model.part("transformer").module)
    read = [(read_lora(path, model.family, shapes), path, strength) for path, strength in wanted]
    added = [
        ({key: _carried(value, carry) for key, value in lora.patches.items()}, strength)
        for lora, _, strength in read
    ]
    keys = [
        *filter(None, [model.adapters_key]),
        *(f"{key_of(path)} {strength:g} {path.name}" for _, path, strength in read),
    ]
    made = model.with_loras([*model.adapters, *added], "\n".join(keys))
    made.part("transformer")
    return made, tuple(lora.word for lora, *_ in read if lora.word)


def key_of(path: Path) -> str:
    """The same word for the same file as long as it stays as it is. OSError where there is none."""
    return sha256(stamp_of(path).encode()).hexdigest()[:16]


def names_of(model: LocalModel) -> tuple[str, ...]:
    """The file names of the LoRAs that a model has, in their order."""
    return tuple(line.split(" ", 2)[2] for line in model.adapters_key.split("\n") if line.count(" ") >= 2)


def _layers(header: Header) -> tuple[dict[str, Parts], int]:
    """The transformer's layers with their parts, and the number of a text encoder's layers."""
    layers: dict[str, Parts] = {}
    encoder = set()
    for key in header.entries:
        found = lora_keys.split(key)
        if found is None:
            continue
        layer, part = found
        if lora_keys.of_encoder(layer):
            encoder.add(layer)
            continue
        if part in lora_keys.UNREAD:
            kind = lora_keys.UNREAD[part]
            raise BadInput(
                f"{header.path.name} is {kind}, which is not read here: LoRA, DoRA, LoHa and LoKr files are."
            )
        layers.setdefault(layer, {})[part] = key
    if not layers:
        raise BadInput(_no_lora(header, len(encoder)))
    return layers, len(encoder)


def _no_lora(header: Header, encoder: int) -> str:
    file = header.path.name
    if encoder:
        return f"{file} only changes a text encoder, which LoRAs leave as it is here."
    whole = layouts.recognise({name: entry.shape for name, entry in header.entries.items()})
    if whole:
        return f"{file} is no LoRA but a whole model ({whole}): move it out of models/loras to where such models are."
    return f"{file} is no LoRA: none of its {len(header.entries)} tensors has a name that LoRAs have."


def _size(parts: Parts, header: Header) -> Shape | None:
    if "up" not in parts or "down" not in parts:
        return None
    up, down = header.entries[parts["up"]].shape, header.entries[parts["down"]].shape
    return (up[0], math.prod(down[1:])) if len(up) > 1 and len(down) > 1 else None


def _check_family(file: str, family: Family, seeming: tuple[str, str]) -> None:
    kind, label = seeming
    if kind == family.kind or not label:
        return
    if not kind and any(word in label.lower() for word in _WORDS[family.kind]):
        return  # the trainer's own word for it, which says no more than that
    raise BadInput(
        f"{file} seems to be a LoRA for {label}, and the model is {_name(family)}: take one that was made for it, or load the "
        "model that this one was made for."
    )


_WORDS = {"qwen": ("qwen",), "qwen21": ("qwen",), "flux1": ("flux",), "flux2": ("flux", "klein")}


def _name(family: Family) -> str:
    row = find_row(family.model)
    return row.name if row else family.model


def _fits_nowhere(file: str, family: Family, misfit: str) -> str:
    if misfit:
        return f"{file} was made for a model of another size than {_name(family)}: {misfit}."
    return f"{file} has no layer that {_name(family)} has: it was made for another model."


def _carried(value: Any, carry: Callable[[Adapter], Any]) -> Any:
    return carry(value) if isinstance(value, Adapter) else value


class _opened:
    """name -> tensor of a file, memory-mapped."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> Callable[[str], Tensor]:
        from safetensors import SafetensorError, safe_open

        try:
            self._file: Any = safe_open(self._path, framework="pt", device="cpu")
            self._file.__enter__()
        except (SafetensorError, OSError):
            raise BadInput(f"{self._path.name} cannot be read: download it again.") from None
        get: Callable[[str], Tensor] = self._file.get_tensor
        return get

    def __exit__(self, *error: Any) -> None:
        self._file.__exit__(*error)
