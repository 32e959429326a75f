"""Requests to fal: for every endpoint the right body, and nothing that its row does not allow."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.fal.payloads import SET_BY_CALL, Call, Lora, check_model, parse_loras, plan
from switchyard.engine.models import all_models, find
from switchyard.engine.sizes import Size

ONE = Size(1024, 1024)
LORA = Lora("https://example.org/style.safetensors", 0.8)
OTHER_NAMES = {
    "fal-ai/qwen-image-edit-plus",
    "fal-ai/qwen-image-edit-plus-lora",
}  # of 2509, which answers first

offered = [m for m in all_models().values() if m.offered and m.place == "remote"]
CASES = [
    pytest.param(m, e, id=e.id)
    for m in offered
    for e in m.endpoints
    if e.task != "realtime" and e.id not in OTHER_NAMES
]
PARAMS = [
    pytest.param(m, e, p, id=f"{e.id}:{p.name}") for c in CASES for m, e in [c.values] for p in e.params
]
endpoints = st.sampled_from([c.values for c in CASES])
many = settings(max_examples=500, deadline=None)


def call_for(endpoint, **more) -> Call:
    """A call that fits `endpoint` and no other of its model."""
    task = "edit" if endpoint.task == "inpaint" else endpoint.task
    count = 0 if task == "generate" else 2 if endpoint.id.endswith("/multi") else 1
    call = Call(
        prompt="" if endpoint.prompt_chars == 0 else "a fox",
        task=task,
        seed=7,
        references=(ONE,) * count,
        mask=endpoint.task == "inpaint",
        loras=(LORA,) if endpoint.lora else (),
    )
    return replace(call, **more)


def one(model, call):
    (payload,) = plan(model, call)
    return payload


# Every endpoint


@pytest.mark.parametrize("model, endpoint", CASES)
def test_a_call_that_fits(model, endpoint):
    payload = one(model, call_for(endpoint))
    assert payload.endpoint is endpoint and payload.model is model
    body = payload.arguments_with(["u1", "u2"][: payload.references], "m")
    known = {p.name for p in endpoint.params} | {"prompt", endpoint.reference_field, endpoint.size.field}
    assert set(body) - {"mask_url"} <= known
    assert ("mask_url" in body) == (endpoint.task == "inpaint")
    assert body.get("prompt") == (None if endpoint.prompt_chars == 0 else "a fox")
    assert None not in body.values() and json.loads(json.dumps(body)) == body
    for name, value in body.items():
        if (param := endpoint.param(name)) and param.kind != "loras":
            assert param.kind != "choice" or value in param.choices
            assert param.kind != "bool" or isinstance(value, bool)


@pytest.mark.parametrize("model, endpoint", CASES)
def test_our_own_defaults(model, endpoint):
    body = one(model, call_for(endpoint)).arguments
    formats = endpoint.param("output_format")
    assert body.get("output_format") == ("png" if formats else None)
    assert formats is None or "png" in formats.choices
    for name in ("enable_prompt_expansion", "enhance_prompt"):
        assert body.get(name) is (False if endpoint.param(name) else None)
    for never in ("sync_mode", "enable_safety_checker"):
        assert never not in body
    assert body.get("seed") == (7 if endpoint.param("seed") else None)
    assert "num_images" not in body


@pytest.mark.parametrize("model, endpoint", CASES)
def test_sizes(model, endpoint):
    rule = endpoint.size
    payload = one(model, call_for(endpoint, size=Size(1920, 1080)))
    if rule.kind == "pixels":
        assert payload.arguments[rule.field] == {"width": 1920, "height": 1088}
        assert payload.size == Size(1920, 1088) and "1920×1080" in payload.note
    elif rule.kind == "aspect":
        assert payload.arguments[rule.field] == "16:9"
    else:
        assert payload.size == ONE and rule.field not in payload.arguments
    automatic = one(model, call_for(endpoint, size=None))
    assert automatic.note == "" and automatic.size == ONE
    follows = endpoint.task != "generate" and rule.default in (None, "auto", "match_input")
    assert (rule.field in automatic.arguments) == (rule.kind in ("pixels", "aspect") and not follows)


@pytest.mark.parametrize("model, endpoint", [c for c in CASES if c.values[1].size.kind == "pixels"])
def test_a_size_over_the_maximum_is_refused(model, endpoint):
    with pytest.raises(BadInput, match="8192×8192 was asked for"):
        plan(model, call_for(endpoint, size=Size(8192, 8192)))


@pytest.mark.parametrize("model, endpoint", CASES)
def test_references(model, endpoint):
    payload = one(model, call_for(endpoint))
    body = payload.arguments_with(["first", "second"][: payload.references])
    if payload.references == 0:
        assert "image_url" not in body and "image_urls" not in body
    elif endpoint.reference_field == "image_urls":
        assert body["image_urls"] == ["first", "second"][: payload.references]
    else:
        assert body["image_url"] == "first"
    if endpoint.references:
        more = call_for(endpoint, references=(Size(640, 640),) * (endpoint.references + 1))
        try:
            assert one(model, more).endpoint.id == f"{endpoint.id}/multi"
        except BadInput as error:
            assert f"takes at most {endpoint.references}" in str(error)
    with pytest.raises(BadInput, match="10 reference pictures"):
        plan(model, call_for(endpoint, references=(ONE,) * 10))


@pytest.mark.parametrize("model, endpoint", CASES)
@pytest.mark.parametrize("pictures", [1, 4, 5, 13])
def test_batches(model, endpoint, pictures):
    payloads = plan(model, call_for(endpoint, pictures=pictures, seed=2**31 - 3))
    many_ = endpoint.param("num_images") if endpoint.task != "layers" else None
    most = int(many_.high) if many_ else 1
    assert len(payloads) == -(-pictures // most)
    counts = [p.arguments.get("num_images", 1) for p in payloads]
    assert sum(counts) == pictures and max(counts) <= most
    if endpoint.param("seed"):
        seeds = [p.arguments["seed"] for p in payloads]
        assert len(set(seeds)) == len(seeds) and all(0 <= seed < 2**31 for seed in seeds)
    for payload, count in zip(payloads, counts, strict=True):
        assert payload.pictures == payload.arguments.get("num_layers", count)
        assert (payload.price.usd is None) == (endpoint.price.usd is None)


@pytest.mark.parametrize("pictures", [0, -1, 65])
def test_how_many_pictures_are_possible(pictures):
    with pytest.raises(BadInput, match="1 to 64"):
        plan(find("flux-2-pro"), Call("a fox", pictures=pictures))


def test_the_seeds_of_a_batch_follow_each_other():
    payloads = plan(find("flux-1-schnell"), Call("a fox", pictures=10, seed=100))
    assert [(p.arguments["seed"], p.arguments.get("num_images", 1)) for p in payloads] == [
        (100, 4),
        (104, 4),
        (108, 2),
    ]


# Every parameter


def right_value(param):
    if param.kind == "choice":
        return param.choices[-1]
    if param.kind == "bool":
        return not param.default
    if param.kind in ("int", "float"):
        return param.high
    return "x"


def wrong_values(param):
    everywhere = [None, [], {}, float("nan")]
    if param.kind == "choice":
        return [*everywhere, "", 1, True, param.choices[0].upper() + "x"]
    if param.kind == "bool":
        return [*everywhere, 0, 1, "true"]
    if param.kind in ("int", "float"):
        over = [param.high + 1, param.low - 1, float("inf"), float("-inf")]
        return [*everywhere, *over, "4", True, *([param.low + 0.5] if param.kind == "int" else [])]
    return [*everywhere, 1, True]


@pytest.mark.parametrize("model, endpoint, param", PARAMS)
def test_a_value_in_range_is_sent_and_any_other_refused(model, endpoint, param):
    if param.name in SET_BY_CALL:
        with pytest.raises(BadInput, match=param.name):
            plan(model, call_for(endpoint, values={param.name: 1}))
        return
    right = right_value(param)
    assert one(model, call_for(endpoint, values={param.name: right})).arguments[param.name] == right
    for wrong in wrong_values(param):
        with pytest.raises(BadInput, match=f"^{param.name} is .*{model.name} takes .*\\.$"):
            plan(model, call_for(endpoint, values={param.name: wrong}))


@pytest.mark.parametrize("model, endpoint", CASES)
@pytest.mark.parametrize(
    "name", ["no_such_thing", "prompt", "image_url", "image_size", "sync_mode", "mask_url"]
)
def test_what_the_endpoint_does_not_have_is_refused(model, endpoint, name):
    if endpoint.param(name) is None:
        with pytest.raises(BadInput, match=f"has no {name}"):
            plan(model, call_for(endpoint, values={name: "x"}))


def test_a_choice_of_the_person_wins_over_our_defaults():
    body = one(
        find("qwen-image-3"), Call("a fox", values={"output_format": "webp", "enable_prompt_expansion": True})
    )
    assert body.arguments["output_format"] == "webp" and body.arguments["enable_prompt_expansion"] is True


def test_a_negative_prompt_goes_where_there_is_a_place_for_it():
    assert one(find("qwen-image-2512"), Call("a fox", negative="fog")).arguments["negative_prompt"] == "fog"
    assert "negative_prompt" not in one(find("qwen-image-2512"), Call("a fox", negative=" ")).arguments
    assert "negative_prompt" not in one(find("flux-2-pro"), Call("a fox", negative="fog")).arguments


def test_prompts_that_are_too_long_or_empty():
    with pytest.raises(BadInput, match="5001 characters, and Qwen-Image-3 reads at most 5000"):
        plan(find("qwen-image-3"), Call("x" * 5001))
    with pytest.raises(BadInput, match="negative prompt has 501 characters"):
        plan(find("qwen-image-3"), Call("x", negative="x" * 501))
    for model in offered:
        if model.endpoint("generate"):
            with pytest.raises(BadInput, match="prompt is empty"):
                plan(model, Call("  "))
    assert (
        "prompt" not in one(find("qwen-image-layered"), Call("", task="layers", references=(ONE,))).arguments
    )


# Adapters, masks, layers


def test_loras():
    payload = one(find("flux-2-dev"), Call("a fox", loras=(LORA,)))
    assert payload.endpoint.id == "fal-ai/flux-2/lora"
    assert payload.arguments["loras"] == [{"path": LORA.path, "scale": 0.8}]
    assert "2 GB" in payload.price.note
    built_in = one(find("qwen-image"), Call("a fox", loras=(LORA,) * 3))
    assert built_in.endpoint.id == "fal-ai/qwen-image" and len(built_in.arguments["loras"]) == 3
    with pytest.raises(BadInput, match="at most 3"):
        plan(find("qwen-image"), Call("a fox", loras=(LORA,) * 4))
    with pytest.raises(BadInput, match=r"FLUX\.2 pro takes no LoRA"):
        plan(find("flux-2-pro"), Call("a fox", loras=(LORA,)))
    with pytest.raises(BadInput, match="mask or LoRAs, not both"):
        plan(find("qwen-image-edit"), Call("a fox", "edit", references=(ONE,), mask=True, loras=(LORA,)))


def test_the_list_of_loras():
    assert parse_loras("") == parse_loras(" \n\n") == ()
    assert parse_loras("a/b\n\n https://x.example/y.safetensors 0.5 \n") == (
        Lora("a/b"),
        Lora("https://x.example/y.safetensors", 0.5),
    )
    for bad in ("a/b heavy", "a/b 1 2", "a/b nan", "a/b -1", "a/b 5", "ok\na/b inf"):
        with pytest.raises(BadInput, match=r"Line \d of `loras`"):
            parse_loras(bad)
    with pytest.raises(BadInput, match="at most 3"):
        parse_loras("a\nb\nc\nd")


@given(st.text(max_size=60))
def test_any_text_is_a_list_of_loras_or_a_sentence(text):
    try:
        loras = parse_loras(text)
    except BadInput as error:
        assert str(error).endswith(".")
    else:
        assert len(loras) <= 3 and all(lora.path and 0 <= lora.scale <= 4 for lora in loras)


def test_masks():
    payload = one(find("qwen-image-edit"), Call("a fox", "edit", references=(ONE,), mask=True))
    assert payload.mask and payload.arguments_with(["p"], "m")["mask_url"] == "m"
    with pytest.raises(BadInput, match="takes no mask"):
        plan(find("flux-kontext-pro"), Call("a fox", "edit", references=(ONE,), mask=True))
    for name, task, references in (("qwen-image", "generate", ()), ("qwen-image-layered", "layers", (ONE,))):
        maskless = one(find(name), Call("a fox", task, references=references, mask=True))
        assert not maskless.mask and "mask_url" not in maskless.arguments_with(["p"], "m")


def test_layers_are_named_and_priced():
    layered = find("qwen-image-layered")
    split = Call("", task="layers", references=(Size(640, 480),))
    payload = one(layered, split)
    assert payload.arguments["num_layers"] == 4 and payload.pictures == 4
    assert payload.price.usd == Decimal("0.20") and payload.price.at_most
    six = one(layered, replace(split, values={"num_layers": 6}))
    assert (six.arguments["num_layers"], six.pictures, six.price.usd) == (6, 6, Decimal("0.30"))
    assert len(plan(layered, replace(split, pictures=2))) == 2


# Models and their limits


def test_a_retired_model_names_its_successor():
    for retired in ("qwen-image-2", "qwen-image-2-pro"):
        with pytest.raises(
            BadInput, match=r"retired by fal on 2026-08-19: choose Qwen-Image-3 \(qwen-image-3\)"
        ):
            plan(find(retired), Call("a fox"))


@pytest.mark.parametrize("name", ["qwen-image-local", "openrouter", "flux-2-klein-realtime"])
def test_what_cannot_be_called(name):
    with pytest.raises(BadInput, match="cannot be called"):
        check_model(find(name))


@pytest.mark.parametrize(
    "model, call, words",
    [
        ("flux-kontext-dev", Call("x"), "connect a reference picture"),
        ("flux-1-schnell", Call("x", "edit", references=(ONE,)), "does not edit pictures"),
        ("flux-2-pro", Call("x", "layers", references=(ONE,)), "does not split pictures"),
        ("flux-2-pro", Call("x", "edit"), "connect one to `images`"),
        ("flux-2-pro", Call("x", "edit", references=(Size(2048, 2048),) * 3), "12 megapixels"),
        ("qwen-image-max", Call("x", "edit", references=(Size(300, 400),)), "384 to 5000 pixels"),
        ("flux-2-dev", Call("x", "edit", references=(ONE,) * 5), "takes at most 4"),
    ],
)
def test_what_a_model_cannot_do(model, call, words):
    with pytest.raises(BadInput, match=words):
        plan(find(model), call)


# Whatever comes in

values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["png", "webp", "none", "high", "1", "5", 1, 4, 28, 0.5, 3.5])
    | st.lists(st.integers(), max_size=2)
)


@st.composite
def calls(draw):
    model, endpoint = draw(endpoints)
    names = st.sampled_from([p.name for p in endpoint.params]) | st.sampled_from(
        ["strength", "x", "image_url"]
    )
    sides = st.integers(-5, 6000)
    call = call_for(
        endpoint,
        values=draw(st.dictionaries(names, values, max_size=2)),
        seed=draw(st.integers(-(2**70), 2**70)),
        size=draw(st.none() | st.builds(Size, sides, sides)),
        pictures=draw(st.integers(-1, 70)),
        negative=draw(st.sampled_from(["", "fog", "n" * 501])),
    )
    return model, endpoint, call


@many
@given(calls())
def test_whatever_comes_in_is_within_the_row_or_refused(case):
    model, endpoint, call = case
    try:
        payloads = plan(model, call)
    except BadInput as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        return
    assert payloads
    for payload in payloads:
        json.dumps(payload.arguments, allow_nan=False)
        for name, value in payload.arguments.items():
            param = endpoint.param(name)
            if param is None:
                assert name in ("prompt", endpoint.size.field)
            elif param.kind in ("int", "float"):
                assert isinstance(value, int if param.kind == "int" else (int, float)) and not isinstance(
                    value, bool
                )
                assert (param.low is None or value >= param.low) and (
                    param.high is None or value <= param.high
                )
            elif param.kind == "choice":
                assert value in param.choices
        if isinstance(size := payload.arguments.get("image_size"), dict):
            rule = endpoint.size
            assert set(size) == {"width", "height"}
            assert all(
                rule.min_side <= side <= rule.max_side and side % rule.multiple == 0 for side in size.values()
            )
            assert rule.min_pixels <= payload.size.pixels <= rule.max_pixels
