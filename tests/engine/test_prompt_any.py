"""Reading prompts: any text whatsoever, and in time that grows no faster than the text."""

from __future__ import annotations

import os
import random
import time
from itertools import pairwise
from pathlib import Path

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
    "blank lines": "\n" + " " * 80,
    "stars": "*",
    "points": "!x",
    "numbers": "1.",
    "joiners": "\u200d",
    "joined letters": "क\u200d",
    "fields": '"a": "b", ',
    "changes": 'change "a" to "b" ',
    "Russian": "плакатами ",
    "Japanese": "「営業中」と書かれた看板",
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
    "before, after", [("a poster\n", "x"), ("\n", ""), ("the sign ", ":"), ("change 1", " to 2")]
)
@pytest.mark.parametrize("unit", [" ", "\t", "*", "!", ".", "1.", "A", "A ", ":", "-"])
def test_time_is_linear_whatever_stands_around(before, after, unit):
    def seconds(length: int) -> float:
        return min(_timed(before + (unit * length)[:length] + after) for _ in range(2))

    assert seconds(12_000) < 8 * max(seconds(3_000), 1e-3)


TEN_MEGABYTES = {
    "straight marks": '"',
    "nested marks": "“”“",
    "marks never closed": "“",
    "apostrophes": "'",
    "right-to-left marks": "\u202e",
    "zero-width characters": "\u200b",
    "joiners": "\u200d",
    "one long word": "a",
    "one word repeated": "poster ",
    "characters": "文字",
    "deep JSON": '{"a":',
    "refusals": "no text ",
    "spaces": " ",
    "lines": "title: A\n",
}


@pytest.mark.parametrize("unit", TEN_MEGABYTES.values(), ids=TEN_MEGABYTES)
def test_ten_megabytes(unit):
    text = (unit * (10_000_000 // len(unit) + 1))[:10_000_000]
    assert _timed(text) < 4  # seconds of one core


def test_a_very_long_prompt_is_read_at_both_ends():
    middle = "a fox asleep in the snow beside a frozen lake. " * 4000
    signals = read(f'A poster that says "First". {middle} A sign that says "Last".')
    assert signals.copy == ("First", "Last")
    assert signals.characters > len(middle)
    hidden = "x" * 70_000 + ' a sign that says "Nobody reads this" ' + "x" * 70_000
    assert read(hidden).copy == ()


PIECES = [
    "a poster that says ", '"Sale"', "“开业”", "「営業中」", "no text, ", "avoid ", "sign ", "reads OPEN ", "海报", "文字なし", "텍스트 없이 ",
    '{"text": "', '"}', "Title: Dune\n", "@image1 ", "#ff00aa ", "--no text ", "in the style of ", "\u202e", "\u200b", "\ud800", "İ", "ﬃ",
    "e\u0301", "\x00", "\n\n", "12\" ", "'til ", "O'Neill's ", "हिन्दी", "ป้าย", "لافتة", "🦊", " ", ",", ".", ":", "[", "(", "'",
    "remove all text ", "change the sign to ", "to French", "from 10 to 20 ", "$5 ", "10:30 ", "把标题改成", "без текста ", "афишах ",
]  # fmt: skip


OWN = Path(__file__).resolve().parents[2] / "tools" / "prompts.tsv"


def _mutated(chance: random.Random, whole: list[str]) -> str:
    """Some pieces, or a prompt cut into some, that are cut, doubled, reversed, exchanged or put between random
    characters."""
    if chance.random() < 0.5:
        parts = [chance.choice(PIECES) for _ in range(chance.randrange(1, 14))]
    else:
        prompt = chance.choice(whole)
        at = sorted(chance.randrange(len(prompt) + 1) for _ in range(chance.randrange(1, 6)))
        parts = [prompt[i:j] for i, j in pairwise([0, *at, len(prompt)])]
    for _ in range(chance.randrange(5)):
        i, kind = chance.randrange(len(parts)), chance.randrange(7)
        part = parts[i]
        parts[i] = (
            part[: len(part) // 2],
            part * 3,
            part[::-1],
            part.upper(),
            part + "".join(chr(chance.randrange(0x110000)) for _ in range(3)),
            part + chance.choice(PIECES),
            chance.choice(parts),
        )[kind]
    return "".join(parts)


def _survives(count: int, seed: int) -> None:
    chance = random.Random(seed)
    whole = [line.split("\t")[-1] for line in OWN.read_text(encoding="utf-8").splitlines()[1:]]
    for _ in range(count):
        prompt = _mutated(chance, whole)
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
