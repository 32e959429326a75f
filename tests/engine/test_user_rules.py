"""A person's own rules: read with a line for every error, met by word, language or tag, and where they come in the order."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput, NoRoute
from switchyard.engine.models import all_models
from switchyard.engine.prompt import Signals, read
from switchyard.engine.request import Available, Request
from switchyard.engine.route import decide
from switchyard.engine.rules_file import MOST_CHARACTERS, parse_rules, read_rules
from switchyard.engine.sizes import Size
from switchyard.engine.user_rules import UserRules

LOCAL = frozenset(m.id for m in all_models().values() if m.place == "local")
ONE = Size(1024, 1024)
LIGHT = "Portrait of a fisherman at dusk"

WHOLE = """\ufeff# mine
[models]
prefer = flux-2-flex
forbid = flux-2-max, qwen-image

[rule logos]
words = logo, "rock, paper", brand mark*, 标志
use = qwen-image-3

[Rule]
; ours
LANGUAGE = Japanese, ko
use = Qwen, local

[rule]
tag = #sketch, [try-out]
use = draft, flux
"""


def routed(text, prompt, *, key=True, local=frozenset(), images=0, **wishes):
    available = Available(local, key, rules=parse_rules(text))
    return decide(Request(prompt, references=(ONE,) * images, **wishes), available)


def met(rules, prompt):
    found = rules.match(prompt, read(prompt))
    return (found.rule.number, found.because) if found else None


# Reading


def test_a_whole_file():
    rules = parse_rules(WHOLE)
    assert (rules.preferred, rules.forbidden) == (("flux-2-flex",), ("flux-2-max", "qwen-image"))
    one, two, three = rules.rules
    assert one.words == ("logo", "rock, paper", "brand mark*", "标志") and one.models == ("qwen-image-3",)
    assert (two.number, two.line, two.languages) == (2, 10, ("Japanese", "Korean"))
    assert (two.family, two.place, two.tier) == ("qwen", "local", "")
    assert (three.tags, three.family, three.tier) == (("sketch", "try-out"), "flux", "draft")


@pytest.mark.parametrize("text", ["", "\n\n# nothing\n", "[models]\n"])
def test_nothing_is_no_rule(text):
    assert parse_rules(text) == UserRules() and parse_rules(text).version == ""


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("words = logo", 1, "before the first"),
        ("[rule]\nlogo", 2, "name = value"),
        ("[rule]\nwords =\nuse = qwen", 2, "name = value"),
        ("[rule]\nwords = ,\nuse = qwen", 2, "words is empty"),
        ("[rule]\nwords = !\nuse = qwen", 2, "a letter or a digit"),
        ("[rule]\nwords = a", 1, "needs `use`"),
        ("\n[rule]\nuse = qwen", 2, "needs `use` and one of words"),
        ("[rule]\nwords = a\nuse = flux-2-pr", 3, "the nearest is flux-2-pro"),
        ("[rule]\nwords = a\nuse = zzzz", 3, "no model is called “zzzz”"),
        ("[rule]\nwords = a\nuse = qwen-image-2", 3, "not offered any more"),
        ("[rule]\nwords = a\nuse = qwen, flux", 3, "one family can be used, not two"),
        ("[rule]\nwords = a\nuse = qwen, flux-2-pro", 3, "has its family and its place already"),
        ("[rule]\nwords = a\nwords = b\nuse = qwen", 3, "there twice"),
        ("[rule]\nword = a\nuse = qwen", 2, "a rule holds words, language, tag and use, not “word”"),
        ("[rule]\nlanguage = Klingon\nuse = qwen", 2, "not one of Chinese, Japanese"),
        ("[rule]\ntag = two words\nuse = qwen", 2, "a tag is made of"),
        ("[rules]\nwords = a", 1, "[rule] or [models]"),
        ("[models]\nlike = flux-2-pro", 2, "prefer and forbid only"),
        ("[models]\nprefer = flux-3", 2, "no model is called"),
        ("[models]\nforbid = flux-2-max\n[models]\n", 3, "put both into one"),
        ("[models]\nforbid = flux-2-pro\nprefer = flux-2-pro", 3, "preferred and forbidden"),
        ("[models]\nforbid = flux-2-pro\n[rule]\nwords = a\nuse = flux-2-pro", 3, "[models] forbids it"),
        ("[rule]\r\nwords = a\r\nuse = zzzz\r\n", 3, "no model is called"),
    ],
)
def test_an_error_is_one_sentence_with_file_and_line(text, line, words):
    with pytest.raises(BadInput) as error:
        parse_rules(text, "mine.ini")
    said = str(error.value)
    assert said.startswith(f"mine.ini, line {line}: ") and words in said
    assert said.endswith(".") and "\n" not in said and len(said) < 300


def test_files_that_cannot_be_read(tmp_path):
    file = tmp_path / "rules.ini"
    with pytest.raises(BadInput, match=r"rules\.ini holds your rules"):
        read_rules(file)
    file.write_bytes(b"[rule]\nwords = caf\xe9\nuse = qwen")
    with pytest.raises(BadInput, match="line 2: this is no UTF-8"):
        read_rules(file)
    file.write_text("#" * (MOST_CHARACTERS + 1))
    with pytest.raises(BadInput, match="longer than 64 KB"):
        read_rules(file)
    file.write_text(WHOLE, encoding="utf-8")
    assert read_rules(file) == parse_rules(WHOLE)


def test_the_version_is_that_of_what_is_said_and_not_of_the_layout():
    one = parse_rules(WHOLE)
    assert one.version == parse_rules(WHOLE.replace("# mine", "# yours\n\n")).version
    assert one.version != parse_rules(WHOLE.replace("draft, flux", "draft, qwen")).version
    assert len({one.version, parse_rules("[models]\nforbid = qwen-image").version, ""}) == 3


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "[rule]",
                "[models]",
                "words = a, *",
                "use = qwen",
                "use = flux-2-pro",
                "tag = #x",
                "language = ru",
                "=",
                "prefer = x",
                "\0",
            ]
        )
    ).map("\n".join)
)
@example("[\n]\n=\n")
def test_any_text_is_rules_or_one_sentence(text):
    try:
        rules = parse_rules(text)
    except BadInput as error:
        assert "\n" not in str(error) and str(error).endswith(".")
    else:
        rules.match("a b #x", Signals())


# Meeting a prompt


@pytest.mark.parametrize(
    "prompt, found",
    [
        ("A LOGO for a bakery", (1, "word “logo”")),
        ("做一个logo海报", (1, "word “logo”")),
        ("a catalogos of logos", None),
        ("brand\n marks in gold", (1, "word “brand mark*”")),
        ("play rock, paper, scissors", (1, "word “rock, paper”")),
        ("一个公司标志的设计", (1, "word “标志”")),
        ("lo\u200bgo", (1, "word “logo”")),
        ("夕暮れの港", (2, "Japanese")),
        ("a sign that says “오늘의 커피”", (2, "Korean")),
        ("黄昏的港口", None),
        ("#sketch a cat", (3, "tag sketch")),
        ("a cat [Try-Out]", (3, "tag try-out")),
        ("a cat #sketch with a dog", None),
        ("#sketchy cat", None),
        ('a wall with the words "buy it #sketch"', None),
        ("#sketch", None),
        ("", None),
    ],
)
def test_what_a_prompt_meets(prompt, found):
    assert met(parse_rules(WHOLE), prompt) == found


def test_the_first_rule_that_fits_holds_and_all_its_conditions_must_be_met():
    both = parse_rules("[rule]\nwords = cat\ntag = x\nuse = flux\n[rule]\nwords = cat\nuse = qwen")
    assert met(both, "a cat #x") == (1, "word “cat”, tag x")
    assert met(both, "a cat")[0] == 2


def test_tags_are_for_the_router_and_not_drawn():
    rules = parse_rules(WHOLE)
    for prompt in ("#sketch [try-out]  a cat\n", "a cat #sketch", "#sketch a cat [try-out]"):
        assert rules.untagged(prompt, read(prompt)).strip() == "a cat"
    for prompt in ("#fade00 a cat", "#other a cat", "#sketch", ""):
        assert rules.untagged(prompt, read(prompt)) == prompt
    assert routed(WHOLE, f"#sketch {LIGHT}").prompt == LIGHT


words = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(words, st.text(max_size=20), st.text(max_size=20))
def test_a_word_that_stands_alone_is_found_whatever_stands_around_it(word, before, after):
    rules = parse_rules(f'[rule]\nwords = "{word}"\nuse = qwen')
    found = rules.match(f"{before} {word} {after}", Signals())
    assert found and found.said.startswith("your rule 1 (word ")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_prompt_can_be_matched(prompt):
    rules = parse_rules(WHOLE)
    rules.match(prompt, Signals())
    assert rules.untagged(prompt, Signals()) in prompt


def test_a_hostile_prompt_takes_linear_time():
    rules = parse_rules(WHOLE)
    for hostile in ("#sketch " * 300_000, "logo" * 500_000, "brand \t" * 300_000, "[try-out]" * 200_000):
        began = time.process_time()
        rules.match(hostile, Signals())
        rules.untagged(hostile, Signals())
        assert time.process_time() - began < 5


# Where they come in the order


def test_a_rule_beats_ours_and_says_so():
    route = routed("[rule]\nwords = dusk\nuse = qwen-image-3", LIGHT)
    assert route.model == "qwen-image-3" and "by your rule 1 (word “dusk”), although FLUX" in route.reason
    assert routed(WHOLE, LIGHT).family == "flux"


def test_the_node_beats_the_file():
    route = routed(WHOLE, "a logo of a fox at dusk", family="flux")
    assert route.model == "flux-2-flex"
    assert (
        "your rule 1 (word “logo”) asks for qwen-image-3, and what is set on the node comes first"
        in route.reason
    )
    assert routed(WHOLE, "#sketch a fox", tier="final").tier == "final"


def test_what_a_model_can_do_beats_the_file():
    edit = routed(WHOLE, "put the logo onto it", images=9)
    assert edit.model == "flux-2-flex" and "asks for qwen-image-3, which cannot do this" in edit.reason
    cheap = routed(WHOLE, "a logo", max_price=Decimal("0.02"))
    assert cheap.price.usd <= Decimal("0.02") and cheap.model != "qwen-image-3"


def test_a_rule_that_says_local_never_costs_anything():
    route = routed(WHOLE, "夕暮れの港")
    assert route.place == "local" and "still needed to run it" in route.reason
    with pytest.raises(NoRoute, match=r"by your rule 2 \(Japanese\): qwen, local"):
        routed(WHOLE, "夕暮れの港に変えて", images=9)


def test_a_tier_by_rule():
    route = routed(WHOLE, f"#sketch {LIGHT}")
    assert (route.tier, route.family) == (
        "draft",
        "flux",
    ) and "draft by your rule 3 (tag sketch)" in route.reason
    assert routed("[rule]\nwords = dusk\nuse = final", LIGHT).tier == "final"


def test_several_models_of_a_rule_are_taken_in_their_order_and_as_they_are_here():
    text = "[rule]\nwords = dusk\nuse = flux-1-dev-local, flux-1-dev"
    assert routed(text, LIGHT).model == "flux-1-dev"
    assert routed(text, LIGHT, local=frozenset({"flux-1-dev-local"})).model == "flux-1-dev-local"
    assert routed(text, LIGHT, key=False).model == "flux-1-dev"  # lacks only a key


def test_a_preferred_model_is_taken_within_the_family_that_is_chosen():
    assert routed(WHOLE, LIGHT).model == "flux-2-flex"
    assert "your rules prefer it" in routed(WHOLE, LIGHT).reason
    assert routed(WHOLE, 'a sign that says "Open"').family == "qwen"
    assert routed(WHOLE, LIGHT, tier="draft").model == "flux-1-schnell"  # flex is no model for drafts
    assert routed(WHOLE, LIGHT, place="local").place == "local"
    assert routed(WHOLE, LIGHT, key=False, local=LOCAL).place == "local"  # what is here comes first
    assert routed(WHOLE, LIGHT, max_price=Decimal("0.03")).model == "flux-2-pro"


def test_a_forbidden_model_is_never_chosen_and_never_an_alternative():
    everything = "\n".join(["[models]", f"forbid = {', '.join(m.id for m in all_models().values())}"])
    with pytest.raises(NoRoute, match="your rules forbid it"):
        routed(everything, LIGHT)
    route = routed("[models]\nforbid = flux-2-pro", LIGHT)
    assert route.model == "flux-2-dev" or route.family == "flux"
    assert "flux-2-pro" not in {other.model for other in route.alternatives}
    assert dict((p.model, p.why) for p in route.passed_over)["flux-2-pro"] == "your rules forbid it"


def test_a_rule_of_thousands_of_words_is_looked_through_at_once():
    found = parse_rules(f"[rule]\nwords = {', '.join(f'w{n}x' for n in range(5000))}\nuse = qwen")
    prompt = "a garden with a lamp, " * 100 + "w7x and w4999x"
    signals = read(prompt)
    started = time.process_time()
    assert {found.match(prompt, signals).because for _ in range(10)} == {"word “w7x”"}
    assert time.process_time() - started < 5  # one pattern of them all took half a minute


def test_of_several_words_the_first_in_the_prompt_is_named():
    rules = parse_rules("[rule]\nwords = garden, red  lamp, red*\nuse = qwen")
    for prompt, word in (
        ("a red lamp, a garden", "red  lamp"),
        ("Garden, redder", "garden"),
        ("gardens", ""),
    ):
        met = rules.match(prompt, read(prompt))
        assert (met.because if met else "") == (f"word “{word}”" if word else "")
