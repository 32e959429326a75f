"""What our routes tell the page before a run, and of the journal: free, by the engine's own rules, never more than asked."""

import json
from decimal import Decimal

import pytest
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Bill, Purchase
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.comfyui.graphs import node, picture, remote, router
from switchyard.tests.fal_emulator import Act

KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
WORDS = 'a poster that says "BLUE HERON"'


@pytest.fixture
def private(comfy):
    """The pack's private folder with a key and nothing in the books; an emulator without a history."""
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    clean(folder)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    comfy.fal.reset()
    yield folder
    comfy.fal.reset()
    clean(folder)


def clean(folder):
    for file in (*folder.glob("requests.sqlite*"), folder / "credentials.json", folder / "settings.json"):
        file.unlink(missing_ok=True)


def ask(comfy, path: str, **entries) -> dict:
    status, answer = comfy.server.post(f"/switchyard/{path}", entries)
    assert status == 200, answer
    return answer


@pytest.mark.parametrize(
    "wishes",
    [{}, {"tier": "final", "batch": 3}, {"family": "flux", "place": "remote", "width": 832, "height": 1216}, {"max_price": 0.5}],
)  # fmt: skip
def test_the_preview_is_what_the_node_says_when_it_runs(comfy, wishes):
    run = comfy.run({"router": router(WORDS, **wishes), "show": node("PreviewAny", source=["router", 8])})
    assert ask(comfy, "route", prompt=WORDS, **wishes) == run.outputs["router"]["switchyard_route"][0]


def test_an_edit_is_previewed_from_the_sizes_of_its_pictures(comfy):
    words = "Change the price on the sign to $5"
    graph = {"picture": picture(640, 480), "router": router(words, **{"images.image0": ["picture", 0]}),
             "show": node("PreviewAny", source=["router", 8])}  # fmt: skip
    told = ask(comfy, "route", prompt=words, references=[[640, 480]])
    assert told == comfy.run(graph).outputs["router"]["switchyard_route"][0]
    assert told["task"] == "edit"


def test_what_the_node_would_refuse_is_an_answer(comfy):
    assert "prompt is empty" in ask(comfy, "route", prompt=" \u200b")["refused"]
    assert "needs a picture" in ask(comfy, "route", prompt="x", task="edit")["refused"]
    price = ask(comfy, "price", prompt="x", family="flux", model="gone-model", settings={})
    assert "does not know" in price["refused"]


@pytest.mark.parametrize(
    "entries",
    [{"prompt": 5}, {"prompt": "x", "tier": "best"}, {"prompt": "x", "width": 1.5}, {"prompt": "x", "batch": 0},
     {"prompt": "x", "references": [[0, 1]]}, {"prompt": "x", "references": "all"}, {"prompt": "x", "key": "y"},
     {"prompt": "x", "max_price": -1}, {"prompt": "x", "task": ["edit"]}, {"prompt": "x", "width": True}],
)  # fmt: skip
def test_entries_that_no_node_would_take_are_refused_without_their_words(comfy, entries):
    status, answer = comfy.server.post("/switchyard/route", entries)
    assert status == 400 and list(answer) == ["error"]


def test_a_prompt_that_is_too_long_is_refused_and_none_is_logged(comfy):
    word = "unmistakable-heron"
    assert ask(comfy, "route", prompt=f"{word} at night")["track"]
    status, answer = comfy.server.post("/switchyard/route", {"prompt": word * 60_000})
    assert status == 413 and word not in json.dumps(answer)
    assert word not in comfy.server.log_text()


def test_the_price_is_the_orders(comfy, private):
    own = ask(
        comfy,
        "price",
        prompt="a heron",
        family="flux",
        model="flux-2-pro",
        settings={"width": 1024, "height": 1024},
    )
    assert (own["chosen"], own["price"], own["usd"]) == (True, "$0.03", 0.03)
    routed = ask(
        comfy,
        "price",
        family="qwen",
        model="auto (from route)",
        route={"prompt": WORDS, "batch": 2},
        track="qwen_remote",
    )
    assert routed["chosen"] and routed["usd"] == 2 * find(routed["model"]).endpoints[0].price.usd.__float__()
    other = ask(
        comfy, "price", family="flux", model="auto (from route)", route={"prompt": WORDS}, track="flux_remote"
    )
    assert other == {"chosen": False, "track": "qwen_remote"}
    assert not comfy.fal.seen


def test_a_fresh_journal_is_not_made_by_looking(comfy, private):
    assert ask(comfy, "jobs") == {"jobs": []}
    assert ask(comfy, "spend")["today"]["spent"] == "$0.00"
    assert not list(private.glob("requests.sqlite*"))


def test_an_open_job_is_listed_and_forgotten(comfy, private):
    books, model = Books.open(private), find("flux-2-pro")
    for key, outcome in (("a" * 64, "unsure"), ("b" * 64, "failed")):
        _, entry = books.journal.claim(
            Purchase(key, model.endpoints[0], model.id, Estimate(Decimal("0.25"))), books.budget
        )
        books.journal.ended(entry, outcome, Bill(outcome))
    (job,) = ask(comfy, "jobs")["jobs"]
    assert (job["key"], job["name"], job["state"], job["collectable"]) == (
        "a" * 64,
        model.name,
        "unsure",
        False,
    )
    assert ask(comfy, "jobs/forget", key="a") == {"forgotten": False}  # the whole name, or nothing
    assert ask(comfy, "jobs/forget", key="a" * 64) == {"forgotten": True}
    assert ask(comfy, "jobs") == {"jobs": []}
    assert ask(comfy, "spend")["today"]["spent"] == "$0.50"


def test_a_job_that_was_left_is_collected_for_nothing(comfy, private):
    """Its run was paid for and its pictures are gone from the store: they are fetched, and nothing is sent."""
    graph = {"draw": remote("SwitchyardFluxRemote", "a heron to collect", "flux-2-pro", **{"model.width": 64, "model.height": 64}),
             "save": node("SaveImage", images=["draw", 0], filename_prefix="collected")}  # fmt: skip
    assert comfy.run(graph).status == "success"
    books = Books.open(private)
    (entry,) = books.journal.entries()
    books.journal.lost(entry.key)
    (job,) = ask(comfy, "jobs")["jobs"]
    assert job["collectable"] and job["request"]
    sent = len(comfy.fal.jobs)
    assert ask(comfy, "jobs/collect", key=entry.key) == {"collected": 1, "said": ""}
    assert len(comfy.fal.jobs) == sent and ask(comfy, "jobs") == {"jobs": []}
    told = json.dumps([ask(comfy, "jobs"), ask(comfy, "spend"), job])
    assert "heron" not in told and KEY.split(":")[1] not in told


def left_behind(comfy, private) -> str:
    """A job that was sent by a run and is with the service still, as after a crash; its name in the journal."""
    comfy.fal.seconds = 3600.0
    books, model = Books.open(private), find("flux-2-pro")
    purchase = Purchase("c" * 64, model.endpoints[0], model.id, Estimate(Decimal("0.03")))
    _, entry = books.journal.claim(purchase, books.budget)
    with FalClient(Key(KEY), comfy.fal.url) as client:
        job = client.submit(model.endpoints[0].id, {"prompt": "a heron to cancel"})
    books.journal.taken(entry, job)
    books.journal.let_go(entry, job)
    books.journal.leave(entry)
    return entry.key


def test_a_job_that_was_left_is_cancelled_with_the_service(comfy, private):
    key = left_behind(comfy, private)
    (job,) = ask(comfy, "jobs")["jobs"]
    assert job["cancellable"]
    answer = ask(comfy, "jobs/cancel", key=key)
    assert answer["cancelled"] and "agreed to stop" in answer["said"]
    (job,) = ask(comfy, "jobs")["jobs"]
    assert (job["state"], job["cancellable"], job["collectable"]) == ("cancelled", False, True)
    assert len(comfy.fal.cancels) == 1 and comfy.fal.count("POST") == 1


def test_what_the_service_will_not_cancel_is_said(comfy, private):
    key = left_behind(comfy, private)
    comfy.fal.script("PUT", "/cancel", Act(status=400, body={"status": "ALREADY_COMPLETED"}))
    answer = ask(comfy, "jobs/cancel", key=key)
    assert not answer["cancelled"] and "cannot be cancelled any more" in answer["said"]
    (job,) = ask(comfy, "jobs")["jobs"]
    assert (job["state"], job["cancellable"]) == ("taken", True)
    status, answer = comfy.server.post("/switchyard/jobs/cancel", {"key": "c"})  # the whole name, or nothing
    assert status == 400 and "no such request" in answer["error"]


def test_a_job_that_a_run_waits_for_is_cancelled_with_that_run(comfy, private):
    comfy.fal.seconds = 3600.0
    graph = {"draw": remote("SwitchyardFluxRemote", "a heron that is waited for", "flux-2-pro", **{"model.width": 64, "model.height": 64}),
             "save": node("SaveImage", images=["draw", 0], filename_prefix="waited")}  # fmt: skip
    said = []

    def on_text(_, text):
        if "drawing" in text and not said:
            (job,) = ask(comfy, "jobs")["jobs"]
            said.append(ask(comfy, "jobs/cancel", key=job["key"]))
            comfy.interrupt()

    assert comfy.run(graph, on_text=on_text).status == "interrupted"
    (answer,) = said
    assert answer["busy"] and not answer["cancelled"] and "own Cancel" in answer["said"]
    comfy.fal.wait_for(lambda: len(comfy.fal.cancels) == 1)
