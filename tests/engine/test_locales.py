"""The languages: every one has every phrase, whole, and what is generated from the tables is up to date."""

import json
import re

import pytest
from switchyard.tools import locales

FILES = ("main.json", "nodeDefs.json", "settings.json")


def leaves(tree: dict, path: tuple = ()) -> dict:
    """Path -> text, of every text in a tree."""
    found = {}
    for key, value in tree.items():
        found |= leaves(value, (*path, key)) if isinstance(value, dict) else {(*path, key): value}
    return found


@pytest.mark.parametrize("language", locales.LANGUAGES)
def test_a_language_is_complete(language):
    assert locales.check(language) == []


def test_the_english_is_what_the_scripts_say():
    assert locales.check_english() == []


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", locales.LANGUAGES)
def test_a_language_has_the_english_keys(language, file):
    english = leaves(locales.read(locales.LOCALES / "en" / file))
    there = leaves(locales.read(locales.LOCALES / language / file))
    assert english and there.keys() == english.keys()
    assert all(isinstance(text, str) and text.strip() for text in there.values())


@pytest.mark.parametrize("language", ["en", *locales.LANGUAGES])
def test_nothing_is_read_as_syntax_by_the_page(language):
    for file in FILES:
        for path, text in leaves(locales.read(locales.LOCALES / language / file)).items():
            assert not locales.SYNTAX.search(text), (path, text)


def test_the_folders_are_the_languages():
    there = {entry.name for entry in locales.LOCALES.iterdir() if entry.is_dir()}
    assert there == {"en", *locales.LANGUAGES}
    assert {path.stem for path in locales.WORDS.iterdir()} == set(locales.LANGUAGES)


def test_the_page_knows_the_languages():
    script = (locales.ROOT / "web" / "words.js").read_text(encoding="utf-8")
    listed = re.search(r"const LANGUAGES = (\[.*?\]);", script)
    assert json.loads(listed[1]) == list(locales.LANGUAGES)


def test_names_in_english_are_the_inputs_own():
    """A workflow that is saved on an English page keeps the names of the inputs, as it did without these files."""
    nodes = locales.read(locales.LOCALES / "en" / "nodeDefs.json")
    for node in nodes.values():
        for key, entry in node["inputs"].items():
            assert key.endswith(entry.get("name", ""))


def test_a_fault_is_found():
    faults = lambda *of: list(locales._faults(*of))  # noqa: E731
    assert (
        faults("sentences", "In models/loras, 0 to 1: `text` as a PSD.", "models/loras 0 1 `text` PSD") == []
    )
    assert faults("sentences", "From 10 steps on.", "Ab zehn Schritten.") == ["lost 10"]
    assert faults("sentences", "In models/loras.", "In models.") == ["lost models/loras"]
    assert faults("sentences", "A PSD.", " ") == ["empty"]
    assert faults("sentences", "A line.", "a | b")[0].startswith("one of")
    assert faults("canvas", "{name}: {price}", "{name}: ") == ["white space at an end", "other placeholders"]


def test_what_grows_out_of_an_input_is_named_as_the_page_looks_it_up():
    picture = {"optional": {"image": ["IMAGE", {"tooltip": "One picture."}]}}
    steps = {"key": "dev", "inputs": {"required": {"steps": ["INT", {"tooltip": "How many."}]}}}
    node = {
        "name": "SwitchyardNode",
        "display_name": "Node",
        "description": "Does | it.",
        "python_module": "custom_nodes.ComfyUI-Switchyard",
        "input": {
            "required": {"model": ["COMFY_DYNAMICCOMBO_V3", {"options": [steps, {**steps, "key": "pro"}]}]},
            "optional": {
                "images": [
                    "COMFY_AUTOGROW_V3",
                    {"tooltip": "Some.", "template": {"input": picture, "prefix": "image", "max": 2}},
                ]
            },
            "hidden": {"prompt": ["PROMPT"]},
        },
        "output_name": ["images"],
        "output_tooltips": [None],
    }
    assert locales.english_nodes({"SwitchyardNode": node}) == {
        "SwitchyardNode": {
            "display_name": "Node",
            "inputs": {
                "model": {"name": "model"},
                "model_steps": {"name": "steps", "tooltip": "How many."},
                "images": {"name": "images", "tooltip": "Some."},
                "images_image0": {"tooltip": "One picture."},
                "images_image1": {"tooltip": "One picture."},
            },
            "outputs": {"0": {"name": "images"}},
        }
    }


def test_a_phrase_twice_in_a_table_is_refused(tmp_path):
    (tmp_path / "xx.json").write_text('{"names": {"seed": "a", "seed": "b"}}')
    with pytest.raises(ValueError, match="twice in one file: seed"):
        locales.read(tmp_path / "xx.json")
