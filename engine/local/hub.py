"""A model's folder from the hub, into models/diffusers, for a person who has asked for it.

Only what the engine reads is fetched, through huggingface_hub's own requests (endpoint, proxies, login), and each file counts
only once its size and checksum are right. What was begun goes on where it stopped; `model_index.json` comes last, so that a
folder that is not complete is never taken for a model. The token is huggingface_hub's business and is never looked at here.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .hub_ask import BrokenOff, ask
from .hub_files import INDEX, RemoteFile, components, folder_name, wanted
from .hub_part import Part, digest_of, fits

Progress = Callable[[int, int, str], None]  # bytes done, bytes in all, the file under way

SPARE = 512 * 1024**2  # bytes that stay free on the disk
LONGEST_CHECK = 64 * 1024**2  # bytes; a finished file above that is known by its size
LONGEST_INDEX = 1024**2
LARGEST = 50 * 1000**3  # bytes; huggingface_hub fetches no larger file over plain HTTP
RESTARTS = 2  # of one file, from its first byte
_lock = threading.Lock()


@dataclass(frozen=True)
class Download:
    """What a folder needs. there: bytes of it that lie there already, in whole files and in parts."""

    repository: str
    revision: str
    folder: Path
    files: tuple[RemoteFile, ...]
    there: int

    @property
    def total(self) -> int:
        return sum(file.size for file in self.files)


def download(
    repository: str,
    root: Path,
    *,
    progress: Progress = lambda done, total, file: None,
    check: Callable[[], None] = lambda: None,
    skip: Collection[str] = (),
) -> Path:
    """Fetches `repository` into a folder of its own under `root` (models/diffusers), and gives that folder.

    progress is told of every piece, check raises to stop between two; both may raise what they like. skip: components that
    are had elsewhere ("text_encoder"): their weights are left out, their tokenizers are not. BadInput, one sentence, for
    everything that can be wrong; what has arrived stays for the next try.
    """
    with _lock:
        found = look_up(repository, root, skip=skip, check=check)
        _check_space(found)
        done = 0
        for file in found.files:  # the index is the last of them
            check()
            before = done

            def on_bytes(count: int, before: int = before, path: str = file.path) -> None:
                check()
                progress(before + count, found.total, path)

            _fetch(found, file, on_bytes)
            done += file.size
            progress(done, found.total, file.path)
        return found.folder


def look_up(
    repository: str, root: Path, *, skip: Collection[str] = (), check: Callable[[], None] = lambda: None
) -> Download:
    """What would be fetched. Asks the hub for its list, and fetches the small `model_index.json` alone."""
    target = _target(repository, root)
    info = ask(repository, lambda hub: hub.model_info(repository, files_metadata=True, timeout=30))
    files = _listed(repository, info)
    index = next((file for file in files if file.path == INDEX), None)
    if index is None:
        raise BadInput(
            f"{repository} has no {INDEX}, so it is no folder of a diffusers model: give the repository of the model itself."
        )
    revision = str(info.sha)
    here = Download(repository, revision, target, (index,), 0)
    parts = components(repository, _index_of(here, index, check))
    chosen = wanted(repository, files, parts, skip)
    for file in chosen:
        if file.size > LARGEST:
            raise BadInput(
                f"{repository} keeps {file.path} in one piece of {_size(file.size)}, more than the hub gives out this way: fetch "
                "it with the hub's own tool."
            )
    there = sum(file.size if _has(target, file) else Part(target, file).size for file in chosen)
    return Download(repository, revision, target, chosen, there)


def _target(repository: str, root: Path) -> Path:
    name = folder_name(repository)
    base = root.resolve()
    target = base / name
    if target.resolve().parent != base:
        raise BadInput(
            f"models/diffusers/{name} is a link that leads out of models/diffusers: take it away and try again."
        )
    return target


def _listed(repository: str, info: Any) -> list[RemoteFile]:
    files = []
    for one in info.siblings or ():
        lfs = one.lfs
        sha256 = str(lfs["sha256"] if isinstance(lfs, dict) else lfs.sha256) if lfs else ""
        if one.size is not None:
            files.append(
                RemoteFile(str(one.rfilename), int(one.size), sha256, "" if lfs else str(one.blob_id or ""))
            )
    if not files and info.siblings:
        raise BadInput(
            f"The hub does not say how large the files of {repository} are, so nothing was fetched: try again later."
        )
    return files


def _index_of(found: Download, index: RemoteFile, check: Callable[[], None]) -> dict[str, Any]:
    if index.size > LONGEST_INDEX:
        raise BadInput(f"{found.repository} has a {INDEX} of {_size(index.size)}, which is no such file.")
    path = (
        found.folder / INDEX
        if _has(found.folder, index)
        else _fetch(found, index, lambda count: check(), publish=False)
    )
    try:
        words = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        words = None
    if not isinstance(words, dict):
        raise BadInput(f"{INDEX} of {found.repository} cannot be read.")
    return words


def _has(folder: Path, file: RemoteFile) -> bool:
    """A file gets its name only when it is whole. One that somebody else put there is checked if that is quick."""
    path = folder / file.path
    try:
        if not path.is_file() or path.stat().st_size != file.size:
            return False
    except OSError:
        return False
    return file.size > LONGEST_CHECK or fits(file, digest_of(path, file))


def _fetch(found: Download, file: RemoteFile, on_bytes: Callable[[int], None], publish: bool = True) -> Path:
    """The file in its place; or, unless `publish`, the whole and checked part of it."""
    path = found.folder / file.path
    if _has(found.folder, file):
        return path
    part = Part(found.folder, file, on_bytes)
    try:
        _inside(found.folder, path.parent).mkdir(parents=True, exist_ok=True)
        _fill(found, file, part)
    except OSError as error:
        raise _disk(error, found) from None
    if not part.whole():
        part.drop()
        raise BadInput(
            f"{file.path} of {found.repository} arrived damaged: its checksum is not the hub's. It was thrown away; try again."
        )
    if not publish:
        return part.path
    os.replace(part.path, path)
    part.drop_others()
    return path


def _fill(found: Download, file: RemoteFile, part: Part) -> None:
    """Goes on as long as something arrives; huggingface_hub itself tries again too, not in every release alike."""
    anew = 0
    with part.opened():
        while (before := part.size) < file.size:
            try:
                ask(found.repository, lambda hub: _get(hub, found, file, part), lambda: part.stopped)
            except BrokenOff:
                if (
                    part.size > file.size and anew < RESTARTS
                ):  # an older one adds a whole file to its beginning
                    part.restart()
                    anew += 1
                elif not before < part.size <= file.size:
                    raise


def _get(hub: Any, found: Download, file: RemoteFile, part: Any) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    url = hf_hub_url(found.repository, file.path, revision=found.revision, endpoint=hub.endpoint)
    headers, name = build_hf_headers(), file.path
    http_get(
        url, part, resume_size=part.size, headers=headers, expected_size=file.size, displayed_filename=name
    )


def _inside(folder: Path, place: Path) -> Path:
    if not place.resolve().is_relative_to(folder.resolve()):
        raise BadInput(
            f"{place.name} in models/diffusers/{folder.name} is a link that leads out of it: take it away and try again."
        )
    return place


def _check_space(found: Download) -> None:
    place = found.folder
    while not place.exists():
        place = place.parent
    need, free = found.total - found.there, shutil.disk_usage(place).free
    if need and need + SPARE > free:
        raise BadInput(
            f"{found.repository} still needs {_size(need)}, and the disk of models/diffusers has {_size(free)} free: make room, or "
            "let another disk hold that folder."
        )


def _disk(error: OSError, found: Download) -> BadInput:
    place = f"models/diffusers/{found.folder.name}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BadInput(f"The disk is full: make room for {place} and try again; what has arrived stays.")
    return BadInput(
        f"{place} cannot be written ({error.strerror or type(error).__name__}): mend its permissions and try again."
    )


def _size(count: int) -> str:
    return f"{count / 1000**3:.1f} GB" if count >= 10**9 else f"{count / 1000**2:.1f} MB"
