"""Why this model: one line for a person, of what decided, what is missing, and what can be done about it.

Never a word of the prompt. The words of a person's own rules may be said: they are in a file of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

from .candidates import Candidate, over_limit
from .case import Case
from .models import Model, find
from .prompt import Signals
from .request import Alternative

UNSURE = 0.8  # of readings below it more than one in five is wrong
_TEXT_JOBS = ("text", "edit text")


def reason(
    case: Case,
    chosen: Candidate,
    first: Model | None,
    others: Sequence[Alternative],
    spoken: Sequence[str] = (),
) -> str:
    """first: the model that our rule names first. spoken: what the model's dialect made of the prompt."""
    notes = [
        _unused_note(case),
        _tier_note(case),
        _pin_note(case),
        _set_aside_note(case),
        _missing_note(case, chosen),
        _long_note(case, chosen),
        _alpha_note(case, chosen),
        _local_note(case, chosen),
        chosen.size_note,
        *spoken,
        _otherwise(case, chosen, others),
    ]
    return "; ".join(
        [f"{found(case)} → {_because(case, chosen, first)}", *dict.fromkeys(filter(None, notes))]
    )


def found(case: Case) -> str:
    """What in the prompt led to the rule, and how sure that is."""
    signals, request = case.signals, case.request
    if case.job == "layers":
        return "a picture to split into layers"
    if case.job == "text":
        return _text_found(signals)
    if case.job == "structured":
        return f"{_structure_found(signals)}, no words to render{_sure(signals.confidence)}"
    if case.task == "edit":
        edit = {
            "edit text": "an edit of words in the picture",
            "edit references": f"an edit with {len(request.references)} reference pictures",
        }.get(case.job, "a photographic edit")
        return f"{edit}{_sure(signals.edit_confidence)}"
    if signals.empty:
        return "an empty prompt: nothing to go by"
    return f"{_scene_found(signals)}, no words to render{_sure(signals.confidence)}"


def _text_found(signals: Signals) -> str:
    count = len(signals.copy)
    what = f"{count} phrase{'s' if count > 1 else ''} to render" if count else "lettering is asked for"
    decided = f"{signals.because}, " if signals.because else ""
    return f"{what} ({decided}{_percent(signals.confidence)} sure)"


def _structure_found(signals: Signals) -> str:
    if signals.is_json:
        return "a JSON prompt"
    return "HEX colours" if signals.hex_colours else "@image references"


def _scene_found(signals: Signals) -> str:
    if signals.light:
        return "cinematic or photographic light" + (" on people" if signals.people else "")
    return "several subjects with spatial relations" if signals.relations >= 2 else "no special light"


def _sure(confidence: float) -> str:
    return f" ({_percent(confidence)} sure)"


def _percent(share: float) -> str:
    return f"{int(share * 100)}%"


def _because(case: Case, chosen: Candidate, first: Model | None) -> str:
    """The rule's own words, or the same turned round where the choice goes against it."""
    where = "local" if chosen.model.place == "local" else "on fal"
    name = f"{chosen.model.name} ({where}, {chosen.price.text})"
    why = f"{case.rule.why}, so the least price wins" if case.by_price else case.rule.why
    agrees = case.rule.cheapest or first is None or first.family == chosen.model.family
    if case.match and case.match.rule.asks_for and not case.loosened:
        return f"{name}: by {case.match.said}" + ("" if agrees else f", although {why}")
    rules = case.available.rules
    preferred = ", and your rules prefer it" if rules and chosen.model.id in rules.preferred else ""
    return f"{name}: {why}{preferred}" if agrees else f"{name}, although {why}{preferred}"


def _unused_note(case: Case) -> str:
    request = case.request
    if case.task != "generate" or (not request.references and request.mask is None):
        return ""
    return f"the connected {'pictures are' if request.references else 'mask is'} not used"


def _tier_note(case: Case) -> str:
    if case.match and case.match.rule.tier == case.tier != case.request.tier:
        return f"{case.tier} by {case.match.said}"
    if case.request.tier == "standard" and case.tier == "draft":
        return "the prompt asks for drafts, so the fast tier"
    return ""


def _pin_note(case: Case) -> str:
    pins = [
        f"{name} {value}" for name in ("family", "place") if (value := getattr(case.request, name)) != "auto"
    ]
    return f"as set: {', '.join(pins)}" if pins else ""


def _set_aside_note(case: Case) -> str:
    """Why a rule of the person's that the prompt meets is not what was done."""
    if case.met and case.match is None:
        return f"{case.met.said} asks for {case.met.rule.asks_for}, and what is set on the node comes first"
    if case.match and case.loosened:
        return f"{case.match.said} asks for {case.match.rule.asks_for}, which cannot do this"
    return ""


def _missing_note(case: Case, chosen: Candidate) -> str:
    available = case.available
    if available.has(chosen.model):
        why = available.too_dear(chosen.price)
        return f"still needed to run it: a larger budget ({why})" if why else ""
    if chosen.model.place == "remote":
        nothing = ", or a local model, and none is on this machine" if available.local == frozenset() else ""
        return f"still needed to run it: a fal key{nothing}"
    if available.local is None:
        return ""
    why = available.lacking.get(chosen.model.id, "").rstrip(".")
    files = ": put " in why  # else all of them are here: what lacks is memory, or a newer library
    if why and not files:
        return f"still needed to run it: {why}"
    return f"still needed to run it: its model files{f' ({why})' if why else ''}"


def _long_note(case: Case, chosen: Candidate) -> str:
    why = case.overlong(chosen)
    return f"{why}: shorten it, or it may be refused" if why else ""


def _alpha_note(case: Case, chosen: Candidate) -> str:
    """What becomes of the transparent background that is asked for."""
    if not case.signals.transparent or case.task == "layers":
        return ""
    if not case.opaque(chosen.model):
        return "with the transparent background that is asked for"
    lost = "without the transparent background that is asked for"
    able = next((c for c in case.able.values() if not case.opaque(c.model)), None)
    if able is None:
        return lost
    why = case.unwished(able.model) or case.overlong(able) or case.lacks(able)
    return f"{lost}; {able.model.name} would draw it{f' ({why})' if why else ''}"


def _local_note(case: Case, chosen: Candidate) -> str:
    """A local model that stands before the chosen one, and what it lacks."""
    if chosen.model.place == "local" or case.request.place != "auto" or case.available.local is None:
        return ""
    for model_id in case.order:
        candidate = case.able.get(model_id)
        if model_id == chosen.model.id:
            return ""
        if candidate is None or candidate.model.place == "remote" or case.unwished(candidate.model):
            continue
        if over_limit(case.request, candidate) or case.overlong(candidate):
            continue
        name, missing = candidate.model.name, case.lacks(candidate)
        missing = f"it{missing[len(name) :]}" if missing.startswith(name) else missing
        return f"{name} would be local and free: {missing.partition(': ')[0]}"  # the rest is told with the others
    return ""


def _otherwise(case: Case, chosen: Candidate, others: Sequence[Alternative]) -> str:
    """What a person can do to have another model; the reading that is doubtful says so."""
    if not others:
        return "no other model can do this"
    other = others[0]
    row = find(other.model)
    name = (
        f"{row.name if row else other.model} ({other.price.text}{', not ready here' if other.needs else ''})"
    )
    instead = f"{other.how} for {name}" if other.settings else f"{name} could do it too, on its own node"
    if not _is_doubtful(case, chosen):
        return f"or {instead}"
    if case.job in _TEXT_JOBS:
        return f"not sure: if no words are to be {'changed' if case.task == 'edit' else 'read'}, {instead}"
    what = "words are to be changed" if case.task == "edit" else "words are to be rendered, quote them, or"
    return f"not sure: if {what}{',' if case.task == 'edit' else ''} {instead}"


def _is_doubtful(case: Case, chosen: Candidate) -> bool:
    """Whether the other reading is likely enough to be told, and would have led to the other family."""
    if case.job == "layers" or case.request.family != "auto" or case.signals.empty:
        return False
    if case.match and case.match.rule.asks_for:
        return False
    signals = case.signals
    confidence = signals.edit_confidence if case.task == "edit" else signals.confidence
    return confidence < UNSURE and (case.job in _TEXT_JOBS) == (chosen.model.family == "qwen")
