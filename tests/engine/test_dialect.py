"""What is rewritten for a model and what never is: the words to be rendered go out letter for letter."""

from __future__ import annotations

import pytest
from switchyard.engine.dialect import Spoken, heeded, speak
from switchyard.engine.errors import BadInput
from switchyard.engine.local.family import families
from switchyard.engine.models import all_models, find
from switchyard.engine.prompt import read
from switchyard.engine.unfold import unfolded


def say(prompt: str, model_id: str, task: str = "generate", negative: str = "", **wishes) -> Spoken:
    model = find(model_id)
    references = 0 if task == "generate" else 1
    return speak(prompt, negative, model, model.endpoint(task, references), read(prompt), **wishes)


# What is left alone


@pytest.mark.parametrize(
    "prompt",
    [
        "a fox in the snow",
        'a poster that says "SUMMER SALE"',
        "一张写着「营业中」的海报",
        "a street at night, no text, no watermark",
        'in the style of "Nighthawks"',
        "Un cartel que dice «ABIERTO»",
        "",
        "  \n ",
    ],
)
@pytest.mark.parametrize(
    "model_id", ["flux-2-pro", "qwen-image-2512", "qwen-image-3", "flux-1-dev", "flux-2-dev-local"]
)
def test_most_prompts_go_out_as_typed(prompt, model_id):
    assert say(prompt, model_id).prompt == prompt


def test_words_that_nobody_quoted_get_marks_only_where_they_are_surely_whole():
    assert say("a shop with a sign saying OPEN, at night", "flux-2-pro").prompt == (
        'a shop with a sign saying "OPEN", at night'
    )
    assert say("a shop with a sign saying OPEN", "qwen-image-2512").prompt.endswith('saying "OPEN"')
    assert '"OPEN" in red' in say("a sign saying OPEN in red neon letters", "flux-1-dev").prompt
    doubtful = "a sign saying Welcome to the jungle"
    assert say(doubtful, "flux-2-pro").prompt == doubtful


def test_qwen_edit_gets_the_straight_marks_that_it_asks_for():
    said = say("replace “Opening Hours” on the sign with 'CLOSED'", "qwen-image-edit-2511", "edit")
    assert said.prompt == 'replace "Opening Hours" on the sign with "CLOSED"'
    typed = "replace “Opening Hours” on the sign with 'CLOSED'"
    assert say(typed, "flux-2-pro", "edit").prompt == typed


def test_marks_within_the_words_are_never_touched():
    typed = 'change the sign to “Joe\'s "best" pie”'
    assert say(typed, "qwen-image-edit-2511", "edit").prompt == typed


# References


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("flux-2-dev-local", "image 1 wears the hat of image 2"),
        ("flux-2-pro", "@image1 wears the hat of @image 2"),
        ("qwen-image-edit-2511-local", "Picture 1 wears the hat of Picture 2"),
        ("qwen-image-edit-2511", "Picture 1 wears the hat of Picture 2"),
        ("qwen-image-3", "Image 1 wears the hat of Image 2"),
        ("qwen-image-2.1-local", "<image1> wears the hat of <image2>"),
        ("qwen-image-edit-local", "@image1 wears the hat of @image 2"),
    ],
)
def test_references_are_named_as_the_model_knows_them(model_id, expected):
    assert say("@image1 wears the hat of @image 2", model_id, "edit").prompt == expected


def test_a_handle_on_a_poster_is_no_reference():
    typed = 'add a line to the poster that reads "follow @image1 today", like @image2'
    said = say(typed, "qwen-image-edit-2511", "edit").prompt
    assert '"follow @image1 today", like Picture 2' in said
    assert say("@image1 in a field", "flux-2-dev-local").prompt == "@image1 in a field"  # no picture there
    assert (
        "@image0" in say("@image0 beside @image1", "flux-2-dev-local", "edit").prompt
    )  # counted from nought


# Qwen's own ending


def test_the_quick_starts_ending_only_where_it_is_asked_for():
    assert (
        say("a cat on a mat", "qwen-image-local").prompt
        == "a cat on a mat, Ultra HD, 4K, cinematic composition."
    )
    assert (
        say("a cat on a mat.", "qwen-image-local").prompt
        == "a cat on a mat. Ultra HD, 4K, cinematic composition."
    )
    assert say("雪地里的一只狐狸", "qwen-image-local").prompt == "雪地里的一只狐狸, 超清，4K，电影级构图."
    for other in (
        "qwen-image-2512-local",
        "qwen-image",
        "qwen-image-2512",
        "qwen-image-3",
        "flux-2-dev-local",
    ):
        assert say("a cat on a mat", other).prompt == "a cat on a mat"
    for prompt in ("un gato en la mesa", "雪の中の狐の写真です", "кот на ковре", "eine Katze auf dem Tisch"):
        assert say(prompt, "qwen-image-local").prompt == prompt
    for row in all_models().values():
        if row.dialect.suffixes and row.endpoint("edit", 1):
            assert "Ultra HD" not in say("make it a night in the snow", row.id, "edit").prompt


def test_the_ending_never_runs_into_words_to_be_rendered():
    said = say("a shop with a sign saying OPEN", "qwen-image-local").prompt
    assert read(said).copy == ("OPEN",)
    chinese = say('一张海报，标题是"Summer of the Sea"', "qwen-image-local").prompt
    assert chinese.endswith("超清，4K，电影级构图.")


# JSON

LAYOUT = '{"scene": "a bakery at dawn", "headline": "FRESH BREAD", "colors": ["#FF0000", "#00FF00"], "camera": {"lens_mm": 85.50}}'


def test_json_goes_to_flux_2_as_json_and_to_others_as_prose():
    assert say(LAYOUT, "flux-2-pro").prompt == LAYOUT
    assert say(LAYOUT, "flux-2-dev-local").prompt == LAYOUT
    said = say(LAYOUT, "qwen-image-2512")
    assert said.prompt == (
        'Scene: a bakery at dawn\nHeadline: "FRESH BREAD"\nColors: #FF0000, #00FF00\nCamera: lens mm: 85.50'
    )
    assert read(said.prompt).copy == ("FRESH BREAD",) and any("JSON" in note for note in said.notes)


def test_json_that_cannot_be_told_without_loss_stays():
    typed = '{"title": "' + 'a \\"b\\" “c” «d» 「e」 『f』 ❞g❝' + '"}'
    said = say(typed, "qwen-image-2512")
    assert said.prompt == typed and any("as typed" in note for note in said.notes)


def test_every_value_is_in_the_prose():
    prose, leaves = unfolded(
        'draw this: ```json\n{"a": [{"b": "x", "c": null}, "y"], "a": true, "n": 1e400}\n```'
    )
    assert prose == "draw this:\nA: b: x, c: none; y\nA: yes\nN: 1e400"
    assert leaves == ("x", "y", "1e400")
    assert unfolded("no json") is None and unfolded('{"a": 1} and more') is None


# Expansion, negative prompts


@pytest.mark.parametrize("model_id", ["qwen-image-3", "flux-2-dev", "flux-1.1-pro"])
def test_nobody_rewrites_words_to_be_rendered(model_id):
    assert say('a sign "OPEN"', model_id).expansion is False
    assert say("a fox in the snow", model_id).expansion is None
    assert say(LAYOUT, model_id).expansion is False
    notes = say('a sign "OPEN"', model_id).notes
    assert any("expansion" in note for note in notes) == (model_id == "qwen-image-3")  # on by default there


def test_a_negative_prompt_only_where_it_acts():
    assert say("a fox", "flux-2-pro", negative="blur") == Spoken(
        "a fox", "", None, ("FLUX.2 pro takes no negative prompt",)
    )
    assert say("a fox", "qwen-image-2512", negative="blur") == Spoken("a fox", "blur")
    said = say("a fox", "qwen-image-2.1-local", negative="blur")
    assert said.negative == "blur" and "guidance above 1" in said.notes[0]
    for row in all_models().values():
        for endpoint in row.endpoints:
            negative, word = heeded("blur", row, endpoint)
            assert negative == ("blur" if endpoint.param("negative_prompt") else "")
            assert bool(negative) or word
            assert heeded(" ", row, endpoint) == ("", "")


# Length

LONG = (
    'a sign "OPEN" over a door. '
    + "And a very long street with nothing in it. " * 30
    + 'Below it "24 HOURS".'
)


def test_too_long_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="1337 characters, and Qwen-Image-Max reads at most 800: shorten it"):
        say(LONG, "qwen-image-max")
    with pytest.raises(BadInput, match="negative prompt has 600 characters"):
        say("a fox", "qwen-image-3", negative="blur, " * 100)


def test_or_shortened_on_request():
    said = say(LONG, "qwen-image-max", shorten=True)
    assert len(said.prompt) <= 800
    assert said.prompt.startswith('a sign "OPEN" over a door. And') and said.prompt.endswith(
        'Below it "24 HOURS".'
    )
    assert read(said.prompt).copy == read(LONG).copy == ("OPEN", "24 HOURS")
    assert any("13 sentences (559 characters) left out" in note for note in said.notes)
    less = say("a fox", "qwen-image-3", negative="blur, " * 100, shorten=True)
    assert 490 < len(less.negative) <= 500 and less.negative.endswith("blur")


def test_copy_alone_that_is_too_long_cannot_be_shortened():
    typed = "a page with text. " + " ".join(f'It reads "line {n} of a long, long page".' for n in range(40))
    with pytest.raises(BadInput, match="at most 800"):
        say(typed, "qwen-image-max", shorten=True)


def test_what_a_local_encoder_reads_is_said():
    assert say("word " * 450, "flux-1-dev-local").notes == ()
    (note,) = say("word " * 600, "flux-1-dev-local").notes
    assert "about 600 tokens, and FLUX.1 dev reads 512" in note
    text = "A grey street in the rain. " * 90
    assert say(text, "flux-1-dev-local", shorten=True).prompt != text


# The table


def test_the_limits_are_the_encoders():
    for name, family in families().items():
        for endpoint in find(name).endpoints:
            assert endpoint.prompt_tokens == family.tokens, name


def test_every_dialect_says_where_it_comes_from():
    for row in all_models().values():
        told = row.dialect.quotes or row.dialect.pictures or row.dialect.json or row.dialect.suffixes
        assert bool(row.dialect.source) == bool(told), row.id
        assert not row.offered or row.layered or row.dialect.source, row.id
        assert not row.dialect.pictures or "{n}" in row.dialect.pictures
