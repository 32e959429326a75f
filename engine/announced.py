"""Words to be rendered that no quotation marks surround: what follows "that says", stands before "written on", …"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from .lexicon import words as words_of
from .quotes import Quote
from .signs import RUN, named_on_signs
from .words import Words

_COLON = re.compile("[:：]")
_ASIDE = re.compile(r"\s*[(（][^()（）]*[)）]$")  # Title (large font): Dune Sea
_BULLETS = " \t>*#-_"  # what Markdown puts around a key
_BRACKETED = re.compile(r"[\[【]([^\]】\n]{2,32})[\]】][ \t]*[:：]?[ \t]*(\S.*)")
_VALUES = 120, 60  # characters: the longest value of a line that is looked at, and of a title
_NONE = frozenset(("none", "no", "n/a", "-", "no text"))
_NAMES = re.compile(
    r"\b(?:called|named|brand(?:ed)?|of the name|[Tt]he name(?: is)?|company|brand|band called)\s+(?=[A-ZÀ-ÞА-Я0-9])"
)
_NAMING = ("name", "called", "brand", "company", "band")  # what each of them holds: quickly looked for
_SMALL_NAMES = re.compile(
    r"\b(?:called|named|of the name|the name)\s+(?=[a-z0-9])"
)  # nothing here has a capital
_SAYS_THEN = re.compile(
    r"(?:लिखा (?:है|हो|हुआ है) ?[:：]|مكتوب عليه[اه]? ?[:：]|كُتب عليه[اه]? ?[:：]|เขียนว่า|มีคำว่า|\bcharacters?[,:]? (?=[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af])|写着|寫著|写有|上书|标题(?:为|是|：)|標題(?:為|是|：)|文字(?:为|是|：)|字样(?:为|是|：)|内容(?:为|是|：)|题为|印着|刻着(?![^，。,]{0,12}(?:符文|花纹|图案|纹路|图腾|浮雕))|(?:店名|品牌名?|店铺名?|公司名|队名|书名|片名)叫|(?:店名|品牌名|公司名|队名|书名|片名)[是为為]|屏(?:幕)?(?:上)?[,，]?(?:显示|滚动)(?:着)?(?=[A-Za-z]?\d))[:：]?\s*([^\s，。、；！？“”\"「」《》'‘’,.;]{1,24})"
)
# One of them is in each of those: quickly looked for.
_SAYS_KEYS = ("लिखा", "مكتوب", "كُتب", "เขียน", "มีคำว่า", "haracter", "写", "寫", "上书", "标题", "標題", "文字", "字样", "内容", "题为", "印着",
              "刻着", "名叫", "牌叫", "铺叫", "店叫", "名是", "名为", "名為", "牌是", "牌名", "屏")  # fmt: skip
# A logo, a shop or a company that is called something.
_CALLED = re.compile(
    r"(?<=[^。；;])(?:名字叫|名叫|叫做|名为|取名)[:：]?\s*([^\s，。、；！？“”\"「」《》'‘’,.;]{1,24})"
)
_SHOPS = ("logo", "LOGO", "店", "铺", "招牌", "品牌", "公司")
_TITLE = re.compile(
    r"(?:main |book |movie |film )?(?:title|headline|slogan|tagline|subtitle|caption|header|text|copy|(?:main|secondary|body) copy|brand name|name on (?:the )?\w+|(?:logo|label|cover) text|message|quote|título|titre|titel|заголовок|标题|標題|文案|タイトル|제목|문구)",
    re.I,
)
_PROGRAMS = words_of("Blender|ZBrush|Zbrush|Maya|Photoshop|Figma|Unity|Unreal|Cinema|CAD|Minecraft")
_GERMAN = frozenset(("steht", "stehen", "heißt", "lautet"))  # every noun before them has a capital
_GAP = re.compile(r"\s{0,3}[:,]?\s{0,3}")
# Somebody reads or writes something: no words follow.
READS_IT = re.compile(
    r"(?:reading|reads|read|writing|writes|write) (?:an?|the|his|her|their|its|in|on|by|under|from|while|to|and|some|books?|about)\b"
)


def announced(words: Words, passages: list[Quote]) -> Iterator[tuple[str, int, str]]:
    """(name of the evidence, place, the words or "") for what is announced without quotation marks."""
    text = words.text
    starts = [q.start for q in passages]

    def free(at: int) -> bool:
        i = bisect_right(starts, at) - 1
        return i < 0 or at >= passages[i].end

    if not words.shouts:
        yield from _after_a_verb(words, free)
        yield from _before_a_verb(words, free)
    for match in _SAYS_THEN.finditer(text) if any(key in text for key in _SAYS_KEYS) else ():
        if free(match.start(1)):
            yield "announced", match.start(1), match.group(1)
    for match in _CALLED.finditer(text) if "叫" in text or "名为" in text or "取名" in text else ():
        if free(match.start(1)) and any(
            shop in text[max(0, match.start() - 14) : match.start()] for shop in _SHOPS
        ):
            yield "announced", match.start(1), match.group(1)
    names = _SMALL_NAMES if words.lower == text else _NAMES
    for match in names.finditer(text) if any(name in text for name in _NAMING) else ():
        sentence = words.sentence(match.start())[0]
        if match.start() - sentence <= 2 and match.group().lower().startswith("the name is"):
            sentence = 0  # a label for my honey. The name is …
        if free(match.end()) and words.between("SURFACES", max(sentence, match.start() - 60), match.start()):
            yield "a named surface", match.start(), ""
    yield from named_on_signs(words, free)
    yield from _lines(words)


def _after_a_verb(words: Words, free: Callable[[int], bool]) -> Iterator[tuple[str, int, str]]:
    for verb in words.of("WRITES"):
        if not free(verb.start) or words.refused(verb) or READS_IT.match(words.lower, verb.start):
            continue
        if verb.phrase == "reading" and words.between("PEOPLE", max(0, verb.start - 24), verb.start):
            continue  # dad reading Harry Potter
        after = _GAP.match(words.text, verb.end)
        at = after.end() if after else verb.end
        run = RUN.match(words.text, at)
        if run and free(at) and (len(run.group()) > 1 or run.group().isalnum()):
            strong = words.between("WRITTEN", verb.start, verb.end) or words.between(
                "COPY", verb.start, verb.end
            )
            if run.group().split()[0] in _PROGRAMS:  # what a screen shows is no lettering
                continue
            loud = run.group()[:2].isupper() and len(run.group()) > 1
            if strong:
                yield "announced", at, run.group().rstrip(",")
            elif words.between("SURFACES", max(words.sentence(verb.start)[0], verb.start - 50), verb.start):
                yield "perhaps announced", at, run.group().rstrip(",")  # a screen displaying Flight 404
            elif loud:
                yield "announced in capitals", at, run.group().rstrip(",")


def _before_a_verb(words: Words, free: Callable[[int], bool]) -> Iterator[tuple[str, int, str]]:
    for verb in words.of("WRITES"):
        if not free(verb.start) or words.refused(verb) or READS_IT.match(words.lower, verb.start):
            continue
        if verb.phrase in _GERMAN:  # ein Buch und eine Tasse Tee stehen auf dem Tablett
            continue
        start = max(words.sentence(verb.start)[0], verb.start - 60)
        before = words.text[start : verb.start].rstrip()
        runs = list(RUN.finditer(before))
        runs = [
            run
            for run in runs
            if " " in run.group() or run.group()[-1:].isdigit() or run.group()[1:2].isupper()
        ]
        if (
            runs
            and runs[-1].end() >= len(before) - 12
            and start + runs[-1].start() > words.sentence(verb.start)[0] + 1
        ):
            strong = bool(words.between("WRITTEN", verb.start, verb.end)) or verb.phrase.endswith(
                (" on", " in")
            )
            yield (
                "capitals before writing" if strong else "capitals before a verb",
                start + runs[-1].start(),
                "",
            )


def _lines(words: Words) -> Iterator[tuple[str, int, str]]:
    """`Title: Dune Sea`: the value of a line whose key names lettering."""
    text = words.text
    if "\n" not in text and len(text) > 160:
        return
    start = 0
    for line in text.split("\n"):
        yield from _bracketed(words, line, start)
        colon = _COLON.search(line, 0, 48)
        if colon:
            key = _ASIDE.sub("", line[: colon.start()].strip(_BULLETS))
            value = line[colon.end() :].strip(" \t*")
            at = start + colon.start()
            if (
                2 <= len(key) <= 32
                and 0 < len(value) <= _VALUES[0]
                and value.lower().rstrip(".") not in _NONE
            ):
                place = start + colon.end()
                if _TITLE.fullmatch(key) and len(value) <= _VALUES[1] and '"' not in value:
                    yield "announced", place, value
                elif words.between("COPY", at - len(key) - 4, at):
                    yield "a line for lettering", place, ""
        start += len(line) + 1


def _bracketed(words: Words, line: str, start: int) -> Iterator[tuple[str, int, str]]:
    """`[Sign] OPEN LATE`: what stands on a thing that a line names in brackets."""
    match = _BRACKETED.match(line) if line[:1] in "[【" else None
    if match is None or match[2].lower().rstrip(".") in _NONE:
        return
    place, value = start + match.start(2), match[2].rstrip()
    if len(value) > _VALUES[0] or any(mark in value for mark in '"“”「」『』«»'):
        return  # a quotation tells what stands there
    if _TITLE.fullmatch(match[1]):
        yield "announced", place, value
    elif words.between("SURFACES", start, place) and RUN.match(match[2]):
        yield "a named surface", place, ""
