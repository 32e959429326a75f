"""What a person types about layers, and chooses in the viewer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.layerfile.layer import Document, Group, Layer, clean_name
from switchyard.engine.layerfile.picks import picked
from switchyard.engine.layerfile.stack import Looks, flattened, looks_of, stacked
from switchyard.tests.engine.layer_documents import documents, everything, noise


def made(number: int = 4, trim: bool = True, **looks: str) -> list[Layer]:
    return stacked((noise(8, 8, n) for n in range(number)), number, Looks(**looks), trim)


def test_nothing_typed():
    layers = made()
    assert [layer.path for layer in layers] == [("Layer 1",), ("Layer 2",), ("Layer 3",), ("Layer 4",)]
    assert {(layer.opacity, layer.blend, layer.visible) for layer in layers} == {(1.0, "normal", True)}


def test_names_and_groups():
    layers = made(names="背景\n\nhero/ dog \nhero/deep/shadow\\/2\nnot used")
    paths = [layer.path for layer in layers]
    assert paths == [("背景",), ("Layer 2",), ("hero", "dog"), ("hero", "deep", "shadow/2")]
    assert layers[2].group[0] is layers[3].group[0]


def test_names_of_slashes_and_backslashes_are_escaped():
    names = ["/", "\\", "a\\/b", "\\\\", "//"]
    typed = "\n".join(name.replace("\\", "\\\\").replace("/", "\\/") for name in names)
    layers = stacked([made()[0].pixels] * len(names), len(names), Looks(typed, "", "", ""))
    assert [layer.path for layer in layers] == [(name,) for name in names]


def test_one_for_all_or_one_for_each():
    assert [layer.opacity for layer in made(opacity="0.5")] == [0.5] * 4
    assert [layer.opacity for layer in made(opacity="100%, 50%,,.25")] == [1, 0.5, 1, 0.25]
    assert [layer.blend for layer in made(blends="normal\nMultiply\n\nLinear Dodge (Add)")] == [
        "normal", "multiply", "normal", "add"
    ]  # fmt: skip
    assert [layer.visible for layer in made(visible="yes,no,hidden,1")] == [True, False, False, True]


@pytest.mark.parametrize(
    ("looks", "sentence"),
    [
        ({"opacity": "1,2"}, "`opacity` of layer 2 is “2”"),
        ({"opacity": "nan"}, "a number from 0 to 1"),
        ({"opacity": "half"}, "a number from 0 to 1"),
        ({"blends": "sparkle"}, "It takes normal, multiply"),
        ({"visible": "maybe"}, "yes or no"),
    ],
)
def test_what_cannot_be_meant_is_said(looks, sentence):
    with pytest.raises(BadInput) as error:
        made(**looks)
    assert sentence in str(error.value)


@settings(deadline=None)
@given(documents())
def test_what_is_told_can_be_typed_again(document):
    looks = looks_of(document.layers)
    again = stacked([layer.pixels for layer in document.layers], len(document.layers), looks)
    assert [layer.path for layer in again] == [
        (*(clean_name(part).strip() for part in layer.path[:-1]), layer.name) for layer in document.layers
    ]
    assert [layer.visible for layer in again] == [layer.visible for layer in document.layers]
    assert [layer.blend for layer in again] == [layer.blend for layer in document.layers]
    for one, other in zip(again, document.layers, strict=True):
        assert abs(one.opacity - other.opacity) < 1e-3


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_is_taken_or_refused(names, value):
    try:
        layers = made(3, names=names, opacity=value)
    except BadInput:
        layers = made(3, names=names)
    assert all(layer.name == clean_name(layer.name) and layer.name for layer in layers)


def test_a_file_on_the_canvas():
    document = everything()
    layers, notes = flattened(document, hidden=False, into_alpha=True)
    assert len(layers) == 7 and {layer.pixels.shape for layer in layers} == {(64, 96, 4)}
    assert {layer.opacity for layer in layers} == {1.0} and len(notes) == 1 and "multiply" in notes[0]
    every, _ = flattened(document, hidden=True, into_alpha=False)
    assert len(every) == 8 and [layer.visible for layer in every].count(False) == 1
    in_group = next(layer for layer in every if layer.name == "مرحبا بالعالم")
    assert in_group.opacity == pytest.approx(128 / 255 * 77 / 255)
    baked = next(layer for layer in layers if layer.name == "مرحبا بالعالم")
    assert np.abs(baked.pixels[..., 3] - in_group.pixels[..., 3] * in_group.opacity).max() <= 0.5


def test_a_file_that_hides_everything():
    hidden = Layer("x", noise(8, 8, 1), group=(Group("g", visible=False),))
    with pytest.raises(BadInput, match="hidden_layers"):
        flattened(Document(8, 8, (hidden,)), hidden=False, into_alpha=True)


# ---- picks ----


def names(layers: list[Layer]) -> list[str]:
    return [layer.name for layer in layers]


def test_nothing_chosen():
    assert names(picked(made(), "")) == names(made())
    assert names(picked(made(), "[{}, null, {}, {}]")) == names(made())


def test_shown_moved_and_faded():
    layers = made(names="a\nb\nc\nd", opacity="0.9")
    found = picked(layers, '[{"order": 9}, {"show": false}, {"opacity": 0.5}, {}]')
    assert names(found) == ["c", "d", "a"]
    assert [layer.opacity for layer in found] == [0.5, 0.9, 0.9]
    assert names(picked(layers, json.dumps([{"order": 1}] * 4))) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("picks", "sentence"),
    [
        ("[", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "not a list"),
        ("1" * 5_000, "is not"),
        ("[{}]", "chosen for 1 layers, and now there are 4"),
        ("[1,{},{},{}]", "Entry 1"),
        ('[{"sho": true},{},{},{}]', "Entry 1"),
        ('[{},{"show": 1},{},{}]', "`show` of entry 2"),
        ('[{},{"opacity": true},{},{}]', "`opacity` of entry 2"),
        ('[{},{"opacity": NaN},{},{}]', "`opacity` of entry 2"),
        ('[{},{"opacity": 1e999},{},{}]', "`opacity` of entry 2"),
        ('[{},{"opacity": ' + "9" * 4000 + "},{},{}]", "`opacity` of entry 2"),
        ('[{},{},{},{"order": 1.5}]', "`order` of entry 4"),
        ('[{},{},{},{"order": 99999}]', "`order` of entry 4"),
        (json.dumps([{"show": False}] * 4), "shows no layer"),
        (" " * 300_000 + "[]", "300,002 characters"),
    ],
)
def test_foreign_choices_are_refused(picks, sentence):
    with pytest.raises(BadInput) as error:
        picked(made(), picks)
    assert sentence in str(error.value) and len(str(error.value)) < 200


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["show", "opacity", "order", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), _json.map(json.dumps), st.lists(_json, min_size=4, max_size=4).map(json.dumps)
    )
)
def test_any_choice_is_taken_or_refused(picks):
    layers = made()
    try:
        found = picked(layers, picks)
    except BadInput:
        return
    assert 0 < len(found) <= 4 and all(0 <= layer.opacity <= 1 for layer in found)
