"""Qwen-Image's VAE as one of single frames against the untouched one of diffusers: the same numbers, a third of the weights."""

from __future__ import annotations

import copy

import diffusers
import pytest
import torch
from switchyard.engine.local import vae
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Part, Plain
from switchyard.engine.local.still import still

from .local_tiny import CLOSE, model

torch.set_num_threads(1)  # tensors this small take ten times as long on several

QWEN, LAYERED = "qwen-image-local", "qwen-image-layered-local"
MIDDLE = {"base_dim": 32, "num_res_blocks": 1}  # wide enough for rounding to show


class One:
    """A VAE as a model."""

    def __init__(self, row: str, module, dtype=torch.float32):
        self.family, self._part = families()[row], Part("vae", "vae", module, dtype)

    def part(self, role):
        return self._part


def pair(channels: int):
    torch.manual_seed(channels)
    plain = diffusers.AutoencoderKLQwenImage(**MIDDLE, input_channels=channels).eval().requires_grad_(False)
    for name, weight in plain.named_parameters():
        if name.endswith("gamma"):
            weight.add_(torch.randn_like(weight) / 10)
    changed = copy.deepcopy(plain)
    still(changed)
    return plain, changed


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("channels", (3, 4))
@pytest.mark.parametrize("tile", (0, 64))
def test_it_encodes_and_decodes_what_the_untouched_one_does(channels, tile):
    plain, changed = pair(channels)
    with torch.no_grad(), vae.tiled(plain, tile), vae.tiled(changed, tile):
        for _ in range(2):  # nothing stays of the first for the second
            picture = noise(1, channels, 1, 96, 128).clamp(-1, 1)
            found, wanted = (one.encode(picture).latent_dist.parameters for one in (changed, plain))
            torch.testing.assert_close(found, wanted, **CLOSE)
            latent = noise(1, 16, 1, 12, 16)
            found, wanted = (one.decode(latent).sample for one in (changed, plain))
            torch.testing.assert_close(found, wanted, **CLOSE)
            assert wanted.std() > 0.05


def test_layers_are_decoded_one_by_one():
    plain, changed = pair(4)
    samples = noise(2, 16, 3, 8, 12)
    found, wanted = (vae.decode(One(LAYERED, one), Plain(), samples) for one in (changed, plain))
    for here, there in zip(found, wanted, strict=True):
        torch.testing.assert_close(here, there, **CLOSE)
    assert found[0].shape == (6, 64, 96, 3)


def test_in_half_precision_it_is_as_near_to_the_truth():
    plain, changed = pair(3)
    latent = noise(1, 16, 1, 12, 16)
    with torch.no_grad():
        truth = plain.decode(latent).sample
        errors = [
            (one.to(torch.bfloat16).decode(latent.bfloat16()).sample.float() - truth).abs().mean()
            for one in (changed, plain)
        ]
    assert 0 < errors[0] < errors[1] * 1.2


def test_what_can_never_meet_a_number_is_gone_and_what_is_left_can_be_cast():
    plain, changed = pair(3)
    before, after = (sum(weight.numel() for weight in one.parameters()) for one in (plain, changed))
    assert after < before * 0.4
    own = {type(inner) for inner in changed.modules() if "weight" in inner._parameters}
    assert own == {torch.nn.Conv2d}  # the very classes that a host swaps for ones that cast and move


def test_frames_are_not_kept_and_several_are_refused():
    _, changed = pair(3)
    with torch.no_grad():
        changed.decode(noise(1, 16, 1, 8, 8))
        assert changed._feat_map is None and changed._enc_feat_map is None
        with pytest.raises(RuntimeError):
            changed.decoder(noise(1, 16, 2, 8, 8))


@pytest.mark.parametrize("row", ("flux-1-dev-local", "flux-2-dev-local", "qwen-image-2.1-local"))
def test_other_vaes_are_left_alone(row):
    module = copy.deepcopy(model(row).pipeline.vae)
    before = {name: type(inner) for name, inner in module.named_modules()}
    still(module)
    assert {name: type(inner) for name, inner in module.named_modules()} == before


def test_a_second_time_changes_nothing():
    _, changed = pair(3)
    before = {name: id(inner) for name, inner in changed.named_modules()}
    still(changed)
    assert {name: id(inner) for name, inner in changed.named_modules()} == before
