"""What a person reads after a call: what was drawn by whom, for how much, and the service's own names of the jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .order import Order

if TYPE_CHECKING:
    from .job import Result
    from .send import Delivery


def receipt(order: Order, drawn: Sequence[tuple[int, int, int]], delivery: Delivery | None) -> list[str]:
    """The parts of the report. `drawn` is (width, height, how many) for each size; no delivery is a rehearsal."""
    sizes = ", ".join(f"{count} × {width}×{height}" for width, height, count in drawn)
    parts = [f"{order.model.name} ({order.payloads[0].endpoint.id})", sizes, cost(order, delivery)]
    parts += filter(
        None, dict.fromkeys([order.price.note, *(payload.note for payload in order.payloads), *order.notes])
    )
    if delivery is None:
        return [*parts, "rehearsal: nothing was sent"]
    parts += [_billed(result) for result in delivery.results]
    parts += _other_sizes(order, drawn)
    parts += [fault for result in delivery.results for fault in result.faults]
    return [*parts, *(f"one request failed: {error}" for error in delivery.errors)]


def cost(order: Order, delivery: Delivery | None) -> str:
    """What was expected for what was bought this time."""
    if delivery is None:
        return order.price.text
    bought = sum(result.origin == "bought" for result in delivery.results)
    if not bought:
        return "$0"
    part = f" for all, {bought} of {len(order.payloads)} bought now" if bought < len(order.payloads) else ""
    return order.price.text + part


def _billed(result: Result) -> str:
    units = f", {result.billed_units} units billed" if result.billed_units is not None else ""
    kept = {"bought": "", "resumed": ", joined under way: $0 more", "kept": ", cached: $0"}[result.origin]
    return f"request {result.request_id}{kept or units}"


def _other_sizes(order: Order, drawn: Sequence[tuple[int, int, int]]) -> list[str]:
    """A paid picture of another size than asked for is delivered with a word, never an error."""
    asked = order.payloads[0]
    said = asked.endpoint.size.kind == "pixels" and asked.endpoint.size.field in asked.arguments
    if not said or {(width, height) for width, height, _ in drawn} == {(asked.size.width, asked.size.height)}:
        return []
    return [f"{asked.size} was asked for"]
