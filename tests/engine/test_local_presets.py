"""Presets: what they set, when they are chosen, and that the schedules are the published ones."""

import dataclasses
import functools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.local import presets, shell
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.presets import FAST, TIERS, choose, names, preset_for
from switchyard.engine.local.sample import Job, sample
from switchyard.tests.engine import local_tiny

PAIRS = [(preset, row) for preset in FAST for row in preset.families]
# fal's model card: given to diffusers' pipeline, which shifts them with the size
TURBO = [1.0, 0.6509, 0.4374, 0.2932, 0.1893, 0.1108, 0.0495, 0.00031]


def test_the_options_of_a_node_only_grow():
    assert names()[:9] == (
        "auto", "none", "draft", "standard", "final", "lightning-4", "lightning-8", "qwen-2.1-lightning", "flux-2-turbo",
    )  # fmt: skip


@pytest.mark.parametrize("row", families())
def test_every_family_has_its_tiers(row):
    family = families()[row]
    draft, standard, final = (choose(tier, family) for tier in TIERS)
    assert 0 < draft.steps <= standard.steps <= final.steps
    assert (
        draft.guidance == final.guidance and not draft.sigmas and not draft.scheduler and draft.lora is None
    )
    if family.distilled or family.guidance_kind == "none":
        assert draft.steps == final.steps == family.steps == 4 and draft.guidance is None
    assert choose("none", family) is None and choose("auto", family) == standard == preset_for(family)
    assert preset_for(family, "draft") == draft


@pytest.mark.parametrize("preset, row", PAIRS, ids=lambda value: getattr(value, "name", value))
def test_a_fast_lora_brings_its_preset(preset, row):
    family = families()[row]
    file = {"lightning-4": "Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors",
            "lightning-8": "qwen_image_lightning_8steps_v2.safetensors",
            "qwen-2.1-lightning": "Qwen-Image-2.1-Lightning.safetensors",
            "flux-2-turbo": "Flux_2-Turbo-LoRA_comfyui.safetensors"}[preset.name]  # fmt: skip
    for tier in TIERS:
        assert (
            preset_for(family, tier, ["style.safetensors", file])
            == preset
            == choose("auto", family, tier, [file])
        )
    assert preset.missing(family, [file]) == ""
    said = preset.missing(family, ["style.safetensors"])
    assert preset.name in said and preset.lora.repositories[row] in said and "LoRA Stack" in said
    assert choose(preset.name, family) == preset
    assert choose("draft", family, "draft", [file]).name == "draft", "what a person chooses wins"


def test_a_preset_of_another_family_is_refused():
    with pytest.raises(
        BadInput,
        match=r"lightning-4 is not for FLUX\.1 dev: choose one of auto, none, draft, standard, final",
    ):
        choose("lightning-4", families()["flux-1-dev-local"])
    with pytest.raises(BadInput, match="lightning-8"):
        choose("nonsense", families()["qwen-image-local"])
    assert (
        preset_for(families()["flux-1-schnell-local"], loras=["x lightning 4steps turbo.safetensors"]).name
        == "standard"
    )


@given(st.text(max_size=40))
def test_no_file_name_is_too_odd(file):
    for preset in FAST:
        preset.lora.fits(file)


def test_what_a_person_sets_wins():
    turbo = FAST[-1]
    assert turbo.settings() == {
        "steps": 8,
        "guidance": 2.5,
        "shift": None,
        "scheduler": {"use_dynamic_shifting": True},
        "sigmas": turbo.sigmas,
    }
    assert turbo.settings(steps=6)["sigmas"] == () and turbo.settings(steps=6)["steps"] == 6
    assert turbo.settings(steps=8, guidance=4.0)["sigmas"] == turbo.sigmas
    assert turbo.settings(shift=2.0) | {"guidance": 0} == {
        "steps": 8,
        "guidance": 0,
        "shift": 2.0,
        "scheduler": {},
        "sigmas": (),
    }
    assert FAST[0].settings(steps=5)["scheduler"] == presets.LIGHTNING
    fields = {one.name for one in dataclasses.fields(Job)}
    assert set(turbo.settings()) <= fields


def test_lightnings_schedule_is_a_shift_of_three():
    for steps, wanted in (
        (4, [1, 0.9, 0.75, 0.5, 0]),
        (8, [3 * t / (1 + 2 * t) for t in torch.linspace(1, 0.125, 8)] + [0]),
    ):
        made = shell.scheduler({**families()["qwen-image-local"].scheduler, **presets.LIGHTNING})
        made.set_timesteps(
            sigmas=torch.linspace(1, 1 / steps, steps).tolist(), mu=presets.LIGHTNING["max_shift"]
        )
        assert torch.allclose(made.sigmas, torch.tensor(wanted, dtype=torch.float32), atol=1e-6)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (256, 128)])
def test_turbos_sigmas_are_what_diffusers_makes_of_the_cards(width, height):
    """In every size: diffusers shifts them with it."""
    from diffusers.pipelines.flux2.pipeline_flux2 import compute_empirical_mu

    model, kept = local_tiny.model("flux-2-dev-local"), []
    wanted = shell.scheduler(model.family.scheduler)
    tokens = width // 16 * height // 16
    wanted.set_timesteps(sigmas=TURBO, mu=compute_empirical_mu(image_seq_len=tokens, num_steps=8))
    with pytest.MonkeyPatch.context() as patch:
        plain = shell.scheduler
        patch.setattr(shell, "scheduler", lambda *given: kept.append(plain(*given)) or kept[0])
        job = Job("generate", width, height, (1,), **FAST[-1].settings())
        sample(model, Plain(), local_tiny.text(model, 1), None, job)
    assert torch.allclose(kept[0].sigmas, wanted.sigmas, atol=1e-6) and len(kept[0].sigmas) == 9


@pytest.mark.parametrize("preset, row", PAIRS, ids=lambda value: getattr(value, "name", value))
def test_they_run(preset, row):
    """With its own number of steps, and for Lightning one pass a step: a guidance of 1 is none."""
    model, machine = local_tiny.model(row), Plain()
    mode = next(iter(model.family.pipelines))
    references = (local_tiny.samples(model, 64, 64, 1),) if mode == "edit" else ()
    job = Job(mode, 64, 64, (1,), references=references, **preset.settings())
    passes = []
    hook = model.pipeline.transformer.register_forward_hook(lambda *_: passes.append(1))
    try:
        samples = sample(model, machine, local_tiny.text(model, 1), local_tiny.text(model, 2), job)
    finally:
        hook.remove()
    assert torch.isfinite(samples).all()
    assert machine.steps[-1] == (preset.steps, preset.steps) and len(passes) == preset.steps


def test_qwen_2_1_is_as_with_diffusers_own_setting():
    """`sample_sigmas` of its pipeline, which the card sets."""
    import diffusers

    model = local_tiny.model("qwen-image-2.1-local")
    preset = next(one for one in FAST if one.name == "qwen-2.1-lightning")
    seen = []

    def noted(scheduler):
        plain = scheduler.set_timesteps

        @functools.wraps(plain)
        def set_timesteps(*args, **kwargs):
            plain(*args, **kwargs)
            seen.append(scheduler.sigmas.clone())

        scheduler.set_timesteps = set_timesteps
        return scheduler

    config = {**model.family.scheduler, "shift_terminal": None}
    parts = {
        **model.pipeline.components,
        "scheduler": noted(diffusers.FlowMatchEulerDiscreteScheduler(**config)),
    }
    pipeline = diffusers.QwenImage21Pipeline(**parts, sample_sigmas=[1.0, 0.75, 0.5, 0.25])
    pipeline.set_progress_bar_config(disable=True)
    text = local_tiny.text(model, 1).embeds
    pipeline(prompt_embeds=text, width=64, height=64, output_type="latent")
    with pytest.MonkeyPatch.context() as patch:
        plain = shell.scheduler
        patch.setattr(shell, "scheduler", lambda *given: noted(plain(*given)))
        job = Job("generate", 64, 64, (1,), **preset.settings())
        sample(model, Plain(), local_tiny.text(model, 1), None, job)
    assert torch.allclose(seen[0], seen[1], atol=1e-6) and len(seen[0]) == 5
