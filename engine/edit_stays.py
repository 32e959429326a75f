"""What in an instruction stays as it is, in the grammar of its language: said after it ("the label must stay"), or before it
("keep the label"). No comma lies between: "change the price, the rest stays" keeps no price."""

from __future__ import annotations

import re

from .words import Hit, Words

# All text must remain; keep the label as it is: nothing is done to them.
_STAYS = re.compile(
    r",? (?:is |are )?(?:locked(?=[.;]|$)|off limits\b)| [^.;,]{0,60}\b(?:be|stay|remain|still) (?:readable|legible|visible) as (?:it is|they are)\b| [^.;]{0,16},? ?(?:dont|don't|do not) (?:mess with|touch|change) (?:it|them|that|those)\b| [^.;,]{0,40} (?:good|fine|ok|okay|perfect|great) (?:as|before)\b|(?: (?!и\b|на\b|а\b|остальн|убер|удал|замен|помен|измен|сотр)[^\s,]+){0,4} (?:оставь|оставьте|сохрани)\b|(?: (?!ma\b|e\b)[^\s,]+){0,4} non dev\w+ (?:variare|cambiare|essere)|(?: [\w-]+){0,1} sollen? (?:trotzdem|noch|weiterhin) (?:noch )?(?:gut )?(?:zu erkennen|lesbar|erkennbar)|(?:(?!باقي| و)[^،,.]){0,26}(?:تبقى|يبقى|تظل|يظل) (?:كما|زي|مثل)| [^.;,]{0,24} (?:is|are) not to be (?:altered|changed|touched)\b| [^.;,]{0,60}\b(?:is|are) (?:correct|right|perfect|approved),? (?:so )?(?:don't|do not|dont|leave)\b| [^.;,]{0,60}\bleave (?:them|it|those) (?:be|alone|as)\b| [^.;,]{0,40} (?:comme (?:ils|elles) sont|comme (?:il|elle) est|tels? quels?|telles? quelles?)\b|(?: [^\s,]+){0,5} (?:должн\w+ остаться|остаться прежн\w+|остаются|не искаж\w+)| (?:(?:still |kept |remaining |stay )(?:legible|readable)|unaltered)\b"
    r"|(?: [\w-]+){0,2} (?:(?:darf|dürfen)(?: sich)? nicht|sollen? (?:sich )?nicht (?:verändert|geändert|angefasst|ändern|verändern))\b|(?: \w+){0,2},? (?:no (?:lo|la|los|las) toques?|d[eé]jal[oa]s?(?= (?:como|así|tal)\b| igual(?! de)|[.,;!]|$)|no se tocan?)\b"
    r"|(?: [\w'’]+){0,2}(?:,? on n'y touche| ne (?:bouge|change)(?:nt)? pas\b| restent?\b)|(?: e \w+)?(?:,? non si tocca(?:no)?| (?:resta|restano|rimane|rimangono) (?:com'|com’|come|ugual|identic|così|intatt))\b"
    r"|(?: \w+){0,2} (?:não (?:mexe|mexa|muda|mude|toca|toque)|(?:fica|ficam) (?:igual|iguais|como))\b"
    r"|(?:은|는|을|를|도|랑 \w{1,3})? ?(?:지금 |원래 |전부 |다 |절대 )?(?:그대로|유지|건드리|건들|바꾸지|손대지|놔두|놔둬|냅두|냅둬|남기)|(?:は|を)?(?:一切|絶対に?|全く|すべて|全部)?(?:そのまま|変えず|変更せず|いじら|触ら|さわら|変えな|据え置|消さな|残し)"
    r"|[^。，,改换換删刪去除掉擦]{0,8}(?:保持原|保持不|原封不|一模一样|一模一樣|跟原图|和原图)|[^。，,改换換删刪去除掉擦]{0,6}(?:留着|留著|别碰|別碰|別動|别丢|不准动|不许动|不能变|不能動)| ?(?:\S{0,8} )?(?:को )?(?:मत|वैसे ही|वैसा ही)| (?:waisa|waise|vaise) (?:hi|rakh)"
    r"|(?: [\w-]+){0,4} (?:must|should|has to|have to|needs to) (?:remain|stay)\b|[^ ]{0,6}(?:คงไว้|เหมือนเดิม)|.{0,12}(?:كما هي|كما هو|زي ما هي|زي ما هو|مثل ما هي)"
    r"|(?: \w+)? ?(?:aynen|aynı kalsın|olduğu gibi|dokunma)|(?: \w+){0,3} (?:si dev\w+ leggere|se (?:tiene que|debe|ha de) leer|doi\w+ rester lisible|dev\w+ ficar legíve\w+|muss lesbar bleiben|müssen lesbar bleiben)\b| (?:(?!baaki|baki|sab)\w+ ){0,1}(?:waisa|waise|vaise) (?:hi|rakh)"
    r"|(?: [\w-]+){0,3} (?:biarin|biarkan|apa adanya|laat zo|zo laten)\b|(?: [\w-]+){0,4} (?:не трога\w+|не меня\w+|bleib\w*,? (?:wie|so)|unverändert|unchanged|untouched|inchangée?s?|sin cambios|inalterad\w+|invariat\w+|без изменений)\b|(?: and(?: the)? \w+| \w+){0,2} (?:must |should |to |has to |have to |needs to )?(?:remains?|stays?|unchanged|intact|untouched|preserved|exactly as|as (?:it|they) (?:is|are))\b|[^。，,]{0,4}(?:保持|不变|不變|不动|保留|原样|原樣|别动|勿动|不要动|不要改|不用改|别改)|(?:は|を)?(?:そのまま|変えず|変更せず)|(?:은|는|을|를)? ?(?:그대로|유지)"
)
_KEPT = re.compile(
    r"\b(?:respetando|respeitando|rispettando|en respectant|respecting|keep|keeping|preserve|preserving|leave|leaving|retain|maintain|mant[eé]n|mantener|mantenha|manter|conserva|conserve[rz]?|garde[rz]?|mantieni|behalte|сохрани\w*|оставь|اترك|أبقِ?|احتفظ|giữ nguyên|giữ|biarkan|biarin|zostaw|laat|behoud|(?:without|don't|do not|not) (?:chang|touch|alter|modify|mov)\w*)(?: (?!but\b|and\b|only\b|change\b|replace\b|lose\b|remove\b|delete\b|drop\b|take\b|make\b|turn\b|add\b|put\b|everything\b|pero\b|mas\b|mais\b|y\b|e\b|et\b|und\b|и\b|ma\b)[\w-]+,?){0,6} (?:and (?:all )?(?:(?:the |its |his |her )(?:\w+ )?)?)?$|\bnot (?:one|a single) $|\b(?:sem (?:alterar|mudar|mexer n[oa]s?|tocar n[oa]s?)|sin (?:tocar|cambiar|alterar|modificar)|senza (?:toccare|cambiare|modificare)|sans (?:toucher|changer|modifier)|не (?:трогая|меняя)|bez zmiany|bez zmieniania)(?: \w+){0,3} $|\bohne (?:\w+ ){0,2}$|\b(?:keep|leave|preserve)\b[^.;]{0,60}\bincluding (?:(?:the|all|any|his|her) )?$"
)


def stays(words: Words, hit: Hit) -> bool:
    """Whether the instruction says that nothing is done to what the hit names."""
    return bool(
        _STAYS.match(words.lower, hit.end) or _KEPT.search(words.lower[max(0, hit.start - 60) : hit.start])
    )
