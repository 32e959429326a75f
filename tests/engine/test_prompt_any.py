"""Reading prompts: any text whatsoever, and in time that grows no faster than the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchyard.engine.prompt import read

MARKS = [
    '"',
    "'",
    "“",
    "”",
    "「",
    "」",
    "{",
    "}",
    "[",
    "]",
    ":",
    "#",
    "@image1 ",
    "--no ",
    " no ",
    " text ",
    " reads ",
    "\n",
    "文字",
    "的",
]
texts = st.text(max_size=200) | st.lists(st.sampled_from(MARKS) | st.text(max_size=8), max_size=40).map(
    "".join
)


@settings(max_examples=400, deadline=None)
@given(texts)
@example('{"a": ' + "9" * 5000 + "}")
@example('{"text": "\\ud800"}')
@example('{"text": 1e999}')
@example("[" * 3000 + "]" * 3000)
def test_any_text_can_be_read(text):
    signals = read(text)
    assert signals == read(text)
    assert signals.asks_for_text == bool(signals.copy or signals.lettering)
    assert len(set(signals.copy)) == len(signals.copy) and "" not in signals.copy


@settings(max_examples=200, deadline=None)
@given(texts)
def test_upper_case_has_the_same_colours_and_references(text):
    signals = read(text)
    if text.isascii():
        assert read(text.upper()).at_references == signals.at_references
        assert read(text.upper()).hex_colours == signals.hex_colours


HOSTILE = {
    "straight marks": '"',
    "opening marks": "“",
    "nested marks": "“”“",
    "apostrophes": "'",
    "single marks before words": " 'x",
    "possessives": " 's' s",
    "brackets": "[",
    "braces": '{"a":',
    "right-to-left marks": "\u202e",
    "one long word": "a",
    "dotted word": "a.",
    "announcements": "reads ",
    "capitals": "reads AA ",
    "refusals": "no text ",
    "signs": 'sign "a" ',
    "names": "sign called A ",
    "switches": "--no ",
    "characters": "文字",
    "refused characters": "无文字",
    "punctuation": "!",
    "references": "@image1 ",
    "colours": "#fff ",
    "lines": "\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_time_is_linear(unit):
    def seconds(length: int) -> float:
        return min(_timed((unit * length)[:length]) for _ in range(2))

    assert seconds(12_000) < 8 * max(seconds(3_000), 1e-3)


def test_time_is_linear_for_an_announcement_and_many_spaces():
    def seconds(length: int) -> float:
        return min(_timed("the sign reads" + " " * length + "x") for _ in range(2))

    assert seconds(12_000) < 8 * max(seconds(3_000), 1e-3)


@pytest.mark.parametrize(
    "unit", ['"', "[", "\u202e", "a"], ids=["marks", "brackets", "right-to-left marks", "one word"]
)
def test_a_megabyte(unit):
    assert _timed(unit * 1_000_000) < 30


def test_a_usual_prompt_takes_no_time():
    prompt = 'A portrait of a fisherman at dusk beside a hand-painted sign that says "Fresh Crab", 85mm, soft light'
    assert min(_timed(prompt) for _ in range(50)) < 0.005


def _timed(text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start
