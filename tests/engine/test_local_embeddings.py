"""What was encoded once: found again without an encoder, in memory and on disk, and never in the way."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import pytest
import torch
from safetensors.torch import load_file
from switchyard.engine.local.conditioning import Conditioning
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.encode import encode
from switchyard.engine.local.family import Family, families
from switchyard.engine.local.find import look
from switchyard.engine.local.load import open_model
from switchyard.engine.local.machine import Part, Plain
from switchyard.engine.local.registry import Registry
from switchyard.tests.tiny import files, modules, pipelines

PROMPT = "a secret garden gate"


@dataclass
class Model:
    """`identity` is the file's; every part that is asked for is written down."""

    pipeline: object
    family: Family
    file: str = "one"

    def __post_init__(self):
        self.asked: list[str] = []

    def part(self, role):
        self.asked.append(role)
        module = modules.headless(getattr(self.pipeline, role))
        return Part(role, role, module, module.dtype)

    def tokenizer(self, name):
        return getattr(self.pipeline, name)

    @property
    def processor(self):
        return self.pipeline.processor

    def identity(self, role):
        return f"{self.file}:{role}"


@pytest.fixture(scope="module")
def tiny():
    built = {}

    def make(row, **changes):
        built.setdefault(row, pipelines.build(row, seed=2))
        return Model(built[row], families()[row], **changes)

    return make


def same(one: Conditioning, two: Conditioning) -> bool:
    tensors = [(one.embeds, two.embeds), (one.pooled, two.pooled), (one.mask, two.mask)]
    tensors += [(value, two.extra[name]) for name, value in one.extra.items()]
    return all(a is b is None or (a.dtype == b.dtype and torch.equal(a, b)) for a, b in tensors)


@pytest.mark.parametrize(
    "row", ["qwen-image-local", "qwen-image-2.1-local", "flux-1-schnell-local", "flux-2-klein-4b-local"]
)
def test_the_second_time_nothing_is_loaded_in_this_session_or_the_next(tiny, row, tmp_path):
    model, machine = tiny(row), Plain()
    first = encode(model, machine, PROMPT, cache=(cache := EmbeddingCache(tmp_path)))
    assert model.asked and machine.readied == model.asked
    for again in (cache, EmbeddingCache(tmp_path)):
        model, machine = tiny(row), Plain()
        assert same(encode(model, machine, PROMPT, cache=again), first)
        assert model.asked == machine.readied == []


def test_whatever_changes_the_embedding_is_another_key(tiny, tmp_path):
    row, cache = "qwen-image-edit-2511-local", EmbeddingCache(tmp_path)
    one, two = torch.zeros(64, 64, 3), torch.ones(64, 64, 3)
    asked = [
        (tiny(row), PROMPT, [one], 4096),
        (tiny(row), PROMPT + ".", [one], 4096),
        (tiny(row), PROMPT, [two], 4096),
        (tiny(row), PROMPT, [one, two], 4096),
        (tiny(row), PROMPT, [two, one], 4096),
        (tiny(row), PROMPT, [one], 9216),
        (tiny(row, file="another"), PROMPT, [one], 4096),
        (tiny("qwen-image-local"), PROMPT, [], 4096),
    ]
    for model, prompt, references, area in asked:
        encode(model, Plain(), prompt, references, cache=cache, area=area)
        assert model.asked == ["text_encoder"]
    assert len(list(tmp_path.iterdir())) == len(asked)
    klein = tiny("flux-2-klein-4b-local")
    for tokens in (64, 128):
        encode(replace(klein, family=replace(klein.family, tokens=tokens)), Plain(), PROMPT, cache=cache)
    assert len(list(tmp_path.iterdir())) == len(asked) + 2


def test_models_with_the_same_encoder_and_template_share(tiny, tmp_path):
    cache, other = EmbeddingCache(tmp_path), tiny("qwen-image-2512-local")
    encode(tiny("qwen-image-local"), Plain(), PROMPT, cache=cache)
    encode(other, Plain(), PROMPT, cache=cache)
    assert other.asked == []


def test_the_folder_holds_no_word_of_a_prompt(tiny, tmp_path):
    encode(tiny("qwen-image-local"), Plain(), PROMPT, cache=EmbeddingCache(tmp_path))
    (file,) = tmp_path.iterdir()
    assert set(load_file(file)) == {"embeds"} and len(file.stem) == 64
    assert not any(word.encode() in file.read_bytes() for word in PROMPT.split()[1:])


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "foreign", "folder"])
def test_a_damaged_file_counts_as_absent(tiny, tmp_path, damage):
    first = encode(tiny("qwen-image-local"), Plain(), PROMPT, cache=EmbeddingCache(tmp_path))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
    else:
        from safetensors.torch import save

        damaged = {
            "cut": whole[:-8],
            "empty": b"",
            "noise": os.urandom(len(whole)),
            "foreign": save({"x": torch.ones(1)}),
        }
        file.write_bytes(damaged[damage])
    model = tiny("qwen-image-local")
    assert same(encode(model, Plain(), PROMPT, cache=EmbeddingCache(tmp_path)), first) and model.asked
    assert damage == "folder" or file.read_bytes() == whole


@pytest.mark.parametrize("failing", ["open", "replace"])
def test_a_full_disk_costs_nothing(tiny, tmp_path, monkeypatch, failing):
    from pathlib import Path

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, failing, full)
    cache = EmbeddingCache(tmp_path / "new")
    first = encode(tiny("qwen-image-local"), Plain(), PROMPT, cache=cache)
    again = tiny("qwen-image-local")
    assert same(encode(again, Plain(), PROMPT, cache=cache), first) and again.asked == []
    assert list((tmp_path / "new").iterdir()) == []


def conditioning(number: int) -> Conditioning:
    return Conditioning(torch.full((1, 256, 1), float(number)))  # 1024 bytes


def test_the_disk_drops_what_was_used_longest_ago(tmp_path):
    cache = EmbeddingCache(tmp_path, disk=4 * 1200, memory=0)
    for number in range(4):
        cache.put(str(number), conditioning(number))
        os.utime(tmp_path / f"{number}.safetensors", (1000 + number, 1000 + number))
    assert cache.get("0") is not None  # used again: now the youngest
    cache.put("4", conditioning(4))
    assert [cache.get(str(number)) is not None for number in range(5)] == [True, False, True, True, True]
    left_over = tmp_path / "5.0.part"
    left_over.write_bytes(b"x" * 2000)
    os.utime(left_over, (1, 1))
    (tmp_path / "notes.txt").write_bytes(b"x" * 9000)  # not ours
    cache.put("6", conditioning(6))
    assert not left_over.exists() and (tmp_path / "notes.txt").exists()


def test_memory_has_a_limit_of_its_own():
    cache = EmbeddingCache(memory=2500)
    for number in range(3):
        cache.put(str(number), conditioning(number))
        cache.get("0")
    assert [cache.get(str(number)) is not None for number in range(3)] == [True, False, True]
    cache.put("large", Conditioning(torch.zeros(1, 4096, 1)))
    assert cache.get("large") is None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_every_number_comes_back_as_it_was(tmp_path, dtype):
    kept = Conditioning(
        torch.randn(1, 5, 8).to(dtype),
        torch.randn(1, 4).to(dtype),
        torch.ones(1, 5),
        {"image_pad_mask": torch.ones(1, 5) > 0},
    )
    EmbeddingCache(tmp_path).put("k", kept)
    found = EmbeddingCache(tmp_path).get("k")
    assert same(kept, found) and found.embeds.dtype == dtype


@pytest.mark.parametrize("row", ["qwen-image-edit-2509-local", "flux-1-dev-local", "flux-2-klein-4b-local"])
def test_an_opened_model_reads_as_the_pipeline_that_it_was_saved_from(tmp_path, row):
    """The loader cuts encoders down and leaves their heads away; the embedding is the same."""
    family = families()[row]
    pipelines.folder(tmp_path / "diffusers" / row.removesuffix("-local"), row, seed=2)
    found = look(family, files.folders(tmp_path))
    machine = Plain()
    opened = open_model(family, found.sources, Registry(), machine)
    references = [torch.rand(64, 64, 3)] if "edit" in row else []
    got = encode(opened, machine, PROMPT, references, cache=EmbeddingCache(), area=4096)
    pipeline = pipelines.build(row, seed=2)
    if references:
        pipeline.processor = (
            opened.processor
        )  # transformers 4 loads another one than it saves, off by a step of 8 bit
    whole = encode(
        Model(pipeline, family),
        machine,
        PROMPT,
        references,
        cache=EmbeddingCache(),
        area=4096,
    )
    torch.testing.assert_close(got.embeds, whole.embeds, atol=1e-4, rtol=0)
    assert (got.pooled is None) == (whole.pooled is None)
