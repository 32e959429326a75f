"""Speaks a model's dialect: the prompt as its documentation wants it, with the words to be rendered untouched.

How a model wants it is a column of the table (`models.Dialect`). Whatever is doubtful is left as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from .errors import BadInput
from .models import Endpoint, Model
from .prompt import Signals, read, scripts
from .quoting import announced_quoted, changed, copy_spans, straightened
from .shorten import shortened, tokens_about
from .unfold import unfolded

LONGEST = 20_000  # characters; longer prompts are not rewritten
_READ = 1000  # characters by which the language of a prompt is told
_SURE = 0.7  # of the tokens that a model reads: T5 makes up to 1.4 times as many as are counted here
_ROUNDS = 4  # each rewriting may make room for another; what has not settled by then goes out as typed
_AT = re.compile(r"(?<![\w@])@(?:image|img|ref|reference|picture)[ _-]?(\d+)\b", re.I)
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_ENGLISH = re.compile(r"\b(?:a|an|the|of|and|with|in|on|at|by|from|for|is|are|to)\b")
_NOT_ENGLISH = re.compile(
    r"\b(?:de|del|la|las|el|los|un|una|con|y|en|le|les|et|des|du|une|dans|avec|der|die|das|und|ein|eine|mit|im|auf|dem|il|lo|di|"
    r"da|do|dos|com|para|uma|um|em|na|no|het|een|met|van|i|w|z|ve|bir|dan|dengan|yang|và|một)\b"
)
_CLAUSE = re.compile(r"[,，、;；.\n]")


@dataclass(frozen=True)
class Spoken:
    """What goes out. expansion: False where the service must not rewrite the prompt, None where its default may hold.
    notes: what was changed and what will not act, each a clause for a person that quotes nothing of the prompt."""

    prompt: str
    negative: str = ""
    expansion: bool | None = None
    notes: tuple[str, ...] = ()


def speak(
    prompt: str, negative: str, model: Model, endpoint: Endpoint, signals: Signals, *, shorten: bool = False
) -> Spoken:
    """`prompt` and `negative` as `model` wants them at `endpoint`. signals: what `read(prompt)` found.

    Raises BadInput in one sentence for what is too long, unless it may be shortened and can be. Saying twice is the
    same as saying once.
    """
    talk = _Talk(model, endpoint, shorten)
    said = talk.settled(prompt, signals)
    kept, word = heeded(negative, model, endpoint)
    kept = talk.negative(kept)
    expansion = False if signals.copy else None
    if expansion is False and endpoint.rewriter is not None and endpoint.rewriter.default:
        talk.notes.append("prompt expansion is off, so that the words stay as typed")
    notes = (*talk.notes, word, talk.tokens_note(said))
    return Spoken(said, kept, expansion, tuple(dict.fromkeys(filter(None, notes))))


def heeded(negative: str, model: Model, endpoint: Endpoint) -> tuple[str, str]:
    """The negative prompt as far as it acts, and a word where it does not."""
    if not negative.strip():
        return "", ""
    if endpoint.param("negative_prompt") is None:
        return "", f"{model.name} takes no negative prompt"
    guidance = endpoint.param("true_cfg_scale") or endpoint.param("guidance_scale")
    if guidance is not None and isinstance(guidance.default, (int, float)) and guidance.default <= 1:
        return negative, f"with {model.name} a negative prompt acts only at a guidance above 1"
    return negative, ""


@dataclass
class _Talk:
    """One prompt on its way to one endpoint; `notes` gathers what was done to it."""

    model: Model
    endpoint: Endpoint
    shorten: bool
    notes: list[str] = field(default_factory=list)

    def settled(self, prompt: str, signals: Signals) -> str:
        """The prompt once no rule changes it any more; as typed, where they never come to an end."""
        said = prompt
        for _ in range(_ROUNDS):
            now = self._once(said, signals)
            if now == said:
                break
            said, signals = now, read(now)
        else:
            said, self.notes = prompt, []
        if not self._fits(said) and self._fits(prompt):
            said, self.notes = prompt, []  # rather as typed than too long
        self._refuse_long("prompt", said, self.endpoint.prompt_chars)
        return said

    def negative(self, negative: str) -> str:
        most = self.endpoint.negative_chars
        if self.shorten and most is not None and len(negative) > most:
            ends = [cut.start() for cut in _CLAUSE.finditer(negative, 0, most + 1)]
            if ends:
                negative = negative[: ends[-1]]
                self.notes.append(f"the end of the negative prompt was left out to fit {most} characters")
        self._refuse_long("negative prompt", negative, most)
        return negative

    def tokens_note(self, said: str) -> str:
        most = self.endpoint.prompt_tokens
        if most is None or len(said) < most or (count := tokens_about(said)) <= most:
            return ""
        return f"the prompt has about {count} tokens, and {self.model.name} reads {most}: it may have to be shorter"

    def _once(self, said: str, signals: Signals) -> str:
        if len(said) <= LONGEST:
            for rule in (self._prose, self._pictures, self._quotes):
                said, signals = self._checked(rule, said, signals)
        if signals.is_json and self._foreign_json():
            self.notes.append(f"{self.model.name} is not known to read JSON: it goes out as typed")
        if self.shorten and not self._fits(said):
            said, signals = self._checked(self._shortened, said, signals)
        if len(said) <= LONGEST:
            said, signals = self._checked(self._suffix, said, signals)
        return said

    def _checked(
        self, rule: Callable[[str, Signals], tuple[str, str]], said: str, signals: Signals
    ) -> tuple[str, Signals]:
        """What a rule makes of the prompt, if the same words are to be rendered before and after."""
        now, note = rule(said, signals)
        if now == said:
            return said, signals
        after = read(now)
        same = after.copy == signals.copy and after.asks_for_text == signals.asks_for_text
        if not same or any(words in said and words not in now for words in signals.copy):
            return said, signals
        self.notes.append(note)
        return now, after

    def _prose(self, said: str, signals: Signals) -> tuple[str, str]:
        """JSON as prose, for models that are not known to read JSON."""
        prose = unfolded(said, signals.copy) if signals.is_json and self._foreign_json() else None
        if prose is None or any(leaf not in prose[0] for leaf in prose[1]):
            return said, ""
        return prose[0], f"the JSON is sent as prose: {self.model.name} is not known to read JSON"

    def _pictures(self, said: str, signals: Signals) -> tuple[str, str]:
        """@image1 under the name that the model gives to it, but not within words to be rendered."""
        name = self.model.dialect.pictures
        if not name or self.endpoint.task not in ("edit", "inpaint") or "@" not in said:
            return said, ""
        spans = copy_spans(said, signals.copy)
        found = [
            match
            for match in _AT.finditer(said)
            if not any(start < match.end() and match.start() < end for start, end in spans)
        ]
        if any(int(match.group(1)[:4]) == 0 for match in found):
            return said, ""  # does somebody count from nought?
        changes = [
            (match.start(), match.end(), name.replace("{n}", match.group(1).lstrip("0"))) for match in found
        ]
        return changed(
            said, changes
        ), f"references are called {name.replace('{n}', '1')}, as the model knows them"

    def _quotes(self, said: str, signals: Signals) -> tuple[str, str]:
        """Quotation marks around the words to be rendered."""
        if not signals.copy or signals.is_json or not self.model.dialect.quotes:
            return said, ""
        straight = self.model.dialect.quotes == "straight"
        now = straightened(said, signals.copy) if straight else said
        return announced_quoted(now, signals.copy), "the words to be rendered are in quotation marks"

    def _suffix(self, said: str, signals: Signals) -> tuple[str, str]:
        """What the model's own quick start appends, in the language of the prompt."""
        suffixes = dict(self.model.dialect.suffixes)
        if not suffixes or self.endpoint.task != "generate" or signals.is_json or not said.strip():
            return said, ""
        words = suffixes.get(_language(said[:_READ], signals))
        if words is None or any(any(part in said for part in _core(one)) for one in suffixes.values()):
            return said, ""
        bare = said.rstrip()
        now = f"{bare}{' ' if bare.endswith(_SENTENCE_ENDS) else ', '}{words}"
        return (now, "the ending that Qwen's quick start uses is appended") if self._fits(now) else (said, "")

    def _shortened(self, said: str, signals: Signals) -> tuple[str, str]:
        less = None if signals.is_json else shortened(said, signals.copy, partial(self._fits, share=_SURE))
        if less is None:
            return said, ""
        text, count = less
        what = "a sentence" if count == 1 else f"{count} sentences"
        return (
            text,
            f"{what} ({len(said) - len(text)} characters) left out to fit what {self.model.name} reads",
        )

    def _foreign_json(self) -> bool:
        return bool(self.model.dialect.source) and not self.model.dialect.json

    def _fits(self, text: str, share: float = 1.0) -> bool:
        """Whether the model reads all of it; `share` of its tokens, for they are only counted roughly."""
        chars, tokens = self.endpoint.prompt_chars, self.endpoint.prompt_tokens
        if chars is not None and len(text) > chars:
            return False
        return tokens is None or len(text) < share * tokens or tokens_about(text) <= share * tokens

    def _refuse_long(self, name: str, text: str, most: int | None) -> None:
        if most is not None and len(text) > most:
            raise BadInput(
                f"The {name} has {len(text)} characters, and {self.model.name} reads at most {most}: shorten it."
            )


def _core(suffix: str) -> tuple[str, ...]:
    """By what a suffix that is there already is known, however it was joined."""
    return suffix.rstrip("."), suffix.rstrip(".").lower()


def _language(text: str, signals: Signals) -> str:
    """ "Chinese", "English" or "": that of the prompt, whatever the words to be rendered are written in."""
    for words in signals.copy:
        text = text.replace(words, " ")
    script = next(iter(scripts(text)), "")
    if script != "Latin":
        return "Chinese" if script == "Chinese" else ""
    lower = text.lower()
    return "English" if len(_ENGLISH.findall(lower)) > len(_NOT_ENGLISH.findall(lower)) else ""
