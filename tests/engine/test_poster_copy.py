"""The poster's words go into the prompt as they were typed, and the reader finds exactly them."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.poster_copy import PosterCopy, build, parse_where
from switchyard.engine.prompt import read
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide

PHRASES = [
    "SUMMER SALE", "Grand opening", "50% off", "€9.99", "$5", "5\" pizza", "Joe's Diner", "He said \"hi\"", "“Quoted”", "it's", "'90s night",
    "no text", "No smoking", "Title: Dune", "A & B", "A, B and C", "www.example.com", "@image1", "#FF0000", "the", "x", "24/7", "R.S.V.P.",
    "夏季大促", "全场五折", "「特価」", "お一人様", "카페 메뉴", "تخفيضات", "٥٠٪", "मेला", "Скидки", "«Да»", "Ñandú", "Öffnungszeiten", "ลดราคา",
    "Sale! Sale! Sale!", "Dr. Who (live)", "{x}", "12:30 – 14:00", "Line; line", "Fish\u200d", "👨‍👩‍👧 day", "NONE", "in red letters",
]  # fmt: skip
SCENES = ["", "a beach at sunset with a woman and her dog", "a bakery", "it's a dog's life", "夜晚的咖啡店", "a 12\" record, worn",
          "A neon street. No people", "flat vector infographic"]  # fmt: skip
phrase = st.sampled_from(PHRASES)
lines = st.lists(phrase, max_size=3).map("\n".join)
posters = st.builds(
    PosterCopy, headline=phrase | st.just(""), deck=lines, body=lines, price=phrase | st.just(""), date=lines, extra=lines,
    scene=st.sampled_from(SCENES), style=st.sampled_from(["", "screen print", "warm light, 35mm"]),
)  # fmt: skip


def visible(phrases) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.replace("\u200d", "") for p in phrases))


@settings(max_examples=300, deadline=None)
@given(posters)
@example(PosterCopy(headline="no text", extra="No smoking", scene="it's a dog's life"))
def test_the_reader_finds_exactly_the_words(poster):
    typed = [line for name in ("headline", "deck", "body", "price", "date", "extra")
             for line in getattr(poster, name).splitlines()]  # fmt: skip
    assume(typed)
    built = build(poster)
    assert built.copy == tuple(typed)
    assert all(words in built.prompt for words in typed)
    assert read(built.prompt).copy == visible(typed)


words = st.text("abcdefgh ABCDEFGH'àéñ0123456789!?&%", min_size=1, max_size=30) | st.text(
    "夏季大促全场五折。，", min_size=1, max_size=12
)


@settings(max_examples=200, deadline=None)
@given(words)
def test_whatever_the_words_are(text):
    assume(text.strip())
    built = build(PosterCopy(headline=text))
    assert built.copy == (text.strip(),) == read(built.prompt).copy


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_taken_or_refused(body, scene, language):
    try:
        built = build(PosterCopy(body=body, scene=scene, language=language))
    except BadInput:
        return
    assert built.copy and all(line in built.prompt for line in built.copy)


@pytest.mark.parametrize("headline", ["SUMMER SALE", "夏季大促", "تخفيضات", "x"])
def test_the_router_sends_it_to_the_job_of_words(headline):
    prompt = build(
        PosterCopy(headline=headline, scene="cinematic portrait of a woman, rim light", price="€5")
    ).prompt
    route = decide(Request(prompt), Available(frozenset(), True))
    assert (route.job, route.family, route.signals.copy) == ("text", "qwen", (headline, "€5"))


def test_places():
    places = parse_where("Headline: on the left edge, top to bottom\n\nprice： in a star;")
    assert places == {"headline": "on the left edge, top to bottom", "price": "in a star"}
    prompt = build(PosterCopy(headline="SALE", price="€5", where=places, language="English")).prompt
    assert 'On the left edge, top to bottom, in the largest letters, the headline reads "SALE".' in prompt
    assert 'In a star, in large letters, the price reads "€5".' in prompt
    assert "The lettering is in English." in prompt
    assert build(PosterCopy(deck="small")).prompt.splitlines()[1].startswith("Near the top,")


@pytest.mark.parametrize(
    ("poster", "words"),
    [
        (PosterCopy(scene="a beach"), "no words to set"),
        (PosterCopy(headline=" \n\t"), "no words to set"),
        (PosterCopy(body="short\n" + "x" * 400), "`body` has 400 characters: break it"),
    ],
)
def test_what_cannot_be_built_is_refused(poster, words):
    with pytest.raises(BadInput, match=words):
        build(poster)


@pytest.mark.parametrize("line", ["headline", "footer: below", "headline:", ": top"])
def test_a_place_that_is_none_is_refused(line):
    with pytest.raises(BadInput, match="Line 2 of `where`"):
        parse_where(f"price: left\n{line}")
