"""LoRA files of every layout, on every kind of transformer: equal to weights that were merged by hand, and to PEFT."""

import copy
import functools
from pathlib import Path

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import lora as engine
from switchyard.engine.local.family import families
from switchyard.engine.local.lora import read_lora, shapes_of
from switchyard.engine.local.weights import build, draw
from switchyard.tests.tiny import files, loras, pipelines

ROWS = {
    "qwen": "qwen-image-local",
    "qwen21": "qwen-image-2.1-local",
    "flux1": "flux-1-dev-local",
    "dev": "flux-2-dev-local",
    "klein": "flux-2-klein-4b-local",
}
FLUX = ("flux1", "dev", "klein")


@functools.cache
def transformer(name: str):
    return pipelines.build(ROWS[name]).transformer.requires_grad_(False)


def family(name: str):
    return families()[ROWS[name]]


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


PEFT_KINDS = ("lora", "alpha", "rslora", "dora", "bias", "loha", "lokr", "lokr factors")


@pytest.mark.parametrize("kind", PEFT_KINDS)
@pytest.mark.parametrize("name", ["qwen", "flux1", "klein"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_equal_to_peft(tmp_path, name, kind):
    if (name, kind) == ("klein", "bias"):
        return  # it has none: see below
    peft = pytest.importorskip("peft", reason="peft is not installed: it is only needed to compare with")
    module = copy.deepcopy(transformer(name))
    config = _config(peft, kind)
    peft.inject_adapter_in_model(config, module)
    source = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for key, weight in module.named_parameters():
            if any(word in key for word in ("lora_", "hada_", "lokr_")) and "magnitude" not in key:
                weight.copy_(0.2 * torch.randn(weight.shape, generator=source))
            elif "magnitude" in key:
                weight.mul_(1.3)
    wanted = forward(name, module)
    tensors = peft.get_peft_model_state_dict(module)
    notes = {
        "lora_adapter_metadata": {
            f"transformer.{key}": value for key, value in config.to_dict().items() if _plain(value)
        }
    }
    if kind in ("loha", "lokr", "lokr factors"):
        notes = {}
        tensors |= {f"{key.rpartition('.')[0]}.alpha": torch.tensor(float(config.alpha)) for key in tensors}
    path = loras.save(
        tmp_path / "a.safetensors", {f"transformer.{key}": tensor for key, tensor in tensors.items()}, notes
    )
    found = read(path, name)
    assert found.used == found.found > 0
    assert (output(name, loras.apply(state(name), [(found.patches, 1.0)])) - wanted).abs().max() <= 1e-5
    assert (forward(name, transformer(name)) - wanted).abs().max() > 1e-3


def _config(peft, kind: str):
    modules = ["to_q", "to_k", "to_out.0", "to_qkv_mlp_proj", "proj_mlp", "img_in", "x_embedder"]
    if kind == "loha":
        return peft.LoHaConfig(r=4, alpha=2, target_modules=modules)
    if kind.startswith("lokr"):
        rank = 2 if "factors" in kind else 64  # PEFT scales whole factors too, LyCORIS and ComfyUI do not
        return peft.LoKrConfig(
            r=rank, alpha=1 if rank == 2 else rank, target_modules=modules, decompose_both=rank == 2
        )
    more = {
        "alpha": dict(lora_alpha=2, alpha_pattern={"to_k": 6}),
        "rslora": dict(lora_alpha=3, use_rslora=True),
    }
    more |= {"dora": dict(use_dora=True, lora_alpha=4), "bias": dict(lora_bias=True, lora_alpha=2)}
    if kind == "bias":
        modules = ["img_in", "x_embedder"]
    return peft.LoraConfig(r=4, target_modules=modules, **{"lora_alpha": 4, **more.get(kind, {})})


def _plain(value) -> bool:
    return isinstance(value, (int, float, bool, dict))


@pytest.mark.parametrize("name", ["qwen", "flux1"])
def test_equal_to_diffusers_own_loader(tmp_path, name):
    pytest.importorskip("peft", reason="peft is not installed: it is only needed to compare with")
    theirs = name == "flux1"  # diffusers takes FLUX LoRAs in the names of Black Forest Labs only
    source = files.comfy_state(ROWS[name], "transformer") if theirs else state(name)
    lora = loras.layers(source, 6, lambda layer: "attn" in layer or "mlp" in layer)
    lora = {
        layer: (up, down, 2.0) for layer, (up, down, _) in lora.items()
    }  # its readers want an alpha everywhere
    path = loras.write(tmp_path / "a.safetensors", lora, "kohya" if theirs else "lightning")
    pipeline = pipelines.build(ROWS[name])
    pipeline.load_lora_weights(str(path), adapter_name="one")
    assert pipeline.get_list_adapters()
    pipeline.set_adapters("one", 0.8)
    wanted = forward(name, pipeline.transformer)
    assert (
        output(name, loras.apply(state(name), [(read(path, name).patches, 0.8)])) - wanted
    ).abs().max() <= 1e-5


def test_a_bias_that_has_no_place_is_not_dropped_in_silence(tmp_path):
    tensors = _one("transformer.x_embedder", width=128) | {
        "transformer.x_embedder.lora_B.bias": torch.ones(32)
    }
    assert "a bias of 32, here none" in refused(loras.save(tmp_path / "a.safetensors", tensors), "klein")


# --- what is refused, and what is said


def refused(path: Path, name: str) -> str:
    with pytest.raises(BadInput) as trouble:
        read(path, name)
    said = str(trouble.value)
    assert path.name in said and said.endswith(".") and "\n" not in said and str(path.parent) not in said
    return said


def _one(layer: str, out: int = 32, width: int = 32, rank: int = 4) -> dict[str, torch.Tensor]:
    return {
        f"{layer}.lora_A.weight": torch.zeros(rank, width),
        f"{layer}.lora_B.weight": torch.zeros(out, rank),
    }


FOREIGN = {
    "lora_unet_down_blocks_0_attentions_0_proj_in": ("Stable Diffusion", 32, 32),
    "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q": ("Stable Diffusion", 32, 32),
    "diffusion_model.blocks.0.self_attn.q": ("Wan", 32, 32),
    "diffusion_model.layers.0.attention.to_q": ("Z-Image", 32, 32),
    "diffusion_model.joint_blocks.0.x_block.attn.qkv": ("Stable Diffusion 3", 96, 32),
    "transformer.transformer_blocks.0.attn1.to_q": ("LTX-Video", 32, 32),
    "transformer.transformer_blocks.7.img_mod.1": ("Qwen-Image", 192, 32),
    "transformer.transformer_blocks.59.attn.add_q_proj": ("Qwen-Image", 3072, 3072),
    "transformer.transformer_blocks.59.attn.to_q": ("Qwen-Image", 3072, 3072),
    "transformer.transformer_blocks.31.attn.to_q": ("Qwen-Image-2.1", 4096, 4096),
    "transformer.transformer_blocks.0.img_mlp.gate_layer": ("Qwen-Image-2.1", 96, 32),
    "lora_unet_single_blocks_3_linear1": ("FLUX.1", 224, 32),
    "diffusion_model.single_blocks.3.linear1": ("FLUX.2", 288, 32),
    "transformer.transformer_blocks.0.ff.net.2": ("FLUX.1", 32, 128),
    "transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj": ("FLUX.2", 288, 32),
    "diffusion_model.double_blocks.0.img_attn.qkv": ("FLUX.2", 18432, 6144),
}


@pytest.mark.parametrize("layer", FOREIGN)
@pytest.mark.parametrize("name", ROWS)
def test_a_lora_of_another_family_says_whose_it_seems(tmp_path, name, layer):
    label, out, width = FOREIGN[layer]
    kinds = {
        "qwen": "Qwen-Image",
        "qwen21": "Qwen-Image-2.1",
        "flux1": "FLUX.1",
        "dev": "FLUX.2",
        "klein": "FLUX.2",
    }
    if label == kinds[name]:
        return
    assert f"a LoRA for {label}" in refused(
        loras.save(tmp_path / "a.safetensors", _one(layer, out, width)), name
    )


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("other", ROWS)
def test_no_lora_of_one_family_passes_for_anothers(tmp_path, name, other):
    """Their names and sizes overlap: the tiny ones are all 32 wide."""
    if family(name).kind == family(other).kind:
        return
    said = refused(loras.write(tmp_path / "a.safetensors", loras.layers(state(other)), "diffusers"), name)
    assert "seems to be a LoRA for" in said


def test_another_size_of_the_same_family(tmp_path):
    said = refused(loras.write(tmp_path / "a.safetensors", loras.layers(state("dev")), "diffusers"), "klein")
    assert "another size" in said and "64x" in said and "32x" in said


def test_what_a_trainer_noted_is_told(tmp_path):
    path = loras.save(
        tmp_path / "a.safetensors", _one("some.layer"), {"modelspec.architecture": "stable-cascade/lora"}
    )
    assert "a LoRA for stable-cascade," in refused(path, "qwen")
    path = loras.save(
        tmp_path / "b.safetensors", _one("some.layer"), {"modelspec.architecture": "<b>\nhello"}
    )
    assert "has no layer that" in refused(path, "qwen")


def test_a_partial_match_says_how_much(tmp_path):
    tensors = _one("transformer.transformer_blocks.0.attn.to_q") | _one(
        "transformer.transformer_blocks.9.attn.to_q"
    )
    found = read(loras.save(tmp_path / "a.safetensors", tensors), "qwen")
    assert (found.used, found.found) == (1, 2) and "1 of 2 layers of a.safetensors were used" in found.word


def test_the_text_encoders_part_is_left_out_and_said(tmp_path):
    tensors = _one("lora_unet_transformer_blocks_0_attn_to_q") | _one(
        "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    )
    found = read(loras.save(tmp_path / "a.safetensors", tensors), "qwen")
    assert found.used == found.found == 1 and "1 layers of a.safetensors are for a text encoder" in found.word
    only = loras.save(tmp_path / "b.safetensors", _one("text_encoder.text_model.encoder.layers.0.mlp.fc1"))
    assert "only changes a text encoder" in refused(only, "qwen")


Q = "transformer_blocks.0.attn.to_q"


@pytest.mark.parametrize(
    "tensors, word",
    [
        ({f"{Q}.lora_A.weight": torch.zeros(4, 32)}, "up or down is missing"),
        (_one(Q) | {f"{Q}.lora_B.weight": torch.zeros(32, 5)}, "ranks of 5 and 4"),
        (_one(Q) | {f"{Q}.alpha": torch.tensor(float("nan"))}, "an alpha that is no number"),
        ({f"{Q}.alpha": torch.tensor(1.0)}, "nothing but an alpha"),
        ({f"{Q}.hada_w1_a": torch.zeros(32, 4)}, "missing"),
        ({f"{Q}.lokr_w1": torch.zeros(32)}, "no matrix"),
        ({f"{Q}.oft_blocks": torch.zeros(4, 4)}, "an OFT adapter"),
        ({f"{Q}.a1.weight": torch.zeros(4, 4)}, "a GLoRA"),
        (_one(Q) | {f"{Q}.lora_mid.weight": torch.zeros(4, 4)}, "for convolutions"),
        ({"hello": torch.zeros(1)}, "none of its 1 tensors"),
        ({}, "none of its 0 tensors"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, tensors, word):
    assert word in refused(loras.save(tmp_path / "a.safetensors", tensors), "qwen")


def test_files_that_are_no_loras(tmp_path):
    whole = files.single(tmp_path / "model.safetensors", ROWS["flux1"], "transformer")
    assert "a whole model (FluxTransformer2DModel)" in refused(whole, "flux1")
    for name, content, word in (("a.pt", b"x", "pickle"), ("a.bin", b"x", "pickle"), ("a.gguf", b"x", "GGUF"),
                                ("a.safetensors", b"<html>nothing</html>", "page")):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(content)
        assert word in refused(path, "qwen")
    cut = loras.write(tmp_path / "cut.safetensors", loras.layers(state("qwen")), "diffusers")
    cut.write_bytes(cut.read_bytes()[:-100])
    assert "cut short" in refused(cut, "qwen")
    assert "cannot be read" in refused(tmp_path / "nowhere.safetensors", "qwen")


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
