"""What a job may say beside its pictures: schedules, guidance, step caches; and what is refused or does not act."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import noise, sample, shell, stepcache
from switchyard.engine.local.conditioning import Conditioning
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.sample import Job
from switchyard.tests.tiny import pipelines

from .local_tiny import CLOSE, Model, Scene, Watch


def times_seen(scene, **changes):
    """The sigmas at which the transformer was run."""
    seen = []
    hook = lambda module, args, given: seen.append(round(float(given["timestep"][0]), 3))  # noqa: E731
    handle = scene.model.pipeline.transformer.register_forward_pre_hook(hook, with_kwargs=True)
    try:
        scene.ours(guidance=1.0, **changes)
    finally:
        handle.remove()
    return seen


@pytest.mark.parametrize(
    "row", ["qwen-image-local", "flux-1-dev-local", "flux-1-schnell-local", "flux-2-klein-4b-local"]
)
def test_sigmas_that_are_given_are_not_shifted_again(row):
    scene = Scene(row, "generate")
    assert times_seen(scene, sigmas=(1.0, 0.6, 0.2)) == [1.0, 0.6, 0.2]


def test_a_lightning_schedule():
    log3 = 1.0986122886681098
    changes = {"base_shift": log3, "max_shift": log3, "shift_terminal": None}  # its README's
    scene = Scene("qwen-image-local", "generate")
    assert times_seen(scene, scheduler=changes, steps=4) == [1.0, 0.9, 0.75, 0.5]
    assert times_seen(scene, shift=3.0, scheduler={"shift_terminal": None}, steps=4) == [1.0, 0.9, 0.75, 0.5]
    assert times_seen(scene, shift=1.0, steps=4)[-1] == 0.02  # the family's own last sigma


def test_layered_shifts_by_a_factor():
    """Its repository says `linear` and no last sigma: an exponent of 2.5 would leave nearly nothing below 0.9."""
    scene = Scene("qwen-image-layered-local", "layers")
    (reference,) = scene.job().references
    assert reference.shape[-2:] == (8, 12)  # 24 tokens
    factor = (24 / 256) ** 0.5
    shifted = [round(factor / (factor + 1 / t - 1), 3) for t in (1.0, 0.75, 0.5, 0.25)]
    assert times_seen(scene, steps=4) == shifted
    family = families()["qwen-image-layered-local"]
    made = shell.scheduler(family.scheduler)
    made.set_timesteps(sigmas=[1.0, 0.5], mu=(1600 / 256) ** 0.5)  # at 640x640
    assert [round(float(sigma), 3) for sigma in made.sigmas] == [1.0, 0.714, 0.0]


def test_strength_leaves_out_the_first_steps():
    scene = Scene("flux-1-dev-local", "image")
    whole = times_seen(scene, strength=1.0, steps=10)
    assert times_seen(scene, strength=0.3, steps=10) == whole[7:]


def test_what_does_not_act_is_said():
    def said(row, mode="generate", negative=True, **given):
        return " ".join(sample.notes(families()[row], Job(mode, 64, 64, (1,), **given), negative))

    assert "without one" in said("flux-1-dev-local")
    assert "above 1" in said("qwen-image-local", guidance=1.0)
    assert said("qwen-image-local") == "" == said("flux-1-dev-local", negative=False)
    assert "guidance does not act" in said("flux-1-schnell-local", negative=False, guidance=3.0)
    assert "cache is off" in said("qwen-image-local", cache="taylor", steps=8)


def test_a_negative_prompt_acts_only_where_there_is_guidance():
    for row, acts in (
        ("qwen-image-local", True),
        ("flux-2-klein-4b-base-local", True),
        ("flux-1-dev-local", False),
    ):
        if row not in pipelines.ROWS:
            continue
        scene = Scene(row, "generate")
        without = sample.sample(scene.model, Plain(), scene.positive, None, scene.job())
        with_one = sample.sample(scene.model, Plain(), scene.positive, scene.negative, scene.job())
        assert torch.equal(without, with_one) != acts, row


def test_a_conditioning_of_core_nodes_brings_its_guidance_and_references():
    scene = Scene("flux-1-kontext-dev-local", "edit")
    (reference,) = scene.job().references
    words = Conditioning(
        scene.positive.embeds,
        scene.positive.pooled,
        None,
        {"guidance": 5.0, "reference_latents": [reference]},
    )
    job = scene.job(references=(), guidance=None)
    found = sample.sample(scene.model, Plain(), words, None, job)
    wanted = sample.sample(scene.model, Plain(), scene.positive, None, scene.job(guidance=5.0))
    torch.testing.assert_close(found, wanted, **CLOSE)


@pytest.mark.parametrize(
    ("row", "mode", "changes", "words"),
    [
        ("flux-1-dev-local", "generate", {"mode": "layers"}, "does not do 'layers'"),
        ("flux-1-dev-local", "generate", {"width": 100}, "multiples of 16"),
        ("flux-1-dev-local", "generate", {"seeds": ()}, "batch size is 0"),
        ("qwen-image-edit-local", "edit", {"references": ()}, "no picture to work on"),
        ("flux-1-dev-local", "image", {"image": None}, "none is given"),
        ("flux-1-dev-local", "inpaint", {"mask": None}, "needs a mask"),
        ("flux-1-dev-local", "image", {"strength": 0.0}, "leaves nothing"),
        ("flux-1-dev-local", "image", {"image": torch.zeros(1, 16, 16, 16)}, "one size"),
        ("flux-1-dev-local", "image", {"image": torch.zeros(3, 16, 8, 12)}, "3 pictures"),
        ("flux-1-dev-local", "image", {"image": torch.zeros(1, 128, 4, 6)}, "another kind of model"),
        ("flux-1-kontext-dev-local", "edit", {"references": (torch.zeros(2, 16, 8, 8),)}, "one picture"),
        ("flux-1-dev-local", "generate", {"sigmas": (0.5, 1.0)}, "go down"),
        ("flux-2-dev-local", "generate", {"cache": "first block"}, "taylor"),
        ("flux-2-klein-4b-local", "generate", {"cache": "taylor"}, "each of its 4"),
        ("qwen-image-local", "generate", {"cache": "mag"}, "none for this one"),
        ("qwen-image-2.1-local", "edit", {"references": (torch.zeros(1, 64, 1, 8, 8),)}, "same size"),
    ],
)
def test_what_cannot_work_is_said_before_anything_runs(row, mode, changes, words):
    scene, machine = Scene(row, mode), Plain()
    with pytest.raises(BadInput, match=words):
        sample.sample(scene.model, machine, scene.positive, None, replace(scene.job(), **changes))
    assert not machine.steps


def test_the_room_that_is_asked_for_grows_with_what_is_shown():
    def room(row, mode, *seeds, **changes):
        machine = Watch()
        Scene(row, mode).ours(*seeds, machine=machine, **changes)
        return machine.room

    assert room("qwen-image-local", "generate", 1, 2) == 2 * room("qwen-image-local", "generate", 1)
    one = room("qwen-image-edit-2509-local", "edit", references=(torch.zeros(1, 16, 1, 8, 8),))
    assert room("qwen-image-edit-2509-local", "edit", references=(torch.zeros(1, 16, 1, 16, 16),)) > one
    tokens, width, text_tokens = 24 + 16, 32, 9
    assert one == (tokens + text_tokens) * width * sample.NUMBERS_PER_TOKEN * 4


def test_the_room_for_what_is_kept_through_the_run():
    """TaylorSeer remembers more than everything else takes: the card would be full in its third step."""

    def room(row, mode="generate", **changes):
        machine, scene = Watch(), Scene(row, mode)
        scene.ours(machine=machine, **{"steps": 12, **changes})
        return machine.room

    tokens, width, layers = 24 + 9, 32, 2
    plain = room("qwen-image-local")
    assert (
        room("qwen-image-local", cache="taylor") - plain == tokens * width * 2 * layers * 4 * 2
    )  # and the negative pass
    assert room("qwen-image-local", cache="taylor", steps=8) == plain, "it is off with few steps"
    one = room("flux-1-dev-local", cache="taylor") - room("flux-1-dev-local")
    assert one == tokens * width * 2 * (layers + 2) * 4
    assert room("qwen-image-local", cache="first block") > plain
    guided, free = (room("qwen-image-2.1-local", guidance=scale) for scale in (2.5, 1.0))
    assert guided - free == 9 * width * 2 * layers * 4, "each pass keeps its own keys and values"


CACHES = [
    ("qwen-image-local", "taylor"),
    ("qwen-image-local", "first block"),
    ("qwen-image-2.1-local", "taylor"),
    ("flux-1-dev-local", "taylor"),
    ("flux-1-dev-local", "first block"),
    ("flux-1-dev-local", "mag"),
    ("flux-1-kontext-dev-local", "taylor"),
    ("flux-1-kontext-dev-local", "first block"),
    ("flux-2-dev-local", "taylor"),
    ("flux-2-klein-4b-base-local", "taylor"),
]


@pytest.mark.parametrize(("row", "cache"), CACHES)
def test_a_step_cache_runs_and_an_abort_in_the_middle_leaves_no_trace_of_it(row, cache):
    mode = next(iter(families()[row].pipelines))
    scene = Scene(row, mode)
    assert cache in stepcache.choices(scene.model.family)
    undisturbed = scene.ours(steps=12)
    cached = scene.ours(steps=12, cache=cache)
    assert cached.isfinite().all()
    with pytest.raises(KeyboardInterrupt):
        scene.ours(steps=12, cache=cache, machine=Watch(stop_at=7))
    assert torch.equal(scene.ours(steps=12), undisturbed)
    assert torch.equal(scene.ours(steps=12, cache=cache), cached)


@pytest.mark.parametrize("cache", ["taylor", "first block"])
def test_a_step_cache_may_come_first_and_is_the_same_later(cache):
    """Nothing has run through this transformer yet, and diffusers has put nothing around it."""
    scene = Scene("qwen-image-local", "generate")
    scene.model = Model("qwen-image-local")
    first = scene.ours(steps=12, cache=cache)
    scene.ours(steps=12)
    assert torch.equal(scene.ours(steps=12, cache=cache), first)


def test_taylor_seer_predicts_where_it_would_compute():
    scene = Scene("qwen-image-local", "generate")
    assert not torch.equal(scene.ours(steps=12), scene.ours(steps=12, cache="taylor"))


def test_seeds_go_round_at_the_end():
    assert noise.seeds(2**64 - 1, 3) == (2**64 - 1, 0, 1)
    assert len(noise.generators(noise.seeds(2**64 - 1, 3))) == 3
