"""ComfyUI is stopped while a paid job runs: the service is told, and the process ends as it would have without us."""

import os
import signal

import pytest
from switchyard.tests.comfyui.graphs import node, remote
from switchyard.tests.comfyui.own_server import own_server
from switchyard.tests.fal_emulator import FalEmulator


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_of_comfyui_cancels_the_job(tmp_path, number):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip(
            "these tests were started with Ctrl+C ignored (in the background of a shell): so is the server"
        )
    graph = {
        "draw": remote("SwitchyardFluxRemote", "a heron", "flux-2-klein-4b"),
        "show": node("PreviewImage", images=["draw", 0]),
    }
    with FalEmulator() as fal, own_server(tmp_path, fal) as server:
        fal.seconds = 60.0
        server.post("/prompt", {"prompt": graph})
        fal.wait_for(lambda: fal.count("GET", "/status"), timeout=120)
        server.process.send_signal(number)
        code = server.process.wait(timeout=120)
        (job,) = fal.jobs.values()
        assert fal.cancels == [job.request_id] and job.cancelled
    assert code == (-number if number == signal.SIGTERM else 0)
