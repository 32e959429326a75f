"""Folding and matching: what counts as the same, where a phrase stands, and what is wrong with it. No picture is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.proof.fold import fold, plain, same
from switchyard.engine.proof.match import differences, distance, spots

SOME = st.text(alphabet="abcdeAB é好Я1.-\u0301\u200d\ud800", max_size=12)


def folded(text: str) -> str:
    return "".join(plain(letter) for letter in fold(text).letters)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SUMMER JAZZ", "Summer  jazz"),
        ("“Don’t stop”", '"Don\'t stop"'),
        ("Ｆｕｌｌ　ｗｉｄｔｈ　１２３", "Full width 123"),
        ("ﾊﾝｶｸ ｶﾅ", "ハンカク カナ"),
        ("rock—and—roll", "rock - and - roll"),
        ("Cafe\u0301", "Café"),
        ("STRASSE", "Straße"),
        ("İSTANBUL", "istanbul"),
        ("٢٠٢٦", "2026"),
        ("مَرْحَبًا", "مرحبا"),
        ("ΟΔΥΣΣΕΥΣ", "Οδυσσευς"),
        ("SALE!", "¡sale"),
        ("Ｎｏ．７", "№ 7"),
        ("Acme™", "acme®"),
        ("コーヒー", "コ一ヒ一"),
    ],
)
def test_what_a_reader_would_call_the_same(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("año", "ano"),
        ("$19.99", "$1999"),
        ("$5", "€5"),
        ("50%", "50"),
        ("未来", "末来"),
        ("人口", "入口"),
        ("ソース", "ンース"),
        ("light", "iight"),
        ("कमल", "कमला"),
    ],
)
def test_what_is_different(one, other):
    assert distance(fold(one).letters, fold(other).letters) > 0


def test_one_drawing_is_one_letter():
    assert same("I", "l") and same("O", "0") and not same("i", "l") and not same("o", "e")


@given(st.text(max_size=60))
def test_any_string_folds(text):
    found = fold(text)
    assert len(found.letters) == len(found.places) == len(found.words)
    assert all(len(letter) == 1 for letter in found.letters)
    assert list(found.places) == sorted(found.places) and list(found.words) == sorted(found.words)
    assert all(0 <= at < len(text) for at in found.places)


def plainly(one, other) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j - 1] + (not same(a, b)), before[j] + 1, row[-1] + 1))
    return row[-1]


@given(SOME, SOME)
@settings(max_examples=300)
def test_the_distance_is_that_of_the_textbook(one, other):
    assert distance(one, other) == plainly(one, other)


@given(SOME.filter(bool), SOME)
@settings(max_examples=200)
def test_the_nearest_place_is_the_nearest(phrase, text):
    found = spots(phrase, text, slack=1)
    parts = [text[i:j] for i in range(len(text) + 1) for j in range(i, len(text) + 1)]
    assert found[0].distance == min(plainly(phrase, part) for part in parts)
    for spot in found:
        assert plainly(phrase, text[spot.start : spot.end]) == spot.distance


@given(SOME, SOME)
def test_differences_make_one_of_the_other(one, other):
    edits = differences(one, other)
    built, at = "", 0
    for edit in edits:
        assert one.startswith(edit.after)
        built += one[at : len(edit.after)] + edit.drawn
        at = len(edit.after) + len(edit.asked)
    built += one[at:]
    assert len(built) == len(other) and all(map(same, built, other))


def test_a_difference_is_named_where_it_is():
    (edit,) = differences("SUMMER", "SUNMER")
    assert (edit.asked, edit.drawn, edit.after) == ("M", "N", "SU")
    (edit,) = differences("OPEN", "OPNE")
    assert edit.swapped and edit.asked == "EN"
    assert differences("OPEN", "open") == ()


def test_an_empty_phrase_is_nowhere():
    assert spots("", "abc") == [] and distance("", "abc") == 3 and distance("abc", "") == 3


def test_a_long_page_is_searched_quickly():
    page = "lorem ipsum dolor sit amet " * 300
    phrase = "the quick brown fox jumps over the lazy dog " * 5
    found = spots(phrase, page[:4000] + phrase[:100] + "X" + phrase[101:] + page[4000:])
    assert (found[0].distance, found[0].start) == (1, 4000)
    assert len(differences("a" * 5000, "b" * 5000)) == 1
