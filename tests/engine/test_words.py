"""Which phrases of the lexicon stand in a text, and where."""

import pytest
from switchyard.engine.vocabulary import part_index, phrase_index
from switchyard.engine.words import Words

PARTS = sorted({entry for entries in [*part_index()[0].values(), part_index()[1]] for entry in entries})
PHRASES = sorted(
    {
        (phrase, concept)
        for following in phrase_index().values()
        for entries in following.values()
        for _, phrase, concepts in entries
        for concept in concepts
    }
)


def where(text, concept):
    return [(hit.start, hit.end) for hit in Words(text).hits.get(concept, ())]


def test_there_is_a_lexicon():
    assert len(PARTS) > 2000 and len(PHRASES) > 5000


@pytest.mark.parametrize("before", ["", "q", "qq", "q🦊", "ñ 🦊 "])
def test_every_part_is_found_wherever_it_stands(before):
    """A letter beyond the first plane counts as two; the part may begin at an odd place or at an even one."""
    for part, concept in PARTS:
        if part.isascii():
            continue  # parts are of the scripts that part no words; this one stands in texts of these
        assert any(
            start <= len(before) and end >= len(before) + len(part.rstrip())
            for start, end in where(f"{before}{part}q", concept)
        ), (part, concept)


def test_every_phrase_is_found_between_others():
    for phrase, concept in PHRASES:
        at = 4
        assert any(
            start <= at and end >= at + len(phrase) for start, end in where(f"qqq {phrase} qqq", concept)
        ), (phrase, concept)


def test_a_phrase_at_the_end_of_the_text_is_found_and_one_that_is_cut_off_is_not():
    assert where("a movie poster", "SHEETS")[0] == (2, 14)
    long = next(phrase for phrase, concept in PHRASES if concept == "SHEETS" and phrase.count(" ") == 2)
    assert where(long, "SHEETS")[0] == (0, len(long))
    assert (0, len(long)) not in where(long.rsplit(" ", 1)[0], "SHEETS")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("un bureau, pas d'inscription", True), ("un bureau, pas d’inscription", True), ("un bureau, une inscription", False),
        ("un cartel, pas d'autre inscription", False), ("una strada, nessun'insegna", True), ("una tazza, niente scritte", True),
        ("una calle, nada de letreros", True), ("the sign is blank", True), ("les enseignes sont vides", True),
        ("das Schild ist leer", True), ("la insegna è grande", False), ("boş bir tabela", True), ("لافتة فارغة", True),
    ],
)  # fmt: skip
def test_a_no_in_its_own_grammar_takes_back_what_it_belongs_to(text, refused):
    words = Words(text)
    hits = [hit for concept in ("COPY", "SHEETS", "SURFACES") for hit in words.of(concept)]
    assert hits and all(words.refused(hit) is refused for hit in hits)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("One. Two", [4]), ("1.5 of e.g.the", []), ("What?! Yes...", [6, 13]), ("a；b。c", [2, 4]), ("...x. y", [5]),
        ("end.", [4]), ('"Stop!" she', [6]), ("line\nnext", [5]), ("!!!!x", []),
    ],
)  # fmt: skip
def test_where_sentences_end(text, ends):
    assert Words(text).ends_of_sentences == ends
