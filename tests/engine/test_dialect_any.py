"""Any text, for every model: twice is once, and no word that is to be rendered changes."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchyard.engine.dialect import LONGEST, speak
from switchyard.engine.errors import BadInput
from switchyard.engine.models import all_models
from switchyard.engine.prompt import read

BITS = [
    'a sign saying OPEN', 'a poster that reads "SALE"', "the word 'Hi'", "“Été”", "「营业中」", "写着营业中", "«Да»", ", ", ". ", "\n",
    "@image1 ", "@ref 2", '{"title": "A"}', '{"a": [1, "x"]}', "no text", " in red letters", "Title: Dune", '"', "“", "'", "\u200b",
    "Ultra HD, 4K, cinematic composition.", "\ud800", "文字", "the cat and the hat on a mat", "\U0001f600", "```",
]  # fmt: skip
texts = st.text(max_size=120) | st.lists(st.sampled_from(BITS) | st.text(max_size=6), max_size=14).map(
    "".join
)
CASES = [
    (row, endpoint)
    for row in all_models().values()
    for endpoint in row.endpoints
    if row.family != "other" and endpoint.task in ("generate", "edit", "layers") and not endpoint.lora
]
cases = st.sampled_from(CASES)


@settings(max_examples=500, deadline=None)
@given(texts, texts, cases, st.booleans())
@example('{"text": "\\ud800"}', "", CASES[0], False)
@example('{"title": "a \\"b\\""}', "", CASES[-1], False)
def test_speaking_is_idempotent_and_keeps_the_words(prompt, negative, case, shorten):
    model, endpoint = case
    signals = read(prompt)
    try:
        said = speak(prompt, negative, model, endpoint, signals, shorten=shorten)
    except BadInput:
        assert len(prompt) > (endpoint.prompt_chars or 10**9) or len(negative) > (
            endpoint.negative_chars or 10**9
        )
        return
    after = read(said.prompt)
    assert after.copy == signals.copy
    assert all(words in said.prompt for words in signals.copy if words in prompt)
    again = speak(said.prompt, said.negative, model, endpoint, after, shorten=shorten)
    assert (again.prompt, again.negative, again.expansion) == (said.prompt, said.negative, said.expansion)
    assert said.expansion is False if signals.copy else said.expansion in (None, False)
    assert said == speak(prompt, negative, model, endpoint, signals, shorten=shorten)


@settings(max_examples=200, deadline=None)
@given(texts, cases)
def test_notes_quote_nothing_of_the_prompt(prompt, case):
    marked = f"{prompt} zqxj"
    model, endpoint = case
    with contextlib.suppress(BadInput):
        assert "zqxj" not in " ".join(speak(marked, "zqxj", model, endpoint, read(marked)).notes)


@pytest.mark.parametrize("bit", ['"a" ', "@image1 ", "sign saying OPEN, ", "{", '"', "。", "a. ", "“"])
def test_time_is_linear(bit):
    model, endpoint = next(
        case for case in CASES if case[0].id == "qwen-image-max" and case[1].task == "edit"
    )
    prompt = bit * (LONGEST // len(bit))
    signals = read(prompt)
    started = time.perf_counter()
    with contextlib.suppress(BadInput):
        speak(prompt, "", model, endpoint, signals, shorten=True)
    assert time.perf_counter() - started < 5


def test_ten_megabytes():
    model, endpoint = CASES[0]
    prompt = 'a sign saying "OPEN" @image1 ' * 340_000
    assert speak(prompt, "", model, endpoint, read(prompt[:2000])).prompt == prompt
