"""From files to a module: `draw` reads headers and says what would be built, `build` builds it.

The module is made without memory for its weights; those are then the file's own, memory-mapped, so that
nothing is read before it is used and a model larger than the memory still loads. Only tensors are made empty
by name (`torch.empty`): whatever a constructor computes, such as Qwen's rotary tables, is computed. Never a
pickle, never the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import layouts, measure, quantised
from .content import content_of
from .family import Weights
from .files import Bundle, open_component, stamp_of
from .hollow import ENCODERS, emptiness, hollow
from .measure import CONFIGS, Config
from .still import still
from .takes import Arrangement, Shapes, Take

if TYPE_CHECKING:
    from torch import Tensor, dtype, nn

Read = Callable[[str], Any]  # a tensor by its name in the file
TORCH_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn",
               "F8_E5M2": "float8_e5m2"}  # fmt: skip
_TIED = {"encoder.embed_tokens.weight": "shared.weight"}  # T5 keeps one of the two, or both
_COUNTER = "num_batches_tracked"  # of a batch norm; only training reads it


@dataclass(frozen=True)
class Blueprint:
    """One component, ready to be built. depth: the layers that an encoder is cut down to, 0 for all."""

    weights: Weights
    bundle: Bundle
    config: Config
    arrangement: Arrangement
    stored: quantised.Stored
    depth: int

    @property
    def leading(self) -> dtype | None:
        """What most of the file is stored in; None for GGUF's own kinds."""
        import torch

        name = TORCH_NAMES.get(quantised.leading_dtype(self.stored.entries))
        found: dtype | None = getattr(torch, name) if name else None
        return found

    def key(self, compute: dtype) -> str:
        """The same for the same weights, architecture and type, whichever family asks and wherever the files lie."""
        config = sha256(json.dumps(self.config, sort_keys=True, default=str).encode()).hexdigest()[:12]
        return f"{self.weights.class_name}|{content_of(self.bundle)}|{compute}|{self.depth}|{config}"


def draw(weights: Weights, path: Path, depth: int = 0, configs: Path = CONFIGS) -> Blueprint:
    """Reads the headers of `path`, a file or a component's folder. BadInput where they are not `weights`."""
    bundle = open_component(path)
    known = measure.bundled(weights.config, configs)
    _check_config(weights, bundle)
    stored = quantised.stored(bundle)
    shapes = {name: entry.shape for name, entry in stored.entries.items()}
    arrangement = layouts.arrange(weights.class_name, shapes)
    if arrangement is None:
        raise BadInput(_other_kind(weights, bundle, shapes))
    try:
        base = bundle.config if bundle.config is not None else known
        found = measure.measured(
            weights.class_name,
            {name: take.shape for name, take in arrangement.items()},
            measure.merged(known, base),
        )
    except (KeyError, ValueError, IndexError, TypeError, ZeroDivisionError):
        raise BadInput(
            f"{bundle.path.name} is not complete: parts of {_named(weights)} are missing. Download it again."
        ) from None
    other = measure.differs(weights.class_name, found, known)
    if other is not None:
        name, ours, theirs = other
        raise BadInput(
            f"{bundle.path.name} is another model than {_named(weights)}: its {name} is {ours}, not {theirs}. Take the file that "
            "belongs to the model, or choose the model that belongs to the file."
        )
    config = dict(bundle.config) if bundle.config is not None else measure.merged(known, found)
    if depth:
        config = _cut(weights, bundle, config, depth)
        arrangement = {name: take for name, take in arrangement.items() if not _above(name, depth)}
    return Blueprint(weights, bundle, config, arrangement, stored, depth)


def build(plan: Blueprint, compute: dtype) -> nn.Module:
    """The module on the CPU, in evaluation mode. Linear weights in fp8 stay so, wider ones than `compute` become it, and
    Qwen-Image's VAE is one of single frames. BadInput, one sentence, and nothing kept, for files that do not fill it."""
    from torch import nn

    module = hollow(plan.weights.class_name, plan.config, plan.bundle.path.name)
    if plan.depth:
        module.norm = (
            nn.Identity()
        )  # transformers norms the last hidden state; here it is one from the middle
    module.requires_grad_(False)
    with ExitStack() as files:
        read = _reader(plan, files)
        _fill(plan, module, read, compute)
        still(module)
    return module.eval()


def _fill(plan: Blueprint, module: nn.Module, read: Read, compute: dtype) -> None:
    from torch import nn

    takes = _fitted(plan, module.state_dict(keep_vars=True))
    narrow = _prepare(plan, module, takes, read, compute)
    made: dict[Take, Any] = {}
    for name, take in takes.items():
        path, _, leaf = name.rpartition(".")
        owner = module.get_submodule(path)
        if take not in made:
            quantised.check_kind(plan.bundle, take.key, plan.stored.entries[take.key])
            tensor = _cut_out(read(take.key), take, name in narrow)
            if take.key in plan.stored.scales and name not in narrow:
                tensor = tensor.float() * quantised.spread(_rows(read(plan.stored.scales[take.key]), take))
            made[take] = _as_stored(tensor, name in narrow, compute)
        if leaf in owner._buffers:
            owner._buffers[leaf] = made[take]
            continue
        if not isinstance(made[take], nn.Parameter):
            made[take] = nn.Parameter(made[take], requires_grad=False)
        owner._parameters[leaf] = made[take]
    left = next((name for name, tensor in module.state_dict(keep_vars=True).items() if tensor.is_meta), None)
    if left is not None:
        raise BadInput(f"{plan.bundle.path.name} does not hold {left}: download it again.")


def _prepare(plan: Blueprint, module: nn.Module, takes: Arrangement, read: Read, compute: dtype) -> set[str]:
    """Gives quantised weights the layers that read them; the names of the weights that stay as they are
    stored."""
    narrow = set()
    for name, take in takes.items():
        path, _, leaf = name.rpartition(".")
        if leaf != "weight" or not quantised.takes_narrow(module, path):
            continue
        narrow.add(name)
        scale = plan.stored.scales.get(take.key)
        with emptiness():
            if scale is not None:
                quantised.scale_layer(module, path, _rows(read(scale), take))
            elif plan.bundle.gguf and hasattr(read(take.key), "quant_type"):
                quantised.gguf_layer(module, path, compute)
    return narrow


def _fitted(plan: Blueprint, wanted: Mapping[str, Tensor]) -> Arrangement:
    """The arrangement under the module's own names; BadInput where one side has what the other has not."""
    file, takes = plan.bundle.path.name, dict(plan.arrangement)
    if plan.weights.class_name == "CLIPTextModel" and any(name.startswith("text_model.") for name in wanted):
        takes = {f"text_model.{name}": take for name, take in takes.items()}  # transformers 4
    for name, twin in (*_TIED.items(), *((b, a) for a, b in _TIED.items())):
        if name in wanted and name not in takes and twin in takes:
            takes[name] = takes[twin]
    missing = [name for name in wanted if name not in takes and not name.endswith(_COUNTER)]
    if missing:
        raise BadInput(
            f"{file} is not complete: {missing[0]}{_more(missing)} is not in it. Download it again."
        )
    foreign = [name for name in takes if name not in wanted]
    if foreign:
        raise BadInput(
            f"{file} is not quite a {plan.weights.class_name}: nothing there takes {foreign[0]}{_more(foreign)}."
        )
    for name, take in takes.items():
        if tuple(wanted[name].shape) != take.shape:
            raise BadInput(
                f"{file} is not {_named(plan.weights)}: {name} is {_size(take.shape)}, not {_size(tuple(wanted[name].shape))}."
            )
    return takes


def _rows(tensor: Any, take: Take) -> Any:
    """The rows of `take`, as a view where they are one piece. One number stands for all rows."""
    import torch

    if not take.rows or tensor.numel() == 1:
        return tensor
    rows = [tensor[start:stop] for start, stop in take.rows]
    return rows[0] if len(rows) == 1 else torch.cat(rows)


def _cut_out(tensor: Any, take: Take, narrow: bool) -> Any:
    """The parameter of `take`; a GGUF tensor stays quantised where a linear layer reads it."""
    tensor = _rows(tensor, take)
    if not hasattr(tensor, "quant_type"):
        return tensor.reshape(take.shape)
    if narrow:
        return tensor
    from diffusers.quantizers.gguf.utils import dequantize_gguf_tensor

    return dequantize_gguf_tensor(tensor).reshape(take.shape)


def _as_stored(tensor: Any, narrow: bool, compute: dtype) -> Any:
    """In what is computed in, unless it is narrower where it may be, or as wide: the host casts those as they
    are used."""
    if not tensor.is_floating_point() or hasattr(tensor, "quant_type"):
        return tensor
    if (tensor.dtype.itemsize < 2 and not narrow) or tensor.dtype.itemsize > compute.itemsize:
        return tensor.to(compute)
    return tensor


def _reader(plan: Blueprint, files: ExitStack) -> Read:
    """name -> tensor, memory-mapped. The files are open as long as `files` is; the tensors live on."""
    from safetensors import SafetensorError, safe_open

    where, opened = plan.bundle.where, {}
    loose: dict[str, Any] = {}
    for header in plan.bundle.headers:
        if header.stamp != stamp_of(header.path):
            raise BadInput(f"{header.path.name} has changed since it was looked at: run it once more.")
        if header.gguf:
            loose |= quantised.read_gguf(header)

    def read(name: str) -> Any:
        if name in loose:
            return loose[name]
        path = where[name].path
        try:
            if path not in opened:
                opened[path] = files.enter_context(safe_open(path, framework="pt", device="cpu"))
            return opened[path].get_tensor(name)
        except (SafetensorError, OSError, ValueError, KeyError, AttributeError, TypeError, RuntimeError):
            raise BadInput(f"{path.name} cannot be read: download it again.") from None

    return read


def _check_config(weights: Weights, bundle: Bundle) -> None:
    """BadInput if a folder's own config says that it is something else, or quantised."""
    config = bundle.config
    if config is None:
        return
    place = f"{bundle.path.parent.name}/{bundle.path.name}"
    if config.get("quantization_config"):
        kind = config["quantization_config"]
        kind = kind.get("quant_method", "something") if isinstance(kind, dict) else "something"
        raise BadInput(
            f"{place} is quantised as {kind}, which is not read here: take the bf16 or fp8 weights of the same model."
        )
    names = [config.get("_class_name"), *(config.get("architectures") or [])]
    built = ENCODERS.get(weights.class_name, (weights.class_name, ""))[0]
    said = [name for name in names if isinstance(name, str)]
    if said and weights.class_name not in said and built not in said:
        raise BadInput(f"{place} holds a {said[0]}, and {_named(weights)} is a {weights.class_name}.")


def _cut(weights: Weights, bundle: Bundle, config: Config, depth: int) -> Config:
    own = measure.text(config)
    if own.get("num_hidden_layers", 0) < depth:
        raise BadInput(
            f"{bundle.path.name} has {own.get('num_hidden_layers')} layers, and {_named(weights)} is read up to layer {depth}: take the "
            "whole encoder."
        )
    changes: Config = {"num_hidden_layers": depth}
    if isinstance(own.get("layer_types"), list):
        changes["layer_types"] = own["layer_types"][:depth]
    return measure.merged(config, {"text_config": changes} if "text_config" in config else changes)


def _above(name: str, depth: int) -> bool:
    words = name.split(".")
    return words[0] == "norm" or (words[0] == "layers" and int(words[1]) >= depth)


def _other_kind(weights: Weights, bundle: Bundle, shapes: Shapes) -> str:
    found = layouts.recognise(shapes)
    what = f"a {found}" if found else "nothing that is known here"
    return f"{bundle.path.name} holds {what}, and {_named(weights)}, a {weights.class_name}, was wanted."


def _named(weights: Weights) -> str:
    return f"the {weights.role.replace('_', ' ').removesuffix(' 2')} {weights.config}"


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"
