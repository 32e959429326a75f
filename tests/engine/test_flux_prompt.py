"""FLUX.2's structured prompt: valid JSON in the documented order, colours and apertures checked, copy found again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.flux_prompt import FluxPrompt, build
from switchyard.engine.prompt import read
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide

FULL = FluxPrompt(
    scene="a bakery at dawn", subjects="a red fox | lower left | looking up\n\na boy", style="photograph", lighting="soft, from the left",
    colors="sky: #87ceeb\n#fa0\nwall = 00ff00", mood="calm", background="a brick wall", composition="rule of thirds", angle="low angle",
    lens="85", f_number="2.8", film="Kodak Portra 400", copy="FRESH BREAD\n面包",
)  # fmt: skip
PHRASES = ["SUMMER SALE", 'He said "hi"', "Joe's", "“x”", "夏季大促", "「特価」", "카페", "تخفيضات ٥٠٪", "मेला", "Скидки «Да»", "5\" pizza",
           "a\\b", "{x}", "#FF0000", "Title: Dune", "$5"]  # fmt: skip


def test_every_field_in_the_documented_order():
    text = build(FULL)
    assert list(json.loads(text)) == ["scene", "subjects", "text", "style", "color_palette", "lighting", "mood", "background",
                                      "composition", "camera"]  # fmt: skip
    fields = json.loads(text)
    assert fields["subjects"] == [
        {"description": "a red fox", "position": "lower left", "action": "looking up"},
        {"description": "a boy"},
    ]
    assert fields["color_palette"] == ["#87CEEB (sky)", "#FFAA00", "#00FF00 (wall)"]
    assert fields["camera"] == {
        "angle": "low angle",
        "lens": "85mm",
        "f-number": "f/2.8",
        "film": "Kodak Portra 400",
    }
    assert "面包" in text and text == build(FULL)
    assert read(text).copy == ("FRESH BREAD", "面包") and read(text).hex_colours == 3


def test_empty_fields_are_left_out():
    assert json.loads(build(FluxPrompt(scene=" a fox "))) == {"scene": "a fox"}
    assert json.loads(build(FluxPrompt(copy="SALE"))) == {"text": ["SALE"]}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(PHRASES), max_size=5, unique=True),
    st.sampled_from(["a fox", 'a "quiet" street', "夜"]),
)
def test_the_reader_finds_exactly_the_words(phrases, scene):
    signals = read(build(FluxPrompt(scene=scene, copy="\n".join(phrases), colors="sky: #87CEEB")))
    assert signals.is_json and signals.hex_colours >= 1
    if phrases:
        assert signals.copy == tuple(phrases)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {name: st.text(max_size=40) for name in ("scene", "subjects", "style", "lens", "copy", "film")}
    )
)
def test_any_text_makes_json_or_a_sentence(fields):
    try:
        text = build(FluxPrompt(**fields))
    except BadInput:
        return
    assert read(text).is_json and "" not in json.loads(text).values()


@pytest.mark.parametrize(
    ("copy", "job", "family"),
    [("", "structured", "flux"), ("FRESH BREAD", "text", "qwen"), ("面包", "text", "qwen")],
)
def test_the_router_sends_it_to_the_right_job(copy, job, family):
    prompt = build(FluxPrompt(scene="a bakery at dawn", colors="sky: #87CEEB", copy=copy))
    route = decide(Request(prompt), Available(frozenset(), True))
    assert (route.job, route.family) == (job, family)


@pytest.mark.parametrize("value", ["#12345", "sky", "sky: blue", "#GGGGGG", "sky: #12345678", "#FFF000 sky"])
def test_a_colour_that_is_none_is_refused(value):
    with pytest.raises(BadInput, match="Line 2 of `colors` has no HEX colour"):
        build(FluxPrompt(scene="a fox", colors=f"wall: #fff\n{value}"))


@pytest.mark.parametrize("value", ["wide", "0", "f/100", "2,8,1", "-1", "f"])
def test_an_aperture_that_is_none_is_refused(value):
    with pytest.raises(BadInput, match="f-number must be"):
        build(FluxPrompt(scene="a fox", f_number=value))


@pytest.mark.parametrize("value", ["f/2.8", "ƒ/2,8", "2,8", "2.8", "F 2.8", "f2.8"])
def test_ways_to_write_an_aperture(value):
    assert json.loads(build(FluxPrompt(scene="a fox", f_number=value)))["camera"] == {"f-number": "f/2.8"}


def test_lenses():
    for typed, meant in {"85": "85mm", "85 mm": "85mm", "24MM": "24mm", "wide angle": "wide angle"}.items():
        assert json.loads(build(FluxPrompt(scene="a fox", lens=typed)))["camera"] == {"lens": meant}


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        (FluxPrompt(style="photo"), "nothing to draw"),
        (FluxPrompt(subjects="a fox\n | left"), "Subject 2 must be"),
        (FluxPrompt(subjects="a | b | c | d"), "Subject 1 must be"),
        (FluxPrompt(copy="SALE\nNo"), "Phrase 2 of `copy` would be understood as no words"),
    ],
)
def test_what_cannot_be_built_is_refused(prompt, words):
    with pytest.raises(BadInput, match=words):
        build(prompt)


def test_no_value_is_lost_on_the_way_to_a_model_that_reads_no_json():
    from switchyard.engine.dialect import speak
    from switchyard.engine.models import find

    model, text = find("qwen-image-2512"), build(FULL)
    said = speak(text, "", model, model.endpoint("generate"), read(text)).prompt
    assert not read(said).is_json
    for words in (
        "a bakery at dawn",
        "looking up",
        '"FRESH BREAD", "面包"',
        "#87CEEB (sky)",
        "f/2.8",
        "Kodak Portra 400",
    ):
        assert words in said
