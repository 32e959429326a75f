"""A thousand bought pictures through one server: at the end it holds no more than after the first hundred."""

import contextlib
import io
import os
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from switchyard.engine.fal.books import Books
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node, output, remote, router
from switchyard.tests.comfyui.own_server import own_server, private, until
from switchyard.tests.fal_emulator import FalEmulator

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts what Linux shows in /proc")

NODES, BATCH, SIDE = 5, 4, 128  # a workflow is 20 requests
WARM, WORKFLOWS = 5, 50
MODEL, PRICE = "flux-2-pro", Decimal("0.03")
CLOSE_WAIT = "08"  # the other end has hung up, and ours was forgotten
MOST_MB = 25  # 900 files would be 44 MB, their pixels as tensors 236 MB


@dataclass(frozen=True)
class Holdings:
    """What a process has, from /proc. sockets, towards: all of them, and those to the service. halves: half closed."""

    megabytes: float
    threads: int
    files: Counter[str]  # names of what is open and no socket
    sockets: int
    towards: int
    halves: int


@dataclass(frozen=True)
class Soak:
    comfy: Comfy
    warm: Holdings
    end: Holdings
    core: float  # MB that as many workflows of core nodes added


@pytest.fixture(scope="module")
def soak(tmp_path_factory):
    base = tmp_path_factory.mktemp("soak")
    with FalEmulator() as fal, own_server(base, fal) as server:
        comfy = Comfy(server, fal)
        fal.answer = lambda job: {"images": [{"url": fal.host(noise(job.arguments["seed"]))}]}
        buy(comfy, range(WARM))
        warm = at_rest(comfy, None)
        buy(comfy, range(WARM, WORKFLOWS))
        end = at_rest(comfy, warm)
        for number in range(WARM, WORKFLOWS):
            assert comfy.run(core_only(number)).status == "success"
        yield Soak(comfy, warm, end, at_rest(comfy, warm).megabytes - end.megabytes)


def buy(comfy, numbers):
    for number in numbers:
        run = comfy.run(workflow(number))
        assert (run.status, run.error) == ("success", None)


def workflow(number: int) -> dict:
    """Side by side, and each a batch of requests side by side; their reports are shown."""
    wishes = {"place": "remote", "width": SIDE, "height": SIDE, "batch": BATCH}
    graph = {"router": router("portrait, rim light", **wishes)}
    for place in range(NODES):
        seed = (number * NODES + place) * BATCH
        prompt, route = ["router", output("flux_remote")], ["router", 0]
        graph[f"draw{place}"] = remote("SwitchyardFluxRemote", prompt, MODEL, route=route, seed=seed)
        graph[f"show{place}"] = node("PreviewAny", source=[f"draw{place}", 2])
    return graph


def core_only(number: int) -> dict:
    """ComfyUI itself keeps a history of what it has run."""
    graph = {}
    for place in range(NODES):
        colour = number * NODES + place
        graph[f"draw{place}"] = node("EmptyImage", width=SIDE, height=SIDE, batch_size=BATCH, color=colour)
        graph[f"size{place}"] = node("GetImageSize", image=[f"draw{place}", 0])
        graph[f"show{place}"] = node("PreviewAny", source=[f"size{place}", 0])
    return graph


def noise(seed: int) -> bytes:
    """A picture that takes its 49 kB whoever keeps it, and in whatever form."""
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=0)
    return data.getvalue()


def at_rest(comfy, before: Holdings | None) -> Holdings:
    """Once nothing is left of the last workflow, or as it is after a while in which that does not come."""
    found = [holdings(comfy)]

    def calm():
        found.append(holdings(comfy))
        now, most = found[-1], before or found[-2]
        return now.threads <= most.threads and now.sockets <= most.sockets and not (now.towards or now.halves)

    with contextlib.suppress(AssertionError):  # the tests say what is too much
        until(calm, seconds=5)
    return found[-1]


def holdings(comfy) -> Holdings:
    process = Path(f"/proc/{comfy.server.process.pid}")
    status = (process / "status").read_text()
    opened = [target for target in map(_target, (process / "fd").iterdir()) if target]
    inodes = {target[8:-1] for target in opened if target.startswith("socket:")}
    service = urlsplit(comfy.fal.url).port
    lines = [line.split() for line in (process / "net" / "tcp").read_text().splitlines()[1:]]
    ours = [line for line in lines if line[9] in inodes]
    return Holdings(
        int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
        int(re.search(r"Threads:\s+(\d+)", status)[1]),
        Counter(Path(target).name for target in opened if not target.startswith("socket:")),
        len(inodes),
        sum(int(line[2].rpartition(":")[2], 16) == service for line in ours),
        sum(line[3] == CLOSE_WAIT for line in ours),
    )


def _target(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except OSError:  # closed meanwhile
        return ""


def test_every_picture_was_bought_once_and_is_kept(soak):
    requests = WORKFLOWS * NODES * BATCH
    assert requests == 1000 == len(soak.comfy.fal.taken) == soak.comfy.fal.count("POST")
    books = Books.open(private(soak.comfy.base))
    assert Counter(entry.state for entry in books.journal.entries()) == {"kept": requests}
    payments = books.ledger.payments()
    assert sum(payment.usd for payment in payments) == requests * PRICE
    assert Counter(payment.outcome for payment in payments) == {"paid": requests}


def test_memory_is_flat(soak):
    grown = soak.end.megabytes - soak.warm.megabytes
    assert grown - max(0.0, soak.core) < MOST_MB, (soak.warm, soak.end, soak.core)


def test_no_thread_is_left(soak):
    assert soak.end.threads <= soak.warm.threads


def test_no_socket_is_left(soak):
    assert (soak.end.towards, soak.end.halves) == (0, 0)
    assert soak.end.sockets <= soak.warm.sockets


def test_no_file_is_left_open_and_none_unfinished(soak):
    assert soak.end.files == soak.warm.files
    assert not list(private(soak.comfy.base).rglob("*.part"))
