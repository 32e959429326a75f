"""Edits in the grammar of their languages: words that stay, things that a quotation only tells, figures for figures."""

import pytest
from switchyard.engine.prompt import read

STAYS = (
    "Change the jacket to green, lettering untouched", "Headline is locked. Make the sky pink",
    "Make the bottle blue, not a single letter may change", "Färbe die Jacke rot, die Aufschrift darf sich nicht ändern",
    "Pinta la puerta de azul, el nombre no lo toques", "Passe le fond en gris sans toucher au texte",
    "Deixa o fundo preto sem mexer no texto", "Maglietta verde senza toccare la scritta", "배경만 밤으로, 글자는 손대지 마",
    "背景を夜にして、文字はいじらないで", "把背景换成海边，字别碰", "शर्ट नीली कर दो, नाम को मत छेड़ना", "сделай куртку красной, не трогая надпись",
)  # fmt: skip
TOLD = (
    'Take away the "To Let" sign from the window', "Entferne das Schild „Geöffnet“ an der Tür", "Retire le panneau « Interdit » du mur",
    'Make the "quiet" kid laugh', "彼女に「王子様」っぽい服を着せて", "换成“赛博朋克”风的夜景", 'repaint it like "Sunflowers"',
)  # fmt: skip
CHANGES = (
    "mach aus der 5 eine 8", "mach aus der 7 ne 9", "Take the word \"Sale\" off the window", 'erase "Draft" from the page',
    "bastel eine Einladung draus, Lena wird 6", "допиши ещё одну строку", "passe a inscrição para o espanhol", "price 300 se 249 kar do",
    "メニューを英語に訳して", "zmien rok na 2031",
)  # fmt: skip
PAID = (
    "Could someone please remove the car behind us? It's in the way, $15",
    "Kann jemand die Leute entfernen? Gibt 10 € per PayPal",
)


@pytest.mark.parametrize("instruction", [*STAYS, *TOLD, *PAID])
def test_words_are_not_what_changes(instruction):
    assert not read(instruction).edits_text


@pytest.mark.parametrize("instruction", CHANGES)
def test_words_are_what_changes(instruction):
    assert read(instruction).edits_text


ELSE_STAYS = (
    'Replace the title, the font and the colors stay the same',
    'Update the price, font and colour remain the same',
    'احذف النص والصورة تبقى كما هي',
    'надпись убери остальное оставь',
    'текст удали а фон оставь',
    '把文字删掉背景跟原图一样',
    '文字去掉其他地方原封不动',
    'apaga o texto que fica no canto',
    'o texto fica cortado, arruma',
    'la scritta resta storta, raddrizzala',
    '招牌上的字别糊了，改清楚',
    'cambia el texto, déjalo igual de grande',
    'keep the background and modify text',
    'keep the same design and new text',
    'замени номера на машине на А123ВС',
    '把招牌改成“清风”',
    "change the price to 5, don't touch anything else", "cambia el precio a 9, no toques lo demás", "change le prix à 9 €, ne touche pas au reste",
    "muda o preço pra 9, não mexe no resto", "cambia il titolo in Estate, resta sobrio", "der Preis soll nicht 5 sondern 6 Euro sein",
    "замени цену на 90, остальные детали должны остаться", "غير السعر إلى ٩٠ واترك باقي الصورة كما هو", "keep the background and change text to SALE",
    "price 199 kar do baaki waisa hi rehne do", "fiyatı 90 yap, gerisi aynen kalsın", "价格改成90，其他保持不变", "値段を90円に変えて、ほかはそのままで",
    "замени надпись на ОТКРЫТО и оставь фон", "cambia il prezzo ma lo sfondo non deve cambiare", "die Schrift soll gut lesbar sein",
    "change the date, the logo is not to be altered", "change the title, everything else is fine as it is", "change le prix, laisse les photos comme elles sont",
    "fix the typo, the rest is perfect, leave it", 'change the sign to "OPEN" and the wall stays as it is',
    "가격을 9천원으로 바꾸고 나머지는 그대로 두세요", "change the title to Dawn and keep the colours",
)  # fmt: skip
OTHER_THINGS = (
    'Die Frau soll stehen statt sitzen',
    'Der Mann soll neben dem Auto stehen, nicht sitzen',
    'la mujer tiene que poner la mano en la cintura',
    'Change the background from Paris to London',
    'Change the season from Summer to Winter',
    'pon a Messi y no Ronaldo',
    '이 사람을 60살로 바꿔줘',
    'この人を60歳にして',
    '화면 비율을 16:9로 변경해줘',
    '彩度を20に上げて',
    'pinta o rodapé de branco',
    'replace the sofa with one made in leather',
    "añade un bocadillo de jamón al plato", "accroche un tableau au mur", "metti un minuscolo gatto sul divano",
    "rends-la comme si c'était l'année 1950", "trasformala in stile fumetto",
)  # fmt: skip


@pytest.mark.parametrize("instruction", ELSE_STAYS)
def test_what_else_stays_keeps_no_words_from_being_changed(instruction):
    assert read(instruction).edits_text


@pytest.mark.parametrize("instruction", OTHER_THINGS)
def test_words_that_are_spelt_like_words_for_words(instruction):
    assert not read(instruction).edits_text
