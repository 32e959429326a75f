"""Routing: every row of the rules, the person's own wishes, what is there, what it costs, and one clear sentence else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from switchyard.engine.errors import BadInput, NoRoute, SwitchyardError
from switchyard.engine.models import Endpoint, Model, all_models, find
from switchyard.engine.prompt import read
from switchyard.engine.request import Available, LatentShape, Request, require_prompt
from switchyard.engine.route import decide
from switchyard.engine.rules import RULES
from switchyard.engine.sizes import Size
from switchyard.tests.engine.considered import candidate_for

LOCAL = frozenset(m.id for m in all_models().values() if m.place == "local")
ALL = Available(LOCAL, key=True)
KEY = Available(key=True)
LOCAL_ONLY = Available(LOCAL)
NOTHING = Available()
AVAILABLE = {"all": ALL, "key": KEY, "local": LOCAL_ONLY, "nothing": NOTHING}

ONE = Size(1024, 1024)
MASK = object()
TEXT = 'A shop sign that says "Open"'
LIGHT = "Portrait of a fisherman at dusk, rim light, 85mm"
PLAIN = "A bowl of apples on a table"
SPATIAL = "A dog to the left of a cat, a bird above them, a tree behind the bird"
POSTER = "Poster for a chess club"
CHINESE_TEXT = "一张写着“今日特价”的黑板"
CHINESE_LIGHT = "黄昏的人像摄影"
JSON = '{"subject": "a lake", "time": "noon"}'
HEX = "A box in #FF8800"
EDIT_TEXT = "Change the price to $4.99"
EDIT_PHOTO = "Make the sky darker"
SPLIT = "Separate this into layers"


def route(prompt, available=ALL, images=0, **wishes):
    return decide(Request(prompt, references=(ONE,) * images, **wishes), available)


# The rows of the rules


@pytest.mark.parametrize(
    "prompt, images, wishes, available, job, model, tier",
    [
        # Readable text: Qwen-Image
        (TEXT, 0, {}, "all", "text", "qwen-image-2512-local", "standard"),
        (TEXT, 0, {}, "key", "text", "qwen-image-2512", "standard"),
        (POSTER, 0, {}, "key", "text", "qwen-image-2512", "standard"),
        (CHINESE_TEXT, 0, {}, "key", "text", "qwen-image-2512", "standard"),
        (TEXT, 0, {"tier": "final"}, "key", "text", "qwen-image-3", "final"),
        (TEXT, 0, {"tier": "draft"}, "key", "text", "qwen-image", "draft"),
        (TEXT, 0, {"family": "flux"}, "key", "text", "flux-2-pro", "standard"),
        # Light, portraits, several subjects in space: FLUX
        (LIGHT, 0, {}, "key", "light", "flux-2-pro", "standard"),
        (LIGHT, 0, {}, "all", "light", "flux-2-pro", "standard"),
        (LIGHT, 0, {}, "local", "light", "flux-2-dev-local", "standard"),
        (SPATIAL, 0, {}, "key", "light", "flux-2-pro", "standard"),
        (CHINESE_LIGHT, 0, {}, "key", "light", "flux-2-pro", "standard"),
        (LIGHT, 0, {"tier": "final"}, "key", "light", "flux-2-pro", "final"),
        (LIGHT, 0, {"family": "qwen"}, "key", "light", "qwen-image-2512", "standard"),
        # Plain: the least price, Qwen first among equals
        (PLAIN, 0, {}, "all", "plain", "qwen-image-2512-local", "standard"),
        (PLAIN, 0, {}, "key", "plain", "flux-2-dev", "standard"),
        # An edit of words: Qwen-Edit
        (EDIT_TEXT, 1, {}, "key", "edit text", "qwen-image-edit-2511", "standard"),
        (EDIT_TEXT, 1, {}, "all", "edit text", "qwen-image-edit-2511-local", "standard"),
        (EDIT_TEXT, 1, {"family": "flux"}, "key", "edit text", "flux-kontext-pro", "standard"),
        # A photographic edit: Kontext, FLUX.2
        (EDIT_PHOTO, 1, {}, "key", "edit photo", "flux-kontext-pro", "standard"),
        (EDIT_PHOTO, 1, {"tier": "final"}, "key", "edit photo", "flux-kontext-max", "final"),
        (EDIT_PHOTO, 1, {}, "local", "edit photo", "flux-1-kontext-dev-local", "standard"),
        (EDIT_PHOTO, 1, {"family": "qwen"}, "key", "edit photo", "qwen-image-edit-2511", "standard"),
        (EDIT_PHOTO, 3, {}, "key", "edit references", "flux-2-pro", "standard"),
        (EDIT_PHOTO, 3, {"family": "qwen"}, "key", "edit references", "qwen-image-edit-2511", "standard"),
        # Layers
        (SPLIT, 1, {}, "key", "layers", "qwen-image-layered", "standard"),
        (SPLIT, 1, {}, "all", "layers", "qwen-image-layered-local", "standard"),
        ("", 1, {"task": "layers"}, "key", "layers", "qwen-image-layered", "standard"),
        # Drafts: the fast tier
        (LIGHT, 0, {"tier": "draft"}, "key", "light", "flux-1-schnell", "draft"),
        (LIGHT, 0, {"tier": "draft"}, "all", "light", "flux-2-klein-4b-local", "draft"),
        (PLAIN, 0, {"tier": "draft"}, "key", "plain", "flux-1-schnell", "draft"),
        (f"A quick draft: {LIGHT}", 0, {}, "key", "light", "flux-1-schnell", "draft"),
        (f"A quick draft: {LIGHT}", 0, {"tier": "final"}, "key", "light", "flux-2-pro", "final"),
        (EDIT_PHOTO, 1, {"tier": "draft"}, "key", "edit photo", "flux-2-flash", "draft"),
        # JSON, HEX colours, @image references, up to nine references: FLUX.2 pro
        (JSON, 0, {}, "key", "structured", "flux-2-pro", "standard"),
        (JSON, 0, {"family": "qwen"}, "key", "structured", "qwen-image-2512", "standard"),
        (HEX, 0, {}, "key", "structured", "flux-2-pro", "standard"),
        ("Put @image1 beside @image2", 2, {}, "key", "edit references", "flux-2-pro", "standard"),
        (EDIT_PHOTO, 9, {}, "key", "edit references", "flux-2-pro", "standard"),
        (JSON, 0, {"tier": "draft"}, "key", "structured", "flux-2-flash", "draft"),
    ],
)
def test_the_rules(prompt, images, wishes, available, job, model, tier):
    chosen = route(prompt, AVAILABLE[available], images, **wishes)
    assert (chosen.job, chosen.model, chosen.tier) == (job, model, tier)
    row = find(model)
    assert (chosen.family, chosen.place, chosen.track) == (row.family, row.place, row.track)
    assert row.name in chosen.reason and RULES[job].why in chosen.reason


def test_the_rules_name_offered_models_once():
    for rule in RULES.values():
        for tier in ("draft", "standard", "final"):
            order = rule.order(tier)
            assert len(set(order)) == len(order)
            for model_id in order:
                model = find(model_id)
                assert model is not None and model.offered, model_id


def test_chinese_light_never_goes_to_an_encoder_of_latin_letters():
    for tier in ("draft", "standard", "final"):
        assert route(CHINESE_LIGHT, tier=tier).row.prompt_scripts == "any"


@pytest.mark.parametrize(
    "prompt, images, task, becomes",
    [
        (PLAIN, 0, "auto", "generate"),
        (SPLIT, 0, "auto", "generate"),
        (PLAIN, 1, "auto", "edit"),
        (SPLIT, 1, "auto", "layers"),
        (SPLIT, 1, "edit", "edit"),
        (PLAIN, 1, "generate", "generate"),
        (PLAIN, 1, "layers", "layers"),
    ],
)
def test_the_task(prompt, images, task, becomes):
    assert route(prompt, images=images, task=task).task == becomes


# Wishes are obeyed, availability only ranks


@pytest.mark.parametrize("available", AVAILABLE.values(), ids=AVAILABLE)
@pytest.mark.parametrize("place", ["local", "remote"])
@pytest.mark.parametrize("family", ["auto", "qwen", "flux"])
@pytest.mark.parametrize("prompt, images", [(TEXT, 0), (LIGHT, 0), (EDIT_TEXT, 1), (EDIT_PHOTO, 1)])
def test_a_pinned_place_and_family_are_obeyed_whatever_is_there(available, place, family, prompt, images):
    chosen = route(prompt, available, images, place=place, family=family)
    assert chosen.place == place
    assert family in ("auto", chosen.family)
    assert f"place {place}" in chosen.reason
    assert ("still needed" in chosen.reason) == (not available.has(chosen.row))


@pytest.mark.parametrize("prompt, images", [(TEXT, 0), (LIGHT, 0), (PLAIN, 0), (EDIT_PHOTO, 1), (SPLIT, 1)])
def test_with_nothing_there_the_best_remote_model_is_chosen_and_the_reason_says_what_is_missing(
    prompt, images
):
    chosen = route(prompt, NOTHING, images)
    assert chosen.place == "remote" and "still needed to run it: a fal key" in chosen.reason
    assert chosen.model == route(prompt, KEY, images).model


def test_a_single_local_model_is_used_before_a_missing_key():
    chosen = route(TEXT, Available(frozenset({"flux-1-schnell-local"})))
    assert chosen.model == "flux-1-schnell-local" and "although Qwen-Image" in chosen.reason


def test_what_was_passed_over_and_why():
    passed = {p.model: p.why for p in route(TEXT, KEY).passed_over}
    assert passed["qwen-image-2512-local"] == passed["qwen-image-local"] == "no local model found"
    assert "not the first choice" in passed["flux-2-pro"]
    passed = {p.model: p.why for p in route(EDIT_PHOTO, KEY, 3).passed_over}
    assert "flux-2-pro" not in passed
    passed = {p.model: p.why for p in route(EDIT_PHOTO, LOCAL_ONLY, 1).passed_over}
    assert passed["flux-kontext-pro"] == "no fal key"


# A latent restricts


@pytest.mark.parametrize("prompt", [TEXT, LIGHT, PLAIN, JSON])
@pytest.mark.parametrize(
    "dims, fits",
    [
        ((1, 16, 128, 128), lambda m: m.latent.channels == 16),
        ((1, 128, 64, 64), lambda m: m.id.startswith("flux-2")),
        ((1, 16, 1, 128, 128), lambda m: m.family == "qwen"),
    ],
)
def test_a_latent_restricts_the_candidates(prompt, dims, fits):
    for available in AVAILABLE.values():
        chosen = route(prompt, available, latent=LatentShape(dims))
        assert chosen.place == "local" and fits(chosen.row)


def test_a_latent_of_both_families_still_goes_by_the_rules():
    shape = LatentShape((1, 16, 128, 128))
    assert route(TEXT, latent=shape).model == "qwen-image-2512-local"
    assert route(LIGHT, latent=shape).model == "flux-1-dev-local"


# Sizes and prices


def test_sizes():
    assert route(PLAIN).size == ONE
    assert route(PLAIN, width=640).size == Size(640, 640)
    snapped = route(PLAIN, width=1000, height=600)
    assert snapped.size == Size(1008, 608) and "1000×600 drawn as 1008×608" in snapped.reason
    request = Request(EDIT_PHOTO, references=(Size(300, 200), Size(1200, 800)), place="local")
    assert decide(request, ALL).size == Size(
        288, 192
    )  # on this machine the first picture is the one that is changed
    assert decide(replace(request, place="remote", family="flux"), ALL).size == Size(1200, 800)
    wide = Request(EDIT_PHOTO, references=(Size(6000, 4000),), family="flux", place="local")
    assert decide(wide, ALL).size == Size(2496, 1664)
    unused = Request(PLAIN, task="generate", references=(Size(2000, 2000),))
    assert decide(unused, ALL).size == ONE and "not used" in decide(unused, ALL).reason


def test_the_limit_is_for_the_whole_batch():
    assert route(LIGHT, KEY, max_price=Decimal("0.10")).model == "flux-2-pro"
    assert route(LIGHT, KEY, max_price=Decimal("0.10"), batch=3).price.usd == Decimal("0.09")
    dearer = route(LIGHT, KEY, max_price=Decimal("0.10"), batch=4)
    assert dearer.model == "flux-2-dev" and dearer.price.usd == Decimal("0.048")
    assert (
        "more than the max_price of $0.10" in dict((p.model, p.why) for p in dearer.passed_over)["flux-2-pro"]
    )
    assert route(LIGHT, KEY, max_price=Decimal("0.03")).model == "flux-2-pro"  # the limit itself is allowed


def test_an_unknown_price_is_no_low_price():
    masked = Request(EDIT_TEXT, references=(ONE,), mask=MASK)
    assert decide(masked, ALL).place == "local"
    masked = replace(masked, place="remote")
    chosen = decide(masked, ALL)
    assert chosen.model == "qwen-image-edit" and chosen.price.usd is None and "price unknown" in chosen.reason
    with pytest.raises(NoRoute, match="price is not known"):
        decide(replace(masked, max_price=Decimal(100)), ALL)
    for prompt in (TEXT, LIGHT, PLAIN, JSON):
        for tier in ("draft", "standard", "final"):
            assert route(prompt, KEY, tier=tier, max_price=Decimal(100)).price.usd is not None


def test_notes():
    assert "takes no negative prompt" in route(LIGHT, KEY, negative="fog").reason
    assert "negative" not in route(TEXT, KEY, negative="fog").reason
    assert "asks for drafts" in route(f"A quick draft: {PLAIN}").reason
    assert "mask is not used" in route(PLAIN, mask=MASK).reason


# What cannot be: one clear sentence


def test_what_a_model_lacks_besides_its_files_is_told_as_it_is():
    why = "Qwen-Image needs transformers 4.50 or newer, and ComfyUI's Python has 4.40.1: update it there"
    reason = route(
        PLAIN, Available(frozenset(), lacking=dict.fromkeys(LOCAL, f"{why}.")), place="local"
    ).reason
    assert f"still needed to run it: {why}" in reason and "model files" not in reason


def sentence(prompt=PLAIN, available=ALL, images=0, **wishes) -> str:
    with pytest.raises(SwitchyardError) as error:
        route(prompt, available, images, **wishes)
    return str(error.value)


@pytest.mark.parametrize(
    "request_, words",
    [
        ({"width": 8192, "height": 8192}, ["8192×8192", "4 megapixels", "2048×2048"]),
        ({"width": 4096, "height": 4096, "place": "remote", "family": "flux"}, ["4096×4096", "ask for"]),
        ({"prompt": EDIT_PHOTO, "images": 10}, ["10 reference pictures", "no model takes more than 9"]),
        (
            {"prompt": EDIT_PHOTO, "images": 7, "place": "local"},
            ["7 reference pictures", "FLUX.2 dev", "at most 6"],
        ),
        ({"prompt": SPLIT, "images": 2}, ["2 reference pictures", "at most 1", "fewer"]),
        ({"task": "edit"}, ["edit needs a picture", "`images`"]),
        ({"task": "layers"}, ["layers needs a picture", "`images`"]),
        ({"latent": LatentShape((1, 4, 128, 128))}, ["latent (1×4×128×128)", "or none"]),
        (
            {"latent": LatentShape((1, 16, 64, 64)), "place": "remote"},
            ["take no latent", "set place to auto or local"],
        ),
        ({"latent": LatentShape((1, 128, 64, 64)), "family": "qwen"}, ["latent (1×128×64×64)"]),
        ({"latent": LatentShape((1, 16, 4))}, ["latent (1×16×4)"]),
        (
            {"place": "remote", "batch": 64, "max_price": Decimal("0.01")},
            ["$0.01", "cheapest", "$0.192", "raise max_price"],
        ),
        (
            {"prompt": EDIT_TEXT, "images": 1, "mask": MASK, "family": "flux", "place": "remote"},
            ["takes no mask", "disconnect"],
        ),
        ({"prompt": SPLIT, "images": 1, "family": "flux"}, ["layers", "family flux", "choose another task"]),
        ({"batch": 0}, ["batch of 0", "1 to 64"]),
        ({"batch": 65}, ["batch of 65", "1 to 64"]),
        ({"width": -1}, ["Width and height"]),
        ({"max_price": Decimal(-1)}, ["max_price"]),
        ({"max_price": Decimal("NaN")}, ["max_price"]),
        (
            {"prompt": "狐狸", "family": "flux", "place": "remote", "latent": LatentShape((1, 16, 8, 8))},
            ["latent"],
        ),
    ],
)
def test_bad_input_gives_one_clear_sentence(request_, words):
    for available in AVAILABLE.values():
        said = sentence(available=available, **request_)
        for word in words:
            assert word in said
        assert said.endswith(".") and "\n" not in said and ".." not in said and len(said) < 300
        assert said.count(". ") <= 1  # what is wrong, and what to do
        assert "Switchyard" not in said and "None" not in said and "Error" not in said


def test_the_cheapest_is_named_under_a_limit_that_nothing_meets():
    said = sentence(EDIT_TEXT, ALL, 1, place="remote", family="qwen", max_price=Decimal("0.001"))
    assert "Qwen-Image-Edit" in said and "$0.03" in said and "family qwen, place remote" in said


def test_large_references_are_a_limit_too():
    big = (Size(3000, 3000),) * 2
    chosen = decide(Request(EDIT_PHOTO, references=big, tier="final"), KEY)
    assert chosen.model == "flux-2-max"
    assert "18 megapixels" in dict((p.model, p.why) for p in chosen.passed_over)["flux-2-pro"]


@pytest.mark.parametrize(
    "model, request_, words",
    [
        ("qwen-image-3", Request("w " * 2600), "5200 characters"),
        ("qwen-image-3", Request("w", negative="n" * 501), "501 characters"),
        ("flux-1-dev", Request(CHINESE_LIGHT), "Latin letters only"),
        ("qwen-image-max", Request("w", max_price=Decimal(1)), "not known"),
        ("qwen-image", Request("w", references=(ONE,)), "edit"),
        ("qwen-image-max", Request("w", references=(Size(100, 100),)), "384 to 5000"),
        ("flux-2-dev", Request("w", references=(ONE,) * 5), "at most 4"),
    ],
)
def test_why_one_model_cannot(model, request_, words):
    with pytest.raises(NoRoute, match=words):
        candidate_for(request_, find(model))


def test_a_prompt_too_long_for_every_model(monkeypatch):
    short = Model(
        "short", "Shorty", "qwen", "remote", "final", (Endpoint("x/y", "generate", prompt_chars=10),)
    )
    monkeypatch.setattr("switchyard.engine.candidates.all_models", lambda: {"short": short})
    monkeypatch.setattr("switchyard.engine.route.find", {"short": short}.get)
    with pytest.raises(NoRoute) as error:
        route("A bowl of apples", KEY)
    assert "for Shorty, the prompt has 16 characters, and it reads 10: shorten it." in str(error.value)


def test_what_is_not_offered_is_never_chosen(monkeypatch):
    rows = {
        name: find(name) for name in ("qwen-image-2", "openrouter", "flux-2-klein-realtime", "flux-1-schnell")
    }
    monkeypatch.setattr("switchyard.engine.candidates.all_models", lambda: rows)
    assert route(TEXT, KEY).model == "flux-1-schnell"
    assert rows["qwen-image-2"].retired


def test_an_empty_prompt_is_for_the_caller_to_refuse():
    assert "empty prompt" in route("", KEY).reason
    for blank in ("", " \n", "\u200b"):
        with pytest.raises(BadInput, match="empty"):
            require_prompt(Request(blank))
    require_prompt(Request("", task="layers"))


def test_signals_can_be_handed_in():
    assert decide(Request(PLAIN), KEY, read(TEXT)).job == "text"
