"""The sidebar's panel: sums, open jobs, and the key that is never shown again."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Bill, Purchase
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.browser.stage import GRAPH, RUN, open_workflow, shot, until
from switchyard.tests.browser.test_prices import alone
from switchyard.tests.fal_emulator import Act

KEY = "11111111-2222-4333-8444-555555555555:0123456789abcdef0123456789abcdef"
OPEN = "app.extensionManager.command.execute('Workspace.ToggleSidebarTab.switchyard-spend')"


@pytest.fixture
def private(server):
    folder = server.base / "user" / "__switchyard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"daily_budget": "5.00"}))
    yield folder
    for name in ("settings.json", "credentials.json"):
        (folder / name).unlink(missing_ok=True)


@pytest.fixture
def panel(page, private):
    page.evaluate(OPEN)
    found = page.get_by_role("region", name="Switchyard spend")
    found.wait_for()
    yield found
    page.evaluate(OPEN)
    found.wait_for(state="detached")


def write_down(folder, key: str, outcome: str, usd: str):
    """A request in the journal as if it had been sent and had ended so."""
    books = Books.open(folder)
    model = find("flux-2-pro")
    purchase = Purchase(key, model.endpoints[0], model.id, Estimate(Decimal(usd)))
    turn, entry = books.journal.claim(purchase, books.budget)
    assert turn == "send"
    books.journal.ended(entry, outcome, Bill(outcome))


def test_sums_limits_and_an_open_job_that_is_forgotten(page, private, panel):
    write_down(private, uuid4().hex, "unsure", "0.25")
    write_down(private, uuid4().hex, "failed", "1.00")
    panel.get_by_role("button", name="Refresh").click()
    today = panel.get_by_role("row", name="Today")
    today.filter(has_text="$5.00").wait_for()
    job = panel.get_by_role("listitem").filter(has_text="perhaps taken and billed")
    job.wait_for()
    assert "FLUX.2" in job.inner_text() and "$0.25" in job.inner_text()
    assert not job.get_by_role("button", name="Collect").is_visible()
    shot(page, "spend")
    job.get_by_role("button", name="Forget").click()
    page.get_by_role("dialog", name="Forget this request?").get_by_role("button", name="Confirm").click()
    panel.get_by_role("status").filter(has_text="Forgotten.").wait_for()
    job.wait_for(state="detached")


def left_behind(server, folder):
    """A job that the service has, and that no run waits for."""
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    server.fal.seconds = 3600.0
    books, model = Books.open(folder), find("flux-2-pro")
    purchase = Purchase(uuid4().hex, model.endpoints[0], model.id, Estimate(Decimal("0.03")))
    _, entry = books.journal.claim(purchase, books.budget)
    with FalClient(Key(KEY), server.fal.url) as client:
        job = client.submit(model.endpoints[0].id, {"prompt": "a heron"})
    books.journal.taken(entry, job)
    books.journal.let_go(entry, job)
    books.journal.leave(entry)
    return entry.key


def test_a_job_that_was_left_is_cancelled(page, server, private, panel):
    try:
        key = left_behind(server, private)
        panel.get_by_role("button", name="Refresh").click()
        job = (
            panel.get_by_role("listitem")
            .filter(has_text="can be collected for nothing")
            .filter(has_text="$0.03")
        )
        server.fal.script("PUT", "/cancel", Act(status=400, body={"status": "ALREADY_COMPLETED"}))
        job.get_by_role("button", name="Cancel").click()
        panel.get_by_role("status").filter(has_text="cannot be cancelled any more").wait_for()
        job.get_by_role("button", name="Cancel").click()
        panel.get_by_role("status").filter(has_text="agreed to stop it").wait_for()
        job.filter(has_text="cancelled, perhaps too late").wait_for()
        assert not job.get_by_role("button", name="Cancel").is_visible()
        shot(page, "cancelled")
        assert len(server.fal.cancels) == 1 and server.fal.count("POST", "flux-2-pro") == 1
    finally:
        server.fal.reset()
        Books.open(private).journal.forget(key, unbilled=True)


def test_a_job_that_a_run_waits_for_is_cancelled_with_the_run(page, server, private, panel):
    (private / "credentials.json").write_text(json.dumps({"fal": KEY}))
    server.fal.seconds = 3600.0
    graph = alone()
    (node,) = graph["nodes"]
    node["widgets_values"][0] = f"a heron {uuid4().hex}"
    open_workflow(page, graph)
    page.evaluate(f"""() => {{ const node = {GRAPH}.getNodeById({node["id"]});
      for (const [name, value] of [['model', 'flux-2-pro'], ['rehearse', false]]) {{
        const widget = node.widgets.find(w => w.name === name); widget.value = value; widget.callback?.(value); }}
      const save = LiteGraph.createNode('PreviewImage'); {GRAPH}.add(save); node.connect(0, save, 0); }}""")
    try:
        page.evaluate(f"() => {{ window.run = ({RUN})(); }}")
        until(page, lambda: len(server.fal.jobs) == 1)
        panel.get_by_role("button", name="Refresh").click()
        panel.get_by_role("listitem").get_by_role("button", name="Cancel").click()
        page.get_by_role("dialog", name="Stop the run?").get_by_role("button", name="Confirm").click()
        assert page.evaluate("async () => (await window.run).kind") == "execution_interrupted"
        until(page, lambda: len(server.fal.cancels) == 1)
        panel.get_by_text("cancelled, perhaps too late").wait_for()
    finally:
        server.fal.reset()
        for entry in Books.open(private).journal.entries():
            Books.open(private).journal.forget(entry.key, unbilled=True)


def test_a_key_is_saved_and_never_shown_again(page, private, panel):
    panel.get_by_text("No key yet").wait_for()
    field = panel.get_by_label("fal key, id:secret")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("password", "off")
    field.fill("no key at all")
    field.press("Enter")
    panel.get_by_text("cannot be right").wait_for()
    assert all("400" in words for words in page.complaints)  # the browser's own word for a refusal
    page.complaints.clear()
    assert field.input_value() == "" and "no key at all" not in page.content()
    field.fill(KEY)
    field.press("Enter")
    panel.get_by_text("A key is there (credentials.json)").wait_for()
    assert json.loads((private / "credentials.json").read_text()) == {"fal": KEY}
    shown = page.content() + page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, app.rootGraph.serialize()])"
    )
    assert field.input_value() == "" and not any(part in shown for part in KEY.split(":"))
    panel.get_by_role("button", name="Remove").click()
    panel.get_by_text("No key yet").wait_for()


def test_the_tab_can_be_switched_off(page):
    there = "() => app.extensionManager.getSidebarTabs?.().some(tab => tab.id === 'switchyard-spend')"
    assert page.evaluate(there) is True
    page.evaluate("app.extensionManager.setting.set('Switchyard.Spend', false)")
    try:
        page.wait_for_function(f"() => !({there})()")
    finally:
        page.evaluate("app.extensionManager.setting.set('Switchyard.Spend', true)")
    page.wait_for_function(there)
