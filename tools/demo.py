"""`dev.py demo`: every bundled workflow, once, on a ComfyUI of its own; unless it is live, nothing can be paid."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from . import cache, workflow
from .environment import Environment, environment
from .errors import ToolError
from .serve import arguments
from .server import ComfyServer
from .steps import say

WORKFLOWS = cache.CHECKOUT / "workflows"


@dataclass(frozen=True)
class Outcome:
    """One workflow's end: the line that says it, and whether that is a failure, a skip, or money (USD)."""

    line: str
    failed: bool = False
    skipped: bool = False
    paid: float = 0.0


def run(version: str | None, *, live: bool) -> int:
    if live and not os.environ.get("FAL_KEY", "").strip():
        raise ToolError(
            "demo --live pays with your own key and FAL_KEY is not set: set it, or leave --live out."
        )
    files = sorted((WORKFLOWS / "api").glob("*.json"))
    if not files:
        raise ToolError(f"There are no workflows in {WORKFLOWS / 'api'}.")
    found = environment(version)
    base = cache.root() / "demo"
    say(
        f"Starting ComfyUI for {len(files)} workflows; {'this pays' if live else 'a rehearsal: nothing is paid'}."
    )
    with cache.locked(cache.root() / "locks" / "demo.lock", "the demo"), _server(found, base, live) as server:
        if why := server.import_failure():
            raise ToolError(f"ComfyUI could not import the pack: {why} Its log: {server.log}")
        outcomes = [_shown(_outcome(file, server, found, live)) for file in files]
        failed = sum(outcome.failed for outcome in outcomes)
        if failed:
            print(f"The server's log: {server.log}", flush=True)
    print(closing(outcomes, live), flush=True)
    return 1 if failed else 0


def closing(outcomes: list[Outcome], live: bool) -> str:
    """How many ran, were skipped, failed, and what it cost."""
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    counts = [f"{len(outcomes) - failed - skipped} of {len(outcomes)} workflows ran"]
    counts += [f"{skipped} skipped"] * bool(skipped) + [f"{failed} failed"] * bool(failed)
    money = f"about ${sum(outcome.paid for outcome in outcomes):.3f} was paid" if live else "nothing was paid"
    return ", ".join(counts) + f"; {money}."


def summary(routes: list[dict]) -> dict:
    """The one route; of several, how many prompts went to which model, and the sum."""
    if len(routes) < 2:
        return routes[0] if routes else {}
    models = Counter(str(route.get("name") or route.get("model")) for route in routes)
    price = sum(dollars(route.get("price")) for route in routes)
    return {
        "track": f"{len(routes)} prompts",
        "model": ", ".join(f"{count} to {model}" for model, count in models.items()),
        "price": f"${price:.3f}".removesuffix("0"),
    }


def line(name: str, prompt: str, route: dict, files: list[Path]) -> str:
    """`poster: "A poster that says…" → qwen_remote · qwen-image · why · $0.045 · /where/it.png`, less what is unknown."""
    facts = [
        str(route[key]) for key in ("track", "model", "reason", "price") if route.get(key) not in (None, "")
    ]
    facts += [str(file) for file in files]
    said = f': "{workflow.shortened(prompt)}"' if prompt else ""
    return f"{name}{said} → {' · '.join(facts)}"


def dollars(price: object) -> float:
    """The amount in a price such as "$0.045" or "about $0.12"; 0 where there is none."""
    found = re.search(r"\$\s*(\d+(?:\.\d+)?)", str(price))
    return float(found[1]) if found else 0.0


def _server(found: Environment, base: Path, live: bool) -> ComfyServer:
    variables = found.variables() | (
        {} if live else {"FAL_KEY": None, "FAL_KEY_ID": None, "FAL_KEY_SECRET": None}
    )
    extra = [*arguments(found, base), "--disable-api-nodes"]
    return ComfyServer(found.python, found.comfyui, base, cache.CHECKOUT, extra=extra, env=variables)


def _shown(outcome: Outcome) -> Outcome:
    print(outcome.line, flush=True)
    return outcome


def _outcome(file: Path, server: ComfyServer, found: Environment, live: bool) -> Outcome:
    name = file.stem
    try:
        graph = workflow.rehearsed(json.loads(file.read_text(encoding="utf-8")), not live)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Outcome(f"{name}: failed: {file} is not a workflow in API format", failed=True)
    places = [WORKFLOWS, WORKFLOWS / "input", found.comfyui / "input"]
    for picture in workflow.pictures(graph):
        if not workflow.bring(picture, server.base / "input", places):
            return Outcome(
                f"{name}: failed: its picture {picture} is not in {WORKFLOWS / 'input'}", failed=True
            )
    if not server.alive():
        return Outcome(f"{name}: failed: ComfyUI is not running any more", failed=True)
    try:
        status, answer = server.post("/prompt", {"prompt": graph})
        if status != 200:
            if missing := workflow.missing_files(answer):
                return Outcome(f"{name}: skipped: not installed here: {', '.join(missing)}", skipped=True)
            return Outcome(f"{name}: failed: {workflow.refused_because(answer)}", failed=True)
        entry = server.finished(answer["prompt_id"])
    except (ToolError, OSError) as trouble:
        return Outcome(f"{name}: failed: {str(trouble).splitlines()[0]}", failed=True)
    if lacking := workflow.missing_package(entry):
        return Outcome(f"{name}: skipped: {lacking}", skipped=True)
    if why := workflow.failure(entry):
        return Outcome(f"{name}: failed: {why}", failed=True)
    files = workflow.saved(entry, server.base / "output")
    if not files:
        return Outcome(f"{name}: failed: it ended without an error and without a saved file", failed=True)
    routes = workflow.routes_of(entry)
    left_out = f" (left out: {workflow.refused_because(answer)})" if answer.get("node_errors") else ""
    paid = sum(dollars(route.get("price")) for route in routes if live and route.get("place") == "remote")
    return Outcome(line(name, workflow.prompt_of(graph), summary(routes), files) + left_out, paid=paid)
