"""From a wish to pictures: which mode it comes to, in which size, what is shown, kept and said."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import latents
from switchyard.engine.local.available import open_row
from switchyard.engine.local.draw import _settings, draw
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.sources import Folders
from switchyard.engine.local.wish import Plan, Wish, plan
from switchyard.engine.models import find
from switchyard.tests.tiny import files, pipelines

torch.set_num_threads(1)  # tensors this small take ten times as long on several

PICTURE = torch.rand(70, 100, 3, generator=torch.Generator().manual_seed(1))
MASK = torch.zeros(1, 70, 100)
MASK[:, :, 50:] = 1


def planned(row: str, **wishes) -> Plan:
    return plan(families()[row], Wish(**wishes))


def latent(kind: str, width: int, height: int, batch: int = 1, value: float = 0.0, **more) -> dict:
    return {"samples": torch.full_like(latents.empty(kind, width, height, batch), value), **more}


# --- the mode


@pytest.mark.parametrize(
    ("row", "wishes", "mode"),
    [
        ("qwen-image-local", {}, "generate"),
        ("qwen-image-local", {"pictures": (PICTURE,), "denoise": 0.5}, "image"),
        ("qwen-image-local", {"pictures": (PICTURE,), "mask": MASK}, "inpaint"),
        ("flux-1-dev-local", {"latent": latent("flux1", 64, 64, value=1), "denoise": 0.5}, "image"),
        ("flux-1-dev-local", {"latent": latent("flux1", 64, 64, value=1)}, "generate"),
        ("flux-1-dev-local", {"latent": latent("flux1", 64, 64), "denoise": 0.5}, "generate"),
        ("flux-1-dev-local", {"latent": latent("flux1", 64, 64, value=1), "mask": MASK}, "inpaint"),
        ("qwen-image-edit-2511-local", {"pictures": (PICTURE,)}, "edit"),
        ("qwen-image-edit-2511-local", {"pictures": (PICTURE,), "mask": MASK}, "edit inpaint"),
        ("qwen-image-edit-2511-local", {"pictures": (PICTURE,), "denoise": 0.5}, "edit inpaint"),
        ("qwen-image-edit-2511-local", {"pictures": (PICTURE,), "mask": torch.zeros(1, 64, 64)}, "edit"),
        ("flux-1-kontext-dev-local", {"pictures": (PICTURE,)}, "edit"),
        ("flux-2-dev-local", {}, "generate"),
        ("flux-2-dev-local", {"pictures": (PICTURE, PICTURE), "mask": MASK}, "edit"),
        ("flux-2-klein-4b-local", {"latent": latent("flux2", 64, 64, value=1), "denoise": 0.5}, "inpaint"),
        ("flux-2-klein-9b-kv-local", {"pictures": (PICTURE,), "mask": MASK}, "edit"),
        ("qwen-image-2.1-local", {"pictures": (PICTURE,)}, "edit"),
        ("qwen-image-layered-local", {"pictures": (PICTURE,)}, "layers"),
    ],
)
def test_the_mode(row, wishes, mode):
    assert planned(row, **wishes).mode == mode


def test_references_of_a_conditioning_make_it_an_edit():
    reference = [[torch.zeros(1, 4, 8), {"reference_latents": [torch.zeros(1, 128, 4, 4)]}]]
    assert planned("flux-2-dev-local", positive=reference).mode == "edit"
    assert planned("flux-2-dev-local", positive=[[torch.zeros(1, 4, 8), {}]]).mode == "generate"


@pytest.mark.parametrize(
    ("row", "wishes", "words"),
    [
        ("qwen-image-local", {"pictures": (PICTURE,)}, "edits none"),
        ("qwen-image-edit-local", {}, "connect one to images"),
        ("qwen-image-layered-local", {}, "connect one to images"),
        ("qwen-image-edit-local", {"pictures": (PICTURE,) * 2}, "1 picture at most, and 2 are connected"),
        ("qwen-image-edit-2509-local", {"pictures": (PICTURE,) * 4}, "3 pictures at most"),
        ("qwen-image-local", {"pictures": (PICTURE,) * 2}, "edits none"),
        ("flux-1-kontext-dev-local", {"pictures": (PICTURE,) * 2, "denoise": 0.5}, "1 picture at most"),
        ("qwen-image-local", {"denoise": 0.0}, "above 0"),
        ("qwen-image-local", {"batch": 65}, "1 to 64"),
        ("qwen-image-local", {"width": 5000}, "at most"),
        ("flux-2-klein-4b-local", {"step_cache": "taylor"}, "leave it off"),
        ("flux-1-dev-local", {"latent": latent("flux2", 64, 64, value=1)}, "another kind of model"),
    ],
)
def test_what_cannot_be_is_one_sentence(row, wishes, words):
    with pytest.raises(BadInput, match=words) as error:
        planned(row, **wishes)
    assert str(error.value).endswith(".")


# --- the size


@pytest.mark.parametrize(
    ("row", "wishes", "size", "back"),
    [
        ("qwen-image-local", {}, (1024, 1024), None),
        ("qwen-image-local", {"width": 512}, (512, 512), None),
        ("qwen-image-local", {"width": 100, "height": 64}, (96, 64), None),
        ("qwen-image-local", {"latent": latent("qwen", 96, 64)}, (96, 64), None),
        ("qwen-image-local", {"latent": latent("qwen", 96, 64), "width": 128, "height": 64}, (128, 64), None),
        ("flux-2-dev-local", {"latent": latent("flux1", 96, 64)}, (96, 64), None),
        ("flux-1-dev-local", {"latent": latent("flux2", 96, 64)}, (96, 64), None),
        ("flux-1-dev-local", {"latent": {"samples": torch.zeros(1, 4, 8, 8), "downscale_ratio_spacial": 16}}, (128, 128), None),
        ("qwen-image-edit-2511-local", {"pictures": (PICTURE,)}, (96, 64), (100, 70)),
        ("flux-1-kontext-dev-local", {"pictures": (PICTURE,)}, (96, 64), (100, 70)),
        ("flux-2-klein-4b-local", {"pictures": (PICTURE, torch.zeros(64, 64, 3))}, None, (100, 70)),
        ("flux-2-klein-4b-local", {"pictures": (PICTURE,), "width": 200}, (208, 144), None),
        ("flux-2-klein-4b-local", {"pictures": (torch.zeros(128, 96, 3),)}, (96, 128), None),
    ],
)  # fmt: skip
def test_the_size(row, wishes, size, back):
    made = planned(row, **wishes)
    if size is not None and back is None:
        assert (made.width, made.height) == size
    else:  # nearest on the grid, in the picture's shape
        assert abs(made.width - 100) <= 32 and abs(made.height - 70) <= 32
        assert made.width % families()[row].multiple == made.height % families()[row].multiple == 0
    assert made.back == back


def test_a_snapped_size_and_a_shrunk_picture_are_said():
    assert planned("qwen-image-local", width=100, height=64).notes == (
        "100×64 drawn as 96×64, the nearest that Qwen-Image can do.",
    )
    large = planned("flux-2-dev-local", pictures=(torch.zeros(3000, 4000, 3),))
    assert large.width * large.height <= 4 * 2**20 and large.back is None
    assert "more than is drawn at once" in large.notes[0]


def test_batch():
    assert planned("qwen-image-local").batch == 1
    assert planned("qwen-image-local", latent=latent("qwen", 64, 64, 3)).batch == 3
    assert planned("qwen-image-local", latent=latent("qwen", 64, 64, 3), batch=2).batch == 2
    assert planned("qwen-image-layered-local", pictures=(PICTURE,), batch=2).batch == 1


# --- what the model is shown, and what is kept


def test_the_edited_picture_is_shown_in_the_size_of_the_result():
    made = planned("flux-2-dev-local", pictures=(PICTURE, torch.zeros(1500, 1500, 3)))
    assert made.shown[0].shape[1:3] == (made.height, made.width)
    assert 0.9 < made.shown[1].shape[1] * made.shown[1].shape[2] / 2**20 < 1.1
    smaller = planned("flux-2-dev-local", pictures=(torch.zeros(512, 512, 3),), megapixels=0.0625)
    assert smaller.shown[0].shape[1:3] == (256, 256) and (smaller.width, smaller.height) == (512, 512)


def test_a_picture_that_is_changed_in_place_is_no_reference():
    made = planned("qwen-image-edit-2511-local", pictures=(PICTURE, PICTURE), mask=MASK)
    assert made.changed is not None and made.changed.shape[1:3] == (made.height, made.width)
    assert len(made.shown) == 1 and made.back is None
    source, mask = made.kept
    assert torch.equal(source[0], PICTURE) and torch.equal(mask, MASK)
    assert planned("qwen-image-edit-2511-local", pictures=(PICTURE,), mask=MASK, composite=False).kept is None


def test_without_a_mask_the_whole_is_painted_and_nothing_is_kept():
    made = planned("flux-1-kontext-dev-local", pictures=(PICTURE,), denoise=0.5)
    assert made.mode == "edit inpaint" and made.mask.min() == 1 and made.kept is None


def test_an_empty_mask_is_left_out():
    """Load Image gives one with a picture that has no alpha."""
    made = planned("flux-1-kontext-dev-local", pictures=(PICTURE,), mask=torch.zeros(1, 64, 64))
    assert (
        made.mode == "edit" and made.kept is None and made.notes == ("The mask is empty and was left out.",)
    )


def test_the_mask_of_a_latent():
    given = latent("flux1", 64, 64, value=1, noise_mask=torch.ones(1, 1, 64, 64))
    made = planned("flux-1-dev-local", latent=given)
    assert made.mode == "inpaint" and made.mask.shape == (1, 64, 64) and made.start is given["samples"]


@pytest.mark.parametrize(
    ("row", "wishes", "words"),
    [
        ("flux-2-dev-local", {"pictures": (PICTURE,), "mask": MASK}, "put back afterwards"),
        ("flux-2-dev-local", {"pictures": (PICTURE,), "mask": MASK, "composite": False}, "composite is off"),
        ("flux-1-dev-local", {"mask": MASK}, "no picture to change"),
        ("flux-2-dev-local", {"denoise": 0.5}, "denoise does not act"),
    ],
)
def test_what_does_not_act_is_said(row, wishes, words):
    assert any(words in note for note in planned(row, **wishes).notes)


# --- drawing


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    return files.usual_folders(tmp_path_factory.mktemp("models"))


class Watched(Plain):
    """Counts what is loaded."""

    def __init__(self):
        super().__init__()
        self.loaded: list[str] = []

    def care(self, key, role, module, dtype):
        self.loaded.append(role)
        return super().care(key, role, module, dtype)


def opened(row: str, ground: Folders):
    if row not in pipelines.ROWS:
        pytest.skip("diffusers or transformers is older than this model")
    machine = Watched()
    return open_row(find(row), {}, ground, Registry(), machine), machine


def test_a_new_seed_neither_loads_nor_moves_the_encoder(ground, tmp_path):
    model, machine = opened("flux-2-klein-4b-base-local", ground)
    said: list[str] = []
    wish = {"prompt": "a door", "negative": "fog", "steps": 2, "width": 64, "height": 64}
    first = draw(model, machine, Wish(seed=1, **wish), EmbeddingCache(tmp_path), said.append)
    assert machine.loaded == ["text_encoder", "transformer", "vae"]
    assert said[0] == "reading the prompt" and said[-1] == "decoding" and "drawing 2/2" in said
    assert first.report == "FLUX.2 klein 4B base · 64×64 · 2 steps"
    assert (
        first.images.shape == (1, 64, 64, 3) and first.samples.shape == (1, 128, 4, 4) and first.masks is None
    )

    machine.readied.clear()
    again, other = opened("flux-2-klein-4b-base-local", ground)  # a new process: only the disk remembers
    second = draw(again, other, Wish(seed=1, **wish), EmbeddingCache(tmp_path))
    assert other.loaded == ["transformer", "vae"]
    assert torch.equal(first.images, second.images)


def test_the_negative_prompt_is_read_only_where_it_acts(ground, tmp_path):
    model, machine = opened("qwen-image-local", ground)
    for guidance, files_written in ((1.0, 1), (3.0, 2)):
        draw(
            model,
            machine,
            Wish("a door", "fog", steps=2, guidance=guidance, width=64, height=64),
            EmbeddingCache(tmp_path),
        )
        assert len(list(tmp_path.iterdir())) == files_written


def test_2_1_shows_encoder_and_vae_the_same(ground):
    model, machine = opened("qwen-image-2.1-local", ground)
    wish = Wish("redder", pictures=(PICTURE, PICTURE[:64, :64]), steps=2, megapixels=0.01)
    assert draw(model, machine, wish, EmbeddingCache()).images.shape == (1, 70, 100, 3)


def test_outside_the_mask_the_picture_stays(ground):
    model, machine = opened("flux-2-klein-4b-base-local", ground)
    wish = Wish("redder", pictures=(PICTURE,), mask=MASK, steps=2, batch=2, guidance=1.0)
    drawn = draw(model, machine, wish, EmbeddingCache())
    assert drawn.images.shape == (2, 70, 100, 3)
    assert torch.equal(drawn.images[:, :, :50], PICTURE[None, :, :50].expand(2, -1, -1, -1))
    assert not torch.equal(drawn.images[0, :, 50:], PICTURE[:, 50:])


def test_layers(ground):
    model, machine = opened("qwen-image-layered-local", ground)
    wish = Wish(pictures=(PICTURE,), layers=2, resolution=64, steps=2, guidance=1.0)
    drawn = draw(model, machine, wish, EmbeddingCache())
    assert len(drawn.images) == len(drawn.masks) == 2 and drawn.samples.shape[:3] == (1, 16, 2)


def test_layers_of_several_pictures_are_stacks_one_after_the_other(ground):
    model, machine = opened("qwen-image-layered-local", ground)
    other = PICTURE.flip(1)
    wish = Wish(pictures=(PICTURE, other), seed=7, layers=2, resolution=64, steps=2, guidance=1.0)
    both = draw(model, machine, wish, EmbeddingCache())
    alone = draw(model, machine, replace(wish, pictures=(other,), seed=8), EmbeddingCache())
    assert both.images.shape[:1] == both.masks.shape[:1] == (4,) and both.samples.shape[:3] == (2, 16, 2)
    torch.testing.assert_close(both.images[2:], alone.images, atol=1e-5, rtol=0)
    torch.testing.assert_close(both.masks[2:], alone.masks, atol=1e-5, rtol=0)
    assert both.report.startswith("2 pictures, each: ")
    machine.steps.clear()
    with pytest.raises(BadInput, match="of different sizes"):
        draw(model, machine, replace(wish, pictures=(PICTURE, PICTURE[:64])), EmbeddingCache())
    assert not machine.steps


def test_what_is_transparent_follows_its_picture(ground):
    """2.1 draws with alpha: brought to the picture's own size with it, and outside the mask that of the source."""
    model, machine = opened("qwen-image-2.1-local", ground)
    alpha = torch.ones(70, 100, 1)
    alpha[:, :25] = 0
    source = torch.cat([PICTURE, alpha], -1)
    wish = Wish("redder", pictures=(source,), steps=2, megapixels=0.01)
    whole = draw(model, machine, wish, EmbeddingCache())
    assert (
        whole.masks.shape == whole.images.shape[:3] == (1, 70, 100)
        and 0 <= whole.masks.min() <= whole.masks.max() <= 1
    )
    part = draw(model, machine, replace(wish, mask=MASK), EmbeddingCache())
    assert part.masks.shape == (1, 70, 100)
    assert (part.masks[:, :, :25] == 1).all() and (part.masks[:, :, 25:50] == 0).all()
    assert torch.equal(part.masks[:, :, 50:], whole.masks[:, :, 50:])
    opaque = draw(model, machine, replace(wish, mask=MASK, pictures=(PICTURE,)), EmbeddingCache())
    assert (opaque.masks[:, :, :50] == 0).all()


def test_a_diffusers_that_is_too_old_is_named(ground):
    model, machine = opened("qwen-image-local", ground)
    newer = replace(model, family=replace(model.family, pipelines={"generate": "QwenImage99Pipeline"}))
    with pytest.raises(BadInput, match="needs a newer diffusers than the installed"):
        draw(newer, machine, Wish(steps=2, width=64, height=64), EmbeddingCache())
    assert not machine.loaded


# --- steps, guidance, schedule


class Stub:
    """A model as far as `_settings` looks at it."""

    adapters_key = ""

    def __init__(self, row: str):
        self.family = families()[row]


def test_a_tier_brings_its_steps_and_what_is_set_wins():
    steps = {
        tier: _settings(Stub("qwen-image-local"), Wish(tier=tier))[0]["steps"]
        for tier in ("draft", "standard", "final")
    }
    assert steps == {"draft": 20, "standard": 50, "final": 50}
    set_by_hand, words = _settings(Stub("qwen-image-local"), Wish(tier="draft", steps=7, guidance=2.0))
    assert (set_by_hand["steps"], set_by_hand["guidance"], words) == (7, 2.0, [])


def test_a_preset_without_its_lora_is_said():
    settings, (word,) = _settings(Stub("qwen-image-local"), Wish(preset="lightning-4"))
    assert (settings["steps"], settings["guidance"]) == (4, 1.0) and "none is on this model" in word
    with pytest.raises(BadInput, match=r"is not for FLUX\.1 dev"):
        _settings(Stub("flux-1-dev-local"), Wish(preset="lightning-4"))


def test_a_single_step_is_a_picture(ground):
    """The stretch to the last sigma would make it NaN."""
    model, machine = opened("qwen-image-local", ground)
    drawn = draw(model, machine, Wish(steps=1, guidance=1.0, width=64, height=64), EmbeddingCache())
    assert torch.isfinite(drawn.samples).all() and drawn.images.std() > 0.001
