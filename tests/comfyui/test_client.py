"""What the tests see of a run is what happened: the client and the testing pack, on which the others rest."""

import pytest


def test_the_testing_nodes_tell_what_ran(comfy):
    run = comfy.run(_paint("told"))
    assert run.status == "success"
    assert sorted(run.executed[:2]) == ["load", "say"]
    assert run.executed[2:] == ["paint", "show"]
    assert run.ran == ["loader told", "generate told"]
    (path,) = comfy.saved(run, "show")
    assert path.is_file()


def test_a_second_run_comes_from_the_cache(comfy):
    comfy.run(_paint("cached"))
    run = comfy.run(_paint("cached"))
    assert (run.status, run.executed, run.ran) == ("success", [], [])
    assert set(run.cached) == {"load", "say", "paint", "show"}


def test_a_graph_that_does_not_validate_is_rejected(comfy):
    graph = _paint("rejected")
    del graph["paint"]["inputs"]["prompt"]
    run = comfy.run(graph)
    assert run.status == "rejected"
    assert "paint" in run.rejected["node_errors"]


def test_an_error_names_node_and_reason(comfy):
    graph = _paint("broken")
    graph["wait"] = {"class_type": "SwitchyardTestSleep", "inputs": {"seconds": 0, "value": ["say", 0]}}
    graph["show"] = {"class_type": "SwitchyardTestLatentShape", "inputs": {"latent": ["wait", 0]}}
    run = comfy.run(graph)
    assert (run.status, run.error.node) == ("error", "show")
    assert run.error.message


def test_cancel_ends_a_run_at_once(comfy):
    graph = _paint("slow")
    graph["wait"] = {"class_type": "SwitchyardTestSleep", "inputs": {"seconds": 60, "value": ["paint", 0]}}
    graph["show"]["inputs"]["images"] = ["wait", 0]
    run = comfy.run(graph, on_node=lambda node: comfy.interrupt() if node == "wait" else None)
    assert run.status == "interrupted"
    assert run.seconds < 30


def test_a_run_that_does_not_end_is_cancelled(comfy):
    graph = _paint("endless")
    graph["wait"] = {"class_type": "SwitchyardTestSleep", "inputs": {"seconds": 60, "value": ["paint", 0]}}
    graph["show"]["inputs"]["images"] = ["wait", 0]
    with pytest.raises(TimeoutError, match="wait"):
        comfy.run(graph, timeout=1)
    assert comfy.run(_paint("next"), timeout=30).status == "success"


def _paint(name):
    return {
        "load": {"class_type": "SwitchyardTestLoader", "inputs": {"name": name}},
        "say": {"class_type": "PrimitiveString", "inputs": {"value": "a red door"}},
        "paint": {
            "class_type": "SwitchyardTestGenerate",
            "inputs": {"model": ["load", 0], "prompt": ["say", 0], "seed": 0},
        },
        "show": {"class_type": "PreviewImage", "inputs": {"images": ["paint", 0]}},
    }
