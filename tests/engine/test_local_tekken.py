"""Mistral's tokenizer out of a text encoder's file: the hub's own tokens, pairs joined in their order, spoilt files."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from switchyard.engine.errors import BadInput
from switchyard.engine.local import tekken
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.encode import encode
from switchyard.engine.local.family import families
from switchyard.engine.local.find import look
from switchyard.engine.local.load import open_model
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.registry import Registry
from switchyard.tests.tiny import files, pipelines, tokenizers

JOINED = (b"th", b"he", b"the", b"er", b"ther", b" t", b"  ", b"\xc3\xa9", b"12", b"123")
SPECIALS = len(tokenizers.MISTRAL_SPECIALS)


def file_of(path, data: bytes):
    save_file({tekken.TENSOR: torch.frombuffer(bytearray(data), dtype=torch.uint8)}, path)
    return path


@pytest.fixture(scope="module")
def joining(tmp_path_factory):
    return tekken.read(
        file_of(tmp_path_factory.mktemp("tekken") / "encoder.safetensors", tokenizers.tekken(*JOINED))
    )


@given(st.text(max_size=40) | st.text(alphabet="the r12", max_size=30))
@settings(deadline=None)
def test_every_text_is_joined_as_the_order_of_its_tokens_says(joining, text):
    """By the rule itself: of all neighbours that make a token, the first in order are joined, until none do."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if any(word in text for word in tokenizers.MISTRAL_SPECIALS):
        return
    singles = [bytes([tokenizers._byte_symbols().index(symbol)]) for symbol in tokenizers._bytes()]
    order = {token: number for number, token in enumerate((*singles, *JOINED))}
    wanted: list[int] = []
    for word in regex.findall(tekken.WORDS, text):
        parts = [bytes([byte]) for byte in word.encode()]
        while pairs := [(order[a + b], i) for i, (a, b) in enumerate(pairwise(parts)) if a + b in order]:
            _, first = min(pairs)
            parts[first : first + 2] = [parts[first] + parts[first + 1]]
        wanted += [SPECIALS + order[part] for part in parts]
    assert joining(text, add_special_tokens=False)["input_ids"] == wanted
    assert joining.decode(wanted) == text


def test_a_prompt_reads_as_with_the_hubs_own_tokenizer(tmp_path):
    family = families()["flux-2-dev-local"]
    single = look(family, files.models(tmp_path / "files", family.model, "f32"))
    assert single.complete, single.sentence
    pipelines.folder(tmp_path / "hub" / "diffusers" / "FLUX.2-dev", family.model)
    whole = look(family, files.folders(tmp_path / "hub"))
    embeds = []
    for found in (single, whole):
        machine = Plain()
        model = open_model(family, found.sources, Registry(), machine)
        embeds.append(
            [encode(model, machine, text, cache=EmbeddingCache()) for text in ("a fox, [IMG] 12 é", "")]
        )
    for ours, theirs in zip(*embeds, strict=True):
        assert torch.equal(ours.mask, theirs.mask) and ours.mask[0, 0] == 0, "it is padded on the left"
        kept = ours.mask[0].bool()
        difference = (ours.embeds[0, kept] - theirs.embeds[0, kept]).abs().max() / theirs.embeds.abs().max()
        assert difference < 0.02  # the encoder's file is in bf16


def test_a_prompt_that_is_too_long_is_counted(tmp_path):
    family = families()["flux-2-dev-local"]
    model = open_model(
        family, look(family, files.models(tmp_path, family.model)).sources, Registry(), Plain()
    )
    with pytest.raises(BadInput, match=r"has 600 tokens and FLUX\.2 dev reads"):
        encode(model, Plain(), "x" * 600, cache=EmbeddingCache())


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 16,
        b"[]",
        b"{}",
        b'{"config": {}, "vocab": [{}], "special_tokens": []}',
        tokenizers.tekken()[:-200],
    ],
)
def test_a_spoilt_one_is_one_sentence(tmp_path, data):
    with pytest.raises(
        BadInput, match=r"The tokenizer in encoder\.safetensors cannot be read: download that file again\."
    ):
        tekken.read(file_of(tmp_path / "encoder.safetensors", data))


def test_it_is_read_once_as_long_as_its_file_stays_the_same(tmp_path):
    path = file_of(tmp_path / "encoder.safetensors", tokenizers.tekken())
    first = tekken.read(path)
    assert tekken.read(path) is first
    again = tekken.read(file_of(path, tokenizers.tekken(b"ab")))
    assert again is not first and len(again) == len(first) + 1


def test_where_there_is_none(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "encoder.safetensors")
    assert (
        not tekken.inside(tmp_path / "encoder.safetensors")
        and not tekken.inside(None)
        and not tekken.inside(tmp_path)
    )
