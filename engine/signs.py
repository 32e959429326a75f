"""What stands on a sign, a board or a screen without quotation marks: told by what follows the thing itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .words import Words

_CAPITAL = r"[A-ZÀ-ÖØ-ÞА-ЯЁ0-9$€£][\w’'&.%$°-]*"
# A run of capitalised words; small joining words may stand between two of them.
RUN = re.compile(
    rf"{_CAPITAL}(?:(?:,? (?:&|of|the|and|in|to|for|on|a|de|la|le|du|und|der)){{0,2}},? {_CAPITAL}){{0,9}}[!?]?"
)
_SHOWS = frozenset(
    (
        "sign",
        "signs",
        "signpost",
        "street sign",
        "road sign",
        "marquee sign",
        "display",
        "billboard",
        "marquee",
        "plaque",
        "placard",
        "banner",
    )
)
_SCREENS = frozenset(("screen", "monitor", "display", "board"))
# What a colon may follow, in several languages.
_SPEAKS = frozenset(
    (
        "sign",
        "signs",
        "street sign",
        "road sign",
        "placard",
        "note",
        "label",
        "plaque",
        "notice",
        "whiteboard",
        "chalkboard",
        "blackboard",
        "bubble",
        "pizarra",
        "pizarrón",
        "tafel",
        "lavagna",
        "pancarte",
        "panneau",
        "cartel",
        "letrero",
        "schild",
        "placa",
        "cartello",
        "табличка",
        "табличке",
        "вывеска",
        "вывеске",
        "вывеской",
        "вывеску",
    )
)
_ASKED = _SHOWS | {"note", "notice", "card", "board", "label", "letter", "sticker", "placard", "screen"}
_ANY = _SHOWS | _SCREENS | _SPEAKS | _ASKED
# A sign for Willow Creek, a display showing Northgate: the place is on it.
_FOR = re.compile(
    rf" (?:for|to|showing|pointing (?:\w+ )?(?:to|towards?)|directing (?:\w+ )?to|marked|marking) (?!AI\b|I\b)({RUN.pattern})"
)
# A sign on the door: back in five minutes.
_COLON = re.compile(r"[^.:,\n]{0,30} ?: ([^\W\d_][^.,;:\n]{2,60})")
# A tavern sign The Red Hen; a street sign at the corner of Elm St; a screen showing GAME OVER.
_NAME = r"(?:[A-Z][\w'’]*|\d{1,4})(?: (?:of|the|&|and|[A-Z0-9][\w'’]*)){1,5}"
_BARE = re.compile(f" ({_NAME})")
_STREET = re.compile(
    r"[^.,\n]{0,24}?\b(?:[A-Z]\w*|\d{1,3}(?:st|nd|rd|th)) (?:St|Ave|Street|Avenue|Road|Rd|Blvd|Boulevard|Lane|Drive)\b"
)
_LOUD = re.compile(rf" (?:showing|with) (?=[A-Z]{{2}})({_NAME})")
# A sign that asks people to be quiet.
_ASKS = re.compile(
    r" (?:(?:that|which) (?:asks|tells|warns|reminds|invites|thanks|welcomes|lists|explains|points out)|asking|telling|reminding|inviting|thanking|listing)\b"
)
# A pillow with Home Sweet Home in cross-stitch.
_WORKED = re.compile(
    rf" with (?=(?:(?:[A-Z][\w'’]*|&|and),? ){{2,7}}(?:in|across) (?:(?:[\w-]+ ){{1,2}}(?:script|letters|lettering|calligraphy|font|type)|cross-stitch|stitches|embroidery|script|cursive|letters|lettering|lights|paint|chalk|icing|frosting|beads|sequins|marker|neon|gold))({_NAME})"
)


def named_on_signs(words: Words, free: Callable[[int], bool]) -> Iterator[tuple[str, int, str]]:
    """(name of the evidence, place, the words or ""). free: whether a place lies outside of every quotation."""
    text = words.text
    for hit in words.of("SURFACES"):
        if hit.phrase not in _ANY or not free(hit.start) or words.refused(hit):
            continue
        colon = _COLON.match(text, hit.end) if hit.phrase in _SPEAKS else None
        if colon and free(colon.start(1)) and text[max(0, hit.start - 1) : hit.start] == " ":
            yield "perhaps announced", colon.start(1), colon.group(1)
        if hit.phrase in _ASKED and _ASKS.match(text, hit.end):
            yield "a named surface", hit.start, ""
        if hit.phrase in _SHOWS and _STREET.match(text, hit.end):
            yield "a named surface", hit.start, ""
        signs = [_FOR, *([] if words.shouts else [_BARE])] if hit.phrase in _SHOWS else []
        signs += [_LOUD] if hit.phrase in _SCREENS else []
        for sign in signs:
            if (match := sign.match(text, hit.end)) and free(match.start(1)):
                yield "a named surface", match.start(1), match.group(1)
    for match in () if words.shouts else _WORKED.finditer(text):
        if free(match.start(1)):
            yield "a named surface", match.start(1), match.group(1)
