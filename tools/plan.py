"""`dev.py plan`: where prompts would go, and for how much, without ComfyUI and without spending anything."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TextIO

from engine.errors import SwitchyardError
from engine.models import all_models
from engine.price import dollars
from engine.request import Alternative, Available, Request, Route
from engine.route import decide
from engine.rules_file import read_rules
from engine.sizes import Size

ASSUMED_REFERENCE = Size(
    1024, 1024
)  # `images` is a count; what a picture bills is only known with the picture
CHOICES = {
    "task": ("auto", "generate", "edit", "layers"),
    "tier": ("draft", "standard", "final"),
    "family": ("auto", "qwen", "flux"),
    "place": ("auto", "local", "remote"),
}


def main(argv: list[str]) -> int:
    options = _options(argv)
    try:
        rules = read_rules(Path(options.rules)) if options.rules else None
    except SwitchyardError as trouble:
        print(f"dev.py: {trouble}", file=sys.stderr)
        return 1
    local = frozenset(m.id for m in all_models().values() if m.place == "local")
    available = Available(local=None if options.remote else local, key=not options.local, rules=rules)
    bill = Bill()
    try:
        with _open(options.file) as lines:
            for answer in answers(lines, available, bill):
                print(json.dumps(answer, ensure_ascii=False), flush=True)  # each as soon as its line is there
        if options.bill:
            print(json.dumps(bill.lines()), flush=True)
            print(bill.text(), file=sys.stderr, flush=True)
    except BrokenPipeError:  # whoever reads has enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
    except OSError as trouble:
        print(f"dev.py: cannot read {options.file}: {trouble.strerror}.", file=sys.stderr)
        return 1
    return 0


def answers(lines: Iterable[str], available: Available, bill: Bill | None = None) -> Iterator[dict[str, Any]]:
    """One answer for every line, in order: the decision, or `{"id", "error"}` for a line that cannot be read."""
    rows: bool | None = None  # whether the file is JSON Lines: its first line with anything on it tells
    for number, line in enumerate(lines, 1):
        name: object = number
        try:
            fields, is_row = _fields(line, rows)
            if rows is None and line.strip():
                rows = is_row
            name = fields.pop("id", number)
            route = decide(_request(fields), available)
        except SwitchyardError as error:
            yield {"id": name, "error": str(error)}
            continue
        if bill is not None and not route.signals.empty:  # the nodes refuse an empty prompt
            bill.add(route)
        yield _answer(name, route)


@dataclass
class Bill:
    """The sum by model and tier. A price that is not known is counted apart, never as zero."""

    rows: dict[tuple[str, str], tuple[int, Decimal, int]] = field(default_factory=dict)

    def add(self, route: Route) -> None:
        count, usd, unknown = self.rows.get((route.model, route.tier), (0, Decimal(0), 0))
        known = route.price.usd is not None
        self.rows[route.model, route.tier] = (count + 1, usd + (route.price.usd or 0), unknown + (not known))

    def lines(self) -> dict[str, Any]:
        """For programs: one JSON object, the last line of the answers."""
        rows = [
            {
                "model": model,
                "tier": tier,
                "prompts": count,
                "price_usd": float(usd),
                "unknown_prices": unknown,
            }
            for (model, tier), (count, usd, unknown) in self._sorted()
        ]
        return {"bill": rows, "total_usd": float(sum((row[1] for row in self.rows.values()), Decimal(0)))}

    def text(self) -> str:
        """For a person: the same as a table."""
        lines = [f"{'model':32} {'tier':9} {'prompts':>8}  price"]
        for (model, tier), (count, usd, unknown) in self._sorted():
            unsure = f" + {unknown} of unknown price" if unknown else ""
            lines.append(f"{model:32} {tier:9} {count:8d}  {dollars(usd)}{unsure}")
        prompts = sum(row[0] for row in self.rows.values())
        total = sum((row[1] for row in self.rows.values()), Decimal(0))
        unknown = sum(row[2] for row in self.rows.values())
        lines.append(
            f"{'total':32} {'':9} {prompts:8d}  {dollars(total)}{f' + {unknown} of unknown price' if unknown else ''}"
        )
        return "\n".join(lines)

    def _sorted(self) -> list[tuple[tuple[str, str], tuple[int, Decimal, int]]]:
        return sorted(self.rows.items(), key=lambda row: -row[1][1])


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py plan", description=__doc__)
    parser.add_argument("file", help="one prompt a line, or JSON Lines; - for standard input")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--local", action="store_true", help="assume that there is no key for the service")
    place.add_argument("--remote", action="store_true", help="assume that there are no local models")
    parser.add_argument("--rules", metavar="FILE", help="your own rules for the router, such as rules.ini")
    parser.add_argument(
        "--bill",
        action="store_true",
        help="add the sum by model and tier: a last JSON line, and a table on standard error",
    )
    return parser.parse_args(argv)


def _open(name: str) -> TextIO:
    """UTF-8, with the byte order mark that some editors put in front; anything else is replaced, never refused."""
    source = sys.stdin.fileno() if name == "-" else name
    return open(source, encoding="utf-8-sig", errors="replace", newline="\n", closefd=name != "-")


def _fields(line: str, rows: bool | None) -> tuple[dict[str, Any], bool]:
    """The fields of a line, and whether it was one of JSON Lines: an object with a `prompt` or an `id`.

    Any other line is a prompt, JSON prompts included, unless the file is known to be JSON Lines (`rows`) or the line
    is the torn half of an object.
    """
    line = line.rstrip("\r\n")
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and ("prompt" in value or "id" in value):
        return value, True
    if rows:
        raise SwitchyardError("This line of JSON Lines is not a JSON object with a `prompt`.")
    if value is None and line.lstrip().startswith('{"'):
        raise SwitchyardError("This line starts like JSON and cannot be read as JSON.")
    return {"prompt": line}, False


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _request(fields: dict[str, Any]) -> Request:
    prompt = fields.get("prompt")
    if not isinstance(prompt, str):
        raise SwitchyardError("`prompt` must be a text.")
    for name, allowed in CHOICES.items():
        if fields.get(name) is not None and fields[name] not in allowed:
            raise SwitchyardError(f"`{name}` must be one of {', '.join(allowed)}.")
    return Request(
        prompt=prompt,
        **{name: fields[name] for name in CHOICES if fields.get(name) is not None},
        width=_whole(fields, "width", 0),
        height=_whole(fields, "height", 0),
        batch=_whole(fields, "batch", 1),
        max_price=_money(fields),
        references=(ASSUMED_REFERENCE,) * min(_whole(fields, "images", 0), 100),
    )


def _whole(fields: dict[str, Any], name: str, default: int) -> int:
    value = fields.get(name, default)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise SwitchyardError(f"`{name}` must be a whole number, 0 or more.")
    return value


def _money(fields: dict[str, Any]) -> Decimal:
    value = fields.get("max_price") or 0
    try:
        usd = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or usd < 0 or (usd and not -9 <= usd.adjusted() <= 9):
        raise SwitchyardError("`max_price` must be an amount in US dollars, 0 or more.")
    return usd


def _answer(name: object, route: Route) -> dict[str, Any]:
    return {
        "id": name,
        "task": route.task,
        "asks_for_text": route.signals.edits_text if route.task == "edit" else route.signals.asks_for_text,
        "family": route.family,
        "place": route.place,
        "tier": route.tier,
        "model": route.model,
        "price_usd": None if route.price.usd is None else float(route.price.usd),
        "reason": route.reason,
        "passed_over": [{"model": p.model, "why": p.why} for p in route.passed_over],
        "confidence": route.confidence,
        "alternatives": [_alternative(other) for other in route.alternatives],
    }


def _alternative(other: Alternative) -> dict[str, Any]:
    return {
        "model": other.model,
        "price_usd": None if other.price.usd is None else float(other.price.usd),
        "settings": dict(other.settings),
        "needs": other.needs,
    }
