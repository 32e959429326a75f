"""Turns of phrase in an instruction that are only for words: told by how they are built, not by a word of the lexicon."""

from __future__ import annotations

import re

# Make the sign say go instead of stop; write Paris; the SKILLS section; delete the time.
_SAY_INSTEAD = re.compile(
    r"\b(?:say|says|read|reads|spell|spells) (?!an? |the |his |her |their )\S+(?: \S+){0,3} (?:instead of|rather than|not) ",
    re.I,
)
_WHAT_IT_SAYS = re.compile(
    r"\bwhat (?:the|that|this|it|his|her)[\w ]{0,30}? (?:say|says|reads?)\b"
    r"|\b[Mm]ake (?!him|her|them|me|us|you)[^,.;\"]{2,40} (?:say|read|spell) (?:[Oo]ut )?[A-Z0-9]"
)
# The second line of it; should read F; 250 ml for 330 ml; BEFORE and AFTER written over it.
_LINE_OF = re.compile(
    r"\b(?:first|second|third|fourth|last|top|bottom|next|two|three) (?:line|sentence|paragraph|word|verse)s? "
    r"(?:(?:of|on|in|from) (?:the |this |that |my |our )?(?:\w+ ){0,2}?(?:text|it|sign|poem|poster|notice|menu|label|page|card|banner|"
    r"headline|slide|caption|title|note|board|billboard|list|letter|plaque|invitation|flyer|ticket|receipt|quote|message|post)\b"
    r"|(?:with|to) [\"“'])",
    re.I,
)
_SHOULD_SAY = re.compile(r"\bshould (?:say|read|state|spell) \S")
_AMOUNTS = re.compile(
    r"(?<![\w.])(\d[\d.,]{0,8}) ?(ml|cl|l|g|kg|oz|lb|kcal)\b[^\n]{0,40}?\b(?:to|for|with|by|not|put|instead of) [^\n]{0,20}?"
    r"(?<![\w.])(?!\1\b)\d[\d.,]{0,8} ?\2\b"
)
_SHOUTS_WRITTEN = re.compile(
    r"\b[A-Z][A-Z0-9]{2,}(?:(?:,| and| or)? [A-Z][A-Z0-9]{2,}){0,5} "
    r"(?:written|printed|lettered|in (?:bold|big|large|white|black|red|capital) (?:letters|text|type|font|writing|print))\b"
)
_WRITES_NAME = re.compile(
    r"(?:^|[.,;] |\b(?:and|please|then|to) )(?:[Ww]rite|[Tt]ype|[Ii]nscribe|[Ee]ngrave) (?:out )?[A-ZÀ-ÖØ-ÞА-ЯЁ0-9][\w'’-]*"
)
_WORKS_NAME = re.compile(
    r"\b(?:[Ee]mbroider|[Ee]ngrave|[Ss]titch|[Cc]arve|[Ss]cribble|[Ss]crawl|[Ss]tencil|[Ee]tch|[Cc]halk|[Ss]ign (?:it|this|my \w+)[^.;]{0,24}? as) (?:the name |the word )?[A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]*"
)
# Put SOLD OUT across it; take DRAFT off; a big 10 on the back.
_PUTS_CAPITALS = re.compile(
    r"\b(?:[Aa]dd|[Pp]ut|[Dd]rop|[Ss]tamp|[Ss]lap|[Oo]verlay|[Pp]rint|[Pp]aint|[Tt]ake|[Ll]ose|[Ll]abel|[Hh]ave) (?:a |the |big |large |small )*"
    r"(?!LED|HDR|SUV|UFO|TV|RGB|BMW|USB|VHS|CCTV|VFX|LCD|ATM|RV|BBQ|DJ|AI|NASA|PNG|JPG|DSLR|CRT|VR|AR|HD|UHD)(?:[A-Z]{3,}|[A-Z]{2,} [A-Z]{2,})\b"
    r"|\b(?:[Aa]dd|[Pp]ut) (?:a |the |big |large |bold )*\d{1,3} (?:on|across|above|below|under)\b"
    r"|\b(?:[Aa]dd|[Pp]ut|[Ww]rite) [A-Z]{2,}[A-Z ]{0,30} (?:on|above|below|under|across|over)\b"
)
_YAZ = re.compile(r"\w yaz\s*[.!]?$|: [^\n]{2,60} yaz\b")
_SECTION = re.compile(
    r"(?<=[\w,] )[A-ZÀ-ÖØ-Þ][\w'’&]+(?: (?:[A-ZÀ-ÖØ-Þ][\w'’&]+|and|of|&)){0,5} (?:[Ss]ections?|SECTIONS?|headings?|paragraphs?)\b"
)
_THE_TIME = re.compile(
    r"\b(?:move|delete|remove|erase|update|correct|fix|enlarge|bold|align) (?:the|its|this) (?:time|times|hours|opening hours|venue|deadline)\b(?! of (?:day|year))",
    re.I,
)
# Sweet Escape becomes Bagel Dreams: names for names are mostly those that stand there.
NAME_FOR_NAME = re.compile(
    r"\b(?:[Cc]hange|[Rr]eplace|[Ss]wap|[Tt]urn|[Ee]dit|[Uu]pdate) (?:[A-Z][\w'’&-]*)(?: (?:[A-Z][\w'’&-]*|of|the|and)){0,4} (?:to|with|by|into|for) [A-Z][\w'’&-]*"
)
# What somebody pays for the edit is not in the picture.
TIP = re.compile(
    r"\b(?:venmo|paypal|cash ?app|zelle)\b[^.\n]{0,20}?[$€£]\s?\d+"
    r"|\b(?:will|i'll|can|could|would|happy to|willing to) (?:gladly )?(?:tip|pay)\b[^.\n]{0,30}?[$€£]\s?\d+"
    r"|\btip(?:ping)? (?:of )?[$€£]\s?\d+|[$€£]\s?\d+ (?:tip\b|(?:via|by|on|over|through) (?:venmo|paypal|zelle|cash ?app)\b)"
    r"|(?<=[?.!])\s{0,3}[$€£]\s?\d+\s*$",
    re.I,
)
# A picture whose words must be right: make it a magazine cover called Dune, or with headlines.
_INTO_SHEET = re.compile(
    r"\b(?:turn|make|convert|transform|change|design|create)\b[^.;]{0,60}?\b(?:into|as|an?|like)\b[^.;,]{0,30}?\b(?:poster|cover|card|flyer|flier|invitation|advert|advertisement|ad|menu|infographic|meme|postcard|front page|newspaper|thumbnail|leaflet|brochure|banner|certificate|ticket|label|comic page|comic strip|comic|manga page)\b(?=(?P<rest>.{0,120}))",
    re.I | re.S,
)
_WITH_WORDS = re.compile(
    r"\b(?:called|named|titled|entitled|says|saying|reading|headlined|captioned)\b|\b(?:with|plus|and)\b[^.;]{0,40}?\b(?:title|headlines?|credits|captions?|tagline|slogan|text|words|name|date|price|lyrics|quote|dialogue|speech (?:balloons|bubbles))\b|\b(?:top|bottom|caption|text) ?: ?\w|,? [A-Z]{3,} (?:on|at|across|in)\b"
)


def names_words(text: str) -> bool:
    """Whether words that stand there, or are to, are named without quotation marks."""
    return any(sign.search(text) for sign in _SIGNS)


_SIGNS = (
    _SAY_INSTEAD,
    _WHAT_IT_SAYS,
    _LINE_OF,
    _SHOULD_SAY,
    _AMOUNTS,
    _SHOUTS_WRITTEN,
    _WRITES_NAME,
    _WORKS_NAME,
    _PUTS_CAPITALS,
    _YAZ,
    _SECTION,
    _THE_TIME,
)


def makes_a_sheet_with_words(text: str) -> bool:
    """Whether the picture is to become a poster, a card or the like that has words on it."""
    becomes = _INTO_SHEET.search(text)
    return becomes is not None and _WITH_WORDS.search(becomes["rest"]) is not None
