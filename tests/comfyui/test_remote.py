"""The paid calls, against the emulator: one submit each, side by side, delivered at once, cancelled when asked."""

import io
import json
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node, picture, remote, router
from switchyard.tests.fal_emulator import picture as encoded
from switchyard.tools.server import ComfyServer

ROOT = Path(__file__).resolve().parents[2]

KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"


@pytest.fixture
def fal(comfy):
    """The emulator with no history, and a key in ComfyUI's private folder."""
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    (folder / "credentials.json").chmod(0o600)
    forget_everything(folder)
    comfy.fal.seconds, comfy.fal.queued, comfy.fal.answer = 0.0, 0.0, None
    comfy.fal.jobs.clear(), comfy.fal.cancels.clear(), comfy.fal.seen.clear()
    yield comfy.fal
    comfy.fal.seconds, comfy.fal.queued, comfy.fal.answer = 0.0, 0.0, None
    (folder / "credentials.json").unlink()


def forget_everything(folder):
    """No journal and no kept pictures: what an earlier test bought is no answer to this one."""
    for file in folder.glob("requests.sqlite*"):
        file.unlink()
    shutil.rmtree(folder / "pictures", ignore_errors=True)


def drawn(kind: str, prompt: str, model: str, **inputs) -> dict:
    return {
        "picture": picture(96, 64),
        "draw": remote(kind, prompt, model, **inputs),
        "save": node("SaveImage", images=["draw", 0], filename_prefix="remote"),
    }


def test_a_picture_is_bought_once_and_arrives_unchanged(comfy, fal):
    graph = drawn(
        "SwitchyardFluxRemote",
        "a red kite",
        "flux-2-pro",
        **{
            "model.width": 256,
            "model.height": 128,
            "model.safety_tolerance": "2",
            "model.output_format": "png",
        },
    )
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    (job,) = fal.jobs.values()
    assert job.endpoint == "fal-ai/flux-2-pro"
    assert job.arguments == {
        "prompt": "a red kite",
        "image_size": {"width": 256, "height": 128},
        "seed": 0,
        "safety_tolerance": "2",
        "output_format": "png",
    }
    with Image.open(comfy.saved(run, "save")[0]) as saved:
        (bought, _) = list(fal.files.values())[-1]
        assert saved.convert("RGB").tobytes() == Image.open(io.BytesIO(bought)).tobytes()
    assert KEY not in comfy.server.log_text()


def test_three_nodes_run_side_by_side(comfy, fal):
    fal.seconds = 2.0
    graph = {}
    for n in range(3):
        graph[f"draw{n}"] = remote("SwitchyardFluxRemote", f"kite {n}", "flux-2-klein-4b", **KLEIN)
        graph[f"save{n}"] = node("PreviewImage", images=[f"draw{n}", 0])
    run = comfy.run(graph)
    assert (run.status, run.error, len(fal.jobs)) == ("success", None, 3)
    began = min(job.began for job in fal.jobs.values())
    assert max(job.began for job in fal.jobs.values()) - began < 1.0
    assert run.seconds < 4.0  # one after the other it would be more than 6


KLEIN = {"model.width": 64, "model.height": 64}


def test_a_finished_job_is_delivered_within_half_a_second(comfy, fal):
    fal.seconds = 2.0
    comfy.run(drawn("SwitchyardFluxRemote", "warm up", "flux-2-klein-4b", **KLEIN))
    ends = []
    for n in range(3):
        run = comfy.run(drawn("SwitchyardFluxRemote", f"a heron {n}", "flux-2-klein-4b", **KLEIN))
        job = list(fal.jobs.values())[-1]
        ends.append(time.monotonic() - job.ends)
        assert run.status == "success"
    assert sorted(ends)[1] < 0.5  # the median, the save and the event included


def test_cancel_reaches_the_service_within_a_second(comfy, fal):
    fal.seconds = 60.0
    pressed = []

    def press(node_id):
        if node_id == "draw":
            threading.Thread(target=press_when_taken, daemon=True).start()

    def press_when_taken():
        fal.wait_for(lambda: fal.jobs)
        pressed.append(time.monotonic())
        comfy.interrupt()

    run = comfy.run(drawn("SwitchyardFluxRemote", "a slow heron", "flux-2-klein-4b", **KLEIN), on_node=press)
    assert run.status == "interrupted"
    fal.wait_for(lambda: len(fal.cancels) == 1)
    assert time.monotonic() - pressed[0] < 1.5
    (job,) = fal.jobs.values()
    assert job.cancelled


def test_the_failure_of_another_node_cancels_the_job(comfy, fal, tmp_path):
    fal.seconds = 60.0
    flag = tmp_path / "taken"
    graph = drawn("SwitchyardFluxRemote", "a heron", "flux-2-klein-4b", **KLEIN)
    graph["fail"] = node("SwitchyardTestFail", when=str(flag))

    def fail_when_taken(node_id):
        if node_id == "draw":
            threading.Thread(
                target=lambda: fal.wait_for(lambda: fal.jobs) and flag.touch(), daemon=True
            ).start()

    run = comfy.run(graph, on_node=fail_when_taken)
    assert (run.status, run.error.node) == ("error", "fail")
    fal.wait_for(lambda: len(fal.cancels) == 1)
    assert len(fal.jobs) == 1


def test_references_make_it_an_edit_and_go_out_as_pictures(comfy, fal):
    graph = drawn(
        "SwitchyardQwenRemote",
        "change the word to OPEN",
        "auto (from route)",
        **{"images.image0": ["picture", 0], "images.image1": ["picture", 0]},
    )
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    (job,) = fal.jobs.values()
    assert job.endpoint == "fal-ai/qwen-image-edit-2511"
    assert [uri[:22] for uri in job.arguments["image_urls"]] == ["data:image/png;base64,"] * 2


def test_layers_come_back_with_their_alpha(comfy, fal):
    graph = drawn(
        "SwitchyardQwenLayeredRemote",
        "",
        "qwen-image-layered",
        **{"images.image0": ["picture", 0], **LAYERED},
    )
    graph["mask"] = node("MaskToImage", mask=["draw", 1])
    graph["save_mask"] = node("SaveImage", images=["mask", 0], filename_prefix="mask")
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    masks = comfy.saved(run, "save_mask")
    assert len(comfy.saved(run, "save")) == len(masks) == 3
    with Image.open(masks[0]) as mask:
        pixels = np.asarray(mask.convert("L"))
        assert pixels[:, 0].min() == 255 and pixels[:, -1].max() == 0  # the left half is see-through


LAYERED = {"model.num_layers": 3}


def test_pictures_of_several_sizes_all_arrive(comfy, fal):
    fal.answer = lambda job: {
        "images": [
            {"url": fal.host(encoded(64, 64, "a"))},
            {"url": fal.host(encoded(96, 32, "b"))},
            {"url": fal.host(encoded(64, 64, "c"))},
        ]
    }
    run = comfy.run(drawn("SwitchyardFluxRemote", "three herons", "flux-2-klein-4b", **KLEIN))
    assert (run.status, run.error) == ("success", None)
    sizes = []
    for path in comfy.saved(run, "save"):
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sorted(sizes) == [(64, 64), (64, 64), (96, 32)]


def test_a_moderated_picture_is_an_error(comfy, fal):
    fal.answer = lambda job: {
        "images": [{"url": fal.host(encoded(64, 64, "black"))}],
        "has_nsfw_concepts": [True],
    }
    run = comfy.run(drawn("SwitchyardFluxRemote", "something", "flux-2-klein-4b", **KLEIN))
    assert run.status == "error"
    assert "moderat" in run.error.message.lower() or "safety" in run.error.message.lower()
    assert len(fal.jobs) == 1


def test_a_batch_without_num_images_is_as_many_requests(comfy, fal):
    graph = {
        "router": router("portrait, rim light", batch=3, width=64, height=64),
        "draw": remote("SwitchyardFluxRemote", ["router", 4], route=["router", 0]),
        "save": node("SaveImage", images=["draw", 0], filename_prefix="batch"),
    }
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert sorted(job.arguments["seed"] for job in fal.jobs.values()) == [0, 1, 2]
    assert len(comfy.saved(run, "save")) == 3


def test_the_receipt_is_on_the_node(comfy, fal):
    run = comfy.run(drawn("SwitchyardFluxRemote", "a heron at noon", "flux-2-klein-4b", **KLEIN))
    (job,) = fal.jobs.values()
    assert job.request_id in run.texts["draw"] and "$0.005" in run.texts["draw"]
    assert run.outputs["draw"]["switchyard_call"][0]["requests"] == [job.request_id]


def test_queue_position_and_progress_are_on_the_node(comfy, fal):
    fal.queued, fal.seconds = 1.0, 0.6
    graph = {}
    for n in range(2):
        graph[f"draw{n}"] = remote(
            "SwitchyardFluxRemote", f"a heron in a queue {n}", "flux-2-klein-4b", **KLEIN
        )
        graph[f"save{n}"] = node("PreviewImage", images=[f"draw{n}", 0])
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    texts = {text for _, text in run.said}
    assert {"FLUX.2 klein 4B: in the queue, 1 ahead", "FLUX.2 klein 4B: drawing"} <= texts
    assert not [text for text in texts if "heron" in text]


def test_a_branch_that_was_not_chosen_buys_nothing_even_without_its_track(comfy, fal):
    """Both nodes hang on the route alone, with prompts of their own: only the chosen one draws."""
    graph = {"router": router("portrait, rim light", place="remote", width=64, height=64)}
    for name, kind in (("flux", "SwitchyardFluxRemote"), ("qwen", "SwitchyardQwenRemote")):
        graph[name] = remote(kind, "a heron", route=["router", 0])
        graph[f"save_{name}"] = node("SaveImage", images=[name, 0], filename_prefix=name)
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert [job.endpoint for job in fal.jobs.values()] == ["fal-ai/flux-2-pro"]
    assert "save_qwen" not in run.outputs and run.texts["qwen"].startswith("not chosen")


def test_one_spoilt_picture_does_not_cost_the_others(comfy, fal):
    fal.answer = lambda job: {
        "images": [
            {"url": fal.host(encoded(64, 64, "whole"))},
            {"url": fal.host(encoded(64, 64, "half")[:60])},
        ]
    }
    run = comfy.run(drawn("SwitchyardFluxRemote", "two herons", "flux-2-klein-4b", **KLEIN))
    assert (run.status, run.error) == ("success", None)
    assert len(comfy.saved(run, "save")) == 1
    assert "could not be read" in run.texts["draw"] and next(iter(fal.jobs)) in run.texts["draw"]


def test_layers_of_several_sizes_stay_one_batch_in_their_order(comfy, fal):
    fal.answer = lambda job: {
        "images": [
            {"url": fal.host(encoded(96, 64, "bottom", alpha=True))},
            {"url": fal.host(encoded(64, 64, "middle", alpha=True))},
            {"url": fal.host(encoded(96, 64, "top", alpha=True))},
        ]
    }
    graph = drawn(
        "SwitchyardQwenLayeredRemote", "", "qwen-image-layered", **{"images.image0": ["picture", 0]}
    )
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    sizes = []
    for path in comfy.saved(run, "save"):
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sizes == [(96, 64)] * 3


def test_a_tiny_limit_is_a_limit(comfy, fal):
    graph = {
        "router": router("portrait, rim light", place="remote", max_price=0.00004),
        "show": node("PreviewAny", source=["router", 8]),
    }
    run = comfy.run(graph)
    assert run.status == "error" and "max_price is $0.00004" in run.error.message


def test_a_key_that_comes_later_does_not_buy_again(comfy, fal):
    graph = {
        "router": router("portrait, rim light", place="remote", width=64, height=64),
        "draw": remote("SwitchyardFluxRemote", ["router", 4], route=["router", 0]),
        "save": node("SaveImage", images=["draw", 0], filename_prefix="again"),
    }
    assert comfy.run(graph).status == "success"
    file = comfy.base / "user" / "__switchyard" / "credentials.json"
    held = file.read_text()
    file.unlink()
    assert comfy.run(graph).status == "success"
    file.write_text(held)
    assert comfy.run(graph).status == "success"
    assert len(fal.jobs) == 1


def test_twins_in_one_graph_and_in_the_next_are_bought_once(comfy, fal):
    fal.seconds = 0.3
    graph = {}
    for name in ("one", "two"):
        graph[name] = remote("SwitchyardFluxRemote", "twin herons", "flux-2-klein-4b", **KLEIN)
        # the widgets differ in what the service never sees, so ComfyUI takes them for two nodes with two results
        graph[name]["inputs"]["allow_unknown_price"] = name == "two"
        graph[f"save_{name}"] = node("SaveImage", images=[name, 0], filename_prefix=name)
    run = comfy.run(graph)
    assert (run.status, run.error, len(fal.jobs)) == ("success", None, 1)
    assert sorted("cached: $0" in run.texts[name] for name in ("one", "two")) == [False, True]
    pictures = {comfy.saved(run, f"save_{name}")[0].read_bytes()[-2000:] for name in ("one", "two")}
    assert len(pictures) == 1


def test_kill_9_of_the_server_costs_nothing(comfy, fal, tmp_path):
    """The same workflow on a new server ends with the picture, and with exactly one submit."""
    fal.seconds = 2.0
    graph = drawn("SwitchyardFluxRemote", "a heron that survives", "flux-2-klein-4b", **KLEIN)
    base = tmp_path / "base"
    private = base / "user" / "__switchyard"
    private.mkdir(parents=True)
    (private / "credentials.json").write_text(json.dumps({"fal": KEY}))
    environment = {"FAL_KEY": None, "SWITCHYARD_DAILY_BUDGET": None, "SWITCHYARD_FAL_URL": fal.url}
    old = comfy.server
    for number in range(2):
        with ComfyServer(
            old.python, old.comfyui, base, ROOT, extra=["--cpu", "--disable-api-nodes"], env=environment
        ) as server:
            if number == 0:
                server.post("/prompt", {"prompt": graph})
                fal.wait_for(lambda: fal.count("GET", "/status") > 1, timeout=30)
                server.process.kill()
                server.process.wait()
            else:
                run = Comfy(server, fal).run(graph)
                assert (run.status, run.error, len(fal.jobs)) == ("success", None, 1)
                assert "joined under way: $0 more" in run.texts["draw"]
