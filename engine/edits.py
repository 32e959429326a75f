"""What in an instruction says that words in a picture change, and what that a thing, the light or the style does."""

from __future__ import annotations

import re
from bisect import bisect_left

from .edit_figures import figure_for_figure, named_for_named
from .edit_quotes import BESIDE, WITHIN, use
from .edit_signs import (
    LATER,
    NAME_FOR_NAME,
    NAME_FROM_NAME,
    TIP,
    gives_a_discount,
    makes_a_sheet_with_words,
    makes_words,
    names_words,
)
from .edit_stays import stays
from .lettering import Evidence
from .lexicon import words as words_of
from .quotes import Quote
from .turns import turn
from .words import Hit, Words

_NUMBER = r"(?:[A-Z]{1,3}(?=\d)|[$€£¥]\s?)?\d[\d.,:/]{0,14}\s?(?:%|°|元|円|원|\$|€|£)?"
_FIGURES = re.compile(
    rf"\b(?:to|by|from|into|of|with|say|read|show|display|auf|à|a|на) {_NUMBER}(?!\s*(?:[a-z]|percent of the))|[$€£¥]\s?\d|\d\s?(?:元|円|원|\$|€|£|ohms?\b)",
    re.I,
)
_SHOUTED = re.compile(
    r"\b(?:with|to|by|say|says|read|reads|into|as|add|write)\s+(?:the (?:word|words|text|name)\s+)?[A-Z][A-Z0-9'&!]{1,}\b"
)
# A sign that becomes, or says, a name: "the street sign to Elm Avenue", "the banner read Summer Fair".
_NAME = re.compile(
    r"\b(?:to|say|says|read|reads|spell|into|with|display|show|named|titled|entitled) [A-ZÀ-ÖØ-ÞА-ЯЁ][\w’'&-]*"
)
# The country on the passport to Peru: a paper has words where a poster may have a dog.
_BECOMES = re.compile(
    r"\bon (?:the|this|that|his|her|my) (?:[\w-]+ )?(?:passport|visa|ticket|form|receipt|invoice|certificate|diploma|card|label|badge|document|licen[cs]e|permit|envelope|boarding pass) to (?:the )?[A-ZÀ-ÖØ-ÞА-ЯЁ][^.,;]{0,40}[.!]?$"
)
# What is done to words and to nothing else, at the head of the instruction.
_VERB_OF_WORDS = re.compile(
    r"\s*(?:please |can you |could you |porfa |por favor |bitte |stp |svp |per favore |пожалуйста,? )?(?:bold|embolden|underline|italici[sz]e|capitali[sz]e|retype|reword|spell|annotate|caption|transcribe|transliterate|translate|rename|proofread|rephrase|rewrite|paraphrase|write|scrivi|scriva|escribe|escribile|escríbele|ponle (?:el nombre|feliz)|escreve|escreva|écris|écrivez|schreib|schreibe|напиши|napisz|tulis|schrijf|type|label (?:this|it|them|each|every|as))\b"
)
_LABELLED = turn(
    "ed with ",
    r"\b(?:labell?ed|annotated) with (?:the |their )?(?:names?|prices?|dates?|quantit\w+|measurements?|labels|text|words)\b",
)
_PRICE_OR_TIME = turn(
    "$|€|£|¥|₹|元|円|원|块|रुपये|ريال|руб|dollar|euro|pound|cents|reais|:|am|pm|a.m|p.m",
    r"[$€£¥₹]\s?\d|\d\s?(?:元|円|원|块|\$|€|£|₹|रुपये|ريال|рубл|руб|dollars?\b|euros?\b|pounds\b(?! (?:off|lighter|heavier))|cents\b|reais\b)|(?<![\d:])\d{1,2}:\d{2}(?![\d:])|\b\d{1,2} ?[ap]\.?m\b",
    re.I,
)
_FROM_TO = re.compile(r"\bfrom (?:the )?([\w-]+)(?: \w+)? to (?:the )?([\w-]+)")
_MENDS = re.compile(
    r"\b(?:ошибк\w*|исправ\w*|sửa|falsch\w*|errat[ao]|sbagliat\w*|yanlış|düzelt\w*|modify|revise|correct|wrong|fix|edit|update|rewrite|amend|meaning|typo|corrige|corregir|korrigiere|исправь|should be [^.;]{1,40}?,? not)\b|должн[оаы] быть|应该是|應該是|应为|正しくは|debe decir|debería decir|deveria ser|이어야|होना चाहिए|olmalı|修正|修改|修正して|고쳐|수정",
    re.I,
)
_ONE_LETTER = re.compile(
    r"\b(?:[Tt]he|[Ll]etters?|[Aa]n?|extra|missing|first|last) ['\"“‘]?[A-Z]['\"”’]? (?:in|on|of|from|is|with|to|at|that|looks)\b|\b(?:extra|missing|additional|wrong) ['\"“‘]?[A-Z]\b|\b(?:its|with an?) ['\"“‘]?[A-Z]['\"”’]?(?=[.,;!?]|$)|\b[Tt]he [A-Z] and [A-Z]\b|\b(?:w/?|with|con|com|avec|mit) (?:an? |la |un |o |einem )?[A-Z]\b(?![-'’.&])(?= (?:not|and|y|e|et|und|statt|en vez|em vez)\b|[,;!?]|$)"
)
# A language at the end of a clause: translate it to French; French characters.
_END = re.compile(
    r"\s*(?:$|[.,;:!?()]|(?:pls|plz|thanks|thx|por favor|bitte|and|from|version|text|words?|characters?|letters?|please|instead|while|keep|for|to|into|on the|in the)\b)"
)
_INTO = re.compile(r"\b(?:to|into|in|from|en|al|au|ins|auf|para o|em|на|in) (?:the )?$|'$")
# The shirt to say big brother; the sign read pizza instead.
_TO_SAY = re.compile(r"(?: [\w-]+)? (?:to )?(?:say|says|said|read|reads|spell|spells) (?!\")\S")
_ADJECTIVES = frozenset(("printed", "marked", "labeled", "labelled", "titled"))
_LOOKS = words_of(
    "red|blue|green|yellow|black|white|grey|gray|orange|purple|pink|brown|gold|golden|silver|beige|wood|wooden|metal|stone|glass|round|square|left|right|top|bottom"
)
_BLANKS = ("blank", "empty", "unlabeled", "unmarked", "空白", "leer")
_MOST = 12  # quotations that are looked at
# Without these, what is looked for cannot stand there, and they are found at once.
_DIGIT, _TWO_CAPITALS, _CAPITAL_LAST = (
    re.compile(r"\d"),
    re.compile("[A-Z][A-Z0-9'&!]"),
    re.compile(r"[A-Z]\b"),
)
_COLOUR_CODE = re.compile(r"#[0-9a-fA-F]{3,6}\b")
_SHORT = 4000  # characters; a longer instruction is a description
_TURNS = 600  # characters in which turns of phrase are looked for; what follows is told by its words


def edit_evidence_of(words: Words, passages: list[Quote]) -> Evidence:
    """All evidence in an instruction with its quotations."""
    found = Evidence()
    text, lower = words.text[:_SHORT], words.lower[:_TURNS]
    if TIP.may_stand_in(lower):
        text = TIP.pattern.sub("", text[:_TURNS]) + text[_TURNS:]
    turns = text[:_TURNS]
    figures = _DIGIT.search(text) is not None
    _named(words, passages, found)
    for quote in passages[:_MOST]:
        if quote.mark == "【" and words.text[quote.end : quote.end + 1] == "\n":
            continue  # a heading
        found.add(f"quote {use(words, quote)}")
        found.copy.append((quote.start, quote.words))
    sheets = words.of("SHEETS") or words.of("EDIT_SHEETS")
    if gives_a_discount(turns) or (
        sheets and (makes_a_sheet_with_words(turns, lower) or makes_words(turns, lower))
    ):
        found.add("words object")
    if figures and _FIGURES.search(_COLOUR_CODE.sub("", text)):
        found.add("figures")
    if figure_for_figure(turns, lower):
        found.add("a figure for a figure")
    if named_for_named(turns, lettered=bool(sheets or words.of("EDIT_TEXT"))):
        found.add("a name for a name")
    if figures and _PRICE_OR_TIME.search(text, words.lower):
        found.add("a price or time")
    if _VERB_OF_WORDS.match(words.lower) or _LABELLED.search(words.lower, words.lower):
        found.add("words object")
    if _TWO_CAPITALS.search(text) and _SHOUTED.search(text):
        found.add("capitals")
    if _CAPITAL_LAST.search(text) and _ONE_LETTER.search(text):
        found.add("a letter")
    if names_words(turns, lower):
        found.add("words named")
    if NAME_FOR_NAME.search(turns, lower) or (
        (sheets or words.of("EDIT_TEXT")) and NAME_FROM_NAME.search(turns, lower)
    ):
        found.add("a name for a name")
    for name, concept in (("takes away", "EDIT_TAKES"), ("adds", "EDIT_ADDS"), ("changes", "EDIT_WRITES")):
        if words.of(concept):
            found.add(name)
    _combined(text, found)
    return found


def _named(words: Words, passages: list[Quote], found: Evidence) -> None:
    """Words and lettered things that are named, by their part in the sentence."""
    kept = {i for hit in words.of("EDIT_KEEPS") for i in range(hit.start, hit.end)}
    sheets = {hit.start: hit.end for hit in words.of("EDIT_SHEETS")}
    starts = [q.start for q in passages]
    refused = False
    if (words.of("EDIT_TEXT") or words.of("EDIT_SHEETS")) and LATER.may_stand_in(words.lower[:_TURNS]):
        kept.update(i for span in LATER.pattern.finditer(words.text[:_TURNS]) for i in range(*span.span()))
    for concept, kind in (("EDIT_TEXT", "words"), ("EDIT_SHEETS", "a sheet")):
        for hit in words.of(concept):
            if hit.start in kept or _inside(passages, starts, hit.start):
                continue
            if kind == "words" and sheets.get(hit.start, 0) > hit.end:  # a price tag, not a price
                continue
            if stays(words, hit):
                continue
            if words.refused(hit, edit=True) or _is_blank(words, hit):
                refused = True
                continue
            found.add(f"{kind} {_part(words, hit)}")
            found.cue = found.cue or hit.phrase
    surfaces = () if passages else words.of("SURFACES")
    if any(_TO_SAY.match(words.lower, hit.end) and hit.start not in kept for hit in surfaces):
        found.add("words object")
    if refused and "words object" not in found.amounts:
        found.add("refused")
    for hit in words.of("LANGUAGES"):
        if hit.start in kept or _inside(passages, starts, hit.start) or not _END.match(words.lower, hit.end):
            continue
        if _INTO.search(words.lower[max(0, hit.start - 8) : hit.start]) or "a sheet object" in found.amounts:
            found.add("a language")


def _combined(text: str, found: Evidence) -> None:
    """What a lettered thing means depends on what is done with it."""
    has = found.amounts.keys()
    takes, adds = "takes away" in has, "adds" in has
    if "a sheet object" in has:
        found.add(
            "takes a sheet"
            if takes
            else "adds a sheet"
            if adds
            else "changes a sheet"
            if "changes" in has
            else "a sheet alone"
        )
        if _MENDS.search(text):
            found.add("mends a sheet")
        if not takes and _NAME.search(text):
            found.add("a sheet gets a name")
        if "a language" in has:
            found.add("a sheet in a language")
        if (change := _FROM_TO.search(text)) and not _LOOKS.intersection(change.groups()):
            found.add("a sheet gets a name")
        if "figures" in has:
            found.add("a sheet gets a figure")
    if "a sheet within" in has and "changes" in has and _BECOMES.search(text):
        found.add("a sheet gets a name")
    if "a sheet within" in has and (takes or adds):
        found.add("takes or adds on a sheet")
    if takes and has & {"words description", "quote description"}:
        found.add("takes away what words describe")
    if has & {"words object", "words target"} and "changes" in has:
        found.add("changes words")


def _inside(passages: list[Quote], starts: list[int], at: int) -> bool:
    i = bisect_left(starts, at) - 1
    return i >= 0 and at < passages[i].end


def _is_blank(words: Words, hit: Hit) -> bool:
    before = words.between("BLANK", max(0, hit.start - 12), hit.start)
    return bool(before) and before[-1].phrase in _BLANKS


def _part(words: Words, hit: Hit) -> str:
    """Of what the hit is the part of a sentence: the object, a description of it, what it becomes, or where it is:
    within something lettered ("the dog on the poster") or beside it."""
    if not hit.phrase[:1].islower():  # scripts without small letters, where places stand after
        return "beside" if BESIDE.match(words.lower, hit.end) else "object"
    start, _ = words.sentence(hit.start)
    low = max(start, hit.start - 200)
    describes = words.between("EDIT_DESCRIBES", low, hit.start)
    if describes and describes[-1].phrase in _ADJECTIVES and hit.start - describes[-1].end <= 1:
        describes.pop()  # the printed slogan
    if describes and describes[-1].phrase == "с" and words.between("EDIT_TAKES", low, describes[-1].start):
        describes.pop()  # from the poster, not with one
    places = words.between("EDIT_PLACES", low, hit.start)
    if describes and not (words.between("EDIT_WRITES", describes[-1].start, hit.start)):
        verb = words.between("EDIT_TAKES", low, hit.start)
        if verb or "replace" not in words.lower[low : hit.start]:
            return "description"
        return "target"
    if places and not words.between("EDIT_WRITES", places[-1].start, hit.start):
        return "within" if places[-1].phrase in WITHIN else "beside"
    return "object"
