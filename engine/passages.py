"""A piece of copy, with what a renderer and a person want to know of it: its script, language and direction."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from .bidi import runs_right_to_left
from .scripts import script_of

# The script tells the language, as far as one language is by far its most frequent user.
_BY_SCRIPT = {
    "han": "Chinese", "kana": "Japanese", "hangul": "Korean", "arabic": "Arabic", "hebrew": "Hebrew", "thai": "Thai",
    "devanagari": "Hindi", "cyrillic": "Russian", "greek": "Greek",
}  # fmt: skip
_LETTERS = (
    ("Spanish", "ñ¿¡"), ("Portuguese", "ãõ"), ("German", "ßäöü"), ("Vietnamese", "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệ"), ("French", "çœèêëîïûù"),
    ("Turkish", "ğış"), ("Polish", "łąęśżźćń"), ("Spanish", "áíóú"), ("French", "éàâô"),
)  # fmt: skip
_SMALL_WORDS = {
    "Spanish": "el los las y de en con para por una del hoy", "French": "le les et de des du une est pour au avec ouvert",
    "German": "der die das und ein eine ist für mit im zum heute", "Portuguese": "o os e de da do em com para uma não",
    "Italian": "il lo gli e di per con una del della è",
    "English": "the and of to for is on you with in a your our we open sale happy new day",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Passage:
    """words, exactly; script as Unicode names it, in small letters; language "" where nothing tells."""

    words: str
    script: str
    language: str
    direction: Literal["left to right", "right to left"]


def passage(words: str) -> Passage:
    counts = Counter(
        script for char in words[:400] if (script := script_of(char)) not in ("common", "symbols", "emoji")
    )
    script = "kana" if counts["kana"] else max(counts, key=lambda name: counts[name], default="common")
    return Passage(
        words,
        script,
        _BY_SCRIPT.get(script) or (_latin_language(words.lower()) if script == "latin" else ""),
        "right to left" if runs_right_to_left(words) else "left to right",
    )


def _latin_language(lower: str) -> str:
    for language, letters in _LETTERS:
        if any(letter in lower for letter in letters):
            return language
    found = set(_WORD.findall(lower))
    scores = {language: len(found & set(small.split())) for language, small in _SMALL_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    if scores[best]:
        return best
    return "English" if lower.isascii() and found else ""
