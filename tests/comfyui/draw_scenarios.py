"""Whole jobs on a pretended card: every family and mode, from its prompt to pictures, equal to what the computer alone gives."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import comfy.model_management as mm
import torch
from switchyard.engine.local.available import open_row
from switchyard.engine.local.draw import Drawn, draw
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.model import LocalModel
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.sources import Folders
from switchyard.engine.local.wish import Wish
from switchyard.engine.models import find
from switchyard.nodes.machine import ComfyMachine
from switchyard.tests.comfyui.on_card import MB, card, empty
from switchyard.tests.comfyui.pretend_card import CARD
from switchyard.tests.tiny import files, pipelines

# Rows like another in all but size or weights.
LIKE_ANOTHER = ("qwen-image-2512-local", "flux-2-klein-9b-local", "flux-2-klein-9b-base-local")
ROWS = tuple(row for row in pipelines.ROWS if row not in LIKE_ANOTHER)
NOISE = torch.Generator().manual_seed(3)
PICTURE, SECOND = torch.rand(64, 96, 3, generator=NOISE), torch.rand(64, 64, 3, generator=NOISE)
START = torch.randn(1, 128, 4, 6, generator=NOISE)
MASK = torch.zeros(1, 64, 96)
MASK[:, :, 40:] = 1
CACHES = (
    ("qwen-image-local", "taylor"),
    ("qwen-image-local", "first block"),
    ("flux-1-dev-local", "mag"),
    ("flux-2-dev-local", "taylor"),
)


def scenario_every_family_and_mode_draws_on_a_card() -> None:
    """Generators, ids, sigmas, masks, references, prompts: nothing lies on the other side."""
    for row in ROWS:
        with card(200 * MB) as machine:
            model = _opened(machine, row)
            for mode in model.family.pipelines:
                drawn = _run(machine, model, _wish(row, mode))
                assert drawn.samples.device.type == drawn.images.device.type == "cpu"
                _close(drawn, _alone(row, mode), 1e-5, f"{row} {mode}")


def scenario_every_family_and_mode_draws_in_bf16() -> None:
    """The loop in float32, around parts that compute in less: no two types meet in one layer."""
    empty()
    with mock.patch.object(ComfyMachine, "dtype", lambda *_: torch.bfloat16):
        for row in ROWS:
            model = _opened(ComfyMachine(), row)
            for mode in model.family.pipelines:
                drawn = _run(model.machine, model, _wish(row, mode))
                assert drawn.samples.dtype == drawn.images.dtype == torch.float32
                _close(drawn, _alone(row, mode), 0.5, f"{row} {mode}")


def scenario_step_caches_draw_on_a_card() -> None:
    for row, cache in CACHES:
        more = {"steps": 12, "batch": 1, "step_cache": cache}
        with card(200 * MB) as machine:
            drawn = _draw(machine, row, "generate", **more)
        _close(drawn, _draw(Plain(), row, "generate", **more), 1e-5, f"{row} with {cache}")


def scenario_scaled_fp8_files_draw_whole_and_in_pieces() -> None:
    """The single files that most have; and a LoRA on them, added as a layer runs or into it."""
    for row in ("qwen-image-local", "flux-1-dev-local"):
        folders = files.models(_room() / "scaled" / row, row, "scaled")
        expected = _draw(Plain(), row, "generate", folders)
        for room in (200 * MB, MB // 16):
            with card(room) as machine:
                model = _opened(machine, row, folders)
                _close(
                    _run(machine, model, _wish(row, "generate")), expected, 1e-4, f"{row} with {room} bytes"
                )
                whole = model.part("transformer").handle
                assert (whole.loaded_size() < whole.model_size()) == (room < MB), (
                    "it was not loaded as it should be"
                )
                layer = "transformer_blocks.0.attn.to_q.weight"
                lora = {layer: (torch.ones(32, 4), torch.ones(4, 32), 4.0)}
                changed = _run(machine, model.with_loras([(lora, 0.1)], "one"), _wish(row, "generate"))
                assert (changed.samples - expected.samples).abs().max() > 1e-3, "the LoRA does nothing"
                _close(_run(machine, model, _wish(row, "generate")), expected, 1e-4, f"{row} after a LoRA")


def scenario_a_vae_stays_on_the_computer_where_comfyui_is_told_so() -> None:
    """--cpu-vae, for cards on which the VAE does not fit or gives black pictures."""
    for row, mode in (
        ("qwen-image-edit-local", "edit"),
        ("flux-2-klein-4b-local", "edit"),
        ("flux-1-dev-local", "image"),
    ):
        with mock.patch.object(mm.args, "cpu_vae", True), card(200 * MB) as machine:
            model = _opened(machine, row)
            drawn = _run(machine, model, _wish(row, mode))
            places = {
                role: {w.device for w in model.part(role).module.parameters()}
                for role in ("transformer", "vae")
            }
            assert places == {"transformer": {CARD}, "vae": {torch.device("cpu")}}
            assert model.part("vae").module.device == torch.device("cpu")
        _close(drawn, _alone(row, mode), 1e-5, row)


@functools.cache
def _plain(row: str) -> LocalModel:
    return _opened(Plain(), row)


@functools.cache
def _alone(row: str, mode: str) -> Drawn:
    model = _plain(row)
    return _run(model.machine, model, _wish(row, mode))


def _draw(machine: Any, row: str, mode: str, folders: Folders | None = None, **more: Any) -> Drawn:
    return _run(machine, _opened(machine, row, folders), replace(_wish(row, mode), **more))


def _run(machine: Any, model: LocalModel, wish: Wish) -> Drawn:
    with torch.inference_mode():  # nodes run in it, and load in it
        return draw(model, machine, wish, EmbeddingCache())


def _opened(machine: Any, row: str, folders: Folders | None = None) -> LocalModel:
    return open_row(find(row), {}, folders or _folders(), Registry(), machine)


def _wish(row: str, mode: str) -> Wish:
    """Two pictures of two steps, with everything that the mode takes."""
    family = families()[row]
    given: dict[str, Any] = {
        "steps": 2,
        "batch": 2,
        "width": 96,
        "height": 64,
        "preset": "none",
        "megapixels": 0.01,
    }
    given["guidance"] = 0.0 if family.guidance_kind == "none" else 2.5
    if mode != "generate":
        given["pictures"] = (PICTURE, SECOND) if family.references > 1 else (PICTURE,)
    if mode == "image":
        given["denoise"] = 0.6
    if "inpaint" in mode:
        given["mask"] = MASK
    if (
        mode == "inpaint" and "edit" in family.pipelines
    ):  # klein's, with a latent: a picture would make it an edit
        given |= {"pictures": (), "latent": {"samples": START}}
    if mode == "layers":
        given |= {"layers": 2, "resolution": 64}
    return Wish(prompt="a door", negative="fog", seed=5, **given)


@functools.cache
def _folders() -> Folders:
    for row in ROWS:
        pipelines.folder(_room() / "diffusers" / row.removesuffix("-local"), row)
    return files.folders(_room())


@functools.cache
def _room() -> Path:
    root = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, root, True)
    return root


def _close(drawn: Drawn, expected: Drawn, most: float, what: str) -> None:
    off = float((drawn.samples - expected.samples).abs().max())
    assert off <= most, f"{what}: off by {off:.1e}"
