"""Models that take turns in a real ComfyUI: nothing is read twice, nothing piles up, and ComfyUI's own "free" empties it all."""

import os
from pathlib import Path

import pytest
from switchyard.tests.comfyui.local_graphs import IMAGE, OF_A_PICTURE, SMALL, draw, load, loaded, save

PAGE = 4096


@pytest.fixture(autouse=True)
def nothing_loaded(local_comfy):
    free(local_comfy)
    yield
    free(local_comfy)


def free(comfy) -> None:
    """Done by ComfyUI's worker before it takes the next prompt."""
    comfy.server.post("/free", {"unload_models": True, "free_memory": True})
    run = comfy.run({"say": {"class_type": "PreviewAny", "inputs": {"source": "free"}}})
    assert run.status == "success"


def resident(comfy) -> int:
    return int(Path(f"/proc/{comfy.server.process.pid}/statm").read_text().split()[1]) * PAGE


def graph(row: str, seed: int, prompt: str) -> dict:
    """A prompt that was read before needs no encoder: its embedding is on the disk."""
    kind = "Flux" if row.startswith("flux") else "QwenImage"
    return {"load": load(row), "draw": draw(kind, "load", prompt, seed, **SMALL), "save": save("draw")}


def read(run) -> list[str]:
    """The roles that were read from the disk."""
    assert run.status == "success", run.error
    return sorted(word.removeprefix("care ") for word in run.ran if word.startswith("care "))


def test_a_new_seed_reads_nothing_and_asks_no_encoder(local_comfy):
    assert len(read(local_comfy.run(graph("qwen-image-local", 1, "a heron at dusk")))) == 3
    again = local_comfy.run(graph("qwen-image-local", 2, "a heron at dusk"))
    assert read(again) == []
    assert "ready text_encoder" not in again.ran and "ready transformer" in again.ran


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
def test_fifty_turns_read_every_part_once_and_leave_memory_flat(local_comfy):
    rows = ("qwen-image-local", "flux-2-klein-4b-local")
    parts, sizes = [], []
    for turn in range(50):
        parts += read(local_comfy.run(graph(rows[turn % 2], turn, f"turn {turn}")))
        sizes.append(resident(local_comfy))
    assert sorted(parts) == ["text_encoder", "text_encoder", "transformer", "transformer", "vae", "vae"]
    assert sizes[-1] - sizes[9] < 40 * 2**20


def test_draw_edit_and_layers_have_one_text_encoder(local_comfy):
    drawn = read(local_comfy.run(graph("qwen-image-local", 5, "a poster to be drawn")))
    edit = {
        **loaded(),
        "load": load("qwen-image-edit-2511-local"),
        "draw": draw("QwenEdit", "load", "a poster to be edited", **IMAGE, **OF_A_PICTURE),
        "save": save("draw"),
    }
    edited = read(local_comfy.run(edit))
    layers = {
        **loaded(),
        "load": load("qwen-image-layered-local"),
        "draw": draw(
            "QwenLayered", "load", "a door", layers=2, resolution=64, steps=2, guidance=1.0, **IMAGE
        ),
        "save": save("draw"),
    }
    layered = read(local_comfy.run(layers))
    assert drawn == ["text_encoder", "transformer", "vae"]
    assert edited == ["transformer"] and layered == ["transformer", "vae"]


def test_free_empties_everything(local_comfy):
    assert len(read(local_comfy.run(graph("flux-2-klein-4b-local", 7, "before")))) == 3
    free(local_comfy)
    assert len(read(local_comfy.run(graph("flux-2-klein-4b-local", 8, "after")))) == 3
