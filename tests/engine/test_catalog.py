"""The rows of the model table: whole in themselves, and true to the catalogue that they were written from."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from switchyard.engine.catalog import ROWS
from switchyard.engine.models import TRACKS, Endpoint, Latent, Param, all_models, find

CATALOGUE = Path(__file__).resolve().parents[3] / "shared" / "data" / "fal_catalog.json"

REMOTE = {e.id: e for row in ROWS if row.place == "remote" for e in row.endpoints}
ENDPOINTS = [pytest.param(row, e, id=f"{row.id}:{e.id}:{e.task}") for row in ROWS for e in row.endpoints]

# What the catalogue knows and a Param does not hold: it has a column of its own, or must never be sent.
NOT_PARAMS = {
    "prompt",
    "image_url",
    "image_urls",
    "mask_url",
    "image_size",
    "aspect_ratio",
    "resolution_mode",
    "sync_mode",
    "enable_safety_checker",
    "web_search_options",
}
TASKS = {
    "t2i": "generate",
    "t2i_lora": "generate",
    "edit": "edit",
    "edit_lora": "edit",
    "edit_multi": "edit",
    "i2i": "variation",
    "layers_lora": "layers",
    "llm": "chat",
    "vlm": "chat",
}
KINDS = {
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "enum": "choice",
    "string": "text",
    "json": "loras",
}
RULES = {
    "per_mp": "per_megapixel",
    "first_mp_plus_extra": "first_megapixel",
    "per_image": "per_image",
    "per_image_tier": "per_image_tier",
    "per_token": "per_token",
    "unknown": "unknown",
}


def _catalogue() -> list[dict[str, Any]]:
    return json.loads(CATALOGUE.read_text("utf-8"))["endpoints"] if CATALOGUE.exists() else []


# The table in itself


def test_row_ids_are_unique_and_found():
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert list(all_models()) == [row.id for row in ROWS]
    assert find("flux-2-pro") is ROWS[0]
    assert find("no-such-row") is None


def test_endpoint_ids_are_unique():
    remote = [e.id for row in ROWS if row.place == "remote" for e in row.endpoints]
    assert len(set(remote)) == len(remote)
    local = [(e.id, e.task) for row in ROWS if row.place == "local" for e in row.endpoints]
    assert len(set(local)) == len(local)


def test_names_are_unique_within_a_place():
    names = [(row.place, row.name) for row in ROWS]
    assert len(set(names)) == len(names)


def test_a_retired_row_names_a_live_successor():
    retired = [row for row in ROWS if row.retired]
    assert {row.id for row in retired} == {"qwen-image-2", "qwen-image-2-pro"}
    for row in retired:
        successor = find(row.successor)
        assert successor is not None and successor.offered
        assert (successor.family, successor.place, successor.track) == (row.family, row.place, row.track)
        assert not row.offered
        assert all(e.status == "retired" for e in row.endpoints)
    assert not any(row.successor for row in ROWS if not row.retired)


def test_what_is_not_offered():
    assert {row.id for row in ROWS if not row.offered} == {
        "flux-2-klein-realtime",
        "qwen-image-2",
        "qwen-image-2-pro",
        "openrouter",
        "openrouter-vision",
    }


def test_every_track_has_an_offered_row():
    assert {row.track for row in ROWS if row.offered} == set(TRACKS)
    assert {row.track for row in ROWS if row.layered} == {"layers_local", "layers_remote"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row_is_complete(row):
    assert row.name and row.about.endswith(".") and row.endpoints
    assert row.layered == any(e.task == "layers" for e in row.endpoints)
    if row.place == "local":
        assert row.id.endswith("-local") and row.licence and row.latent is not None
        odd = {"qwen-image-2.1-local": Latent(64, 16)}
        usual = Latent(128, 16) if row.id.startswith("flux-2") else Latent(16, 8)
        assert row.latent == odd.get(row.id, usual)
        assert all(e.price.rule == "free" and e.price.confidence == "free" for e in row.endpoints)
    else:
        assert row.latent is None and not row.id.endswith("-local")
        assert all(e.price.rule != "free" for e in row.endpoints)


@pytest.mark.parametrize("row, endpoint", ENDPOINTS)
def test_endpoint_is_complete(row, endpoint):
    assert endpoint.source
    assert len(endpoint.as_of) == 10 and endpoint.as_of[4] == endpoint.as_of[7] == "-"
    assert (endpoint.reference_field == "") == (endpoint.references == 0)
    assert not endpoint.lora or endpoint.param("loras")
    names = [p.name for p in endpoint.params]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row, endpoint", ENDPOINTS)
def test_param_defaults_are_possible(row, endpoint):
    for p in endpoint.params:
        assert (p.kind == "choice") == bool(p.choices), p.name
        if p.choices:
            assert p.default in p.choices, p.name
        if p.low is not None and p.high is not None:
            assert p.low <= p.high, p.name
        if isinstance(p.default, (int, float)) and not isinstance(p.default, bool):
            assert p.low is None or p.default >= p.low, p.name
            assert p.high is None or p.default <= p.high, p.name
        if p.kind == "bool":
            assert isinstance(p.default, bool), p.name


@pytest.mark.parametrize("row, endpoint", ENDPOINTS)
def test_size_rule_is_possible(row, endpoint):
    size = endpoint.size
    assert (size.kind == "aspect") == bool(size.aspects)
    assert size.min_side <= size.max_side
    assert size.min_pixels <= size.max_pixels
    if size.aspects and size.default is not None:
        assert size.default in size.aspects


@pytest.mark.parametrize("row, endpoint", ENDPOINTS)
def test_price_is_decimal_or_unknown(row, endpoint):
    price = endpoint.price
    for amount in (price.usd, price.extra_usd):
        assert amount is None or (isinstance(amount, Decimal) and amount > 0)
    assert (price.usd is None) == (price.rule in ("unknown", "per_token", "free"))
    assert (price.extra_usd is None) == (price.rule not in ("first_megapixel", "per_image_tier"))
    assert (price.rule == "unknown") == (price.confidence == "unknown")
    assert price.counts_inputs or price.input_megapixels is None


@pytest.mark.parametrize(
    "row_id, task, wish, endpoint_id",
    [
        ("flux-2-dev", "generate", {}, "fal-ai/flux-2"),
        ("flux-2-dev", "edit", {"references": 4, "lora": True}, "fal-ai/flux-2/lora/edit"),
        ("flux-2-dev", "edit", {"references": 5}, None),
        ("flux-2-pro", "edit", {"references": 9}, "fal-ai/flux-2-pro/edit"),
        ("flux-2-pro", "generate", {"lora": True}, None),
        ("flux-kontext-pro", "edit", {"references": 1}, "fal-ai/flux-pro/kontext"),
        ("flux-kontext-pro", "edit", {"references": 2}, "fal-ai/flux-pro/kontext/multi"),
        ("flux-1.1-pro-ultra", "generate", {"references": 1}, "fal-ai/flux-pro/v1.1-ultra"),
        ("qwen-image", "generate", {"lora": True}, "fal-ai/qwen-image"),
        (
            "qwen-image-edit",
            "edit",
            {"references": 1, "mask": True},
            "fal-ai/qwen-image-edit/inpaint",
        ),
        ("qwen-image-edit-2509", "edit", {"references": 3}, "fal-ai/qwen-image-edit-2509"),
        ("qwen-image-layered", "layers", {"references": 1}, "fal-ai/qwen-image-layered"),
        ("flux-2-klein-9b-local", "edit", {"references": 4}, "black-forest-labs/FLUX.2-klein-9B"),
        ("qwen-image-edit-2511-local", "edit", {"references": 4}, None),
    ],
)
def test_a_job_finds_its_endpoint(row_id, task, wish, endpoint_id):
    endpoint = find(row_id).endpoint(task, **wish)
    assert (endpoint.id if endpoint else None) == endpoint_id


# The table against the catalogue


def test_the_catalogue_is_covered_exactly():
    if not CATALOGUE.exists():
        pytest.skip(f"{CATALOGUE.name} is not beside this checkout: nothing to compare with")
    assert {entry["id"] for entry in _catalogue()} == set(REMOTE)


def _cases() -> list[Any]:
    absent = pytest.mark.skip(reason=f"{CATALOGUE.name} is not beside this checkout: nothing to compare with")
    entries = [pytest.param(entry, id=entry["id"]) for entry in _catalogue()]
    return entries or [pytest.param({}, marks=absent, id="no catalogue")]


@pytest.mark.parametrize("entry", _cases())
def test_params_are_the_catalogues(entry):
    endpoint = REMOTE[entry["id"]]
    stated = {n: p for n, p in entry["params"].items() if n not in NOT_PARAMS or _is_plain_choice(n, p)}
    assert {p.name for p in endpoint.params} == set(stated)
    for p in endpoint.params:
        _compare_param(p, stated[p.name], entry["limits"])


@pytest.mark.parametrize("entry", _cases())
def test_size_is_the_catalogues(entry):
    size, params = REMOTE[entry["id"]].size, entry["params"]
    aspect = next((n for n in ("aspect_ratio", "resolution_mode") if n in params), None)
    if aspect:
        assert (size.kind, size.field) == ("aspect", aspect)
        assert list(size.aspects) == params[aspect]["enum"]
        assert size.default == params[aspect]["default"]
    elif "image_size" in params and not _is_plain_choice("image_size", params["image_size"]):
        assert (size.kind, size.field) == ("pixels", "image_size")
        assert size.default == params["image_size"]["default"]
    else:
        assert size.kind in ("input", "none")
    _compare_limits(REMOTE[entry["id"]], entry)


@pytest.mark.parametrize("entry", _cases())
def test_price_is_the_catalogues(entry):
    price, stated = REMOTE[entry["id"]].price, entry["price"]
    extra = stated.get("extra") or {}
    usd = stated.get("usd")
    rule = RULES[stated["rule"]]
    assert price.rule == (rule if usd is not None or rule == "per_token" else "unknown")
    assert price.usd == _money(usd)
    assert price.extra_usd == _money(extra.get("extra_mp_usd", extra.get("tiers", {}).get("2K")))
    assert price.counts_inputs == ("input" in extra.get("counts", extra.get("extra_counts", ())))
    assert price.input_megapixels == extra.get("input_resized_to_mp")
    assert price.lora_surcharge == ("lora_size" in extra)
    assert price.confidence == stated["confidence"]
    assert price.note or not stated.get("note")


@pytest.mark.parametrize("entry", _cases())
def test_references_and_limits_are_the_catalogues(entry):
    endpoint, params, limits = REMOTE[entry["id"]], entry["params"], entry["limits"]
    field = next((n for n in ("image_urls", "image_url") if n in params), "")
    assert endpoint.reference_field == field
    assert endpoint.references == entry["max_refs"]
    assert endpoint.references_megapixels == limits.get("refs_mp_total")
    assert endpoint.task == TASKS.get(entry["task"], entry["task"])
    assert endpoint.lora == entry["task"].endswith("_lora")
    assert endpoint.status == entry["status"].split()[0]
    assert endpoint.as_of == entry["as_of"]
    assert endpoint.prompt_required == params.get("prompt", {}).get("required", False)
    assert endpoint.prompt_chars == (limits.get("prompt_chars") if "prompt" in params else 0)
    assert endpoint.negative_chars == limits.get("negative_prompt_chars")
    assert ("mask_url" in params) == (endpoint.task == "inpaint")


def _is_plain_choice(name: str, stated: dict[str, Any]) -> bool:
    """The realtime endpoint's image_size is one of two words and takes no width and height: a Param like any."""
    return name == "image_size" and stated["type"] == "enum"


def _compare_param(p: Param, stated: dict[str, Any], limits: dict[str, Any]) -> None:
    assert p.kind == KINDS[stated["type"]], p.name
    if p.kind == "loras":
        assert p.default is None and stated["default"] == [] and f"max {p.high}" in stated["note"]
        return
    assert p.default == stated["default"], p.name
    assert list(p.choices) == (stated["enum"] or []), p.name
    low, high = stated["min"], stated["max"]
    if p.name == "seed" and "seed" in limits:
        low, high = map(int, limits["seed"].split(".."))
    assert (p.low, p.high) == (low, high), p.name


def _compare_limits(endpoint: Endpoint, entry: dict[str, Any]) -> None:
    size, limits, rule = endpoint.size, entry["limits"], entry["size_rule"] or ""
    if "each side 512..2048" in rule:
        assert (size.min_side, size.max_side) == (512, 2048)
    if limits.get("total_px") == "512x512..2048x2048":
        assert (size.min_pixels, size.max_pixels) == (512 * 512, 2048 * 2048)
    if "multiple of 16, <=4 MP" in rule and size.kind == "pixels":
        assert (size.multiple, size.max_pixels) == (16, 4 * 1024 * 1024)
    if "ref_px_per_side" in limits:
        assert endpoint.reference_side == tuple(map(int, limits["ref_px_per_side"].split("..")))
    if "ref_mb" in limits:
        assert endpoint.reference_bytes == limits["ref_mb"] * 1_000_000
    if "no alpha" in limits.get("ref_formats", ""):
        assert not endpoint.reference_alpha


def _money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
