"""Paid once, never lost: every scripted fault against a real ComfyUI and the real fal-client.

For each: what the person sees, how many submits go out, and what the same graph costs once more.
"""

import json
import re
import subprocess
import sys
import threading
import zlib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from switchyard.engine.fal.database import FILE, Database
from switchyard.engine.fal.ledger import Ledger
from switchyard.tests.comfyui.fault import ENDPOINT, HELD, Fault, Stage, at, nothing
from switchyard.tests.comfyui.faults_asking import ASKING
from switchyard.tests.comfyui.faults_delivering import DELIVERING
from switchyard.tests.comfyui.graphs import node, remote, router
from switchyard.tests.fal_emulator import Act, FalEmulator, picture

KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
QUICK = {"retry": 0.01, "pace": 0.01, "follow": 30, "submit": 20}  # seconds; no time-out where none is meant
SECRET = "guarded words"
ROOT = Path(__file__).resolve().parents[2]
FAULTS = [*ASKING, *DELIVERING]


@pytest.fixture(scope="module")
def private(comfy):
    """The pack's private folder with a key in it, and with the tests' own patience until they are over."""
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    (folder / "credentials.json").chmod(0o600)
    yield folder
    for name in ("credentials.json", "settings.json"):
        (folder / name).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def foreign():
    with FalEmulator() as listener:
        yield listener


@pytest.fixture
def stage(comfy, private, foreign, request):
    comfy.fal.reset()
    foreign.reset()
    prompt = f"{SECRET} about {request.node.name}"  # its own for every fault: nothing was bought before
    yield Stage(comfy, comfy.fal, foreign, private, prompt)
    comfy.fal.come_back()
    comfy.fal.reset()


def cases() -> list:
    found = []
    for fault in FAULTS:
        marks = [pytest.mark.xfail(strict=True, reason=fault.bug)] if fault.bug else []
        found.append(pytest.param(fault, id=fault.name, marks=marks))
    return found


@pytest.mark.parametrize("fault", cases())
def test_paid_once_and_never_lost(stage, private, fault):
    set_patience(private, fault.patience)
    if fault.reference:
        draw_reference(stage)
    before = spent(private)
    fault.begin(stage)
    helper = threading.Thread(target=fault.during or (lambda _: None), args=(stage,), daemon=True)
    helper.start()
    first = stage.comfy.run(graph(stage, fault))
    helper.join(10)
    told = words(first)
    assert (first.status, fault.says in told) == (fault.status, True), told
    assert (submits(stage), len(stage.fal.taken)) == (fault.posts, fault.taken), told
    assert first.seconds < fault.within

    end_fault(stage, private, fault)
    between = spent(private)
    again = stage.comfy.run(graph(stage, fault, again=True))
    told_again = words(again)
    assert (again.status, fault.again.says in told_again) == (fault.again.status, True), told_again
    assert submits(stage) == fault.posts + fault.again.posts, told_again
    free = fault.posts == 0 or fault.why == "refused"
    assert (between == before) == (free or "not billed" in told)
    assert (spent(private) > between) == bool(fault.again.posts)

    for run in (first, again):
        if run.status == "success":
            check_pictures(stage, run, fault, all_of_them=run is again or fault.again.says == "cached: $0")
    check_secrets(stage, told + told_again)


@pytest.mark.parametrize(
    ("script", "says", "again"),
    [
        (("POST", "^/fal-ai/", Act(status=422)), "did not accept", (3, 1)),
        (("POST", "^/fal-ai/", Act(accept=True, drop=True)), "may have been taken", (2, 0)),
        (("GET", "/files/", Act(status=403)), "still with fal", (3, 0)),
    ],
    ids=["one is refused", "one is unsure", "one cannot be fetched"],
)
def test_the_fault_of_one_request_costs_the_others_nothing(stage, private, script, says, again):
    """Three requests of one node: two pictures are delivered at once, and are not bought again for the third's sake."""
    set_patience(private, {})
    stage.fal.script(*script)
    first = stage.comfy.run(three_requests(stage))
    assert (first.status, len(stage.comfy.saved(first, "save"))) == ("success", 2), words(first)
    assert says in words(first) and stage.fal.count("POST", "^/fal-ai/") == 3
    second = stage.comfy.run(three_requests(stage, again=True))
    pictures, posts = again
    assert (second.status, len(stage.comfy.saved(second, "save"))) == ("success", pictures), words(second)
    assert stage.fal.count("POST", "^/fal-ai/") == 3 + posts
    assert words(second).count("cached: $0") == 2


def test_the_way_on_that_an_unsure_request_names_is_one(stage, private):
    set_patience(private, {})
    at("submit", Act(drop=True))(stage)
    fault = Fault("", nothing, "error", "", HELD)
    said = words(stage.comfy.run(graph(stage, fault)))
    command = re.search(r"`python3 (dev.py jobs forget \w+)`", said)[1].split()
    subprocess.run(
        [sys.executable, *command, "--folder", str(private)], cwd=ROOT, check=True, capture_output=True
    )
    run = stage.comfy.run(graph(stage, fault))
    assert (run.status, submits(stage)) == ("success", 2), words(run)


def set_patience(private, patience):
    (private / "settings.json").write_text(json.dumps({"patience": {**QUICK, **patience}}))


def graph(stage: Stage, fault: Fault, again: bool = False) -> dict:
    """`again` differs in what the service never sees, or ComfyUI would serve the first run's outputs itself."""
    wishes = {"model.width": 64, "model.height": 64, "allow_unknown_price": again}
    nodes = {}
    if fault.reference:
        nodes["reference"] = node("LoadImage", image="fault_reference.png")
        wishes["images.image0"] = ["reference", 0]
    nodes["draw"] = remote("SwitchyardFluxRemote", stage.prompt, "flux-2-klein-4b", **wishes)
    nodes["save"] = node("PreviewImage", images=["draw", 0])
    nodes["mask"] = node("MaskToImage", mask=["draw", 1])
    nodes["save_mask"] = node("PreviewImage", images=["mask", 0])
    return nodes


def three_requests(stage: Stage, again: bool = False) -> dict:
    """FLUX.2 pro draws one picture a request, so a batch of three is three of them."""
    return {
        "router": router(
            f"portrait, rim light, {stage.prompt}",
            family="flux",
            place="remote",
            batch=3,
            width=64,
            height=64,
        ),
        "draw": remote("SwitchyardFluxRemote", ["router", 4], route=["router", 0], allow_unknown_price=again),
        "save": node("PreviewImage", images=["draw", 0]),
    }


def end_fault(stage: Stage, private, fault: Fault) -> None:
    if fault.between:
        fault.between(stage)
    if not fault.lasting:
        stage.fal.calm()
        stage.fal.answer = None
    set_patience(private, {})


def spent(private) -> Decimal:
    """US dollars in the ledger, all requests that were ever sent together."""
    if not (private / FILE).exists():
        return Decimal(0)
    return sum((payment.usd for payment in Ledger(Database(private)).payments()), Decimal(0))


def draw_reference(stage: Stage) -> None:
    """Noise of its own for every fault: 3.3 MB however it is packed, and never uploaded before."""
    seed = zlib.crc32(stage.prompt.encode())
    noise = np.random.default_rng(seed).integers(0, 256, (1100, 1000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(stage.comfy.base / "input" / "fault_reference.png", compress_level=0)


def words(run) -> str:
    """What the person reads: the error dialog, or the text on the node."""
    return run.error.message if run.error else run.texts.get("draw", "")


def submits(stage: Stage) -> int:
    return stage.fal.count("POST", f"^{ENDPOINT}")


def check_pictures(stage: Stage, run, fault: Fault, all_of_them: bool) -> None:
    """The pictures that were paid for, and no others."""
    sizes, colour = [], expected_colour(stage)
    for path in stage.comfy.saved(run, "save"):
        with Image.open(path) as image:
            sizes.append(image.size)
            found = np.asarray(image.convert("RGB")).reshape(-1, 3)
            assert np.abs(found.astype(int) - colour).max() < 8  # JPEG and WebP are not exact
    assert Counter(sizes) == Counter(fault.sizes) if all_of_them else set(sizes) <= set(fault.sizes) and sizes
    for path in stage.comfy.saved(run, "save_mask"):
        with Image.open(path) as image:
            mask = np.asarray(image.convert("L"))
            half = mask.shape[1] // 2
            assert (mask[:, :half] == (255 if fault.alpha else 0)).all() and (mask[:, half:] == 0).all()


def expected_colour(stage: Stage) -> np.ndarray:
    import io

    return np.asarray(Image.open(io.BytesIO(picture(1, 1, stage.words)))).reshape(3).astype(int)


def check_secrets(stage: Stage, told: str) -> None:
    """The key goes to the service alone, and nothing private is in what is shown or logged."""
    assert not stage.foreign.seen
    assert all("authorization" not in seen.headers for seen in stage.fal.requests("GET", "^/files/"))
    assert SECRET not in told and KEY[-20:] not in told
    log = stage.comfy.server.log_text()
    assert KEY[-20:] not in log and SECRET not in log


def test_the_table_is_whole():
    stages = Counter(fault.name.partition(":")[0] for fault in FAULTS)
    assert set(stages) == {"submit", "upload", "status", "result", "download", "restart", "cancel", "kept"}
    assert len(FAULTS) >= 40 and min(stages.values()) >= 5
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert fault.posts + fault.again.posts == 1 or fault.why in ("refused", "failed", "cancelled"), (
            fault.name
        )
        assert bool(fault.again.posts) == bool(fault.why), fault.name
