import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import features
from switchyard.engine import bidi, fonts, scripts, typeset
from switchyard.engine.fonts import Shelf, system_shelf
from switchyard.engine.phrases import fit, measure
from switchyard.engine.typeset import Line

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

BARE = Shelf([])  # Pillow's own font and no other
anything = st.text(max_size=60)
mixed = st.text("aB אבاب19٣.,:+-%$ ()[]!?\u0301漢字、。「」한글กำहि ", max_size=40)


def visual(text, right_to_left):
    """A text in the order of the page, every character for itself."""
    depths = bidi.levels(text, right_to_left)
    return "".join(text[at] for at in bidi.visual_order(depths))


# The levels of fribidi for the same strings.
@pytest.mark.parametrize(
    "text, right_to_left, levels",
    [
        ("abc", False, "000"),
        ("abc", True, "222"),
        ("אב ab", True, "11122"),
        ("אב ab", False, "11000"),
        ("a אב 12 b", False, "001112200"),
        ("ab (אב) c", False, "000011000"),
        ("אב ab (ab) אב", True, "1112222222111"),
        ("اب 7:30", True, "1112222"),
        ("-5%", True, "122"),
        ("אב  ", False, "1100"),
    ],
)
def test_levels(text, right_to_left, levels):
    assert "".join(map(str, bidi.levels(text, right_to_left))) == levels


def test_a_price_keeps_its_digits_in_a_line_from_right_to_left():
    assert visual("שלום 1,250", True) == "1,250 םולש"
    assert visual("Say שלום now", False) == "Say םולש now"


@given(mixed, st.booleans())
def test_the_visual_order_loses_nothing(text, right_to_left):
    assert sorted(visual(text, right_to_left)) == sorted(text)


@pytest.mark.parametrize(
    "char, script",
    [("a", "latin"), ("ж", "cyrillic"), ("ع", "arabic"), ("۵", "arabic"), ("ह", "devanagari"), ("漢", "han"),
     ("。", "han"), ("か", "kana"), ("ー", "kana"), ("ｶ", "kana"), ("한", "hangul"), ("ก", "thai"), ("7", "common"),
     ("!", "common"), ("\u0301", "common"), ("🔥", "emoji"), ("☕", "emoji"), ("→", "symbols"), ("\ue000", "symbols")],
)  # fmt: skip
def test_scripts(char, script):
    assert scripts.script_of(char) == script


@pytest.mark.parametrize(
    "text, region",
    [
        ("夏の祭り", "kana"),
        ("서울 漢字", "hangul"),
        ("欢迎光临", "han"),
        ("歡迎光臨臺灣", "hant"),
        ("abc", "han"),
    ],
)
def test_chinese_characters_take_the_form_of_their_language(text, region):
    assert scripts.region_of(text) == region


@given(anything)
def test_clean_leaves_nothing_that_could_break_a_layout(text):
    cleaned = scripts.clean(text)
    for char in cleaned:
        assert char in "\n\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    assert scripts.clean(cleaned) == cleaned


def test_clean_by_example():
    assert scripts.clean("a\u202eb\u0000c\u2066\ufe0f\ud800") == "abc"
    assert scripts.clean("one\r\ntwo\u2028three\tfour\u2009five") == "one\ntwo\nthree  four five"
    assert scripts.clean("می\u200cخواهم a\u200cb") == "می\u200cخواهم ab"
    assert scripts.clean("e\u0301") == "é"
    assert scripts.clean("x" + "\u0323" * 500) == "x" + "\u0323" * 4


@given(mixed, st.booleans())
def test_pieces_lose_nothing_and_none_starts_with_closing_punctuation(text, anywhere):
    found = scripts.pieces(text, anywhere)
    assert "".join(found) == text
    for before, after in pairwise(found):
        assert after[0] not in "、。」)].,:!?" or len(before) >= 12
    assert not any(piece.rstrip().endswith("「") for piece in found[:-1] if piece == piece.rstrip())


@pytest.mark.parametrize(
    "text, found",
    [
        ("two words", "two |words"),
        ("夏日，音乐。", "夏|日，|音|乐。"),
        ("「月の光」です", "「月|の|光」|で|す"),
        ("ブランケット を", "ブランケット |を"),
        ("한국어 문장", "한국어 |문장"),
        ("10\u00a0km far", "10\u00a0km |far"),
        ("a-very-long/way", "a-|very-|long/|way"),
        ("12 % off", "12 % |off"),
    ],
)
def test_where_lines_break(text, found):
    assert "|".join(scripts.pieces(text)) == found


def test_the_built_in_font_knows_what_it_has_not():
    face = BARE.face("a", "bold", "han")
    assert face.path == "" and face.covers("A") and face.covers(" ") and not face.covers("漢")
    assert BARE.face("漢", "bold", "han") is None
    assert typeset.missing("abc 漢字 かな", BARE) == ({"kana"}, set())
    assert typeset.missing("漢字", BARE)[0] and scripts.language_of("hant") == "Chinese"


def test_without_shaping_no_arabic_is_set():
    shelf = Shelf(shapes=False)
    assert shelf.face("ع", "bold", "han") is None
    assert typeset.missing("عربي abc", shelf) == (set(), {"arabic"})


def test_legible_replaces_what_no_font_has():
    assert typeset.legible("5 × é 漢", BARE, "regular") == "5 x e ?"
    assert typeset.legible('"漢🔥"', BARE, "mono", as_json=True) == '"\\u6f22\\ud83d\\udd25"'


def test_a_broken_font_file_is_passed_over(tmp_path):
    (tmp_path / "HelveticaNeue-Bold.otf").write_bytes(b"no font at all")
    shelf = Shelf([tmp_path, tmp_path / "nowhere"])
    assert shelf.face("a", "bold", "han").path == "" and shelf.face(" ", "bold", "han").path == ""


def test_fonts_are_found_by_family_and_weight(tmp_path):
    for name in (
        "Arial.ttf",
        "arialbd.ttf",
        "NotoSansCJK-Bold.ttc",
        "NotoSansGeorgian-Regular.ttf",
        "consola.ttf",
    ):
        (tmp_path / "deep").mkdir(exist_ok=True)
        (tmp_path / "deep" / name).touch()
    shelf = Shelf([tmp_path])
    names = {
        style: [Path(f.path).name for f in shelf._faces("latin", style)]
        for style in ("bold", "regular", "mono")
    }
    assert names == {
        "bold": ["arialbd.ttf", ""],
        "regular": ["Arial.ttf", ""],
        "mono": ["consola.ttf", "Arial.ttf", ""],
    }
    assert [shelf._faces(s, "bold")[0].index for s in ("kana", "hangul", "han", "hant")] == [0, 1, 2, 3]
    assert shelf._faces("georgian", "bold")[0].path.endswith("NotoSansGeorgian-Regular.ttf")


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_system_has_font_folders(system, monkeypatch):
    monkeypatch.setattr(fonts.sys, "platform", system)
    monkeypatch.setenv("LOCALAPPDATA", "C:/Users/x/AppData/Local")
    folders = [str(folder).replace("\\", "/") for folder in fonts.font_folders()]
    assert len(folders) >= 2 and all("onts" in folder for folder in folders)


@given(st.text("abcdefg hij klm", min_size=1, max_size=80), st.integers(20, 400))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text, width):
    line = Line(text, 12)
    lines = typeset.wrap(line, width, BARE)
    assert "".join("".join(part.text for part in lines).split()) == "".join(text.split())
    assert all(typeset.width_of(part, BARE) <= width for part in lines)


@given(st.text("abc def漢", max_size=60), st.integers(10, 300))
def test_shortened_lines_fit(text, width):
    short = typeset.shorten(Line(text, 12), width, BARE)
    assert short.text.startswith(text[: len(short.text.rstrip(".…"))].rstrip()) or short.text == text
    assert typeset.width_of(short, BARE) <= max(width, typeset.length("...", Line("", 12), BARE))


def test_fit_finds_the_largest_size():
    one = measure("OPEN", "bold", BARE)
    (size, lines), *_ = fit([one], [1.0], (400, 300), 7, 999)
    assert lines == ["OPEN"] and one.longest * size <= 400 < one.longest * (size + 1)
    (wrapped, lines), *_ = fit([measure("OPEN ALL DAY", "bold", BARE)], [1.0], (400, 1000), 7, 999)
    assert lines == ["OPEN", "ALL", "DAY"] and wrapped == size
    assert fit([one], [1.0], (400, 5), 7, 999) is None
    (_, lines), *_ = fit([measure("W" * 300, "bold", BARE)], [1.0], (200, 900), 7, 999)
    assert len(lines) > 1 and "".join(lines) == "W" * 300


def test_lines_are_balanced():
    phrase = measure("aaaa bbbb cccc dddd eeee", "bold", BARE)
    width = phrase.longest * 4.6
    assert phrase.lines(width) == ["aaaa bbbb cccc dddd", "eeee"]
    assert phrase.balanced(width) == ["aaaa bbbb cccc", "dddd eeee"]


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow has no libraqm: nothing is shaped")
@pytest.mark.parametrize("text, script", [("مرحبا", "arabic"), ("हिन्दी", "devanagari"), ("שלום", "hebrew")])
def test_shaped_text_is_not_its_letters_in_a_row(text, script):
    shelf = system_shelf()
    if typeset.missing(text, shelf) != (set(), set()):
        pytest.skip(f"no font for {script} on this machine")
    line = Line(text, 40, "bold", rtl=bidi.runs_right_to_left(text))
    if script == "hebrew":  # letters do not join: only their order shows it
        runs = typeset._runs(line, shelf)
        assert [run.rtl for run in runs] == [True]
    else:
        apart = sum(typeset.width_of(Line(char, 40, "bold"), shelf) for char in text)
        assert typeset.width_of(line, shelf) < 0.97 * apart
