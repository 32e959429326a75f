"""A person's own rules and what is left of their budget, as the router in a running ComfyUI sees them."""

import json
from decimal import Decimal

import pytest
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.ledger import Bill, Purchase
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.comfyui.graphs import node, router

KEY = "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef"
WORDS = "Portrait of a fisherman at dusk, rim light"


@pytest.fixture
def private(comfy):
    """The pack's private folder, with a key in it."""
    folder = comfy.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    clean(folder)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    yield folder
    clean(folder)


def clean(folder):
    for name in ("credentials.json", "settings.json", "rules.ini"):
        (folder / name).unlink(missing_ok=True)
    for file in folder.glob("requests.sqlite*"):
        file.unlink()


def asked(comfy, prompt=WORDS, **wishes):
    return comfy.run({"router": router(prompt, **wishes), "show": node("PreviewAny", source=["router", 8])})


def facts(run) -> dict:
    assert (run.status, run.error) == ("success", None)
    return run.outputs["router"]["switchyard_route"][0]


def test_rules_are_obeyed_and_read_again_when_they_change(comfy, private):
    assert facts(asked(comfy))["model"] == "flux-2-pro"
    (private / "rules.ini").write_text("[rule]\nwords = dusk\nuse = qwen-image-3\n")
    told = facts(asked(comfy))  # the same prompt again: the file alone has changed
    assert told["model"] == "qwen-image-3" and "by your rule 1 (word “dusk”)" in told["reason"]
    assert told["confidence"] and any("`family` to flux" in other for other in told["alternatives"])
    (private / "rules.ini").write_text("[models]\nforbid = flux-2-pro\n")
    assert facts(asked(comfy))["model"] not in ("flux-2-pro", "qwen-image-3")
    (private / "rules.ini").unlink()
    assert facts(asked(comfy))["model"] == "flux-2-pro"


def test_a_comment_is_no_change(comfy, private):
    prompt = f"{WORDS}, from a boat"
    file = private / "rules.ini"
    file.write_text("[rule]\nwords = dusk\nuse = qwen-image-3\n")
    assert "router" in asked(comfy, prompt).executed
    file.write_text("# a comment\n[rule]\nwords = dusk\nuse = qwen-image-3\n")
    assert "router" not in asked(comfy, prompt).executed


def test_rules_that_cannot_be_understood_stop_the_router_with_the_line(comfy, private):
    (private / "rules.ini").write_text("[rule]\nwords = dusk\nuse = flux-2-porr\n")
    run = asked(comfy)
    assert run.status == "error" and run.error.node == "router"
    assert (
        "rules.ini, line 3: no model is called “flux-2-porr”; the nearest is flux-2-pro." in run.error.message
    )
    status, answer = comfy.server.post("/switchyard/route", {"prompt": WORDS})
    assert status == 200 and answer["refused"].startswith("rules.ini, line 3")
    (private / "rules.ini").write_text("[rule]\nwords = dusk\nuse = flux-2-pro\n")
    assert facts(asked(comfy))["model"] == "flux-2-pro"


def test_what_is_left_of_the_budget_is_known_before_anything_is_sent(comfy, private):
    (private / "settings.json").write_text(json.dumps({"daily_budget": "0.05"}))
    books = Books.open(private)
    endpoint = find("flux-2-pro").endpoint("generate")
    with books.ledger._database.writing() as rows:  # what buying does
        price = Estimate(Decimal("0.03"))
        number = books.ledger.reserve(rows, Purchase("k", endpoint, "flux-2-pro", price), books.budget)
        books.ledger.settle(rows, number, Bill("paid", price.usd))
    told = facts(asked(comfy, f"{WORDS}, from a pier"))
    assert told["model"] == "flux-2-dev"
    assert "flux-2-pro: it costs $0.03, and $0.02 of today's budget is left" in told["passed_over"]
    (private / "settings.json").write_text(json.dumps({"daily_budget": "5"}))
    # Amounts are no reason to decide anew: or every payment would.
    assert "router" not in asked(comfy, f"{WORDS}, from a pier").executed
    assert facts(asked(comfy, f"{WORDS}, from a quay"))["model"] == "flux-2-pro"
