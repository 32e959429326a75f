"""What the reader learnt from prompts that it first read wrongly: formulas, stars for quotation marks, long refusals, papers of
every kind, and in edits names for names."""

from __future__ import annotations

import pytest
from switchyard.engine.prompt import read


@pytest.mark.parametrize(
    "prompt",
    [
        "Plot y = 3x² - 1 on a chalkboard",
        "Two circles for A = {2, owl} and B = {owl, 9}",
        "The region A ∩ B in a textbook figure",
    ],
)
def test_a_formula_is_written_where_it_is_shown(prompt):
    found = read(prompt)
    assert found.asks_for_text and found.because == "a formula"


@pytest.mark.parametrize(
    "prompt", ["A harbour, f=1.8, iso=200", "A fox, cfg=7, steps=30, --ar=3:2", "A room of 4 × 5 metres"]
)
def test_settings_are_no_formula(prompt):
    assert not read(prompt).asks_for_text


def test_stars_quote_what_is_written():
    assert read("a mug that says *Slow Monday* in gold").copy == ("Slow Monday",)


@pytest.mark.parametrize(
    "prompt", ["* a fox\n* a hen\n* a lake", "A **bold** fox in the snow", "5 * 3 * 2 foxes"]
)
def test_stars_that_quote_nothing(prompt):
    assert not read(prompt).asks_for_text


def test_the_default_of_a_gallerys_argument_is_what_is_read():
    prompt = 'A {argument name="time" default="foggy dawn"} over a {argument name="place" default="village"}'
    assert not read(prompt).asks_for_text
    assert read('A sign that says "{argument name="words" default="Open Late"}"').copy == ("Open Late",)


def test_a_row_of_quotations_shares_what_follows_it():
    assert read('A latte from above, with "Good" "Luck" written on it in foam').copy == ("Good", "Luck")


@pytest.mark.parametrize(
    "prompt",
    [
        "A teapot in three rooms. No readable text, logo, watermark, hands, extra cups, labels, or panel numbers.",
        "夜色里无声的列车滑过广告牌，无人的站台",
        "一侧留白給文字，海邊的一家四口",
    ],
)
def test_a_refusal_reaches_to_the_end_of_its_list_and_no_farther_than_its_clause(prompt):
    assert not read(prompt).asks_for_text


def test_a_chinese_refusal_ends_with_its_clause():
    assert read("列车无声地滑过夜空，广告牌上闪烁着文字“欢迎回家”").copy == ("欢迎回家",)


@pytest.mark.parametrize(
    "prompt",
    [
        "Crea una fattura per uno studio inventato",
        "Crie um contrato fictício de uma página",
        "Создай счёт на оплату от типографии",
        "카페 청구서를 만들어 주세요",
        "架空の料理人の職務経歴書",
        "Thiết kế hóa đơn cho một xưởng gốm",
        "ออกแบบใบแจ้งหนี้ของสตูดิโอ",
        "صمم سيرة ذاتية من صفحة واحدة",
        "Ontwerp een factuur voor een bakkerij",
    ],
)
def test_papers_are_made_of_words_in_every_language(prompt):
    assert read(prompt).asks_for_text


@pytest.mark.parametrize("prompt", ["パン屋のロゴを作って", "빵집 로고 만들어줘", "봄 축제를 알리는 포스터"])
def test_what_is_to_be_made_stands_last(prompt):
    assert read(prompt).asks_for_text


@pytest.mark.parametrize(
    "prompt, words",
    [
        ("Change Silver Creek to Broken Hill", True),
        ("Make Elm Street say Oak Street", True),
        ("change what the billboard says", True),
        ("Make the banner read go team instead of go home", True),
        ("Swap the Hobbies and Languages sections", True),
        ("write good morning somewhere", True),
        ("исправь надписи", True),
        ("Change the nationality on the passport to Peruvian", True),
        ("Add a slate beside the stall with 'sold out' written on it", True),
        ("Show the tools from above, labelled with their names", True),
        ("I want to add a title at the top", True),
        ("i want to write a caption under the photo", True),
        ("Update the board: now selling for $12.99", True),
        ("RSVP by June 1, not May 1", True),
        ("Nutritous → Nutritious on the cereal label", True),
        ("Leave room at the top, I'll add the title later. Just extend the sky", False),
        ("Make her wear a skirt instead of a shirt", False),
        ("@image1 -> @image2", False),
        ("2 cats -> 3 cats", False),
        ("Brightness: 50", False),
        ("亮度改成50%", False),
        ("he should be 30 and smiling", False),
        ("Convert the SDR photo to HDR", False),
        ("Put LEGO minifigures on the table", False),
        ("Rate this photo and improve the lighting", False),
        ("Make the boy say hello with a wave", False),
        ("Change the dog on the poster to Snoopy", False),
        ("Remove the mug with 'Boss' printed on it", False),
        ("Whiten the wall, and keep exactly the same box, label, lettering and shadow", False),
        ("Deja el fondo gris y mantén la misma caja, etiqueta, texto", False),
        ("换成雪景，招牌上的字别动", False),
        ("Can you take the glare off my cat? Will tip $10", False),
        ("Remove the haze. Make sure no 'halo' or 'ghosting' is left", False),
        ("enlève un certain nombre de touristes", False),
        ("переведи в чб", False),
    ],
)
def test_edits(prompt, words):
    assert read(prompt).edits_text == words


@pytest.mark.parametrize(
    "prompt",
    [
        "make my cat read a book",
        "remove the Greek columns",
        "Remove the SUV in white",
        "add two lines of trees",
        "update the location to a beach",
        "Show him smiling instead of frowning",
        "crop 10 cm left and 5 cm right",
        "make the sky *much* darker",
        "Put a plank 6” wide beside one 10” long",
    ],
)
def test_what_only_looks_like_an_edit_of_words(prompt):
    assert not read(prompt).edits_text


@pytest.mark.parametrize(
    "prompt",
    [
        "[Place] harbour\n[Chalk sign] FISH OF THE DAY",
        "[Title] Dune Sea\n[Light] dusk",
        "A tub label for our dairy. The name is Millbrook Farm.",
        "a notice that asks visitors to sign in",
        "a tram showing line 12 on its front",
        "an anchor with a ribbon with Salt & Storm in old english lettering",
        "花店logo，店名叫 春山",
        "车站的显示屏,显示K527次 15:08",
    ],
)
def test_what_names_the_words_without_quotation_marks(prompt):
    assert read(prompt).asks_for_text


def test_copy_in_brackets_is_exact():
    long = "word " * 30
    assert read("[Title] Dune Sea \n[Light] dusk").copy == ("Dune Sea",)
    assert read('[Title] "Dune Sea"\n[Light] dusk').copy == ("Dune Sea",)
    assert not any("word" in copy for copy in read(f"[Headline] {long}\n[Light] dusk").copy)


@pytest.mark.parametrize("prompt", ["make the offer $5", "Set the reward to $500"])
def test_a_price_that_is_the_edit_is_no_tip(prompt):
    assert read(prompt).edits_text


@pytest.mark.parametrize(
    "prompt",
    [
        "A plank 6” wide and 10” long on a bench",
        "A mug, *not* a glass, on a printed tablecloth",
        "a castle at a distance of 5 miles",
        "A photo, f = (2.8), iso 200",
        "a blank sign on the corner of Elm Street",
        "A display of red apples: fresh and cold",
        "A bay at 48°25'40\"N 4°47'20\"W in fog",
        "[Scene] a meadow\n[Main character] Anna, in a red coat",
        "a label tree. Its name is Old Tom",
        "a sword with a hilt of gold, 剑身上刻着繁复的花纹",
        "red headphones on pink, ad photography",
        "men loading hay bales onto a truck",
        "a woman writes in her diary",
        "a still life with a skull, memento mori",
        "a knight on the wall to keep out goblins",
        "a lineup of classic cars",
        "un panneau solaire sur un toit",
        "soldiers in the first line",
    ],
)
def test_what_only_looks_like_words_to_render(prompt):
    assert not read(prompt).asks_for_text


@pytest.mark.parametrize(
    "prompt, yes",
    [
        ("a fox sticker, transparent background", True),
        ("change the background to a transparent background", True),
        ("Replace the transparent background with a white one", False),
        ('a shop sign that says "transparent background"', False),
        ("a transparent background is not needed", False),
        ("고양이, 배경을 투명하게", True),
        ("قطة خلفية شفافة", True),
    ],
)
def test_transparency(prompt, yes):
    assert read(prompt).transparent == yes
