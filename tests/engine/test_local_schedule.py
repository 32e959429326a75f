"""The schedule of a hub folder is that folder's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from switchyard.engine.errors import BadInput
from switchyard.engine.local.family import families
from switchyard.engine.local.find import look
from switchyard.engine.local.load import open_model
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.sample import Job, _schedule
from switchyard.engine.local.schedule import CLASS
from switchyard.tests.tiny import files, pipelines

ROW = "flux-1-schnell-local"
FAMILY = families()[ROW]


@pytest.fixture
def folder(tmp_path) -> Path:
    return pipelines.folder(tmp_path / "diffusers" / "schnell", ROW)


def opened(folder: Path):
    found = look(FAMILY, files.folders(folder.parents[1]))
    return open_model(FAMILY, found.sources, Registry(), Plain()).family


def tell(folder: Path, **given) -> None:
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps({"_class_name": CLASS, **given}), "utf-8")


def test_it_is_read_as_it_was_saved(folder):
    said = opened(folder).scheduler
    assert {name: said[name] for name in FAMILY.scheduler} == FAMILY.scheduler


def test_it_takes_the_place_of_the_tables(folder):
    tell(
        folder, shift=5.0, use_dynamic_shifting=True, stochastic_sampling=True, num_train_timesteps=10, x="y"
    )
    family = opened(folder)
    assert family.scheduler == {"shift": 5.0, "use_dynamic_shifting": True}
    assert _schedule(family, Job("generate", 64, 64, (1,), shift=2.0))["shift"] == 2.0


@pytest.mark.parametrize("given", ({"_class_name": "UniPCMultistepScheduler", "shift": 9.0}, {"shift": 9.0}))
def test_another_class_is_left_alone(folder, given):
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(given), "utf-8")
    assert opened(folder) == FAMILY


def test_a_folder_without_one_and_a_single_file_have_the_tables(folder, tmp_path):
    (folder / "scheduler" / "scheduler_config.json").unlink()
    assert opened(folder) == FAMILY
    models = tmp_path / "single"
    found = look(FAMILY, files.models(models, ROW))
    (models / "scheduler").mkdir()
    tell(models, shift=9.0)
    assert open_model(FAMILY, found.sources, Registry(), Plain()).family == FAMILY


@pytest.mark.parametrize(
    "given",
    ({"shift": "3"}, {"shift": 0}, {"use_dynamic_shifting": 1}, {"base_shift": float("nan")}, {"shift_terminal": 1},
     {"max_image_seq_len": 0.5}, {"time_shift_type": ["linear"]}),
)  # fmt: skip
def test_a_spoilt_one_is_named(folder, given):
    tell(folder, **given)
    with pytest.raises(BadInput, match=r"scheduler_config\.json has .* fits for its .*: download it again\."):
        opened(folder)


def test_one_that_is_no_json_is_named(folder):
    (folder / "scheduler" / "scheduler_config.json").write_text("{", "utf-8")
    with pytest.raises(BadInput, match="is not JSON"):
        opened(folder)
