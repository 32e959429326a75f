"""Which local models can run: their files and the memory decide, and a chosen file is taken or refused."""

from __future__ import annotations

import os

import pytest
from switchyard.engine.errors import BadInput
from switchyard.engine.local.available import inventory, open_row
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.needs import SYSTEM, Memory
from switchyard.engine.local.registry import Registry
from switchyard.engine.models import find
from switchyard.tests.tiny import files, pipelines

PLENTY = Memory(0, 2**45)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    return files.usual_folders(tmp_path_factory.mktemp("models"))


def test_the_inventory_follows_the_folders(ground):
    first = inventory(ground, Plain(), PLENTY)
    here = {"qwen-image-local", "flux-2-klein-4b-base-local", "qwen-image-layered-local"}
    assert here & set(pipelines.ROWS) <= first.rows
    assert inventory(ground, Plain(), PLENTY) is first
    assert "black-forest-labs/FLUX.1-dev" in first.lacking["flux-1-dev-local"]
    assert first.rows.isdisjoint(first.lacking) and first.rows | set(first.lacking) == set(families())

    file = next((ground.diffusers[0] / "qwen-image-layered" / "vae").glob("*.safetensors"))
    away = file.with_suffix(".away")
    os.rename(file, away)
    try:
        assert "qwen-image-layered-local" not in inventory(ground, Plain(), PLENTY).rows
    finally:
        os.rename(away, file)
    assert inventory(ground, Plain(), PLENTY) == first


def test_what_is_larger_than_the_memory_is_not_counted_on(ground):
    small = inventory(ground, Plain(), Memory(0, SYSTEM + 2**25))
    assert not small.rows and "for models in all" in small.lacking["qwen-image-local"]


def test_a_chosen_file_is_taken_and_one_that_does_not_fit_is_refused(ground):
    place = ground.diffusers[0]
    chosen = place / "qwen-image-layered" / "text_encoder"
    row, roles = find("qwen-image-local"), {"text_encoder": chosen, "text_encoder_2": chosen}
    model, usual = (open_row(row, given, ground, Registry(), Plain()) for given in (roles, {}))
    assert model.identity("text_encoder") != usual.identity("text_encoder")
    assert model.identity("vae") == usual.identity("vae")
    wrong = place / "flux-2-klein-4b-base" / "transformer"
    with pytest.raises(BadInput):
        open_row(find("qwen-image-local"), {"transformer": wrong}, ground, Registry(), Plain())
