"""The verdict on what a reader says that it read. The readers here are made up, and what they say is foreign input."""

import math
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.fonts import Shelf
from switchyard.engine.proof import looks
from switchyard.engine.proof.check import check
from switchyard.engine.proof.mark import entries, mark, sheets
from switchyard.engine.proof.tesseract import Tesseract, straightened
from switchyard.engine.proof.verdict import Line, PhraseResult, Verdict

BLANK = np.zeros((300, 400, 3), np.uint8)
CYRILLIC = {chr(code) for code in range(0x400, 0x460)}


def line(text: str, x: float = 10, y: float = 10, wide: float = 0, high: float = 20) -> Line:
    right = x + (wide or 10 * max(1, len(text)))
    return Line(text, ((x, y), (right, y), (right, y + high), (x, y + high)))


def stacked(*texts: str) -> tuple[Line, ...]:
    return tuple(line(text, y=10 + 30 * n) for n, text in enumerate(texts))


class Reader:
    """Says the same lines of every picture; `later` those of every second look."""

    def __init__(self, *lines: Line, later: tuple[Line, ...] = (), lacking: set[str] = CYRILLIC):
        self.lines, self.later, self.lacking, self.reads = lines, later, lacking, 0

    def read(self, pixels, classify=False):
        self.reads += 1
        return self.lines if self.reads == 1 else self.later

    def line(self, pixels, quad):
        self.reads += 1
        return self.later[0].text if self.later else ""

    def boxes(self, pixels):
        return tuple(one.quad for one in self.lines)

    def lacks(self, text):
        return {char for char in text if char in self.lacking}


def judged(asked, *texts, **reader) -> Verdict:
    asked = [asked] if isinstance(asked, str) else asked
    lines = stacked(*texts) if all(isinstance(text, str) for text in texts) else texts
    return check(BLANK, asked, Reader(*lines, **reader), other=NOBODY)


def program(packs=("rus", "ukr", "eng"), says=b"", code=0, trouble=None):
    def run(command, **options):
        assert options.get("shell") is None and options["timeout"] > 0
        seen.append(command)
        if trouble:
            raise trouble
        return subprocess.CompletedProcess(command, code, says, b"")

    seen: list[list[str]] = []
    found = Tesseract("/bin/tesseract", frozenset(packs), run)
    object.__setattr__(found, "seen", seen)
    return found


NOBODY = program(packs=())


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ("Summer Jazz Nights", ["SUMMER JAZZ", "NIGHTS"]),
        ("Summer Jazz Nights", ["SUMMERJAZZ NIGHTS"]),
        (["Summer", "Jazz Nights"], ["SUMMERJAZZ NIGHTS"]),
        (["Summer Jazz Nights", "JAZZ"], ["Summer Jazz Nights"]),
        (["Sale", "Sale"], ["SALE", "SALE"]),
        ("Don’t stop", ["Don't", "stop!"]),
        ("夏日音乐节", ["夏日", "音乐节"]),
        (["夏日音乐节", "免费入场"], ["夏日音乐节免费入场"]),
        ("AI Lab", ["Al Lab"]),
    ],
)
def test_what_is_right_passes(asked, texts):
    verdict = judged(asked, *texts)
    assert (verdict.status, verdict.score, verdict.unasked) == ("pass", 1.0, ()), verdict.report


@pytest.mark.parametrize(
    ("asked", "texts", "why"),
    [
        ("Summer", ["Sumner"], "“n” instead of “m” after “Sum”"),
        ("Summer", ["Sumer"], "“m” is missing"),
        ("Summer", ["Summmer"], "“m” too many"),
        ("Summer", ["Smumer"], "“um” is turned round after “S”"),
        ("Sale", ["Sales"], "“s” too many after “Sale”"),
        ("Go", ["Gold"], "not found"),
        ("A", ["Grand"], "not found"),
        ("Summer Jazz Nights", ["Summer Nights Jazz"], "not in this order"),
        ("Open at noon", ["Completely different"], "not found"),
        ("Summer Jazz Nights", [], "not found"),
        ("夏日音乐节", ["夏日音乐节节"], "“节” too many"),
        ("$19.99", ["$1999"], "“.” is missing"),
        ("Mañana", ["Manana"], "“n” instead of “ñ”"),
    ],
)
def test_what_is_wrong_fails_and_says_why(asked, texts, why):
    verdict = judged(asked, *texts)
    assert verdict.status == "fail" and verdict.score < 1
    assert why in verdict.phrases[0].why


@pytest.mark.parametrize(
    ("asked", "texts", "again"),
    [
        ("Summer Jazz Nights", ["Summer Jazz Nights", "SUMMER JAZZ NIGHTS"], ["SUMMER JAZZ NIGHTS"]),
        ("Summer Jazz Nights", ["Summer Jazz Nights", "Summer Jaz Nights"], ["Summer Jaz Nights"]),
        ("The End", ["The The End"], ["The"]),
        ("Summer Jazz Nights", ["Summer Jazz Nights", "Nights"], ["Nights"]),
        ("夏日音乐节免费", ["夏日音乐节免费夏日音乐"], ["夏日音乐"]),
    ],
)
def test_what_is_there_twice_fails(asked, texts, again):
    verdict = judged(asked, *texts)
    assert verdict.status == "fail" and verdict.phrases[0].doubled and 0.5 <= verdict.score < 1
    assert [one.text for one in verdict.phrases[0].extra] == again and verdict.unasked == ()


def test_a_word_twice_within_a_phrase_fails():
    verdict = judged("Summer Jazz Nights", "Summer Jazz Jazz Nights")
    assert verdict.status == "fail" and "“Jazz” too many" in verdict.phrases[0].why, verdict.report
    late = Reader(line("Zq"), later=stacked("Summer Jazz Jazz Nights"))
    assert check(BLANK, ["Summer Jazz Nights"], late, other=NOBODY).status == "fail"


def test_what_nobody_asked_for_is_told_and_fails_nothing():
    verdict = judged("Summer Jazz", "Summer Jazz", "EXIT", "qwrt zxcv")
    assert verdict.passed and [one.text for one in verdict.unasked] == ["EXIT", "qwrt zxcv"]
    assert "Not asked for: “EXIT”, “qwrt zxcv”" in verdict.report


def test_capitals_and_punctuation_are_notes():
    assert "Capitals differ" in judged("Summer", "SUMMER").phrases[0].notes[0]
    assert "Punctuation differs" in judged("Summer!", "Summer").phrases[0].notes[0]
    assert judged("Summer!", "Summer!").phrases[0].notes == ()


def test_two_columns_are_read_downwards():
    left = [line("Fresh", y=10), line("Bread", y=34)]
    right = [line("Live", x=200, y=10), line("Music", x=200, y=34)]
    rows = [left[0], right[0], left[1], right[1]]
    assert judged(["Fresh Bread", "Live Music"], *rows).passed


def test_the_words_of_a_phrase_may_stand_far_apart_in_order():
    lines = [line("BIG", y=10), line("free coffee", y=60), line("SALE", x=200, y=150)]
    assert judged(["Big Sale", "Free coffee"], *lines).passed


def test_a_phrase_that_is_not_found_is_looked_for_again():
    reader = Reader(line("XJQZ"), later=stacked("Summer Jazz"))
    verdict = check(BLANK, ["Summer Jazz"], reader, other=NOBODY)
    assert verdict.passed and reader.reads == 2
    misspelt = Reader(line("Sumner Jazz"), later=stacked("Summer Jazz"))
    assert not check(BLANK, ["Summer Jazz"], misspelt, other=NOBODY).passed and misspelt.reads == 1


def test_a_line_that_was_cut_short_is_read_again_longer():
    cut = Reader(line("买一送"), later=(line("买一送一"),))
    assert check(BLANK, ["买一送一"], cut, other=NOBODY).passed and cut.reads == 2
    wrong = Reader(line("买一送"), later=(line("买一送二"),))
    assert not check(BLANK, ["买一送一"], wrong, other=NOBODY).passed
    inner = Reader(line("Sumer"), later=(line("Summer"),))
    assert not check(BLANK, ["Summer"], inner, other=NOBODY).passed and inner.reads == 1


def test_cancel_goes_through():
    def cancel():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(BLANK, ["a"], Reader(), between=cancel)


def test_an_unreadable_script_is_unknown_and_never_a_number():
    verdict = judged(["Ночь музеев", "Cafe"], "HO4 MY3EEB", "Cafe")
    first, second = verdict.phrases
    assert (first.status, first.score, second.status) == ("unknown", None, "pass")
    assert (verdict.status, verdict.passed, verdict.score) == ("unknown", False, 1.0)
    assert "cannot be read here" in first.why and "Cyrillic" in first.why and "perhaps" in verdict.report
    alone = judged("Ночь", "HO4")
    assert (alone.status, alone.score) == ("unknown", 0.0)
    assert judged("!!! ★", "x").phrases[0].status == "unknown"


def test_a_tesseract_reads_what_the_model_does_not_know():
    other = program(says="НОЧЬ МУЗЕЕВ\n".encode())
    verdict = check(BLANK, ["Ночь музеев"], Reader(line("HO4 MY3EEB")), other=other)
    assert verdict.passed and verdict.unasked == ()
    assert other.seen[0][1:] == ["stdin", "stdout", "-l", "rus", "--psm", "7"]


@pytest.mark.parametrize(
    "other",
    [
        program(trouble=OSError()),
        program(trouble=subprocess.TimeoutExpired("tesseract", 1)),
        program(says=b"\xff\xfe\x00", code=0),
        program(says=b"text", code=1),
    ],
)
def test_a_tesseract_that_fails_finds_nothing(other):
    verdict = check(BLANK, ["Ночь"], Reader(line("HO4")), other=other)
    assert verdict.status == "fail" and verdict.phrases[0].missing


def test_only_installed_packs_are_asked_for():
    assert program().language("Ночь") == "rus" and program().language("Ніч Café") == "ukr+eng"
    assert program(packs=("rus",)).language("Ночь Cafe") == "" and program().language("밤") == ""


def test_no_words_asked_for_is_nothing_to_fail():
    verdict = judged([], "EXIT")
    assert (verdict.status, verdict.score, len(verdict.unasked)) == ("pass", 1.0, 1)


JUNK = st.text(alphabet="abA é好ノЯ1.$-\u0301\u200d\ud800\n", max_size=10)
NUMBER = st.floats(-1e6, 1e6, allow_nan=False)
QUAD = st.tuples(*[st.tuples(NUMBER, NUMBER)] * 4)


@given(st.lists(JUNK, max_size=4), st.lists(st.builds(Line, JUNK, QUAD), max_size=6))
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_there_is_a_verdict(asked, lines):
    verdict = check(BLANK, asked, Reader(*lines), other=NOBODY)
    assert len(verdict.phrases) == sum(bool(phrase.split()) for phrase in asked)
    assert 0 <= verdict.score <= 1 and not math.isnan(verdict.score)
    for phrase in verdict.phrases:
        assert (phrase.score is None) == (phrase.status == "unknown")
        assert (phrase.status == "pass") == (phrase.score == 1), phrase
    assert verdict.report and entries(verdict)


@given(st.lists(JUNK.filter(str.strip), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_what_is_drawn_as_asked_passes(asked):
    verdict = check(BLANK, asked, Reader(*stacked(*asked)), other=NOBODY)
    assert verdict.status != "fail", verdict.report


def test_strips_are_joined_where_their_letters_agree():
    assert looks.join(line("Night Mark", 0), line("Market by", 60)).text == "Night Market by"
    assert looks.join(line("Night Marl", 0), line("ight Market", 10)).text == "Night Market"
    assert looks.join(line("夏日音", 0), line("音乐节", 20)).text == "夏日音乐节"
    assert looks.join(line("ab", 0), line("xy", 20)).text == "ab xy"
    assert looks.join(line("Night Market", 0), line("Market by", 130)).text == "Night Market Market by"


@given(JUNK, JUNK, NUMBER, NUMBER)
def test_joining_any_lines(one, other, x, y):
    joined = looks.join(line(one, x), line(other, y)).text
    assert len(joined) <= len(one) + len(other) + 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_of_a_turned_picture_come_back(quarters):
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[20:30, 50:90] = 255
    page = looks.turned(pixels, lambda seen: (_bright(seen),), quarters)
    xs, ys = zip(*page.lines[0].quad, strict=True)
    assert (min(xs), min(ys), max(xs), max(ys)) == (50, 20, 90, 30)


def _bright(pixels) -> Line:
    ys, xs = np.nonzero(pixels[..., 0])
    left, top, right, bottom = (float(v) for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    return Line("x", ((left, top), (right, top), (right, bottom), (left, bottom)))


def test_a_straightened_line_is_a_picture_of_that_line():
    assert straightened(BLANK, line("abc").quad).startswith(b"\x89PNG")
    assert straightened(BLANK, line("abc", high=2).quad) == b""


def test_marks_are_drawn_and_the_legend_is_below():
    quad = line("abc", x=50, y=50).quad
    verdict = Verdict(
        (
            PhraseResult("Summer", "pass", 1.0, "Summer", (quad,)),
            PhraseResult("Нет", "unknown", None, why="x"),
            PhraseResult("Jazz", "fail", 0.0),
            PhraseResult("夏日 العربية", "fail", 0.9, "夏曰", (quad,), extra=(line("again", y=200),)),
        ),
        unasked=(line("EXIT \ud800", x=300, y=250),),
    )
    picture = mark(BLANK, verdict)
    assert picture.width == 400 and picture.height > 300
    assert len(picture.crop((0, 0, 400, 300)).getcolors(120_000)) >= 4
    assert mark(BLANK, verdict, Shelf([])).height > 300  # a machine without fonts
    two = sheets([BLANK, BLANK], [verdict, Verdict(())])
    assert two[0].size == two[1].size
    labels = [label for _, label, _ in entries(verdict)]
    assert labels == ["right", "cannot be read", "missing", "drawn twice", "not asked for"]


def test_a_tiny_picture_is_marked_too():
    assert mark(np.zeros((1, 1, 3), np.uint8), Verdict(())).width == 1
