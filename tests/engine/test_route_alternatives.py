"""What else a prompt could go to: always something, true to the word, with what it costs and what it needs."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import SwitchyardError
from switchyard.engine.models import all_models, find
from switchyard.engine.prompt import Signals, read
from switchyard.engine.request import Available, LatentShape, Request
from switchyard.engine.route import decide
from switchyard.engine.rules_file import parse_rules
from switchyard.engine.sizes import Size

LOCAL = frozenset(m.id for m in all_models().values() if m.place == "local")
ALL, KEY, NOTHING = Available(LOCAL, key=True), Available(key=True), Available()
ONE = Size(1024, 1024)
TEXT = 'A shop sign that says "Open"'
LIGHT = "Portrait of a fisherman at dusk, rim light, 85mm"
PLAIN = "A bowl of apples on a table"
EDIT = "Make the sky darker"
LONG = "Portrait of a fisherman at dusk, rim light. " * 70  # about 770 tokens

RULES = parse_rules(
    "[models]\nprefer = flux-2-flex, flux-1-schnell\nforbid = flux-2-max, qwen-image\n"
    "[rule]\nwords = dusk\nuse = flux, local\n[rule]\nwords = sign\nuse = flux-2-pro\n[rule]\nlanguage = zh\nuse = draft, remote"
)
prompts = st.sampled_from(
    [
        TEXT,
        LIGHT,
        PLAIN,
        EDIT,
        LONG,
        "一张写着“今日特价”的黑板",
        "split it into layers",
        '{"subject": "a lake"}',
        "quick draft",
    ]
)
requests = st.builds(
    Request,
    prompts,
    task=st.sampled_from(["auto", "auto", "generate", "edit", "layers"]),
    tier=st.sampled_from(["draft", "standard", "standard", "final"]),
    family=st.sampled_from(["auto", "auto", "qwen", "flux"]),
    place=st.sampled_from(["auto", "auto", "local", "remote"]),
    width=st.sampled_from([0, 0, 1920]),
    batch=st.sampled_from([1, 3]),
    max_price=st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("0.06")]),
    references=st.sampled_from([(), (ONE,), (ONE,) * 3, (ONE,) * 9]),
    latent=st.sampled_from([None, None, None, LatentShape((1, 16, 8, 8)), LatentShape((1, 64, 8, 8))]),
    negative=st.sampled_from(["", "fog"]),
)
availabilities = st.builds(
    Available,
    st.none() | st.frozensets(st.sampled_from(sorted(LOCAL))),
    st.booleans(),
    budget_left=st.sampled_from([None, None, Decimal(0), Decimal("0.025"), Decimal(5)]),
    rules=st.sampled_from([None, RULES]),
)


def decided(request, available):
    try:
        return decide(request, available)
    except SwitchyardError:
        return None


@settings(max_examples=400, deadline=None)
@given(requests, availabilities)
def test_every_decision_has_an_alternative_that_can_be_had_as_it_says(request, available):
    route = decided(request, available)
    if route is None:
        return
    if not route.alternatives:
        assert "no other model can do this" in route.reason
    told = {passed.model: passed.why for passed in route.passed_over}
    assert len({a.model for a in route.alternatives}) == len(route.alternatives) <= 3
    for other in route.alternatives:
        row = find(other.model)
        assert row.offered and other.model != route.model and other.model in told
        for name, value in other.settings:
            assert f"set `{name}` to {value}" in str(other) or f"and `{name}` to {value}" in str(other)
        if other.settings:
            wishes = {
                name: Decimal(value) if name == "max_price" else value for name, value in other.settings
            }
            again = decide(replace(request, **wishes), available)
            assert (again.model, again.price) == (other.model, other.price)
            ready = available.has(row) and available.affords(other.price)
            assert ready == (not other.needs)


@settings(max_examples=200, deadline=None)
@given(requests, availabilities, st.randoms(use_true_random=False))
def test_the_same_inputs_give_the_same_route_whatever_order_they_come_in(
    request, available, dice: random.Random
):
    lacking = {model_id: f"{model_id} is not here." for model_id in sorted(LOCAL)}
    shuffled = list(lacking.items())
    dice.shuffle(shuffled)
    local = None if available.local is None else frozenset(sorted(available.local, reverse=True))
    one = decided(request, replace(available, lacking=lacking))
    assert one == decided(request, replace(available, lacking=dict(shuffled), local=local))
    assert repr(one) == repr(decided(replace(request), replace(available, lacking=lacking)))


def test_a_rule_of_the_persons_never_breaks_a_limit_of_theirs():
    limited = Request("a fox at dusk", max_price=Decimal("0.001"))
    assert decide(limited, replace(KEY, rules=RULES)).place == "local"  # never paid for, never over max_price


# What the reason says


def test_the_reason_says_what_decided_and_how_sure_it_is():
    said = decide(Request(TEXT), KEY).reason
    signals = read(TEXT)
    assert signals.because and signals.because in said and f"{int(signals.confidence * 100)}% sure" in said
    assert "or set `family` to flux for FLUX.2 pro ($0.03)" in said


@pytest.mark.parametrize(
    "signals, images, words",
    [
        (Signals(lettering="x", because="writing on a surface", confidence=0.6, characters=9), 0,
         "not sure: if no words are to be read, set `family` to flux for FLUX.2 pro ($0.03)"),
        (Signals(light="dusk", confidence=0.6, characters=9), 0,
         "not sure: if words are to be rendered, quote them, or set `family` to qwen for Qwen-Image-2512 ($0.02)"),
        (Signals(edits_text=True, edit_confidence=0.6, characters=9), 1, "not sure: if no words are to be changed, set `family` to flux"),
        (Signals(edit_confidence=0.6, characters=9), 1, "not sure: if words are to be changed, set `family` to qwen"),
    ],
)  # fmt: skip
def test_a_doubtful_reading_says_so_with_the_other_reading(signals, images, words):
    route = decide(Request("whatever", references=(ONE,) * images), KEY, signals)
    assert words in route.reason and "60% sure" in route.reason and route.confidence == 0.6
    pinned = decide(Request("whatever", references=(ONE,) * images, family=route.family), KEY, signals)
    assert "not sure" not in pinned.reason  # whoever has set the family is sure
    sure = replace(signals, confidence=0.95, edit_confidence=0.95)
    assert "not sure" not in decide(Request("whatever", references=(ONE,) * images), KEY, sure).reason


def test_the_confidence_is_that_of_the_reading_that_it_rests_on():
    signals = Signals(confidence=0.7, edit_confidence=0.9, characters=9)
    assert decide(Request("x"), KEY, signals).confidence == 0.7
    assert decide(Request("x", references=(ONE,)), KEY, signals).confidence == 0.9
    assert decide(Request("x", task="layers", references=(ONE,)), KEY, signals).confidence == 1


def test_a_better_local_model_that_is_missing_is_named_with_what_it_lacks():
    lacking = {
        "qwen-image-2512-local": "Qwen-Image-2512 is not on this machine yet: put it into models/diffusers."
    }
    route = decide(Request(TEXT), replace(KEY, lacking=lacking))
    assert "Qwen-Image-2512 would be local and free: it is not on this machine yet;" in route.reason
    assert route.passed_over[0].why == lacking["qwen-image-2512-local"].rstrip(".")
    other = next(a for a in route.alternatives if a.model == "qwen-image-2512-local")
    assert other.settings == (("place", "local"),) and "models/diffusers" in other.needs
    for quiet in (
        Request(TEXT, place="remote"),
        Request(LIGHT),
    ):  # set so; FLUX.2 pro stands before any local model
        assert "would be local" not in decide(quiet, KEY).reason
    assert "would be local" not in decide(Request(TEXT), Available(local=None, key=True)).reason


# The budget


def left(usd, **more):
    return replace(KEY, budget_left=Decimal(usd), **more)


def test_what_is_dearer_than_what_is_left_ranks_as_absent():
    route = decide(Request(LIGHT), left("0.02"))
    assert route.model == "flux-2-dev"
    assert dict((p.model, p.why) for p in route.passed_over)["flux-2-pro"] == (
        "it costs $0.03, and $0.02 of today's budget is left"
    )
    assert decide(Request(LIGHT), left("0.03")).model == "flux-2-pro"  # to the last cent
    assert decide(Request(LIGHT), left("0.03"), read(LIGHT)).reason == decide(Request(LIGHT), KEY).reason
    assert decide(Request(LIGHT, batch=2), left("0.05")).model == "flux-2-dev"  # the whole batch counts
    assert decide(Request(LIGHT), replace(left("0.001"), local=LOCAL)).model == "flux-2-dev-local"


def test_a_budget_that_is_spent_stops_the_branch_and_not_the_router():
    for place in ("auto", "remote"):
        route = decide(Request(LIGHT, place=place), left(0, budget="this month's budget"))
        assert route.model == "flux-2-pro"
        assert "a larger budget (it costs $0.03, and $0.00 of this month's budget is left)" in route.reason
    free = decide(Request(LIGHT, place="local"), left(0))
    assert free.place == "local" and "budget" not in free.reason


def test_a_price_that_nobody_knows_counts_what_the_person_says_that_it_counts():
    masked = Request("Change the price to $4", references=(ONE,), mask=object(), place="remote")
    assert "its price is not known, and a budget is set" in decide(masked, left(5)).reason
    assert "larger budget" not in decide(masked, left(5, unknown_price=Decimal(1))).reason
    assert "larger budget" in decide(masked, left("0.5", unknown_price=Decimal(1))).reason


# Long prompts


def test_a_long_layout_goes_to_a_model_that_reads_it():
    layout = 'A menu. At the top "Soup of the day", in the middle a price list. ' * 50  # about 900 tokens
    local = Available(LOCAL)
    assert decide(Request(layout), ALL).model == "qwen-image-2512-local"  # 1024 tokens
    route = decide(Request(LONG), local)
    assert route.model == "qwen-image-2512-local"
    passed = dict((p.model, p.why) for p in route.passed_over)
    assert passed["flux-2-dev-local"].endswith("tokens long, and it reads 512")
    assert decide(Request(LIGHT), local).model == "flux-2-dev-local"
    assert decide(Request(LONG), ALL).model == "flux-2-pro"  # no limit is known


def test_a_set_place_and_family_are_obeyed_however_long_the_prompt_is():
    route = decide(Request(LONG, family="flux", place="local"), ALL)
    assert (
        route.model == "flux-2-dev-local" and "it reads 512" in route.reason and "shorten it" in route.reason
    )


# The dialect


def test_what_leaves_is_in_the_models_dialect_and_the_copy_is_verbatim():
    route = decide(Request("A poster that says «Großer Markt»", negative="fog"), KEY)
    assert route.model == "qwen-image-2512" and "Großer Markt" in route.prompt
    assert route.signals.copy == ("Großer Markt",) and route.expansion is False and route.negative == "fog"
    flux = decide(Request(LIGHT, negative="fog"), KEY)
    assert flux.expansion is None and flux.negative == "" and "takes no negative prompt" in flux.reason


def test_a_word_on_the_negative_prompt_is_said_once():
    assert decide(Request(LIGHT, negative="fog"), KEY).reason.count("negative prompt") == 1
