"""Decides which model a prompt goes to. It reads from top to bottom like the rules: what the prompt asks for, what a
model must be able to do, what the person wishes, what is here, what it costs; every step says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .alternatives import alternatives, obstacles, passed_over
from .candidates import Candidate, Obstacle, refusal, survey
from .case import Case, choose
from .dialect import speak
from .errors import NoRoute
from .models import find
from .prompt import Signals, read
from .reason import reason
from .request import Available, Job, Request, Route, check_request
from .rules import RULES


def decide(request: Request, available: Available, signals: Signals | None = None) -> Route:
    """The route for `request`. Raises NoRoute with one sentence when no model can do what was asked."""
    signals = signals or read(request.prompt)
    check_request(request)
    task = task_of(request, signals)
    job = _job(request, signals, task)
    able, out = survey(request, signals, task)
    met = available.rules.match(request.prompt, signals) if available.rules else None
    chosen, case = choose(Case(request, signals, available, task, job, met, able=able))
    if chosen is None:
        raise NoRoute(refusal(case, obstacles(case, out)))
    return _route(case, chosen, out)


def task_of(request: Request, signals: Signals) -> Literal["generate", "edit", "layers"]:
    """What is to be done: as set, else an edit (or a split) where there is a picture."""
    if request.task != "auto":
        return request.task
    if not request.references:
        return "generate"
    return "layers" if signals.layers else "edit"


def _job(request: Request, signals: Signals, task: str) -> Job:
    """The row of the rules."""
    if task == "layers":
        return "layers"
    if task == "edit" and signals.edits_text:
        return "edit text"
    if task == "edit":
        return "edit references" if len(request.references) > 1 else "edit photo"
    if signals.asks_for_text:
        return "text"
    if signals.is_json or signals.hex_colours or signals.at_references:
        return "structured"
    return "light" if signals.light or signals.relations >= 2 else "plain"


def _route(case: Case, chosen: Candidate, out: Mapping[str, Obstacle]) -> Route:
    request, rules = case.request, case.available.rules
    prompt = rules.untagged(request.prompt, case.signals) if rules else request.prompt
    spoken = speak(prompt, request.negative, chosen.model, chosen.endpoint, case.signals)
    others = alternatives(case, chosen)
    return Route(
        request=request,
        signals=case.signals,
        job=case.job,
        task=case.task,
        family=chosen.model.family,  # type: ignore[arg-type]  # rows of another family are never candidates
        place=chosen.model.place,
        tier=case.tier,
        model=chosen.model.id,
        prompt=spoken.prompt,
        negative=spoken.negative,
        size=chosen.size,
        batch=request.batch,
        price=chosen.price,
        reason=reason(case, chosen, find(RULES[case.job].order(case.tier)[0]), others, spoken.notes),
        passed_over=tuple(passed_over(case, chosen, out, others)),
        alternatives=others,
        expansion=spoken.expansion,
    )
