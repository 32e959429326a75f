"""A list of prompts on fal: each is bought once, comes back in its place, and max_price holds for all of them together."""

import hashlib
import json
import shutil

import pytest
from PIL import Image
from switchyard.engine.models import find
from switchyard.tests.comfyui.graphs import node, output, remote, router
from switchyard.tests.comfyui.list_graphs import LIGHT, PLAIN, ROUTE, TEXT, TWELVE, WORDS, facts, listed
from switchyard.tests.comfyui.local_graphs import refused
from switchyard.tests.comfyui.own_server import KEY, private
from switchyard.tests.fal_emulator import picture as encoded

PRO = find("flux-2-pro").endpoint("generate", 0).price.usd


@pytest.fixture
def fal(comfy):
    """The emulator with no history, a key in ComfyUI's private folder, and no journal."""
    folder = private(comfy.base)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    (folder / "credentials.json").chmod(0o600)
    forget(folder)
    comfy.fal.reset()
    yield comfy.fal
    comfy.fal.reset()
    (folder / "credentials.json").unlink()
    forget(folder)


def forget(folder):
    for file in folder.glob("requests.sqlite*"):
        file.unlink()
    shutil.rmtree(folder / "pictures", ignore_errors=True)


def paid(prompts, **wishes) -> dict:
    graph = {
        **listed(prompts),
        "router": router(["list", 0], place="remote", **{"width": 64, "height": 64, **wishes}),
        "flux": remote("SwitchyardFluxRemote", ["router", output("flux_remote")], **ROUTE),
        "qwen": remote("SwitchyardQwenRemote", ["router", output("qwen_remote")], **ROUTE),
    }
    graph["join"] = node("SwitchyardRouteJoin", **ROUTE, flux_remote=["flux", 0], qwen_remote=["qwen", 0])
    graph["save"] = node("SaveImage", images=["join", 0], filename_prefix="paid")
    return graph


def colours(comfy, run) -> list[tuple[int, ...]]:
    assert (run.status, run.error) == ("success", None)
    found = []
    for path in comfy.saved(run, "save"):
        with Image.open(path) as saved:
            found.append(saved.convert("RGB").getpixel((5, 5)))
    return found


def expected(prompt: str, seed: int = 0, number: int = 0) -> tuple[int, ...]:
    """The emulator's colour."""
    return tuple(hashlib.sha256(f"{seed} {prompt} {number}".encode()).digest()[:3])


def test_each_prompt_is_bought_once_and_a_second_run_is_free(comfy, fal):
    run = comfy.run(paid(TWELVE))
    assert colours(comfy, run) == [expected(prompt) for prompt in TWELVE]
    assert sorted(job.arguments["prompt"] for job in fal.jobs.values()) == sorted(TWELVE)
    models = {fact["model"] for fact in facts(run)}
    assert len({job.endpoint for job in fal.jobs.values()}) == len(models) == 3
    again = paid(TWELVE, max_price=900)  # the router and its branches run anew
    assert colours(comfy, comfy.run(again)) == colours(comfy, run)
    assert len(fal.taken) == 12
    more = comfy.run(paid([*TWELVE[6:], PLAIN.format("dates"), *TWELVE[:6]]))
    assert colours(comfy, more)[6] == expected(PLAIN.format("dates")) and len(fal.taken) == 13


def test_a_batch_and_pictures_of_another_size_stay_with_their_prompt(comfy, fal):
    odd = LIGHT.format("a nurse")
    prompts = [LIGHT.format("a smith"), TEXT.format("tea"), odd, PLAIN.format("figs")]

    def answer(job):
        if job.arguments["prompt"] != odd:
            return None
        seed = job.arguments["seed"]
        return {"images": [{"url": fal.host(encoded(64 + 32 * seed, 64, f"{seed} {odd} 0"))}]}

    fal.answer = answer
    found = colours(comfy, comfy.run(paid(prompts, batch=2)))
    assert len(found) == 8 and len(set(found)) == 8
    assert found[:2] == [expected(prompts[0]), expected(prompts[0], 1)]
    assert found[4:6] == [expected(odd), expected(odd, 1)]  # of two sizes, so that one prompt made two items


def test_max_price_is_for_the_whole_list(comfy, fal):
    prompts = [LIGHT.format(word) for word in WORDS]
    run = comfy.run(paid(prompts, max_price=float(8 * PRO)))
    assert colours(comfy, run) == [expected(prompt) for prompt in prompts]
    models = [fact["model"] for fact in facts(run)]
    assert models[0] == "flux-2-pro" and models[-1] != "flux-2-pro" and len(fal.taken) == 12

    forget(private(comfy.base))
    fal.reset()
    message = refused(comfy, paid(prompts, max_price=0.01))
    assert message.startswith("The 12 prompts together would cost $") and "max_price is $0.01" in message
    assert fal.taken == []


def test_a_node_that_is_dearer_than_its_route_stops_at_max_price(comfy, fal):
    """The model on the node wins over the route's, and the allowance of the list over both."""
    prompts = [LIGHT.format(word) for word in WORDS[:6]]
    graph = paid(prompts, max_price=0.1, tier="draft")
    graph["flux"]["inputs"]["model"] = "flux-2-pro"
    run = comfy.run(graph)
    assert run.status == "error" and run.error.kind.endswith("OverBudget")
    assert len(fal.taken) == 0.1 // float(PRO) and "max_price" in run.error.message


def test_a_rehearsal_of_a_list_shows_every_slate(comfy):
    graph = paid(TWELVE[:4])
    for name in ("flux", "qwen"):
        graph[name]["inputs"]["rehearse"] = True
    run = comfy.run(graph)
    assert (run.status, len(comfy.saved(run, "save"))) == ("success", 4)


def test_the_list_past_the_router_is_refused(comfy):
    graph = paid(TWELVE[:4])
    for name in ("flux", "qwen"):
        graph[name]["inputs"] |= {"prompt": ["list", 0], "rehearse": True}
    assert "connect the Prompt Router's" in refused(comfy, graph)
