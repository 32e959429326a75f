import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, features
from switchyard.engine import sheet, typeset
from switchyard.engine.fonts import Shelf, system_shelf
from switchyard.engine.slate import Slate, draw, layout

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

BARE = Shelf([])  # Pillow's own font and no other
COPY = (
    "SUMMER JAZZ NIGHTS",
    "Festival de música junto al mar: ¡entrada libre!",
    "夏日音乐节：海滨公园露天演出，八月十四日星期五晚上七点半开始，门票二百八十元起。",
    "夏の音楽祭「月の光」ブランケットを持って、友だちと来てね。",
    "여름 음악 축제에 오신 것을 환영합니다",
    "مهرجان الصيف: موسيقى تحت ضوء القمر (7:30 PM)",
    "ग्रीष्म संगीत उत्सव",
    "Летний джазовый фестиваль",
)
PLAIN = ("GRAND OPENING", "Saturday 14 August, doors at 7:30 pm", "Free entry for everyone under 18")
ROWS = (
    (
        "Route",
        "flux_remote · light on a face, and a reason that is long enough to need a second line or even more",
    ),
    ("Endpoint", "fal-ai/flux-2-pro"),
    ("Size", "1024 × 1024 · 1.05 megapixels"),
    ("Price", "$0.045"),
    ("Seed", "42"),
)
SIZES = [
    (1024, 1024),
    (832, 1216),
    (1536, 640),
    (512, 512),
    (2048, 2048),
    (256, 256),
    (640, 64),
    (64, 640),
    (64, 64),
]
HOSTILE = ("A" * 10_000, "啊，" * 5_000, "\u202e\u202dabc\u202e\x00\x1b[31m\ud800 evil\u2066",
           "🔥" * 3_000, "x" + "\u0301" * 5_000, "ﷺ" * 200, "(" * 300, "؟" * 100, "\x1e0\x85\u2028\u20291", "   ",
           "", "\n\n\n", "\uffff\ufffe\U0010ffff\ue000")  # fmt: skip


def slate(width=1024, height=1024, copy=PLAIN, **changes):
    body = {
        "prompt": "a poster that says " + ", ".join(copy)[:4_000],
        "image_size": {"width": width, "height": height},
        "seed": 42,
    }
    whole = {
        "title": "REHEARSAL · nothing was sent, nothing was paid",
        "rows": ROWS,
        "request": json.dumps(body, indent=2, ensure_ascii=False),
        "note": "The words are set in type; this is not a picture of the result.",
    }
    return Slate(width, height, copy=copy, **{**whole, **changes})


def texts(made, shelf):
    return [line.text for block in layout(made, shelf) for line in block.lines]


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def check(made, shelf):
    """No block over another, no ink outside its block or over other ink, nothing drawn between the blocks."""
    blocks = layout(made, shelf)
    for n, block in enumerate(blocks):
        left, top, right, bottom = block.box
        assert 0 <= left < right <= made.width and 0 <= top < bottom <= made.height
        assert all(apart(block.box, other.box) for other in blocks[:n])
        inks = [typeset.ink(line, shelf) for line in block.lines]
        for box, line in zip(inks, block.lines, strict=True):
            loose = max(2, line.size / 6)  # a letter may reach over its own width, and hang below its line
            assert box[0] >= left - loose and box[2] <= right + loose, (block.kind, line.text[:40])
            assert box[1] >= top - loose and box[3] <= bottom + loose, (block.kind, line.text[:40])
        for i, box in enumerate(inks):
            for other in inks[:i]:
                assert apart(box, other), (block.kind, block.lines[i].text[:40])
    picture = draw(made, shelf)
    assert picture.size == (made.width, made.height) and picture.mode == "RGB"
    pixels = np.asarray(picture).copy()
    for block in blocks:
        left, top, right, bottom = block.box
        pixels[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = pixels[-1, -1]
    assert (pixels == pixels[-1, -1]).all()
    return blocks


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("copy", [PLAIN, ("OPEN",), ()], ids=["three", "one", "none"])
@pytest.mark.parametrize("shelf", [BARE, system_shelf()], ids=["bare", "machine"])
def test_nothing_overlaps(size, copy, shelf):
    check(slate(*size, copy), shelf)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_nothing_overlaps_in_eight_languages(size):
    check(slate(*size, COPY), system_shelf())


@pytest.mark.parametrize(
    "shelf", [BARE, system_shelf(), Shelf(shapes=False)], ids=["bare", "machine", "unshaped"]
)
def test_hostile_words_are_drawn(shelf):
    check(slate(copy=HOSTILE, rows=tuple((t, t) for t in HOSTILE), title=HOSTILE[0], note=HOSTILE[1]), shelf)
    for text in HOSTILE:
        check(slate(512, 384, (text,), title=text, request=text[:2_000]), shelf)


@settings(max_examples=60)
@given(
    st.integers(1, 300), st.integers(1, 300), st.lists(st.text(max_size=40), max_size=4), st.text(max_size=60)
)
def test_any_size_and_any_text_draw(width, height, copy, text):
    picture = draw(
        slate(width, height, tuple(copy), rows=((text, text),), request=text, title=text, note=text)
    )
    assert picture.size == (width, height)


def test_every_part_is_there():
    blocks = {block.kind: block for block in check(slate(), system_shelf())}
    assert list(blocks) == ["title", "facts", "request", "words", "note"]
    shown = texts(slate(), system_shelf())
    assert {
        "REHEARSAL",
        "nothing was sent, nothing was paid",
        "Price",
        "$0.045",
        "GRAND OPENING",
        '"seed": 42',
    } <= set(shown)


def test_without_copy_the_request_gets_the_room():
    long = json.dumps({f"key {n}": n for n in range(400)}, indent=2)
    with_words = next(b for b in layout(slate(request=long), BARE) if b.kind == "request")
    blocks = layout(slate(copy=(), request=long), BARE)
    alone = next(b for b in blocks if b.kind == "request")
    assert "words" not in [b.kind for b in blocks]
    assert len(alone.lines) > 1.5 * len(with_words.lines)
    shown, last = len(alone.lines) - 2, alone.lines[-1].text  # without the heading and the last line
    assert last == f"… {402 - shown} more lines"


def test_a_small_sheet_drops_the_request_and_then_the_facts():
    kinds = [[b.kind for b in layout(slate(n, n), BARE)] for n in (1024, 200, 128, 64)]
    assert "request" in kinds[0] and "request" not in kinds[1] and "facts" in kinds[1]
    assert kinds[2] == ["title", "words"] and kinds[3] == ["title"]
    assert "REHEARSAL" in texts(slate(64, 64), BARE)


def test_the_words_are_as_large_as_fits():
    def size(copy):
        words = next(b for b in layout(slate(copy=copy), BARE) if b.kind == "words")
        return max(line.size for line in words.lines)

    assert size(("OPEN",)) > 150 > size(PLAIN) > size(COPY[:1] + PLAIN * 3) > 20
    assert size(tuple(f"Item {n} ... $ {n}.50" for n in range(40))) >= 20  # in columns


def test_too_many_phrases_are_counted():
    shown = texts(slate(copy=("A phrase that is not short at all, and goes on for a while",) * 400), BARE)
    drawn = sum(text.startswith("A phrase") for text in shown)
    assert any(text == f"No room for {400 - drawn} more phrases" for text in shown)


def test_a_script_without_a_font_is_named_and_not_drawn():
    shown = " ".join(texts(slate(copy=COPY), BARE))
    remark = shown[shown.index("No font on this machine for:") :]
    for name in ("Arabic", "Chinese", "Cyrillic", "Devanagari", "Japanese", "Korean"):
        assert f"{name} (1 phrase)" in remark
    assert all(BARE.face(char, "bold", "han") for char in shown)


def test_missing_emoji_do_not_take_their_phrase_with_them():
    shown = texts(slate(copy=("SALE 🔥 TODAY",)), BARE)
    assert "No font on this machine for: emoji (1 phrase)" in shown
    assert "SALETODAY" in "".join(shown).replace(" ", "") or {"SALE", "TODAY"} <= set(shown)


def test_what_cannot_be_shaped_is_named():
    shown = " ".join(texts(slate(copy=COPY), Shelf(shapes=False)))
    assert "Pillow cannot shape here (libraqm, fribidi): Arabic (1 phrase), Devanagari (1 phrase)" in shown
    assert "مهرجان" not in shown


def test_the_request_is_exact_where_a_font_is_missing():
    body = {"prompt": "夏 🔥 «é»", "n": 1}
    shown = texts(slate(copy=(), request=json.dumps(body, indent=2, ensure_ascii=False)), BARE)
    start = shown.index("{")
    assert json.loads("".join(shown[start : shown.index("}") + 1])) == body


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow has no libraqm: nothing is shaped")
def test_arabic_is_shaped_and_runs_from_right_to_left():
    shelf, text = system_shelf(), "مهرجان الصيف"
    if typeset.missing(text, shelf) != (set(), set()):
        pytest.skip("no Arabic font on this machine")

    def drawn(words):
        picture = Image.new("L", (600, 120))
        typeset.paint(
            ImageDraw.Draw(picture), typeset.Line(words, 60, "bold", True, x=20, y=80, colour="#fff"), shelf
        )
        return np.asarray(picture)

    assert (drawn(text) != drawn(text[::-1])).any()
    apart_letters = sum(typeset.width_of(typeset.Line(c, 60, "bold", True), shelf) for c in text)
    assert (
        typeset.width_of(typeset.Line(text, 60, "bold", True), shelf) < apart_letters
    )  # joined letters are narrower
    first, second = (typeset.ink(typeset.Line(w, 60, "bold", True), shelf)[2] for w in text.split())
    profile = drawn(text).sum(axis=0)
    columns = np.flatnonzero(profile)
    gap = max(zip(np.diff(columns), columns, strict=False))  # the space between the two words
    assert abs(gap[1] - 20 - second) < 12 < abs(gap[1] - 20 - first)  # the second word stands on the left


def test_all_eight_languages_are_set_where_the_machine_has_noto():
    shelf = system_shelf()
    lacking = [text for text in COPY if typeset.missing(text, shelf) != (set(), set())]
    if lacking:
        pytest.skip(f"this machine has no fonts, or no shaping, for {len(lacking)} of the eight languages")
    shown = "".join(texts(slate(copy=COPY), shelf)).replace(" ", "")
    assert all(text.replace(" ", "") in shown for text in COPY)
    assert "No font" not in shown


def test_a_sheet_takes_less_than_half_a_second():
    draw(slate(copy=COPY))
    start = time.process_time()
    draw(slate(copy=COPY))
    assert time.process_time() - start < 0.5


def test_the_same_slate_is_the_same_picture():
    assert draw(slate()).tobytes() == draw(slate()).tobytes()
    assert draw(slate()).getpixel((3, 3)) == tuple(int(sheet.INK[n : n + 2], 16) for n in (1, 3, 5))
