"""A branch of a workflow, drawn once more: copies of the nodes between the router and a picture, with other seeds.

Pure: a graph is ComfyUI's API form, id -> {"class_type", "inputs"}, where an input that is a link is [id, output].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Graph = Mapping[str, Mapping[str, Any]]
Link = tuple[str, int]

ROUTER = "SwitchyardPromptRouter"
JOIN = "SwitchyardRouteJoin"
SEEDS = ("seed", "noise_seed")
_NUMBERS = ("value", "seed", "noise_seed", "int", "number")  # of a node that only hands a seed on
_SMALL, _LARGE = 2**31, 2**64  # where the seeds of our remote nodes end, and those of core's samplers


@dataclass(frozen=True)
class Branch:
    """What stands before `end`, up to the routers; of a cycle (which ComfyUI refuses) each node once.

    redraws: whether a node of that class makes pictures, so that its seed is one: a writer of prompts has a seed as well.
    """

    graph: Graph
    end: Link
    redraws: Callable[[str], bool]

    @property
    def nodes(self) -> list[str]:
        """Their ids, each after those that it depends on; the routers are the first."""
        return _upstream(self.graph, self.end[0])

    @property
    def routers(self) -> list[str]:
        return [node for node in self.nodes if self._is(node, ROUTER)]

    @property
    def joined_tracks(self) -> set[str] | None:
        """The tracks that every Route Join on the way has a branch for; None without a Route Join."""
        joins = [set(self._links(node)) - {"route"} for node in self.nodes if self._is(node, JOIN)]
        return set.intersection(*joins) if joins else None

    @property
    def has_seed(self) -> bool:
        return any(self._shifted(node, 1) for node in self.nodes)

    def again(self, prefix: str, shift: int, widgets: Mapping[str, Any] | None = None) -> tuple[dict, Link]:
        """Copies of the nodes that come out differently, and where the new picture comes from.

        prefix: before the ids of the copies. shift: added to every seed. widgets: other values for the routers. What does
        not change stays the original, so that no model is loaded and no text encoded once more.
        """
        changed: dict[str, dict[str, Any]] = {}
        for node in self.nodes:
            if self._is(node, ROUTER):
                if widgets:
                    changed[node] = dict(widgets)
                continue
            new = self._shifted(node, shift)
            if new or any(link[0] in changed for link in self._links(node).values()):
                changed[node] = new
        copies = {prefix + node: self._copy(node, prefix, changed) for node in changed}
        source, output = self.end
        return copies, (prefix + source if source in changed else source, output)

    def _copy(self, node: str, prefix: str, changed: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        inputs = {**self.graph[node]["inputs"], **changed[node]}
        for name, link in self._links(node).items():
            if link[0] in changed:
                inputs[name] = [prefix + link[0], link[1]]
        return {
            "class_type": self.graph[node]["class_type"],
            "inputs": inputs,
            "override_display_id": node,  # progress and previews show on the node that the person sees
        }

    def _shifted(self, node: str, shift: int) -> dict[str, Any]:
        """The seeds of one node, moved on; empty where it has none, or they mean something else."""
        if self._is(node, ROUTER):
            return {}
        names: tuple[str, ...] = ()
        if self.redraws(self.graph[node]["class_type"]):
            names = SEEDS
        elif node in self._seed_sources():
            names = _NUMBERS
        values = self.graph[node]["inputs"]
        found = [n for n in values if n.rsplit(".", 1)[-1] in names and type(values[n]) is int]
        return {name: _moved(values[name], shift) for name in found}

    def _seed_sources(self) -> set[str]:
        """Nodes whose number is wired into a seed."""
        return {
            link[0]
            for node in self.nodes
            if self.redraws(self.graph[node]["class_type"])
            for name, link in self._links(node).items()
            if name.rsplit(".", 1)[-1] in SEEDS
        }

    def _links(self, node: str) -> dict[str, Link]:
        return dict(_links(self.graph, node))

    def _is(self, node: str, kind: str) -> bool:
        return self.graph[node]["class_type"] == kind


def _moved(seed: int, shift: int) -> int:
    """Another seed within the same limits."""
    limit = _SMALL if seed < _SMALL else _LARGE
    return seed + shift if seed + shift < limit else seed - shift


def _upstream(graph: Graph, end: str) -> list[str]:
    order: dict[str, None] = {}
    seen: set[str] = set()
    stack = [(end, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order[node] = None
        elif node in graph and node not in seen:
            seen.add(node)
            stack.append((node, True))
            if graph[node]["class_type"] != ROUTER:
                stack += [(link[0], False) for _, link in _links(graph, node)]
    return list(order)


def _links(graph: Graph, node: str) -> Iterator[tuple[str, Link]]:
    """By ComfyUI's own rule: a list of an id and a number is a link."""
    for name, value in graph[node]["inputs"].items():
        is_pair = isinstance(value, (list, tuple)) and len(value) == 2
        if is_pair and isinstance(value[0], str) and type(value[1]) in (int, float):
            yield name, (value[0], int(value[1]))
