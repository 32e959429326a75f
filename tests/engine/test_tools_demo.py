"""What the demo reads in a workflow, in ComfyUI's answers and in its history."""

from pathlib import Path

import pytest
from switchyard.tools import demo, workflow
from switchyard.tools.errors import ToolError

GRAPH = {
    "1": {"class_type": "SwitchyardPromptRouter", "inputs": {"prompt": "one two three four five six seven eight nine ten"}},
    "2": {"class_type": "SwitchyardFluxRemote", "inputs": {"rehearse": False, "prompt": ["1", 1]}},
    "3": {"class_type": "LoadImage", "inputs": {"image": "cup.png [input]"}},
    "4": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}  # fmt: skip


def test_nothing_that_could_pay_is_left_out_of_a_rehearsal():
    assert workflow.rehearsed(GRAPH, True)["2"]["inputs"] == {"rehearse": True, "prompt": ["1", 1]}
    assert workflow.rehearsed(workflow.rehearsed(GRAPH, True), False) == GRAPH
    assert GRAPH["2"]["inputs"]["rehearse"] is False


def test_the_prompt_is_found_where_it_was_typed():
    assert workflow.shortened(workflow.prompt_of(GRAPH)) == "one two three four five six seven eight nine…"
    typed = {"5": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a cup"}}}
    listed = {"6": {"class_type": "CreateList", "inputs": {"inputs.input0": ["5", 0]}}}
    linked = {"1": {"class_type": "SwitchyardPromptRouter", "inputs": {"prompt": ["5", 0]}}, **typed}
    assert workflow.shortened(workflow.prompt_of(linked)) == "a cup"
    through = {
        "1": {"class_type": "SwitchyardPromptRouter", "inputs": {"prompt": ["6", 0]}},
        **listed,
        **typed,
    }
    assert workflow.prompt_of(through) == "a cup"
    circle = {"1": {"class_type": "SwitchyardPromptRouter", "inputs": {"prompt": ["1", 0]}}}
    assert workflow.prompt_of(circle) == workflow.prompt_of({"4": GRAPH["4"]}) == ""


def test_pictures_are_brought_from_the_first_place_that_has_them(tmp_path):
    places, to = [tmp_path / "a", tmp_path / "b"], tmp_path / "input"
    for folder in (*places, to):
        folder.mkdir()
    (places[1] / "cup.png").write_bytes(b"b")
    assert list(workflow.pictures(GRAPH)) == ["cup.png"]
    assert workflow.bring("cup.png", to, places) and (to / "cup.png").read_bytes() == b"b"
    assert not workflow.bring("other.png", to, places) and not workflow.bring("../b/cup.png", to, places)


def _refusal(*errors):
    return {"error": {"message": "failed validation"}, "node_errors": {"1": {"class_type": "UNETLoader", "errors": list(errors)}}}  # fmt: skip


def test_missing_model_files_are_told_from_other_faults():
    absent = {
        "type": "value_not_in_list",
        "message": "Value not in list",
        "extra_info": {"received_value": "a.safetensors"},
    }
    other = {
        "type": "value_smaller_than_min",
        "message": "Value 0 smaller",
        "details": "steps",
        "extra_info": {},
    }
    assert workflow.missing_files(_refusal(absent, absent)) == ["a.safetensors"]
    assert workflow.missing_files(_refusal(absent, other)) == []
    assert workflow.missing_files({"error": {"type": "missing_node_type"}, "node_errors": []}) == []
    assert workflow.refused_because(_refusal(other)) == "UNETLoader: Value 0 smaller steps"
    assert (
        workflow.refused_because({"error": {"message": "No such node"}, "node_errors": []}) == "No such node"
    )


def test_a_history_entry_is_read(tmp_path):
    route = {
        "track": "qwen_remote",
        "model": "qwen-image",
        "reason": "words to read",
        "price": "$0.045",
        "place": "remote",
    }
    image = {"filename": "x_1.png", "subfolder": "demo", "type": "output"}
    outputs = {
        "1": {"switchyard_route": [route]},
        "4": {"images": [image, {**image, "type": "temp"}], "animated": [False]},
    }
    entry = {"outputs": outputs, "status": {"status_str": "success", "messages": [["execution_start", {}]]}}
    assert workflow.failure(entry) == "" and workflow.routes_of(entry) == [route]
    assert workflow.saved(entry, tmp_path) == [tmp_path / "demo" / "x_1.png"]
    said = demo.line("poster", "a poster", route, [Path("/o/x.png")])
    assert (
        said == f'poster: "a poster" → qwen_remote · qwen-image · words to read · $0.045 · {Path("/o/x.png")}'
    )
    facts = {"node_type": "SaveImage", "exception_message": "no\n room "}
    broken = {"outputs": {}, "status": {"status_str": "error", "messages": [["execution_error", facts]]}}
    assert workflow.failure(broken) == "SaveImage: no room" and workflow.routes_of(broken) == []


def test_a_missing_package_is_told_from_a_failure():
    said = "To read the words of a picture, rapidocr must be installed: run `pip install rapidocr`."
    facts = {"node_type": "SwitchyardUntilItReads", "exception_message": said}

    def entry(**other):
        return {
            "outputs": {},
            "status": {"status_str": "error", "messages": [["execution_error", facts | other]]},
        }

    assert workflow.missing_package(entry()) == said
    assert workflow.missing_package(entry(node_type="SaveImage")) == ""
    assert workflow.missing_package(entry(exception_message="no room")) == ""
    assert workflow.missing_package({}) == ""


def test_several_prompts_are_summed_up():
    routes = [
        {"name": name, "track": "x", "price": price}
        for name, price in (("Q", "$0.02"), ("F", "$0.03"), ("Q", "free"))
    ]
    assert demo.summary(routes) == {"track": "3 prompts", "model": "2 to Q, 1 to F", "price": "$0.05"}
    assert demo.summary(routes[:1]) == routes[0] and demo.summary([]) == {}


def test_a_demos_closing_line():
    outcomes = [
        demo.Outcome("a", paid=0.045),
        demo.Outcome("b", skipped=True),
        demo.Outcome("c", failed=True),
    ]
    assert demo.closing(outcomes, False) == "1 of 3 workflows ran, 1 skipped, 1 failed; nothing was paid."
    assert demo.closing(outcomes[:1], True) == "1 of 1 workflows ran; about $0.045 was paid."
    assert [demo.dollars(price) for price in ("$0.045", "about $1.5 for 2", "free", None)] == [
        0.045,
        1.5,
        0.0,
        0.0,
    ]


def test_a_live_demo_needs_a_key(monkeypatch):
    monkeypatch.setenv("FAL_KEY", " ")
    with pytest.raises(ToolError, match="FAL_KEY is not set"):
        demo.run(None, live=True)
