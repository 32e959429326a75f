"""Every family and mode against diffusers' own pipeline, and what those get wrong against what is right.

The models are tiny and random. The plain pipelines get the same weights and embeddings; where they would
resize every picture to 1 MP their bucket is made the test's size, and their VAEs give the likeliest latent
instead of drawing one."""

from __future__ import annotations

import copy
import importlib

import diffusers
import pytest
import torch
from switchyard.engine.local import latents, sample
from switchyard.engine.local.machine import Part, Plain
from switchyard.tests.tiny import pipelines

from .local_tiny import CASES, CLOSE, HEIGHT, SEED, STEPS, WIDTH, Model, Scene, Watch, image, samples


@pytest.fixture
def small_buckets(monkeypatch):
    """Called, it makes the plain pipelines' 1 MP (layered: 640x640) the test's own sizes, and their VAEs draw
    nothing."""
    sizes = {WIDTH / HEIGHT: (WIDTH, HEIGHT), 1.0: (64, 64)}

    def bucket(name, pair):
        module = importlib.import_module(f"diffusers.pipelines.{name}")
        found = lambda area, ratio: sizes[ratio] if pair else (*sizes[ratio], None)  # noqa: E731
        monkeypatch.setattr(module, "calculate_dimensions", found)

    def apply():
        for name, pair in (("edit", False), ("edit_plus", True), ("edit_inpaint", False), ("layered", True)):
            bucket(f"qwenimage.pipeline_qwenimage_{name}", pair)
        if hasattr(diffusers, "QwenImage21Pipeline"):
            bucket("qwenimage21.pipeline_qwenimage21", False)
        for name in ("qwenimage.pipeline_qwenimage_img2img", "qwenimage.pipeline_qwenimage_inpaint",
                     "qwenimage.pipeline_qwenimage_edit_inpaint", "flux.pipeline_flux_img2img",
                     "flux.pipeline_flux_inpaint", "flux.pipeline_flux_kontext_inpaint"):  # fmt: skip
            module = importlib.import_module(f"diffusers.pipelines.{name}")
            monkeypatch.setattr(module, "retrieve_latents", lambda out, **kwargs: out.latent_dist.mode())

    return apply


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_a_seed_gives_what_the_plain_pipeline_gives_alone_or_in_a_batch(row, mode, small_buckets):
    scene = Scene(row, mode)
    machine = Watch()
    both = scene.ours(
        SEED, SEED + 1, machine=machine
    )  # at the picture's own size, whatever their buckets are
    small_buckets()
    torch.testing.assert_close(both[1:], _without_composite(scene.theirs(SEED + 1), mode), **CLOSE)
    assert (both[0] - both[1]).abs().max() > 0.01
    run = int(STEPS * 0.7) if scene.changed else STEPS
    assert machine.steps == [(step + 1, len(machine.steps)) for step in range(len(machine.steps))]
    assert len(machine.steps) in (run, run + 1)
    last = machine.shown[-1]
    if (
        not scene.mask.bool().any() or "inpaint" not in mode
    ):  # the last step's x0 is the picture, its sigma being 0
        torch.testing.assert_close(_without_composite(last, mode), both, **CLOSE)


def _without_composite(found, mode):
    return found[:, :, 1:] if mode == "layers" else found


ONE_OF_A_KIND = [
    ("qwen-image-edit-2511-local", "edit"),
    ("qwen-image-layered-local", "layers"),
    ("qwen-image-2.1-local", "edit"),
    ("flux-1-dev-local", "inpaint"),
    ("flux-1-kontext-dev-local", "edit"),
    ("flux-2-dev-local", "edit"),
    ("flux-2-klein-4b-base-local", "generate"),
    ("flux-2-klein-9b-kv-local", "edit"),
]


@pytest.mark.parametrize(("row", "mode"), ONE_OF_A_KIND)
def test_a_cancelled_run_leaves_at_once_and_leaves_nothing_behind(row, mode):
    scene = Scene(row, mode)
    undisturbed = scene.ours()
    machine = Watch(stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        scene.ours(machine=machine)
    assert len(machine.steps) == 2
    with torch.inference_mode():  # as ComfyUI runs its nodes
        assert torch.equal(scene.ours(), undisturbed)


@pytest.mark.parametrize("passes", [0, 1, 3])
def test_cancel_is_looked_for_before_every_pass_of_the_transformer(passes):
    left = [passes]

    def cancelled():
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    calls = []
    scene = Scene("qwen-image-local", "generate")  # two passes a step
    hook = scene.model.pipeline.transformer.register_forward_pre_hook(lambda *args: calls.append(1))
    try:
        with pytest.raises(KeyboardInterrupt):
            scene.ours(machine=Plain(cancelled=cancelled))
    finally:
        hook.remove()
    assert len(calls) == passes - passes // 3  # every third look is between two steps


def test_nothing_but_the_transformer_is_asked_for():
    asked = []
    scene = Scene("flux-2-dev-local", "edit")
    job = scene.job()

    class Counting(Model):
        def __init__(self):
            self.family = scene.model.family

        def part(self, role):
            asked.append(role)
            return scene.model.part(role)

    sample.sample(Counting(), Plain(), scene.positive, None, job)
    assert asked == ["transformer"]


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_a_transformer_in_bf16_works_whatever_its_weights_say(row, mode):
    scene = Scene(row, mode)
    exact = scene.ours()
    part = scene.model.part("transformer")
    low = recast(part.module)

    class Low:
        family = scene.model.family

        def part(self, role):
            return Part("low", role, low, torch.bfloat16)

    made = sample.sample(Low(), Plain(), scene.positive, scene.negative, scene.job())
    found = latents.from_comfy(scene.model.family.kind, made)
    assert made.dtype == torch.float32
    assert (found - exact).abs().mean() < 0.05


def recast(module):
    low = copy.deepcopy(module).to(torch.bfloat16)
    low.__class__ = type(
        "Stored", (type(module),), {"dtype": torch.float8_e4m3fn}
    )  # as weights in fp8 make it say
    return low


@pytest.mark.parametrize(("row", "mode"), [case for case in CASES if case[1] in ("edit", "layers")])
def test_a_reference_of_another_size_acts_and_the_result_keeps_its_own(row, mode):
    scene = Scene(row, mode)
    if scene.model.family.kind == "qwen21":
        scene.references = [image(32, 64, 5, 4), image(64, 32, 6, 4)]
        scene.positive, scene.negative = scene._seen("a cat"), scene._seen("bad")
        other = scene.ours()
    else:
        tall = samples(scene.model, 64, 128, 5)
        other = scene.ours(references=(tall, *scene.job().references[1:]))
        assert (other - scene.ours()).abs().max() > 1e-4
    assert latents.size(scene.model.family.kind, other) == (WIDTH, HEIGHT)


def test_more_pictures_than_a_model_was_made_for_are_taken_and_said():
    scene = Scene("qwen-image-edit-2509-local", "edit")
    five = tuple(samples(scene.model, 64, 64, seed) for seed in range(5))
    four = scene.ours(references=five[:4])
    assert (scene.ours(references=five) - four).abs().max() > 1e-4
    (said,) = sample.notes(scene.model.family, scene.job(references=five), negative=True)
    assert "up to 3 pictures" in said


def test_edit_inpainting_looks_at_further_references_too():
    rows = ("qwen-image-edit-2511-local", "flux-2-klein-4b-local", "flux-1-kontext-dev-local")
    for row in filter(pipelines.ROWS.__contains__, rows):
        scene = Scene(row, "edit inpaint")
        more = tuple(samples(scene.model, side, 96, side) for side in (64, 128))
        more = more[: scene.model.family.references]
        assert (scene.ours(references=more) - scene.ours()).abs().max() > 1e-4, row


def test_outside_the_mask_the_latent_is_the_picture_s():
    for row, mode in CASES:
        if "inpaint" in mode and row in pipelines.ROWS:
            scene = Scene(row, mode)
            job = scene.job()
            kind = scene.model.family.kind
            kept = latents.mask_of(kind, job.mask, WIDTH, HEIGHT)[0, 0] == 0
            before, after = latents.from_comfy(kind, job.image), scene.ours()
            torch.testing.assert_close(after[..., kept], before[..., kept], **CLOSE)
            assert (after - before)[..., ~kept].abs().max() > 0.1, (row, mode)
