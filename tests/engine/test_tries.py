"""Trying again: a new seed, then the next better model, never past a limit, and a bill that adds up."""

from decimal import Decimal

from switchyard.engine.models import all_models
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide
from switchyard.engine.tries import Next, Purse, Try, bill, next_try, usual

POSTER = 'A poster that says "GRAND OPENING"'
KEY = Available(local=frozenset(), key=True)
EVERYTHING = Available(local=frozenset(all_models()), key=True)


def route(available=KEY, **wishes):
    return decide(Request(POSTER, **wishes), available)


def anywhere(track):
    return True


def usd(amount):
    return Purse(Decimal(amount), "max_price")


def test_without_a_router_there_are_only_seeds():
    assert next_try(None, ["", ""], usd(0), KEY, anywhere) == Next("a new seed")


def test_without_a_router_the_price_is_what_the_tries_before_have_cost():
    cents = Decimal("0.04")
    assert next_try(None, [""], usd("0.04"), KEY, anywhere, paid=cents) == Next("a new seed")
    dear = next_try(None, [""], usd("0.03"), KEY, anywhere, paid=cents)
    assert dear == "a try like that has cost $0.04, and $0.03 of max_price is left: nothing more was sent"
    assert next_try(None, [""], Purse(), KEY, anywhere, paid=cents) == Next("a new seed")


def test_a_try_that_cost_more_than_the_route_says_counts_as_what_it_cost():
    first = route()
    price = first.price.usd
    dear = next_try(first, [first.model] * 2, usd(price * 2), KEY, anywhere, False, price * 3)
    assert isinstance(dear, str) and "has cost" in dear
    assert next_try(first, [first.model] * 2, usd(price * 3), KEY, anywhere, False, price * 3).route is first


def test_what_a_try_usually_costs():
    first = route()
    free, other, dear = (Try("", 0.5, False, Decimal(amount)) for amount in ("0", "0.04", "0.10"))
    assert usual([], [], None) == usual([free], [""], None) == 0
    assert usual([dear, free, other], ["", "", ""], None) == Decimal("0.04")
    # With a route, the first may hold what the rest of the workflow has paid, and another model's price is its own.
    assert usual([dear], [first.model], first) == 0
    assert usual([other, dear, other], [first.model, first.model, "another"], first) == Decimal("0.10")


def test_a_route_in_an_error_holds_no_prompt():
    found = decide(Request("SECRET garden", negative="SECRET fog", place="remote"), KEY)
    assert "SECRET" not in repr(found) and "SECRET" not in repr(Next("a new seed", found))


def test_a_new_seed_comes_first():
    first = route()
    found = next_try(first, [first.model], Purse(), KEY, anywhere)
    assert found.route is first and not found.widgets and "seed" in found.how


def test_then_the_better_models_each_once_and_then_seeds_again():
    first = route()
    tried = [first.model, first.model]
    while (found := next_try(first, tried, Purse(), KEY, anywhere)).widgets:
        assert found.route.model not in tried
        again = decide(Request(POSTER, **found.widgets), KEY)
        assert again.model == found.route.model  # the copied router will choose the same
        tried.append(found.route.model)
        assert len(tried) < 20
    assert len(set(tried)) > 1 and found.route is first


def test_no_other_models_where_none_are_wanted_or_none_is_connected():
    first = route()
    for found in (
        next_try(first, [first.model] * 2, Purse(), KEY, anywhere, other_models=False),
        next_try(first, [first.model] * 2, Purse(), KEY, lambda track: False),
        next_try(first, [first.model] * 2, Purse(), Available(frozenset(), key=False), anywhere),
    ):
        assert found.route is first and not found.widgets


def test_what_the_person_has_set_stays():
    first = route(EVERYTHING, family="qwen", place="local")
    tried = [first.model] * 2
    while (found := next_try(first, tried, Purse(), EVERYTHING, anywhere)).widgets:
        assert (found.route.family, found.route.place) == ("qwen", "local")
        tried.append(found.route.model)


def test_nothing_dearer_than_what_is_left():
    first = route()
    price = first.price.usd
    dear = next_try(first, [first.model], usd(price - Decimal("0.001")), KEY, anywhere)
    assert isinstance(dear, str) and "max_price" in dear and "nothing more was sent" in dear
    tried = [first.model] * 2
    assert next_try(first, tried, usd(price), KEY, anywhere).route.price.usd <= price


def test_a_local_try_costs_nothing():
    first = route(EVERYTHING, place="local")
    assert isinstance(next_try(first, [first.model], usd(0), EVERYTHING, anywhere), Next)


def test_the_smallest_limit_counts():
    assert Purse.smallest({"a": None, "b": None}) == Purse()
    assert Purse.smallest({"a": Decimal(3), "b": Decimal(2), "c": None}) == Purse(Decimal(2), "b")
    assert Purse.smallest({"a": Decimal(-1)}) == Purse(Decimal(0), "a")


def test_the_bill():
    tries = [
        Try("the first picture", 0.5, False, Decimal("0.03")),
        Try("a new seed", 0.9, False, Decimal("0.03")),
        Try("a new seed", 0.9, False),
    ]
    lines = bill(tries, [2]).splitlines()
    assert lines[1].startswith("→ try 2") and "90% right" in lines[1] and "$0.03" in lines[1]
    assert "$0.06" in lines[-1] and lines[2].endswith("$0")
