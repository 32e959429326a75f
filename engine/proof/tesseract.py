"""A `tesseract` program, where there is one, for the scripts that the other reader's model does not know.

It is given straightened lines, one at a time (`--psm 7`): on a whole poster it loses what is turned or set on a picture.
Only language packs that are really installed are asked for, and without a shell.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..scripts import script_of
from .crop import level
from .verdict import Line, Quad

if TYPE_CHECKING:
    import numpy as np

_SECONDS = 20  # for one line; it takes a fifth of a second
_MOST_LINES = 60
_HIGH = (
    40  # px: what a line is scaled to; of 40 noisy lines, Korean and Arabic, 38 come out right, and 35 at 64
)
_SMALL, _BROAD = (
    8,
    4000,
)  # px: the least side of a line that is worth asking about, the most that is asked about
# The packs that read a script, the likeliest first. Letters of one language among them decide before that.
_PACKS = {
    "cyrillic": ("rus", "ukr", "bul", "srp", "bel"), "hangul": ("kor",), "arabic": ("ara", "fas", "urd"),
    "devanagari": ("hin", "mar", "nep"), "hebrew": ("heb",), "thai": ("tha",), "greek": ("ell",), "bengali": ("ben",),
    "tamil": ("tam",), "telugu": ("tel",), "kannada": ("kan",), "malayalam": ("mal",), "gujarati": ("guj",),
    "gurmukhi": ("pan",), "georgian": ("kat",), "armenian": ("hye",), "latin": ("vie", "eng"), "han": ("chi_sim", "chi_tra"),
    "kana": ("jpn",), "lao": ("lao",), "khmer": ("khm",), "myanmar": ("mya",), "sinhala": ("sin",), "ethiopic": ("amh",),
}  # fmt: skip
_TELLING = {"ukr": "іїєґ", "bel": "ў", "fas": "پچژگ", "urd": "ٹڈڑے"}


@dataclass(frozen=True)
class Tesseract:
    """`program`: its path; `packs`: the installed languages; `run`: subprocess.run, or a test's stand-in."""

    program: str
    packs: frozenset[str]
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run

    def language(self, letters: Sequence[str]) -> str:
        """The packs for a phrase, as `-l` takes them ("rus+eng"); "" where one of its scripts has none installed."""
        wanted = list(
            dict.fromkeys(
                script for char in letters if (script := script_of(char)) not in ("common", "symbols")
            )
        )
        found = [self._pack(script, letters) for script in wanted]
        return "+".join(dict.fromkeys(found)) if found and all(found) else ""

    def read(self, pixels: np.ndarray, quads: Sequence[Quad], language: str) -> tuple[Line, ...]:
        """The lines in some boxes of an RGB picture (uint8 [H,W,3]), each straightened; those with nothing are left out."""
        lines = []
        for quad in quads[:_MOST_LINES]:
            text = self._line(pixels, quad, language)
            if text:
                lines.append(Line(text, quad))
        return tuple(lines)

    def _pack(self, script: str, letters: Sequence[str]) -> str:
        packs = _PACKS.get(script, ())
        telling = [p for p in packs if any(char.lower() in _TELLING.get(p, "") for char in letters)]
        return next((p for p in (*telling, *packs) if p in self.packs), "")

    def _line(self, pixels: np.ndarray, quad: Quad, language: str) -> str:
        picture = straightened(pixels, quad)
        if not picture:
            return ""
        command = [self.program, "stdin", "stdout", "-l", language, "--psm", "7"]
        try:
            done = self.run(
                command, input=picture, capture_output=True, timeout=_SECONDS, env=None, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return ""  # a line that is not read is a line that is not found
        return " ".join(done.stdout.decode("utf-8", "replace").split()) if done.returncode == 0 else ""


@cache
def find_tesseract() -> Tesseract | None:
    """The program on the PATH with what it can read; None where there is none that answers. Looked for once."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        done = subprocess.run([program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    listed = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()[1:]  # below a heading
    return Tesseract(program, frozenset(name.strip() for name in listed)) if done.returncode == 0 else None


def straightened(pixels: np.ndarray, quad: Quad) -> bytes:
    """One line as a PNG, level, about _HIGH pixels high with a margin; b"" where the box is too small to hold letters."""
    import numpy as np
    from PIL import ImageOps

    line = level(pixels, quad, _HIGH)
    if line is None:
        return b""
    grey = ImageOps.autocontrast(line.convert("L"))
    values = np.asarray(grey)
    ground = int(np.median(values[[0, 1, -2, -1]]))
    if ground < 128:  # light letters on dark: tesseract reads black on white best
        grey, ground = ImageOps.invert(grey), 255 - ground
    out = io.BytesIO()
    ImageOps.expand(grey, 8, fill=ground).save(out, "PNG", compress_level=1)
    return out.getvalue()
