"""Turns of phrase in an instruction that are only for words: told by how they are built, not by a word of the lexicon."""

from __future__ import annotations

import re

from .turns import turn

# Make the sign say go instead of stop; write Paris; the SKILLS section; delete the time.
_SAY_INSTEAD = turn(
    " instead of | rather than | not ",
    r"\b(?:say|says|read|reads|spell|spells) (?!an? |the |his |her |their )\S+(?: \S+){0,3} (?:instead of|rather than|not) ",
    re.I,
)
_WHAT_IT_SAYS = turn(
    "what |make ",
    r"(?<!leaving )(?<!leave )(?<!keep )(?<!keeping )\bwhat (?:the|that|this|it|his|her)[\w ]{0,30}? (?:say|says|reads?)\b"
    r"|\b[Mm]ake (?!him|her|them|me|us|you)[^,.;\"]{2,40} (?:say|read|spell) (?:[Oo]ut )?[A-Z0-9]",
)
# The second line of it; should read F; 250 ml for 330 ml; BEFORE and AFTER written over it.
_LINE_OF = turn(
    " line| sentence| paragraph| word| verse",
    r"\b(?:first|second|third|fourth|last|top|bottom|next|two|three) (?:line|sentence|paragraph|word|verse)s? "
    r"(?:(?:of|on|in|from) (?:the |this |that |my |our )?(?:\w+ ){0,2}?(?:text|it|sign|poem|poster|notice|menu|label|page|card|banner|"
    r"headline|slide|caption|title|note|board|billboard|list|letter|plaque|invitation|flyer|ticket|receipt|quote|message|post)\b"
    r"|(?:with|to) [\"“'])",
    re.I,
)
_SHOULD_SAY = turn(
    "should |doit |debe |tiene que |deve |soll|muss |должн",
    r"\bshould (?:say|read|state|spell) \S|\b(?:doit (?:dire|afficher)|debe decir|tiene que decir|deve (?:dizer|dire)|soll(?:te)? (?:heißen|lauten)|muss (?:heißen|lauten)|должно быть написано)\b|\bdoit indiquer (?=[A-ZÀ-Þ\"«“])",
)
# The second line of the sign, in other languages.
_LINE_THERE = turn(
    "ligne |línea |linha |riga |zeile |строк",
    r"\b(?:première|deuxième|1re|2e|2ème|3e|troisième|dernière|primera|segunda|tercera|última|primeira|terceira|prima|seconda|terza|ultima|erste|zweite|dritte|letzte|перв\w+|втор\w+|трет\w+|последн\w+) (?:ligne|línea|linha|riga|zeile|строк\w+) "
    r"(?:(?:de la|du|del|della|da|do|sur la|sur le|auf dem|auf der|vom|на|с|des|der) |de l['’])?(?:pancarte|panneau|speisekarte|karte|menü|affiche|enseigne|menu|texte|letrero|cartel|aviso|pizarra|menú|texto|placa|cartaz|quadro|cartello|insegna|lavagna|testo|schild\w*|plakat\w*|tafel|text\w*|aushang\w*|вывеск\w+|табличк\w+|объявлени\w+|афиш\w+)",
    re.I,
)
_AMOUNTS = turn(
    "to |for |with |by |not |put |instead of ",
    r"(?<![\w.])(\d[\d.,]{0,8}) ?(ml|cl|l|g|kg|oz|lb|kcal)\b[^\n]{0,40}?\b(?:to|for|with|by|not|put|instead of) [^\n]{0,20}?"
    r"(?<![\w.])(?!\1\b)\d[\d.,]{0,8} ?\2\b",
)
_SHOUTS_WRITTEN = turn(
    " written| printed| lettered| in bold| in big| in large| in white| in black| in red| in capital",
    r"\b[A-Z][A-Z0-9]{2,}(?:(?:,| and| or)? [A-Z][A-Z0-9]{2,}){0,5} "
    r"(?:written|printed|lettered|in (?:bold|big|large|white|black|red|capital) (?:letters|text|type|font|writing|print))\b",
)
_WRITES_NAME = turn(
    "write |type |inscribe |engrave ",
    r"(?:^|[.,;] |\b(?:and|please|then|to) )(?:[Ww]rite|[Tt]ype|[Ii]nscribe|[Ee]ngrave) (?:out )?[A-ZÀ-ÖØ-ÞА-ЯЁ0-9][\w'’-]*",
)
_WORKS_NAME = turn(
    "embroider |engrave |stitch |carve |scribble |scrawl |stencil |etch |chalk |sign ",
    r"\b(?:[Ee]mbroider|[Ee]ngrave|[Ss]titch|[Cc]arve|[Ss]cribble|[Ss]crawl|[Ss]tencil|[Ee]tch|[Cc]halk|[Ss]ign (?:it|this|my \w+)[^.;]{0,24}? as) (?:the name |the word )?[A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]*",
)
# Put SOLD OUT across it; take DRAFT off; a big 10 on the back.
_PUTS_CAPITALS = turn(
    "add |put |drop |stamp |slap |overlay |print |paint |take |lose |label |have |write ",
    r"\b(?:[Aa]dd|[Pp]ut|[Dd]rop|[Ss]tamp|[Ss]lap|[Oo]verlay|[Pp]rint|[Pp]aint|[Tt]ake|[Ll]ose|[Ll]abel|[Hh]ave) (?:a |the |big |large |small )*"
    r"(?!(?:LED|HDR|SUV|UFO|TV|RGB|BMW|USB|VHS|CCTV|VFX|LCD|ATM|RV|BBQ|DJ|AI|NASA|PNG|JPG|DSLR|CRT|VR|AR|HD|UHD|LEGO|IKEA|NASCAR|NFL|NBA|DNA|UPS|FIFA|GTA)\b)(?:[A-Z]{3,}|[A-Z]{2,} [A-Z]{2,})\b(?=\s*(?:$|[.,;!]| (?:on|across|over|above|below|under|off|in|diagonally|to|at)\b))"
    r"|\b(?:[Aa]dd|[Pp]ut) (?:a |the )(?:big |large |bold |white |red )*\d{1,3} (?:on|across)\b"
    r"|\b(?:[Aa]dd|[Pp]ut|[Ww]rite) [A-Z]{2,}[A-Z ]{0,30} (?:on|above|below|under|across|over)\b",
)
_YAZ = turn(" yaz", r"\w yaz\s*[.!]?$|: [^\n]{2,60} yaz\b")
_SECTION = turn(
    " section| heading| paragraph",
    r"(?<=[\w,] )[A-ZÀ-ÖØ-Þ][\w'’&]+(?: (?:[A-ZÀ-ÖØ-Þ][\w'’&]+|and|of|&)){0,5} (?:[Ss]ections?|SECTIONS?|headings?|paragraphs?)\b",
)
_THE_TIME = turn(
    " time| hours| opening| venue| deadline",
    r"\b(?:move|delete|remove|erase|update|correct|fix|enlarge|bold|align) (?:the|its|this) (?:time|times|hours|opening hours|venue|deadline)\b(?! of (?:day|year))",
    re.I,
)
# Sweet Escape becomes Bagel Dreams: names for names are mostly those that stand there.
NAME_FOR_NAME = turn(
    "change |replace |swap |turn |edit |update ",
    r"\b(?:[Cc]hange|[Rr]eplace|[Ss]wap|[Tt]urn|[Ee]dit|[Uu]pdate) (?:[A-Z][\w'’&-]*)(?: (?:[A-Z][\w'’&-]*|of|the|and)){0,4} (?:to|with|by|into|for) [A-Z][\w'’&-]*",
)
# The designation from Manager to Senior Manager.
NAME_FROM_NAME = turn(
    " from ",
    r"\b(?:[Cc]hange|[Uu]pdate|[Ee]dit|[Cc]orrect|[Mm]odify|[Aa]mend)\b[^.\n]{0,60} from [A-Z][\w'’&-]+(?: [A-Z][\w'’&-]+){0,3} to [A-Z]",
)
# What somebody pays for the edit is not in the picture.
TIP = turn(
    "$|€|£|euro|selling|i paid|we paid|worth about|listing",
    r"\b(?:venmo|paypal|cash ?app|zelle)\b[^.\n]{0,20}?[$€£]\s?\d+"
    r"|\b(?:will|i'll|can|could|would|happy to|willing to) (?:gladly )?(?:tip|pay)\b[^.\n]{0,30}?[$€£]\s?\d+"
    r"|\btip(?:ping)? (?:of )?[$€£]\s?\d+|[$€£]\s?\d+ (?:tip\b|(?:via|by|on|over|through) (?:venmo|paypal|zelle|cash ?app)\b)"
    r"|(?<=[?.!])\s{0,3}[$€£]\s?\d+(?: for the best\b[^.]{0,20}| to the best\b[^.]{0,20})?\s*[.!]?$"
    r"|\b(?:i'm selling|i am selling|selling it|i paid|we paid|worth about|it's for a \w+ listing|for a house listing)\b[^.;\d]{0,20}[$€£]?\s?\d[\d,.]*"
    r"(?: ?(?:euros?|dollars|pounds|bucks|€|£))?"
    r"|\b(?:somebody|someone|anyone|anybody)\b[^\n]{0,300}?[,.;] ?[$€£]\s?\d+\s*[.!]?$"
    r"|\b(?:gibt|zahle|biete|bezahle|pago|je paie|je donne|offro)\b[^.\n]{0,12}?(?:[$€£]\s?\d+|\d+ ?(?:€|euro))[^.\n]{0,16}|\d+ ?(?:€|euros?) (?:(?:per|über|via|por|par|con|tramite) (?:paypal|bizum|wero|revolut)|au (?:premier|meilleur)|al (?:primero|mejor|migliore|primo)|für (?:den|die|das) beste)\b",
    re.I,
)
# A picture whose words must be right: make it a magazine cover called Dune, or with headlines.
_INTO_SHEET = turn(
    "turn|make|convert|transform|change|design|create",
    r"\b(?:turn|make|convert|transform|change|design|create)\b[^.;]{0,60}?\b(?:into|as|an?|like)\b[^.;,]{0,30}?\b(?:poster|cover|card|flyer|flier|invitation|advert|advertisement|ad|menu|infographic|meme|postcard|front page|newspaper|thumbnail|leaflet|brochure|banner|certificate|ticket|label|comic page|comic strip|comic|manga page)\b(?=(?P<rest>.{0,120}))",
    re.I | re.S,
)
_WITH_WORDS = re.compile(
    r"\b(?:called|named|titled|entitled|says|saying|reading|headlined|captioned)\b|\b(?:with|plus|and)\b[^.;]{0,40}?\b(?:title|headlines?|credits|captions?|tagline|slogan|text|words|name|date|price|lyrics|quote|dialogue|speech (?:balloons|bubbles))\b|\b(?:top|bottom|caption|text) ?: ?\w|,? [A-Z]{3,} (?:on|at|across|in)\b"
)


# Things that nobody makes of a picture without words.
_MADE_OF_WORDS = (
    r"invitations?|invitación|invito|convite|\w*einladung\w*|davetiye\w*|thiệp mời|undangan|zaproszeni\w+|uitnodiging|"
    r"geboortekaartje|приглашени\w+|certificates?|certificado|zertifikat|urkunde|sertifika\w*|sertifikat|certificat|flash ?cards|work ?sheets?|"
    r"infographics?|infografik\w*|infográfico|infografía|flyers?|leaflets?|flugblatt|volantino|locandina|folheto|price lists?|recipe cards?|"
    r"instruction sheets?|step[- ]by[- ]step (?:\w+ )?guide|menu boards?|business cards?|save[- ]the[- ]dates?|quote cards?|trading cards?|memes?|мем|мема"
)
_MAKES = (
    r"make|making|create|design|generate|mock up|need|i'd like|want|turn|convert|into|as|hazme|haz|crea|fammi|fai|faz|faça|cria|mach|mache|bastel|bastle|draus|erstelle|"
    r"gestalte|maak|làm|buat\w*|bikin\w*|zrób|yap|hazırla|сделай|создай|fais|crée"
)
_MAKES_OF_WORDS = turn(
    "invit|einladung|convite|davet|thiệp|undangan|zaproszeni|uitnodiging|kaartje|приглашени|certific|zertifikat|urkunde|sert|flash|sheet|nfogr|flyer|leaflet|flugblatt|volantino|locandina|folheto|price list|card|guide|menu board|the-date|the date|meme|мем",
    rf"\b(?:{_MAKES})\b[^.;\n]{{0,40}}?\b(?:{_MADE_OF_WORDS})\b(?! (?:style|photo|look|background|template))",
    re.I,
)
_MAKES_OF_WORDS_CJK = re.compile(
    r"(?:做|生成|设计|制作|变成|改成)[^，。,.]{0,12}(?:请柬|邀请函|证书|奖状|贺卡|传单|信息图|主图|菜单|宣传单|课程表|名片)|(?:招待状|賞状|チラシ|名刺|メニュー表)(?:を|に)[^。]{0,8}(?:作|し)|(?:초대장|상장|전단지|메뉴판|명함)[^.]{0,10}만들"
)
_PERCENT_OFF = re.compile(
    r"\b\d{1,2} ?% ?(?:off|OFF|de descuento|de desconto|rabatt|discount|indirim|di sconto|скидк\w+)\b|\bBOGO\b"
)
# What is added afterwards, by the person: room for a title; I'll letter them by hand.
LATER = turn(
    "'ll | will |going to |i can |room |space |place |spot |area |自己|后期|之后|我再|稍后|j'ajoute|aggiung|añad|pondré|füge ich|добавлю|سأكتب|سأضيف|eu ponho|eu adiciono|eu coloco",
    r"\b(?:i'll|i will|i'm going to|we'll|we will|which i'll|so (?:that )?i can) (?:then )?(?:add|do|put|letter|write|overlay|set|type|drop|insert)\b"
    r"[^.;\n]{0,40}?\b(?:later|myself|by hand|afterwards?|in post|on top|in later)\b|\bso (?:that )?i can (?:add|put|overlay|insert)\b[^.;\n]{0,40}"
    r"|\b(?:room|space|place|spot|area) (?:\w+ ){0,3}?for (?:an?|the|my|some|our) (?:\w+ )?(?:title|quote|text|headline|caption|logo|copy|slogan|words)\b"
    r"|(?:自己|后期|之后|我再|稍后)[^，。,]{0,6}(?:加|写|放|添)[^，。,]{0,8}|pour que j'ajoute[^.;]{0,30}|que j'ajouterai[^.;]{0,20}|aggiung(?:o|erò) io[^.;]{0,30}|(?:para que )?(?:yo )?(?:añad(?:a|o|iré)|pondré)[^.;]{0,24} (?:después|luego)"
    r"|füge ich[^.;]{0,30} später|добавлю (?:сам|потом|позже)[^.;]{0,20}|سأكتب[^.،]{0,24}|سأضيف[^.،]{0,24}|eu (?:ponho|adiciono|coloco)[^.;]{0,24}",
    re.I,
)


def makes_words(text: str, lower: str) -> bool:
    """Whether the picture is to become an invitation, a certificate or the like."""
    return bool(
        _MAKES_OF_WORDS.search(text, lower) or (not text.isascii() and _MAKES_OF_WORDS_CJK.search(text))
    )


def gives_a_discount(text: str) -> bool:
    """50 % off: nobody says so without wanting it to be read."""
    return "%" in text and _PERCENT_OFF.search(text) is not None


def names_words(text: str, lower: str) -> bool:
    """Whether words that stand there, or are to, are named without quotation marks."""
    return any(sign.search(text, lower) for sign in _SIGNS)


_SIGNS = (
    _SAY_INSTEAD,
    _WHAT_IT_SAYS,
    _LINE_OF,
    _LINE_THERE,
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


def makes_a_sheet_with_words(text: str, lower: str) -> bool:
    """Whether the picture is to become a poster, a card or the like that has words on it."""
    becomes = _INTO_SHEET.search(text, lower)
    return becomes is not None and _WITH_WORDS.search(becomes["rest"]) is not None
