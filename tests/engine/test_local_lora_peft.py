"""LoRAs as PEFT and diffusers put them on: the same numbers."""

import copy

import pytest
import torch
from switchyard.tests.tiny import files, loras, pipelines

from .local_loras import ROWS, forward, output, read, refused, state, transformer, zeros

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
    tensors = zeros("transformer.x_embedder", width=128) | {
        "transformer.x_embedder.lora_B.bias": torch.ones(32)
    }
    assert "a bias of 32, here none" in refused(loras.save(tmp_path / "a.safetensors", tensors), "klein")
