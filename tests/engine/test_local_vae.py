"""Pixels to LATENT and back against diffusers' VAEs, tiles that really are tiles, alpha, and ComfyUI's own
VAE object."""

from __future__ import annotations

import copy

import diffusers
import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import latents, vae
from switchyard.engine.local.machine import Part, Plain
from switchyard.tests.tiny import pipelines

from .local_tiny import CLOSE, image, model, pixels

ROWS = {
    "qwen": "qwen-image-local",
    "layered": "qwen-image-layered-local",
    "qwen21": "qwen-image-2.1-local",
    "flux1": "flux-1-dev-local",
    "flux2": "flux-2-dev-local",
}
HERE = [name for name, row in ROWS.items() if row in pipelines.ROWS]
ALPHA = ("layered", "qwen21")


def picture(width=96, height=64, seed=0, channels=3):
    return pixels(image(width, height, seed, channels))


@pytest.mark.parametrize("name", ROWS)
def test_a_picture_becomes_the_latent_of_its_pipeline(name):
    tiny = model(ROWS[name])
    found = vae.encode_pixels(tiny, Plain(), picture(channels=4 if name in ALPHA else 3))
    kind = tiny.family.kind
    assert found.shape == latents.empty(kind, 96, 64).shape
    shell = tiny.pipeline
    if not hasattr(shell, "_encode_vae_image"):
        sibling = "QwenImageEditPipeline" if kind == "qwen" else "FluxKontextPipeline"
        parts = {**tiny.pipeline.components, **({"processor": None} if kind == "qwen" else {})}
        shell = getattr(diffusers, sibling)(**parts)
    given = picture(channels=4 if name in ALPHA else 3).movedim(-1, 1) * 2 - 1
    with torch.no_grad():
        wanted = shell._encode_vae_image(given.unsqueeze(2) if kind.startswith("qwen") else given, None)
    torch.testing.assert_close(latents.from_comfy(kind, found), wanted, **CLOSE)


@pytest.mark.parametrize("name", ROWS)
def test_a_latent_becomes_the_picture_of_its_vae(name):
    tiny = model(ROWS[name])
    samples = vae.encode_pixels(tiny, Plain(), torch.cat([picture(), picture(seed=1)]))
    images, masks = vae.decode(tiny, Plain(), samples)
    assert images.shape == (2, 64, 96, 3) and images.dtype == torch.float32
    assert images.min() >= 0 and images.max() <= 1
    assert (masks is not None) == (name in ALPHA)
    alone, mask = vae.decode(tiny, Plain(), samples[1:])
    torch.testing.assert_close(alone[0], images[1], **CLOSE)
    module = tiny.pipeline.vae
    with torch.no_grad():
        if name == "flux2":
            std = (module.bn.running_var + module.config.batch_norm_eps).sqrt().view(1, -1, 1, 1)
            raw = tiny.pipeline._unpatchify_latents(
                samples[1:] * std + module.bn.running_mean.view(1, -1, 1, 1)
            )
            plain = module.decode(raw).sample
        else:
            plain = module.decode(samples[1:]).sample
    plain = ((plain.reshape(-1, 64, 96) + 1) / 2).clamp(0, 1)
    torch.testing.assert_close(alone[0], plain[:3].movedim(0, -1), **CLOSE)
    if mask is not None:
        torch.testing.assert_close(mask[0], 1 - plain[3], **CLOSE)


def test_layers_become_pictures_with_alpha_bottom_first():
    tiny = model(ROWS["layered"])
    samples = torch.randn(2, 16, 3, 8, 12, generator=torch.Generator().manual_seed(1))
    images, masks = vae.decode(tiny, Plain(), samples)
    assert images.shape == (6, 64, 96, 3) and masks.shape == (6, 64, 96)
    single, _ = vae.decode(tiny, Plain(), samples[1:, :, 2:])
    torch.testing.assert_close(images[5], single[0], **CLOSE)


def test_a_vae_with_alpha_is_given_an_opaque_one_and_one_without_drops_it():
    for name in HERE:
        tiny = model(ROWS[name])
        bare = vae.encode_pixels(tiny, Plain(), picture())
        clear = torch.cat([picture(), torch.zeros(1, 64, 96, 1)], -1)
        opaque = torch.cat([picture(), torch.ones(1, 64, 96, 1)], -1)
        torch.testing.assert_close(vae.encode_pixels(tiny, Plain(), opaque), bare, **CLOSE)
        acts = (vae.encode_pixels(tiny, Plain(), clear) - bare).abs().max() > 1e-4
        assert bool(acts) == (name in ALPHA)


@pytest.mark.parametrize("name", ROWS)
def test_tiles_bound_what_the_decoder_is_given_and_leave_no_trace(name):
    tiny = model(ROWS[name])
    samples = latents.to_comfy(tiny.family.kind, latents.empty(tiny.family.kind, 160, 128) + 0.1)
    seen = []
    count = lambda module, given, made: seen.append(made.shape[-2:])  # noqa: E731
    hook = tiny.pipeline.vae.decoder.register_forward_hook(count)
    try:
        whole, _ = vae.decode(tiny, Plain(), samples)
        assert seen == [(128, 160)]
        seen.clear()
        tiles, _ = vae.decode(tiny, Plain(), samples, tile=64)
        assert len(seen) > 4 and max(max(size) for size in seen) <= 64
        seen.clear()
        again, _ = vae.decode(tiny, Plain(), samples)
        assert seen == [(128, 160)]
    finally:
        hook.remove()
    assert tiles.shape == whole.shape and tiles.max() <= 1
    torch.testing.assert_close(again, whole, **CLOSE)
    encoded = vae.encode_pixels(tiny, Plain(), picture(160, 128), tile=64)
    assert encoded.shape == samples.shape


def test_the_module_comes_back_untiled_when_a_tile_fails():
    tiny = model(ROWS["flux1"])

    def stop(*args):
        raise KeyboardInterrupt

    hook = tiny.pipeline.vae.decoder.register_forward_pre_hook(stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            vae.decode(tiny, Plain(), latents.empty("flux1", 160, 128), tile=64)
    finally:
        hook.remove()
    assert not tiny.pipeline.vae.use_tiling
    assert tiny.pipeline.vae.tile_sample_min_size == tiny.pipeline.vae.config.sample_size


FULL = (
    torch.cuda.OutOfMemoryError("no room"),
    RuntimeError("MPS backend out of memory (MPS allocated: 16.02 GB)"),
    RuntimeError("CUDA error: out of memory"),
)


@pytest.mark.parametrize("error", FULL, ids=("torch", "apple", "late"))
def test_out_of_memory_is_answered_with_tiles(error):
    tiny = model(ROWS["qwen"])

    def full(module, given):
        if given[0].shape[-1] > vae.TILE // 8:
            raise error

    samples = latents.empty("qwen", 640, 64)
    hook = tiny.pipeline.vae.decoder.register_forward_pre_hook(full)
    try:
        images, _ = vae.decode(tiny, Plain(), samples)
    finally:
        hook.remove()
    assert images.shape == (1, 64, 640, 3)
    with pytest.raises(type(error)):  # with tiles that are as large there is nothing left to try
        hook = tiny.pipeline.vae.decoder.register_forward_pre_hook(full)
        try:
            vae.decode(tiny, Plain(), samples, tile=640)
        finally:
            hook.remove()


def test_another_error_is_not_taken_for_a_full_card():
    tiny = model(ROWS["qwen"])

    def fail(module, given):
        raise RuntimeError("the sizes do not match")

    hook = tiny.pipeline.vae.decoder.register_forward_pre_hook(fail)
    try:
        with pytest.raises(RuntimeError, match="sizes"):
            vae.decode(tiny, Plain(), latents.empty("qwen", 64, 64))
    finally:
        hook.remove()


def test_a_part_may_have_a_device_of_its_own():
    """ComfyUI's --cpu-vae: the pixels go where the VAE is, not where the machine computes."""
    tiny = model(ROWS["flux1"])

    class Elsewhere(Plain):
        def __init__(self):
            super().__init__()
            self.device = torch.device("meta")

    class Kept:
        family = tiny.family

        def part(self, role):
            return Part("vae", role, tiny.pipeline.vae, torch.float32, device=torch.device("cpu"))

    samples = vae.encode_pixels(Kept(), Elsewhere(), picture())
    torch.testing.assert_close(samples, vae.encode_pixels(tiny, Plain(), picture()), **CLOSE)
    images, _ = vae.decode(Kept(), Elsewhere(), samples)
    torch.testing.assert_close(images, vae.decode(tiny, Plain(), samples)[0], **CLOSE)


def test_it_works_in_the_part_s_own_dtype():
    for name in HERE:
        tiny = model(ROWS[name])
        module = copy.deepcopy(tiny.pipeline.vae).to(torch.bfloat16)

        class Low:
            family = tiny.family

            def part(self, role, module=module):
                return Part("low", role, module, torch.bfloat16)

        samples = vae.encode_pixels(Low(), Plain(), picture())
        images, _ = vae.decode(Low(), Plain(), samples)
        assert samples.dtype == images.dtype == torch.float32
        exact, _ = vae.decode(tiny, Plain(), vae.encode_pixels(tiny, Plain(), picture()))
        assert (images - exact).abs().mean() < 0.05, name


def test_a_picture_off_the_grid_is_cut_at_the_middle():
    tiny = model(ROWS["flux1"])
    wide = picture(108, 70)
    found = vae.encode_pixels(tiny, Plain(), wide)
    torch.testing.assert_close(found, vae.encode_pixels(tiny, Plain(), wide[:, 3:67, 6:102]), **CLOSE)
    with pytest.raises(BadInput, match="too small"):
        vae.encode_pixels(tiny, Plain(), picture(12, 70))
    with pytest.raises(BadInput, match="shape"):
        vae.encode_pixels(tiny, Plain(), torch.zeros(64, 64, 3))


def test_cancel_is_looked_for_before_every_picture():
    left = [1]

    def cancelled():
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vae.decode(model(ROWS["flux1"]), Plain(cancelled=cancelled), latents.empty("flux1", 64, 64, batch=2))


class Core:
    """What ComfyUI's VAE object does for a video VAE, as far as shapes go: a batch is frames, and so is the
    result."""

    output_channels = 3

    def __init__(self):
        self.tiles = []

    def encode(self, given):
        assert given.shape[0] == 1 and given.shape[-1] == 3
        return given.mean() + torch.zeros(1, 16, 1, given.shape[1] // 8, given.shape[2] // 8)

    def decode(self, samples):
        assert samples.shape[:3] == (1, 16, 1)
        return samples.mean() + torch.zeros(1, 1, samples.shape[-2] * 8, samples.shape[-1] * 8, 3)

    def spacial_compression_decode(self):
        return 8

    def decode_tiled(self, samples, tile_x, tile_y, overlap):
        self.tiles.append((tile_x, tile_y, overlap))
        return self.decode(samples)


def test_comfyui_s_own_vae_is_taken_as_well():
    core = Core()
    given = torch.cat([torch.zeros(1, 64, 96, 4), torch.ones(1, 64, 96, 4)])
    samples = vae.encode_pixels(core, Plain(), given)
    assert samples.shape == (2, 16, 1, 8, 12)
    images, masks = vae.decode(core, Plain(), samples, tile=512)
    assert images.shape == (2, 64, 96, 3) and masks is None and core.tiles == [(64, 64, 16)] * 2
    assert images[0].max() == 0 and images[1].min() == 1
    layers, _ = vae.decode(core, Plain(), torch.zeros(1, 16, 3, 8, 12))
    assert layers.shape == (3, 64, 96, 3)


def test_the_room_for_tiles_is_that_of_one_tile():
    part = model(ROWS["flux1"]).part("vae")
    assert vae.activations(part, "flux1", 1024, 1024) == 1024 * 1024 * 1050 * 4
    assert vae.activations(part, "flux1", 1024, 1024, 256) == 256 * 256 * 1050 * 4
