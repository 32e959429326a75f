"""New pictures in the grammar of their languages: a blank that is another thing's, and words that only look like lettering."""

import pytest
from switchyard.engine.prompt import read

WANTED = (
    "真っ白な背景に「SALE」の文字",
    "無地の背景に大きく「ありがとう」と書かれたカード",
    "蓝色天空的背景，中间写着“生日快乐”",
    "星空的夜晚，霓虹招牌写着“酒吧”",
    'une pancarte blanche avec écrit "Non"',
    "風船、背景は無地にして、「セール」の文字を大きく",
    'logo de uma empresa que se chama "Luz"',
)
NOT_WANTED = (
    "风格写实的女孩肖像",
    "うちわを持った浴衣の女性",
    "以花卉为主图案的连衣裙",
    "a woman using a banking app on her phone in a cafe",
    "un plat du jour appétissant sur une nappe",
)
REFUSED = (
    "Un vieux bureau, pas d'inscription", "Bottiglia su un tavolo, nessun'etichetta", "una taza, nada de letreros",
    "hochzeitstorte, schrift brauch ich keine", "fondo para la cartelera del teatro, sin texto", "a storefront, the sign is blank",
    "boş bir tabela", "لافتة فارغة على الطريق", "真っ白な看板のある通り", "diagram of the heart with no labels",
)  # fmt: skip


@pytest.mark.parametrize("prompt", WANTED)
def test_words_are_asked_for(prompt):
    found = read(prompt)
    assert found.asks_for_text and found.copy


@pytest.mark.parametrize("prompt", [*NOT_WANTED, *REFUSED])
def test_no_words_are_asked_for(prompt):
    assert not read(prompt).asks_for_text
