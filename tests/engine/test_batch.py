"""A list of prompts: decided as a whole, grouped by model, restored to its order, within one max_price."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from decimal import Decimal

import pytest
from switchyard.engine.batch import RoutedPrompt, Routes, every, mark, route_all, route_for, tracks_of
from switchyard.engine.errors import BadInput, NoRoute
from switchyard.engine.models import TRACKS, all_models, find
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide
from switchyard.engine.sizes import Size

LOCAL = frozenset(m.id for m in all_models().values() if m.place == "local")
ALL = Available(LOCAL, key=True)
KEY = Available(key=True)

TEXT = 'A shop sign that says "Open"'
LIGHT = "Portrait of a fisherman at dusk, rim light, 85mm"
PLAIN = "A bowl of apples on a table"
DRAFT = "A quick draft of a bowl of apples"
MIXED = (TEXT, LIGHT, PLAIN, LIGHT, TEXT, PLAIN)


@dataclass
class Picture:
    """What a branch made of a prompt."""

    of: str


def routed(prompts, available=KEY, **wishes) -> Routes:
    return route_all([Request(prompt, **wishes) for prompt in prompts], available)


def whole(routes: Routes) -> Decimal:
    return sum((route.price.usd for route in routes.routes), Decimal(0))


# Deciding


def test_each_prompt_is_decided_as_if_it_were_alone():
    for available in (ALL, KEY, Available()):
        routes = routed(MIXED, available)
        assert routes.routes == tuple(decide(Request(prompt), available) for prompt in MIXED)


def test_every_track_has_its_own_prompts_those_of_one_model_side_by_side():
    prompts = [PLAIN, LIGHT, TEXT, LIGHT, PLAIN, TEXT]
    routes = routed(prompts, KEY, family="flux")
    assert routes.tracks == tracks_of(routes) == ("flux_remote",)
    models = [route.model for route in routes.on("flux_remote")]
    assert len(set(models)) == 2 and models == sorted(models, key=models.index)
    assert routes.positions("flux_remote") == (0, 4, 1, 2, 3, 5)
    assert [str(prompt) for prompt in routes.prompts("flux_remote")] == [
        PLAIN,
        PLAIN,
        LIGHT,
        TEXT,
        LIGHT,
        TEXT,
    ]


def test_a_list_is_an_order_and_back_again():
    chance = random.Random(5)
    for available in (ALL, KEY):
        prompts = [f"{chance.choice([TEXT, LIGHT, PLAIN, DRAFT])} {n}" for n in range(40)]
        routes = routed(prompts, available)
        branches = {track: [Picture(prompt) for prompt in routes.prompts(track)] for track in routes.tracks}
        assert [picture.of for picture in routes.restored(branches)] == prompts
        assert sorted(p for track in TRACKS for p in routes.positions(track)) == list(range(40))


@pytest.mark.parametrize("made", [0, 1, 4])
def test_a_branch_that_makes_more_or_less_is_refused(made):
    routes = routed([TEXT, LIGHT, TEXT])
    branches = {"flux_remote": [1], "qwen_remote": list(range(made))}
    with pytest.raises(
        BadInput, match=f"2 prompts of the list went to qwen_remote, and its branch made {made}"
    ):
        routes.restored(branches)


def test_what_says_where_it_came_from_may_be_more():
    routes = routed([TEXT, LIGHT, TEXT])
    prompts = routes.prompts("qwen_remote")
    two, one = [Picture("0, wide"), Picture("0, high")], [Picture("2")]
    mark(two, prompts[0])
    mark(one, prompts[1])
    light = [Picture("1")]
    for made in ([*two, *one], [one[0], two[1], two[0]]):
        found = routes.restored({"flux_remote": light, "qwen_remote": made})
        assert [picture.of for picture in found] == ["0, wide", "0, high", "1", "2"]
    for made in ([two[0], *one], [*two, *one, *one], [*two, Picture("unknown")], one):
        with pytest.raises(BadInput, match="2 prompts of the list went to qwen_remote"):
            routes.restored({"flux_remote": light, "qwen_remote": made})
    mark(light, "a prompt by itself")
    assert vars(light[0]) == {"of": "1"}


def test_an_error_names_the_prompt():
    with pytest.raises(BadInput, match=r"^Prompt 2 of 3: The prompt is empty"):
        routed([TEXT, " ", LIGHT])
    with pytest.raises(NoRoute, match=r"^Prompt 2 of 2: Nothing among the models you allow"):
        route_all([Request(TEXT), Request(TEXT, family="qwen", width=60_000)], KEY)
    with pytest.raises(BadInput, match=r"^The prompt is empty"):
        routed([""])


# A prompt's own route


def test_a_prompt_brings_its_route():
    routes = routed(MIXED, ALL)
    for track in routes.tracks:
        for prompt, route in zip(routes.prompts(track), routes.on(track), strict=True):
            assert isinstance(prompt, RoutedPrompt) and prompt == route.prompt
            assert route_for(routes, prompt, track) is route
            assert route_for(routes, str(prompt) + "", track).model == route.model
    one = routes.routes[0]
    assert (
        route_for(one, "anything", "flux_local") is one and route_for(None, "anything", "flux_local") is None
    )
    assert every(one) == (one,) and every(routes) == routes.routes
    assert not any(prompt in repr(routes) for prompt in MIXED)


def test_a_copied_prompt_is_a_text():
    """ComfyUI copies the inputs of a node that failed, and keeps them as JSON."""
    prompt = routed([TEXT, LIGHT]).prompts("qwen_remote")[0]
    assert type(prompt) is RoutedPrompt and type(routed([TEXT]).prompts("qwen_remote")[0]) is str
    for copied in (copy.copy(prompt), copy.deepcopy([prompt])[0], json.loads(json.dumps(prompt))):
        assert copied == TEXT and type(copied) is str


def test_a_prompt_that_lost_its_route_has_that_of_its_track_where_there_is_one():
    routes = routed([TEXT, LIGHT, TEXT], KEY)
    assert route_for(routes, "another text altogether", "qwen_remote") is routes.routes[0]
    assert route_for(routes, "", "flux_remote") is routes.routes[1]
    assert route_for(routes, "nobody comes here", "qwen_local").track != "qwen_local"
    with pytest.raises(BadInput, match="connect the Prompt Router's qwen_remote"):
        route_for(routes, "", "qwen_remote")
    with pytest.raises(BadInput, match="goes to flux_remote: connect the Prompt Router's qwen_remote"):
        route_for(routes, LIGHT, "qwen_remote")  # the whole list, past the router
    with pytest.raises(BadInput, match="changed their text"):
        route_for(routed([LIGHT, PLAIN], KEY, family="flux"), "another text", "flux_remote")
    sizes = route_all([Request(TEXT, width=64 * n) for n in (8, 9)], KEY)
    with pytest.raises(BadInput, match="changed their text"):
        route_for(sizes, "another text", "qwen_remote")


def test_a_prompt_of_another_list_is_only_a_text():
    mine, other = routed([TEXT, LIGHT], KEY), routed([TEXT, LIGHT], KEY, tier="draft")
    (prompt,) = other.prompts("qwen_remote")
    assert route_for(mine, prompt, "qwen_remote") is mine.routes[0]


def test_different_pictures_are_a_difference():
    one, two = object(), object()

    def edits(*pictures):
        size = (Size(512, 512),)
        return route_all(
            [
                Request(f"Make the sky red {n}", references=size, pictures=(p,))
                for n, p in enumerate(pictures)
            ],
            KEY,
        )

    same, different = edits(one, one), edits(one, two)
    (track,) = same.tracks
    assert route_for(same, "changed", track) is same.routes[0]
    with pytest.raises(BadInput, match="pictures"):
        route_for(different, "changed", track)


# One max_price for all of them


PRO = find("flux-2-pro").endpoint("generate", 0).price.usd


def test_the_whole_list_keeps_max_price():
    prompts = [LIGHT] * 6
    free = routed(prompts)
    assert whole(free) == 6 * PRO
    for limit in (5 * PRO, 4 * PRO, 3 * PRO):
        within = routed(prompts, max_price=limit)
        models = [route.model for route in within.routes]
        assert whole(within) <= limit and "flux-2-pro" in models
        assert models == sorted(
            models, key=lambda model: model != "flux-2-pro"
        )  # the first ones keep the best
        swapped = next(route for route in within.routes if route.model != "flux-2-pro")
        assert "FLUX.2 pro" in swapped.reason and f"max_price of ${limit}" in swapped.reason
        assert "flux-2-pro" in [passed.model for passed in swapped.passed_over]
        assert swapped.model not in [passed.model for passed in swapped.passed_over]
        assert all(route.request.max_price == limit for route in within.routes)


def test_a_list_that_cannot_keep_it_is_refused_with_the_sum():
    with pytest.raises(NoRoute) as refusal:
        routed([LIGHT] * 100, max_price=Decimal("0.05"))
    said = str(refusal.value)
    assert f"100 prompts together would cost ${100 * PRO:.2f}" in said and "max_price is $0.05" in said
    assert "nothing was sent" in said and "\n" not in said


def test_no_model_that_cannot_run_is_the_cheaper_one():
    """Nothing is on this machine: free is no way out."""
    routes = routed([LIGHT] * 3, KEY, max_price=2 * PRO)
    assert all(route.place == "remote" for route in routes.routes)
    here = Available(frozenset({"flux-2-klein-4b-local"}), key=True)
    with pytest.raises(NoRoute, match="together"):
        routed([LIGHT] * 100, KEY, max_price=Decimal("0.02"))
    local = routed([LIGHT] * 100, here, max_price=Decimal("0.02"))
    assert whole(local) <= Decimal("0.02")


def test_a_pin_is_obeyed_before_the_price():
    with pytest.raises(NoRoute, match="together would cost"):
        routed([TEXT] * 50, KEY, family="qwen", place="remote", tier="final", max_price=Decimal("0.1"))


def test_one_prompt_is_not_a_list():
    limit = Decimal("0.02")
    assert routed([LIGHT], KEY, max_price=limit).routes == (decide(Request(LIGHT, max_price=limit), KEY),)
