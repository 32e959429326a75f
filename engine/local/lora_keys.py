"""The names in a LoRA's file: which part of which layer each is, in any published layout, and where that is in our module.

`split` takes a name apart; `Places` knows a module's layers by every name that they go by. FLUX LoRAs in the layout of Black
Forest Labs were trained on fused projections: a layer there is made of rows of several weights here (`Piece`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .files import Shape
from .layouts import FLUX_1, FLUX_2

PARTS = ("up", "down", "alpha", "magnitude", "up_bias", "diff", "diff_b", "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b",
         "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b")  # fmt: skip
# Endings of kinds that are not read, and what to call them.
UNREAD = {
    "oft_blocks": "an OFT adapter", "oft_R": "an OFT adapter", "oft_diag": "an OFT adapter", "a1.weight": "a GLoRA",
    "on_input": "an (IA)3 adapter", "ia3_l": "an (IA)3 adapter", "lora_mid.weight": "a LoRA for convolutions",
    "hada_t1": "a LoHa for convolutions", "lokr_t2": "a LoKr for convolutions", "vera_lambda_b": "a VeRA adapter",
    "set_weight": "a set of replaced weights", "reshape_weight": "a LoRA that widens the model (FLUX.1 Depth, Canny or Fill)",
}  # fmt: skip

_NAMED = r"(?:\.(?!weight$|bias$)[\w-]+)?"  # PEFT may put the adapter's own name in between
_ENDINGS = tuple(
    (re.compile(rf"(?P<stem>.+?){ending}"), part)
    for ending, part in (
        (r"(?<=_lora)(?P<digit>[12]?)\.down\.weight", "xlabs down"),
        (r"(?<=_lora)(?P<digit>[12]?)\.up\.weight", "xlabs up"),
        (
            rf"(?:\.lora_A|\.lora_down|\.lora\.down|_lora\.down|\.lora_linear_layer\.down){_NAMED}(?:\.weight)?",
            "down",
        ),
        (rf"(?:\.lora_B|\.lora_up|\.lora\.up|_lora\.up|\.lora_linear_layer\.up){_NAMED}(?:\.weight)?", "up"),
        (rf"\.lora_B{_NAMED}\.bias", "up_bias"),
        (r"\.(?:alpha|lora_alpha)", "alpha"),
        (rf"\.(?:dora_scale|lora_magnitude_vector){_NAMED}(?:\.weight)?", "magnitude"),
        *((rf"\.{part}", part) for part in PARTS[5:]),
        *((rf"\.{re.escape(ending)}", ending) for ending in UNREAD),
    )
)
_XLABS = re.compile(r".*\bprocessor\.(?:qkv|proj)_lora[12]?")
_OUTER = ("base_model.model.", "model.diffusion_model.", "diffusion_model.", "transformer.", "unet.", "module.",
          "lora_unet_", "lora_transformer_", "lycoris_")  # fmt: skip
_ENCODER = re.compile(
    r"(?:lora_te\d*_|lora_prior_te_|text_encoders?(?:_\d)?\.|te\d?_|clip_[lg]\.|t5xxl\.|text_model\.)"
)
_FUSED = {"to_qkv": ("to_q", "to_k", "to_v"), "to_added_qkv": ("add_q_proj", "add_k_proj", "add_v_proj"),
          "gate_up": ("gate_layer", "proj")}  # fmt: skip
_SWAPPED = "final_layer.adaLN_modulation.1"  # its rows are shift, scale; in diffusers scale, shift

Shapes = Mapping[str, Shape]


def split(key: str) -> tuple[str, str] | None:
    """(layer, part) of a tensor's name, with what is put around a whole model taken off; None for what is no LoRA's.

    part: one of PARTS, or of UNREAD.
    """
    for pattern, part in _ENDINGS:
        found = pattern.fullmatch(key)
        if found is None:
            continue
        stem = found["stem"]
        if part.startswith("xlabs"):
            stem, part = stem + found["digit"], part.removeprefix("xlabs ")
            if not _XLABS.fullmatch(stem):
                continue
        return _bare(stem), part
    return None


def of_encoder(layer: str) -> bool:
    """Whether a layer is a text encoder's."""
    return _ENCODER.match(layer) is not None


@dataclass(frozen=True)
class Piece:
    """Rows start..stop of the layer that a LoRA was trained on, as rows of `weight` from `put` on; None: all of them."""

    weight: str
    start: int
    stop: int
    put: int | None = None

    @property
    def key(self) -> str | tuple[str, tuple[int, int, int]]:
        """As `Machine.patched` takes it."""
        return self.weight if self.put is None else (self.weight, (0, self.put, self.stop - self.start))


@dataclass(frozen=True)
class Layer:
    """A layer as a LoRA may know it: the weights here that it is made of, and its size, [out, in] or [out] of a norm."""

    pieces: tuple[Piece, ...]
    shape: Shape

    @property
    def fused(self) -> bool:
        return len(self.pieces) > 1 or self.pieces[0].put is not None


class Places:
    """Every layer of a module, by all its names. shapes: parameter -> its shape, of linear layers [out, in]."""

    def __init__(self, kind: str, shapes: Shapes):
        self._shapes = shapes
        self._dotted: dict[str, Layer] = {}
        for name, layer in (*self._flux(kind), *self._fused(), *self._own()):
            self._dotted[name] = layer  # the module's own come last: nothing stands in front of them
        self._flat: dict[str, Layer | None] = {}
        for name, layer in self._dotted.items():
            flat = name.replace(".", "_")
            self._flat[flat] = None if self._flat.get(flat, layer) != layer else layer

    def find(self, name: str) -> Layer | None:
        """By a name that `split` gave, with dots or underscores; None for what the module has not."""
        return self._dotted.get(name) or self._flat.get(name.replace(".", "_"))

    def _own(self) -> Iterator[tuple[str, Layer]]:
        for name, shape in self._shapes.items():
            if name.endswith(".weight") and shape:
                layer = Layer((Piece(name, 0, shape[0]),), shape)
                yield name.removesuffix(".weight"), layer
                if name.endswith(".to_out.0.weight"):
                    yield name.removesuffix(".0.weight"), layer

    def _fused(self) -> Iterator[tuple[str, Layer]]:
        for name in self._shapes:
            for fused, (first, *others) in _FUSED.items():
                if name.endswith(f".{first}.weight"):
                    stem = name.removesuffix(f"{first}.weight")
                    yield from self._joined(stem + fused, [stem + part for part in (first, *others)])
            if name.endswith(".to_qkv_mlp_proj.weight"):
                yield from self._thirds(name)

    def _thirds(self, name: str) -> Iterator[tuple[str, Layer]]:
        """Queries, keys and values of FLUX.2's single blocks, which are the first rows of one weight."""
        stem, width = name.removesuffix("to_qkv_mlp_proj.weight"), self._shapes[name][1]
        for number, part in enumerate(_FUSED["to_qkv"]):
            yield stem + part, Layer((Piece(name, 0, width, number * width),), (width, width))
        yield f"{stem}to_qkv", Layer((Piece(name, 0, 3 * width, 0),), (3 * width, width))

    def _flux(self, kind: str) -> Iterator[tuple[str, Layer]]:
        table = {"flux1": FLUX_1, "flux2": FLUX_2}.get(kind, {})
        for old, new in table.items():
            for number in self._numbers(new):
                named, names = old.replace("#", number), new.replace("#", number).split()
                for name, layer in self._joined(named, names):
                    yield name, _halves_swapped(layer) if old == _SWAPPED else layer
                    yield from self._shortened(name, layer)

    def _shortened(self, name: str, layer: Layer) -> Iterator[tuple[str, Layer]]:
        """Names of trainers that take the attention of a single block alone, and those of XLabs."""
        if name.endswith("linear1"):
            if layer.fused:
                qkv = replace(layer, pieces=layer.pieces[:3], shape=(layer.pieces[2].stop, layer.shape[1]))
            else:
                width = layer.shape[1]
                qkv = Layer((Piece(layer.pieces[0].weight, 0, 3 * width, 0),), (3 * width, width))
            yield f"{name}_qkv", qkv
            yield name.removesuffix("linear1") + "processor.qkv_lora", qkv
        elif name.endswith("linear2"):
            yield name.removesuffix("linear2") + "processor.proj_lora", layer
        elif found := re.fullmatch(r"(double_blocks\.\d+\.)(img|txt)_attn\.(qkv|proj)", name):
            yield f"{found[1]}processor.{found[3]}_lora{1 if found[2] == 'img' else 2}", layer

    def _joined(self, name: str, names: list[str]) -> Iterator[tuple[str, Layer]]:
        """Weights under each other, as one layer; nothing where one is missing."""
        found = [self._shapes.get(f"{one}.weight") for one in names]
        shapes = [shape for shape in found if shape]
        if len(shapes) < len(names):
            return
        ends = [sum(shape[0] for shape in shapes[: count + 1]) for count in range(len(shapes))]
        pieces = zip(names, [0, *ends[:-1]], ends, strict=True)
        yield (
            name,
            Layer(tuple(Piece(f"{one}.weight", *rows) for one, *rows in pieces), (ends[-1], *shapes[0][1:])),
        )

    def _numbers(self, names: str) -> list[str]:
        first = f"{names.split()[0]}.weight"
        if "#" not in first:
            return [""]
        pattern = re.compile(re.escape(first).replace(r"\#", r"(\d+)"))
        return [found[1] for name in self._shapes if (found := pattern.fullmatch(name))]


def _halves_swapped(layer: Layer) -> Layer:
    weight, rows = layer.pieces[0].weight, layer.shape[0]
    half = rows // 2
    return replace(layer, pieces=(Piece(weight, half, rows, 0), Piece(weight, 0, half, half)))


def _bare(stem: str) -> str:
    """Without what is put around a model's own names."""
    while (
        outer := next((one for one in _OUTER if stem.startswith(one)), None)
    ) is not None and stem != outer:
        stem = stem.removeprefix(outer)
    if stem.startswith("sformer_blocks."):  # some exports of FLUX.2 cut "transformer." off by its length
        stem = f"tran{stem}"
    return stem if "_lora" in stem else stem.replace(".processor.", ".")
