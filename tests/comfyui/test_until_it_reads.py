"""Until It Reads in the real server: a generator that misspells at first, tried again within the limits, and the bill."""

import io
import json
from decimal import Decimal

import pytest
from PIL import Image, ImageDraw, ImageFont
from switchyard.engine.fal.buy import Books
from switchyard.engine.proof.reader import available
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node, output, picture, remote, router
from switchyard.tests.comfyui.own_server import own_server, private
from switchyard.tests.fal_emulator import FalEmulator

pytestmark = pytest.mark.skipif(
    bool(available()), reason="the optional packages are not installed: rapidocr, onnxruntime"
)

PROMPT = 'A poster that says "SUMMER JAZZ"'
WRONG, WORSE, RIGHT = "SUNMER JAZZ", "SUNNER JAZ", "SUMMER JAZZ"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with FalEmulator() as fal, own_server(tmp_path_factory.mktemp("tries"), fal) as started:
        yield Comfy(started, fal)


def forget(comfy):
    """What ComfyUI keeps of earlier runs."""
    comfy.server.post("/free", {"unload_models": True, "free_memory": True})


@pytest.fixture
def comfy(server):
    server.fal.reset()
    forget(server)
    for file in private(server.base).glob("requests.sqlite*"):
        file.unlink()
    (private(server.base) / "settings.json").write_text("{}")
    return server


def spells(comfy, *words):
    """The service draws these words, one after the other; the last one from then on."""
    order = []

    def answer(job):
        order.append(job.arguments)
        sheet = Image.new("RGB", (512, 256), "#f4e9d0")
        text = words[min(len(order), len(words)) - 1]
        ImageDraw.Draw(sheet).text((40, 90), text, fill="#222244", font=ImageFont.load_default(52))
        file = io.BytesIO()
        sheet.save(file, "PNG")
        return {"images": [{"url": comfy.fal.host(file.getvalue()), "content_type": "image/png"}], "seed": 1}

    comfy.fal.answer = answer
    return order


def poster(max_price=0.0, tracks=("qwen_remote", "flux_remote"), **settings) -> dict:
    """Router, a branch for each track, Route Join, Until It Reads, and what it says."""
    kinds = {"qwen_remote": "SwitchyardQwenRemote", "flux_remote": "SwitchyardFluxRemote"}
    graph = {"router": router(PROMPT, max_price=max_price, place="remote", width=512, height=256)}
    for track in tracks:
        graph[track] = remote(kinds[track], ["router", output(track)], route=["router", 0], seed=7)
    branches = {track: [track, 0] for track in tracks}
    graph["join"] = node("SwitchyardRouteJoin", route=["router", 0], **branches)
    wishes = {"text": "", "tries": 3, "other_models": True, "max_price": 0.0, **settings}
    return graph | ends(node("SwitchyardUntilItReads", images=["join", 0], route=["router", 0], **wishes))


def ends(until: dict) -> dict:
    graph = {"until": until}
    for n, name in ((0, "images"), (4, "marked")):
        graph[name] = node("SaveImage", images=["until", n], filename_prefix=name)
    for n, name in ((1, "passed"), (3, "report")):
        graph[name] = node("PreviewAny", source=["until", n])
    return graph


def shown(run, name):
    return run.outputs[name]["text"][0]


def paid(comfy):
    return [payment.usd for payment in Books.open(private(comfy.base)).ledger.payments()]


def words_on(file):
    from switchyard.engine.proof.check import open_reader
    from switchyard.engine.proof.pixels import np

    with Image.open(file) as image:
        return " ".join(line.text for line in open_reader().read(np.asarray(image.convert("RGB"))))


def test_the_second_try_is_right(comfy):
    asked = spells(comfy, WRONG, RIGHT)
    run = comfy.run(poster(), timeout=180)
    assert (run.status, run.error) == ("success", None)
    assert shown(run, "passed") == "True"
    assert [a["seed"] for a in asked] == [7, 8] and len({a["prompt"] for a in asked}) == 1
    (saved,) = comfy.saved(run, "images")
    assert words_on(saved) == RIGHT
    prices = paid(comfy)
    report = shown(run, "report")
    assert f"paid for all tries: ${sum(prices)}" in report and len(prices) == 2
    assert "→ try 2: a new seed" in report and "PASS" in report
    assert len(comfy.saved(run, "marked")) == 1


def test_a_batch_is_drawn_again_with_seeds_that_are_all_new(comfy):
    asked = spells(comfy, WRONG)
    graph = poster(tries=3, other_models=False)
    graph["router"]["inputs"]["batch"] = 2
    run = comfy.run(graph, timeout=180)
    assert (run.status, run.error) == ("success", None)
    seeds = [n for a in asked for n in range(a["seed"], a["seed"] + a.get("num_images", 1))]
    assert seeds == list(range(7, 13))


def test_right_at_once_is_bought_once(comfy):
    spells(comfy, RIGHT)
    run = comfy.run(poster(), timeout=180)
    assert (shown(run, "passed"), len(paid(comfy))) == ("True", 1)


def test_another_model_after_a_new_seed_and_the_best_is_kept(comfy):
    spells(comfy, WRONG, WORSE, WORSE)
    run = comfy.run(poster(), timeout=180)
    assert (run.status, run.error, shown(run, "passed")) == ("success", None, "False")
    assert len({job.endpoint for job in comfy.fal.jobs.values()}) == 2
    assert words_on(comfy.saved(run, "images")[0]) == WRONG
    report = shown(run, "report")
    assert "→ try 1: the first picture" in report and "stopped: the last try." in report
    assert f"${sum(paid(comfy))}" in report and len(paid(comfy)) == 3


def test_the_same_workflow_again_is_free(comfy):
    spells(comfy, WRONG, RIGHT)
    comfy.run(poster(), timeout=180)
    forget(comfy)
    run = comfy.run(poster(), timeout=180)
    assert (shown(run, "passed"), len(comfy.fal.jobs), len(paid(comfy))) == ("True", 2, 2)
    assert "paid for all tries: $0" in shown(run, "report")


@pytest.mark.parametrize("limit", ["node", "node alone", "router", "budget", "run"])
def test_no_try_that_would_pass_a_limit(comfy, limit):
    spells(comfy, WRONG)
    first = comfy.run(poster(tries=1), timeout=180)
    price = sum(paid(comfy))
    assert shown(first, "passed") == "False" and price > 0
    for file in private(comfy.base).glob("requests.sqlite*"):
        file.unlink()
    most = float(price * Decimal("1.5"))
    if limit in ("budget", "run"):
        name = {"budget": "daily_budget", "run": "run_budget"}[limit]
        (private(comfy.base) / "settings.json").write_text(json.dumps({name: str(most)}))
    graph = poster(max_price=most if limit == "router" else 0.0, other_models=False, tries=5)
    if limit.startswith("node"):
        graph["until"]["inputs"]["max_price"] = most
    if limit == "node alone":  # no route tells it the price
        del graph["until"]["inputs"]["route"]
        graph["until"]["inputs"]["text"] = RIGHT
    forget(comfy)
    run = comfy.run(graph, timeout=180)
    assert (run.status, run.error, len(paid(comfy))) == ("success", None, 1)
    assert "nothing more was sent" in shown(run, "report")
    assert len(comfy.saved(run, "images")) == 1


def test_a_model_without_a_branch_is_not_chosen(comfy):
    spells(comfy, WRONG)
    run = comfy.run(poster(tracks=("qwen_remote",), tries=4), timeout=240)
    assert (run.status, run.error) == ("success", None)
    assert all("qwen" in job.endpoint for job in comfy.fal.jobs.values()) and len(comfy.fal.jobs) == 4


def test_core_nodes_without_a_router(comfy):
    """A branch of core nodes alone: the picture cannot change, and that is said."""
    graph = {"picture": picture(128, 64)} | ends(
        node(
            "SwitchyardUntilItReads",
            images=["picture", 0],
            text="OPEN",
            tries=3,
            other_models=True,
            max_price=0.0,
        )
    )
    run = comfy.run(graph, timeout=120)
    assert (run.status, run.error, shown(run, "passed")) == ("success", None, "False")
    assert "there is no seed in the branch" in shown(run, "report")


def test_a_list_of_prompts_is_refused(comfy):
    spells(comfy, WRONG)
    graph = poster()
    graph["prompts"] = node(
        "CreateList", **{f"inputs.input{n}": f'A sign that says "OPEN {n}"' for n in range(2)}
    )
    graph["router"]["inputs"]["prompt"] = ["prompts", 0]
    run = comfy.run(graph, timeout=120)
    assert run.error is not None and "give the Prompt Router one prompt" in run.error.message
