"""Tiny transformers of every kind with LoRAs: read, merged by hand, compared by what they say; what is refused."""

from __future__ import annotations

import copy
import functools
from pathlib import Path

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import lora as engine
from switchyard.engine.local.family import families
from switchyard.engine.local.lora import read_lora, shapes_of
from switchyard.tests.tiny import pipelines

_ROWS = {
    "qwen": "qwen-image-local",
    "qwen21": "qwen-image-2.1-local",
    "flux1": "flux-1-dev-local",
    "dev": "flux-2-dev-local",
    "klein": "flux-2-klein-4b-local",
}
ROWS = {name: row for name, row in _ROWS.items() if row in pipelines.ROWS}
FLUX = tuple(name for name in ("flux1", "dev", "klein") if name in ROWS)
Q = "transformer_blocks.0.attn.to_q"


@functools.cache
def transformer(name: str):
    return pipelines.build(_ROWS[name]).transformer.requires_grad_(False)


def family(name: str):
    return families()[_ROWS[name]]


def state(name: str) -> dict[str, torch.Tensor]:
    return transformer(name).state_dict()


def read(path: Path, name: str) -> engine.Lora:
    return read_lora(path, family(name), shapes_of(transformer(name)))


def output(name: str, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    module = copy.deepcopy(transformer(name))
    module.load_state_dict(weights)
    return forward(name, module)


def forward(name: str, module) -> torch.Tensor:
    """What a transformer says to one fixed input."""
    config, source = module.config, torch.Generator().manual_seed(9)

    def noise(*shape):
        return torch.randn(shape, generator=source)

    width = config.get("joint_attention_dim") or config.context_in_dim
    given = dict(hidden_states=noise(1, 16, config.in_channels), encoder_hidden_states=noise(1, 5, width))
    given["timestep"] = torch.tensor([0.5])
    if name == "qwen":
        given |= dict(img_shapes=[[(1, 4, 4)]], encoder_hidden_states_mask=None)
    elif name != "qwen21":
        axes = 3 if name == "flux1" else 4
        given |= dict(
            txt_ids=torch.zeros(5, axes), img_ids=torch.ones(16, axes), guidance=torch.tensor([3.5])
        )
    if name == "flux1":
        given["pooled_projections"] = noise(1, config.pooled_projection_dim)
    with torch.inference_mode():
        return module(**given, return_dict=False)[0]


def close(found, expected) -> None:
    assert set(found) == set(expected)
    for key, weight in expected.items():
        assert torch.allclose(found[key], weight, rtol=0, atol=1e-6), key


def refused(path: Path, name: str) -> str:
    with pytest.raises(BadInput) as trouble:
        read(path, name)
    said = str(trouble.value)
    assert path.name in said and said.endswith(".") and "\n" not in said and str(path.parent) not in said
    return said


def zeros(layer: str, out: int = 32, width: int = 32, rank: int = 4) -> dict[str, torch.Tensor]:
    return {
        f"{layer}.lora_A.weight": torch.zeros(rank, width),
        f"{layer}.lora_B.weight": torch.zeros(out, rank),
    }
