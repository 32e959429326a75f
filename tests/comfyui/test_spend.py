"""Spend: what the ledger knows, on the node, after every queueing."""

import json
import shutil

import pytest
from switchyard.tests.comfyui.graphs import node, remote
from switchyard.tests.fal_emulator import picture as encoded

KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
SMALL = {"model.width": 64, "model.height": 64}


@pytest.fixture
def private(comfy):
    """The pack's private folder, empty but for a key; an emulator without a history."""
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    forget(folder)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    comfy.fal.reset()
    yield folder
    comfy.fal.reset()
    forget(folder)


def forget(folder):
    for file in (*folder.glob("requests.sqlite*"), folder / "settings.json", folder / "credentials.json"):
        file.unlink(missing_ok=True)
    shutil.rmtree(folder / "pictures", ignore_errors=True)


def two_pictures(words: str) -> dict:
    return {
        "one": remote("SwitchyardFluxRemote", f"one {words}", "flux-2-pro", **SMALL),
        "two": remote("SwitchyardQwenRemote", f"two {words}", "qwen-image", **SMALL),
        "both": node("ImageBatch", image1=["one", 0], image2=["two", 0]),
        "spend": node("SwitchyardSpend", after=["both", 0]),
        "text": node("PreviewAny", source=["spend", 0]),
        "table": node("PreviewAny", source=["spend", 1]),
    }


def shown(run, name="spend") -> str:
    assert (run.status, run.error) == ("success", None)
    return run.outputs[name]["text"][0]


def test_it_reads_the_sum_after_the_pictures_were_paid(comfy, private):
    (private / "settings.json").write_text(json.dumps({"daily_budget": "5"}))
    run = comfy.run(two_pictures("herons"))
    first, *others = shown(run).splitlines()
    assert first == "Today $0.05 of $5.00 (2 requests); $4.95 left."
    assert others == [
        "This month $0.05 (2 requests).",
        "By model: flux-2-pro $0.03 (1), qwen-image $0.02 (1).",
    ]
    assert run.texts["spend"] == shown(run) == shown(run, "text")
    assert shown(run, "table").splitlines() == [
        "| model | today | this month | requests |",
        "|:--|--:|--:|--:|",
        "| flux-2-pro | $0.03 | $0.03 | 1 |",
        "| qwen-image | $0.02 | $0.02 | 1 |",
        "| **all** | $0.05 | $0.05 | 2 |",
    ]
    assert "heron" not in shown(run) + shown(run, "table")


def test_it_runs_again_though_the_graph_is_the_same(comfy, private):
    graph = {"spend": node("SwitchyardSpend")}
    assert shown(comfy.run(graph)).startswith("Today $0.00 (0 requests).")
    comfy.run(two_pictures("kites"))
    again = comfy.run(graph)
    assert shown(again).startswith("Today $0.05 (2 requests).") and again.executed.count("spend") == 1
    assert shown(comfy.run(two_pictures("kites"))).startswith("Today $0.05 (2 requests).")  # cached: $0
    assert len(comfy.fal.jobs) == 2


def test_nothing_was_ever_bought(comfy, private):
    (private / "credentials.json").unlink()
    run = comfy.run({"spend": node("SwitchyardSpend")})
    assert shown(run) == "Today $0.00 (0 requests).\nThis month $0.00 (0 requests)."
    assert not (private / "requests.sqlite").exists() and comfy.fal.seen == []


def test_settings_that_cannot_be_read_hide_no_sum(comfy, private):
    comfy.run(two_pictures("owls"))
    (private / "settings.json").write_text("{")
    limits, today, *_ = shown(comfy.run({"spend": node("SwitchyardSpend")})).splitlines()
    assert limits.startswith("Limits unknown: settings.json") and today == "Today $0.05 (2 requests)."


def test_a_spoilt_journal_is_a_clear_error(comfy, private):
    (private / "requests.sqlite").write_bytes(b"no database" * 100)
    run = comfy.run({"spend": node("SwitchyardSpend")})
    assert run.status == "error" and "journal of paid requests cannot be read" in run.error.message


def test_pictures_of_two_sizes_are_one_sum(comfy, private):
    comfy.fal.answer = lambda job: {
        "images": [{"url": comfy.fal.host(encoded(side, side, "heron"))} for side in (64, 96)]
    }
    graph = {
        "draw": remote("SwitchyardFluxRemote", "two sizes", "flux-2-pro", **SMALL),
        "spend": node("SwitchyardSpend", after=["draw", 0]),
    }
    run = comfy.run(graph)
    assert shown(run).startswith("Today $0.03 (1 request).") and len(run.outputs["spend"]["text"]) == 1
