"""What is measured: real widths with random weights, cut to a few blocks where there is no card to run all of them.

Every contender reads the same transformer from the same single file, in the layout that ComfyUI's users have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from switchyard.engine.local import measure
from switchyard.engine.local.family import Family, families
from switchyard.engine.local.hollow import ENCODERS
from switchyard.tests.tiny import files, tokenizers

STEPS = 3  # the first one is not counted: its start is not seen from outside
WORDS = {"vocab_size": 272}  # of the tests' tokenizers; an embedding table takes no time, only disk
QWEN_EYE = {"vision_config": {"depth": 1, "fullatt_block_indexes": [0]}}  # nobody looks at a picture here


@dataclass(frozen=True)
class Case:
    """blocks: what the transformer's config is cut to without a card. encoders: role -> what its config is changed to;
    layers are as few, in proportion, as blocks. out_layers: of FLUX.2's encoder, when it is cut so short. negative: of a
    second pass, so that guidance acts."""

    row: str
    blocks: Mapping[str, int]
    encoders: Mapping[str, Mapping[str, Any]]
    out_layers: tuple[int, ...] = ()
    negative: str = ""

    @property
    def family(self) -> Family:
        family = families()[self.row]
        return replace(family, out_layers=self.out_layers) if self.out_layers else family


CASES = {
    "qwen": Case(
        "qwen-image-local",
        {"num_layers": 2},
        {"text_encoder": {"text_config": {"num_hidden_layers": 1, **WORDS}, **WORDS, **QWEN_EYE}},
        negative="blurred",
    ),
    "flux1": Case(
        "flux-1-dev-local",
        {"num_layers": 1, "num_single_layers": 1},
        {
            "text_encoder": {
                "num_hidden_layers": 1,
                "vocab_size": 514,
                "bos_token_id": 512,
                "eos_token_id": 513,
            },
            "text_encoder_2": {"num_layers": 1, "vocab_size": 98},
        },
    ),
    "klein": Case(
        "flux-2-klein-4b-local",
        {"num_layers": 1, "num_single_layers": 1},
        {"text_encoder": {"num_hidden_layers": 4, **WORDS}},
        out_layers=(1, 2, 3),
    ),
}


def write(folder: Path, case: Case, cut: bool, store: str) -> None:
    """`folder` with a single file for every part, `configs`, `tokenizers`, and for diffusers' own pipeline `plain`: the
    encoders, the VAE and the transformer's config. store: "f32" or "bf16"."""
    import torch

    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32 if store == "f32" else torch.bfloat16)
    files.tokenizer_folders(folder / "tokenizers")
    (folder / "configs").mkdir()
    for part in case.family.weights:
        changes: Mapping[str, Any] = case.encoders.get(part.role, {})
        if part.role == "transformer" and cut:
            changes = case.blocks
        config = measure.merged(measure.bundled(part.config), changes)
        (folder / "configs" / f"{part.config}.json").write_text(json.dumps(config), "utf-8")
        module = _made(part.class_name, config)
        files.write(folder / f"{part.role}.safetensors", files.in_comfy_layout(module), store)
        if part.role == "transformer":
            module.save_config(folder / "plain" / "transformer")
        else:
            module.save_pretrained(folder / "plain" / part.role)
        del module
    torch.set_default_dtype(torch.float32)


def plain_tokenizers(family: Family) -> dict[str, Any]:
    """By the names of the pipeline's components."""
    made: dict[str, Any] = {}
    for name, kind in family.tokenizers.items():
        made[name] = getattr(tokenizers, kind)()
        if kind == "clip":
            made[name].model_max_length = 77
    return made


def _made(class_name: str, config: dict[str, Any]) -> Any:
    import diffusers
    import transformers

    if class_name not in ENCODERS:
        return getattr(diffusers, class_name).from_config(config)
    settings = getattr(transformers, ENCODERS[class_name][1]).from_dict(config)
    return getattr(transformers, class_name)(settings)
