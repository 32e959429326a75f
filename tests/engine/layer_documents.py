"""Documents of layers for the tests: one that has everything, and any that Hypothesis can think of."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import strategies as st
from switchyard.engine.layerfile.blends import BLENDS
from switchyard.engine.layerfile.layer import NORMAL, PASS_THROUGH, Document, Group, Layer, clean_name
from switchyard.engine.layerfile.ora_write import write_ora
from switchyard.engine.layerfile.psd_write import write_psd

NAMES = ("背景", "Überschrift / 題", "ночь", "مرحبا بالعالم", "नमस्ते", "봄 할인", "emoji 😀", "plain")


def noise(height: int, width: int, seed: int) -> np.ndarray:
    """Pixels of every alpha, with flat and transparent parts: what run-length coding does well and what it does badly."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[: height // 3, :, 3] = 255
    pixels[height // 2 :, : width // 2] = (10, 200, 30, 128)
    pixels[-1:, -1:, 3] = 0
    return pixels


def everything(width: int = 96, height: int = 64) -> Document:
    """Names in many scripts, offsets over every edge, opacity, blend modes, hidden layers, groups in groups."""
    outer, inner = Group("群 outer"), Group("inner", 128 / 255, "multiply")
    layers = (
        Layer(NAMES[0], noise(height, width, 0)),
        Layer(NAMES[1], noise(20, 30, 1), -5, 10, 204 / 255, "multiply"),
        Layer(NAMES[2], noise(9, 2 * width, 2), 3, height - 5, 1, "screen", False, (outer,)),
        Layer(NAMES[3], noise(30, 30, 3), width - 20, -7, 77 / 255, NORMAL, True, (outer, inner)),
        Layer(NAMES[4], noise(12, 12, 4), 40, 20, 1, "overlay", True, (outer, inner)),
        Layer(NAMES[5], noise(25, 25, 5), 11, 13, 1, "difference", True, (outer,)),
        Layer(NAMES[6], np.zeros((1, 1, 4), np.uint8)),
        Layer(NAMES[7], noise(33, 17, 6), 60, 30, 1 / 255),
    )
    metadata = {
        "prompt": '{"3": {"inputs": {"text": "<a> & \\"b\\" \\u00fc"}}}',
        "workflow": '{"nodes": ["漢字"]}',
    }
    return Document(width, height, layers, metadata)


def as_psd(document: Document) -> bytes:
    file = io.BytesIO()
    write_psd(file, document)
    return file.getvalue()


def as_ora(document: Document) -> bytes:
    file = io.BytesIO()
    write_ora(file, document)
    return file.getvalue()


def same(one: Document, other: Document) -> None:
    """Asserts that nothing differs. Opacity is kept in steps of 1/255."""
    assert (one.width, one.height, dict(one.metadata)) == (other.width, other.height, dict(other.metadata))
    assert [layer.path for layer in one.layers] == [layer.path for layer in other.layers]
    for a, b in zip(one.layers, other.layers, strict=True):
        assert (a.x, a.y, a.blend, a.visible) == (b.x, b.y, b.blend, b.visible), a.name
        assert abs(a.opacity - b.opacity) < 1e-5
        assert np.array_equal(a.pixels, b.pixels), a.name
        for g, h in zip(a.group, b.group, strict=True):
            assert (g.name, g.blend, g.visible) == (h.name, h.blend, h.visible)
            assert abs(g.opacity - h.opacity) < 1e-5


_names = st.text(max_size=20).map(clean_name).map(lambda name: name or "x")
_opacity = st.integers(0, 255).map(lambda value: value / 255)
_groups = st.builds(Group, _names, _opacity, st.sampled_from([PASS_THROUGH, *BLENDS]), st.booleans())


@st.composite
def layers(draw, groups: list[Group]) -> Layer:
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 140))
    flat = draw(st.booleans())
    pixels = (
        np.full((height, width, 4), draw(st.integers(0, 255)), np.uint8)
        if flat
        else noise(height, width, width)
    )
    place = st.integers(-40, 40)
    path = tuple(groups[: draw(st.integers(0, len(groups)))])
    mode = draw(st.sampled_from(list(BLENDS)))
    return Layer(
        draw(_names), pixels, draw(place), draw(place), draw(_opacity), mode, draw(st.booleans()), path
    )


@st.composite
def documents(draw) -> Document:
    groups = draw(st.lists(_groups, max_size=3))
    found = draw(st.lists(layers(groups), min_size=1, max_size=5))
    texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=30)
    # A PNG's keyword is Latin and has no space at its ends.
    metadata = draw(st.dictionaries(st.sampled_from(["prompt", "workflow", "extra"]), texts, max_size=3))
    return Document(draw(st.integers(1, 50)), draw(st.integers(1, 50)), tuple(found), metadata)
