"""Routing: whatever is asked for ends in a route or in a sentence, and a route costs what its requests cost."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from switchyard.engine.dialect import speak
from switchyard.engine.errors import BadInput, NoRoute, SwitchyardError
from switchyard.engine.fal.order import AUTO, Wish, place_order
from switchyard.engine.fal.payloads import Call, plan
from switchyard.engine.models import all_models, find
from switchyard.engine.price import total
from switchyard.engine.request import Available, LatentShape, Request
from switchyard.engine.route import decide
from switchyard.engine.sizes import Size
from switchyard.tests.engine.considered import candidate_for

LOCAL = frozenset(m.id for m in all_models().values() if m.place == "local")
ALL = Available(LOCAL, key=True)
KEY = Available(key=True)
LOCAL_ONLY = Available(LOCAL)
NOTHING = Available()

ONE = Size(1024, 1024)
MASK = object()
PLAIN = "A bowl of apples on a table"

offered = [m for m in all_models().values() if m.offered]
remote = [m for m in offered if m.place == "remote"]
many = settings(max_examples=250, deadline=None)

nonces = st.text("bcdfghklmnpqrtvwxz", min_size=7, max_size=12)
triggers = ["{0}", 'a sign that says "{0}"', "{0} at dusk, 85mm", "quick draft of {0}", '{{"title": "{0}"}}', "#ff0000 {0}",
            "{0}，写着“{0}”", "change the text to {0}", "split {0} into layers", "@image1 {0}", "no text, {0}", ""]  # fmt: skip
some_sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
requests = st.builds(
    lambda prompt, nonce, **wishes: Request(prompt.format(nonce), **wishes),
    st.sampled_from(triggers),
    nonces,
    task=st.sampled_from(["auto", "generate", "edit", "layers"]),
    tier=st.sampled_from(["draft", "standard", "final"]),
    family=st.sampled_from(["auto", "auto", "qwen", "flux"]),
    place=st.sampled_from(["auto", "auto", "local", "remote"]),
    width=st.sampled_from([0, 0, 0, 64, 1000, 1024, 1920, 5000]),
    height=st.sampled_from([0, 0, 8, 512, 1080, 2048]),
    batch=st.sampled_from([1, 1, 2, 5, 64]),
    max_price=st.sampled_from([Decimal(0), Decimal(0), Decimal("0.02"), Decimal(1)]),
    references=st.lists(some_sizes, max_size=4).map(tuple) | st.just((ONE,) * 9),
    latent=st.sampled_from([None, None, None, None, LatentShape((1, 16, 8, 8)), LatentShape((2, 128, 8, 8))]),
    negative=st.sampled_from(["", "fog", "n" * 600]),
    mask=st.sampled_from([None, None, None, MASK]),
)
availabilities = st.builds(Available, st.frozensets(st.sampled_from(sorted(LOCAL))), st.booleans())


def endpoint_of(route):
    masked = route.request.mask is not None
    references = route.request.references if route.task != "generate" else ()
    return route.row.endpoint(route.task, len(references), mask=masked)


@many
@given(requests, availabilities)
def test_whatever_is_asked_for_ends_in_a_route_or_a_sentence(request, available):
    try:
        chosen = decide(request, available)
    except (NoRoute, BadInput) as error:
        said = str(error)
        assert said.endswith(".") and "\n" not in said and len(said) < 400
    else:
        said = " ".join([chosen.reason, *map(str, chosen.passed_over)])
        row = chosen.row
        assert row.offered and not row.retired
        assert request.family in ("auto", chosen.family) and request.place in ("auto", chosen.place)
        assert chosen == decide(request, available)
        said_as = speak(request.prompt, request.negative, row, endpoint_of(chosen), chosen.signals)
        assert (chosen.prompt, chosen.negative, chosen.expansion) == (
            said_as.prompt,
            said_as.negative,
            said_as.expansion,
        )
        assert all(words in chosen.prompt for words in chosen.signals.copy if words in request.prompt)
        assert chosen.batch == request.batch and 0.5 <= chosen.confidence <= 1
        if request.max_price:
            assert chosen.price.usd is not None and chosen.price.usd <= request.max_price
        if request.latent:
            assert request.latent.fits(row)
        if chosen.place == "local":
            assert chosen.price.usd == 0
    assert not set(re.findall("[bcdfghklmnpqrtvwxz]{7,}", request.prompt)) & set(re.findall("[a-z]+", said))


@many
@given(requests)
def test_availability_ranks_and_never_decides_whether(request):
    outcomes = []
    for available in (ALL, KEY, LOCAL_ONLY, NOTHING):
        try:
            decide(request, available)
            outcomes.append("")
        except SwitchyardError as error:
            outcomes.append(str(error))
    assert len(set(outcomes)) == 1


@many
@given(requests, availabilities)
def test_an_available_model_is_never_passed_over_for_an_absent_one(request, available):
    try:
        chosen = decide(request, available)
    except SwitchyardError:
        return
    if not available.has(chosen.row):
        for model in offered:
            wished = request.family in ("auto", model.family) and request.place in ("auto", model.place)
            if wished and available.has(model):
                with pytest.raises(NoRoute):
                    candidate_for(request, model)


# The price that is shown is the price that is sent


def call_for(request: Request, task: str) -> Call:
    return Call(
        request.prompt,
        task=task,
        size=request.asked_size,
        pictures=request.batch,
        negative=request.negative,
        references=request.references if task != "generate" else (),
        mask=request.mask is not None and task == "edit",
    )


def task_of(request: Request) -> str:
    return request.task if request.task != "auto" else ("edit" if request.references else "generate")


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(remote),
    st.sampled_from(["generate", "edit", "layers"]),
    st.tuples(st.integers(0, 5000), st.integers(0, 5000)) | st.just((0, 0)),
    st.lists(some_sizes, max_size=9).map(tuple),
    st.integers(1, 64),
    st.sampled_from([None, None, MASK]),
)
@example(find("flux-2-pro"), "edit", (0, 0), (Size(1025, 1024),), 3, None)
@example(find("flux-2-dev"), "edit", (0, 0), (ONE,), 9, None)
@example(find("qwen-image-layered"), "layers", (0, 0), (Size(640, 480),), 2, None)
@example(find("flux-kontext-dev"), "edit", (0, 0), (Size(3000, 500),), 1, None)
def test_the_price_of_a_route_is_the_sum_of_its_requests(model, task, size, references, batch, mask):
    assume(task == "generate" or references)
    request = Request(
        PLAIN, task=task, width=size[0], height=size[1], references=references, batch=batch, mask=mask
    )
    try:
        candidate = candidate_for(request, model)
    except NoRoute:
        with pytest.raises(BadInput):
            plan(model, call_for(request, task))
        return
    payloads = plan(model, call_for(request, task))
    whole = total(p.price for p in payloads)
    assert (candidate.price.usd, candidate.price.at_most) == (whole.usd, whole.at_most)
    assert {p.size for p in payloads} == {candidate.size}
    assert {p.endpoint for p in payloads} == {candidate.endpoint}


@many
@given(requests)
def test_the_order_of_a_remote_node_costs_what_its_route_said(request):
    request = replace(request, place="remote", latent=None, prompt=request.prompt or PLAIN)
    try:
        chosen = decide(request, KEY)
    except SwitchyardError:
        return
    order = place_order(Wish("", AUTO, chosen.family, chosen.row.layered, route=chosen), KEY)
    assert order.model.id == chosen.model
    assert (order.price.usd, order.price.text) == (chosen.price.usd, chosen.price.text)
    assert {p.size for p in order.payloads} == {chosen.size}
