"""What a Photoshop file says of each layer before the pixels: its record."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadInput
from .layer import clean_name
from .psd_bytes import Bytes

# The lengths of these blocks have 8 bytes in a PSB.
_WIDE_BLOCKS = (b"LMsk", b"Lr16", b"Lr32", b"Layr", b"Mt16", b"Mt32", b"Mtrn", b"Alph", b"FMsk", b"lnk2", b"FEid", b"FXid",
                b"PxSD")  # fmt: skip


@dataclass
class Record:
    """top, left, bottom, right: pixels of the canvas; blend: the four-letter key; keys: of the blocks that follow."""

    top: int
    left: int
    bottom: int
    right: int
    channels: list[tuple[int, int]]  # (number, length in bytes)
    blend: bytes = b"norm"
    opacity: int = 255
    clipped: bool = False
    hidden: bool = False
    name: str = ""
    divider: int = 0  # 1, 2: the head of a group, open and closed; 3: its end
    group_blend: bytes = b""
    mask: Mask | None = None
    keys: set[bytes] = field(default_factory=set)

    @property
    def box(self) -> tuple[int, int]:
        return self.right - self.left, self.bottom - self.top


@dataclass(frozen=True)
class Mask:
    top: int
    left: int
    bottom: int
    right: int
    outside: int  # what it is outside its box, 0 or 255
    off: bool

    @property
    def pixels(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)


def read_record(info: Bytes) -> Record:
    top, left, bottom, right, count = info.numbers(">iiiiH")
    if count > 56:
        raise BadInput(f"The Photoshop file has a layer of {count} channels: it is damaged.")
    channels = [(info.number(">h"), info.length(info.big)) for _ in range(count)]
    if info.take(4) not in (b"8BIM", b"8B64"):
        raise BadInput("The Photoshop file is damaged: a layer's record does not look like one.")
    record = Record(top, left, bottom, right, channels)
    record.blend = info.take(4)
    record.opacity, clipping, flags, _ = info.numbers(">BBBB")
    record.clipped, record.hidden = clipping == 1, bool(flags & 2)
    extra = info.part(info.length())
    record.mask = _mask(extra.part(extra.length()))
    extra.take(extra.length())  # blending ranges
    size = extra.number(">B")
    record.name = clean_name(_decoded(extra.take(size)))
    extra.take(min(-(size + 1) % 4, extra.left))
    _blocks(extra, record)
    return record


def _decoded(name: bytes) -> str:
    """A name from before Unicode: ours is UTF-8, Photoshop's the Macintosh's of old."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("mac_roman")


def _blocks(extra: Bytes, record: Record) -> None:
    while extra.left >= 12:
        if extra.take(4) not in (b"8BIM", b"8B64"):
            return  # some programs pad to a length of their own
        key = extra.take(4)
        size = extra.length(extra.big and key in _WIDE_BLOCKS)
        block = extra.part(size)
        extra.take(min(size % 2, extra.left))
        record.keys.add(key)
        if key == b"luni":
            units = block.number(">I")
            record.name = clean_name(block.take(min(units * 2, block.left)).decode("utf-16-be", "replace"))
        elif key in (b"lsct", b"lsdk"):
            record.divider = block.number(">I") if block.left >= 4 else 0
            record.group_blend = block.take(8)[4:] if block.left >= 8 else record.blend
            if record.divider not in (1, 2, 3):
                record.divider = 0


def _mask(block: Bytes) -> Mask | None:
    if block.left < 18:
        return None
    top, left, bottom, right, outside, flags = block.numbers(">iiiiBB")
    return Mask(top, left, bottom, right, outside, bool(flags & 2))
