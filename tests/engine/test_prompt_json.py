"""Prompts written as JSON: what of it is read, and which of its fields are copy."""

from __future__ import annotations

import pytest
from switchyard.engine.prompt import read


@pytest.mark.parametrize(
    "prompt, copy",
    [
        ('{"scene": "shop", "headline": "Big Sale"}', ("Big Sale",)),
        ('{"sign": {"text": "Open", "font_style": "Bold"}, "price": 9}', ("Open", "9")),
        ('{"quotes": ["Be Kind", "Stay", "Be Kind"]}', ("Be Kind", "Stay")),
        ('```json\n{"title": "Jazz Night"}\n```', ("Jazz Night",)),
        ('Draw this: {"prompt": "a wooden sign that says \\"Hello\\""}', ("Hello",)),
        ('[{"subject": "a lake", "style": "painting", "texture": "rough", "context": "dawn"}]', ()),
        ('{"title": null, "text": "", "layout": "text on the left"}', ()),
    ],
)
def test_json_prompts(prompt, copy):
    signals = read(prompt)
    assert signals.is_json
    assert signals.copy == copy and signals.asks_for_text == bool(copy)


@pytest.mark.parametrize("prompt", ["{}", "[]", "{broken", "a {b} c", "[[[[", "{" * 5000, '"text"', "12"])
def test_what_only_looks_like_json(prompt):
    assert not read(prompt).is_json


def test_fields_that_are_to_be_avoided_are_no_copy():
    assert read('{"scene": "a lake", "text_to_avoid": "Sale", "without_text": true}').copy == ()


def test_json_too_deep_to_be_read_is_no_error():
    deep = '{"a":' * 60 + '{"title": "Deep"}' + "}" * 60
    assert read(deep).is_json and not read(deep).copy
