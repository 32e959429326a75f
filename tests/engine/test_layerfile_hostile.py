"""Small layer files that would keep a computer busy, and what a person types that could."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from switchyard.engine.errors import BadInput
from switchyard.engine.layerfile.layer import Document, Layer
from switchyard.engine.layerfile.open_file import read
from switchyard.engine.layerfile.psd_write import needs_psb
from switchyard.engine.layerfile.stack import Looks, flattened, stacked
from switchyard.tests.engine.layer_documents import as_psd, noise

COLOURS = [(number, struct.pack(">HB", 0, 7)) for number in range(3)]  # of one pixel


def psd(layers: int, channels: list[tuple[int, bytes]], mask: int) -> bytes:
    """A PSD of layers of one pixel, each with a mask of `mask`² pixels and these channels besides its colours."""
    channels = [*channels, *COLOURS]
    box = struct.pack(">iiiiBBH", 0, 0, mask, mask, 0, 0, 0)
    extra = struct.pack(">I", len(box)) + box + struct.pack(">I", 0) + bytes(4)
    record = struct.pack(">iiiiH", 0, 0, 1, 1, len(channels))
    record += b"".join(struct.pack(">hI", number, len(data)) for number, data in channels)
    record += b"8BIMnorm" + bytes([255, 0, 0, 0]) + struct.pack(">I", len(extra)) + extra
    info = struct.pack(">h", layers) + record * layers + b"".join(data for _, data in channels) * layers
    section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 8, 8, 8, 3) + struct.pack(">II", 0, 0)
    return head + struct.pack(">I", len(section)) + section


def zipped(side: int) -> bytes:
    return struct.pack(">H", 2) + zlib.compress(bytes([255]) * side * side, 9)


@contextmanager
def at_once(seconds: float) -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


def test_masks_are_counted_before_any_is_unpacked():
    data = psd(5, [(-2, zipped(10_000))], 10_000)
    with pytest.raises(BadInput, match="come to 500 megapixels"), at_once(0.1):
        read(data)


def test_a_channel_that_is_there_many_times_is_unpacked_once(monkeypatch):
    from switchyard.engine.layerfile import psd_read

    unpacked = []
    plane = psd_read.plane
    monkeypatch.setattr(psd_read, "plane", lambda *args: unpacked.append(args[1:]) or plane(*args))
    (layer,) = read(psd(1, [(-2, zipped(100))] * 50, 100)).layers
    assert (layer.pixels == (7, 7, 7, 255)).all()
    assert sorted(unpacked) == [(1, 1)] * 3 + [(100, 100)]


@pytest.mark.parametrize("element", ["<a/>", "<stack/>", "<layer/>"])
def test_a_list_of_millions_is_refused_early(element):
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        text = f'<image w="8" h="8"><stack>{element * 2_000_000}</stack></image>'
        archive.writestr("stack.xml", text)
    started = time.process_time()
    text.encode().count(b"<")  # a measure of this computer
    measure = time.process_time() - started
    with pytest.raises(BadInput, match="more than 100,000 elements"), at_once(1 + 20 * measure):
        read(file.getvalue())


@pytest.mark.parametrize("depth", [65, 5000])
def test_groups_without_end_cannot_be_typed(depth):
    with pytest.raises(BadInput, match=f"into {depth:,} groups inside each other; at most 64"):
        stacked([noise(8, 8, 1)], 1, Looks(names="g/" * depth + "name"))
    (layer,) = stacked([noise(8, 8, 1)], 1, Looks(names="g/" * 64 + "name"))
    assert len(read(as_psd(Document(8, 8, (layer,)))).layers[0].group) == 64


def test_an_empty_first_line_is_the_first_layers():
    layers = stacked([noise(8, 8, n) for n in range(3)], 3, Looks(opacity="\n0.5\n0.2\n", visible="\nno\n"))
    assert [layer.opacity for layer in layers] == [1, 0.5, 0.2]
    assert [layer.visible for layer in layers] == [True, False, True]


def test_a_layer_clipped_to_a_hidden_one_is_hidden():
    data = bytearray(
        as_psd(Document(8, 8, (Layer("base", noise(8, 8, 1), visible=False), Layer("clip", noise(8, 8, 2)))))
    )
    opacity = data.index(b"8BIMnorm", data.index(b"8BIMnorm") + 1) + 8
    data[opacity + 1] = 1  # clipped
    document = read(bytes(data))
    assert [layer.visible for layer in document.layers] == [False, False]
    with pytest.raises(BadInput, match="hidden"):
        flattened(document, False, True)


def test_what_a_psd_cannot_count_is_a_psb():
    large = np.broadcast_to(np.uint8(1), (10_000, 10_000, 4))  # one byte of memory
    assert not needs_psb(Document(10_000, 10_000, (Layer("x", large),) * 10))
    assert needs_psb(Document(10_000, 10_000, (Layer("x", large),) * 11))
    assert needs_psb(Document(30_001, 1, ()))
