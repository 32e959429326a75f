"""Limits that really stop: a day's, a run's, the router's. What does not fit is not sent, and what was sent is not lost.

The server has SWITCHYARD_DAILY_BUDGET in its environment; every test writes settings.json anew, which is read each time.
"""

import json
from decimal import Decimal

import pytest
from switchyard.engine.fal.buy import Books
from switchyard.engine.models import find
from switchyard.engine.price import dollars
from switchyard.tests.comfyui.client import Comfy
from switchyard.tests.comfyui.graphs import node, output, remote, router
from switchyard.tests.comfyui.own_server import own_server, private, until
from switchyard.tests.fal_emulator import FalEmulator

ENVIRONMENT = Decimal("0.20")
DRAFT, PRO, UNPRICED = "flux-2-klein-4b", "flux-2-pro", "qwen-image-max"
PRICE = {model: find(model).endpoint("generate", 0).price.usd for model in (DRAFT, PRO)}  # of 64x64 pixels
SIZE = {"model.width": 64, "model.height": 64}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("budget")
    with FalEmulator() as fal, own_server(base, fal, SWITCHYARD_DAILY_BUDGET=str(ENVIRONMENT)) as started:
        yield Comfy(started, fal)


@pytest.fixture
def comfy(server):
    """A new day, with no limit but the environment's."""
    server.fal.reset()
    for file in private(server.base).glob("requests.sqlite*"):
        file.unlink()
    allow(server)
    yield server
    books = Books.open(
        private(server.base)
    )  # a request that is still on its way is no business of the next test
    until(lambda: not any(entry.state == "sending" for entry in books.journal.entries()))


def allow(comfy, **settings):
    (private(comfy.base) / "settings.json").write_text(json.dumps(settings))


def spent(comfy):
    return sum((payment.usd for payment in Books.open(private(comfy.base)).ledger.payments()), Decimal(0))


def side_by_side(number, words):
    """Nodes that all buy at once, a seed each."""
    graph = {}
    for seed in range(number):
        graph[f"draw{seed}"] = remote("SwitchyardFluxRemote", words, DRAFT, **SIZE, seed=seed)
        graph[f"save{seed}"] = node("PreviewImage", images=[f"draw{seed}", 0])
    return graph


def a_batch(number, **wishes):
    """One node, and a request for each picture of the batch."""
    wishes = {"place": "remote", "width": 64, "height": 64, "batch": number, **wishes}
    return {
        "router": router("portrait, rim light", **wishes),
        "draw": remote("SwitchyardFluxRemote", ["router", output("flux_remote")], PRO, route=["router", 0]),
        "save": node("PreviewImage", images=["draw", 0]),
    }


def assert_over_budget(run, *words):
    assert run.status == "error" and run.error.kind.endswith("OverBudget"), run.error
    assert "so nothing was sent" in run.error.message
    assert all(word in run.error.message for word in words), run.error.message


def test_of_twelve_the_five_that_fit_are_bought_and_the_others_when_there_is_more(comfy):
    five = 5 * PRICE[DRAFT]
    for _ in range(2):
        allow(comfy, daily_budget=str(five))
        run = comfy.run(side_by_side(12, "twelve herons"))
        assert_over_budget(run, dollars(PRICE[DRAFT]), dollars(five), "settings.json")
        assert (spent(comfy), len(comfy.fal.taken)) == (five, 5)

    allow(comfy, daily_budget=str(12 * PRICE[DRAFT]))
    run = comfy.run(side_by_side(12, "twelve herons"))
    assert (run.status, run.error) == ("success", None)
    assert all(comfy.saved(run, f"save{seed}")[0].exists() for seed in range(12))
    assert sorted(job.arguments["seed"] for job in comfy.fal.jobs.values()) == list(range(12))
    assert len(comfy.fal.taken) == 12 and spent(comfy) == 12 * PRICE[DRAFT]


def test_a_refusal_does_not_throw_away_what_is_under_way_beside_it(comfy):
    comfy.fal.seconds = 1.0
    allow(comfy, daily_budget=str(5 * PRICE[DRAFT]))
    assert_over_budget(comfy.run(side_by_side(12, "slow herons")))
    assert comfy.fal.cancels == []
    allow(comfy, daily_budget=str(12 * PRICE[DRAFT]))
    assert comfy.run(side_by_side(12, "slow herons")).status == "success"
    assert len(comfy.fal.taken) == 12


def test_a_batch_that_does_not_fit_as_a_whole_sends_nothing_at_all(comfy):
    allow(comfy, daily_budget=str(4 * PRICE[PRO] - Decimal("0.000001")))
    assert_over_budget(comfy.run(a_batch(4)), dollars(4 * PRICE[PRO]))
    assert (comfy.fal.count("POST"), spent(comfy)) == (0, 0)
    allow(comfy, daily_budget=str(4 * PRICE[PRO]))  # to the last cent
    assert comfy.run(a_batch(4)).status == "success"
    assert (len(comfy.fal.taken), spent(comfy)) == (4, 4 * PRICE[PRO])


def test_the_environment_holds_whatever_the_file_allows(comfy):
    allow(comfy, daily_budget="1000")
    assert_over_budget(comfy.run(a_batch(7)), dollars(7 * PRICE[PRO]), "SWITCHYARD_DAILY_BUDGET", "$0.20")
    assert comfy.fal.count("POST") == 0


@pytest.mark.parametrize("limit", ["max_price", "run_budget"])
def test_the_limit_of_a_run_holds_for_all_its_nodes_together(comfy, limit):
    def run_under(usd):
        allow(comfy, **({"run_budget": str(usd)} if limit == "run_budget" else {}))
        graph = a_batch(1, **({"max_price": float(usd)} if limit == "max_price" else {}))
        graph["twin"] = {**graph["draw"], "inputs": {**graph["draw"]["inputs"], "seed": 1}}
        graph["save_twin"] = node("PreviewImage", images=["twin", 0])
        return comfy.run(graph)

    less = 2 * PRICE[PRO] - Decimal("0.001")
    assert_over_budget(run_under(less), "in this run", dollars(less))
    assert spent(comfy) <= PRICE[PRO]
    assert run_under(2 * PRICE[PRO]).status == "success"
    assert (len(comfy.fal.taken), spent(comfy)) == (2, 2 * PRICE[PRO])


@pytest.mark.parametrize("text", ['{"daily_budget": 5', '{"daily_buget": "5"}', '{"daily_budget": "five"}'])
def test_settings_that_cannot_be_read_stop_everything(comfy, text):
    file = private(comfy.base) / "settings.json"
    file.write_text(text)
    run = comfy.run(side_by_side(1, text))
    assert run.status == "error" and "settings.json" in run.error.message
    assert "nothing was sent" in run.error.message and run.error.message.strip().count("\n") == 0
    assert comfy.fal.count("POST") == 0
    file.unlink()
    assert comfy.run(side_by_side(1, text)).status == "success"


def test_a_price_that_nobody_knows_cannot_slip_under_a_limit(comfy):
    graph = {
        "draw": remote("SwitchyardQwenRemote", "a heron", UNPRICED, allow_unknown_price=True),
        "save": node("PreviewImage", images=["draw", 0]),
    }
    run = comfy.run(graph)
    assert_over_budget(run, "Nobody knows", "unknown_price")
    assert comfy.fal.count("POST") == 0
    allow(comfy, unknown_price=str(ENVIRONMENT))
    assert comfy.run(graph).status == "success"
    assert (len(comfy.fal.taken), spent(comfy)) == (1, ENVIRONMENT)
    assert_over_budget(comfy.run(side_by_side(1, "too late")))  # it has used up the day
