"""What a quotation in a prompt is for: words to be rendered, words that are heard, a style, a shape, a field's value."""

from __future__ import annotations

import re

from .quotes import Quote
from .words import Words

ADJACENT = 14  # characters: 'Open' sign, a sign with 'Open'
_BEFORE, _AFTER = 80, 45  # characters around a quotation in which its purpose stands
_KEY_ENDS = tuple('\n:：=,.。，{}"“”')  # what no key has in it
_LONGEST_KEY = 40
_COLONS = (":", "：", "=")
_SHAPE = re.compile(
    r"^[\s-]*(?:shaped?|sign\b|neck|pose|formation|pattern|silhouette|型|自?字?形|字型|字领|자|förmig)", re.I
)
_SHAPE_OF = re.compile(
    r"(?:forma de|forme de|forma di|shape of an?|in Form eines|в форме|в виде|รูปตัว|รูป|ทรง) ?$"
)
_NAMED = re.compile(
    r"\b(?:called|named|name|company|brand|titled|band|shop|café|cafe|bar|restaurant|store|event|studio)\s*$"
)
_WORK_OF = re.compile(  # Vermeer's "The Milkmaid", turner's painting "the fighting temeraire"
    r"[A-Z]\w+(?:['’]s|s['’]) $|(?:['’]s|s['’]) (?:[\w-]+ )?(?:painting|film|movie|novel|song|album|poem|opera|play|sculpture|ballet|fresco|etching) $"
)
_ATTRIBUTE = re.compile(r"\b[Aa]n? $"), re.compile(r" [a-z]")  # a "Wild West" town


def purpose(words: Words, quote: Quote, last_end: int, until: int) -> str:
    """written, asked, carried, near a surface: on something that carries lettering; heard, spoken, shape, title, field:
    not; capitals, one capital word, many words, attribute, plain: what the words look like where nothing tells.

    last_end: where the quotation before it ends; until: where the next one starts.
    """
    around = _Around(words, quote, last_end, until)
    if _is_shape(words, quote):
        return "shape"
    if field := _of_a_field(around):
        return field
    if _is_heard(around):
        return "heard"
    return _by_what_is_near(around) or ("title" if quote.is_title else _looks(words, quote))


class _Around:
    """The sentence around a quotation, as far as it can tell what the quotation is for: start to end."""

    def __init__(self, words: Words, quote: Quote, last_end: int, until: int):
        self.words, self.quote = words, quote
        self.start = max(words.sentence(quote.start)[0], quote.start - _BEFORE, last_end, 0)
        end = min(max(words.sentence(max(quote.end - 1, 0))[1], quote.end), quote.end + _AFTER, until)
        if end <= quote.end and quote.end < until:  # the sentence ends inside the marks: "Stop!" she said
            end = min(quote.end + _AFTER, until, words.sentence(quote.end)[1])
        self.end = end

    def near(self, concept: str, gap: int = _BEFORE) -> bool:
        """Whether a phrase of a concept that nothing takes back stands within so many characters."""
        words, quote = self.words, self.quote
        before = words.between(concept, max(self.start, quote.start - gap), quote.start)
        after = words.between(concept, quote.end, min(self.end, quote.end + gap))
        return any(not words.refused(hit) for hit in (*before, *after))


def _is_shape(words: Words, quote: Quote) -> bool:
    return len(quote.words) <= 2 and bool(
        _SHAPE.match(words.text[quote.end : quote.end + 12])
        or _SHAPE_OF.search(words.text[max(0, quote.start - 20) : quote.start])
    )


def _of_a_field(around: _Around) -> str:
    """What the key before a colon says of its value; "" where there is none."""
    words, quote = around.words, around.quote
    low = max(0, quote.start - 48)
    key = words.text[low : quote.start].rstrip().removesuffix("[").rstrip()
    if not key.endswith(_COLONS):
        return ""
    key = key[:-1].rstrip()
    key = key[:-1] if key.endswith(('"', "”")) else key
    end = low + len(key)
    start = max(low + 1 + max(map(key.rfind, _KEY_ENDS)), end - _LONGEST_KEY)
    if start >= end:
        return ""
    if words.between("SURFACES", start, end) and (" " in quote.words or not quote.words.isascii()):
        return "carried"
    return "asked" if words.between("COPY", start, end) or around.near("WRITES", 32) else "field"


def _by_what_is_near(around: _Around) -> str:
    words, quote, near = around.words, around.quote, around.near
    surface, asked = near("SURFACES"), near("COPY")
    if near("WRITES", 60):
        said = _is_said(words, quote, around.start)
        said = said or ((near("PEOPLE") or near("PRONOUNS")) and not surface)
        return "spoken" if said and not asked else "written"
    if asked:
        return "asked"
    if near("SURFACES", ADJACENT) or near("SHEETS", ADJACENT):
        return "carried"
    if surface or near("SHEETS"):
        if _NAMED.search(words.lower[max(around.start, quote.start - 24) : quote.start]):
            return "carried"
        if quote.words[:1].isupper() or " " in quote.words:
            return "near a surface"
    return ""


def _looks(words: Words, quote: Quote) -> str:
    if _ATTRIBUTE[0].search(words.text[max(0, quote.start - 4) : quote.start]) and _ATTRIBUTE[1].match(
        words.text, quote.end
    ):
        return "attribute"
    if quote.words[:1] != quote.words[:1].lower() or quote.words[:1].isdigit():
        return "capitals" if quote.words.count(" ") or not quote.words.isascii() else "one capital word"
    return "many words" if quote.words.count(" ") >= 2 or not quote.words.isascii() else "plain"


def _is_said(words: Words, quote: Quote, start: int) -> bool:
    """Whether the word before the verb is somebody who speaks: one of them says "Hello"."""
    verbs = words.between("WRITES", start, quote.start)
    if not verbs:
        return False
    low, at = max(start, verbs[-1].start - 24), verbs[-1].start
    speakers = [*words.between("PEOPLE", low, at), *words.between("PRONOUNS", low, at)]
    return any(at - hit.end <= 2 for hit in speakers)


def _is_heard(around: _Around) -> bool:
    """Whether the nearest word that tells what a quotation is for says that it is heard, or a style or a title."""
    words, quote, start, end = around.words, around.quote, around.start, around.end
    if _WORK_OF.search(words.text[max(start, quote.start - 24) : quote.start]):
        return not words.between("SURFACES", quote.end, min(end, quote.end + ADJACENT))
    before = words.between("HEARD", max(start, quote.start - 50), quote.start)
    after = words.between("HEARD", quote.end, min(end, quote.end + 16))
    if not before and not after:
        return False
    nearest = min([quote.start - h.end for h in before] + [h.start - quote.end for h in after])
    heard = {i for hit in after for i in range(hit.start, hit.end)}  # 라고 말하는 is no 라고
    written = words.between("WRITTEN", quote.end, min(end, quote.end + 30))
    written += words.between("WRITES", quote.end, min(end, quote.end + 24))
    if any(hit.start not in heard for hit in written):
        return False
    reach = max(start, quote.start - nearest)
    if words.between("WRITES", reach, quote.start) or words.between("COPY", reach, quote.start):
        return False
    if words.between("COPY", quote.end, min(end, quote.end + nearest)):
        return False
    reach = max(start, quote.start - min(nearest + 16, 40))
    until = min(end, quote.end + ADJACENT)
    if "," in words.text[quote.end : until]:
        until = quote.end
    return not any(
        words.between(concept, reach, quote.start) or words.between(concept, quote.end, until)
        for concept in ("SURFACES", "SHEETS")
    )
