"""Turns of phrase: nothing that a pattern finds is passed over because its word was not there."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from switchyard.engine import edit_figures, edit_signs, edits, lettering
from switchyard.engine.turns import Turn, turn

ALIKE = frozenset("ıİſ\N{KELVIN SIGN}")  # what a pattern that minds no capitals takes for i, s and k
ROOT = Path(__file__).resolve().parents[2]
TURNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in (edit_figures, edit_signs, edits, lettering)
    for name, value in vars(module).items()
    if isinstance(value, Turn)
}


def prompts():
    for file in ("prompts.tsv", "breadth.tsv"):
        with (ROOT / "tools" / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["prompt"]


def test_a_turn_is_looked_for_where_one_of_its_words_stands():
    says = turn("say", r"\b(?:[Ss]ay|[Rr]ead)s [A-Z]\w+")
    assert says.search("It says Open", "it says open").group() == "says Open"
    assert says.search("It says open", "it says open") is None
    assert (
        says.search("It reads Open", "it reads open") is None
    )  # for want of the word, which is why the tests below are
    assert says.may_stand_in("an essay") and not says.may_stand_in("a dog")


def test_there_are_turns():
    assert len(TURNS) >= 20


@pytest.mark.parametrize("name", TURNS)
def test_no_turn_is_passed_over_in_a_prompt(name):
    sought = TURNS[name]
    for prompt in prompts():
        if found := sought.pattern.search(prompt):
            assert sought.may_stand_in(found.group().lower()), (prompt, found.group())


@pytest.mark.parametrize("name", TURNS)
def test_no_turn_is_passed_over_in_anything_that_its_pattern_finds(name):
    sought = TURNS[name]

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(sought.pattern))
    def check(text):
        assume(not ALIKE.intersection(text))
        found = sought.pattern.search(text)
        assert found is None or sought.may_stand_in(found.group().lower()), (text, found.group())

    check()
