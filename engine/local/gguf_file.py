"""The header of a GGUF file (version 2 or 3): tensor names, types and shapes. Nothing here needs the `gguf`
package.

The format is described in ggml's docs/gguf.md; the sizes of its blocks are those of ggml.h.
"""

from __future__ import annotations

import struct
from io import BufferedReader
from math import prod
from pathlib import Path

MOST = 1_000_000  # tensors, notes, or members of one note that is not a list of words
LONGEST = 64 * 2**20  # bytes of one text

# number -> (name, numbers in a block, bytes of a block)
TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 40), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 20: ("IQ4_NL", 32, 18), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1),
    25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 30: ("BF16", 1, 2),
}  # fmt: skip
_FIXED = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # kind of a note -> bytes
_TEXT, _LIST = 8, 9


class CutShort(Exception):
    """The file ends before what it announces."""


def read(path: Path) -> tuple[dict[str, tuple[str, tuple[int, ...]]], int]:
    """Tensor name -> (type, shape as PyTorch has it), and the byte at which the last tensor ends.

    Raises ValueError for what is no GGUF file, CutShort for half of one.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF" or _number(file, "I") not in (2, 3):
            raise ValueError
        tensors, notes = _count(file), _count(file)
        alignment = 32
        for _ in range(notes):
            name, kind = _text(file), _number(file, "I")
            value = _skip(file, kind)
            if name == b"general.alignment" and value:
                alignment = value
        found: dict[str, tuple[str, tuple[int, ...]]] = {}
        end = 0
        for _ in range(tensors):
            name = _text(file)
            sizes = [_number(file, "Q") for _ in range(min(_number(file, "I"), 9))]
            kind, offset = _number(file, "I"), _number(file, "Q")
            word, block, width = TYPES.get(kind, (f"type {kind}", 1, 0))
            if len(sizes) > 8 or any(size > 2**40 for size in sizes):
                raise ValueError
            found[name.decode("utf-8")] = (word, tuple(reversed(sizes)))
            end = max(end, offset + prod(sizes) // block * width)
        data = -(-file.tell() // alignment) * alignment
        return found, data + end if found else data


def _number(file: BufferedReader, kind: str) -> int:
    size = struct.calcsize(f"<{kind}")
    data = file.read(size)
    if len(data) < size:
        raise CutShort
    return int(struct.unpack(f"<{kind}", data)[0])


def _count(file: BufferedReader) -> int:
    number = _number(file, "Q")
    if number > MOST:
        raise ValueError
    return number


def _text(file: BufferedReader) -> bytes:
    length = _number(file, "Q")
    if length > LONGEST:
        raise ValueError
    data = file.read(length)
    if len(data) < length:
        raise CutShort
    return data


def _skip(file: BufferedReader, kind: int) -> int:
    """Reads over a note; the value where it is a 32-bit number, which is all that is asked for."""
    if kind == 4:
        return _number(file, "I")
    if kind in _FIXED:
        if len(file.read(_FIXED[kind])) < _FIXED[kind]:
            raise CutShort
    elif kind == _TEXT:
        _text(file)
    elif kind == _LIST:
        inner, length = _number(file, "I"), _number(file, "Q")
        if inner == _LIST or length > MOST or (inner != _TEXT and inner not in _FIXED):
            raise ValueError
        for _ in range(length):
            _skip(file, inner)
    else:
        raise ValueError
    return 0
