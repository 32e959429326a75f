"""The sidebar's panel: sums, open jobs, and the key that is never shown again."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from switchyard.engine.fal.books import Books
from switchyard.engine.fal.ledger import Bill, Purchase
from switchyard.engine.models import find
from switchyard.engine.price import Estimate
from switchyard.tests.browser.stage import shot

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


def test_a_key_is_saved_and_never_shown_again(page, private, panel):
    panel.get_by_text("No key yet").wait_for()
    field = panel.get_by_label("fal key, id:secret")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("password", "off")
    field.fill("no key at all")
    field.press("Enter")
    panel.get_by_text("cannot be right").wait_for()
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
