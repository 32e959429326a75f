"""Spend: what the paid requests came to, today and this month, on the canvas."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from comfy_api.latest import io

from ..engine.errors import BadInput
from ..engine.fal.aside import aside
from . import host
from .sockets import CATEGORY

if TYPE_CHECKING:
    from ..engine.fal.spend import Spend as Sums


class Spend(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardSpend",
            display_name="Spend",
            category=CATEGORY,
            description=(
                "Shows what Switchyard's paid requests came to, today and this month, by model, and what is left of your "
                "limits. It asks nobody and costs nothing."
            ),
            search_aliases=["budget", "cost", "money", "ledger", "price"],
            inputs=[
                io.AnyType.Input(
                    "after",
                    optional=True,
                    tooltip="Connect a picture here to read the sum after it was paid. What comes in is not looked at.",
                ),
            ],
            outputs=[
                io.String.Output("text", display_name="text", tooltip="The sums, in a few lines."),
                io.String.Output("table", display_name="table", tooltip="By model, as a Markdown table."),
            ],
            is_input_list=True,  # else it would run once for every size of the pictures
            is_output_node=True,
        )

    @classmethod
    def fingerprint_inputs(cls, **inputs) -> str:
        return uuid4().hex  # no two runs see the same ledger

    @classmethod
    async def execute(cls, after=None) -> io.NodeOutput:
        from ..engine.fal import spend as money

        spend, trouble = await aside(spend_now, host.raise_if_interrupted)
        text = "\n".join(filter(None, [trouble, money.text(spend)]))
        host.say(text)
        return io.NodeOutput(text, money.table(spend), ui={"text": (text,)})


def spend_now() -> tuple[Sums, str]:
    """What was spent, and a sentence where the limits cannot be read: then there are none in it."""
    import sqlite3

    from ..engine.fal.database import FILE, Database
    from ..engine.fal.ledger import Ledger
    from ..engine.fal.settings import Budget
    from ..engine.fal.spend import spend_of

    try:
        budget, trouble = host.settings().budget, ""
    except BadInput as error:
        budget, trouble = Budget(), f"Limits unknown: {error}"
    folder = host.private_folder()
    if not (folder / FILE).exists():  # nothing was ever asked for
        return spend_of([], 0, 0, budget), trouble
    try:
        ledger = Ledger(Database(folder))
        return spend_of(ledger.payments(ledger.month), ledger.today, ledger.month, budget), trouble
    except (OSError, sqlite3.Error) as error:
        raise BadInput(
            f"The journal of paid requests cannot be read ({error}): mend the permissions of ComfyUI's user folder, or make "
            "room on its disk."
        ) from None


def paid_in(workflow: str) -> Decimal:
    """What one queued workflow came to, in US dollars, requests under way included. 0 where nobody can tell: the node that
    pays will not send anything then either."""
    import sqlite3

    from ..engine.fal.database import FILE, Database
    from ..engine.fal.ledger import Ledger

    folder = host.private_folder()
    try:
        payments = Ledger(Database(folder)).payments() if (folder / FILE).exists() else []
    except (OSError, sqlite3.Error):
        return Decimal(0)
    return sum((one.usd for one in payments if one.run == workflow), Decimal(0))
