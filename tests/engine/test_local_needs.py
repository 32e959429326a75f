"""What a local model asks of a machine: the largest part counts, from the files that are here, else as published."""

from pathlib import Path

import pytest
from switchyard.engine.local.available import ROOM
from switchyard.engine.local.family import families
from switchyard.engine.local.needs import memory_of, too_little
from switchyard.engine.local.sources import Folders
from switchyard.engine.models import find

ROW = find("flux-1-dev-local")


def test_what_is_not_here_counts_as_it_is_published():
    largest = max(part.gigabytes for part in families()[ROW.id].weights)
    assert memory_of(ROW, {}, Folders()) == int(largest * 1e9) + ROOM


def test_a_chosen_file_counts_as_large_as_it_is(tmp_path):
    parts = {}
    for part in families()[ROW.id].weights:
        parts[part.role] = tmp_path / f"{part.role}.safetensors"
        parts[part.role].write_bytes(bytes(1000))
    parts["transformer"].write_bytes(bytes(5000))
    assert memory_of(ROW, parts, Folders()) == 5000 + ROOM
    folder = tmp_path / "transformer"
    folder.mkdir()
    for name, size in (("a.safetensors", 4000), ("b.safetensors", 3000), ("config.json", 900)):
        (folder / name).write_bytes(bytes(size))
    assert memory_of(ROW, {**parts, "transformer": folder}, Folders()) == 7000 + ROOM
    assert memory_of(ROW, {**parts, "transformer": Path("gone.gguf")}, Folders()) > 1e10


@pytest.mark.parametrize(("needed", "memory", "word"), [(8e9, 8e9, ""), (8e9 + 1, 8e9, "smaller file")])
def test_too_little_memory_is_said(needed, memory, word):
    said = too_little(ROW, int(needed), int(memory))
    assert bool(said) == bool(word) and word in said
