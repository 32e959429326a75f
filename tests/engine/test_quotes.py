"""Quoted passages: every kind of mark, and what looks like one and is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchyard.engine.quotes import LONGEST, quotes

MARKS = "\"'“”„‟«»‹›「」『』〝〟〞＂❝❞《》〈〉【】‘’‚`´"
ALPHABET = st.sampled_from([*MARKS, *"aS5x×. ,:\n(", "文", "ا", "é"]) | st.characters()


def found(text: str) -> list[str]:
    return [quote.words for quote in quotes(text)]


@pytest.mark.parametrize(
    "text, words",
    [
        ('a door marked "Stage" in brass', ["Stage"]),
        ("a door marked “Stage” in brass", ["Stage"]),
        ("„Guten Morgen“ an der Tür", ["Guten Morgen"]),
        ("„Dzień dobry” na drzwiach", ["Dzień dobry"]),
        ("«Bonsoir» et ‹petit mot›", ["Bonsoir", "petit mot"]),
        ("木の札に「営業中」と『定休日』", ["営業中", "定休日"]),
        ("〝縦書き〟の看板", ["縦書き"]),
        ("＂全角＂ and ❝ornate❞", ["全角", "ornate"]),
        ("《茶馆》 【公告】", ["茶馆", "公告"]),
        ("a tag 'Fragile' on a crate", ["Fragile"]),
        ("a tag ‘Fragile’ on a crate", ["Fragile"]),
        ("a tag `Fragile` on a crate", ["Fragile"]),
        ('“mixed" marks', ["mixed"]),
        ('"mixed” marks', ["mixed"]),
        ('"One", "Two" and "Three"', ["One", "Two", "Three"]),
        ('("Hi") label:"A"/"B"', ["Hi", "A", "B"]),
        ("''Doubled'' and ``TeX''", ["Doubled", "TeX"]),
        ('" padded "', ["padded"]),
    ],
)
def test_every_kind_of_mark(text, words):
    assert found(text) == words


@pytest.mark.parametrize(
    "text, words",
    [
        ("the keeper's lamp isn't lit", []),
        ("the keepers' lamps and the dogs' dinner", []),
        ("rock 'n' roll", []),
        ("a '90s diner, 'til late, ’twas ‘tis", []),
        ("O'Neill's pub d'Artagnan l'été", []),
        ("the keeper's tag 'Off Duty'", ["Off Duty"]),
        ("'Don't Panic' on a towel", ["Don't Panic"]),
        ("a shop 'Joe's' at night", ["Joe's"]),
        ("'The Dogs' Dinner' in gold", ["The Dogs' Dinner"]),
        ("she said ‘don’t stop’ twice", ["don’t stop"]),
    ],
)
def test_apostrophes_are_no_quotation_marks(text, words):
    assert found(text) == words


@pytest.mark.parametrize(
    "text, words",
    [
        ('a 12" record', []),
        ('12"', []),
        ('a 27" screen showing "Hi"', ["Hi"]),
        ('a banner, 72"x48", reading "Sale"', ["Sale"]),
        ('a 24" × 36" poster "Sale"', ["Sale"]),
        ('a man of 6\'2" with a 5" scar', []),
        ('the 5" and the 6" pipe', []),
        ('"Route 66" on a shield', ["Route 66"]),
        ('a door with "Room 5"', ["Room 5"]),
        ('"5" on a balloon', ["5"]),
    ],
)
def test_inches_are_no_quotation_marks(text, words):
    assert found(text) == words


@pytest.mark.parametrize(
    "text, words",
    [
        ("“He said “go” twice”", ["He said “go” twice"]),
        ("«un «deux» trois»", ["un «deux» trois"]),
        ("\"outer 'inner' outer\"", ["outer 'inner' outer"]),
        ("「外『内』外」", ["外『内』外"]),
    ],
)
def test_nested_passages_belong_to_the_outer_one(text, words):
    assert found(text) == words


@pytest.mark.parametrize("text", ["", '"', "''", '""', '" "', 'no "closing', "ends with '", "“„«「", "”»」"])
def test_nothing_is_quoted(text):
    assert found(text) == []


def test_a_very_long_passage_is_two_stray_marks():
    assert found(f'"{"y" * (LONGEST - 1)}"') == ["y" * (LONGEST - 1)]
    assert found(f'"{"y" * LONGEST}"') == []
    assert found("it's a long story" + " word" * 100 + " 'short'") == ["short"]


def test_single_marks_do_not_reach_over_a_paragraph():
    assert found("'never closed\n\nthe tag' here") == []


def test_titles_are_told_apart():
    assert [(q.words, q.is_title) for q in quotes("《茶馆》“茶馆”")] == [("茶馆", True), ("茶馆", False)]


@settings(max_examples=400, deadline=None)
@given(st.text(ALPHABET, max_size=80))
@example("'" * 80)
def test_any_text_gives_passages_that_stand_in_it_in_order(text):
    end = 0
    for quote in quotes(text):
        assert end <= quote.start < quote.end <= len(text)
        assert quote.words and quote.words in text[quote.start : quote.end]
        assert text[quote.start] == quote.mark
        end = quote.end


@pytest.mark.parametrize("unit", ['"', "“", "“”“", "《", "'", " 'x", " 's' s", "''", "` ", "«", 'a "b" '])
def test_time_is_linear(unit):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        return min(_timed(text) for _ in range(2))

    assert seconds(12_000) < 8 * max(seconds(3_000), 1e-3)


def test_a_megabyte_of_marks():
    assert _timed("“" * 1_000_000) < 20


def _timed(text: str) -> float:
    start = time.process_time()
    quotes(text)
    return time.process_time() - start
