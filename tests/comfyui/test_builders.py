"""The builders in the real server: what they make, where the router sends it, and what they refuse."""

import json

import pytest
from switchyard.engine.prompt import read
from switchyard.tests.comfyui.graphs import node, output, remote, router

FRAME = {"scene": "a beach at sunset", "style": "screen print"}
WORDS = {
    "headline": "SUMMER SALE",
    "deck": "",
    "body": "Open daily\n9 to 6",
    "price": "€9.99",
    "date": "",
    "extra": "夏季大促",
}
FIELDS = {"scene": "a bakery at dawn", "subjects": "a red fox | lower left", "style": "photograph", "colors": "sky: #87CEEB",
          "lighting": "soft", "mood": "calm", "composition": "rule of thirds"}  # fmt: skip
CAMERA = {"angle": "low angle", "lens": "85", "f_number": "2.8", "film": "Kodak Portra 400"}


def text_of(run, name: str) -> str:
    (text,) = run.outputs[name]["text"]
    return text


def shown(graph: dict) -> dict:
    """Every output of the builder, and the router's reason and prompt, as text."""
    graph["router"] = router(["made", 0])
    graph["prompt"] = node("PreviewAny", source=["made", 0])
    graph["reason"] = node("PreviewAny", source=["router", output("reason")])
    return graph


def test_the_words_of_a_poster_leave_as_they_were_typed(comfy):
    graph = shown(
        {"made": node("SwitchyardPosterCopy", **FRAME, **WORDS, where="headline: on the left edge")}
    )
    graph["copy"] = node("PreviewAny", source=["made", 1])
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    phrases = ("SUMMER SALE", "Open daily", "9 to 6", "€9.99", "夏季大促")
    assert text_of(run, "copy") == "\n".join(phrases)
    assert read(text_of(run, "prompt")).copy == phrases
    assert 'On the left edge, in the largest letters, the headline reads "SUMMER SALE".' in text_of(
        run, "prompt"
    )
    assert "5 phrases to render" in text_of(run, "reason")


@pytest.mark.parametrize("words", ["", "FRESH BREAD\n面包"])
def test_a_structured_prompt_goes_to_flux_and_one_with_words_to_qwen(comfy, words):
    run = comfy.run(shown({"made": node("SwitchyardFluxPrompt", **FIELDS, **CAMERA, copy=words)}))
    assert (run.status, run.error) == ("success", None)
    fields = json.loads(text_of(run, "prompt"))
    assert fields["color_palette"] == ["#87CEEB (sky)"]
    assert fields["camera"] == {
        "angle": "low angle",
        "lens": "85mm",
        "f-number": "f/2.8",
        "film": "Kodak Portra 400",
    }
    assert fields.get("text", []) == words.split()[:0] + [line for line in words.splitlines() if line]
    assert ("2 phrases to render" if words else "a JSON prompt") in text_of(run, "reason")


def test_what_is_sent_of_a_structured_prompt(comfy):
    """Rehearsed: nothing is sent. To FLUX.2 it goes as it is, to Qwen-Image as prose with the words in quotation marks."""
    graph = {"made": node("SwitchyardFluxPrompt", **FIELDS, copy="FRESH BREAD")}
    for name, kind, family in (
        ("flux", "SwitchyardFluxRemote", "flux"),
        ("qwen", "SwitchyardQwenRemote", "qwen"),
    ):
        graph[f"{name}_route"] = router(["made", 0], family=family, place="remote")
        track = [f"{name}_route", output(f"{name}_remote")]
        graph[f"{name}_words"] = node("StringConcatenate", string_a=track, string_b="", delimiter="")
        graph[f"{name}_prompt"] = node("PreviewAny", source=[f"{name}_words", 0])
        graph[name] = remote(kind, "", rehearse=True, route=[f"{name}_route", 0])
        graph[f"{name}_seen"] = node("PreviewImage", images=[name, 0])
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert json.loads(text_of(run, "flux_prompt"))["text"] == ["FRESH BREAD"]
    prose = text_of(run, "qwen_prompt")
    assert 'Text: "FRESH BREAD"' in prose and "Scene: a bakery at dawn" in prose and "#87CEEB (sky)" in prose


def test_optional_inputs_may_be_left_out(comfy):
    graph = {
        "poster": node("SwitchyardPosterCopy", **FRAME, **WORDS),
        "flux": node("SwitchyardFluxPrompt", **FIELDS),
    }
    graph |= {f"show_{name}": node("PreviewAny", source=[name, 0]) for name in ("poster", "flux")}
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert "camera" not in json.loads(text_of(run, "show_flux"))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (node("SwitchyardPosterCopy", **FRAME, **dict.fromkeys(WORDS, "")), "There are no words to set"),
        (node("SwitchyardPosterCopy", **FRAME, **WORDS, where="top"), "Line 1 of `where` must be"),
        (
            node("SwitchyardFluxPrompt", **{**FIELDS, "colors": "sky: blue"}),
            "Line 1 of `colors` has no HEX colour",
        ),
        (node("SwitchyardFluxPrompt", **FIELDS, f_number="wide"), "The f-number must be a number"),
    ],
)
def test_what_cannot_be_built_says_so_in_a_sentence(comfy, made, words):
    run = comfy.run({"made": made, "show": node("PreviewAny", source=["made", 0])})
    assert (
        run.status == "error"
        and run.error.message.startswith(words)
        and "\n" not in run.error.message.strip()
    )
