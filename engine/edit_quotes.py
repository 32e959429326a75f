"""What a quotation is to an instruction: words that are there or are to be, or what something is told by."""

from __future__ import annotations

import re

from .lexicon import words as words_of
from .quotes import Quote
from .words import Words

_TARGET = re.compile(
    r"(?:\b(?:to|with|as|into|by|say|says|read|reads|display|show|spell|a|por|par|en|durch|zu|in|на|para|com)|[:：]|改成|改为|改為|换成|換成|写上|变成|为|成|を|に|로|إلى|ب)\s*$",
    re.I,
)
_SAYING = re.compile(
    r"\b(?:say|says|saying|said|read|reads|reading|spell|spells|spelling|state|states|display|displays|displaying|write|writes|written|print|printed|type|engrave|carve|inscribe|stitch|scribble)[:,]?\s*(?:the words? |the text |the name |out )?$",
    re.I,
)
_WRITTEN_AFTER = re.compile(
    r" (?:is |are )?(?:written|printed|engraved|painted|carved|stitched|embroidered|piped|iced|stamped|embossed|scribbled)\b"
)
# Where scripts without prepositions say that something stands beside the thing named.
BESIDE = re.compile(
    r".{0,4}?(?:旁|前面|后面|後面|左边|左邊|右边|右邊|附近|の横|の隣|の前|の後ろ|のそば|の左|の右|옆|앞|뒤|근처|के पास|के बगल|के सामने|के पीछे|ข้าง|หน้า|หลัง)"
)
# A quotation that tells a manner: 「闇堕ち」した感じ, “暗黑系”盔甲, the 'newtro' look.
_LIKENESS = re.compile(
    r"\s?(?:した感じ|な感じ|っぽ|の雰囲気|テイスト|風|系|감성|느낌|무드|풍|风|風|的感[觉覺]|look\b|w(?:ala|ale|ali) look|वाला लुक|vibe|feel\b|aesthetic|(?:guy|dude|kid|lad|bloke)s?\b|-?style|-?esque|-stil|-look|stil\b|estética|esthétique|стил)"
    r"|(?<=系[”」』\"’'])"
)
# Between a quotation and the thing that it tells: 「売物件」の立て看板, “出租”的那块牌子.
_OF = re.compile(r"\s?[の的](?:那|这|這|立て)?[块塊个個张張]?")
_EVERY_LETTER = re.compile(
    r"\b(?:keep|keeping|leave|leaving|preserve|preserving) (?:every|each|all|the) (?:letters?|words?|characters?) of (?:the )?(?:word )?$"
)
# The banner with „Abi heute“ must not be changed; «Bar Sport» non va ritoccata.
_LEFT_ALONE = re.compile(
    r"\b(?:has to stay|have to stay|must stay|should stay|stays|must remain|should remain|exactly as it is|untouched|auf keinen fall|nicht ver(?:ändert|zerrt)|soll (?:so )?bleiben|bleibt|unverändert"
    r"|d[eé]jen?l[oa]s? |queda igual|que quede igual|tem que (?:permanecer|ficar)|permanecer|fica igual|non va\w* (?:assolutamente )?(?:ritoccat|toccat|modificat|cambiat)\w|lasciatel[aoie]|lasciala|deve restare|останется|пусть остан|не трог|не перерис|doit rester|reste tel|reste comme)"
)
_TOUCH_NOT = re.compile(
    r"\b(?:ne (?:touchez|touche) pas|don't touch|do not touch|dont touch|no toques|no toquen|não mexe\w* n|non toccare|nicht anfassen|не трогай\w*)\b[^.;]{0,40}$"
)
_STUCK_ON = re.compile(r" (?:thingy|thing|sticker|decal|paper|notice|poster)\b| ?팻말|的?纸|的?紙")
# A thing for a thing: the "Excalibur" sword for a frying pan, 把“倚天剑”换成一根狼牙棒.
_FOR_A_THING = re.compile(
    r"(?: [a-z-]+){1,2} (?:with|for|by) (?:an?|some) (?![\"“]|\w* ?(?:sign|label|word|text|logo|title|slogan|banner)\b)"
    r"|[^，。,]{0,4}(?:换成|換成|替换成|变成|變成)[一几幾两兩](?:根|把|只|隻|条|條|辆|輛|棵|朵|件|双|雙|顶|頂|束|杯|碗|座|匹|头|頭|台|瓶)"
)
_RESTYLED = re.compile(
    r"\b(?:restyle|stylize|stylise|repaint|redraw|reimagine)[sd]?\b[^.;]{0,30}? (?:as|like|after) $", re.I
)
# The mug that says "Boss": told by what is on it.
_MARKED = re.compile(
    r"(?:с надписью|z napisem|con la scritta|con la inscripción|con el letrero|mit der aufschrift|avec l'inscription|com a inscrição|"
    r"com os dizeres|that says|which says|que pone|que dice|qui dit|写着|印着|标有|写有|印有)\s*$",
    re.I,
)
_THING_DONE = re.compile(
    r"[\s,]{0,2}(?:(?:should be|is|in|to the|to a|into a|a la|al lado|muév\w+|передвин\w+|перекрас\w+|сделай|убери|удали|na |auf |nach )\b)"
)
_AS = re.compile(r"\b(?:as|into|like|resemble|looks?) (?:an?|the)?\s*$", re.I)
_FLAT = ("banner", "emblem", "logo", "watermark", "stamp")  # what is nothing but its words
_SWAPS = frozenset(
    ("replace", "change", "swap", "modify", "remplace", "reemplaza", "ersetze", "замени", "substitua")
)
_PUTS = re.compile(
    r"\b(?:put|add|place|insert|write|include|overlay|stamp|print|type) (?:the (?:text|words?|name) )?$", re.I
)
_ENSURES_NO = re.compile(r"\b(?:no|without|avoid|any|never) (?:[\w/'\"‘’“”-]+,? (?:or |and )?){0,4}$", re.I)
WITHIN = words_of("on|in|at|from|inside|onto|within|across|en|sur|auf|im|am|sobre|no|na|на|в|sul|nella")


def use(words: Words, quote: Quote) -> str:
    """What a quotation is to the instruction: words that are there or are to be, or what something is told by."""
    start, _ = words.sentence(quote.start)
    low = max(start, quote.start - 120)
    before = words.text[low : quote.start]
    of_words = any(h.start >= start for h in words.between("EDIT_TEXT", low, quote.start))
    written = words.between("EDIT_WRITES", low, quote.start)
    styled = words.between("HEARD", low, quote.start) or words.between("HEARD", quote.end, quote.end + 16)
    if words.between("EDIT_SHEETS", low, quote.start):
        styled = []  # a poster for the play "Echoes"
    marked = _MARKED.search(before)
    if (
        marked
        and not words.between("EDIT_ADDS", low, quote.start)
        and _is_thing(words, quote, low, marked.start())
    ):
        return "description"
    carried = words.between("SURFACES", low, quote.start)
    if carried and (said := _SAYING.search(before)) and said.start() - (carried[-1].end - low) <= 1:
        return "written"  # the shirt said "hello"
    if not of_words and not written and _ENSURES_NO.search(before):
        return "heard"  # no "smudges" remain
    if _EVERY_LETTER.search(before) or (not written and _stays(words, quote, low)):
        return "heard"  # keeping every letter of "DINER"
    if not of_words and (told := _manner_or_thing(words, quote, low, bool(written))):
        return told
    person = words.between("PEOPLE", low, quote.start) or words.between("PRONOUNS", low, quote.start)
    if not of_words and (styled or (person and _AS.search(before))):
        return "heard"
    if (
        person
        and not of_words
        and (said := _SAYING.search(before))
        and said.start() - (person[-1].end - low) <= 2
    ):
        return "heard"  # the man says "cheese"
    adds = words.between("EDIT_ADDS", low, quote.start)
    if (
        not of_words
        and not (adds and _WRITTEN_AFTER.match(words.lower, quote.end))
        and (told := _told_by(words, quote, low))
    ):
        return told
    if _SAYING.search(before) or _WRITTEN_AFTER.match(words.lower, quote.end):
        return "written"
    if _TARGET.search(before[-24:]) and (written or words.between("EDIT_WRITES", quote.end, quote.end + 30)):
        return "target"
    if of_words:
        return "of words"
    if (styled or person) and not _PUTS.search(before):
        return "heard"
    return "object" if written else "bare"


def _manner_or_thing(words: Words, quote: Quote, low: int, written: bool) -> str:
    """Whether the quotation names a manner or a person, or a thing that goes; "" where it does not."""
    before, lower = words.text[low : quote.start], words.lower
    if _LIKENESS.match(lower, quote.end) or _RESTYLED.search(before):
        return "heard"  # 「闇堕ち」した感じ; restyle as "The Starry Night"
    if _FOR_A_THING.match(words.text, quote.end):
        return "description"
    if not written and words.between("PEOPLE", quote.end, quote.end + 12):
        return "heard"  # the "cool" guy
    return "description" if not written and _taken(words, quote, low) else ""


def _stays(words: Words, quote: Quote, low: int) -> bool:
    """Whether the sentence says that what carries the words stays as it is, and asks for nothing else."""
    if words.between("EDIT_ADDS", low, quote.start) or words.between("EDIT_TAKES", low, quote.start):
        return False
    end = min(words.sentence(max(quote.end - 1, 0))[1], quote.end + 120)
    return bool(
        _LEFT_ALONE.search(words.lower, quote.end, max(end, quote.end))
        or _TOUCH_NOT.search(words.lower, low, quote.start)
    )


def _taken(words: Words, quote: Quote, low: int) -> bool:
    """Whether something lettered, which the quotation only tells, is taken away as a thing."""
    verbs = words.between("EDIT_TAKES", quote.end, quote.end + 40)
    stands_last = bool(verbs) and not verbs[0].phrase.isascii()  # 「売物件」の看板を消して
    if not stands_last and not words.between("EDIT_TAKES", low, quote.start):
        return False
    if _STUCK_ON.match(words.lower, quote.end):
        return True
    things = [
        hit
        for concept in ("EDIT_SHEETS", "SHEETS", "SURFACES")
        for hit in words.between(concept, low, quote.end + 24)
        if hit.phrase not in _FLAT
    ]
    return any(
        hit.start - quote.end <= 1 or _OF.fullmatch(words.lower, quote.end, hit.start) is not None
        if hit.start >= quote.end
        else hit.end <= quote.start and words.lower[hit.end : quote.start].strip() in ("", "de")
        for hit in things
    )


def _is_thing(words: Words, quote: Quote, low: int, until: int) -> bool:
    """Whether the words only tell which thing is meant: nothing lettered is named, and something is done to the thing."""
    if words.text[quote.end : quote.end + 1] == "的":
        return not words.between("EDIT_TEXT", quote.end, quote.end + 12)
    lettered = words.between("EDIT_SHEETS", low, low + until) or words.between("EDIT_TEXT", low, low + until)
    return not lettered and bool(_THING_DONE.match(words.lower, quote.end))


def _told_by(words: Words, quote: Quote, low: int) -> str:
    """Whether the quotation only tells which thing is meant ("the can marked “Cola”"), or where ("near the “Exit” sign")."""
    if BESIDE.match(words.lower, quote.end):
        return "beside"
    verbs = [
        h
        for c in ("EDIT_TAKES", "EDIT_WRITES", "EDIT_ADDS")
        for h in words.between(c, low, quote.start)
        if h.phrase not in ("say", "says", "read", "reads")
    ]
    if not verbs:
        return ""
    last = max(verbs)
    since = last.end
    places = words.between("EDIT_PLACES", since, quote.start)
    if places and places[-1].phrase not in WITHIN:
        return "beside"
    takes = words.between("EDIT_TAKES", last.start, quote.start)
    describes = words.between("EDIT_DESCRIBES", since, quote.start)
    if takes and (places or describes):
        return "description"
    between = words.lower[describes[0].end : quote.start] if describes else ""
    return (
        "description"
        if describes and last.phrase in _SWAPS and len(between) <= 16 and "to" not in between.split()
        else ""
    )
