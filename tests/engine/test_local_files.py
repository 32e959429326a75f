"""Headers of files of weights: read without the data, or refused in one sentence, whatever is in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.local.files import Header, read_header
from switchyard.tests.tiny import files

from .local_files import FLUX_1, write_gguf


@pytest.mark.parametrize(
    ("name", "data", "message"),
    (
        ("model.ckpt", b"PK\x03\x04", "pickle"),
        ("model.bin", b"\x80\x02", "pickle"),
        ("model.txt", b"words", "not a file of weights"),
        ("model.safetensors", b"", "a page or a note"),
        ("model.safetensors", b"<!DOCTYPE html><html>", "a page or a note"),
        ("model.safetensors", b"version https://git-lfs.github.com/spec/v1", "a page or a note"),
        ("model.safetensors", (2**40).to_bytes(8, "little") + b"{}", "not a safetensors file"),
        ("model.safetensors", (5000).to_bytes(8, "little") + b"{}", "cut short"),
        ("model.safetensors", (4).to_bytes(8, "little") + b"oops", "header that cannot be read"),
        ("model.safetensors", (2).to_bytes(8, "little") + b"[]", "header that cannot be read"),
        ("model.gguf", b"GGML1234", "header that cannot be read"),
    ),
)
def test_a_file_that_is_no_weights_gets_one_sentence(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=message) as caught:
        read_header(tmp_path / name)
    assert str(tmp_path) not in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"gone\.safetensors cannot be read"):
        read_header(tmp_path / "gone.safetensors")


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    path = files.single(tmp_path_factory.mktemp("fuzz") / "whole.safetensors", FLUX_1, "vae")
    return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_header_is_read_or_refused_whatever_is_in_it(example, tmp_path_factory, data):
    length = int.from_bytes(example[:8], "little")
    place = data.draw(st.integers(0, length + 7))
    piece = data.draw(st.binary(max_size=12))
    cut = data.draw(st.sampled_from((len(example), len(example) - 1, length + 8, length // 2)))
    spoilt = (example[:place] + piece + example[place + len(piece) :])[:cut]
    path = tmp_path_factory.mktemp("case") / data.draw(st.sampled_from(("a.safetensors", "a.gguf")))
    path.write_bytes(spoilt if path.suffix != ".gguf" else b"GGUF\x03\x00\x00\x00" + spoilt)
    try:
        assert isinstance(read_header(path), Header)
    except BadInput as error:
        assert "\n" not in str(error)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(("dtype", "shape", "data_offsets", "x")), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_refused(tmp_path_factory, value):
    text = json.dumps(value).encode()
    path = tmp_path_factory.mktemp("case") / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    try:
        read_header(path)
    except BadInput as error:
        assert "\n" not in str(error)


def test_a_gguf_header_is_read_without_the_package(tmp_path):
    write_gguf(tmp_path / "a.gguf", {"x.weight": (3, 64), "y": (7,)})
    entries = read_header(tmp_path / "a.gguf").entries
    assert {name: (entry.dtype, entry.shape) for name, entry in entries.items()} == {
        "x.weight": ("F32", (3, 64)),
        "y": ("F32", (7,)),
    }
    whole = (tmp_path / "a.gguf").read_bytes()
    for length in (0, 3, 8, 20, 60, 100, 150, len(whole) - 40):
        (tmp_path / f"{length}.gguf").write_bytes(whole[:length])
        with pytest.raises(BadInput):
            read_header(tmp_path / f"{length}.gguf")
