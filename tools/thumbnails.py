"""The pictures of the bundled workflows in the template browser: what is asked, where it goes, what comes out."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 640  # px; the template browser shows a square
LONGEST = 130  # characters of a prompt

_PAGE = """<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box; margin: 0 }
body { width: 640px; height: 640px; background: #14161b; color: #f2efe6; font: 25px/1.35 "Inter", "DejaVu Sans", "Noto Sans CJK SC", sans-serif;
  display: grid; grid-template-rows: auto auto 1fr; gap: 22px; padding: 34px 34px 0; overflow: hidden }
.asked { border-left: 5px solid #e8a13a; padding-left: 18px; max-height: 172px; overflow: hidden }
.ways { display: flex; gap: 12px; flex-wrap: wrap; font-size: 22px }
.way { border: 2px solid #383c47; color: #6d7280; border-radius: 99px; padding: 6px 18px; white-space: nowrap }
.way.taken { border-color: #e8a13a; background: #e8a13a; color: #14161b; font-weight: 700 }
.several { white-space: nowrap } .several div { overflow: hidden; text-overflow: ellipsis }
.shown { display: flex; justify-content: center; align-items: flex-start; min-height: 0; position: relative }
.shown img { width: 100%; height: 100%; object-fit: cover; object-position: top; border-radius: 10px 10px 0 0 }
.shown.whole img { object-fit: contain }
.shown.two { align-items: center; gap: 14px; padding-bottom: 34px }
.shown.two img { width: 40%; height: auto; border-radius: 10px } .shown.two img + img { width: 60% }
.shown.stack img { position: absolute; width: 58%; height: auto; border-radius: 8px; box-shadow: 0 4px 18px #000 }
.shown.grid { display: grid; grid-template: 1fr 1fr / auto auto; gap: 14px; padding-bottom: 34px }
.shown.grid img { width: auto; min-height: 0; border-radius: 8px; aspect-ratio: 1;
  background: repeating-conic-gradient(#4a4e59 0 25%, #363a44 0 50%) 0 0 / 28px 28px }
</style><div class="asked MANY">ASKED</div><div class="ways">WAYS</div><div class="shown KIND">SHOWN</div>"""


@dataclass(frozen=True)
class Card:
    """asked: the prompt, or several lines. ways: (words, whether it was chosen). pictures: files; with "two" what comes in and
    what comes out, with "stack" one behind the other, with "grid" layers, with "whole" one that is not to be cut."""

    asked: Sequence[str]
    ways: Sequence[tuple[str, bool]]
    pictures: Sequence[Path]
    kind: Literal["", "two", "stack", "grid", "whole"] = ""

    @property
    def page(self) -> str:
        """The card as HTML, `SIDE` px square."""
        lines = "".join(f"<div>{html.escape(_short(line))}</div>" for line in self.asked)
        ways = "".join(
            f'<span class="way{" taken" if taken else ""}">{html.escape(words)}</span>'
            for words, taken in self.ways
        )
        shown = "".join(self._image(n, path) for n, path in enumerate(self.pictures))
        parts = {
            "MANY": "several" if len(self.asked) > 1 else "",
            "ASKED": lines,
            "WAYS": ways,
            "KIND": self.kind,
        }
        page = _PAGE
        for key, value in {**parts, "SHOWN": shown}.items():
            page = page.replace(key, value, 1)
        return page

    def _image(self, n: int, path: Path) -> str:
        data = base64.b64encode(path.read_bytes()).decode()
        place = f' style="left: {n * 14}%; top: {n * 13}px"' if self.kind == "stack" else ""
        return f'<img{place} src="data:image/{path.suffix.lstrip(".")};base64,{data}">'


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else line[:LONGEST].rsplit(" ", 1)[0] + " …"
