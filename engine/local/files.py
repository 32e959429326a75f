"""What stands in a file of weights, read from its header alone: names, types and shapes, never a number of
the data.

A header is kept as long as the file's size and time stay the same. A folder with `model_index.json` keeps
each component in a folder of its own, in one file or in several that an index names.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from ..errors import BadInput
from . import gguf_file

PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
SUFFIXES = (".safetensors", ".gguf")
LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit
BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
        "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64, "F4": 4}  # fmt: skip

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """One tensor of a file. dtype: safetensors' word for it, or "Q8_0" and the like of a GGUF file."""

    dtype: str
    shape: Shape


@dataclass(frozen=True)
class Header:
    """path: the file. stamp: path, size and time as one word, the same as long as the file is. words: its own
    notes."""

    path: Path
    stamp: str
    entries: Mapping[str, Entry]
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def gguf(self) -> bool:
        return self.path.suffix.lower() == ".gguf"


@dataclass(frozen=True)
class Bundle:
    """The files that hold one component, as one: tensor name -> the header it stands in."""

    path: Path
    headers: tuple[Header, ...]
    config: Mapping[str, Any] | None = None

    @property
    def entries(self) -> dict[str, Entry]:
        return {name: entry for header in self.headers for name, entry in header.entries.items()}

    @property
    def where(self) -> dict[str, Header]:
        return {name: header for header in self.headers for name in header.entries}

    @property
    def stamp(self) -> str:
        return "|".join(header.stamp for header in self.headers)

    @property
    def gguf(self) -> bool:
        return any(header.gguf for header in self.headers)


_headers: dict[str, Header] = {}
_lock = threading.Lock()


def read_header(path: Path) -> Header:
    """Raises BadInput, one sentence, for a file that is cut short, is no safetensors or GGUF file, or is not
    there."""
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise BadInput(
            f"{path.name} is a pickle, which can run anything on this machine: use the .safetensors file of the same weights."
        )
    if suffix not in SUFFIXES:
        raise BadInput(f"{path.name} is not a file of weights: a .safetensors or .gguf file is wanted.")
    try:
        stamp = stamp_of(path)
        with _lock:
            known = _headers.get(stamp)
        if known is None:
            known = _read_gguf(path, stamp) if suffix == ".gguf" else _read_safetensors(path, stamp)
            with _lock:
                _headers[stamp] = known
        return known
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or 'it is not there'}.") from None


def stamp_of(path: Path) -> str:
    """Path, size and time of a file. OSError where there is none."""
    stat = path.stat()
    return f"{path.absolute()}:{stat.st_size}:{stat.st_mtime_ns}"


def read_offsets(header: bytes) -> list[int]:
    """Where each tensor of a safetensors file begins, in bytes after its header. ValueError for what is none."""
    words = json.loads(header)
    if not isinstance(words, dict):
        raise ValueError("no header")
    found = (entry.get("data_offsets") for name, entry in words.items() if name != "__metadata__")
    return [offsets[0] for offsets in found if isinstance(offsets, list) and isinstance(offsets[0], int)]


def open_file(path: Path) -> Bundle:
    return Bundle(path, (read_header(path),))


def open_folder(folder: Path) -> Bundle:
    """A component's folder: `config.json` and one .safetensors file, or the shards that its index names."""
    config = read_json(folder / "config.json")
    index = next(iter(sorted(folder.glob("*.safetensors.index.json"), key=lambda file: len(file.name))), None)
    if index is not None:
        shards = _shards(folder, index)
    else:
        single = sorted(folder.glob("*.safetensors"), key=lambda file: (len(file.name), file.name))[:1]
        if not single:
            raise BadInput(_no_weights(folder))
        shards = single
    return Bundle(folder, tuple(read_header(shard) for shard in shards), config)


def open_component(path: Path) -> Bundle:
    return open_folder(path) if path.is_dir() else open_file(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; BadInput where it is missing or is anything else."""
    place = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError:
        raise BadInput(f"{place} is missing: download that folder again.") from None
    except (ValueError, RecursionError):
        raise BadInput(f"{place} is not JSON: download it again.") from None
    if not isinstance(value, dict):
        raise BadInput(f"{place} is not a JSON object: download it again.")
    return value


def _shards(folder: Path, index: Path) -> list[Path]:
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(name, str) for name in names.values()):
        raise BadInput(f"{folder.name}/{index.name} names no files: download it again.")
    shards = [folder / Path(name).name for name in sorted(set(names.values()))]  # never out of the folder
    missing = [shard.name for shard in shards if not shard.exists()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise BadInput(
            f"{folder.parent.name}/{folder.name} is not complete: {missing[0]}{more} of {len(shards)} files is missing. "
            "Finish its download."
        )
    return shards


def _no_weights(folder: Path) -> str:
    place = f"{folder.parent.name}/{folder.name}"
    if any(file.suffix.lower() in PICKLES for file in folder.glob("*")):
        return f"{place} has its weights only as a pickle, which can run anything: download the .safetensors files instead."
    return f"{place} has no .safetensors file in it: finish its download."


def _read_safetensors(path: Path, stamp: str) -> Header:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if size < 8 or start[:1] == b"<" or start == b"version ":
            raise BadInput(
                f"{path.name} is not a safetensors file, but a page or a note that was saved in its place: download it again."
            )
        if length > LONGEST_HEADER or length < 2:
            raise BadInput(f"{path.name} is not a safetensors file.")
        if length > size - 8:
            raise BadInput(_cut_short(path))
        text = file.read(length)
    try:
        table = json.loads(text)
        words = table.pop("__metadata__", None) or {}
        entries, end = {}, 0
        for name, item in table.items():
            entries[name], stop = _entry(item)
            end = max(end, stop)
        words = {str(key): str(value) for key, value in words.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput(f"{path.name} has a header that cannot be read: download it again.") from None
    if end > size - 8 - length:
        raise BadInput(_cut_short(path))
    return Header(path, stamp, entries, words)


def _entry(item: Any) -> tuple[Entry, int]:
    """A tensor and where its data end. Raises what `_read_safetensors` catches."""
    dtype, shape, (start, stop) = item["dtype"], item["shape"], item["data_offsets"]
    numbers = [*shape, start, stop]
    if (
        not all(type(number) is int and number >= 0 for number in numbers)
        or not isinstance(dtype, str)
        or stop < start
    ):
        raise ValueError
    bits = BITS.get(dtype)
    if bits is not None and prod(shape) * bits != (stop - start) * 8:
        raise ValueError
    return Entry(dtype, tuple(shape)), stop


def _read_gguf(path: Path, stamp: str) -> Header:
    try:
        tensors, end = gguf_file.read(path)
    except gguf_file.CutShort:
        raise BadInput(_cut_short(path)) from None
    except ValueError:
        raise BadInput(f"{path.name} has a header that cannot be read: download it again.") from None
    if end > path.stat().st_size:
        raise BadInput(_cut_short(path))
    return Header(path, stamp, {name: Entry(dtype, shape) for name, (dtype, shape) in tensors.items()})


def _cut_short(path: Path) -> str:
    return f"{path.name} is cut short, as after a download that stopped: download it again."
