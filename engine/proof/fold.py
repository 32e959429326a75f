"""Words made comparable: what a reader of a poster would call the same letter is the same here.

Width, quotes, dashes, spaces, case and punctuation are folded away; what changes the meaning stays: letters with
their accents, digits, currency signs, and the point in 19.99.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from ..scripts import script_of

# Signs that are words of their own on a poster. Everything else that is neither letter nor digit is punctuation.
_SIGNS = frozenset("%‰&@#+=")
_TRADE = {ord(char): None for char in "™℠®©"}  # NFKC would make letters of some of them
# Marks that Arabic and Hebrew are mostly written without, the stroke that only makes a word longer, and the visarga of
# Indic scripts, which is drawn like a colon.
_OPTIONAL = frozenset(
    chr(code)
    for low, high in ((0x591, 0x5C7), (0x610, 0x61A), (0x640, 0x640), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6ED), (0x903, 0x903))
    for code in range(low, high + 1)
)  # fmt: skip
# Pairs that are one drawing in most fonts, or in Japanese ones: no reader can tell them apart, a person neither.
_SAME = dict(zip("カトニハロタエヘベペーオチヌ", "力卜二八口夕工へべぺ一才千又", strict=True)) | {
    "ı": "i", "İ": "i", "ی": "ي", "ک": "ك", "ہ": "ه", "ς": "σ", "×": "x",
}  # fmt: skip
# One drawing only in this case: "I" is not "i", but a capital I and a small L are the same stroke.
_TWINS = frozenset(
    frozenset(pair)
    for pair in (
        "Il", "O0", "ВB", "КK", "МM", "НH", "ТT", "АA", "аa", "ЕE", "еe", "ОO", "оo", "РP", "рp", "СC", "сc", "ХX", "хx",
        "УY", "уy", "ΑA", "ΒB", "ΕE", "ΖZ", "ΗH", "ΙI", "ΚK", "ΜM", "ΝN", "ΟO", "οo", "ΡP", "ΤT", "ΥY", "ΧX", "іi", "ІI",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """`letters`: one character each, in their own case. For each of them: `places`, its index in `text`; `words`, which
    word of the text it stands in, counted from 0.
    """

    text: str
    letters: tuple[str, ...]
    places: tuple[int, ...]
    words: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.letters)


def fold(text: str) -> Folded:
    """The letters of any string; a string without letters, digits and signs has none."""
    letters: list[str] = []
    places: list[int] = []
    words: list[int] = []
    word = -1
    open_word = False
    for at, raw in enumerate(text):
        for char in unicodedata.normalize("NFKC", raw.translate(_TRADE)):
            if char.isspace():
                open_word = False
                continue
            if not (_counts(char) or _between_digits(text, at, char)):
                continue
            word += not open_word
            open_word = True
            before = letters[-1] if letters and words[-1] == word else ""
            whole = (
                unicodedata.normalize("NFKC", before + char) if before and unicodedata.combining(char) else ""
            )
            if len(whole) == 1:  # a letter and the accent that was written after it
                letters[-1] = whole
                continue
            for letter in char if len(char.casefold()) == 1 or char == "İ" else char.casefold():
                letters.append(letter)
                places.append(at)
                words.append(word)
    return Folded(text, tuple(letters), tuple(places), tuple(words))


@cache
def plain(letter: str) -> str:
    """A letter as it is compared: without case, digits of every script as 0 to 9."""
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    small = _SAME.get(letter, letter).casefold()
    return _SAME.get(small, small)


@cache
def same(one: str, other: str) -> bool:
    """Whether two letters count as the same."""
    return plain(one) == plain(other) or frozenset((one, other)) in _TWINS


def parts_words(letters: tuple[str, ...]) -> bool:
    """Whether this is written with spaces between words: not so Chinese, Japanese, Thai, Lao, Khmer and Burmese."""
    unspaced = sum(
        script_of(letter) in ("han", "kana", "thai", "lao", "khmer", "myanmar") for letter in letters
    )
    return 2 * unspaced < len(letters)


def _counts(char: str) -> bool:
    if char in _OPTIONAL or "\ufe00" <= char <= "\ufe0f":
        return False
    kind = unicodedata.category(char)
    return kind[0] in "LN" or kind in ("Mn", "Mc", "Sc") or char in _SIGNS


def _between_digits(text: str, at: int, char: str) -> bool:
    """The point of 19.99, the comma of 19,99, the colon of 10:30."""
    return char in ".,:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
