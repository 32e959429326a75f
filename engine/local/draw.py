"""One job of a local model, from a wish to pictures: the prompts are read, pictures encoded, steps run, the latent decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ..errors import BadInput
from ..models import MEGAPIXEL
from . import noise, presets, reference
from .conditioning import Conditioning
from .embeddings import EmbeddingCache
from .encode import encode
from .family import Family
from .lora import names_of
from .machine import Machine
from .sample import Job, notes, sample
from .vae import decode, encode_pixels
from .wish import Plan, Wish, name_of, plan, seen_megapixels

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LocalModel

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Drawn:
    """images [N,H,W,3] in 0..1; masks [N,H,W], 1 where transparent, None for a VAE without alpha, of the same size; samples: a
    LATENT's, in ComfyUI's convention, of what was drawn before anything was put back. report: what was done, and what did
    not act."""

    images: Tensor
    masks: Tensor | None
    samples: Tensor
    report: str


def draw(
    model: LocalModel, machine: Machine, wish: Wish, cache: EmbeddingCache, say: Say = lambda text: None
) -> Drawn:
    """`say` is told each stage, for a person who waits. Raises BadInput before anything is loaded where that can be known."""
    family = model.family
    if "layers" in family.pipelines and len(wish.pictures) > 1:
        return _stacks(model, machine, wish, cache, say)
    made = plan(family, wish)
    settings, words = _settings(model, wish)
    _check_diffusers(family, made)
    told = cast(Machine, _Told(machine, say))
    scale = family.guidance if settings["guidance"] is None else settings["guidance"]
    positive, negative = _texts(model, told, wish, scale, cache, say)
    if not wish.guidance and positive.extra.get("guidance") is not None:
        settings["guidance"] = None  # Flux Guidance says it
    job = _job(model, told, wish, made, settings, say)
    say(f"drawing, {job.steps or family.steps} steps")
    samples = sample(model, told, positive, negative, job)
    say("decoding")
    images, masks = decode(wish.vae or model, told, samples, wish.tile)
    images, masks = _finished(images, masks, made)
    given = bool(wish.negative.strip()) or wish.negative_conditioning is not None
    words = [_summary(family, job, images), *words, *made.notes, *notes(family, job, given)]
    return Drawn(images, masks, samples, " · ".join(words))


class _Told:
    """The host's machine, and a word at every step."""

    def __init__(self, machine: Machine, say: Say):
        self._machine, self._say = machine, say

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)

    def preview(self, kind: str, step: int, steps: int, x0: Tensor | None) -> None:
        self._say(f"drawing {step}/{steps}")
        self._machine.preview(kind, step, steps, x0)


def _settings(model: LocalModel, wish: Wish) -> tuple[dict[str, Any], list[str]]:
    """(steps, guidance, shift, scheduler and sigmas of the job, a word where the preset's LoRA is missing)."""
    family, loras = model.family, names_of(model)
    preset = presets.choose(wish.preset, family, wish.tier, loras) or presets.Preset("", (), 0)
    settings = preset.settings(wish.steps, wish.guidance or None, wish.shift or None)
    if (settings["steps"] or family.steps) == 1:
        # The stretch of Qwen's schedule to its last sigma divides by 0 where the last is the first: the picture is black.
        settings["scheduler"] = {**settings["scheduler"], "shift_terminal": None}
    return settings, [word for word in [preset.missing(family, loras)] if word]


def _texts(
    model: LocalModel, machine: Machine, wish: Wish, scale: float, cache: EmbeddingCache, say: Say
) -> tuple[Conditioning, Conditioning | None]:
    """(positive, negative or None where it would not act)."""
    family = model.family
    second = family.negative_acts and scale > 1
    area = int(seen_megapixels(wish) * MEGAPIXEL) if family.kind == "qwen21" else None

    def text(prompt: str, conditioning: Any, negative: bool) -> Conditioning:
        if conditioning is not None:
            return Conditioning.from_comfy(conditioning, family, model.part("transformer").module.config)
        say("reading the prompt")
        return encode(model, machine, prompt, wish.pictures, negative=negative, cache=cache, area=area)

    positive = text(wish.prompt, wish.positive, False)
    return positive, text(wish.negative, wish.negative_conditioning, True) if second else None


def _job(
    model: LocalModel, machine: Machine, wish: Wish, made: Plan, settings: dict[str, Any], say: Say
) -> Job:
    vae = wish.vae or model

    def encoded(picture: Tensor) -> Tensor:
        say("looking at the pictures")
        return encode_pixels(vae, machine, picture, wish.tile)

    return Job(
        mode=made.mode,
        width=made.width,
        height=made.height,
        seeds=noise.seeds(wish.seed, made.batch),
        strength=wish.denoise,
        references=tuple(encoded(one) for one in made.shown),
        image=encoded(made.changed) if made.changed is not None else made.start,
        mask=made.mask,
        layers=wish.layers,
        cache=wish.step_cache,
        **settings,
    )


def _finished(images: Tensor, masks: Tensor | None, made: Plan) -> tuple[Tensor, Tensor | None]:
    """What is outside the mask is put back, and the size too, where the grid took a few pixels of it."""
    if made.kept is not None:
        clear = None if masks is None else reference.composite_masks(masks, *made.kept)
        return reference.composite(images, *made.kept), clear
    if made.back:
        clear = None if masks is None else reference.resized_masks(masks, *made.back)
        return reference.resized(images, *made.back), clear
    return images, masks


def _stacks(model: LocalModel, machine: Machine, wish: Wish, cache: EmbeddingCache, say: Say) -> Drawn:
    """The layers of several pictures, one stack after the other, each as its picture and seed make them alone."""
    import torch

    if len({picture.shape[:2] for picture in wish.pictures}) > 1:
        raise BadInput(
            "The layers of several pictures come out as one batch, and these pictures are of different sizes: split them one "
            "by one, or bring them to one size."
        )
    seeds = noise.seeds(wish.seed, len(wish.pictures))
    given = (
        replace(wish, pictures=(one,), seed=seed) for one, seed in zip(wish.pictures, seeds, strict=True)
    )
    drawn = [draw(model, machine, one, cache, say) for one in given]
    masks = [one.masks for one in drawn if one.masks is not None]
    return Drawn(
        torch.cat([one.images for one in drawn]),
        torch.cat(masks) if masks else None,
        torch.cat([one.samples for one in drawn]),
        f"{len(drawn)} pictures, each: {drawn[0].report}",
    )


def _summary(family: Family, job: Job, images: Tensor) -> str:
    count = f"{len(images)} × " if len(images) > 1 else ""
    steps = job.steps or family.steps
    return f"{name_of(family)} · {count}{images.shape[2]}×{images.shape[1]} · {steps} steps"


def _check_diffusers(family: Family, made: Plan) -> None:
    """BadInput where the installed diffusers is missing, or older than the model."""
    try:
        import diffusers
    except ImportError as error:
        raise BadInput(
            f"Local models need the package diffusers, which cannot be loaded ({error}): install requirements.txt of this "
            "node pack into ComfyUI's Python."
        ) from None
    try:
        known = hasattr(diffusers, family.pipelines[made.mode])
    except RuntimeError:  # diffusers looks up what it needs of transformers only now
        raise BadInput(
            f"{name_of(family)} needs a newer transformers than the one that ComfyUI's Python has: update it there."
        ) from None
    if not known:
        raise BadInput(
            f"{name_of(family)} needs a newer diffusers than the installed {diffusers.__version__}: update it in ComfyUI's "
            "Python."
        )
