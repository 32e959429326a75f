"""The forms of a latent against diffusers' own packing, and sizes and pixels of an edit."""

from __future__ import annotations

import diffusers
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.local import latents, reference
from switchyard.engine.local.family import families
from switchyard.engine.local.seen_pictures import fitted

KINDS = tuple(latents.GRIDS)
EXACT = {"atol": 0.0, "rtol": 0.0}


def noise(kind, width=96, height=64, batch=2, layers=1):
    shape = latents.empty(kind, width, height, batch, layers).shape
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_come_back_as_the_same_latents(kind):
    found = latents.pack(kind, noise(kind))
    assert found.shape[:2] == (2, latents.token_count(kind, 96, 64))
    torch.testing.assert_close(latents.unpack(kind, found, 96, 64), noise(kind), **EXACT)


def test_packing_is_the_pipelines_own():
    qwen = noise("qwen")
    packed = diffusers.QwenImagePipeline._pack_latents(qwen[:, :, 0].contiguous(), 2, 16, 8, 12)
    torch.testing.assert_close(latents.pack("qwen", qwen), packed, **EXACT)
    layers = noise("qwen", layers=3)
    packed = diffusers.QwenImageLayeredPipeline._pack_latents(
        layers.movedim(2, 1).contiguous(), 2, 16, 8, 12, 3
    )
    torch.testing.assert_close(latents.pack("qwen", layers), packed, **EXACT)
    torch.testing.assert_close(latents.unpack("qwen", packed, 96, 64), layers, **EXACT)
    flux = noise("flux1")
    packed = diffusers.FluxPipeline._pack_latents(flux, 2, 16, 8, 12)
    torch.testing.assert_close(latents.pack("flux1", flux), packed, **EXACT)
    flux = noise("flux2")
    torch.testing.assert_close(
        latents.pack("flux2", flux), diffusers.Flux2Pipeline._pack_latents(flux), **EXACT
    )
    torch.testing.assert_close(
        latents.patchify(flux), diffusers.Flux2Pipeline._patchify_latents(flux), **EXACT
    )
    torch.testing.assert_close(latents.unpatchify(latents.patchify(flux)), flux, **EXACT)
    if not hasattr(diffusers, "QwenImage21Pipeline"):
        return
    wide = noise("qwen21")
    packed = diffusers.QwenImage21Pipeline._pack_latents(wide[:, :, 0].contiguous(), 2, 64, 4, 6)
    torch.testing.assert_close(latents.pack("qwen21", wide), packed, **EXACT)


@pytest.mark.parametrize("kind", KINDS)
def test_comfyui_s_scale_and_back(kind):
    if kind == "qwen21":
        pytest.importorskip("diffusers", "0.42")
    samples = noise(kind)
    there = latents.from_comfy(kind, samples)
    torch.testing.assert_close(latents.to_comfy(kind, there), samples, atol=1e-5, rtol=0)
    if kind == "flux1":
        torch.testing.assert_close(there, (samples - 0.1159) * 0.3611, atol=1e-6, rtol=0)
    if kind == "flux2":
        torch.testing.assert_close(there, samples, **EXACT)
    if kind == "qwen":
        torch.testing.assert_close(there[:, 0], (samples[:, 0] + 0.7571) / 2.8184, atol=1e-6, rtol=0)


def test_an_empty_latent_of_core_has_no_frames_and_fits_qwen():
    assert latents.from_comfy("qwen", torch.zeros(1, 16, 8, 12)).shape == (1, 16, 1, 8, 12)


def test_a_latent_of_another_kind_or_off_the_grid_is_refused():
    with pytest.raises(BadInput, match="another kind"):
        latents.from_comfy("flux1", torch.zeros(1, 4, 8, 8))
    with pytest.raises(BadInput, match="another kind"):
        latents.from_comfy("flux1", torch.zeros(1, 16, 1, 8, 8))
    with pytest.raises(BadInput, match="resize it to 96x64"):
        latents.from_comfy("flux1", torch.zeros(1, 16, 9, 13))


@settings(deadline=None, max_examples=40)
@given(kind=st.sampled_from(KINDS), width=st.integers(16, 200), height=st.integers(16, 200))
def test_a_mask_of_any_size_lands_on_the_grid(kind, width, height):
    mask = torch.zeros(height, width)
    mask[:, width // 2 :] = 1
    found = latents.mask_of(kind, mask, 128, 64)
    side = latents.GRIDS[kind].pixels
    assert found.shape == (1, 1, 64 // side, 128 // side)
    assert found[..., 0].max() == 0 and found[..., -1].min() == 1


def test_an_edit_keeps_its_picture_s_size_on_the_grid():
    family = families()["qwen-image-edit-2511-local"]
    assert reference.output_size(family, [torch.zeros(1, 1000, 1500, 3)]) == (1504, 992)
    assert reference.output_size(family, [torch.zeros(1, 1000, 1500, 3)], width=768) == (768, 512)
    assert reference.output_size(family, [torch.zeros(1, 1000, 1500, 3)], height=512) == (768, 512)
    assert reference.output_size(family, [torch.zeros(1, 10, 10, 3)], width=640, height=480) == (640, 480)
    assert reference.output_size(family, [torch.zeros(20, 20, 3)]) == (64, 64)
    assert reference.output_size(families()["flux-2-dev-local"], [], 1000, 600) == (1008, 608)
    with pytest.raises(BadInput, match="not known"):
        reference.output_size(family, [], width=640)


@given(width=st.integers(32, 4000), height=st.integers(32, 4000), megapixels=st.floats(0.1, 2.0))
def test_a_picture_is_shown_to_text_encoder_and_vae_in_one_size(width, height, megapixels):
    family = families()["qwen-image-2.1-local"]
    area = int(megapixels * 1024 * 1024)
    assert reference.shown_size(family, width, height, megapixels) == fitted(width, height, area)
    assert reference.shown_size(family, width, height) == fitted(width, height, 1024 * 1024)


def test_reference_megapixels():
    flux, qwen = families()["flux-2-dev-local"], families()["qwen-image-edit-local"]
    assert reference.shown_size(flux, 3000, 2000, 1.0) == (1248, 832)
    assert reference.shown_size(flux, 3000, 2000, 0.25) == (624, 416)
    assert reference.shown_size(qwen, 1000, 600) == (992, 608)
    picture = torch.rand(1, 64, 128, 3)
    assert reference.shown(flux, picture) is picture
    assert reference.shown(flux, torch.rand(1, 300, 500, 4), 0.05).shape == (1, 176, 288, 4)


def test_what_is_outside_the_mask_is_the_source_to_the_last_bit():
    source, made = torch.rand(1, 60, 90, 3), torch.rand(2, 64, 96, 3)
    mask = torch.zeros(1, 30, 45)
    mask[:, 8:20, 10:30] = 1
    found = reference.composite(made, source, mask)
    assert found.shape == (2, 60, 90, 3)
    assert torch.equal(found[:, :15], source[:, :15].expand(2, -1, -1, -1))
    assert torch.equal(found[:, :, 62:], source[:, :, 62:].expand(2, -1, -1, -1))
    scaled = reference.resized(made, 90, 60)
    assert torch.equal(found[:, 20:36, 24:56], scaled[:, 20:36, 24:56])
    soft = reference.composite(torch.ones(1, 4, 4, 3), torch.zeros(1, 4, 4, 4), torch.full((1, 4, 4), 0.25))
    assert torch.equal(soft, torch.full((1, 4, 4, 3), 0.25))
