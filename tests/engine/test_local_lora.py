"""LoRA files of every layout, on every kind of transformer: equal to weights that were merged by hand."""

import pytest
import torch
from switchyard.engine.local import lora as engine
from switchyard.engine.local.weights import build, draw
from switchyard.tests.tiny import files, loras

from .local_loras import FLUX, ROWS, Q, close, family, forward, output, read, state, transformer


@pytest.mark.parametrize("layout", loras.LAYOUTS)
@pytest.mark.parametrize("name", ROWS)
def test_the_modules_own_names(tmp_path, name, layout):
    first, second = loras.layers(state(name), 1), loras.layers(state(name), 2)
    found = [
        read(loras.write(tmp_path / f"{n}.safetensors", lora, layout), name)
        for n, lora in enumerate((first, second))
    ]
    assert [(one.used, one.word) for one in found] == [(len(first), "")] * 2
    patched = loras.apply(state(name), [(found[0].patches, 0.8), (found[1].patches, -0.5)])
    close(patched, loras.merged(state(name), (first, 0.8), (second, -0.5)))


@pytest.mark.parametrize("layout", ["comfy", "kohya", "bare", "lightning"])
@pytest.mark.parametrize("name", FLUX)
def test_the_names_of_black_forest_labs(tmp_path, name, layout):
    """The whole way round: their model with the LoRA merged into it, loaded, against ours with the LoRA patched on."""
    theirs = files.comfy_state(ROWS[name], "transformer")
    lora = loras.layers(theirs, 3)
    found = read(loras.write(tmp_path / "lora.safetensors", lora, layout), name)
    assert (found.used, found.word) == (len(lora), "")
    whole = files.write(tmp_path / "whole.safetensors", loras.merged(theirs, (lora, 0.7)), "f32")
    weights = family(name).part("transformer")
    merged = build(draw(weights, whole, configs=files.configs(tmp_path / "configs")), torch.float32)
    patched = loras.apply(state(name), [(found.patches, 0.7)])
    close(patched, merged.state_dict())
    if name != "qwen21":
        assert torch.allclose(output(name, patched), forward(name, merged), rtol=0, atol=1e-5)
        assert not torch.allclose(output(name, patched), forward(name, transformer(name)), rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", FLUX)
def test_the_attention_of_single_blocks_alone(tmp_path, name):
    """`linear1_qkv`, XLabs' names, and queries apart from the weight that they stand in."""
    width = state(name)["x_embedder.weight"].shape[0]
    up, down = torch.randn(3 * width, 4), torch.randn(4, width)
    block = "single_transformer_blocks.1.attn"
    expected = {key: weight.clone() for key, weight in state(name).items()}
    if name == "flux1":
        for number, part in enumerate("qkv"):
            expected[f"{block}.to_{part}.weight"] += (up @ down)[number * width : (number + 1) * width]
        names = ["diffusion_model.single_blocks.1.linear1_qkv", "single_blocks.1.processor.qkv_lora"]
    else:
        expected[f"{block}.to_qkv_mlp_proj.weight"][: 3 * width] += up @ down
        names = ["diffusion_model.single_blocks.1.linear1_qkv", f"transformer.{block}.to_qkv"]
    for layer in names:
        ends = ("down.weight", "up.weight") if "processor" in layer else ("lora_A.weight", "lora_B.weight")
        path = loras.save(tmp_path / "a.safetensors", {f"{layer}.{ends[0]}": down, f"{layer}.{ends[1]}": up})
        close(loras.apply(state(name), [(read(path, name).patches, 1.0)]), expected)
    if name != "flux1":
        apart = {
            f"transformer.{block}.to_{part}": (up[n * width : (n + 1) * width], down, None)
            for n, part in enumerate("qkv")
        }
        path = loras.write(tmp_path / "b.safetensors", apart, "bare")
        close(loras.apply(state(name), [(read(path, name).patches, 1.0)]), expected)


def test_xlabs_double_blocks(tmp_path):
    width = 32
    tensors = {}
    for number in (1, 2):
        for part, rows in (("qkv", 3 * width), ("proj", width)):
            stem = f"double_blocks.0.processor.{part}_lora{number}"
            tensors |= {
                f"{stem}.down.weight": torch.randn(4, width),
                f"{stem}.up.weight": torch.randn(rows, 4),
            }
    found = read(loras.save(tmp_path / "x.safetensors", tensors), "flux1")
    assert found.used == found.found == 4
    patched = loras.apply(state("flux1"), [(found.patches, 1.0)])
    added = (
        patched["transformer_blocks.0.attn.to_add_out.weight"]
        - state("flux1")["transformer_blocks.0.attn.to_add_out.weight"]
    )
    stem = "double_blocks.0.processor.proj_lora2"
    assert torch.allclose(added, tensors[f"{stem}.up.weight"] @ tensors[f"{stem}.down.weight"], atol=1e-5)


@pytest.mark.parametrize("kind", ["lokr", "lokr whole", "loha", "dora"])
def test_other_kinds_on_fused_projections(tmp_path, kind):
    """96 rows as 8 blocks of 12, so that no third begins where a block does."""
    parts, delta = _fused(kind)
    theirs = files.comfy_state(ROWS["flux1"], "transformer")
    layer = "double_blocks.1.img_attn.qkv"
    path = loras.save(
        tmp_path / "a.safetensors", {f"lora_unet_{layer.replace('.', '_')}.{k}": v for k, v in parts.items()}
    )
    found = read(path, "flux1")
    patched = loras.apply(state("flux1"), [(found.patches, 0.6)])
    base = theirs[f"{layer}.weight"]
    changed = base + delta
    if kind == "dora":
        changed = changed * (parts["dora_scale"] / changed.norm(dim=1, keepdim=True))
    expected = base + 0.6 * (changed - base)
    now = torch.cat([patched[f"transformer_blocks.1.attn.to_{part}.weight"] for part in "qkv"])
    assert torch.allclose(now, expected, atol=1e-5)
    close(
        {k: v for k, v in patched.items() if ".1.attn.to_" not in k},
        {k: v for k, v in state("flux1").items() if ".1.attn.to_" not in k},
    )


def _fused(kind: str):
    source = torch.Generator().manual_seed(5)

    def noise(*shape):
        return torch.randn(shape, generator=source) * 0.3

    if kind == "lokr":
        parts = {
            "lokr_w1": noise(8, 4),
            "lokr_w2_a": noise(12, 2),
            "lokr_w2_b": noise(2, 8),
            "alpha": torch.tensor(1.0),
        }
        return parts, 0.5 * torch.kron(parts["lokr_w1"], parts["lokr_w2_a"] @ parts["lokr_w2_b"])
    if kind == "lokr whole":  # an alpha of such a one says nothing
        parts = {"lokr_w1": noise(8, 4), "lokr_w2": noise(12, 8), "alpha": torch.tensor(1e9)}
        return parts, torch.kron(parts["lokr_w1"], parts["lokr_w2"])
    if kind == "loha":
        parts = {
            f"hada_w{n}_{x}": noise(*shape) for n in (1, 2) for x, shape in (("a", (96, 4)), ("b", (4, 32)))
        }
        parts["alpha"] = torch.tensor(2.0)
        return parts, 0.5 * (parts["hada_w1_a"] @ parts["hada_w1_b"]) * (
            parts["hada_w2_a"] @ parts["hada_w2_b"]
        )
    parts = {
        "lora_up.weight": noise(96, 4),
        "lora_down.weight": noise(4, 32),
        "alpha": torch.tensor(4.0),
        "dora_scale": noise(96, 1),
    }
    return parts, parts["lora_up.weight"] @ parts["lora_down.weight"]


def test_whole_differences_biases_and_norms(tmp_path):
    weight, bias, norm = (
        "transformer_blocks.0.attn.to_q",
        "transformer_blocks.0.attn.to_k",
        "transformer_blocks.0.attn.norm_q",
    )
    tensors = {
        f"diffusion_model.{weight}.diff": torch.randn(32, 32),
        f"diffusion_model.{bias}.diff_b": torch.randn(32),
        f"diffusion_model.{norm}.diff": torch.randn(16),
    }
    found = read(loras.save(tmp_path / "a.safetensors", tensors), "qwen")
    patched = loras.apply(state("qwen"), [(found.patches, 0.5)])
    expected = {key: value.clone() for key, value in state("qwen").items()}
    for name, tensor in zip(
        (f"{weight}.weight", f"{bias}.bias", f"{norm}.weight"), tensors.values(), strict=True
    ):
        expected[name] += 0.5 * tensor
    close(patched, expected)


# --- on a model


class FakeMachine:
    def __init__(self):
        self.asked = []

    def patched(self, part, patches):
        self.asked.append(list(patches))
        return part


class FakeRegistry:
    def part(self, key, make, holder):
        return make()


def model():
    from switchyard.engine.local.machine import Part
    from switchyard.engine.local.model import LocalModel, Recipe

    part = Part("k", "transformer", transformer("qwen"), torch.float32)
    recipe = Recipe("k", torch.float32, lambda: part, "x.safetensors")
    return LocalModel(family("qwen"), FakeMachine(), FakeRegistry(), {"transformer": recipe}, {})


def test_stacks_add_up_in_series(tmp_path):
    one = loras.write(tmp_path / "first one.safetensors", loras.layers(state("qwen"), 1), "lightning")
    two = loras.write(tmp_path / "second.safetensors", loras.layers(state("qwen"), 2), "kohya")
    plain = model()
    first, words = engine.stacked(plain, [(one, 0.5), (two, 0.0)])
    assert words == () and engine.names_of(first) == (one.name,) and engine.names_of(plain) == ()
    both, _ = engine.stacked(first, [(two, -1.0)])
    assert engine.names_of(both) == (one.name, two.name) and [strength for _, strength in both.adapters] == [
        0.5,
        -1.0,
    ]
    assert len({m.identity("transformer") for m in (plain, first, both)}) == 3
    assert engine.stacked(both, [(one, 0.0)])[0] is both
    again, _ = engine.stacked(plain, [(one, 0.5), (two, -1.0)])
    assert again.identity("transformer") == both.identity("transformer")
    patched = loras.apply(state("qwen"), both.adapters)
    close(
        patched,
        loras.merged(
            state("qwen"), (loras.layers(state("qwen"), 1), 0.5), (loras.layers(state("qwen"), 2), -1.0)
        ),
    )


def test_other_kinds_are_carried_to_the_host(tmp_path):
    path = loras.save(
        tmp_path / "a.safetensors", {f"{Q}.lokr_w1": torch.ones(8, 4), f"{Q}.lokr_w2": torch.ones(4, 8)}
    )
    made, _ = engine.stacked(model(), [(path, 1.0)], lambda adapter: ("carried", adapter.kind))
    assert list(made.adapters[0][0].values()) == [("carried", "lokr")]
