"""Layer files written and read back: nothing changes, whoever reads; and no file, however broken, does more than one
sentence."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from switchyard.engine.errors import BadInput
from switchyard.engine.layerfile import psd_write
from switchyard.engine.layerfile.compose import merged, on_colour
from switchyard.engine.layerfile.layer import Document, Layer
from switchyard.engine.layerfile.limits import Limits
from switchyard.engine.layerfile.open_file import open_file, read
from switchyard.engine.layerfile.png import png
from switchyard.tests.engine.layer_documents import NAMES, as_ora, as_psd, documents, everything, noise, same

WRITERS = pytest.mark.parametrize("write", [as_psd, as_ora])
SMALL = Limits(canvas=1_000_000, pixels=2_000_000, layers=20, side=60_000, depth=8)


@WRITERS
def test_everything_is_kept(write):
    document = everything()
    same(document, read(write(document)))


@settings(deadline=None, max_examples=60)
@given(documents())
def test_any_document_is_kept(document):
    for write in (as_psd, as_ora):
        same(document, read(write(document)))


def test_a_canvas_over_30000_pixels_is_a_psb():
    document = Document(
        30_001, 2, (Layer("wide", noise(2, 30_001, 1)), Layer("end", noise(2, 9, 2), 29_995, 0))
    )
    data = as_psd(document)
    assert data[4:6] == b"\0\2"
    same(document, read(data))


@pytest.mark.parametrize("compression", ["raw", "zip", "zip of differences"])
def test_every_compression_is_read(monkeypatch, compression):
    """Photoshop's own files have all four; ours has one of them or the other, so the rest is written here."""

    def plane(file, values, big):
        differences = np.diff(values, axis=1, prepend=np.zeros((len(values), 1), np.uint8)).astype(np.uint8)
        file.write(
            {
                "raw": struct.pack(">H", 0) + values.tobytes(),
                "zip": struct.pack(">H", 2) + zlib.compress(values.tobytes()),
                "zip of differences": struct.pack(">H", 3) + zlib.compress(differences.tobytes()),
            }[compression]
        )

    monkeypatch.setattr(psd_write, "_write_plane", plane)
    document = everything()
    same(document, read(as_psd(document)))


@WRITERS
def test_the_preview_is_the_merged_picture(write):
    document = everything()
    wanted = merged(document.width, document.height, document.layers)
    data = io.BytesIO(write(document))
    if write is as_ora:
        with ZipFile(data) as archive:
            assert np.array_equal(np.array(Image.open(archive.open("mergedimage.png"))), wanted)
    else:
        found = np.array(Image.open(data))
        assert found.shape[2] == 4 and np.array_equal(found[..., 3], wanted[..., 3])
        assert np.array_equal(found[..., :3], on_colour(wanted))


def test_an_opaque_preview_has_three_channels():
    opaque = Layer("ground", np.full((8, 9, 4), 255, np.uint8))
    picture = Image.open(io.BytesIO(as_psd(Document(9, 8, (opaque,)))))
    assert picture.mode == "RGB"


def test_the_workflow_is_where_the_page_looks_for_it():
    document = everything()
    with ZipFile(io.BytesIO(as_ora(document))) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.read("mimetype") == b"image/openraster"
        with Image.open(archive.open("mergedimage.png")) as picture:
            assert picture.info["prompt"] == document.metadata["prompt"]
            assert picture.info["workflow"] == document.metadata["workflow"]
    psd = as_psd(document)
    assert b"<x:xmpmeta" in psd and "漢字".encode() in psd


def test_another_reader_sees_the_same():
    psd_tools = pytest.importorskip("psd_tools", reason="needs the package psd-tools")
    document = everything()
    file = psd_tools.PSDImage.open(io.BytesIO(as_psd(document)))
    found = [layer for layer in file.descendants() if not layer.is_group()]
    assert [layer.name for layer in found] == list(NAMES)
    for layer, wanted in zip(found, document.layers, strict=True):
        assert (layer.left, layer.top, layer.visible) == (wanted.x, wanted.y, wanted.visible)
        assert layer.opacity == round(wanted.opacity * 255)
        pixels = np.dstack([layer.numpy("color"), layer.numpy("shape")])
        assert np.array_equal(np.rint(pixels * 255).astype(np.uint8), wanted.pixels), layer.name
    groups = [layer for layer in file.descendants() if layer.is_group()]
    assert [group.name for group in groups] == ["群 outer", "inner"]


def test_what_another_writer_made_is_read():
    psd_tools = pytest.importorskip("psd_tools", reason="needs the package psd-tools")
    pixels = noise(20, 30, 1)
    file = psd_tools.PSDImage.new("RGBA", (50, 40))
    layer = file.create_pixel_layer(Image.fromarray(pixels), name="one", top=3, left=4, opacity=51)
    layer.name = "背景"
    data = io.BytesIO()
    file.save(data)
    (found,) = read(data.getvalue()).layers
    assert (found.name, found.x, found.y, round(found.opacity * 255)) == ("背景", 4, 3, 51)
    assert np.array_equal(found.pixels, pixels)


# ---- what is refused ----


def _header(width=8, height=8, depth=8, mode=3, version=1, channels=3) -> bytes:
    return b"8BPS" + struct.pack(">H6xHIIHH", version, channels, height, width, depth, mode)


def _zip(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


def _stack(inside: str, size='w="8" h="8"', before="") -> bytes:
    return _zip(
        stack_xml=f"{before}<image {size}><stack>{inside}</stack></image>".encode(), a=png(noise(8, 8, 1))
    )


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
LAYER = '<layer name="x" src="a"/>'
REFUSED = {
    "empty": (b"", "no layers that can be read"),
    "a png": (png(noise(8, 8, 1)), "no layers that can be read"),
    "half a header": (b"8BPS\0\1", "ends before what it promises"),
    "cmyk": (_header(mode=4, channels=4), "CMYK with 8 bits"),
    "16 bit": (_header(depth=16), "RGB with 16 bits"),
    "an unknown mode": (_header(mode=77), "mode 77"),
    "version 3": (_header(version=3), "version 3"),
    "a canvas of 4 gigapixels": (_header(width=65_000, height=65_000), "65,000 x 65,000"),
    "a canvas of nothing": (_header(width=0), "0 x 8"),
    "a zip": (_zip(a=b"b"), "a zip without a stack.xml"),
    "a cut zip": (_stack(LAYER)[:-40], "cannot be unpacked"),
    "a document type": (_stack(LAYER, before=BOMB), "declares a document type"),
    "a document type in utf-16": (
        _zip(stack_xml=f'<?xml version="1.0" encoding="utf-16"?>{BOMB}<image/>'.encode("utf-16")), "document type"
    ),
    "an outside file": (
        _stack(LAYER, before='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "declares a document type"
    ),
    "a path outside": (_stack('<layer src="../../../etc/passwd"/>'), "is not in it"),
    "an absolute path": (_stack('<layer src="/etc/passwd"/>'), "is not in it"),
    "a huge canvas": (_stack(LAYER, size='w="99999" h="99999"'), "99,999 x 99,999"),
    "no number": (_stack(LAYER, size='w="eight" h="8"'), "bad “w”"),
    "infinite": (_stack('<layer src="a" x="inf"/>'), "bad “x”"),
    "an opacity of nan": (_stack('<layer src="a" opacity="nan"/>'), "opacity"),
    "no xml": (_zip(stack_xml=b"<image"), "XML of the layer file is broken"),
    "no layers": (_stack(""), "no layers"),
    "no picture": (_zip(stack_xml=b'<image w="8" h="8"><stack><layer src="a"/></stack></image>', a=b"GIF89a"), "no PNG"),
    "too many layers": (_stack(LAYER * 1500), "1,500 layers"),
    "groups without end": (_stack("<stack>" * 5000 + "</stack>" * 5000), "nested more than"),
    "a deep group": (_stack("<stack>" * 70 + LAYER + "</stack>" * 70), "groups inside each other"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_file_gets_one_sentence(data, sentence):
    with pytest.raises(BadInput) as error:
        read(data)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        open_file(tmp_path / "nothing.psd")


def test_a_zip_bomb_stays_packed():
    bomb = b"\0" * (300 << 20)
    started = time.process_time()
    data = _zip(stack_xml=b'<image w="8" h="8"><stack><layer src="a"/></stack></image>', a=bomb)
    packing = time.process_time() - started
    del bomb
    started = time.process_time()
    with pytest.raises(BadInput, match="unpacks to far more than its size"):
        read(data)
    assert time.process_time() - started < max(0.2, packing / 4)


def test_one_entry_named_a_thousand_times_is_not_unpacked_a_thousand_times():
    data = _zip(
        stack_xml=f'<image w="8" h="8"><stack>{LAYER * 900}</stack></image>'.encode(),
        a=png(np.zeros((4000, 4000, 4), np.uint8)),
    )
    with pytest.raises(BadInput, match="megapixels"):
        read(data)


@contextmanager
def takes_no_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20e6


def test_a_picture_that_claims_to_be_huge_takes_no_memory():
    small = bytearray(png(noise(8, 8, 1)))
    small[16:24] = struct.pack(">II", 40_000, 40_000)
    small[29:33] = struct.pack(">I", zlib.crc32(bytes(small[12:29])))
    with pytest.raises(BadInput), takes_no_memory():
        read(_zip(stack_xml=b'<image w="8" h="8"><stack><layer src="a"/></stack></image>', a=bytes(small)))


def test_a_layer_that_claims_to_be_huge_takes_no_memory():
    data = bytearray(as_psd(Document(8, 8, (Layer("x", noise(8, 8, 1)),))))
    box = data.index(struct.pack(">iiiiH", 0, 0, 8, 8, 4))
    data[box : box + 16] = struct.pack(">iiii", 0, 0, 20_000, 20_000)
    with pytest.raises(BadInput, match="damaged"), takes_no_memory():
        read(bytes(data))
    data[box : box + 16] = struct.pack(">iiii", -(2**31), -(2**31), 2**31 - 1, 2**31 - 1)
    with pytest.raises(BadInput, match="megapixels"), takes_no_memory():
        read(bytes(data))


def test_many_layers_on_a_large_canvas_are_refused_before_they_are_made():
    dots = tuple(Layer(f"{n}", noise(1, 1, n)) for n in range(30))
    data = as_psd(replace(everything(2000, 2000), layers=dots))
    with pytest.raises(BadInput, match="come to 120 megapixels"):
        read(data, Limits(pixels=100_000_000))


_PSD, _ORA = as_psd(everything()), as_ora(everything())


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_broken_bytes_only_ever_raise_bad_input(data):
    original = data.draw(st.sampled_from([_PSD, _ORA]))
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        # Most of what steers a reader is at the beginning of a PSD and at the end of a zip.
        near = data.draw(st.integers(0, 3000)) if original is _PSD else -data.draw(st.integers(1, 2500))
        where = data.draw(st.one_of(st.just(near), st.integers(0, len(changed) - 1)))
        size = data.draw(st.sampled_from([1, 1, 2, 4]))
        changed[where : where + size] = data.draw(st.binary(min_size=size, max_size=size))
    cut = data.draw(st.one_of(st.just(len(changed)), st.integers(0, len(changed))))
    _read_or_refuse(bytes(changed[:cut]))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([b"", b"8BPS\0\1", _header(), _header(version=2), b"PK\3\4"]), st.binary(max_size=400))
def test_any_bytes_only_ever_raise_bad_input(start, rest):
    _read_or_refuse(start + rest)


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"<image w='8' h='8'>{text}".encode())
    )
)
def test_any_list_of_layers_only_ever_raises_bad_input(stack):
    _read_or_refuse(_zip(stack_xml=stack, a=b"b"))


def _read_or_refuse(data: bytes) -> None:
    started = time.process_time()
    try:
        document = read(data, SMALL)
    except BadInput as error:
        assert "\n" not in str(error)
    else:
        assert document.layers
        assert all(layer.pixels.dtype == np.uint8 and layer.pixels.shape[2] == 4 for layer in document.layers)
    assert time.process_time() - started < 2  # seconds
