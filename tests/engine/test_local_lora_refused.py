"""LoRA files that are for another model, spoilt, or no LoRAs: one sentence each; and what is said of those that fit in part."""

import pytest
import torch
from switchyard.tests.tiny import files, loras

from .local_loras import ROWS, Q, family, read, refused, state, zeros

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
        loras.save(tmp_path / "a.safetensors", zeros(layer, out, width)), name
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
        tmp_path / "a.safetensors", zeros("some.layer"), {"modelspec.architecture": "stable-cascade/lora"}
    )
    assert "a LoRA for stable-cascade," in refused(path, "qwen")
    path = loras.save(
        tmp_path / "b.safetensors", zeros("some.layer"), {"modelspec.architecture": "<b>\nhello"}
    )
    assert "has no layer that" in refused(path, "qwen")


def test_a_partial_match_says_how_much(tmp_path):
    tensors = zeros("transformer.transformer_blocks.0.attn.to_q") | zeros(
        "transformer.transformer_blocks.9.attn.to_q"
    )
    found = read(loras.save(tmp_path / "a.safetensors", tensors), "qwen")
    assert (found.used, found.found) == (1, 2) and "1 of 2 layers of a.safetensors were used" in found.word


def test_the_text_encoders_part_is_left_out_and_said(tmp_path):
    tensors = zeros("lora_unet_transformer_blocks_0_attn_to_q") | zeros(
        "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    )
    found = read(loras.save(tmp_path / "a.safetensors", tensors), "qwen")
    assert found.used == found.found == 1 and "1 layers of a.safetensors are for a text encoder" in found.word
    only = loras.save(tmp_path / "b.safetensors", zeros("text_encoder.text_model.encoder.layers.0.mlp.fc1"))
    assert "only changes a text encoder" in refused(only, "qwen")


@pytest.mark.parametrize(
    "tensors, word",
    [
        ({f"{Q}.lora_A.weight": torch.zeros(4, 32)}, "up or down is missing"),
        (zeros(Q) | {f"{Q}.lora_B.weight": torch.zeros(32, 5)}, "ranks of 5 and 4"),
        (zeros(Q) | {f"{Q}.alpha": torch.tensor(float("nan"))}, "an alpha that is no number"),
        ({f"{Q}.alpha": torch.tensor(1.0)}, "nothing but an alpha"),
        ({f"{Q}.hada_w1_a": torch.zeros(32, 4)}, "missing"),
        ({f"{Q}.lokr_w1": torch.zeros(32)}, "no matrix"),
        ({f"{Q}.oft_blocks": torch.zeros(4, 4)}, "an OFT adapter"),
        ({f"{Q}.a1.weight": torch.zeros(4, 4)}, "a GLoRA"),
        (zeros(Q) | {f"{Q}.lora_mid.weight": torch.zeros(4, 4)}, "for convolutions"),
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
