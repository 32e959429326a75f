"""Slips of the keyboard in the words that matter: letters swapped ("sgin"), one too many or too few ("infografic")."""

from __future__ import annotations

from functools import cache, lru_cache

# Words that ask for lettering or take it back, as people mistype them.
_KEYWORDS = [
    "sign",
    "says",
    "that",
    "reads",
    "saying",
    "reading",
    "poster",
    "card",
    "birthday",
    "text",
    "words",
    "word",
    "menu",
    "title",
    "label",
    "logo",
    "banner",
    "written",
    "writing",
    "letters",
    "message",
    "headline",
    "caption",
    "quote",
    "invitation",
    "infographic",
    "calendar",
    "certificate",
    "sticker",
    "shirt",
    "billboard",
    "newspaper",
    "magazine",
    "cover",
    "flyer",
    "brochure",
    "ticket",
    "wedding",
    "greeting",
    "neon",
    "tagline",
    "slogan",
    "typography",
    "lettering",
    "diagram",
    "flowchart",
    "price",
    "chalkboard",
    "storefront",
    "license",
    "plate",
    "business",
    "printed",
    "engraved",
    "without",
    "watermark",
]
# What looks like one of them and is a word of its own.
_OTHERS = frozenset(["littering", "imitation", "deadline", "wording", "weeding"])
_SHORT_FORMS = {"txt": "text", "msg": "message", "bday": "birthday", "sez": "says"}
_LONG = 8  # letters; shorter words have too many neighbours for a wrong letter


@lru_cache(maxsize=8192)
def meant(word: str) -> str:
    """The word that a misspelt one stands for, else the word itself."""
    if not word.isascii() or not 3 <= len(word) <= 16:
        return word
    if word in _SHORT_FORMS:
        return _SHORT_FORMS[word]
    if len(word) < 4 or word in _OTHERS:
        return word
    if swapped := _signatures().get(_signature(word)):
        return swapped
    sound, wrong = word.replace("ph", "f"), _one_letter_off()
    if len(sound) < _LONG - 1 or sound[0] not in wrong:
        return word
    near = wrong[sound[0]]
    return near.get(sound) or next((near[cut] for cut in _cuts(sound) if cut in near), word)


def _signature(word: str) -> str:
    """First and last letter, and what lies between in any order."""
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


@cache
def _signatures() -> dict[str, str]:
    return {_signature(word): word for word in _KEYWORDS if len(word) >= 4}


@cache
def _one_letter_off() -> dict[str, dict[str, str]]:
    """By first letter: every long word, whole and with one letter (never the first) left out."""
    index: dict[str, dict[str, str]] = {}
    for word in _KEYWORDS:
        if len(word) >= _LONG:
            sound = word.replace("ph", "f")
            index.setdefault(word[0], {}).update((cut, word) for cut in (sound, *_cuts(sound)))
    return index


def _cuts(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(1, len(word))]
