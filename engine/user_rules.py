"""A person's own rules: pins by word, language or tag, preferred and forbidden models; and which of them a prompt meets.

They stand in a small file (see rules_file.py). A rule of the person's comes before ours, never before what a model can do
and what it may cost; and what is set on the node comes before both. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from .models import Model
from .prompt import Signals, visible_text

# By code; as the reader names the script of a prompt and the language of its copy.
LANGUAGES = {
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew", "th": "Thai", "hi": "Hindi",
    "ru": "Russian", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese",
    "it": "Italian", "vi": "Vietnamese", "tr": "Turkish", "pl": "Polish", "latin": "Latin", "cyrillic": "Cyrillic",
}  # fmt: skip
_SAME = {"Russian": ("Russian", "Cyrillic"), "Cyrillic": ("Russian", "Cyrillic")}
MOST_TAGS = 8  # at either end of a prompt
TAG = re.compile(r"#([\w-]+)|\[([\w-]+)\]")
# Written without spaces, or with endings that cling to the word: there a word is found wherever it stands.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = f"[^\\W{_UNSPACED}]"


@dataclass(frozen=True)
class UserRule:
    """One pin. number: its place among the rules of the file, from 1. What stays "" or empty is not asked for."""

    number: int
    line: int
    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    family: str = ""
    place: str = ""
    tier: str = ""

    @property
    def asks_for(self) -> str:
        """For a person: "flux-2-pro", "flux, local"."""
        return ", ".join([*self.models, *filter(None, (self.family, self.place))])

    def allows(self, model: Model) -> bool:
        if self.models:
            return model.id in self.models
        return self.family in ("", model.family) and self.place in ("", model.place)

    def fits(self, prompt: str, signals: Signals, tags: tuple[str, ...]) -> str:
        """What of it the prompt meets, for a person; "" where a condition is not met."""
        said = []
        for asked, found in (
            (self.words, self._word(prompt)),
            (self.languages, self._language(signals)),
            (self.tags, next((f"tag {tag}" for tag in self.tags if tag in tags), "")),
        ):
            if asked and not found:
                return ""
            said.append(found)
        return ", ".join(filter(None, said))

    def _word(self, prompt: str) -> str:
        """The word of the rule that comes first in the prompt; of several there the one that the rule names first."""
        found = [
            (match.start(), number)
            for number, word in enumerate(self.words)
            if _first_part(word) in prompt and (match := _word_pattern(word).search(prompt))
        ]
        return f"word “{self.words[min(found)[1]]}”" if found else ""

    def _language(self, signals: Signals) -> str:
        if not self.languages:
            return ""
        present = {*signals.scripts[:1], *(passage.language for passage in signals.passages)}
        met = (name for name in self.languages if present.intersection(_SAME.get(name, (name,))))
        return next(met, "")


@dataclass(frozen=True)
class Match:
    """The rule that holds for a prompt. because: what in the prompt met it, in the rule's own words."""

    rule: UserRule
    because: str

    @property
    def said(self) -> str:
        return f"your rule {self.rule.number} ({self.because})"


@dataclass(frozen=True)
class UserRules:
    """All that a person has laid down. No rule at all is what an empty file says."""

    rules: tuple[UserRule, ...] = ()
    preferred: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @cached_property
    def tags(self) -> frozenset[str]:
        return frozenset(tag for rule in self.rules for tag in rule.tags)

    @property
    def version(self) -> str:
        """Changes with what the rules say, not with how the file is laid out; "" where they say nothing."""
        said = [
            (r.words, r.languages, r.tags, r.models, r.family, r.place, r.tier) for r in self.rules
        ]  # the order is the number
        if not said and not self.preferred and not self.forbidden:
            return ""
        return sha256(repr((said, self.preferred, self.forbidden)).encode()).hexdigest()[:12]

    def match(self, prompt: str, signals: Signals) -> Match | None:
        """The first rule that fits."""
        if not self.rules:
            return None
        tags = self._split(prompt, signals)[1] if self.tags else ()
        plain = visible_text(prompt).casefold()
        for rule in self.rules:
            if because := rule.fits(plain, signals, tags):
                return Match(rule, because)
        return None

    def untagged(self, prompt: str, signals: Signals) -> str:
        """The prompt without the tags of these rules: they are for the router, and would be drawn."""
        return self._split(prompt, signals)[0] if self.tags else prompt

    def _split(self, prompt: str, signals: Signals) -> tuple[str, tuple[str, ...]]:
        """The prompt without its tags, and the tags: #name or [name], at its very start or end, and no words to be
        rendered."""
        found = []
        rest = prompt
        for first in [True] * MOST_TAGS + [False] * MOST_TAGS:
            if (cut := _cut(rest, first)) and (tag := self._known(cut[0], signals)):
                found.append(tag)
                rest = cut[1]
        return (rest, tuple(found)) if found else (prompt, ())

    def _known(self, token: str, signals: Signals) -> str:
        match = TAG.fullmatch(token)
        tag = (match[1] or match[2]).casefold() if match else ""
        return tag if tag in self.tags and not any(token in words for words in signals.copy) else ""


def _stem(word: str) -> str:
    return word.rstrip("*").strip() or word


def _first_part(word: str) -> str:
    """What stands in every prompt that the word can be found in. Most words stand in none, and are looked for no further: a
    rule of a thousand words in one pattern took seconds to read and to look for."""
    return _stem(word).split(None, 1)[0]


@lru_cache(maxsize=1024)
def _word_pattern(word: str) -> re.Pattern[str]:
    """Whole words; a * at the end takes any ending; white space is any white space."""
    stem = _stem(word)
    body = r"\s+".join(re.escape(part) for part in stem.split())
    before = f"(?<!{_LETTER})" if re.match(_LETTER, stem) else ""
    after = f"(?!{_LETTER})" if not word.endswith("*") and re.match(_LETTER, stem[-1]) else ""
    return re.compile(before + body + after)


def _cut(text: str, first: bool) -> tuple[str, str] | None:
    """The first or last token, and the rest; None where there is none, or nothing beside it."""
    pieces = text.split(None, 1) if first else text.rsplit(None, 1)[::-1]
    return (pieces[0], pieces[1]) if len(pieces) == 2 else None
