"""One try of Until It Reads after the other: the pictures are checked, and the branch is drawn again or the best is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder
from torch import Tensor

import nodes as core

from ..engine.branch import Branch, Graph, Link
from ..engine.errors import BadInput
from ..engine.request import Route
from ..engine.tries import Next, Purse, Try, bill, next_try, usual
from . import host

if TYPE_CHECKING:
    from ..engine.proof.verdict import Verdict

OF_A_RUN = "the budget of a run"  # as the router's purse calls it
OUTPUTS = 5
REDRAWN = {"IMAGE", "LATENT", "NOISE"}  # what a seed of theirs changes the picture by


@dataclass(frozen=True)
class Asked:
    """What is set on the node, the same for all tries."""

    node: str
    end: Link
    phrases: tuple[str, ...]
    heading: tuple[str, ...]
    tries: int
    other_models: bool
    max_price: Decimal
    route: Route | None


@dataclass(frozen=True)
class Shot:
    """One picture [1,H,W,C], its verdict, and the number of the try that it came from."""

    picture: Tensor = field(repr=False)
    verdict: Verdict = field(repr=False)
    number: int

    @property
    def rank(self) -> tuple[bool, float]:
        return self.verdict.passed, self.verdict.score


@dataclass(frozen=True)
class State:
    """All that is known so far. models: of each try. shots: the best of each picture. paid: by this workflow, US dollars.
    drawn: the pictures that all tries were to make."""

    asked: Asked = field(repr=False)
    how: str
    paid: Decimal
    tries: tuple[Try, ...] = ()
    models: tuple[str, ...] = ()
    shots: tuple[Shot, ...] = field(default=(), repr=False)
    drawn: int = 0


def judged(images: list[Tensor], known: State, route: Route | None, graph: Any) -> io.NodeOutput:
    """Checks the pictures, and ends with the best, or with one more try. route: where this try's pictures came from."""
    asked = known.asked
    number = len(known.tries) + 1
    shots = [
        Shot(one, verdict, number) for one, verdict in zip(*_checked(images, asked.phrases), strict=True)
    ]
    total = _paid()
    score = min(shot.verdict.score for shot in shots)
    passed = all(shot.verdict.passed for shot in shots)
    done = replace(
        known,
        paid=total,
        tries=(*known.tries, Try(known.how, score, passed, total - known.paid)),
        models=(*known.models, route.model if route else ""),
        shots=_better(known.shots, shots),
        drawn=known.drawn + max(len(shots), route.batch if route else 1),
    )
    host.say(f"try {number} of {asked.tries}, {known.how}: {_outcome(passed, score)}", asked.node)
    if all(shot.verdict.passed for shot in done.shots) or not asked.phrases:
        return _ended(done, "")
    if number >= asked.tries:
        return _ended(done, "" if asked.tries == 1 else "the last try")
    branch = Branch(_whole(graph), asked.end, _redraws)
    try:
        further = _next(branch, done)
    except BadInput as trouble:  # settings that were broken meanwhile; what is here may have been paid for
        further = str(trouble).rstrip(".")
    return _ended(done, further) if isinstance(further, str) else _again(branch, done, further)


def _checked(images: list[Tensor], phrases: tuple[str, ...]) -> tuple[list[Tensor], list[Verdict]]:
    from ..engine.proof.check import check, open_reader
    from ..engine.proof.pixels import to_pixels

    reader = open_reader()
    singles = [batch[n : n + 1] for batch in images for n in range(len(batch))]
    if not singles:
        raise BadInput("Until It Reads was given an empty batch: there is no picture to check.")
    pixels = [one for batch in images for one in to_pixels(batch)]
    return singles, [check(one, phrases, reader, between=host.raise_if_interrupted) for one in pixels]


def _better(before: tuple[Shot, ...], now: list[Shot]) -> tuple[Shot, ...]:
    """The best of each place; of the whole where a try has made more or fewer pictures."""
    if not before:
        return tuple(now)
    if len(before) == len(now):
        return tuple(new if new.rank > old.rank else old for old, new in zip(before, now, strict=True))
    return tuple(now) if min(s.rank for s in now) > min(s.rank for s in before) else before


def _next(branch: Branch, done: State) -> Next | str:
    asked = done.asked
    if not branch.has_seed:
        return "there is no seed in the branch, so that it would only make the same picture again"
    tracks = branch.joined_tracks
    here = asked.route.track if asked.route else ""
    return next_try(
        asked.route,
        done.models,
        _purse(asked, done.paid),
        host.available(),
        lambda track: track == here if tracks is None else track in tracks,
        asked.other_models and bool(branch.routers),
        usual(done.tries, done.models, asked.route),
    )


def _again(branch: Branch, done: State, further: Next) -> io.NodeOutput:
    """The same branch once more, and behind it the next check.

    Each picture of a batch has a seed of its own, one after the other: a seed moved on by less than the pictures that there
    are would bring some of them again.
    """
    prefix = GraphBuilder.alloc_prefix()
    copies, (source, output) = branch.again(prefix, done.drawn, further.widgets)
    reader = prefix + "read"
    state = (replace(done, how=further.how), further.route)
    copies[reader] = {
        "class_type": "SwitchyardReadAgain",
        "inputs": {"images": [source, output], "state": state},
        "override_display_id": done.asked.node,
    }
    return io.NodeOutput(*([reader, n] for n in range(OUTPUTS)), expand=copies)


def _ended(done: State, why: str) -> io.NodeOutput:
    from ..engine.proof.mark import sheets
    from ..engine.proof.pixels import to_images, to_pixels

    groups = _groups(done.shots)
    marked = [
        to_images(sheets([one for s in group for one in to_pixels(s.picture)], [s.verdict for s in group]))
        for group in groups
    ]
    report = _report(done, why)
    host.say(report, done.asked.node)
    return io.NodeOutput(
        [_joined(group) for group in groups],
        all(shot.verdict.passed for shot in done.shots),
        min(shot.verdict.score for shot in done.shots),
        report,
        marked,
    )


def _groups(shots: tuple[Shot, ...]) -> list[list[Shot]]:
    """Neighbours of one size together: a batch has one size, and the order stays."""
    groups: list[list[Shot]] = []
    for shot in shots:
        if groups and groups[-1][0].picture.shape == shot.picture.shape:
            groups[-1].append(shot)
        else:
            groups.append([shot])
    return groups


def _joined(group: list[Shot]) -> Tensor:
    import torch

    return torch.cat([shot.picture for shot in group])


def _report(done: State, why: str) -> str:
    shots = done.shots
    from_tries = sorted({shot.number for shot in shots})
    lines = [*done.asked.heading, bill(done.tries, from_tries)]
    if why:
        lines.append(f"stopped: {why}.")
    names = [""] if len(shots) == 1 else [f"Picture {n} (try {s.number}): " for n, s in enumerate(shots, 1)]
    lines += [name + shot.verdict.report for name, shot in zip(names, shots, strict=True)]
    return "\n".join(lines)


def _outcome(passed: bool, score: float) -> str:
    return "passed" if passed else f"{score:.0%} right"


def _purse(asked: Asked, paid: Decimal) -> Purse:
    """What may still be paid in this workflow. The router's limit holds for all that it sends, tries included."""
    limits: dict[str, Decimal | None] = {
        "this node's max_price": asked.max_price - paid if asked.max_price else None
    }
    if asked.route is not None and asked.route.request.max_price:
        limits["the Prompt Router's max_price"] = asked.route.request.max_price - paid
    available = host.available()
    limits[available.budget or "your budget"] = available.budget_left
    if (run := host.settings().budget.run) is not None:
        limits[OF_A_RUN] = run - paid  # the router knows nothing of what this run has paid
    return Purse.smallest(limits)


def _paid() -> Decimal:
    """By this workflow so far, US dollars."""
    from .spend import paid_in

    return paid_in(host.workflow_id())


def _whole(graph: Any) -> Graph:
    return {node: graph.get_node(node) for node in graph.all_node_ids()}


def _redraws(kind: str) -> bool:
    made = core.NODE_CLASS_MAPPINGS.get(kind)
    return made is not None and not REDRAWN.isdisjoint(map(str, made.RETURN_TYPES))
