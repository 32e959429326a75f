"""Reading prompts: any text whatsoever, and in time that grows no faster than the text."""

from __future__ import annotations

import os
import random
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
    "misspelt words": "infografik ",
    "loud surfaces": "SIGN ",
    "titles": "title: A\n",
    "list of refusals": "avoid text, ",
    "Thai": "คำว่า",
    "Hindi": 'लिखा "अ" ',
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
    "unit",
    ['"', "“", "[", "\u202e", "a", "文字", "no text "],
    ids=["marks", "nested marks", "brackets", "right-to-left marks", "one word", "characters", "refusals"],
)
def test_a_megabyte(unit):
    assert _timed(unit * 1_000_000) < 30


PIECES = [
    "a poster that says ", '"Sale"', "“开业”", "「営業中」", "no text, ", "avoid ", "sign ", "reads OPEN ", "海报", "文字なし", "텍스트 없이 ",
    '{"text": "', '"}', "Title: Dune\n", "@image1 ", "#ff00aa ", "--no text ", "in the style of ", "\u202e", "\u200b", "\ud800", "İ", "ﬃ",
    "e\u0301", "\x00", "\n\n", "12\" ", "'til ", "O'Neill's ", "हिन्दी", "ป้าย", "لافتة", "🦊", " ", ",", ".", ":", "[", "(", "'",
]  # fmt: skip


def _mutated(chance: random.Random) -> str:
    """A prompt of pieces, some of which are cut, doubled, reversed or put between random characters."""
    parts = [chance.choice(PIECES) for _ in range(chance.randrange(1, 14))]
    for _ in range(chance.randrange(4)):
        i, kind = chance.randrange(len(parts)), chance.randrange(5)
        part = parts[i]
        parts[i] = (
            part[: len(part) // 2],
            part * 3,
            part[::-1],
            part.upper(),
            part + "".join(chr(chance.randrange(0x110000)) for _ in range(3)),
        )[kind]
    return "".join(parts)


def _survives(count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        prompt = _mutated(chance)
        signals = read(prompt)
        assert 0.5 <= signals.confidence <= 1 and 0.5 <= signals.edit_confidence <= 1, prompt
        assert bool(signals.because) <= signals.asks_for_text, prompt
        assert all(words.strip() for words in signals.copy), prompt
        assert len(signals.passages) == len(signals.copy), prompt


def test_mutated_prompts():
    _survives(1_500, seed=5)


@pytest.mark.full
@pytest.mark.skipif(not os.environ.get("SWITCHYARD_FULL"), reason="only with --full")
def test_a_hundred_thousand_mutated_prompts():
    _survives(100_000, seed=6)


@settings(max_examples=150, deadline=None)
@given(st.text("abcdefghij ÄÖß", min_size=3, max_size=30).map(str.strip).filter(lambda w: len(w) > 2))
def test_what_a_sign_says_is_copied_exactly(words):
    words = f"X{words}"
    for opening, closing in ('""', "“”", "«»", "「」"):
        assert read(f"A wooden sign that says {opening}{words}{closing} beside a road").copy == (words,)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["a poster", "a logo", "a menu"]), st.sampled_from(["zq", "blorv", "vrem"]))
def test_what_is_in_front_changes_nothing(thing, nonsense):
    assert (
        read(f"{nonsense} {nonsense}. {thing} of a fox").asks_for_text
        == read(f"{nonsense}. {thing} of a fox").asks_for_text
    )


def test_a_usual_prompt_takes_no_time():
    prompt = 'A portrait of a fisherman at dusk beside a hand-painted sign that says "Fresh Crab", 85mm, soft light'
    assert min(_timed(prompt) for _ in range(50)) < 0.005


def _timed(text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start
