"""`kill -9` of a whole server at every stage of a paid request, and the same workflow on the next one: the picture, paid once.

What has been accepted is collected. Where nobody can know whether it was, because the process died between the row and
the service's answer, nothing is sent again by itself: the person looks, forgets the request, and then it is sent.
"""

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys

import pytest
from PIL import Image
from switchyard.engine.fal.buy import Books, request_key
from switchyard.engine.models import find
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node, remote
from switchyard.tests.comfyui.own_server import ROOT, own_server, private, until
from switchyard.tests.fal_emulator import Act, FalEmulator, picture

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9")

# Where each request was when its server was killed; it is the prompt as well.
ROW = "after the row, before the POST"
POST = "after the POST, before its answer"
POLL = "while polling"
RESULT = "while asking for the result"
DOWNLOAD = "while downloading"
PICTURE = "while writing the picture"
KEPT = "while writing that it is kept"
DONE = "while the rest of the workflow is under way"
STAGES = (ROW, POST, POLL, RESULT, DOWNLOAD, PICTURE, KEPT, DONE)

SUBMITS = {**dict.fromkeys(STAGES, 1), ROW: 0}  # until the kill
UNKNOWN = (ROW, POST)
JOINED, CACHED = "joined under way: $0 more", "cached: $0"
FREE = {**dict.fromkeys((POLL, RESULT, DOWNLOAD, PICTURE, KEPT), JOINED), DONE: CACHED}

# Those that are held by their endpoint have one of their own.
MODEL = {
    **dict.fromkeys(STAGES, "flux-2-klein-4b"),
    ROW: "flux-2-klein-9b",
    POST: "flux-2-pro",
    KEPT: "flux-1-schnell",
}


@pytest.fixture(scope="module")
def survivor(tmp_path_factory):
    """The server after the one that was killed, on the same folder; the emulator is at rest again."""
    base = tmp_path_factory.mktemp("killed")
    with FalEmulator() as fal:
        fal.seconds = 3600.0
        with own_server(base, fal, SWITCHYARD_TEST_HOLD=json.dumps(held_inside())) as server:
            server.post("/prompt", {"prompt": graph(*STAGES)})
            bring_to_their_stages(server, fal)
            server.process.kill()
            assert server.process.wait() == -signal.SIGKILL
        assert not fal.cancels
        calm(fal)
        with own_server(base, fal) as server:
            yield Comfy(server, fal)


def held_inside():
    """See testing_pack/hold.py."""
    name = hashlib.sha256(drawn(PICTURE)).hexdigest()
    return {"row": endpoint(ROW), "picture": name, "kept": endpoint(KEPT)}


def bring_to_their_stages(server, fal):
    """Each job ends when the one before it is where it should be; the one that holds the journal's lock comes last."""
    journal = Books.open(private(server.base)).journal
    fal.script("POST", f"/{endpoint(POST)}$", Act(accept=True, wait=fal.closing))
    fal.wait_for(lambda: len(fal.jobs) == sum(SUBMITS.values()), timeout=30)
    jobs = {job.arguments["prompt"]: job for job in fal.jobs.values()}
    jobs[DONE].seconds = 0.0
    until(lambda: any(entry.state == "kept" for entry in journal.entries()))
    jobs[PICTURE].seconds = 0.0
    until(lambda: is_held(server, "row") and is_held(server, "picture"))
    fal.script("GET", f"/requests/{jobs[RESULT].request_id}$", Act(wait=fal.closing))
    fal.script("GET", "/files/", Act(trickle=0.05))
    before = fal.count("GET", "/files/")
    jobs[RESULT].seconds = jobs[DOWNLOAD].seconds = 0.0
    fal.wait_for(lambda: fal.count("GET", f"/requests/{jobs[RESULT].request_id}$"))
    fal.wait_for(lambda: fal.count("GET", "/files/") > before)
    jobs[KEPT].seconds = 0.0
    until(lambda: is_held(server, "kept"))
    fal.wait_for(lambda: fal.count("GET", f"/requests/{jobs[POLL].request_id}/status") > 1)


def is_held(server, moment):
    return f"[test] held {moment}" in server.log_text()


def calm(fal):
    """As a service is when one comes back to it: nothing hangs, and the jobs have ended meanwhile."""
    fal.go_away()
    fal.come_back()
    fal.calm()
    fal.seconds = 0.0
    for job in fal.jobs.values():
        job.seconds = 0.0


@pytest.mark.parametrize("prompt", FREE)
def test_the_same_workflow_ends_with_the_picture_and_one_submit(survivor, prompt):
    run = survivor.run(graph(prompt))
    assert (run.status, run.error) == ("success", None)
    assert is_the_picture(survivor, run, prompt) and FREE[prompt] in run.texts[prompt]
    assert submits(survivor, prompt) == 1
    assert payments(survivor, key_of(survivor, prompt)) == ["paid"]


@pytest.mark.parametrize("prompt", UNKNOWN)
def test_what_nobody_can_know_is_not_sent_again_until_a_person_has_looked(survivor, prompt):
    for _ in range(2):  # by the second time the row says so
        run = survivor.run(graph(prompt))
        assert run.status == "error" and "may have been taken and billed" in run.error.message
        assert submits(survivor, prompt) == SUBMITS[prompt]
    (key,) = re.findall(r"`python3 dev\.py jobs forget (\w+)`", run.error.message)
    assert payments(survivor, key) == ["unsure"]  # which counts: perhaps it is billed

    forget = [sys.executable, str(ROOT / "dev.py"), "jobs", "forget", key]
    folder = ["--folder", str(private(survivor.base))]
    subprocess.run([*forget, *folder], check=True, capture_output=True, timeout=60)

    run = survivor.run(graph(prompt))
    assert (run.status, run.error) == ("success", None)
    assert is_the_picture(survivor, run, prompt)
    assert submits(survivor, prompt) == SUBMITS[prompt] + 1
    assert payments(survivor, key) == ["paid", "unsure"]


def graph(*prompts: str) -> dict:
    nodes, size = {}, {"model.width": 64, "model.height": 64}
    for prompt in prompts:
        nodes[prompt] = remote("SwitchyardFluxRemote", prompt, MODEL[prompt], **size)
        nodes[f"save {prompt}"] = node("SaveImage", images=[prompt, 0], filename_prefix="survived")
    return nodes


def endpoint(prompt):
    return find(MODEL[prompt]).endpoint("generate", 0).id


def drawn(prompt):
    """The picture that the emulator makes of it."""
    return picture(64, 64, f"0 {prompt} 0")


def submits(comfy, prompt):
    return sum(seen.json.get("prompt") == prompt for seen in comfy.fal.requests("POST"))


def is_the_picture(comfy, run, prompt):
    with Image.open(comfy.saved(run, f"save {prompt}")[0]) as saved:
        return saved.convert("RGB").tobytes() == Image.open(io.BytesIO(drawn(prompt))).tobytes()


def key_of(comfy, prompt):
    (job,) = [job for job in comfy.fal.jobs.values() if job.arguments["prompt"] == prompt]
    return request_key(f"{comfy.fal.url}/{job.endpoint}", job.arguments, [])


def payments(comfy, key):
    """How the requests of that key ended, the newest first. Each counts what it was expected to cost."""
    found = [p for p in Books.open(private(comfy.base)).ledger.payments() if p.key.startswith(key)]
    assert all(payment.usd == payment.estimate > 0 for payment in found)
    return [payment.outcome for payment in found]
