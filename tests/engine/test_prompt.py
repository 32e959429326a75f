"""Reading prompts: which words are to be rendered, in many languages.

The prompts are written for these tests. The benchmark with other people's prompts lies beside the checkout, if at all.
"""

from __future__ import annotations

import pytest
from switchyard.engine.prompt import read

# (prompt, the words to be rendered, exactly)
ASKED = [
    ('A bakery window with "Fresh Rye Today" painted on the glass', ("Fresh Rye Today",)),
    ("A neon sign that reads OPEN LATE over a bar", ("OPEN LATE",)),
    ('A cake with "Happy 40th" in icing', ("Happy 40th",)),
    ("Storefront sign 'Nori & Co' in brushed steel", ("Nori & Co",)),
    ('Two mugs, one says "Hers" and the other says "His"', ("Hers", "His")),
    ('A protest placard saying "Clean Air Now"', ("Clean Air Now",)),
    ('Headline "Tides Turn" on a newspaper front page', ("Tides Turn",)),
    ('A poster with the text "Sale" --no people', ("Sale",)),
    ("Poster for a chess club", ()),
    ("A business card for a plumber", ()),
    ("An infographic of the water cycle", ()),
    ("A mug with the words good morning printed on it", ()),
    ("A logo with the letter K", ("K",)),
    ("一张写着“今日特价”的咖啡馆黑板", ("今日特价",)),
    ("春节海报，标题为“新春快乐”", ("新春快乐",)),
    ("流程图：用户登录", ()),
    ("「営業中」と書かれた木の看板", ("営業中",)),
    ("コンサートのポスター", ()),
    ('"어서오세요"라고 적힌 나무 간판', ("어서오세요",)),
    ("카페 메뉴판", ()),
    ('لافتة مكتوب عليها "مفتوح"', ("مفتوح",)),
    ("ملصق لمهرجان الموسيقى", ()),
    ('Un cartel que dice "Abierto"', ("Abierto",)),
    ("Una tarjeta de invitación para una boda", ()),
    ("Affiche de cinéma « La Nuit »", ("La Nuit",)),
    ('Weinetikett mit dem Schriftzug "Silvaner"', ("Silvaner",)),
    ('Плакат с надписью "Весна"', ("Весна",)),
    ('ป้ายเขียนว่า "เปิด"', ("เปิด",)),
    ("Cartaz de um festival de cinema", ()),
    ("Uma placa que diz «Vende-se»", ("Vende-se",)),
    ("A marquee displaying TONIGHT ONLY above a queue", ("TONIGHT ONLY",)),
    ("A gravestone engraved with Beloved Aunt in moss", ("Beloved Aunt",)),
    ("Title: Salt and Iron\nAuthor: M. Oduya\nA paperback cover", ("Salt and Iron",)),
    ("黑板上写着欢迎回家", ("欢迎回家",)),
    ("A diagram of a sailing boat", ()),
    ("An org chart of a small museum", ()),
    ("光合作用示意图", ()),
    ("Bir düğün davetiyesi", ()),
    ("Thiệp sinh nhật cho bà", ()),
    ('A tin named "Bee Good" on a shelf in a shop, no other text', ("Bee Good",)),
    ('A sign saying "No Text Please"', ("No Text Please",)),
    ('{"poster": "a reef", "headline": "Dive In", "negative_prompt": "blurry, text"}', ("Dive In",)),
    ('"headline": "Big Sky", "palette": "ochre", "layout": "', ("Big Sky",)),  # JSON, torn off
    ("a psoter for a school play", ()),
    ("an infograpic about moss", ()),
    ("The words mind the gap in mosaic tiles on a station wall", ()),
    ("Neon tubes arranged to spell love", ()),
    ("A jar with the initials J and M on the lid", ()),
    ("A wine list on a clipboard", ()),
    ("Flash cards for learning colours", ()),
    ('Chalk art on a pavement: "Tread Gently"', ("Tread Gently",)),
    ("Happy birthday, with two otters", ()),
    ("奶茶店的价目表", ()),
    ("居酒屋のお品書き", ()),
    ("학교 도서관 안내문", ()),
    ("Ein Werbeplakat für ein Museum", ()),
    ("Несколько плакатов театра на стене", ()),
    ("Des affiches de cirque", ()),
]
NOT_ASKED = [
    "A fox asleep in the snow",
    'A lighthouse in the style of "The Great Wave"',
    'An old sailor nicknamed "Salty Pete" mending nets',
    'The crowd shouting "encore" at a concert',
    'Grandma whispers "sleep well"',
    'A 27" monitor on a desk',
    "A draft horse pulling a cart",
    "The texture of old leather, in context",
    "A reading lamp beside reading glasses",
    "A letter carrier on his bicycle",
    "Children slide down the hill",
    "A man looking for signs of spring",
    "一只在雪地里的狐狸",
    "夕暮れの海を歩く犬",
    "눈 속의 여우",
    "ثعلب في الثلج",
    "Un zorro en la nieve",
    "A girl reading a thick book under a tree",
    "A stop sign half buried in sand",
    "Posters fade on the wall in the background, a cat in front",
    'A dynamic "V" shape of geese over a lake',
    "A postman carrying a sack of love letters",
    "PORTRAIT OF A BEEKEEPER IN A FIELD AT NOON",
    'A still from "The Long Winter"',
    'A woman in the pose of Vermeer\'s "The Milkmaid"',
    'A "little black dress" on a mannequin',
    'Two friends laughing, one of them says "never again"',
    'El boxeador apodado "El Martillo"',
    "Боксёр по прозвищу «Молот»",
    "名叫“小黑”的狗在雨里",
    '"같이 가자"라고 말하는 두 친구',
    "A ticket inspector on a steam train",
    "A man of letters in an armchair",
    "Two women looking at a menu in a restaurant",
    "A “V”-shaped neckline",
    "Ein Ausschnitt in Form eines „V“",
]
REFUSED = [
    "An otter on a river bank, no text, no watermark",
    "A grey cat, without any lettering",
    "A blank billboard beside a road",
    "An unlabeled bottle on a table",
    "A mountain lake --ar 16:9 --no text",
    "一只在雪地里的狐狸，不要文字",
    "竹林里的少女，无文字，无水印",
    "雪の中の狐、文字なし",
    "텍스트 없이 눈 속의 여우",
    "ثعلب في الثلج بدون نصوص",
    "Un zorro en la nieve, sin texto",
    "Renard dans la neige, sans texte",
    "Fuchs im Schnee, kein Text",
    "A deer at dawn. Avoid people, buildings, watermarks, logos and text.",
    "A deer at dawn. Negative prompt: blurry, low quality, text, watermark",
    "鹿のいる森。建物、乗り物、テキスト、ロゴは一切含めないでください",
    "숲 속의 사슴. 사람, 건물, 텍스트, 로고는 포함하지 마세요",
    "森林里的鹿，不包含人物、建筑或文字",
    "जंगल में हिरण, कोई टेक्स्ट न हो",
    "กวางในป่า ไม่มีผู้คน อาคาร หรือข้อความ",
    "Um cervo na floresta, sem pessoas, prédios ou texto",
    "Олень в лесу, без людей, логотипов и текста",
    "A white billboard at dusk, nothing written on it",
    "A shop window. The image must not contain words or letters.",
    "An album cover of a burning piano, but don't put any text on it",
    "Une affiche vierge sur un mur",
    "Ein leeres Plakat an einer Wand",
    "何も書かれていない看板",
]


@pytest.mark.parametrize("prompt, copy", ASKED)
def test_text_is_asked_for(prompt, copy):
    signals = read(prompt)
    assert signals.asks_for_text and signals.lettering
    assert signals.copy == copy


@pytest.mark.parametrize("prompt", NOT_ASKED + REFUSED)
def test_text_is_not_asked_for(prompt):
    assert not read(prompt).asks_for_text


@pytest.mark.parametrize("prompt", REFUSED)
def test_text_is_refused(prompt):
    assert read(prompt).text_refused


@pytest.mark.parametrize("prompt", [p for p, _ in ASKED] + NOT_ASKED)
def test_text_is_not_refused(prompt):
    assert not read(prompt).text_refused


@pytest.mark.parametrize("prompt", [p for p in NOT_ASKED if p.isascii()])
def test_taking_text_back_never_asks_for_it(prompt):
    assert not read(f"{prompt}, no text, no watermark, no logo").asks_for_text


@pytest.mark.parametrize(
    "prompt, script, language, direction",
    [
        ('a sign "Fresh bread for you"', "latin", "English", "left to right"),
        ('un cartel que dice "Mañana"', "latin", "Spanish", "left to right"),
        ('Schild mit "Schön"', "latin", "German", "left to right"),
        ("招牌写着“老茶馆”", "han", "Chinese", "left to right"),
        ("看板に「ラーメン屋」と書かれ", "kana", "Japanese", "left to right"),
        ('간판에 "달빛"이라고 적힌', "hangul", "Korean", "left to right"),
        ('لافتة مكتوب عليها "مفتوح"', "arabic", "Arabic", "right to left"),
        ('बोर्ड पर "चाय" लिखा', "devanagari", "Hindi", "left to right"),
        ('плакат "Весна"', "cyrillic", "Russian", "left to right"),
        ('a sign "24/7"', "common", "", "left to right"),
    ],
)
def test_the_copy_knows_its_script_and_language(prompt, script, language, direction):
    (passage,) = read(prompt).passages
    assert (passage.script, passage.language, passage.direction) == (script, language, direction)


def test_the_copy_is_exact():
    for words in ("नमस्ते क्‍या", "می‌خواهم", "Ünïcode — 50 % Off!", "A&B (c) 1999"):
        assert read(f'a sign that says "{words}"').copy == (words,)


def test_what_decided_is_said_without_the_prompts_words():
    for prompt, copy in ASKED:
        signals = read(prompt)
        assert signals.because and 0.5 <= signals.confidence <= 1
        assert not any(words in signals.because for words in copy)
    assert all(read(prompt).because == "" for prompt in NOT_ASKED)
