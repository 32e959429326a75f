"""Instructions that come with a picture: whether it is words in it that change."""

from __future__ import annotations

import pytest
from switchyard.engine.prompt import read

TEXT_EDITS = [
    "Change the price to $4.99",
    'Replace "Closed" with "Open"',
    "Fix the typo in the headline",
    "Translate the menu into Korean",
    "Change the date on the ticket to 12 June",
    "Make the lettering on the sign red",
    "Update the name on the badge to Ada",
    "把招牌上的字改成“茶馆”",
    "把价格改成 20 元",
    "タイトルを「春」に書き換えて",
    '간판 글자를 "카페"로 바꿔줘',
    'غيّر النص إلى "مفتوح"',
    'Cambia el texto del cartel a "Cerrado"',
    "Turn 2019 into 2026",
    "Make the sign say SOLD OUT",
    "Write Happy Easter on the egg",
    "Измени надпись на «Открыто»",
    "Remplace le texte par « Fermé »",
    "Troque o preço para R$ 12",
    "Remove all text from the image",
    "Delete the watermark",
    "Make the menu French",
    "Rename the button from Submit to Send",
    "Edit the street sign to Elm Avenue",
    'Let the cake say "30 and thriving"',
    "Correct the garbled lettering on the storefront",
    "Set the departure time to 17:45",
    "Change the gate from B12 to C7",
    "Bold the headline",
    "The sign has an extra E",
    "去除图片中的水印",
    "在空白处写上“谢谢老师”",
    "画像の透かしを消して",
    "워터마크를 지워 줘",
    "احذف العلامة المائية من الصورة",
    "Quita la marca de agua",
    "Supprime le filigrane",
    "Entferne das Wasserzeichen",
    "Remova a marca d'água",
    "Удали водяной знак",
    "Исправь ошибку в слове на плакате",
    "वॉटरमार्क हटाओ",
]
PHOTO_EDITS = [
    "Make the sky more dramatic",
    "Remove the person on the left",
    "Change the background to a beach, no text",
    "Improve the texture of the wall",
    "Put her in the context of a forest",
    "Change the colour of the car to #ff0000",
    "Relight the portrait from the right",
    "把背景换成海边",
    "背景を夜にして",
    "배경을 바다로 바꿔줘",
    "غيّر الخلفية إلى شاطئ",
    "Cambia el fondo por una playa",
    'Remove the runner in the vest marked "88"',
    "Add a bench to the left of the billboard",
    "Make the picture 30% brighter",
    "Extract the mug with the word COFFEE from the picture",
    "Give her a lighter skin tone",
    "Replace the cat with a dog",
    "Remove the street sign on the left",
    "Put the letter she is holding in an envelope",
    'Remove the man in front of the "Exit" sign',
    'Replace the bag that says "Paris" with a basket',
    'Add a cat to the left of the "Welcome" mat',
    'Dress him as "Indiana Jones"',
    'the man says "cheese", make him smile',
    "Blur everything behind the chalkboard",
    "Place a vase next to the menu",
    "Add a bird sitting on the billboard",
    "Remove the price tag",
    "Have the boy hold up a blank sign",
    "Replace the background with a Japanese garden",
    "Make the letter box red",
    "在海报旁边加一盆绿植",
    "把“禁止停车”牌子旁边的自行车去掉",
    "ポスターの横に観葉植物を追加して",
    "간판을 없애 줘",
    "احذف اللافتة من الجدار",
    "Quita el letrero de la izquierda",
    "Supprime le panneau à gauche",
    "Entferne das Schild links",
    "Убери вывеску слева",
    "बोर्ड हटा दो",
]


@pytest.mark.parametrize("prompt", TEXT_EDITS)
def test_an_edit_of_words(prompt):
    assert read(prompt).edits_text


@pytest.mark.parametrize("prompt", PHOTO_EDITS)
def test_an_edit_of_the_picture(prompt):
    assert not read(prompt).edits_text


def test_a_long_instruction_is_read_as_a_whole_picture():
    scene = (
        "Keep the face and the pose. Replace the room with a seamless grey backdrop, soft light from the left. "
        * 7
    )
    assert not read(scene).edits_text
    assert not read(f"{scene} Do not add any text, labels or a watermark.").edits_text
    assert read(f'{scene} Put the headline "Wake the Forest" in large capitals at the top.').edits_text
