"""The dialect on its way to fal: what an order says, and what goes into the request."""

from __future__ import annotations

import pytest
from switchyard.engine.errors import BadInput
from switchyard.engine.fal.order import AUTO, Wish, place_order
from switchyard.engine.fal.payloads import OWN_DEFAULTS
from switchyard.engine.fal.receipt import receipt
from switchyard.engine.fal.rehearse import slate_of
from switchyard.engine.models import all_models
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide
from switchyard.engine.sizes import Size

KEY = Available(frozenset(), True)
SIGN = 'a sign that says "OPEN"'
ONE = Size(1024, 1024)


def order(prompt: str, option: str = AUTO, family: str = "qwen", route=None, references=(), **settings):
    return place_order(
        Wish(prompt, option, family, settings=settings, route=route, references=references), KEY
    )


def sent(placed) -> dict:
    return dict(placed.payloads[0].arguments)


def test_nobody_rewrites_the_words_unless_a_person_says_so():
    assert sent(order(SIGN, "qwen-image-3"))["enable_prompt_expansion"] is False
    assert (
        sent(order(SIGN, route=decide(Request(SIGN, tier="final"), KEY)))["enable_prompt_expansion"] is False
    )
    assert sent(order(SIGN, "flux-1.1-pro", "flux"))["enhance_prompt"] is False
    placed = order(SIGN, "qwen-image-3", prompt_expansion=True)
    assert sent(placed)["enable_prompt_expansion"] is True
    (note,) = placed.notes
    assert "as set" in note and note in receipt(placed, [(1024, 1024, 1)], None)
    assert ("Prompt", note) in slate_of(placed, None).rows
    assert order("a fox in the snow", "qwen-image-3", prompt_expansion=True).notes == ()


def test_every_rewriter_of_the_table_is_off_by_itself():
    for row in all_models().values():
        for endpoint in row.endpoints:
            named = {p.name for p in endpoint.params} & {
                "enable_prompt_expansion",
                "enhance_prompt",
                "prompt_upsampling",
            }
            assert named == ({endpoint.rewriter.name} if endpoint.rewriter else set())
            assert not named or OWN_DEFAULTS[endpoint.rewriter.name] is False


def test_a_negative_prompt_that_does_not_act_is_said():
    placed = order("a fox", "flux-2-pro", "flux", route=decide(Request("a fox", negative="blur"), KEY))
    assert "negative_prompt" not in sent(placed)
    assert placed.notes == ("FLUX.2 pro takes no negative prompt",)
    assert sent(order("a fox", "qwen-image-2512", negative="blur"))["negative_prompt"] == "blur"


def test_what_is_typed_for_a_model_set_by_hand_goes_out_as_it_is():
    for prompt in ("a sign saying OPEN", '{"title": "OPEN"}', "@image1 at night"):
        references = (ONE,) if "@" in prompt else ()
        model = "qwen-image-edit-2511" if references else "qwen-image-2512"
        placed = order(prompt, model, references=references)
        assert sent(placed)["prompt"] == prompt and placed.notes == ()


def test_auto_speaks_the_dialect_of_the_model_that_it_finds():
    placed = order("@image1 with the sky of @image2", references=(ONE, ONE))
    assert sent(placed)["prompt"].startswith("Picture 1 with the sky of Picture 2")
    assert sent(order("a shop with a sign saying OPEN"))["prompt"].endswith('saying "OPEN"')


def test_the_routes_prompt_is_told_anew_for_another_model():
    layout = '{"scene": "a bakery at dawn", "headline": "FRESH BREAD"}'
    route = decide(Request(layout, family="flux", place="remote"), KEY)
    assert sent(order("", AUTO, "flux", route=route))["prompt"] == layout
    assert (
        sent(order("", "qwen-image-2512", route=route))["prompt"]
        == 'Scene: a bakery at dawn\nHeadline: "FRESH BREAD"'
    )
    assert sent(order("", "qwen-image-2512", route=route)) == sent(order("", "qwen-image-2512", route=route))


def test_what_is_too_long_is_refused_before_anything_is_sent():
    with pytest.raises(BadInput, match="reads at most 800"):
        order("a street in the rain. " * 60, "qwen-image-max")
