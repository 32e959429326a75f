"""Every way of storing weights, against its own error; what is not read is refused by name."""

from __future__ import annotations

import functools
import sys

import pytest
import torch
from safetensors.torch import save_file
from switchyard.engine.errors import BadInput
from switchyard.engine.local import weights
from switchyard.engine.local.family import families
from switchyard.engine.local.scaled_linear import ScaledLinear, rounded
from switchyard.tests.tiny import files, pipelines

from .local_files import FLUX_1, FP8, KLEIN, QWEN, error, single, write_gguf


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture
def built(tmp_path, configs):
    """(row, role, store) -> the module, from a single file."""
    return functools.partial(single, tmp_path, configs)


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
