"""What a local model asks of a machine: its weights as they are kept, and what is computed beside them; the largest part counts."""

from __future__ import annotations

import json

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import sample, vae
from switchyard.engine.local.family import families
from switchyard.engine.local.load import depth_of
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.needs import Memory, Need, kept_bytes, needs_here, needs_of, too_little
from switchyard.engine.local.sources import Folders
from switchyard.engine.local.weights import build, draw
from switchyard.engine.models import find
from switchyard.tests.tiny import files, pipelines

ROW = find("flux-1-dev-local")
STORES = ("f32", "f16", "bf16", "fp8", "scaled", "Q8_0")
GIB = 2**30


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    return files.configs(tmp_path_factory.mktemp("configs"))


def held(module: torch.nn.Module) -> int:
    """Bytes of the parameters of a module, each once."""
    return sum({tensor.data_ptr(): tensor.nbytes for tensor in module.parameters()}.values())


@pytest.mark.parametrize("compute", (torch.bfloat16, torch.float32), ids=str)
@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("row, role", [
    ("qwen-image-local", "transformer"), ("qwen-image-local", "text_encoder"), ("flux-1-dev-local", "transformer"),
    ("flux-1-dev-local", "text_encoder"), ("flux-1-dev-local", "text_encoder_2"), ("flux-2-dev-local", "text_encoder"),
    ("flux-2-klein-4b-local", "transformer"),
])  # fmt: skip
def test_the_weights_are_reckoned_as_they_are_kept(tmp_path, configs, row, role, store, compute):
    if store == "Q8_0":
        pytest.importorskip("gguf")
    weights = families()[row].part(role)
    path = files.single(tmp_path / f"a.{'gguf' if store == 'Q8_0' else 'safetensors'}", row, role, store)
    plan = draw(weights, path, depth_of(families()[row], weights), configs)
    assert kept_bytes(plan, compute) == pytest.approx(held(build(plan, compute)), rel=0.03)


def test_a_folder_in_more_than_is_computed_in_counts_as_what_it_becomes(tmp_path, configs):
    wide, narrow = (
        needs_of(
            families()["qwen-image-local"],
            {"transformer": files.single(tmp_path / f"{store}.safetensors", "qwen-image-local", "transformer", store)},
            Plain(torch.bfloat16),
            configs,
        )
        for store in ("f32", "bf16")
    )  # fmt: skip
    assert wide == narrow


def test_what_is_not_here_counts_as_it_is_published():
    needs = needs_here(ROW, {}, Folders(), Plain(torch.bfloat16))
    for part, need in zip(families()[ROW.id].weights, needs, strict=True):
        assert (need.role, need.weights) == (part.role, int(part.gigabytes * 1e9)) and need.beside > 0


def test_a_file_that_cannot_be_read_counts_as_it_is_published(tmp_path):
    (tmp_path / "spoilt.safetensors").write_bytes(b"\0" * 4)
    chosen = {"transformer": tmp_path / "spoilt.safetensors"}
    assert needs_here(ROW, chosen, Folders(), Plain()) == needs_here(ROW, {}, Folders(), Plain())
    with pytest.raises(BadInput, match=r"spoilt\.safetensors"):
        needs_of(families()[ROW.id], chosen, Plain())


def test_a_chosen_file_counts_for_itself(tmp_path, configs):
    path = files.single(tmp_path / "small.safetensors", ROW.id, "transformer", "bf16")
    folders = Folders(configs=configs)
    (small, *others), (_, *usual) = (
        needs_here(ROW, given, folders, Plain()) for given in ({"transformer": path}, {})
    )
    assert 0 < small.weights < path.stat().st_size and others == usual


@pytest.mark.parametrize("row", families())
def test_what_is_computed_beside_the_published_weights_is_a_few_gigabytes(row):
    needs = needs_here(find(row), {}, Folders(), Plain(torch.bfloat16))
    assert [need.role for need in needs] == [part.role for part in families()[row].weights]
    assert all(0.02 * GIB < need.beside < 8 * GIB for need in needs), needs


def test_the_reckoning_is_that_of_the_run():
    """The VAE decodes in tiles when it must, so that a tile is what it needs."""
    assert vae.room("qwen", 1024, 1024, 512, 2) == vae.room("qwen", 512, 512, 0, 2)
    config = {"num_attention_heads": 24, "attention_head_dim": 128, "num_layers": 60}
    family = families()["qwen-image-local"]
    assert sample.room(config, family, 4096, 512, 2) == 4608 * sample.NUMBERS_PER_TOKEN * 3072 * 2
    assert sample.room(config, family, 4096, 512, 2, cached=3, passes=2) == 4608 * (40 + 6) * 3072 * 2


def test_the_weights_may_lie_in_both_memories_and_what_is_computed_may_not():
    needs = (Need("transformer", 20 * GIB, 2 * GIB), Need("vae", GIB, GIB))
    for memory in (
        Memory(0, 23 * GIB),
        Memory(8 * GIB, 15 * GIB),
        Memory(2 * GIB, 64 * GIB),
        Memory(GIB, 64 * GIB, ("transformer",)),
    ):
        assert too_little(ROW, needs, memory) == "", memory
    said = too_little(ROW, needs, Memory(8 * GIB, 14 * GIB))
    assert "its transformer needs" in said and "smaller file" in said
    said = too_little(ROW, needs, Memory(2 * GIB - 1, 64 * GIB))
    assert "of the card" in said and "another model" in said


@pytest.mark.parametrize(
    "spoilt", ({"num_attention_heads": None}, {"attention_head_dim": "many"}, {"attention_head_dim": []})
)
def test_a_config_that_says_nothing_is_told_and_not_raised(tmp_path, configs, spoilt):
    row = "flux-1-schnell-local"
    transformer = pipelines.build(row).transformer
    transformer.save_pretrained(tmp_path / "transformer")
    config = tmp_path / "transformer" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text("utf-8")), **spoilt}), "utf-8")
    with pytest.raises(BadInput, match="config of transformer does not describe"):
        needs_of(families()[row], {"transformer": config.parent}, Plain(), configs)
