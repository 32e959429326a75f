"""Every layout of single files, against diffusers' own converters."""

from __future__ import annotations

import functools

import pytest
import torch
from switchyard.engine.local import layouts, weights
from switchyard.engine.local.family import families
from switchyard.tests.tiny import files, pipelines

from .local_files import FLUX_1, KLEIN, NEWEST, QWEN, error, single


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture
def built(tmp_path, configs):
    """(row, role, store) -> the module, from a single file."""
    return functools.partial(single, tmp_path, configs)


@pytest.mark.parametrize("row", (QWEN, FLUX_1, "flux-1-schnell-local", KLEIN, "flux-2-dev-local", *NEWEST))
@pytest.mark.parametrize("prefix", ("", "model.diffusion_model.", "diffusion_model."))
def test_a_transformer_is_the_same_with_any_prefix(built, row, prefix):
    theirs = pipelines.build(row).transformer.state_dict()
    ours = built(row, prefix=prefix).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("row", (QWEN, FLUX_1, KLEIN))
def test_what_a_constructor_computes_is_there(built, row):
    """Qwen's rotary tables are neither parameters nor buffers."""
    assert error(row, built(row)) < 1e-5


def test_norms_of_flux_1_may_be_called_weight_as_comfyui_saves_them(tmp_path, configs):
    state = {
        name.replace("_norm.scale", "_norm.weight"): tensor
        for name, tensor in files.comfy_state(FLUX_1, "transformer").items()
    }
    path = files.write(tmp_path / "flux.safetensors", state, "f32")
    module = weights.build(
        weights.draw(families()[FLUX_1].part("transformer"), path, configs=configs), torch.float32
    )
    assert error(FLUX_1, module) < 1e-5


def test_flux_1_is_cut_as_diffusers_cuts_it_at_its_real_width():
    """diffusers' converter knows the width 3072 alone: one block of each kind, every row marked by its
    number."""
    from diffusers.loaders.single_file_utils import convert_flux_transformer_checkpoint_to_diffusers

    marked = {name: marks(shape) for name, shape in flux_1_shapes(3072).items()}
    arrangement = layouts.arrange(
        "FluxTransformer2DModel", {name: tuple(t.shape) for name, t in marked.items()}
    )
    ours = {}
    for name, take in arrangement.items():
        rows = [marked[take.key][start:stop] for start, stop in take.rows] or [marked[take.key]]
        ours[name] = torch.cat([part.reshape(len(part), -1)[:, 0] for part in rows])
        assert take.shape[0] == len(ours[name])
    theirs = convert_flux_transformer_checkpoint_to_diffusers(dict(marked))
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        assert torch.equal(ours[name], tensor.reshape(len(tensor), -1)[:, 0]), name
        assert arrangement[name].shape == tuple(tensor.shape)


def marks(shape):
    """Row i is full of i, without the memory that it would take."""
    column = torch.arange(shape[0], dtype=torch.int32)
    return column if len(shape) == 1 else column[:, None].expand(shape)


def flux_1_shapes(width):
    embedder = {"time_in": 256, "guidance_in": 256, "vector_in": 768}
    linear = {f"{name}.in_layer": (width, size) for name, size in embedder.items()}
    linear |= {f"{name}.out_layer": (width, width) for name in embedder}
    linear |= {"img_in": (width, 64), "txt_in": (width, 4096), "final_layer.linear": (64, width)}
    linear |= {"final_layer.adaLN_modulation.1": (2 * width, width)}
    for stream in ("double_blocks.0.img", "double_blocks.0.txt"):
        linear |= {f"{stream}_mod.lin": (6 * width, width), f"{stream}_attn.qkv": (3 * width, width)}
        linear |= {
            f"{stream}_attn.proj": (width, width),
            f"{stream}_mlp.0": (4 * width, width),
            f"{stream}_mlp.2": (width, 4 * width),
        }
    linear |= {"single_blocks.0.linear1": (7 * width, width), "single_blocks.0.linear2": (width, 5 * width)}
    linear |= {"single_blocks.0.modulation.lin": (3 * width, width)}
    shapes = {f"{name}.weight": shape for name, shape in linear.items()} | {
        f"{name}.bias": shape[:1] for name, shape in linear.items()
    }
    norms = ("double_blocks.0.img_attn.norm", "double_blocks.0.txt_attn.norm", "single_blocks.0.norm")
    return shapes | {f"{norm}.{which}_norm.scale": (128,) for norm in norms for which in ("query", "key")}


def test_flux_2_is_cut_as_diffusers_cuts_it():
    from diffusers.loaders.single_file_utils import convert_flux2_transformer_checkpoint_to_diffusers

    state = files.comfy_state("flux-2-dev-local", "transformer")
    compare("Flux2Transformer2DModel", state, convert_flux2_transformer_checkpoint_to_diffusers(dict(state)))


def test_the_first_autoencoders_are_renamed_as_diffusers_does():
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    for row, name in ((FLUX_1, "AutoencoderKL"), ("flux-2-dev-local", "AutoencoderKLFlux2")):
        state = files.comfy_state(row, "vae")
        theirs = convert_ldm_vae_checkpoint(dict(state), dict(pipelines.build(row).vae.config))
        compare(name, state, theirs | {key: tensor for key, tensor in state.items() if key.startswith("bn.")})


def test_qwens_autoencoder_is_renamed_as_diffusers_does(configs):
    from diffusers import AutoencoderKLQwenImage
    from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers

    # diffusers' converter counts with the widths and the two blocks a level of the real model
    vae = AutoencoderKLQwenImage(base_dim=4, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2)
    state = files.in_comfy_layout(vae)
    compare("AutoencoderKLQwenImage", state, convert_wan_vae_to_diffusers(dict(state)))


def compare(class_name, state, theirs):
    arrangement = layouts.arrange(class_name, {name: tuple(tensor.shape) for name, tensor in state.items()})
    assert arrangement.keys() == theirs.keys()
    for name, take in arrangement.items():
        tensor = state[take.key]
        tensor = torch.cat([tensor[start:stop] for start, stop in take.rows]) if take.rows else tensor
        assert torch.equal(tensor.reshape(take.shape), theirs[name]), name


@pytest.mark.parametrize("row", (QWEN, "qwen-image-layered-local", *NEWEST, FLUX_1, KLEIN))
def test_a_vae_from_a_single_file_draws_the_same(built, row):
    ours, theirs = built(row, "vae"), pipelines.build(row).vae
    z = torch.randn(
        1,
        ours.config.get("latent_channels") or ours.config.z_dim,
        *([1] if row.startswith("qwen") else []),
        4,
        4,
    )
    with torch.no_grad():
        assert torch.allclose(ours.decode(z).sample, theirs.decode(z).sample, atol=1e-5)
