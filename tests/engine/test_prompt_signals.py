"""Reading prompts: what else they show than words to be rendered: layers, drafts, colours, references, scripts."""

from __future__ import annotations

import pytest
from switchyard.engine import lexicon, lexicon_more, lexicon_sheets
from switchyard.engine.prompt import read, scripts, visible_text


@pytest.mark.parametrize(
    "prompt, yes",
    [
        ("Split this into layers", True),
        ("Separate into transparent layers: subject and sky", True),
        ("Export it as RGBA layers", True),
        ("把这张图分层", True),
        ("画像をレイヤーに分けて", True),
        ("이미지를 레이어로 분리", True),
        ("Sépare l'image en calques", True),
        ("A cake with three layers", False),
        ("Layers of mist over the hills", False),
        ("A hiker in layered clothing", False),
    ],
)
def test_layers(prompt, yes):
    assert read(prompt).layers == yes


@pytest.mark.parametrize(
    "prompt, yes",
    [
        ("A quick draft of a fox", True),
        ("Some rough previews of a harbour", True),
        ("A harbour; low quality is fine", True),
        ("快速预览一只狐狸", True),
        ("ラフ案をください", True),
        ("초안으로 여우", True),
        ("Un borrador de un zorro", True),
        ("A draft horse in a field", False),
        ("Draft beer in a tall glass", False),
        ("A fox in the snow", False),
    ],
)
def test_drafts(prompt, yes):
    assert read(prompt).draft == yes


@pytest.mark.parametrize(
    "prompt, count",
    [
        ("A box in #FF8800 with a lid in #0af", 2),
        ("Walls in #333", 1),
        ("Ticket #123 at a bakery", 0),
        ("#12345 and #GGGGGG", 0),
        ("Palette: #112233, #445566, #778899", 3),
    ],
)
def test_hex_colours(prompt, count):
    assert read(prompt).hex_colours == count


@pytest.mark.parametrize(
    "prompt, count",
    [
        ("Put @image1 beside @image2", 2),
        ("@img 3 in the coat of @reference_2", 2),
        ("@Image1 twice: @image1", 1),
        ("Write to me@image1.example", 0),
        ("@imagery", 0),
    ],
)
def test_image_references(prompt, count):
    assert read(prompt).at_references == count


@pytest.mark.parametrize(
    "prompt, found",
    [
        ("a fox", ("Latin",)),
        ("一只狐狸", ("Chinese",)),
        ("雪の中の狐がいる", ("Japanese",)),
        ("눈 속의 여우", ("Korean",)),
        ("ثعلب في الثلج", ("Arabic",)),
        ("лиса в снегу", ("Cyrillic",)),
        ("लोमड़ी", ("Hindi",)),
        ("a wide and quiet harbour 狐", ("Latin", "Chinese")),
        ("123 !? 🦊", ()),
    ],
)
def test_writing_systems(prompt, found):
    assert scripts(prompt) == found


def test_light_people_and_relations():
    signals = read(
        "Portrait of a fisherman, golden hour, a boat behind him and a lamp to the left of the door"
    )
    assert signals.light and signals.people and signals.relations >= 2
    assert not read("A bowl of fruit").light and not read("A bowl of fruit").people
    assert read("黄昏的人像摄影").light and read("逆光の女の子").people


def test_an_empty_prompt():
    for prompt in ("", "  \n ", "\u200b\u202e\u2066"):
        assert read(prompt).empty and not read(prompt).asks_for_text
    assert visible_text("a\u200bb\u202ec\n\td\x00") == "abc\n\td"


def test_invisible_marks_change_nothing():
    prompt = 'A sign that says "Open"'
    marked = "\u200b".join(prompt)
    assert read(f"\u202e{marked}\u2066") == read(prompt)


def test_the_lexicon_is_lower_case_and_every_part_stands_for_itself():
    for name, vocabulary in (
        *vars(lexicon).items(),
        *vars(lexicon_more).items(),
        *vars(lexicon_sheets).items(),
    ):
        if isinstance(vocabulary, (frozenset, tuple)) and not name.startswith("_"):
            assert vocabulary and all(word == word.lower() and word for word in vocabulary), name
