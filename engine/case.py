"""One decision's circumstances, how a model ranks in them, and which is chosen: by the decision itself, and by each "what if"
that the alternatives are made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Literal

from .candidates import Candidate, over_limit
from .models import Model, all_models
from .prompt import Signals
from .request import Available, Job, Request
from .rules import RULES, Rule
from .shorten import tokens_about
from .user_rules import Match

Task = Literal["generate", "edit", "layers"]
Tier = Literal["draft", "standard", "final"]

_SHORTEST_LIMIT = 256  # tokens, of any text encoder; a shorter text has fewer
_COUNTED = 20_000  # characters; beyond every limit in tokens
_UNKNOWN = Decimal("Infinity")


@dataclass(frozen=True)
class Case:
    """met: the rule of the person's that the prompt meets; `match` is the same unless the node's settings speak against it.

    loosened: no model could do what that rule asks for, so all that holds of it is that it costs nothing, where it says
    local.
    """

    request: Request
    signals: Signals
    available: Available
    task: Task
    job: Job
    met: Match | None = None
    loosened: bool = False
    able: Mapping[str, Candidate] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def match(self) -> Match | None:
        return None if self.met is None or _contradicted(self.met, self.request) else self.met

    @cached_property
    def tier(self) -> Tier:
        """As set; else as a rule of the person's says, or as the prompt does."""
        if self.request.tier != "standard":
            return self.request.tier
        if self.match and self.match.rule.tier:
            return self.match.rule.tier  # type: ignore[return-value]  # one of the three
        return "draft" if self.signals.draft else "standard"

    @property
    def rule(self) -> Rule:
        return RULES[self.job]

    @cached_property
    def order(self) -> tuple[str, ...]:
        return self.rule.order(self.tier)

    @property
    def pinned(self) -> tuple[str, ...]:
        """The models that the person's rule names."""
        return self.match.rule.models if self.match and not self.loosened else ()

    @property
    def by_price(self) -> bool:
        return self.rule.cheapest and self.tier != "final" and not self.pinned

    def with_wishes(self, wishes: Mapping[str, Any]) -> Case:
        """The same under other settings of the router."""
        request = replace(self.request, **wishes)
        return Case(request, self.signals, self.available, self.task, self.job, self.met, able=self.able)

    def unwished(self, model: Model) -> str:
        """Which choice of the person's leaves this model out; "" where none does."""
        request, rules = self.request, self.available.rules
        if request.family not in ("auto", model.family):
            return f"`family` is set to {request.family}"
        if request.place not in ("auto", model.place):
            return f"`place` is set to {request.place}"
        if rules is None:
            return ""
        if model.id in rules.forbidden:
            return "your rules forbid it"
        if self.match and not self._rule_allows(self.match, model):
            return f"your rule {self.match.rule.number} asks for {self.match.rule.asks_for}"
        return ""

    def overlong(self, candidate: Candidate) -> str:
        """Why the prompt is too long for the model's text encoder, as far as can be told without its vocabulary."""
        most = candidate.endpoint.prompt_tokens
        if most is None or self._tokens <= most:
            return ""
        return f"the prompt is about {self._tokens} tokens long, and it reads {most}"

    def lacks(self, candidate: Candidate) -> str:
        """Why the model cannot run, or cannot be paid for, as things are; "" where it can."""
        if not self.available.has(candidate.model):
            return self.available.missing(candidate.model)
        return self.available.too_dear(candidate.price)

    def opaque(self, model: Model) -> bool:
        """Whether the transparency that the prompt asks for would be lost. A split into layers has it always."""
        return self.signals.transparent and self.task != "layers" and not model.draws_alpha

    def hindered(self, candidate: Candidate) -> tuple[bool, bool, bool, bool]:
        """What comes before the rules: whether a prompt can be read whole, whether the model can run, and whether it draws
        the transparency that is asked for: a picture with a background is better than none.

        Where nothing is here, a remote model comes before a local one: it lacks only a key.
        """
        model = candidate.model
        absent = not (self.available.has(model) and self.available.affords(candidate.price))
        overlong = bool(self._tokens and self.overlong(candidate))
        return overlong, absent, absent and model.place == "local", self.opaque(model)

    def best(self) -> Candidate | None:
        """Of the models that can, are wanted and cost no more than max_price: what can run, what draws the transparency that
        is asked for, what the rule names, and of those the first, or the cheapest. Where the price decides, a model that would throw the negative prompt away is
        no equal."""
        named = len(dict.fromkeys((*self.pinned, *self.order)))
        places, by_price = self._places, self.by_price
        best, least = None, None
        for place, candidate in enumerate(self.allowed()):
            price = candidate.price.usd if candidate.price.usd is not None else _UNKNOWN
            cost = (ignores_negative(self.request, candidate), price) if by_price else ()
            key = (*self.hindered(candidate), places.get(candidate.model.id, named) >= named, *cost, place)
            if least is None or key < least:
                best, least = candidate, key
            if not by_price and not any(key[:5]):
                break  # those that follow stand behind it
        return self._preferred(best) if best else None

    def allowed(self) -> Iterator[Candidate]:
        """The models that can, are wanted and cost no more than max_price, in the order of the rule."""
        places = self._places
        for model_id in chain(places, (other for other in self.able if other not in places)):
            candidate = self.able.get(model_id)
            if candidate and not self.unwished(candidate.model) and not over_limit(self.request, candidate):
                yield candidate

    def _preferred(self, first: Candidate) -> Candidate:
        """What the person prefers within the family that was chosen. For drafts only what is made for drafts counts."""
        if self.available.rules is None or self.pinned:
            return first
        for model_id in self.available.rules.preferred:
            other = self.able.get(model_id)
            if (
                other
                and (other.model.family, other.model.layered) == (first.model.family, first.model.layered)
                and (other.model.tier == "draft") == (self.tier == "draft")
                and self.hindered(other)[:2] <= self.hindered(first)[:2]
                and self.opaque(other.model) <= self.opaque(first.model)
                and not self.unwished(other.model)
                and not over_limit(self.request, other)
            ):
                return other
        return first

    def _rule_allows(self, match: Match, model: Model) -> bool:
        return model.place == "local" or not _is_local(match) if self.loosened else match.rule.allows(model)

    @property
    def _places(self) -> dict[str, int]:
        return _places(self.pinned, self.order)

    @cached_property
    def _tokens(self) -> int:
        prompt = self.request.prompt
        return tokens_about(prompt[:_COUNTED]) if len(prompt) > _SHORTEST_LIMIT else 0


def choose(case: Case) -> tuple[Candidate | None, Case]:
    """The best model, and the case that it is the best of: loosened, where no model can do what a person's rule asks for."""
    best = case.best()
    if best is None and case.match and not case.loosened:
        case = replace(case, loosened=True)
        best = case.best()
    return best, case


def ignores_negative(request: Request, candidate: Candidate) -> bool:
    return bool(request.negative.strip()) and candidate.endpoint.param("negative_prompt") is None


@lru_cache(maxsize=128)
def _places(pinned: tuple[str, ...], order: tuple[str, ...]) -> dict[str, int]:
    """The person's models come first, then those of our rule, then the rest of the table."""
    return {model_id: place for place, model_id in enumerate(dict.fromkeys((*pinned, *order, *all_models())))}


def _contradicted(match: Match, request: Request) -> bool:
    """Whether what is set on the node speaks against a rule of the person's: the node wins."""
    rule = match.rule
    if rule.models:
        rows = [all_models()[model_id] for model_id in rule.models]
        return not any(
            request.family in ("auto", row.family) and request.place in ("auto", row.place) for row in rows
        )
    wishes = ((request.family, rule.family), (request.place, rule.place))
    return any(asked and here not in ("auto", asked) for here, asked in wishes)


def _is_local(match: Match) -> bool:
    """Whether the rule keeps the work on this machine, where nothing has to be paid."""
    models = match.rule.models
    return match.rule.place == "local" or (
        bool(models) and all(all_models()[model_id].place == "local" for model_id in models)
    )
