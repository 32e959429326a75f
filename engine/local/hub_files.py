"""Which files of a hub repository make up a model, and under which names they may be written. Nothing is fetched here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput

INDEX = "model_index.json"
_SUFFIXES = (".safetensors", ".json", ".txt", ".model", ".jinja")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".msgpack", ".h5")
_TERMS = re.compile(r"(?:LICEN[CS]E|NOTICE)[\w.-]*\.?(?:md|txt)?", re.IGNORECASE)
_VARIANT = re.compile(
    r"\.(?:fp16|bf16|fp32|fp8|int8|ema|non_ema)(?:-\d+-of-\d+)?\.safetensors$|\.index\.\w+\.json$"
)
_SHARD = re.compile(r"-\d+-of-\d+\.safetensors$")
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_][\w.+ -]{0,150}", re.ASCII)
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE
)  # on Windows, whatever the ending


@dataclass(frozen=True)
class RemoteFile:
    """path: within the repository. sha256 of a large file, git's own sum of a small one; "" where the hub says none."""

    path: str
    size: int
    sha256: str = ""
    git: str = ""

    @property
    def weights(self) -> bool:
        return self.path.endswith(".safetensors")


def folder_name(repository: str) -> str:
    """The folder's name: the last part of the id, which tells the models of a family apart. BadInput for what is no id."""
    if not _ID.fullmatch(repository) or ".." in repository or repository.endswith((".", ".git")):
        raise BadInput(f"{repository[:80]!r} is no repository of the hub: one looks like Qwen/Qwen-Image.")
    name = repository.partition("/")[2]
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def is_safe(path: str) -> bool:
    """Whether a path from the hub can only mean a file in its folder, or one below, on every system."""
    parts = path.split("/")
    return len(parts) <= 2 and all(
        _PART.fullmatch(part) and not part.endswith((".", " ")) and not _RESERVED.fullmatch(part)
        for part in parts
    )


def components(repository: str, index: Mapping[str, Any]) -> tuple[str, ...]:
    """The component folders that `model_index.json` names. BadInput if there are none."""
    named = tuple(
        name
        for name, value in index.items()
        if isinstance(value, list) and len(value) == 2 and all(isinstance(word, str) for word in value)
    )
    if "transformer" not in named:
        raise BadInput(f"{repository} is no model that is drawn with here: its {INDEX} names no transformer.")
    return named


def wanted(
    repository: str, files: Iterable[RemoteFile], named: Collection[str], skip: Collection[str] = ()
) -> tuple[RemoteFile, ...]:
    """Small files first, then weights, the index last. skip: components without their weights and configs.

    Never a pickle or a program, no second copy of the same weights: neither single files at the top, nor variants, nor the
    unsplit file beside shards. BadInput for a component that only has pickles.
    """
    chosen: list[RemoteFile] = []
    by_folder: dict[str, list[RemoteFile]] = {name: [] for name in named}
    last: list[RemoteFile] = []
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if not is_safe(file.path):
            continue
        if file.path == INDEX:
            last.append(file)
        elif not folder and _TERMS.fullmatch(name):
            chosen.append(file)
        elif folder in by_folder and folder not in skip:
            by_folder[folder].append(file)
    for folder, own in by_folder.items():
        kept = _once([file for file in own if file.path.endswith(_SUFFIXES)])
        if any(file.path.endswith(_PICKLES) for file in own) and not any(file.weights for file in kept):
            raise BadInput(
                f"{repository} has its {folder} only as a pickle, which can run anything: take a repository with .safetensors."
            )
        chosen += kept
    _check_names(repository, [*chosen, *last])
    return (*sorted(chosen, key=lambda file: (file.weights, file.path)), *last)


def _once(own: Sequence[RemoteFile]) -> list[RemoteFile]:
    plain = [file for file in own if not _VARIANT.search(file.path)]
    kept = plain if any(file.weights for file in plain) else list(own)
    if any(_SHARD.search(file.path) for file in kept):
        kept = [file for file in kept if not file.weights or _SHARD.search(file.path)]
    return kept


def _check_names(repository: str, files: Sequence[RemoteFile]) -> None:
    if len({file.path.lower() for file in files}) < len(files):
        raise BadInput(
            f"{repository} has files whose names differ only in large and small letters, which not every disk can keep."
        )
