"""Embeddings that were made before, in memory and on disk: moving an encoder of 8 to 47 GB is what a prompt
costs.

A key is made of everything that the embedding depends on and of nothing else. Files hold numbers only, their
names are hashes: no prompt can be read from the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from .conditioning import Conditioning

if TYPE_CHECKING:
    from torch import Tensor

VERSION = "1"  # of the encoders' code here: a new one when the same inputs are to give other numbers
MEMORY = 256 * 2**20  # bytes; FLUX.2 dev's take 16 MB each, Qwen-Image's half a megabyte
DISK = 2 * 2**30  # bytes


class EmbeddingCache:
    """The least recently used go first. `folder` None keeps nothing on disk; limits are in bytes. May be
    shared by threads.

    The disk is a convenience: a file that cannot be read counts as absent, and one that cannot be written is
    not missed.
    """

    def __init__(self, folder: Path | None = None, *, disk: int = DISK, memory: int = MEMORY):
        self._folder = folder
        self._disk = disk
        self._memory = memory
        self._kept: OrderedDict[str, Conditioning] = OrderedDict()
        self._lock = Lock()

    def key(self, identities: Iterable[str], recipe: str, tensors: Mapping[str, Tensor]) -> str:
        """Of the encoders' files and dtypes, of what is kept of their answer, and of the tokens and pixels
        they are given.

        Tokens stand for the prompt, its template, the tokenizer and the limit; pixels for the references and
        their size.
        """
        digest = hashlib.sha256()
        for word in (VERSION, *identities, recipe):
            digest.update(f"{len(word)}:{word};".encode())
        for name, tensor in sorted(tensors.items()):
            digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype};".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def get(self, key: str) -> Conditioning | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._read(key)
        if found is not None:
            self._remember(key, found)
        return found

    def put(self, key: str, conditioning: Conditioning) -> None:
        self._remember(key, conditioning)
        if self._folder is not None:
            self._write(key, conditioning)
            self._shrink()

    def _remember(self, key: str, conditioning: Conditioning) -> None:
        with self._lock:
            self._kept[key] = conditioning
            self._kept.move_to_end(key)
            size = sum(_bytes(one) for one in self._kept.values())
            while size > self._memory:
                size -= _bytes(self._kept.popitem(last=False)[1])

    def _read(self, key: str) -> Conditioning | None:
        from safetensors import SafetensorError
        from safetensors.torch import load

        if self._folder is None:
            return None
        path = self._path(key)
        try:
            found = _conditioning(load(path.read_bytes()))
        except OSError:
            return None
        except (SafetensorError, KeyError, ValueError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # its turn to be dropped comes later
        return found

    def _write(self, key: str, conditioning: Conditioning) -> None:
        from safetensors.torch import save

        path = self._path(key)
        begun = path.with_name(f"{key}.{uuid.uuid4().hex}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with begun.open("wb") as file:
                file.write(save(_tensors(conditioning)))
                file.flush()
                os.fsync(file.fileno())  # or a power cut leaves a whole name on an empty file
            begun.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                begun.unlink()

    def _shrink(self) -> None:
        """Drops the files used longest ago. Parts that a stopped ComfyUI left behind age and go like the
        rest.
        """
        assert self._folder is not None
        files = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.suffix in (".safetensors", ".part"):
                    with contextlib.suppress(OSError):
                        files.append((path.stat().st_mtime_ns, path.stat().st_size, path))
        size = sum(bytes_ for _, bytes_, _ in files)
        for _, bytes_, path in sorted(files):
            if size <= self._disk:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            size -= bytes_

    def _path(self, key: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{key}.safetensors"


def _tensors(conditioning: Conditioning) -> dict[str, Tensor]:
    named = {"embeds": conditioning.embeds, "pooled": conditioning.pooled, "mask": conditioning.mask}
    named |= {f"extra.{name}": value for name, value in conditioning.extra.items()}
    return {name: tensor.contiguous() for name, tensor in named.items() if tensor is not None}


def _conditioning(tensors: Mapping[str, Tensor]) -> Conditioning:
    extra = {
        name.removeprefix("extra."): value for name, value in tensors.items() if name.startswith("extra.")
    }
    return Conditioning(tensors["embeds"], tensors.get("pooled"), tensors.get("mask"), extra)


def _bytes(conditioning: Conditioning) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in _tensors(conditioning).values())
