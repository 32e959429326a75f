"""Building modules from files: text encoders as they are read, files that do not fill a module, and nothing copied."""

from __future__ import annotations

import functools
import gc
import json
import threading
import weakref

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import gguf_file, measure, weights
from switchyard.engine.local.family import families
from switchyard.engine.local.hollow import emptiness, hollow
from switchyard.tests.tiny import files, pipelines

from .local_files import FLUX_1, KLEIN, NEWEST, QWEN, single


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture
def built(tmp_path, configs):
    """(row, role, store) -> the module, from a single file."""
    return functools.partial(single, tmp_path, configs)


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
