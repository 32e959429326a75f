"""Finding a model's files by what their headers say, and opening it: what fits, what is missing, what is
shared."""

from __future__ import annotations

import json
import socket

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import weights
from switchyard.engine.local.family import families
from switchyard.engine.local.files import read_header
from switchyard.engine.local.find import look
from switchyard.engine.local.load import open_model
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.sources import Folders, Sources
from switchyard.engine.local.still import still
from switchyard.tests.tiny import files, pipelines

ROWS = pipelines.ROWS


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked for something")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def tiny_configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A models folder in which every family lies as a hub folder."""
    root = tmp_path_factory.mktemp("hub")
    for row in ROWS:
        pipelines.folder(root / "diffusers" / row.removesuffix("-local"), row)
    return files.folders(root)


def opened(row: str, folders: Folders, registry: Registry | None = None):
    found = look(families()[row], folders)
    assert found.complete, found.sentence
    return open_model(families()[row], found.sources, registry or Registry(), Plain())


def same(module, other) -> None:
    """Every tensor of `module` is that of `other`, whose language head or upper layers may be gone."""
    theirs = other.state_dict()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, theirs[name]), name


# --- hub folders


@pytest.mark.parametrize("row", ROWS)
def test_a_hub_folder_is_found_among_all_others_and_loads_as_it_was_saved(ground, row):
    model = opened(row, ground)
    pipeline = pipelines.build(row)
    assert look(families()[row], ground).sources.hub.name == row.removesuffix("-local")
    same(model.part("transformer").module, pipeline.transformer)
    still(pipeline.vae)
    same(model.part("vae").module, pipeline.vae)
    for part in families()[row].weights:
        assert not any(tensor.is_meta for tensor in model.part(part.role).module.state_dict().values())
    for name in families()[row].tokenizers:
        assert model.tokenizer(name) is model.tokenizer(name)
    assert (model.processor is not None) == families()[row].processor


def test_a_folder_in_the_hubs_own_cache_is_known_by_the_name_above_its_number(tmp_path):
    number = "0123456789abcdef0123456789abcdef01234567"
    place = tmp_path / "diffusers" / "models--Qwen--Qwen-Image-2512" / "snapshots" / number
    pipelines.folder(place, "qwen-image-2512-local")
    folders = files.folders(tmp_path)
    assert look(families()["qwen-image-2512-local"], folders).sources.hub == place
    assert "transformer" not in look(families()["qwen-image-local"], folders).sources.parts


def test_shards_make_one_component(tmp_path):
    pipeline = pipelines.build("flux-1-schnell-local")
    place = tmp_path / "diffusers" / "schnell"
    pipeline.save_pretrained(place)
    for old in (place / "transformer").glob("*.safetensors"):
        old.unlink()
    pipeline.transformer.save_pretrained(place / "transformer", max_shard_size="100KB")
    assert len(list((place / "transformer").glob("*.safetensors"))) > 2
    model = opened("flux-1-schnell-local", files.folders(tmp_path))
    same(model.part("transformer").module, pipeline.transformer)


def test_a_missing_shard_is_named(tmp_path):
    pipeline = pipelines.build("flux-1-schnell-local")
    pipeline.transformer.save_pretrained(tmp_path / "model" / "transformer", max_shard_size="100KB")
    gone = sorted((tmp_path / "model" / "transformer").glob("*.safetensors"))[1]
    gone.unlink()
    part = families()["flux-1-schnell-local"].part("transformer")
    with pytest.raises(BadInput, match=f"{gone.name}.*is missing. Finish its download"):
        weights.draw(part, tmp_path / "model" / "transformer")


def test_a_folder_with_pickles_only_is_refused(tmp_path, tiny_configs):
    folder = pipelines.folder(tmp_path / "model", "flux-1-schnell-local") / "vae"
    next(folder.glob("*.safetensors")).rename(folder / "diffusion_pytorch_model.bin")
    with pytest.raises(BadInput, match="pickle"):
        weights.draw(families()["flux-1-schnell-local"].part("vae"), folder, configs=tiny_configs)


def test_a_quantised_hub_folder_is_refused_by_its_method(tmp_path, tiny_configs):
    folder = pipelines.folder(tmp_path / "model", "qwen-image-local") / "transformer"
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps({**config, "quantization_config": {"quant_method": "bitsandbytes"}})
    )
    with pytest.raises(BadInput, match="quantised as bitsandbytes"):
        weights.draw(families()["qwen-image-local"].part("transformer"), folder, configs=tiny_configs)


# --- single files


@pytest.mark.parametrize("row", [row for row in ROWS if row != "flux-2-dev-local"])
def test_single_files_make_a_model_with_comfyuis_tokenizers(tmp_path, row):
    folders = files.models(tmp_path, row, "f32")
    model = opened(row, folders)
    same(model.part("transformer").module, pipelines.build(row).transformer)
    for name in families()[row].tokenizers:
        assert model.tokenizer(name)(["a 猫"], return_tensors="pt").input_ids.shape[0] == 1
    if families()[row].kind == "flux1":
        assert model.tokenizer("tokenizer").model_max_length == 77


def test_flux_2_dev_takes_its_tokenizer_out_of_the_encoders_file_or_from_the_hub(tmp_path):
    family = families()["flux-2-dev-local"]
    folders = files.models(tmp_path, family.model)
    assert opened(family.model, folders).tokenizer("tokenizer").pad_token == "<pad>"
    state = files.comfy_state(family.model, "text_encoder")
    del state["tekken_model"]
    files.write(tmp_path / "text_encoders" / "mistral-3-24b.safetensors", state)
    found = look(family, folders)
    assert [one.role for one in found.missing] == ["tokenizer"]
    assert "model_index.json and tokenizer of" in found.sentence
    hub = pipelines.folder(tmp_path / "diffusers" / "FLUX.2-dev", family.model)
    for weight in hub.rglob("*.safetensors"):
        weight.unlink()
    assert opened(family.model, folders).tokenizer("tokenizer").image_processor is not None


def test_names_tell_weights_of_one_architecture_apart(tmp_path, tiny_configs):
    names = {
        "qwen-image-local": "qwen_image_bf16",
        "qwen-image-2512-local": "qwen_image_2512_bf16",
        "qwen-image-edit-local": "qwen_image_edit_bf16",
        "qwen-image-edit-2509-local": "qwen_image_edit_2509_fp8_e4m3fn",
        "qwen-image-edit-2511-local": "qwen_image_edit_2511_bf16",
        "flux-1-dev-local": "flux1-dev",
        "flux-1-kontext-dev-local": "flux1-dev-kontext_fp8_scaled",
        "flux-2-klein-4b-local": "flux-2-klein-4b",
        "flux-2-klein-4b-base-local": "flux-2-klein-base-4b",
        "flux-2-klein-9b-local": "flux-2-klein-9b",
        "flux-2-klein-9b-base-local": "flux-2-klein-base-9b",
        "flux-2-klein-9b-kv-local": "flux-2-klein-9b-kv",
    }
    for row, name in names.items():
        files.single(tmp_path / "diffusion_models" / f"{name}.safetensors", row, "transformer")
    for row, name in names.items():
        found = look(
            families()[row], Folders(diffusion_models=(tmp_path / "diffusion_models",), configs=tiny_configs)
        )
        assert [path.stem for path in found.choices["transformer"]] == [name], row


def test_what_a_file_is_does_not_hang_on_its_name(tmp_path, tiny_configs):
    place = tmp_path / "diffusion_models"
    files.single(place / "flux1-dev.safetensors", "qwen-image-local", "transformer")
    files.single(place / "mine.safetensors", "flux-1-schnell-local", "transformer")
    folders = Folders(diffusion_models=(place,), configs=tiny_configs)
    assert "transformer" not in look(families()["flux-1-dev-local"], folders).sources.parts
    assert (
        look(families()["flux-1-schnell-local"], folders).sources.parts["transformer"].name
        == "mine.safetensors"
    )


def test_2511_is_known_by_comfyuis_mark(tmp_path, tiny_configs):
    state = files.comfy_state("qwen-image-edit-2511-local", "transformer") | {
        "__index_timestep_zero__": torch.zeros(0)
    }
    files.write(tmp_path / "edit.safetensors", state)
    files.write(tmp_path / "edit_2511.safetensors", state, prefix="model.diffusion_model.")
    folders = Folders(diffusion_models=(tmp_path,), configs=tiny_configs)
    assert "transformer" not in look(families()["qwen-image-edit-local"], folders).sources.parts
    path = look(families()["qwen-image-edit-2511-local"], folders).sources.parts["transformer"]
    plan = weights.draw(
        families()["qwen-image-edit-2511-local"].part("transformer"), path, configs=tiny_configs
    )
    assert weights.build(plan, torch.float32).config.zero_cond_t


def test_a_changed_file_is_looked_at_again(tmp_path, tiny_configs):
    path = files.single(tmp_path / "model.safetensors", "flux-1-dev-local", "transformer")
    folders = Folders(diffusion_models=(tmp_path,), configs=tiny_configs)
    assert look(families()["flux-1-dev-local"], folders).sources.parts
    before = read_header(path)
    assert read_header(path) is before
    files.single(path, "qwen-image-local", "transformer")
    assert not look(families()["flux-1-dev-local"], folders).sources.parts
    assert look(families()["qwen-image-local"], folders).sources.parts


def test_a_spoilt_file_is_passed_over_and_told_of(tmp_path, tiny_configs):
    whole = files.single(tmp_path / "whole.safetensors", "qwen-image-local", "transformer")
    (tmp_path / "half.safetensors").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = look(families()["qwen-image-local"], Folders(diffusion_models=(tmp_path,), configs=tiny_configs))
    assert found.sources.parts["transformer"] == whole
    assert len(found.refused) == 1 and "half.safetensors is cut short" in found.refused[0]


# --- what is missing


def test_everything_missing_is_one_folder_to_download():
    found = look(families()["qwen-image-2512-local"], Folders())
    assert not found.complete and {one.role for one in found.missing} == {
        "transformer",
        "text_encoder",
        "vae",
        "tokenizer",
    }
    assert found.sentence == (
        "Qwen-Image-2512 is not on this machine yet: put the hub's folder Qwen/Qwen-Image-2512 (58 GB; Apache-2.0) into models/diffusers."
    )


def test_a_gated_model_says_so():
    assert "terms have to be accepted" in look(families()["flux-1-dev-local"], Folders()).sentence
    assert "terms have to be accepted" not in look(families()["flux-1-schnell-local"], Folders()).sentence


def test_one_missing_file_is_named_with_its_place(tmp_path):
    folders = files.models(tmp_path, "qwen-image-local")
    (tmp_path / "vae" / "vae-qwen.safetensors").unlink()
    found = look(families()["qwen-image-local"], folders)
    (vae,) = found.missing
    assert (vae.file, vae.folder, vae.repository) == (
        "qwen_image_vae.safetensors",
        "models/vae",
        "Comfy-Org/Qwen-Image_ComfyUI",
    )
    with pytest.raises(
        BadInput, match=r"still lacks its vae: put qwen_image_vae\.safetensors \(0\.\d GB; Apache-2\.0\) from"
    ):
        open_model(families()["qwen-image-local"], found.sources, Registry(), Plain())


@pytest.mark.parametrize("row", ROWS)
def test_every_family_has_a_sentence_for_what_is_missing(row):
    assert look(families()[row], Folders()).sentence.endswith("models/diffusers.")


# --- sharing


def test_two_families_share_the_encoder_and_the_vae_of_the_same_files(tmp_path):
    files.models(tmp_path, "qwen-image-local")
    folders = files.models(tmp_path, "qwen-image-edit-2509-local", seed=1)
    registry = Registry()
    draws, edits = (
        opened("qwen-image-local", folders, registry),
        opened("qwen-image-edit-2509-local", folders, registry),
    )
    assert draws.part("text_encoder") is edits.part("text_encoder")
    assert draws.part("vae") is edits.part("vae")
    assert draws.part("transformer") is not edits.part("transformer")
    assert draws.identity("vae") == edits.identity("vae") != draws.identity("text_encoder")


def test_nothing_is_loaded_before_it_is_asked_for(tmp_path):
    registry = Registry()
    model = opened("qwen-image-local", files.models(tmp_path, "qwen-image-local"), registry)
    assert registry.keys() == ()
    model.part("vae")
    assert len(registry.keys()) == 1


def test_an_identity_follows_file_and_type(tmp_path):
    folders = files.models(tmp_path, "qwen-image-local")
    family = families()["qwen-image-local"]
    sources = look(family, folders).sources
    single = open_model(family, sources, Registry(), Plain())
    half = open_model(family, sources, Registry(), Plain(torch.bfloat16))
    assert single.identity("vae") != half.identity("vae")
    again = open_model(family, sources, Registry(), Plain())
    assert single.identity("vae") == again.identity("vae")
    files.single(sources.parts["vae"], family.model, "vae", "f32")
    assert open_model(family, sources, Registry(), Plain()).identity("vae") != single.identity("vae")


@pytest.mark.parametrize(("row", "store", "asked"), [
    ("qwen-image-local", "f16", torch.bfloat16),  # it overflows in fp16, whatever its file is stored in
    ("qwen-image-local", "fp8", torch.bfloat16),
    ("qwen-image-local", "f32", torch.float32),
    ("flux-1-dev-local", "f16", torch.float16),
    ("flux-1-dev-local", "fp8", torch.float16),  # as ComfyUI computes it on a card without bf16
    ("flux-2-klein-4b-local", "bf16", torch.float16),
    ("flux-2-klein-4b-local", "f32", torch.float32),
])  # fmt: skip
def test_the_host_is_asked_for_fp16_only_where_the_model_keeps_within_it(tmp_path, row, store, asked):
    told = {}

    class Asking(Plain):
        def dtype(self, job, stored):
            told[job] = stored
            return torch.float32

    found = look(families()[row], files.models(tmp_path, row, store))
    open_model(families()[row], found.sources, Registry(), Asking())
    assert told == {"transformer": asked, "encoder": torch.bfloat16, "vae": torch.bfloat16}


def test_loras_are_patched_on_a_clone_that_others_do_not_see(tmp_path):
    class Patching(Plain):
        def patched(self, part, patches):
            return type(part)(part.key, part.role, part.module, part.dtype, ("patched", len(patches)))

    family = families()["qwen-image-local"]
    sources = look(family, files.models(tmp_path, family.model)).sources
    model = open_model(family, sources, Registry(), Patching())
    styled = model.with_loras([({"a": 1}, 0.5), ({"b": 2}, 1.0)], "two")
    assert styled.part("transformer").handle == ("patched", 2)
    assert model.part("transformer").handle is None
    assert styled.part("transformer").module is model.part("transformer").module
    assert styled.identity("transformer") != model.identity("transformer")
    assert styled.identity("vae") == model.identity("vae")


def test_a_file_of_another_model_is_refused_when_it_is_chosen_by_hand(tmp_path):
    folders = files.models(tmp_path, "flux-2-klein-4b-local")
    family = families()["flux-2-klein-9b-local"]
    sources = look(families()["flux-2-klein-4b-local"], folders).sources
    with pytest.raises(
        BadInput,
        match="another model than the transformer flux-2-klein-9b: its joint_attention_dim is 96, not 144",
    ):
        open_model(
            family, Sources(sources.parts, None, sources.tokenizers, sources.configs), Registry(), Plain()
        )
