"""Figures and spellings in an instruction that take each other's place: 2026 not 2025; Sisters', not Sister's; 9–1 → 10–2."""

from __future__ import annotations

import re

from .turns import turn

_NUMBER = (
    r"(?:[A-Z]{1,3}(?=\d)|[$€£¥]\s?)?\d[\d.,:/–-]{0,14}(?:st|nd|rd|th)?\s?(?:%|°[CF]?|℃|元|円|원|\$|€|£)?"
)
_NOT = (
    r"not|instead of|rather than|and not|statt|anstatt|anstelle von|non|no|não|pas|et non|не|а не|вместо|değil|yerine|thay vì|"
    r"e não|e nao|nao|no a las|y no|e non|et pas|et non|a nie|nahi|nahin|bukan|zamiast|nie|niet|in plaats van|en lugar de|en vez de|em vez de|au lieu de|invece di|→|->|=>|而不是|不是|じゃなく|아니라|말고|नहीं"
)
_FOR_FIGURE = re.compile(
    rf"(?<![A-Za-z\d]){_NUMBER}(?:\s?(?:to|with|into|by|auf|à|a|на|eine?|'?ne|se|改成|改为|改做|改|换成|에서|を|から)\s?|,?\s?(?:now |mil |k )?(?:{_NOT})\s?){_NUMBER}(?![A-Za-z\d])",
    re.I,
)
# 16:9 instead of 4:3 is a format, and so is a width.
_FORMAT = re.compile(
    r"\b(?:crop\w*|aspect|ratio|resize\w*|resolution|pixels?|px|dpi|zoom\w*|scale[ds]?|width|height|brightness|contrast|saturation|"
    r"exposure|opacity|angle|degrees|iso|sharpness|strength|blur)\b|亮度|对比度|對比度|饱和度|飽和度|角度|透明度|曝光|明るさ|밝기|비율|해상도|채도|대비|각도|크기|투명도|彩度|比率|解像度|コントラスト|サイズ|比例|分辨率|大小|歳|살"
)
_BE_FIGURE = turn(
    "should|ought|need|must|has to|have to|应为|应该是|應該是|ma być|olmal|muss|deve|debe|doit|должн|moet",
    rf"(?:\b(?:(?:should|ought to|needs? to|must|has to|have to) (?:now )?(?:show|read|say|go to|end (?:in|with)) (?:at )?|(?<!he )(?<!she )(?<!there )(?<!they )(?:should|ought to|needs? to) (?:now )?be )"
    rf"|应为|应该是|應該是|\b(?:ma być|olmalı|muss|deve essere|debe ser|deve ser|doit être|должн[оаы] быть|moet) )"
    rf"{_NUMBER}(?=\s*(?:$|[.,;:!?)]|(?:{_NOT}|and)\b))",
    re.I,
)
# A seat, a date, a price in Chinese; R1 = 220; a telephone number; a title and its price.
_SOME_FIGURE = re.compile(
    r"(?:改成|改为|改到|写成|改)\s?[^，。,\d]{0,3}\d[\d.:：/-]*(?:[A-Z]|号|元|块|月|日|点|度|℃|%|分|折|公里|車|车|$|[，,。])"
    r"|(?:改成|改为|改到)[零一二三四五六七八九十百千万两]{1,6}(?:号|元|块|月|日|点|度|分|折|岁|楼)?(?=[，。,]|$)"
    r"|を\s?\d[\d.:/,]*(?:円|年|月|日|位|番|階|%|時|分|点|号)?に(?:して|変|直|修正|上げ|下げ|書)|\d[\d.:/,]*(?:원|년|월|일|위|번|층|점|시|분)?(?:으로|로) ?(?:올려|바꿔|바꾸|고쳐|수정|내려|변경)"
    rf"|\baus (?:der|dem|einer?) {_NUMBER}[^.\n\d]{{0,30}} (?:eine?|'?ne|nen) {_NUMBER}"
    rf"|{_NUMBER}[^\d\n.]{{0,6}}\b(?:tiene que|debe|debería|doit|devrait|deve|dovrebbe|muss|soll|sollte|should|has to|needs to|должн[оаы]) (?:decir|poner|ser|être|dire|indiquer|afficher|sein|stehen|be|say|read|dizer|быть) {_NUMBER}"
    r"|\b[A-Z][\w]? ?= ?\d|(?<![\d.])\+?\d{2,5}[ -]\d{2,4}[ -]\d{3,5}(?![\d.])|^\s*[A-Za-z' ]{3,24}: ?[$€£]?\d[\d.,]*\s?(?:%[^,;]{0,6})?\s*[.!]?$"
)
_ARROW = re.compile(r"(\S{1,24}(?: \S{1,12})?) ?(?:→|->|=>) ?(\S{1,24}(?: \S{1,12})?)")
_NAMELY = re.compile(
    r"(?:^|\s)\d[\d.,:–-]*%?$|^(?:[$€£]|@(?!im|ref|pic|fig|photo)|#)|[\"“]|[a-zß-ÿ][A-ZÀ-ÖØ-Þ]|[A-ZÀ-ÖØ-ÞА-ЯЁ]{3,}"
)
_PAIR = re.compile(
    rf"([^\W\d_][\w'’-]{{4,30}}),? (?:{_NOT}|por|à la place de)\s(?:the |an? )?([^\W\d_][\w'’-]{{4,30}})",
    re.I,
)
# The author is Anna Berg, not Anne Burg; SMITH to ABDI.
_NAME_NOT_NAME = turn(
    ", not |, a nie |, а не | e não |, não | e non | et non | et pas |, pas ",
    r"[A-ZÀ-ÖØ-ÞА-ЯЁŁŚŻ][\w'’-]+(?: [A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]+){0,3}(?:, not|, a nie|, а не|,? e não|, não|,? e non|,? et non|,? et pas|, pas) [A-ZÀ-ÖØ-ÞА-ЯЁŁŚŻ][\w'’-]+",
)
_CAPITALS = re.compile(
    r"\b(?!(?:SDR|HDR|JPG|PNG|JPEG|RAW|RGB|CMYK|SUV|LED|GIF|TIFF|WEBP)\b)[A-Z]{3,}\b[^.\n\"]{0,40} (?:to|into|with|by|for) (?!(?:SDR|HDR|JPG|PNG|JPEG|RAW|RGB|CMYK|SUV|LED|GIF|TIFF|WEBP)\b)[A-Z]{3,}\b"
)
_CONNECTED = re.compile(rf" (?:{_NOT}|por|à la place de) ", re.I)
_MARK = re.compile(r"[@#]|\.(?:com|org|net|io|co)\b")
_DIGIT, _THREE_CAPITALS = re.compile(r"\d"), re.compile("[A-Z]{3}")
_GRADE = turn(
    " rather than | instead of | not ", r"\b[A-F][+-]? (?:rather than|instead of|not) [A-F](?:[+-]|\b)"
)
_ADDRESS = re.compile(
    r"(?<![\w@.])(?:www\.)?[\w-]{2,}\.(?:com|org|net|io|co\.uk)\b|(?<![\w.])\.(?:com|org|net)\b|(?<![\w.])@(?!ima?ge?\d|im\w{0,3}\d|ref|fig|pic|photo|char)[a-z_]\w{3,}|(?<![\w&])#(?![0-9a-fA-F]{3,8}\b)[A-Za-z]\w{3,}"
)
_ARROW_PAIR = re.compile(r"([^\W\d_][\w'’-]{3,30}) ?(?:→|->|=>) ?([^\W\d_][\w'’-]{3,30})")


def figure_for_figure(text: str, lower: str) -> bool:
    """A number for a number, or one that something should read; formats are none."""
    if not _DIGIT.search(text):
        return _GRADE.search(text, lower) is not None
    found = _FOR_FIGURE.search(text) or _BE_FIGURE.search(text, lower) or _SOME_FIGURE.search(text)
    return bool(found or _GRADE.search(text, lower)) and not _FORMAT.search(text.lower())


def named_for_named(text: str, lettered: bool) -> bool:
    """Words or signs on both sides of an arrow, or one word and nearly the same one: a spelling is mended.

    lettered: something that carries words is named; else two words that are nearly the same may be two things."""
    if _NAME_NOT_NAME.search(text, text.lower()) or (_THREE_CAPITALS.search(text) and _CAPITALS.search(text)):
        return True
    if _MARK.search(text) and _ADDRESS.search(text):
        return True
    pairs = _PAIR.findall(text) if _CONNECTED.search(text) else []
    if _has_arrow(text):
        pairs += _ARROW_PAIR.findall(text)
        if any(_NAMELY.search(before) and _NAMELY.search(after) for before, after in _ARROW.findall(text)):
            return True
    return any(
        _nearly(one, other) for one, other in pairs if lettered or one[0].isupper() or other[0].isupper()
    )


def _has_arrow(text: str) -> bool:
    return any(arrow in text for arrow in ("→", "->", "=>"))


def _nearly(one: str, other: str) -> bool:
    """Whether two words differ in one or two letters."""
    a, b = one.lower(), other.lower()
    if a == b:
        return one != other and one.isupper() == other.isupper()
    if abs(len(a) - len(b)) > 2 or a[0] != b[0]:
        return False
    return _distance(a, b) <= 2


def _distance(a: str, b: str) -> int:
    """Letters that are put in, left out or changed."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (char != other))
    return row[-1]
