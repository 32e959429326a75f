"""Reads a person's own rules from a small text of INI form.

    [models]
    prefer = flux-2-flex, qwen-image-3
    forbid = flux-2-max

    [rule logos]
    words = logo, brand mark*
    use = qwen-image-3

    [rule]
    language = Japanese, ko
    use = qwen, local

    [rule]
    tag = sketch
    use = draft

INI, because people write it by hand: no quotes, no brackets to close, comments, and a line to every error. Each line stands
for itself (a comment has `#` or `;` first); nothing is carried on in a second one, which is where configparser's own INI
surprises people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .errors import BadInput
from .models import all_models, find
from .user_rules import LANGUAGES, TAG, UserRule, UserRules

FILE = "rules.ini"
MOST_CHARACTERS = 64 * 1024  # of the file
_USES = {"family": ("qwen", "flux"), "place": ("local", "remote"), "tier": ("draft", "standard", "final")}
_KEYS = ("words", "language", "tag", "use")
_ITEM = re.compile(r'\s*(?:"([^"]*)"|“([^”]*)”|([^,]*))\s*(?:,|$)')


def parse_rules(text: str, name: str = FILE) -> UserRules:
    """The rules in `text`. Raises BadInput, one sentence with `name` and the line, for what cannot be understood."""
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"{name} is longer than {MOST_CHARACTERS // 1024} KB: rules for the router are short.")
    rules: list[UserRule] = []
    lists: dict[str, tuple[str, ...]] = {"prefer": (), "forbid": ()}
    lines: dict[str, int] = {}
    for title, line, entries in _sections(text, name):
        if title == "models":
            for key, (at, value) in entries.items():
                if key not in lists:
                    raise _wrong(name, at, f"[models] holds prefer and forbid only, not {_shown(key)}")
                lists[key] = tuple(_model(item, name, at, retired=key == "forbid") for item in _items(value))
                lines[key] = at
        elif title.split(None, 1)[:1] == ["rule"]:
            rules.append(_rule(len(rules) + 1, line, entries, name))
        else:
            raise _wrong(name, line, f"a section is [rule] or [models], not [{_shown(title)}]")
    made = UserRules(tuple(rules), lists["prefer"], lists["forbid"])
    _check_forbidden(made, lines, name)
    return made


def read_rules(file: Path) -> UserRules:
    """The rules in `file`, UTF-8. Raises BadInput as `parse_rules` does, and for a file that cannot be read."""
    try:
        text = file.read_bytes()[: MOST_CHARACTERS * 4 + 1].decode("utf-8-sig")
    except OSError as trouble:
        raise BadInput(
            f"{file.name} holds your rules for the router and cannot be read ({trouble.strerror}): mend it or take it away."
        ) from None
    except UnicodeDecodeError as trouble:
        line = trouble.object[: trouble.start].count(b"\n") + 1
        raise BadInput(f"{file.name}, line {line}: this is no UTF-8: save the file as UTF-8.") from None
    return parse_rules(text, file.name)


def _sections(text: str, name: str) -> Iterator[tuple[str, int, dict[str, tuple[int, str]]]]:
    """Title, line, and key -> (line, value) of each section."""
    title, began, entries = "", 0, dict[str, tuple[int, str]]()
    seen = set()
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            if began:
                yield title, began, entries
            title, began, entries = line[1:-1].strip().lower(), number, {}
            if title == "models" and title in seen:
                raise _wrong(name, number, "there is a [models] before it: put both into one")
            seen.add(title)
            continue
        key, equals, value = line.partition("=")
        key, value = key.strip().lower(), value.strip()
        if not equals or not key or not value:
            raise _wrong(name, number, "a line is [section], name = value, or a comment after #")
        if not began:
            raise _wrong(name, number, "it stands before the first [rule] or [models]")
        if key in entries:
            raise _wrong(
                name, number, f"{_shown(key)} is there twice in this section: put both into one line"
            )
        entries[key] = (number, value)
    if began:
        yield title, began, entries


def _rule(number: int, line: int, entries: dict[str, tuple[int, str]], name: str) -> UserRule:
    for key, (at, _) in entries.items():
        if key not in _KEYS:
            raise _wrong(name, at, f"a rule holds words, language, tag and use, not {_shown(key)}")
    if "use" not in entries or len(entries) < 2:
        raise _wrong(name, line, "a rule needs `use` and one of words, language and tag")
    items = {key: (at, tuple(_items(value))) for key, (at, value) in entries.items()}
    for key, (at, found) in items.items():
        if not found:
            raise _wrong(name, at, f"{key} is empty")
        if key == "words" and not all(re.search(r"\w", word) for word in found):
            raise _wrong(name, at, "a word has a letter or a digit")
    _, words = items.get("words", (line, ()))
    at, languages = items.get("language", (line, ()))
    languages = tuple(_language(item, name, at) for item in languages)
    at, tags = items.get("tag", (line, ()))
    tags = tuple(_tag(item, name, at) for item in tags)
    rule = UserRule(number, line, tuple(word.casefold() for word in words), languages, tags)
    return _used(rule, *items["use"][::-1], name)


def _used(rule: UserRule, items: tuple[str, ...], at: int, name: str) -> UserRule:
    """With what follows `use =`: models by their row ids, or a family and a place; and a tier."""
    for item in (item.lower() for item in items):
        kind = next((kind for kind, words in _USES.items() if item in words), "models")
        if kind == "models":
            rule = replace(rule, models=(*rule.models, _model(item, name, at)))
        elif getattr(rule, kind):
            raise _wrong(name, at, f"one {kind} can be used, not two")
        else:
            rule = replace(rule, **{kind: item})  # type: ignore[arg-type]  # one of three texts
    if rule.models and (rule.family or rule.place):
        raise _wrong(name, at, "a model has its family and its place already: name either")
    return rule


def _model(item: str, name: str, at: int, retired: bool = False) -> str:
    row = find(item)
    if row is None:
        from difflib import get_close_matches

        near = get_close_matches(item, [m.id for m in all_models().values() if m.offered], 1, 0.5)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise _wrong(name, at, f"no model is called {_shown(item)}{hint}")
    if not row.offered and not retired:
        hint = f": use {row.successor}" if row.successor else ""
        raise _wrong(name, at, f"{row.id} is not offered{' any more' if row.retired else ''}{hint}")
    return row.id


def _language(item: str, name: str, at: int) -> str:
    known = {language.lower(): language for language in LANGUAGES.values()}
    found = known.get(item.lower()) or LANGUAGES.get(item.lower())
    if found is None:
        raise _wrong(name, at, f"the language {_shown(item)} is not one of {', '.join(known.values())}")
    return found


def _tag(item: str, name: str, at: int) -> str:
    bare = item.removeprefix("#").removeprefix("[").removesuffix("]").casefold()
    if not TAG.fullmatch(f"#{bare}"):
        raise _wrong(name, at, "a tag is made of letters, digits, - and _")
    return bare


def _check_forbidden(rules: UserRules, lines: dict[str, int], name: str) -> None:
    """Raises BadInput where something is wanted and forbidden at once."""
    for model in rules.preferred:
        if model in rules.forbidden:
            raise _wrong(name, lines["prefer"], f"{model} is preferred and forbidden")
    for rule in rules.rules:
        if rule.models and set(rule.models) <= set(rules.forbidden):
            raise _wrong(name, rule.line, f"this rule asks for {rule.asks_for}, and [models] forbids it")


def _items(value: str) -> Iterator[str]:
    """Separated by commas; what holds a comma itself stands in quotation marks."""
    for match in _ITEM.finditer(value):
        if item := next(filter(None, match.groups()), "").strip():
            yield item


def _shown(words: str) -> str:
    return f"“{words[:40]}”"


def _wrong(name: str, line: int, why: str) -> BadInput:
    return BadInput(f"{name}, line {line}: {why}.")
