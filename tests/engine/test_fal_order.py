"""From a node's inputs to an order: what is set on the node wins over the route, and the route over nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from switchyard.engine.errors import BadInput
from switchyard.engine.fal.order import AUTO, Wish, check_price_is_known, is_chosen, place_order
from switchyard.engine.fal.receipt import receipt
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide
from switchyard.engine.sizes import Size

KEY = Available(frozenset(), True)
LIGHT = "portrait at golden hour, rim light"
ONE = Size(1024, 1024)


def routed(prompt: str = LIGHT, **wishes):
    return decide(Request(prompt, **wishes), KEY)


def test_auto_takes_everything_from_the_route():
    route = routed(width=832, height=1216, batch=2, negative="blur", max_price=Decimal(1))
    order = place_order(Wish("", AUTO, "flux", seed=7, route=route), KEY)
    assert (order.model.id, order.price.usd) == (route.model, route.price.usd)
    assert [p.arguments["seed"] for p in order.payloads] == [7, 8]
    assert {p.size for p in order.payloads} == {Size(832, 1216)}
    assert {p.arguments["prompt"] for p in order.payloads} == {LIGHT}


def test_what_is_set_on_the_node_wins():
    settings = {"width": 512, "height": 512, "num_images": 2, "steps": 20, "guidance": 3.0, "negative": ""}
    order = place_order(Wish(LIGHT, "flux-2-dev", "flux", settings=settings, route=routed(batch=4)), KEY)
    (payload,) = order.payloads
    assert payload.arguments["num_images"] == 2
    assert payload.arguments["image_size"] == {"width": 512, "height": 512}
    assert payload.arguments["num_inference_steps"] == 20


def test_no_number_of_pictures_on_the_node_means_the_routes():
    order = place_order(
        Wish(LIGHT, "flux-2-dev", "flux", settings={"num_images": 0}, route=routed(batch=3)), KEY
    )
    assert sum(p.pictures for p in order.payloads) == 3


def test_a_route_of_the_other_family_does_not_come_this_way():
    route = routed()
    assert is_chosen(Wish("", AUTO, "flux", route=route))
    assert not is_chosen(Wish("", AUTO, "qwen", route=route))
    assert not is_chosen(Wish("", AUTO, "qwen", layered=True, route=route))
    assert is_chosen(
        Wish("", "qwen-image", "qwen", route=route)
    )  # set by hand: drawn with, whatever the route says
    assert is_chosen(Wish("", AUTO, "qwen"))


def test_a_route_that_stays_here_buys_nothing():
    route = routed(place="local", family="flux")
    with pytest.raises(BadInput, match="stays on this machine"):
        place_order(Wish(LIGHT, AUTO, "flux", route=route), KEY)
    assert place_order(Wish(LIGHT, "flux-2-pro", "flux", route=route), KEY).model.id == "flux-2-pro"


def test_own_pictures_on_a_route_that_only_draws_find_a_model_that_edits():
    route = routed("a dog", family="qwen", place="remote")
    assert not any(e.task == "edit" for e in route.row.endpoints)
    order = place_order(Wish("make it night", AUTO, "qwen", references=(ONE,), route=route), KEY)
    assert order.payloads[0].endpoint.task == "edit"


def test_an_edit_never_draws_more_than_was_priced():
    """A picture that the model cannot draw as it is: the size that was priced is asked for, not left to the service."""
    for side in (1030, 4096):
        order = place_order(
            Wish("night", "qwen-image-edit-2511", "qwen", references=(Size(side, side),)), KEY
        )
        (payload,) = order.payloads
        assert payload.arguments["image_size"] == {"width": payload.size.width, "height": payload.size.height}
    exact = place_order(Wish("night", "qwen-image-edit-2511", "qwen", references=(ONE,)), KEY)
    assert "image_size" not in exact.payloads[0].arguments


def test_own_pictures_leave_the_routes_mask_behind():
    request = Request("make it night", references=(ONE,), mask=object(), mask_size=ONE, family="qwen")
    order = place_order(Wish("make it day", AUTO, "qwen", references=(ONE,), route=decide(request, KEY)), KEY)
    assert not order.from_route and not order.payloads[0].mask


def test_a_draft_takes_the_fast_switch_of_the_model():
    order = place_order(Wish('a sign "OPEN"', AUTO, "qwen", route=routed('a sign "OPEN"', tier="draft")), KEY)
    assert order.payloads[0].arguments["use_turbo"] is True


def test_an_unknown_price_is_asked_for():
    order = place_order(Wish("a dog", "qwen-image-max", "qwen"), KEY)
    assert order.price.usd is None
    with pytest.raises(BadInput, match="not known"):
        check_price_is_known(order, False)
    check_price_is_known(order, True)


@pytest.mark.parametrize(
    ("model", "words"), [("flux-2-max", "would cost \\$0.07"), ("flux-kontext-dev", "Nobody knows")]
)
def test_the_limit_holds_for_a_model_set_by_hand(model, words):
    references = (ONE,) if "kontext" in model else ()
    route = routed(max_price=Decimal("0.05"))
    with pytest.raises(BadInput, match=words):
        place_order(Wish(LIGHT, model, "flux", references=references, route=route), KEY)


def test_what_moves_the_price_is_in_the_report():
    settings = {"loras": "owner/adapter 0.8"}
    order = place_order(Wish(LIGHT, "flux-2-dev", "flux", settings=settings), KEY)
    parts = receipt(order, [(1024, 1024, 1)], None)
    assert "at most $0.0525" in parts and "$0.021 while the LoRA files are under 2 GB together" in parts


def test_a_mask_has_to_have_the_pictures_size():
    with pytest.raises(BadInput, match="The mask is 64×64 and the picture 1024×1024"):
        decide(Request("fill it", references=(ONE,), mask=object(), mask_size=Size(64, 64)), KEY)


def test_a_route_without_a_prompt_of_its_own_uses_the_nodes():
    route = replace(routed(), prompt="")
    assert (
        place_order(Wish("a dog", AUTO, "flux", route=route), KEY).payloads[0].arguments["prompt"] == "a dog"
    )
