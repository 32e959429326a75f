"""Layers put together: against a second, slow reckoning in double precision, pixel by pixel."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from switchyard.engine.layerfile import compose
from switchyard.engine.layerfile.blends import BLENDS
from switchyard.engine.layerfile.compose import merged, on_colour
from switchyard.engine.layerfile.difference import difference
from switchyard.engine.layerfile.layer import PASS_THROUGH, Document, Group, Layer, full_canvas, runs, trimmed
from switchyard.tests.engine.layer_documents import documents, everything, noise


def slow(document: Document) -> np.ndarray:
    """RGBA in 0..1, float64, alpha straight: the whole canvas at once, premultiplied nowhere."""
    ground = np.zeros((document.height, document.width, 4))
    return _slow(document, ground, [layer for layer in document.layers if layer.shown], 0)


def _slow(document: Document, ground: np.ndarray, layers: Sequence[Layer], depth: int) -> np.ndarray:
    for group, members in runs(layers, depth):
        if group is None:
            for layer in members:
                above = full_canvas(layer, document.width, document.height) / 255
                ground = _over(ground, above, layer.opacity, layer.blend)
        elif group.blend == PASS_THROUGH:
            changed = _slow(document, ground, members, depth + 1)
            alpha = ground[..., 3:] * (1 - group.opacity) + changed[..., 3:] * group.opacity
            colour = (
                ground[..., :3] * ground[..., 3:] * (1 - group.opacity)
                + changed[..., :3] * changed[..., 3:] * group.opacity
            )
            ground = np.dstack([colour / np.where(alpha > 0, alpha, 1), alpha])
        else:
            inner = _slow(document, np.zeros_like(ground), members, depth + 1)
            ground = _over(ground, inner, group.opacity, group.blend)
    return ground


def _over(below: np.ndarray, above: np.ndarray, opacity: float, blend: str) -> np.ndarray:
    mix = BLENDS[blend].mix or (lambda _, colour: colour)
    under, over = below[..., 3:], above[..., 3:] * opacity
    alpha = under + over - under * over
    mixed = mix(below[..., :3], above[..., :3])
    colour = (1 - over) * under * below[..., :3] + over * (1 - under) * above[..., :3] + over * under * mixed
    return np.dstack([colour / np.where(alpha > 0, alpha, 1), alpha])


def check(document: Document) -> None:
    wanted = slow(document)
    found = merged(document.width, document.height, document.layers) / 255
    assert np.abs(found[..., 3] - wanted[..., 3]).max() * 255 < 0.51
    # Where nearly nothing is, its colour is not seen: what counts is the colour times the alpha.
    assert np.abs(found[..., :3] - wanted[..., :3])[wanted[..., 3] > 0.1].max(initial=0) * 255 < 0.6
    assert np.abs((found[..., :3] - wanted[..., :3]) * wanted[..., 3:]).max() * 255 < 0.6


def test_everything_is_put_together_as_it_should_be(monkeypatch):
    check(everything())
    monkeypatch.setattr(compose, "STRIP", 96 * 5)  # strips of five rows meet without a seam
    check(everything())


@settings(deadline=None, max_examples=60)
@given(documents())
def test_any_document_is_put_together_as_it_should_be(document):
    check(document)


def test_plain_layers_agree_with_pillow():
    layers = [Layer(str(n), noise(40, 50, n)) for n in range(3)]
    picture = Image.fromarray(layers[0].pixels)
    for layer in layers[1:]:
        picture = Image.alpha_composite(picture, Image.fromarray(layer.pixels))
    found, wanted = merged(50, 40, layers).astype(int), np.asarray(picture).astype(int)
    assert (
        np.abs(on_colour(found.astype(np.uint8)).astype(int) - on_colour(wanted.astype(np.uint8))).max() <= 2
    )


def test_a_shadow_in_a_group_falls_on_what_is_below_the_group():
    ground = Layer("ground", np.full((1, 1, 4), (200, 100, 50, 255), np.uint8))
    shade = np.full((1, 1, 4), (128, 128, 128, 255), np.uint8)
    inside = Layer("shade", shade, blend="multiply", group=(Group("g"),))
    alone = Layer("shade", shade, blend="multiply", group=(Group("g", blend="normal"),))
    assert merged(1, 1, [ground, inside])[0, 0].tolist() == [100, 50, 25, 255]
    assert merged(1, 1, [ground, alone])[0, 0].tolist() == [128, 128, 128, 255]


HALF = {
    "multiply": 0.32 * 0.6, "screen": 1 - 0.68 * 0.4, "overlay": 2 * 0.32 * 0.6, "darken": 0.32, "lighten": 0.6,
    "color-dodge": 0.32 / 0.4, "color-burn": 0.0, "hard-light": 1 - 0.68 * 0.8, "difference": 0.28, "add": 0.92,
    "soft-light": 0.32 + 0.2 * (0.32**0.5 - 0.32),
}  # fmt: skip


@pytest.mark.parametrize("mode", HALF)
def test_modes_of_each_colour_for_itself(mode):
    found = BLENDS[mode].mix(np.full((1, 1, 3), 0.32, np.float32), np.full((1, 1, 3), 0.6, np.float32))
    assert np.allclose(found, HALF[mode], atol=1e-5)


def test_modes_of_the_colour_as_a_whole():
    below, above = np.array([[[0.8, 0.4, 0.2]]]), np.array([[[0.2, 0.5, 0.6]]])

    def light(c):
        return c @ np.array([0.3, 0.59, 0.11])

    for mode, like in {"hue": below, "saturation": below, "color": below, "luminosity": above}.items():
        assert np.allclose(light(BLENDS[mode].mix(below, above)), light(like)), mode
    assert np.allclose(BLENDS["color"].mix(below, below), below)
    hue = BLENDS["hue"].mix(below, above)[0, 0]
    assert abs(colorsys.rgb_to_hsv(*hue)[0] - colorsys.rgb_to_hsv(*above[0, 0])[0]) < 1e-6


@pytest.mark.parametrize("mode", BLENDS)
def test_no_mode_leaves_the_range(mode):
    steps = np.linspace(0, 1, 9, dtype=np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    below, above = np.repeat(grid, len(grid), 0)[None], np.tile(grid, (len(grid), 1))[None]
    mix = BLENDS[mode].mix or (lambda _, colour: colour)
    found = mix(below, above)
    assert np.isfinite(found).all() and found.min() > -1e-4 and found.max() < 1 + 1e-4


def test_trimming_keeps_what_is_seen():
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[7:19, 12:31] = noise(12, 19, 3)
    pixels[7, 12, 3] = 1  # hardly there, and kept
    small = trimmed(Layer("x", pixels, x=-3, y=2))
    assert (small.x, small.y) == (9, 9) and small.height <= 12 and small.pixels.base is None
    assert np.array_equal(
        full_canvas(small, 60, 40)[..., 3], full_canvas(Layer("x", pixels, x=-3, y=2), 60, 40)[..., 3]
    )
    assert trimmed(small) is small
    nothing = trimmed(Layer("nothing", np.zeros((9, 9, 4), np.uint8), x=4, y=4))
    assert (nothing.x, nothing.y, nothing.pixels.shape, nothing.pixels.any()) == (0, 0, (1, 1, 4), False)


def test_the_difference_is_a_picture_and_numbers():
    together = np.full((10, 10, 4), (100, 50, 25, 255), np.uint8)
    source = together[..., :3].copy()
    found = difference(together, source)
    assert (found.mean, found.worst, found.close, found.transparent) == (0, 0, 1, 0)
    source[0, 0] = (110, 20, 25)
    found = difference(together, source)
    assert (found.mean, found.worst, found.close) == (40 / 300, 30, 0.99)
    assert found.picture[0, 0].tolist() == [10, 30, 0]
    together[5:, :, 3] = 0
    assert difference(together, source).transparent == 0.5
    assert difference(together, np.full((20, 20, 3), 9, np.uint8)).scaled == (20, 20)
    assert "20×20" in difference(together, np.full((20, 20, 3), 9, np.uint8)).text
