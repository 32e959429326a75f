"""Where ComfyUI keeps local models, which of them can run, and opening one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import comfy
import folder_paths

from ..engine.errors import BadInput
from ..engine.models import Model, all_models

# The local engine is imported where it is used: the table of its families alone is half of what the pack may take to load.
if TYPE_CHECKING:
    from ..engine.local.available import Inventory
    from ..engine.local.embeddings import EmbeddingCache
    from ..engine.local.model import LocalModel
    from ..engine.local.sources import Folders
    from ..engine.request import Route

FOLDERS = {
    "transformer": "diffusion_models",
    "text_encoder": "text_encoders",
    "text_encoder_2": "text_encoders",
    "vae": "vae",
}
AUTO_FILE = "auto"
_SUFFIXES = (".safetensors", ".gguf")

# Folder key -> (names, the folders' times when they were read)
_listed: dict[str, tuple[list[str], dict[str, float]]] = {}


def rows(family: str) -> tuple[Model, ...]:
    """The local models of "qwen" or "flux", in the order in which they are offered."""
    return tuple(row for row in all_models().values() if row.place == "local" and row.family == family)


def file_names(role: str) -> list[str]:
    """The files of weights for a role, as ComfyUI names them, GGUF ones too. Read again only when a folder has changed."""
    key = FOLDERS[role]
    known = _listed.get(key)
    if known is None or any(_time(folder) != time for folder, time in known[1].items()):
        known = _listed[key] = _read(key)
    return known[0]


def folders() -> Folders:
    from ..engine.local.sources import Folders

    places = {key: _places(key) for key in ("diffusion_models", "text_encoders", "vae", "loras")}
    core = Path(next(iter(comfy.__path__)))
    return Folders(
        diffusers=(*_places("diffusers"), _hub_cache()),
        tokenizers=(core / "text_encoders", core),
        **places,
    )


def inventory() -> Inventory:
    """Which rows can run here, and why the others cannot."""
    from ..engine.local.available import inventory
    from .machine import machine

    own = machine()
    return inventory(folders(), own, own.memory())


def row_of(row_id: str, family: str = "") -> Model:
    """Raises BadInput for an id that is no local model (of that family) any more."""
    from ..engine.local.available import row_of

    row = row_of(row_id)
    if family not in ("", row.family):
        raise BadInput(f"{row.name} is not of this family: use the other loader.")
    return row


def open_row(row: Model, chosen: Mapping[str, str]) -> LocalModel:
    """chosen: role -> a file's name, or "auto". Raises BadInput, one sentence, for what is missing."""
    from ..engine.local.available import open_row
    from .machine import machine

    paths = {role: _path(role, name) for role, name in chosen.items() if name and name != AUTO_FILE}
    own = machine()
    return open_row(row, paths, folders(), own.registry, own)


class ModelOfEach:
    """What leaves a loader where the prompts of a list go to several of its models.

    It holds the one in use. The others' weights are the registry's to keep, as far as there is room for them: a list is
    grouped by model, so that none comes twice.
    """

    def __init__(self, opened: Mapping[str, LocalModel], reopen: Callable[[Model], LocalModel]):
        self._opened, self._reopen = dict(opened), reopen
        self._names = ", ".join(all_models()[row].name for row in opened)
        self._rows = frozenset(opened)
        self._current = ""

    def of(self, route: Route | None) -> LocalModel:
        """BadInput where it cannot be told which."""
        if route is None or route.model not in self._rows:
            raise BadInput(
                f"The loader has several models for a list of prompts ({self._names}): connect the Prompt Router's route to "
                "this node, or choose one model in the loader."
            )
        if self._current not in ("", route.model):
            del self._opened[self._current]
        self._current = route.model
        if route.model not in self._opened:
            self._opened[route.model] = self._reopen(route.row)
        return self._opened[route.model]

    def part(self, role: str) -> None:
        """A LoRA Stack asks for it: a LoRA is made for one model."""
        raise BadInput(
            f"The loader has several models for a list of prompts ({self._names}), and a LoRA is made for one: choose that "
            "model in the loader."
        )


def check_shared(rows: Sequence[Model], chosen: Mapping[str, str]) -> None:
    """BadInput where one transformer's file is set for several models."""
    if chosen.get("transformer", AUTO_FILE) != AUTO_FILE:
        names = ", ".join(row.name for row in rows)
        raise BadInput(
            f"The prompts of the list go to {names}, and one transformer's file is set for all of them: set it to auto, or "
            "choose one model."
        )


@cache
def embeddings() -> EmbeddingCache:
    """What prompts became, in memory and in the private folder."""
    from ..engine.local.embeddings import EmbeddingCache
    from .host import private_folder

    return EmbeddingCache(private_folder() / "embeddings")


def _places(key: str) -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in folder_paths.get_folder_paths(key))


def _hub_cache() -> Path:
    """Where the hub's own tools put what they download."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("HF_HOME") or caches / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()


def _path(role: str, name: str) -> Path:
    for folder in folder_paths.get_folder_paths(FOLDERS[role]):
        path = Path(os.path.normpath(Path(folder) / name))
        if path.is_relative_to(os.path.normpath(folder)) and path.is_file():
            return path
    raise BadInput(
        f"{name} is not in models/{FOLDERS[role]} (any more): choose another {role.replace('_', ' ')}, or auto."
    )


def _read(key: str) -> tuple[list[str], dict[str, float]]:
    names: set[str] = set()
    times: dict[str, float] = {}
    for folder in folder_paths.get_folder_paths(key):
        found, read = folder_paths.recursive_search(folder, excluded_dir_names=[".git"])
        names.update(name for name in found if name.lower().endswith(_SUFFIXES))
        times.update(read)
    return sorted(names), times


def _time(folder: str) -> float:
    try:
        return os.path.getmtime(folder)
    except OSError:
        return 0.0
