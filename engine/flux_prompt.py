"""FLUX.2's structured prompt: JSON with the fields, and in the order, of Black Forest Labs' own schema.

Source: docs.bfl.ai, JSON structured prompting (base schema), HEX colours, typography; read 2026-11-21. The schema has no
field for words to be rendered: they stand under "text", early, because FLUX weighs early words more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .errors import BadInput
from .prompt import read, visible_text
from .structured import copy_fields

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_COLOUR_LINE = re.compile(r"(?:(.*?)\s*[:=：]\s*)?(\S+)")
_F_NUMBER = re.compile(r"(?:[fFƒ]\s*/?\s*)?(\d{1,2}(?:\.\d{1,2})?)")
_MILLIMETRES = re.compile(r"(\d{1,4}(?:\.\d)?)\s*(?:mm)?", re.I)
_EXACT = "the lettering is spelled exactly as in text, with no other text"
_SUBJECT_KEYS = ("description", "position", "action")


@dataclass(frozen=True)
class FluxPrompt:
    """What the picture shows, field by field; an empty field is left out.

    subjects: one a line, `description | position | action` with what follows the first left out at will.
    colors: one a line, `role: #RRGGBB` or a colour alone. copy: words to be rendered, one phrase a line.
    lens: millimetres, or words. f_number: such as 2.8 or f/2.8.
    """

    scene: str = ""
    subjects: str = ""
    style: str = ""
    colors: str = ""
    lighting: str = ""
    mood: str = ""
    background: str = ""
    composition: str = ""
    angle: str = ""
    lens: str = ""
    f_number: str = ""
    film: str = ""
    copy: str = ""


def build(prompt: FluxPrompt) -> str:
    """The JSON, indented, in the letters that were typed. Raises BadInput in one sentence."""
    fields: dict[str, Any] = {
        "scene": _text(prompt.scene),
        "subjects": _subjects(prompt.subjects),
        "text": _copy(prompt.copy),
        "style": _text(prompt.style),
        "color_palette": _colors(prompt.colors),
        "lighting": _text(prompt.lighting),
        "mood": _text(prompt.mood),
        "background": _text(prompt.background),
        "composition": _text(prompt.composition),
        "camera": _filled(
            {
                "angle": _text(prompt.angle),
                "lens": _lens(prompt.lens),
                "f-number": _f_number(prompt.f_number),
                "film": _text(prompt.film),
            }
        ),
    }
    if not any(fields[name] for name in ("scene", "subjects", "text")):
        raise BadInput("There is nothing to draw: fill in scene, subjects or copy.")
    text = _json(fields)
    if (
        fields["text"] and not read(text).copy
    ):  # quotations elsewhere can outweigh the field; a word on it decides
        text = _json({**fields, "typography": _EXACT})
    return text


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(_filled(fields), ensure_ascii=False, indent=2)


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _text(text: str) -> str:
    return visible_text(text).strip()


def _lines(text: str) -> list[str]:
    return [line for one in text.splitlines() if (line := _text(one))]


def _copy(text: str) -> list[str]:
    lines = _lines(text)
    for number, line in enumerate(lines, 1):
        if not copy_fields({"text": line}):
            raise BadInput(
                f"Phrase {number} of `copy` would be understood as no words at all: use Poster Copy, which quotes it."
            )
    return lines


def _subjects(text: str) -> list[dict[str, str]]:
    subjects = []
    for number, line in enumerate(_lines(text), 1):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) > len(_SUBJECT_KEYS) or not parts[0]:
            raise BadInput(
                f"Subject {number} must be a description, and if wanted its position and action: "
                "`a red fox | lower left | looking up`."
            )
        subjects.append(_filled(dict(zip(_SUBJECT_KEYS, parts, strict=False))))
    return subjects


def _colors(text: str) -> list[str]:
    """#RRGGBB (role): the form in which Black Forest Labs pair a HEX colour with what it is for."""
    colors = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (line := _text(line)):
            continue
        found = _COLOUR_LINE.fullmatch(line)
        colour = _HEX.fullmatch(found.group(2)) if found else None
        if found is None or colour is None:
            raise BadInput(
                f"Line {number} of `colors` has no HEX colour: write a role and six digits, such as `sky: #87CEEB`."
            )
        digits = colour.group(1).upper()
        if len(digits) == 3:
            digits = "".join(digit * 2 for digit in digits)
        role = (found.group(1) or "").strip()
        colors.append(f"#{digits} ({role})" if role else f"#{digits}")
    return colors


def _lens(text: str) -> str:
    text = _text(text)
    number = _MILLIMETRES.fullmatch(text)
    return f"{number.group(1)}mm" if number else text


def _f_number(text: str) -> str:
    text = _text(text)
    if not text:
        return ""
    number = _F_NUMBER.fullmatch(text.replace(",", "."))  # half of Europe writes 1,8
    if number is None or not 0.5 <= float(number.group(1)) <= 64:
        raise BadInput("The f-number must be a number from 0.5 to 64, such as `2.8` or `f/2.8`.")
    return f"f/{number.group(1)}"
