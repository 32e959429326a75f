"""Building modules from files: every layout against diffusers' own converters, every way of storing against
its error."""

from __future__ import annotations

import gc
import json
import sys
import threading
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from switchyard.engine.errors import BadInput
from switchyard.engine.local import gguf_file, layouts, measure, weights
from switchyard.engine.local.family import families
from switchyard.engine.local.files import Header, read_header
from switchyard.engine.local.hollow import emptiness, hollow
from switchyard.engine.local.scaled_linear import ScaledLinear, rounded
from switchyard.tests.tiny import files, pipelines

NEWEST = tuple(row for row in pipelines.ROWS if row == "qwen-image-2.1-local")
FP8 = torch.float8_e4m3fn
QWEN, FLUX_1, KLEIN = "qwen-image-local", "flux-1-dev-local", "flux-2-klein-4b-local"


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture
def built(tmp_path, configs):
    """(row, role, store) -> the module, from a single file."""

    def make(row, role="transformer", store="f32", *, dtype=torch.float32, prefix="", depth=0):
        suffix = "gguf" if store in ("Q8_0", "BF16") else "safetensors"
        path = files.single(tmp_path / f"{row}-{role}-{store}.{suffix}", row, role, store, prefix=prefix)
        return weights.build(weights.draw(families()[row].part(role), path, depth, configs), dtype)

    return make


def run(row, module, dtype=torch.float32):
    """One step of a tiny transformer, with the same numbers every time."""
    torch.manual_seed(1)
    config = module.config
    tokens = torch.randn(1, 16, config.in_channels).to(dtype)
    words = torch.randn(1, 8, config.joint_attention_dim).to(dtype)
    given = {
        "hidden_states": tokens,
        "encoder_hidden_states": words,
        "timestep": torch.tensor([0.5], dtype=dtype),
    }
    if row == QWEN:
        given["img_shapes"] = [[(1, 4, 4)]]
    else:
        axes = 3 if row == FLUX_1 else 4
        given |= {"img_ids": torch.randint(0, 4, (16, axes)).float(), "txt_ids": torch.zeros(8, axes)}
    if row == FLUX_1:
        pooled = torch.randn(1, config.pooled_projection_dim).to(dtype)
        given |= {"guidance": torch.tensor([3.5], dtype=dtype), "pooled_projections": pooled}
    with torch.no_grad():
        return module(**given, return_dict=False)[0]


def error(row, module, dtype=torch.float32):
    """How far off the original's answer it is, as a part of it."""
    true = run(row, pipelines.build(row).transformer)
    return ((run(row, module, dtype).float() - true).norm() / true.norm()).item()


# --- layouts


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

    for row, name in ((FLUX_1, "AutoencoderKL"), (KLEIN, "AutoencoderKLFlux2")):
        state = files.comfy_state(row, "vae")
        theirs = convert_ldm_vae_checkpoint(dict(state), dict(pipelines.build(row).vae.config))
        compare(name, state, theirs | {key: tensor for key, tensor in state.items() if key.startswith("bn.")})


def test_qwens_autoencoder_is_renamed_as_diffusers_does(configs):
    from diffusers import AutoencoderKLQwenImage
    from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers

    # diffusers' converter counts with the widths and the two blocks a level of the real model
    vae = AutoencoderKLQwenImage(base_dim=4, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2)
    state = files._wan_vae(vae.state_dict())
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


# --- text encoders


@pytest.mark.parametrize("row", (KLEIN, "flux-2-dev-local"))
def test_a_cut_encoder_gives_the_same_hidden_states(built, row):
    family = families()[row]
    whole = pipelines.build(row).text_encoder
    short = built(row, "text_encoder", depth=max(family.out_layers))
    assert len(short.layers) == max(family.out_layers)
    ids = torch.randint(4, 200, (1, 12))
    with torch.no_grad():
        ours = short(ids, output_hidden_states=True).hidden_states
        theirs = whole(ids, output_hidden_states=True).hidden_states
    for layer in family.out_layers:
        assert torch.allclose(ours[layer], theirs[layer], atol=1e-5), layer


def test_an_encoder_that_is_too_short_is_refused(tmp_path, configs):
    state = {
        name: tensor
        for name, tensor in files.comfy_state(KLEIN, "text_encoder").items()
        if not name.startswith("model.layers.2")
    }
    state |= {
        name: tensor
        for name, tensor in files.comfy_state(KLEIN, "text_encoder").items()
        if name.startswith("model.layers.2.")
    }
    path = files.write(tmp_path / "short.safetensors", state)
    with pytest.raises(BadInput, match=r"has 20 layers, and .* is read up to layer 27"):
        weights.draw(families()[KLEIN].part("text_encoder"), path, 27, configs)


@pytest.mark.parametrize(
    ("row", "role"),
    (
        (QWEN, "text_encoder"),
        *((row, "text_encoder") for row in NEWEST),
        (FLUX_1, "text_encoder"),
        (FLUX_1, "text_encoder_2"),
    ),
)
def test_an_encoder_reads_the_same_and_has_no_language_head(built, row, role):
    whole = getattr(pipelines.build(row), role)
    ours, theirs = built(row, role), getattr(whole, "model", whole) if row != FLUX_1 else whole
    assert not any("lm_head" in name for name in ours.state_dict())
    ids = torch.randint(5, 90, (1, 10))
    with torch.no_grad():
        assert torch.allclose(
            ours(input_ids=ids).last_hidden_state, theirs(input_ids=ids).last_hidden_state, atol=1e-5
        )


@pytest.mark.parametrize(
    ("row", "role"), ((QWEN, "text_encoder"), (KLEIN, "text_encoder"), (FLUX_1, "text_encoder_2"))
)
@pytest.mark.parametrize("dtype", (torch.float32, torch.bfloat16))
def test_a_scaled_fp8_encoder_reads_nearly_the_same(built, row, role, dtype):
    """The file that most have. T5 reads the type of one of its weights, which must not be fp8 then."""
    whole = getattr(pipelines.build(row), role)
    ours, theirs = (
        built(row, role, "scaled", dtype=dtype),
        getattr(whole, "model", whole) if row != FLUX_1 else whole,
    )
    assert any(isinstance(layer, ScaledLinear) for layer in ours.modules())
    ids = torch.randint(5, 90, (1, 10))
    with torch.no_grad():
        near, true = ours(input_ids=ids).last_hidden_state.float(), theirs(input_ids=ids).last_hidden_state
    assert ((near - true).norm() / true.norm()) < (0.2 if row == KLEIN else 0.08)  # klein: through 29 layers


# --- ways of storing


@pytest.mark.parametrize(
    ("store", "limit"), (("bf16", 0.01), ("fp8", 0.08), ("scaled", 0.06), ("scaled2", 0.06))
)
@pytest.mark.parametrize("row", (QWEN, FLUX_1, KLEIN))
def test_the_error_of_a_way_of_storing_is_its_own(built, row, store, limit):
    module = built(row, store=store)
    assert 0 < error(row, module.float()) < limit


@pytest.mark.parametrize("store", ("fp8", "scaled", "scaled2"))
@pytest.mark.parametrize("row", (QWEN, FLUX_1, KLEIN))
def test_fp8_stays_fp8_where_a_linear_layer_reads_it(built, row, store):
    module = built(row, store=store, dtype=torch.bfloat16)
    for layer in module.modules():
        own = list(layer.parameters(recurse=False))
        if isinstance(layer, torch.nn.Linear):
            assert layer.weight.dtype == FP8 and type(layer) is (
                torch.nn.Linear if store == "fp8" else ScaledLinear
            )
        else:
            assert all(tensor.dtype == torch.bfloat16 for tensor in own)
    if store != "fp8":
        assert error(row, module, torch.bfloat16) < 0.08


def test_a_scale_survives_what_a_host_does_to_a_module(built):
    module = built(FLUX_1, store="scaled", dtype=torch.bfloat16).to(torch.bfloat16).to("cpu").float()
    layer = module.transformer_blocks[0].attn.to_q
    assert layer.weight.dtype == FP8 and layer.scale.dtype == torch.float32
    assert error(FLUX_1, module) < 0.06


def test_a_scaled_layer_takes_changes_as_it_runs_and_for_good():
    torch.manual_seed(0)
    layer, x = ScaledLinear(32, 16, True), torch.randn(3, 32)
    true, added = torch.randn(16, 32), torch.randn(16, 32) * 0.1
    layer.scale = (true.abs().amax(dim=1, keepdim=True) / 400).float()
    layer.weight = torch.nn.Parameter((true / layer.scale).to(FP8), requires_grad=False)
    before = layer(x)
    layer.weight_function = [lambda weight: weight + added]
    running = layer(x)
    assert torch.allclose(running, before + x @ added.T, atol=1e-4)
    layer.weight_function = []
    layer.set_weight(layer.convert_weight(layer.weight.float()) + added)
    assert layer.weight.dtype == FP8
    assert ((layer(x) - running).norm() / running.norm()) < 0.05


@pytest.mark.parametrize("narrow", (torch.float8_e4m3fn, torch.float8_e5m2))
def test_what_is_less_than_a_step_of_fp8_is_not_lost(narrow):
    for value in (1.0, 1.9, 100.0, 0.003, 1e-4, 0.0, -1.3):
        weight = torch.full((200, 200), value)
        many = rounded(weight, narrow, 1)
        assert many.float().mean().item() == pytest.approx(value, rel=0.01, abs=2e-5)
        assert len(many.float().unique()) <= 2
        assert torch.equal(many.float(), rounded(weight, narrow, 1).float())
    exact = torch.tensor([0.5, 1.0, 1.25, -448.0, 2.0**-9, 0.0])
    exact = exact.to(narrow).float()
    assert all(torch.equal(rounded(exact, narrow, seed).float(), exact) for seed in range(20))
    assert rounded(torch.tensor([1e9, -1e9]), narrow, 0).float().abs().max() == torch.finfo(narrow).max


def test_scales_by_row_follow_their_rows_through_a_cut(tmp_path, configs):
    state = files.comfy_state(FLUX_1, "transformer")
    name = "double_blocks.0.img_attn.qkv"
    weight = state[f"{name}.weight"]
    scale = weight.abs().amax(dim=1).float() / 448
    stored = {**state, f"{name}.weight": (weight / scale[:, None]).to(FP8), f"{name}.weight_scale": scale}
    save_file(stored, tmp_path / "rows.safetensors")
    plan = weights.draw(
        families()[FLUX_1].part("transformer"), tmp_path / "rows.safetensors", configs=configs
    )
    module = weights.build(plan, torch.float32)
    layer = module.transformer_blocks[0].attn.to_k
    assert torch.equal(layer.scale[:, 0], scale.chunk(3)[1])
    true = weight.chunk(3)[1]
    assert ((layer.convert_weight(layer.weight.float()) - true).norm() / true.norm()) < 0.04


@pytest.mark.parametrize(
    ("extra", "kind"),
    (
        ({"transformer_blocks.0.attn.to_q.weight_scale_2": torch.ones(())}, "nvfp4"),
        ({"transformer_blocks.0.attn.to_q.weight.absmax": torch.ones(4)}, "bitsandbytes"),
        ({"transformer_blocks.0.attn.to_q.qweight": torch.ones(4, dtype=torch.int32)}, "nunchaku"),
        ({"transformer_blocks.0.attn.to_q.weight": torch.ones(32, 32, dtype=torch.int8)}, "I8"),
        ({"transformer_blocks.0.attn.to_q.weight": torch.ones(32, 32, dtype=torch.int8),
          "transformer_blocks.0.attn.to_q.weight_scale": torch.ones(())}, "int8"),
        ({"transformer_blocks.0.attn.to_q.weight": torch.ones(32, 32).to(FP8),
          "transformer_blocks.0.attn.to_q.weight_scale": torch.ones(32, 2)}, "fp8 in blocks"),
    ),
)  # fmt: skip
def test_a_quantisation_that_is_not_read_is_refused_by_name(tmp_path, configs, extra, kind):
    path = tmp_path / "quantised.safetensors"
    save_file({**files.comfy_state(QWEN, "transformer"), **extra}, path)
    with pytest.raises(BadInput, match=f"quantised as {kind}.*take the bf16, fp16 or fp8 file"):
        weights.build(
            weights.draw(families()[QWEN].part("transformer"), path, configs=configs), torch.float32
        )


# --- GGUF


@pytest.mark.parametrize(("store", "limit"), (("BF16", 0.01), ("Q8_0", 0.02)))
@pytest.mark.parametrize("row", (QWEN, FLUX_1, KLEIN))
def test_gguf_stays_quantised(built, row, store, limit):
    pytest.importorskip("gguf")
    module = built(row, store=store)
    assert 0 < error(row, module.float()) < limit
    quantised = [m for m in module.modules() if type(m).__name__ == "GGUFLinear"]
    assert bool(quantised) == (store == "Q8_0") and all(m.weight.dtype == torch.uint8 for m in quantised)


def test_gguf_without_its_package_says_what_to_install(tmp_path, configs, monkeypatch):
    path = tmp_path / "model.gguf"
    write_gguf(path, {name: tuple(t.shape) for name, t in files.comfy_state(QWEN, "transformer").items()})
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(BadInput, match="pip install gguf"):
        weights.build(
            weights.draw(families()[QWEN].part("transformer"), path, configs=configs), torch.float32
        )


def write_gguf(path, shapes):
    """A GGUF file of float32 zeros, by hand."""

    def text(word):
        return len(word).to_bytes(8, "little") + word.encode()

    head = b"GGUF" + (3).to_bytes(4, "little") + len(shapes).to_bytes(8, "little") + (2).to_bytes(8, "little")
    head += text("general.architecture") + (8).to_bytes(4, "little") + text("tiny")
    head += (
        text("words")
        + (9).to_bytes(4, "little")
        + (8).to_bytes(4, "little")
        + (2).to_bytes(8, "little")
        + text("a")
        + text("b")
    )
    offset = 0
    for name, shape in shapes.items():
        head += (
            text(name)
            + len(shape).to_bytes(4, "little")
            + b"".join(size.to_bytes(8, "little") for size in reversed(shape))
        )
        head += (0).to_bytes(4, "little") + offset.to_bytes(8, "little")
        offset += -(-4 * torch.Size(shape).numel() // 32) * 32
    head += bytes(-len(head) % 32)
    path.write_bytes(head + bytes(offset))


def test_a_gguf_header_is_read_without_the_package(tmp_path):
    write_gguf(tmp_path / "a.gguf", {"x.weight": (3, 64), "y": (7,)})
    entries = read_header(tmp_path / "a.gguf").entries
    assert {name: (entry.dtype, entry.shape) for name, entry in entries.items()} == {
        "x.weight": ("F32", (3, 64)),
        "y": ("F32", (7,)),
    }
    whole = (tmp_path / "a.gguf").read_bytes()
    for length in (0, 3, 8, 20, 60, 100, 150, len(whole) - 40):
        (tmp_path / f"{length}.gguf").write_bytes(whole[:length])
        with pytest.raises(BadInput):
            read_header(tmp_path / f"{length}.gguf")


# --- spoilt files


def test_a_parameter_that_is_missing_is_named_and_nothing_is_left_behind(tmp_path, configs):
    state = files.comfy_state(FLUX_1, "transformer")
    state.pop("double_blocks.1.img_mlp.2.weight")
    plan = weights.draw(
        families()[FLUX_1].part("transformer"),
        files.write(tmp_path / "m.safetensors", state),
        configs=configs,
    )
    from diffusers import FluxTransformer2DModel

    gc.collect()
    before = {id(one) for one in gc.get_objects() if type(one) is FluxTransformer2DModel}
    with pytest.raises(BadInput, match=r"transformer_blocks\.1\.ff\.net\.2\.weight is not in it"):
        weights.build(plan, torch.float32)
    gc.collect()
    assert not [
        one for one in gc.get_objects() if type(one) is FluxTransformer2DModel and id(one) not in before
    ]


def test_a_parameter_of_another_size_is_told(tmp_path, configs):
    state = files.comfy_state(QWEN, "transformer")
    state["transformer_blocks.1.attn.to_q.weight"] = torch.zeros(32, 48)
    plan = weights.draw(
        families()[QWEN].part("transformer"), files.write(tmp_path / "m.safetensors", state), configs=configs
    )
    with pytest.raises(BadInput, match="is 32×48, not 32×32"):
        weights.build(plan, torch.float32)


def test_a_tensor_that_nobody_takes_is_told(tmp_path, configs):
    state = files.comfy_state(QWEN, "transformer") | {"controlnet.weight": torch.zeros(2, 2)}
    plan = weights.draw(
        families()[QWEN].part("transformer"), files.write(tmp_path / "m.safetensors", state), configs=configs
    )
    with pytest.raises(BadInput, match=r"nothing there takes controlnet\.weight"):
        weights.build(plan, torch.float32)


def test_layers_may_be_gone_but_not_from_the_middle(tmp_path, configs):
    state = files.comfy_state(FLUX_1, "transformer")
    part = families()[FLUX_1].part("transformer")
    fewer = {name: tensor for name, tensor in state.items() if not name.startswith("single_blocks.1.")}
    assert (
        weights.draw(part, files.write(tmp_path / "lite.safetensors", fewer), configs=configs).config[
            "num_single_layers"
        ]
        == 1
    )
    holed = {name.replace("single_blocks.1.", "single_blocks.2."): tensor for name, tensor in state.items()}
    with pytest.raises(BadInput, match="is not complete"):
        weights.draw(part, files.write(tmp_path / "holed.safetensors", holed), configs=configs)


def test_the_wrong_kind_of_file_is_told_by_what_it_is(tmp_path, configs):
    path = files.single(tmp_path / "vae.safetensors", FLUX_1, "vae")
    with pytest.raises(
        BadInput,
        match="holds a AutoencoderKL, and the transformer flux-1-dev, a FluxTransformer2DModel, was wanted",
    ):
        weights.draw(families()[FLUX_1].part("transformer"), path, configs=configs)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    (
        ("model.ckpt", b"PK\x03\x04", "pickle"),
        ("model.bin", b"\x80\x02", "pickle"),
        ("model.txt", b"words", "not a file of weights"),
        ("model.safetensors", b"", "a page or a note"),
        ("model.safetensors", b"<!DOCTYPE html><html>", "a page or a note"),
        ("model.safetensors", b"version https://git-lfs.github.com/spec/v1", "a page or a note"),
        ("model.safetensors", (2**40).to_bytes(8, "little") + b"{}", "not a safetensors file"),
        ("model.safetensors", (5000).to_bytes(8, "little") + b"{}", "cut short"),
        ("model.safetensors", (4).to_bytes(8, "little") + b"oops", "header that cannot be read"),
        ("model.safetensors", (2).to_bytes(8, "little") + b"[]", "header that cannot be read"),
        ("model.gguf", b"GGML1234", "header that cannot be read"),
    ),
)
def test_a_file_that_is_no_weights_gets_one_sentence(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=message) as caught:
        read_header(tmp_path / name)
    assert str(tmp_path) not in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"gone\.safetensors cannot be read"):
        read_header(tmp_path / "gone.safetensors")


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    path = files.single(tmp_path_factory.mktemp("fuzz") / "whole.safetensors", FLUX_1, "vae")
    return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_header_is_read_or_refused_whatever_is_in_it(example, tmp_path_factory, data):
    length = int.from_bytes(example[:8], "little")
    place = data.draw(st.integers(0, length + 7))
    piece = data.draw(st.binary(max_size=12))
    cut = data.draw(st.sampled_from((len(example), len(example) - 1, length + 8, length // 2)))
    spoilt = (example[:place] + piece + example[place + len(piece) :])[:cut]
    path = tmp_path_factory.mktemp("case") / data.draw(st.sampled_from(("a.safetensors", "a.gguf")))
    path.write_bytes(spoilt if path.suffix != ".gguf" else b"GGUF\x03\x00\x00\x00" + spoilt)
    try:
        assert isinstance(read_header(path), Header)
    except BadInput as error:
        assert "\n" not in str(error)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(("dtype", "shape", "data_offsets", "x")), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory, value):
    text = json.dumps(value).encode()
    path = tmp_path_factory.mktemp("case") / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    try:
        read_header(path)
    except BadInput as error:
        assert "\n" not in str(error)


# --- how it is loaded


def test_weights_are_the_files_own_and_not_a_copy(tmp_path, configs):
    """A parameter's bytes lie as far behind the next one's as in the file: nobody has copied them."""
    path = files.single(tmp_path / "m.safetensors", QWEN, "transformer")
    module = weights.build(
        weights.draw(families()[QWEN].part("transformer"), path, configs=configs), torch.bfloat16
    )
    length = int.from_bytes(path.read_bytes()[:8], "little")
    table = json.loads(path.read_bytes()[8 : 8 + length])
    starts = {name: item["data_offsets"][0] for name, item in table.items() if name != "__metadata__"}
    distances = {
        tensor.data_ptr() - starts[name] for name, tensor in module.state_dict().items() if tensor.numel()
    }
    assert len(distances) == 1


def test_only_what_this_thread_builds_is_made_empty():
    seen = {}

    def elsewhere():
        seen["there"] = torch.empty(2).device.type

    with emptiness():
        seen["here"] = torch.empty(2).device.type
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen == {"here": "meta", "there": "cpu"} and torch.empty(2).device.type == "cpu"


def test_a_module_dies_when_nobody_holds_it(built):
    module = weakref.ref(built(FLUX_1))
    gc.collect()
    assert module() is None


def test_wide_weights_are_narrowed_to_what_is_computed_in(built):
    module = built(KLEIN, store="f32", dtype=torch.bfloat16)
    assert {tensor.dtype for tensor in module.parameters()} == {torch.bfloat16}


def test_a_class_that_the_installed_library_lacks_is_told():
    with pytest.raises(
        BadInput, match=r"needs QwenImage99, which the installed diffusers .* does not have: update"
    ):
        hollow("QwenImage99", {}, "model.safetensors")


def test_a_file_that_changed_after_it_was_looked_at_is_not_read(tmp_path, configs):
    path = files.single(tmp_path / "m.safetensors", QWEN, "transformer")
    plan = weights.draw(families()[QWEN].part("transformer"), path, configs=configs)
    files.single(path, FLUX_1, "transformer")
    with pytest.raises(BadInput, match="has changed since"):
        weights.build(plan, torch.float32)


def test_every_bundled_config_is_used_and_every_part_has_one():
    wanted = {part.config for family in families().values() for part in family.weights}
    assert {path.stem for path in measure.CONFIGS.glob("*.json")} == wanted
    assert gguf_file.TYPES[8] == ("Q8_0", 32, 34)
