"""Prompts to embeddings: the numbers of diffusers' own pipelines, without their language heads and their lost
positions.

The encoders are tiny and random; what is compared is what a wrong template, layer, mask or position would
change.
"""

from __future__ import annotations

import copy
import inspect
import re
from dataclasses import replace

import pytest
import torch
from PIL import Image
from switchyard.engine.errors import BadInput
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.encode import encode
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Part, Plain
from switchyard.engine.local.seen_pictures import fitted
from switchyard.tests.tiny import modules, pipelines

CLOSE = {"atol": 1e-5, "rtol": 0.0}
PROMPTS = ("a cat", "招牌上写着“开业” и カフェ", "")
AREA = 64 * 64  # px at which the encoders see references here


class Model:
    """A pipeline's components as `engine/local/model.py` hands them out, counting what is asked for."""

    def __init__(self, pipeline, family):
        self.pipeline, self.family, self.asked = pipeline, family, []
        self.modules = {}

    def part(self, role):
        self.asked.append(role)
        module = modules.headless(self.modules.get(role) or getattr(self.pipeline, role))
        return Part(f"tiny:{role}", role, module, module.dtype)

    def tokenizer(self, name):
        return getattr(self.pipeline, name)

    @property
    def processor(self):
        return self.pipeline.processor

    def identity(self, role):
        return f"tiny:{self.family.model}:{role}"


@pytest.fixture(scope="module")
def tiny():
    """row id -> Model, each pipeline built once. Encoders are float64, CLIP apart, whose mask is none in transformers 4: what
    differs is no rounding."""
    built = {}

    def make(row, **changes):
        if row not in built:
            built[row] = pipelines.build(row, seed=1)
            for role in ("text_encoder", "text_encoder_2"):
                encoder = getattr(built[row], role, None)
                if encoder is not None and type(encoder).__name__ != "CLIPTextModel":
                    encoder.double()
        return Model(built[row], replace(families()[row], **changes))

    return make


def picture(width=96, height=64, seed=0, channels=3):
    return torch.rand(height, width, channels, generator=torch.Generator().manual_seed(seed))


def pil(image, size):
    whole = Image.fromarray((image * 255).round().byte().numpy())
    return whole.resize(size, Image.Resampling.LANCZOS)


def ours(model, prompt, references=(), **options):
    return encode(model, Plain(), prompt, references, cache=EmbeddingCache(), **{"area": AREA, **options})


QWEN = ("qwen-image-local", "qwen-image-layered-local")
FLUX2 = ("flux-2-klein-4b-local", "flux-2-klein-9b-base-local", "flux-2-dev-local")
SHORT = 256  # tokens; FLUX.2 reads 512, which takes the same code longer


@pytest.mark.parametrize("row", QWEN)
def test_qwen_reads_text_as_diffusers_does(tiny, row):
    model = tiny(row)
    for prompt in PROMPTS:
        theirs, mask = model.pipeline.encode_prompt(prompt, device="cpu")
        got = ours(model, prompt)
        torch.testing.assert_close(got.embeds, theirs, **CLOSE)
        assert mask is None and got.mask is None and got.pooled is None


@pytest.mark.parametrize("row", FLUX2)
def test_flux2_reads_as_diffusers_does(tiny, row):
    model = tiny(row, tokens=SHORT)
    layers = {"text_encoder_out_layers": model.family.out_layers}
    for prompt in PROMPTS:
        theirs, _ = model.pipeline.encode_prompt(prompt, device="cpu", max_sequence_length=SHORT, **layers)
        got = ours(model, prompt)
        torch.testing.assert_close(got.embeds, theirs, **CLOSE)
        assert got.embeds.shape[1] == got.mask.shape[1] == SHORT


@pytest.mark.parametrize("row", ["flux-1-dev-local", "flux-1-schnell-local"])
def test_flux1_reads_as_diffusers_does(tiny, row):
    model = tiny(row)
    for prompt in ("a cat", "", "far more words than CLIP has positions for, " * 3):
        theirs, pooled, _ = model.pipeline.encode_prompt(
            prompt, device="cpu", max_sequence_length=model.family.tokens
        )
        got = ours(model, prompt)
        torch.testing.assert_close(got.embeds, theirs, **CLOSE)
        torch.testing.assert_close(got.pooled, pooled, **CLOSE)


def test_qwen21_reads_words_and_pictures_as_diffusers_does(tiny):
    model = tiny("qwen-image-2.1-local")
    for prompt in PROMPTS:
        theirs, _, pads = model.pipeline.encode_prompt(prompt, device="cpu")
        got = ours(model, prompt)
        torch.testing.assert_close(got.embeds, theirs, **CLOSE)
        assert torch.equal(got.extra["image_pad_mask"], pads)
    references = [picture(seed=1), picture(64, 64, seed=2, channels=4)]
    theirs, _, pads = model.pipeline.encode_prompt("a cat", image=seen(references), device="cpu")
    got = ours(model, "a cat", references)
    torch.testing.assert_close(got.embeds, theirs, **CLOSE)
    assert torch.equal(got.extra["image_pad_mask"], pads)
    assert pads.sum() == sum(
        one.width * one.height // 32**2 for one in seen(references)
    )  # a quarter of the VAE's latents


@pytest.mark.parametrize(("row", "count"), [("qwen-image-edit-local", 1), ("qwen-image-edit-2511-local", 2)])
def test_an_edit_is_what_diffusers_makes_of_it_once_pictures_keep_their_rows(tiny, row, count, monkeypatch):
    model = tiny(row)
    references = [picture(seed=1), picture(64, 128, seed=2)][:count]
    encoder, pad = (
        model.pipeline.text_encoder,
        model.processor.tokenizer.convert_tokens_to_ids("<|image_pad|>"),
    )
    forward, positions = encoder.forward, []

    def with_kinds(input_ids, **given):
        if {"mm_token_type_ids", "kwargs"} & set(inspect.signature(forward).parameters):
            given["mm_token_type_ids"] = (
                input_ids == pad
            ).int()  # an older transformers finds them by itself
        return forward(input_ids=input_ids, **given)

    hook = modules.language_half(encoder).register_forward_pre_hook(
        lambda module, args, given: positions.append(given["position_ids"]), with_kwargs=True
    )
    try:
        got = ours(model, "make it blue", references)
        lost, _ = model.pipeline.encode_prompt("make it blue", image=seen(references), device="cpu")
        monkeypatch.setattr(encoder, "forward", with_kinds)
        right, _ = model.pipeline.encode_prompt("make it blue", image=seen(references), device="cpu")
    finally:
        hook.remove()
    torch.testing.assert_close(got.embeds, right, **CLOSE)
    assert torch.equal(positions[0], positions[2])
    if (
        positions[1] is None
    ):  # transformers 5 with a diffusers that does not tell it which tokens are pictures
        assert (lost - right).abs().max() > 1e-4


def test_the_tokens_of_a_picture_are_numbered_by_rows_and_columns(tiny):
    model = tiny("qwen-image-edit-2509-local")
    decoder, found = modules.language_half(model.pipeline.text_encoder), []
    hook = decoder.register_forward_pre_hook(
        lambda module, args, given: found.append(given["position_ids"]), with_kwargs=True
    )
    try:
        ours(model, "", [picture(96, 64)], area=56 * 84 + 1)
    finally:
        hook.remove()
    time, rows, columns = found[0].reshape(-1, found[0].shape[-1])[-3:].tolist()
    start = next(n for n in range(len(time)) if time[n] == time[n + 1])
    assert time[:start] == rows[:start] == columns[:start] == list(range(start))
    assert time[start : start + 6] == [start] * 6  # 84 x 56 px: three tokens wide, two high
    assert rows[start : start + 6] == [start] * 3 + [start + 1] * 3
    assert columns[start : start + 6] == [start, start + 1, start + 2] * 2
    after = list(range(start + 3, start + 3 + len(time) - start - 6))  # words go on after the longer side
    assert time[start + 6 :] == rows[start + 6 :] == columns[start + 6 :] == after


@pytest.mark.parametrize("row", [*QWEN, *FLUX2, "qwen-image-2.1-local"])
def test_the_language_head_is_never_run(tiny, row):
    model = tiny(row, tokens=SHORT)
    encoder = copy.deepcopy(model.pipeline.text_encoder)
    encoder.lm_head = None
    model.modules["text_encoder"] = encoder
    assert ours(model, "a cat").embeds.isfinite().all()


@pytest.mark.parametrize("row", FLUX2)
def test_an_encoder_that_was_cut_down_gives_the_same_numbers(tiny, row):
    whole, cut = tiny(row, tokens=SHORT), tiny(row, tokens=SHORT)
    encoder = copy.deepcopy(whole.pipeline.text_encoder)
    decoder = modules.language_half(encoder)
    decoder.layers = decoder.layers[: max(whole.family.out_layers)]
    decoder.norm = torch.nn.Identity()
    cut.modules["text_encoder"] = encoder
    assert torch.equal(ours(cut, "a cat").embeds, ours(whole, "a cat").embeds)
    decoder.layers = decoder.layers[:-1]
    with pytest.raises(BadInput, match=f"number {max(whole.family.out_layers)}"):
        ours(cut, "a cat")


def test_layers_that_nobody_reads_are_not_run(tiny):
    model = tiny("flux-2-klein-4b-local", tokens=SHORT)
    ran = []
    layers = model.pipeline.text_encoder.model.layers
    hooks = [
        layer.register_forward_hook(lambda *_, number=number: ran.append(number))
        for number, layer in enumerate(layers)
    ]
    ours(model, "a cat")
    for hook in hooks:
        hook.remove()
    assert ran == list(range(27)) and len(layers) > 27


@pytest.mark.parametrize(
    ("row", "tokens", "references"),
    [
        ("qwen-image-local", 300, ()),
        ("qwen-image-edit-local", 500, (picture(),)),
        ("qwen-image-edit-2511-local", 500, (picture(), picture())),
        ("qwen-image-2.1-local", 80, (picture(),)),
        ("qwen-image-2.1-local", 80, ()),
        ("flux-1-dev-local", 60, ()),
        ("flux-2-klein-4b-local", 80, ()),
        ("flux-2-dev-local", SHORT, ()),
    ],
)
def test_a_prompt_that_is_too_long_is_refused_with_both_numbers(tiny, row, tokens, references):
    model = tiny(row, tokens=tokens)
    with pytest.raises(BadInput) as told:
        ours(model, "x" * 1000, references, negative=True)
    assert model.asked == []
    has, most = (int(number) for number in re.findall(r"(?:has|reads) (\d+)", str(told.value)))
    assert has in (1000, 1001) and "negative prompt" in str(told.value) and "xxx" not in str(told.value)
    longest = "x" * (most - (has - 1000))  # T5 makes one more token of a word's beginning
    assert ours(model, longest, references).embeds.shape[0] == 1
    with pytest.raises(BadInput):
        ours(model, longest + "x", references)


def test_pictures_are_asked_for_and_counted(tiny):
    with pytest.raises(BadInput, match="none is connected"):
        ours(tiny("qwen-image-edit-local"), "make it blue")
    with pytest.raises(BadInput, match=r"3 reference pictures at most, and 4"):
        ours(tiny("qwen-image-edit-2511-local"), "mix them", [torch.stack([picture()] * 4)])
    plain, with_one = (ours(tiny("qwen-image-edit-2511-local"), "a cat", some) for some in ((), [picture()]))
    assert with_one.embeds.shape[1] > plain.embeds.shape[1]
    assert torch.equal(
        ours(tiny("qwen-image-layered-local"), "a cat", [picture()]).embeds,
        ours(tiny("qwen-image-layered-local"), "a cat").embeds,
    )


def test_a_batch_is_its_pictures_one_by_one(tiny):
    model = tiny("qwen-image-edit-2509-local")
    one, two = picture(seed=1), picture(seed=2)
    single = ours(model, "mix them", [one, two]).embeds
    assert torch.equal(single, ours(model, "mix them", [torch.stack([one, two])]).embeds)
    assert not torch.equal(single, ours(model, "mix them", [two, one]).embeds)


@pytest.mark.parametrize(
    "prompt", ["{} {0} {prompt}", "<|image_pad|> <|im_end|>", "[IMG] [INST]", "\x00\ud83d\ude00\u200f"]
)
def test_no_prompt_breaks_a_template(tiny, prompt):
    for row in {"qwen-image-edit-2511-local", "qwen-image-2.1-local"} & set(pipelines.ROWS):
        assert ours(tiny(row), prompt, [picture()]).embeds.isfinite().all()
    for row in ("qwen-image-local", "flux-1-schnell-local"):
        assert ours(tiny(row), prompt).embeds.isfinite().all()
    for row in {"flux-2-dev-local", "flux-2-klein-4b-local"} & set(pipelines.ROWS):
        assert ours(tiny(row, tokens=SHORT), prompt).embeds.isfinite().all()


def seen(references):
    """The references as diffusers' own calls hand them to the encoder, at AREA."""
    return [pil(one, fitted(one.shape[1], one.shape[0], AREA)) for one in references]
