"""What in a prompt speaks for words to be rendered, and what against: named evidence, and the words themselves."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from .announced import READS_IT, announced
from .lexicon import words as words_of
from .purposes import ADJACENT, purpose
from .quotes import Quote
from .turns import turn
from .words import Hit, Words, outside

_BETWEEN = re.compile(
    r"^[\s,，、&;/|+–—-]*(?:and|or|und|et|y|e|и|和|と|및|과|와|with|then|followed by|below|над|under)?[\s,，、:：]*$",
    re.I,
)
_SEEN = turn(
    "can see|in this image|in this picture|there is|there are|can be seen",
    r"\b(?:we can see|i can see|in this image|in this picture|there (?:is|are)|can be seen)\b",
)
_MADE = re.compile(
    r"\b(?:design|create|make|generate|draw|produce|crea|diseña|genera|créez?|crée|concevez|erstelle?|gestalte|entwirf|crie|faça|создай|создайте|нарисуй|сделай|stwórz|tasarla|oluştur|tạo|thiết kế|buat(?:lah)?|desain)\b"
    r"|设计|設計|制作|製作|创建|創建|生成|绘制|繪製|画一|作成|デザイン|作って|만들|디자인|제작|생성|صمم|أنشئ|بनाए|बनाएं|डिज़ाइन|สร้าง|ออกแบบ"
)
# A surface right before words in capitals: the sign CAFÉ BLEU.
_LOUD = re.compile(
    r"[ :]{1,3}((?:[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ0-9'&.]{2,24}|\b[A-Z] )(?: [A-ZÀ-ÖØ-Þ0-9'&!]{1,24}){0,8})\b(?![a-z])"
)
# Capitals between small letters: woven into the light, DREAM IN NEON glows.
_CAPITALS = re.compile(
    r"[A-ZÀ-ÖØ-ÞА-ЯЁ](?<=[a-zà-ÿа-я,:] .)[A-ZÀ-ÖØ-ÞА-ЯЁ'’&]+(?: (?:[A-ZÀ-ÖØ-ÞА-ЯЁ0-9'’&]{2,}|\d)){1,8}(?=,? [a-zà-ÿа-я]|[.,!?]?\s?(?![\w:]))"
)
_LOUD_WORDS = words_of(
    "ULTRA|PHOTO|MUST|ONLY|VERY|STYLE|EXTREMELY|ALWAYS|NEVER|EXACT|EXACTLY|SAME|ALL|NONE|HIGH|BEST|QUALITY|DO|KEEP|TEXT|IMAGE|AI|UI|UX|MCU|DC|WW|II|III|PS|XL"
)
_ACRONYMS = words_of(
    "LED|LCD|OLED|CRT|HUD|USA|USB|VHS|DVD|NASA|HDR|RAW|CGI|RGB|PBR|DSLR|VFX|NFT|GTA|BMW|VIP|DIY|POV|ASMR|UHD|AND|THE|WITH|NOT|NO"
)
_HELD = re.compile(
    r"拿着|拿著|手持|举着|舉著|挥舞|揮舞|旁边|旁邊|翻开|放着|放著|堆放|贴着|背景|远处|布满|街头|路边|を持|手に|の中に|背景に|遠く|並ぶ|들고|배경|옆에|가득|ถือ|พื้นหลัง|हाथ|पृष्ठभूमि|يحمل|خلفية"
)
_ORNAMENT = re.compile(
    r"(?: with| in)?(?: [\w-]+){0,3}? (?:patterns?|motifs?|ornaments?|symbols|glyphs|scenes?|figures|flowers|florals?|leaves|scrollwork|filigree|designs?)\b"
)
# What clocks and boards show: 06:59, 2-1.
_READING = turn(
    "showing|shows|display|read|countdown|timer|score",
    r"\b(?:showing|shows|displaying|displays|reads|reading)\b[^.,;]{0,24}?(?:\b\d{1,2}[:–-]\d{1,2}\b|\b\d{1,3} ?(?:°|km\b|mph\b))"
    r"|\b(?:countdown|timer|scoreboard|score)\b[^.,;]{0,16}?\b\d{1,2}[:–-]\d{1,2}\b",
)
_FIGURE = re.compile(r"\d(?:[:–-]\d| ?(?:°|km|mph))")
# A bus showing route 73; sheep with blue numbers.
_LINE = re.compile(
    r"\b(?:showing|displaying|marked|reading|numbered|labell?ed)\b[^.,;]{0,16}?\b(?:route|line|platform|gate|flight|exit|number|bus|lane) [a-z]?\d{1,4}\b"
)
_NUMBERS = re.compile(
    r"\b(?:red|blue|green|white|black|yellow|golden|glowing|painted|roman) (?:numbers|numerals|digits)\b(?! of)"
)
_NUMBERED = (" numbers", " numerals", " digits")
_MONEY = ("$", "€", "£", "₹", "r$", "₽", "руб", "元", "円", "원", "zł")
_PRICE = re.compile(r"(?:[$€£₹]|r\$)\s?\d|\d[\d.,]{0,9}\s?(?:€|₽|руб|元|円|원|zł)")
_RUPEES = re.compile(r"(?<![a-z])rs\.? ?\d")
_ON_IT = ("上有", "上是")
_UNSEEN = ("key", "field", "heard", "spoken", "shape", "title")
_GIVEN = frozenset(("quote written", "quote asked", "quote carried", "quote near a surface", "announced"))
_EARLY = 120  # characters: what the prompt begins with
_GREETING = re.compile(
    r"(?:hi|hey|hello|hola|hallo|salut|bonjour|oi|olá|ciao|привет|merhaba)(?: there| all)?\s*[!.,]+\s*"
)
_PERHAPS = ("plain", "one capital word", "attribute")  # copy only where nothing else is
_LETTER = re.compile(r"\b[Ll]etters? ['\"“‘]?[A-Z0-9]\b|\b[Nn]umbers? ['\"“‘]?\d{1,4}\b")
# 就一个陈字: a cross is 十字, people are 人.
_ONE_CHARACTER = re.compile(
    "[一1][个個](?:大|金|红|紅)?[^\\W\\d_十丁八人工之大小汉漢文]字(?=[，。,、；\\s]|$)"
)
_IN_THE_SCENE = re.compile(
    r"\b(?:photo|photograph|background|backdrop|wallpaper|texture)\b[^.;]{0,50} for (?:an?|the|my|our|your) (?:[\w-]+ ){0,2}$"
    r"|\b(?:(?:visuel de |image de )?fond|arrière-plan)\b[^.;]{0,40} (?:pour )?(?:une?|le|la|mon|ma|notre|d'|d’|de) (?:[\w-]+ ){0,1}$"
    r"|\bhintergrund(?:bild|foto)?\b[^.;]{0,40} für(?:s| (?:ein\w*|mein\w*|das|die|den)) (?:[\w-]+ ){0,1}$|\b(?:sfondo|fondo|fundo)\b[^.;]{0,40} (?:per|para|p/|pra|pro) (?:un\w*|el|la|o|a|um|uma|il|mi|mio|mia|meu|minha) (?:[\w-]+ ){0,1}$"
    r"|\btło\b[^.;]{0,30} (?:pod|do|na|dla) (?:[\w-]+ ){0,1}$|\b(?:beim|liest|löst|lösen) (?:[\w-]+ ){0,1}$|\bфон\w*\b[^.;]{0,30} для (?:[\w-]+ ){0,1}$"
    r"|\b(?:(?:on|with|holding|holds|near|behind|beside|(?<!step )(?<!side )by|under|of|and|past|from|wearing|reading|in|at|over|onto|across|against|above|below|carrying|studying|checking|reads|between|through|into) (?:an?|the|his|her|their|some|its)?\s*"
    r"|(?!showing|featuring|including|displaying|designing|making|creating|promoting|advertising)\w{3,}ing (?:an?|the|his|her|their|some|its) )(?:[\w-]+ ){0,2}$"
)
# y = 2x, f(x) = x², M = {gold, 16}, and the signs of sets: they are written where they are shown.
_SET_SIGNS = re.compile("[∪∩⊂⊆⊇∈∉∅∀∃∑∏∫√∂ℝℕℤ]")
_EQUATION = re.compile(
    r"(?<![\w-])[^\W\d_](?:\([a-z](?:, ?[a-z])?\))? ?= ?(?:[\[{(](?! ?[\d.]+ ?[\])}])|-?\d*[a-zA-Zπθ](?:[²³^/+*(\s-]|$)|[a-zA-Z]{2,3}[²³^])"
)
# What of the Chinese and Japanese lettered things stands about in streets.
_OUTDOORS = frozenset(
    (
        "招牌",
        "广告牌",
        "路牌",
        "牌匾",
        "匾额",
        "门头",
        "灯箱广告",
        "横幅",
        "橫幅",
        "标签",
        "標籤",
        "包装",
        "看板",
        "のれん",
        "暖簾",
        "垂れ幕",
        "横断幕",
        "広告",
        "广告",
        "廣告",
        "案内板",
        "掲示板",
    )
)
_ASKED_LAST = re.compile(
    r"\s?(?:를|을|로|으로|を)?\s?(?:\w{0,6}\s)?(?:$|만들|제작|디자인해|그려|생성|작성|作って|作成|制作|デザインして|生成して|お願い)"
)
_ONE_OF_THEM = re.compile("[一1][块塊个個张張面幅条條枚副][^，。,]{0,12}$")
_KEY = re.compile(r" ?[:：]")
_BEHIND = re.compile(
    r" (?:background|backdrop)\b|(?:の)?背景(?:用|素材|图|圖|だけ|画像)| ?배경(?:만|용|으로 쓸)|(?:的)?底图|(?:的)?底圖|(?: [\w-]+){0,4} (?:in the (?:background|distance)|on the walls?\b)"
)

# What decided, for a person; never the words of the prompt.
SAID = {
    "quote written": "quoted words that are to be written",
    "quote carried": "quoted words on a surface",
    "quote near a surface": "quoted words near a surface",
    "quote asked": "quoted words that are called text",
    "quote capitals": "quoted words in capitals",
    "quote one capital word": "a quoted word",
    "quote many words": "quoted words",
    "quote plain": "quoted words",
    "quote attribute": "quoted words",
    "quote field": "quoted values",
    "json fields": "text fields of the JSON",
    "lettering named": "lettering is named",
    "lettering named early": "lettering is named",
    "lettering named often": "lettering is named several times",
    "sheet first": "the picture is a thing made of words",
    "sheet later": "a thing made of words is in it",
    "sheet in the scene": "a thing made of words is in it",
    "writing on a surface": "writing on a surface",
    "announced": "words are announced",
    "announced in capitals": "words in capitals are announced",
    "perhaps announced": "words are shown on a surface",
    "capitals before writing": "words in capitals that are written",
    "capitals before a verb": "words in capitals that are written",
    "capitals on a surface": "words in capitals on a surface",
    "capitals in a sentence": "words in capitals",
    "a named surface": "a surface with a name",
    "a letter or number": "a letter or a number",
    "a line for lettering": "a line that gives the text",
    "a formula": "a formula",
    "a price": "a price",
}


@dataclass
class Evidence:
    """amounts: name of the evidence → how much of it there is, 0..1. copy: (place, words). cue: what announced it."""

    amounts: dict[str, float] = field(default_factory=dict)
    copy: list[tuple[int, str]] = field(default_factory=list)
    cue: str = ""

    def add(self, name: str, amount: float = 1.0) -> None:
        self.amounts[name] = max(amount, self.amounts.get(name, 0.0))


def evidence_of(words: Words, passages: list[Quote]) -> Evidence:
    """All evidence in a text with its quotations."""
    found = Evidence()
    kinds = _quoted(words, passages, found)
    inside = [
        (quote.start, quote.end)
        for quote, kind in zip(passages, kinds, strict=True)
        if kind not in ("field", "key") and quote.end - quote.start < 0.6 * len(words.text)
    ]
    hits = {name: outside(words.of(name), inside) for name in ("COPY", "SHEETS", "SURFACES")}
    _named(words, hits, found)
    _written(words, inside, found)
    _announced(words, passages, found)
    if found.amounts.keys() - {"quote heard", "quotes"}:
        found.amounts.pop("quote heard", None)  # something else is to be read
    if words.affirmed("LIMITED"):  # "no other text": there is some
        found.add("lettering named")
    elif words.of("REFUSED") or any(words.refused(hit) for name in ("COPY", "SHEETS") for hit in hits[name]):
        # beside words that are given it only keeps others away
        given = _GIVEN.intersection(found.amounts) or {"quote field", "sheet first"} <= found.amounts.keys()
        found.add("refused elsewhere" if given else "refused")
    if _SEEN.search(words.lower, words.lower):
        found.add("description")
    found.add("length", min(len(words.lower), 3000) / 3000)
    return found


def _quoted(words: Words, passages: list[Quote], found: Evidence) -> list[str]:
    """Every quotation by what it is for; one that only "and" or a comma parts from the last is for the same."""
    kind, last_end = "", -1
    kinds: list[str] = []
    weak: list[tuple[int, str]] = []
    for quote, until in zip(passages, _next_apart(words.text, passages), strict=True):
        near = kind not in ("", "key") and quote.start - last_end <= ADJACENT
        if _KEY.match(words.text, quote.end):
            kind = "key"
        elif not (near and _BETWEEN.match(words.text[last_end : quote.start])):
            kind = purpose(words, quote, last_end, until)
        last_end = quote.end
        kinds.append(kind)
        if kind != "key":
            found.add(f"quote {kind}")
        if kind not in _UNSEEN:
            (weak if kind in _PERHAPS else found.copy).append((quote.start, quote.words))
    found.copy = found.copy or weak
    if len(passages) > 1:
        found.add("quotes", min(len(passages), 8) / 8)
    return kinds


def _next_apart(text: str, passages: list[Quote]) -> list[int]:
    """For each quotation, where the next one starts that is not of its row: "Any" and "Text" written in cream."""
    found: list[int] = []
    until, following = len(text), len(text)
    for quote in reversed(passages):
        gap = text[quote.end : following]
        if not (len(gap) <= ADJACENT and _BETWEEN.match(gap)):
            until = following
        found.append(until)
        following = quote.start
    return found[::-1]


def _named(words: Words, hits: dict[str, list[Hit]], found: Evidence) -> None:
    """Lettering and lettered things that are named, by where they stand."""
    for hit in hits["COPY"]:
        if not words.refused(hit):
            found.add("lettering named early" if hit.start < _EARLY else "lettering named")
            found.cue = found.cue or hit.phrase
    for hit in hits["SURFACES"]:
        if not words.shouts and (loud := _LOUD.match(words.text, hit.end)) and loud.group(1) not in _ACRONYMS:
            found.add("capitals on a surface")
            found.copy.append((loud.start(1), loud.group(1)))
            found.cue = found.cue or hit.phrase
    count = sum(not words.refused(hit) for hit in hits["COPY"])
    if count > 1:
        found.add("lettering named often", min(count, 6) / 6)
    for hit in hits["SHEETS"]:
        if not words.refused(hit):
            found.add(_role(words, hit))
            found.cue = found.cue or hit.phrase


def _role(words: Words, hit: Hit) -> str:
    """Whether a lettered thing is what is to be made or stands somewhere in the scene."""
    before = words.lower[max(0, hit.start - 60) : hit.start]
    if not hit.phrase.isascii() and not hit.phrase[:1].islower():  # scripts without small letters
        held = _HELD.search(before[-16:]) or words.lower[hit.end : hit.end + 2].startswith(_ON_IT)
        held = held or (hit.phrase in _OUTDOORS and not _ONE_OF_THEM.search(before))
        if _ASKED_LAST.match(words.lower, hit.end):  # the thing that is to be made stands last
            return "sheet first"
        where = "sheet first" if words.sentence(hit.start)[0] == 0 else "sheet later"
        return "sheet in the scene" if held else where
    if _IN_THE_SCENE.search(before) or _BEHIND.match(words.lower, hit.end):
        return "sheet in the scene"
    start = words.sentence(hit.start)[0]
    greeting = _GREETING.match(words.lower) if start else None
    first = hit.start < _EARLY and start <= (greeting.end() if greeting else 0)
    return "sheet first" if first or _MADE.search(before) else "sheet later"


def _written(words: Words, inside: list[tuple[int, int]], found: Evidence) -> None:
    """A verb of writing beside a surface, with nothing quoted there."""
    for hit in outside(words.of("WRITTEN"), inside):
        start, end = words.sentence(hit.start)
        if (
            words.refused(hit)
            or READS_IT.match(words.lower, hit.start)
            or _ORNAMENT.match(words.lower, hit.end)
        ):
            continue
        if any(at - hit.end <= 3 for at, _ in inside[bisect_left(inside, (hit.end,)) :][:1]):
            continue  # the quotation tells what is written, or said
        near = words.between("SURFACES", max(start, hit.start - 40), hit.start)
        after = words.between("SURFACES", hit.end, min(end, hit.end + 40))
        if near or after:
            found.add("writing on a surface")
            found.cue = found.cue or f"writing on the {(near or after)[-1].phrase}"
    lettered = any(word in words.text for word in ("etter", "umber")) and _LETTER.search(words.text)
    lettered = lettered or ("字" in words.text and _ONE_CHARACTER.search(words.text))
    if lettered or _reads_a_number(words.lower):
        found.add("a letter or number")
    text = words.text
    if ("=" in text and _EQUATION.search(text)) or (not text.isascii() and _SET_SIGNS.search(text)):
        found.add("a formula")
    rupees = (" rs" in words.lower or words.lower.startswith("rs")) and _RUPEES.search(words.lower)
    if rupees or (any(sign in words.lower for sign in _MONEY) and _PRICE.search(words.lower)):
        found.add("a price")
    for run in () if words.shouts else _CAPITALS.finditer(words.text):
        loud = run.group().split()
        if len(run.group()) >= 6 and not any(word in _ACRONYMS or word in _LOUD_WORDS for word in loud):
            found.add("capitals in a sentence")
            found.copy.append((run.start(), run.group()))


def _announced(words: Words, passages: list[Quote], found: Evidence) -> None:
    for name, place, phrase in announced(words, passages):
        found.add(name)
        if phrase:
            found.copy.append((place, phrase))


def _reads_a_number(text: str) -> bool:
    """Whether a clock, a board or a bus shows one."""
    if any(word in text for word in _NUMBERED) and _NUMBERS.search(text):
        return True
    if any(
        verb in text for verb in ("showing", "displaying", "marked", "reading", "labelled", "labeled")
    ) and _LINE.search(text):
        return True
    return _READING.may_stand_in(text) and bool(_FIGURE.search(text) and _READING.pattern.search(text))
