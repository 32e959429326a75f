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
