"""A transparent background is asked for: who draws it, and what is said where nobody here does."""

import pytest
from switchyard.tests.engine.test_route import KEY, PLAIN, route


@pytest.mark.parametrize(
    "prompt",
    [
        "A fox sticker, transparent background",
        "透明背景的狐狸贴纸",
        "キツネのスタンプ、背景は透明",
        "Логотип лисы на прозрачном фоне",
    ],
)
def test_a_transparent_background_goes_to_the_model_that_draws_it(prompt):
    found = route(prompt)
    assert found.model == "qwen-image-2.1-local"
    assert "with the transparent background that is asked for" in found.reason
    assert ("qwen-image-2512-local", "it draws no transparent background") in [
        (over.model, over.why) for over in found.passed_over
    ]


@pytest.mark.parametrize(
    "prompt", [PLAIN, "A glass of water, transparent", "A fox, no transparent background"]
)
def test_what_is_only_transparent_itself_goes_where_it_went(prompt):
    found = route(prompt)
    assert found.model == route(PLAIN).model and "background" not in found.reason


def test_without_the_model_that_draws_it_the_picture_has_a_background_and_the_reason_says_so():
    found = route("A fox sticker, transparent background", KEY)
    assert found.place == "remote"
    assert "without the transparent background" in found.reason
    assert "Qwen-Image-2.1 would draw it (no local model found)" in found.reason


def test_a_wish_of_the_persons_comes_before_transparency():
    found = route("A fox sticker, transparent background", family="flux")
    assert found.family == "flux"
    assert "Qwen-Image-2.1 would draw it (`family` is set to flux)" in found.reason


def test_layers_are_transparent_anyway():
    assert "background" not in route("Separate into layers with transparent background", images=1).reason
