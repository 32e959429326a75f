"""The fonts of this machine: which of them has a given character, for headings, for facts and for code.

Folders are listed once, when a font is first asked for, and only files of known names are ever opened. What a
font covers is asked of the font itself, one character at a time, and remembered.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont, features

from .scripts import COMPLEX, script_of

Style = Literal["bold", "regular", "mono"]

# File names without their ending, in lower case, without spaces, hyphens and underscores: in order of
# preference.
_SUFFIXES = {
    "bold": ("bold", "bd", "b", "w6", "semibold", "demibold", "medium"),
    "regular": ("regular", "", "r", "book", "roman", "w3", "medium", "[wght]", "[wdth,wght]",
                "variablefontwght", "variablefontwdth,wght"),
}  # fmt: skip
_FAMILIES = {
    "general": "notosans dejavusans segoeui sfns helveticaneue arial liberationsans roboto opensans ubuntu "
    "freesans tahoma arialunicode arialunicodems",
    "mono": "notosansmono dejavusansmono consola menlo sfnsmono liberationmono ubuntumono cour freemono",
    "han": "notosanscjk notosanscjksc notosanssc sourcehansans sourcehansanssc sourcehansanscn pingfang "
    "hiraginosansgb stheiti msyh simhei simsun deng wqymicrohei wqyzenhei droidsansfallbackfull "
    "droidsansfallback notoserifcjk arialunicode",
    "hant": "notosanscjk notosanscjktc notosanstc sourcehansans sourcehansanstc pingfang msjh",
    "kana": "notosanscjk notosanscjkjp notosansjp sourcehansans sourcehansansjp ヒラギノ角ゴシック yugoth meiryo "
    "msgothic ipagp ipag ipaexg takaopgothic vlpgothicregular notoserifcjk",
    "hangul": "notosanscjk notosanscjkkr notosanskr sourcehansans sourcehansanskr applesdgothicneo malgun "
    "nanumgothic nanumbarungothic pretendard baekmukgulim undotum gulim notoserifcjk",
    "arabic": "notosansarabic notosansarabicui sfarabic geezapro segoeui dejavusans arial tahoma "
    "notonaskharabic kacstone freeserif",
    "hebrew": "notosanshebrew arialhb segoeui dejavusans arial",
    "devanagari": "notosansdevanagari kohinoor kohinoordevanagari devanagarisangammn nirmala mangal "
    "lohitdevanagari freesans",
    "thai": "notosansthai notoloopedthai thonburi leelawui leelauib tahoma garuda loma",
    "lao": "notosanslao notoloopedlao leelawui laosangammn",
    "emoji": "notoemoji seguiemj notosanssymbols2 notosanssymbols dejavusans symbola seguisym",
    "symbols": "dejavusans seguisym applesymbols notosanssymbols notosanssymbols2 notosansmath cambria "
    "arialunicode freeserif symbola",
}
# Any other script: Noto names its files after it, and so does Apple; the rest are those of Windows.
_BY_SCRIPT = (
    "notosans{0} notoserif{0} {0}sangammn {0}mn lohit{0} "
    "nirmala ebrima gadugi mmrtext himalaya monbaiti khmerui leelawui sylfaen javatext"
)
_EAST_ASIAN = ("han", "hant", "kana", "hangul")
# The collections that hold one face for each region, and where in the file it stands.
_REGIONS = {"notosanscjk": {"kana": 0, "hangul": 1, "han": 2, "hant": 3}}
_REGIONS["notoserifcjk"] = _REGIONS["sourcehansans"] = _REGIONS["notosanscjk"]


class Face:
    """One font of one file; `path` "" is the small one that Pillow carries (ASCII and little more)."""

    def __init__(self, path: str, index: int = 0):
        self.path, self.index = path, index
        self._probe: ImageFont.FreeTypeFont | None = None
        self.at = lru_cache(maxsize=64)(self._open)
        self.covers = cache(self._covers)

    def _open(self, size: int, layout: ImageFont.Layout | None = None) -> ImageFont.FreeTypeFont:
        """The font at `size` pixels per em; OSError where the file is broken."""
        if not self.path:
            return ImageFont.load_default(size)
        return ImageFont.truetype(self.path, size, index=self.index, layout_engine=layout)

    def _covers(self, char: str) -> bool:
        """Whether the font draws `char` as anything but the box (or the blank) that stands for "not here"."""
        try:
            drawn, absent = self._shape(char), self._shape("\uffff")  # U+FFFF is no character in any font
            return drawn != absent or char.isspace()
        except (OSError, ValueError):
            return False  # a broken font file must not stop a rehearsal

    def _shape(self, char: str) -> tuple[tuple[int, int], bytes]:
        # Basic layout: shaping would put a mark that stands alone on a dotted circle, which is never the box.
        self._probe = self._probe or self._open(24, ImageFont.Layout.BASIC)
        mask = self._probe.getmask(char)
        return mask.size, bytes(mask)


class Shelf:
    """All fonts in some folders, by default those of this machine. `shapes`: whether Pillow can join and
    reorder letters as Arabic or Hindi need it (libraqm with fribidi).
    """

    def __init__(self, folders: Iterable[Path | str] | None = None, shapes: bool | None = None):
        self.folders = [Path(folder) for folder in (font_folders() if folders is None else folders)]
        self.shapes = bool(features.check("raqm") and features.check("fribidi")) if shapes is None else shapes
        self._files: dict[str, str] | None = None
        self._faces = cache(self._find_faces)
        self.face = lru_cache(maxsize=16_384)(self._find_face)

    def _find_face(self, cluster: str, style: Style, region: str) -> Face | None:
        """The best font that has every character of `cluster` (a letter with its marks), or None.

        `region` is the language of the Chinese characters around: "han", "hant", "kana" or "hangul".
        """
        script = script_of(cluster[0])
        if script in COMPLEX and not self.shapes:
            return None
        if script in _EAST_ASIAN:
            script = region
        return next((f for f in self._faces(script, style) if all(map(f.covers, cluster))), None)

    def _find_faces(self, script: str, style: Style) -> tuple[Face, ...]:
        """The faces to try, best first. Nothing of it is opened yet."""
        named = _FAMILIES.get(script, "")
        if not named and script not in ("latin", "greek", "cyrillic", "common"):
            named = _BY_SCRIPT.format(script)
        tables = [_FAMILIES["mono"], named] if style == "mono" else [named]
        tables += [_FAMILIES[name] for name in _EAST_ASIAN if script in _EAST_ASIAN]
        order = " ".join([*tables, _FAMILIES["general"], _FAMILIES["symbols"]]).split()
        found = [self._file(family, style) for family in order]
        spots = (
            (path, _REGIONS.get(family, {}).get(script, 0))
            for family, path in zip(order, found, strict=True)
            if path
        )
        return (*(self._open(path, index) for path, index in dict.fromkeys(spots)), self._open("", 0))

    @staticmethod
    @cache
    def _open(path: str, index: int) -> Face:
        return Face(path, index)

    def _file(self, family: str, style: Style) -> str | None:
        if self._files is None:
            self._files = _font_files(self.folders)
        suffixes = _SUFFIXES["bold"] + _SUFFIXES["regular"] if style == "bold" else _SUFFIXES["regular"]
        return next((self._files[family + s] for s in suffixes if family + s in self._files), None)


@cache
def system_shelf() -> Shelf:
    return Shelf()


def font_folders() -> list[Path]:
    """Where this system keeps fonts: the machine's own folders first, then the person's."""
    home = Path.home()
    if sys.platform == "win32":
        windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
        return [Path(windows, "Fonts"), *([Path(local, "Microsoft", "Windows", "Fonts")] if local else [])]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    ]


def _font_files(folders: Iterable[Path]) -> dict[str, str]:
    """Every font file by its plain name; of two of one name the first. A missing folder has none."""
    files: dict[str, str] = {}
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                stem, ending = os.path.splitext(name)
                if ending.lower() in (".ttf", ".otf", ".ttc", ".otc"):
                    files.setdefault(_plain(stem), os.path.join(parent, name))
    return files


def _plain(stem: str) -> str:
    # macOS hands out names in decomposed form: the Japanese ones would not be found without NFC.
    return unicodedata.normalize("NFC", stem).lower().translate({ord(c): None for c in " -_"})
