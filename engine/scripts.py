"""What Unicode says about a text, as far as setting it in type needs it: scripts, clusters, line breaks,
cleaning.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Scripts whose letters join, stack or run from right to left: without shaping they come out wrong, not just
# plain.
_COMPLEX = (
    "adlam arabic balinese bengali devanagari gujarati gurmukhi hebrew javanese kannada khmer lao malayalam "
    "mandaic mongolian myanmar nko oriya sinhala sundanese syriac tamil telugu thaana thai tibetan"
)
COMPLEX = frozenset(_COMPLEX.split())
_LANGUAGES = {
    "han": "Chinese",
    "hant": "Chinese",
    "kana": "Japanese",
    "hangul": "Korean",
    "nko": "N'Ko",
    "emoji": "emoji",
    "latin": "Latin with accents",
    "common": "symbols",
    "symbols": "symbols",
}
_FILLERS = "\u034f\u115f\u1160\u3164\uffa0"  # letters by name, nothing to the eye
_MARKS = 4  # kept on one letter: no language stacks more, but people who want to break layouts do
_PUNCTUATION = 12  # signs in a row that are kept together, even where any word would be cut

# Line breaking after JIS X 4051, the short form: what never starts a line, what never ends one.
_NO_START = frozenset(
    "、。，．・：；？！‼⁇⁈⁉゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗〟’”»›…‥—～〜％、｡｣､ﾞﾟ"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    ",.:;?!)]}%°،؛؟۔।॥"
)
_NO_END = frozenset("（〔［｛〈《「『【〘〖〝‘“«‹｢([{$¥€£￥＄＃#")


@lru_cache(maxsize=16_384)
def script_of(char: str) -> str:
    """The script of a character in small letters: "latin", "han", "kana", "hangul", "arabic" …

    "common" is what every script uses (digits, most punctuation), "emoji" and "symbols" are pictures and
    signs.
    """
    category, code = unicodedata.category(char), ord(char)
    name = unicodedata.name(char, "").replace("-", " ").split(" ")
    word = name[0].lower()
    if word in ("hiragana", "katakana"):
        return "kana"
    if word in ("hangul", "kangxi"):
        return "hangul" if word == "hangul" else "han"
    if word in ("cjk", "ideographic", "fullwidth", "halfwidth", "bopomofo") or 0x3000 <= code <= 0x303F:
        return "kana" if "KATAKANA" in name else "hangul" if "HANGUL" in name else "han"
    if 0x06F0 <= code <= 0x06F9:  # the digits of Persian and Urdu, EXTENDED ARABIC-INDIC by name
        return "arabic"
    if word in COMPLEX:
        return word
    if category in ("So", "Sk") or category in ("Co", "Cn"):
        return "emoji" if code >= 0x1F000 or 0x2600 <= code <= 0x27BF else "symbols"
    if category in ("Sm", "No", "Nl") and code > 0x2000:
        return "symbols"
    if category[0] == "L" and word not in ("modifier", "masculine", "feminine"):
        return word if word not in ("mathematical", "micro", "double", "script", "black") else "symbols"
    return "common"


def language_of(script: str) -> str:
    """A script's name for a person: "Korean", "Chinese", "Devanagari", "emoji"."""
    return _LANGUAGES.get(script, script.title())


def region_of(text: str) -> str:
    """Whose forms Chinese characters in a text should have: "kana", "hangul", "hant" (Taiwan) or "han"."""
    scripts = {script_of(char) for char in text}
    if "kana" in scripts or "hangul" in scripts:
        return "kana" if "kana" in scripts else "hangul"
    ideographs = "".join(char for char in text if "\u4e00" <= char <= "\u9fff")
    return "hant" if not _encodes(ideographs, "gb2312") and _encodes(ideographs, "big5") else "han"


def clean(text: str) -> str:
    """A text without what has no drawing and can only break a layout.

    Composed (NFC); every kind of line end is a newline, every other white space a plain space; control
    characters, direction overrides, variation selectors, lone surrogates and marks beyond the fourth on a
    letter are gone. The joiners of Arabic and Indic words stay where they do something: between two such
    letters.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    kept: list[str] = []
    marks = 0
    for at, char in enumerate(text):
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if char in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            kept.append("\n")
        elif char == "\t" or category == "Zs":
            kept.append("\u00a0" if char in "\u00a0\u202f" else "  " if char in "\t\u3000" else " ")
        elif char in "\u200c\u200d":
            beside = (text[at - 1 : at], text[at + 1 : at + 2])
            kept.append(char if all(c and script_of(c) in COMPLEX for c in beside) else "")
        elif not (category in ("Cc", "Cf", "Cs") or marks > _MARKS or char in _FILLERS or _is_selector(char)):
            kept.append(char)
    return "".join(kept)


def clusters(text: str) -> list[str]:
    """Letters together with the marks and joiners that follow them: never parted, always of one font."""
    found: list[str] = []
    for char in text:
        follows = unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"
        if found and follows and not found[-1].isspace():
            found[-1] += char
        else:
            found.append(char)
    return found


def pieces(text: str, anywhere: bool = False) -> list[str]:
    """A line of text cut wherever a new line may start; spaces stay at the end of the piece before them.

    Between words, after hyphens, and around Chinese characters and kana, except before closing punctuation
    and after opening punctuation. `anywhere` also cuts inside words (for what fits in no other way), under
    the same exception.
    """
    found: list[str] = []
    before, length = "", 0
    for cluster in clusters(text):
        length += 1
        if found and not _breaks(before, cluster, anywhere) and not (anywhere and length > _PUNCTUATION):
            found[-1] += cluster
        else:
            found.append(cluster)
            length = 1
        before = cluster
    return found


def _breaks(before: str, after: str, anywhere: bool) -> bool:
    if after == " " or "\u00a0" in (before, after):
        return False
    if before == " ":
        return after[0] not in _NO_START or after[0] in "…—"
    if after[0] in _NO_START or before[0] in _NO_END:
        return False
    if anywhere or (before in "-–/" and after[0].isalpha()):
        return True
    if all("\u30a0" < c[0] <= "\u30ff" for c in (before, after)):
        return False  # a katakana word is mostly a foreign one, and reads badly in two parts
    return any(script_of(c[0]) in ("han", "kana") for c in (before, after))


def _is_selector(char: str) -> bool:
    """Variation selectors, and the skin tones that would be swatches of colour without their emoji."""
    return (
        "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
