"""CONDITIONING in and out: core's words, and a sentence for what another family's encoder made."""

from __future__ import annotations

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local.conditioning import Conditioning
from switchyard.engine.local.family import families

QWEN, DEV1, DEV2, KLEIN = (
    families()[row]
    for row in ("qwen-image-local", "flux-1-dev-local", "flux-2-dev-local", "flux-2-klein-4b-local")
)


def core(width, length=7, batch=1, **words):
    pooled = torch.zeros(1, 768) if width == 4096 else None
    return [[torch.randn(batch, length, width), {"pooled_output": pooled, **words}]]


def test_there_and_back():
    ours = Conditioning(torch.randn(1, 7, 4096), torch.randn(1, 768), None, {"guidance": 3.0})
    back = Conditioning.from_comfy(ours.to_comfy(), DEV1)
    assert back.embeds is ours.embeds and back.pooled is ours.pooled and back.mask is None
    assert back.extra == {"guidance": 3.0}


@pytest.mark.parametrize(
    ("family", "width", "named"),
    [
        (QWEN, 4096, "FLUX.1"),
        (QWEN, 7680, "klein"),
        (DEV1, 3584, "Qwen-Image"),
        (KLEIN, 12288, "klein 9B"),
        (DEV2, 7680, "klein"),
        (QWEN, 768, "another model"),
    ],
)
def test_a_wrong_width_names_both_families(family, width, named):
    with pytest.raises(BadInput) as told:
        Conditioning.from_comfy(core(width), family)
    assert named.lower() in str(told.value).lower() and f"{width} wide" in str(told.value)


def test_flux1_without_a_pooled_embedding_has_zeros_and_with_a_wrong_one_is_refused():
    assert Conditioning.from_comfy(core(4096, pooled_output=None), DEV1).pooled.shape == (1, 768)
    with pytest.raises(BadInput, match="1280 wide"):
        Conditioning.from_comfy(core(4096, pooled_output=torch.zeros(1, 1280)), DEV1)
    assert Conditioning.from_comfy(core(3584, pooled_output=torch.zeros(1, 1280)), QWEN).pooled is None


def test_flux2_is_filled_up_on_the_left_as_core_does():
    given = core(15360)
    found = Conditioning.from_comfy(given, DEV2)
    assert found.embeds.shape == (1, 512, 15360)
    assert torch.equal(found.embeds[:, -7:], given[0][0]) and not found.embeds[:, :-7].any()


def test_a_mask_counts_only_if_it_hides_something():
    hidden = torch.tensor([[1, 1, 1, 1, 1, 0, 0]])
    assert Conditioning.from_comfy(core(3584, attention_mask=torch.ones(1, 7)), QWEN).mask is None
    assert torch.equal(Conditioning.from_comfy(core(3584, attention_mask=hidden), QWEN).mask, hidden)


@pytest.mark.parametrize(
    "given",
    [
        [],
        core(3584) * 2,
        core(3584, batch=2),
        core(3584, area=(8, 8, 0, 0)),
        core(3584, mask=torch.ones(1, 8, 8)),
        core(3584, start_percent=0.5),
        core(3584, end_percent=0.5),
        core(3584, control=object()),
    ],
)
def test_what_cannot_be_followed_is_refused(given):
    with pytest.raises(BadInput):
        Conditioning.from_comfy(given, QWEN)


def test_a_tiny_model_is_checked_by_its_own_config():
    config = {"joint_attention_dim": 32}
    assert Conditioning.from_comfy(core(32), QWEN, config).embeds.shape == (1, 7, 32)
    with pytest.raises(BadInput):
        Conditioning.from_comfy(core(3584), QWEN, config)
