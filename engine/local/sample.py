"""From embeddings and encoded pictures to a latent: every family and mode, in its own pipeline's loop.

Everything is ComfyUI's on the way in and out: LATENT samples, MASK, conditioning. The loop runs in float32
around a transformer in its own type (shell.Door casts), one prompt at a time, all its images as one batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BadInput
from . import latents as forms
from . import noise, recipes, shell, stepcache
from .conditioning import Conditioning
from .family import Family, Mode
from .machine import Machine, Part

if TYPE_CHECKING:
    from torch import Tensor


CHANGING: tuple[Mode, ...] = ("image", "inpaint", "edit inpaint")  # a picture, in place


class Model(Protocol):
    @property
    def family(self) -> Family: ...

    def part(self, role: str) -> Part: ...


@dataclass(frozen=True, eq=False)
class Job:
    """What to make. width, height: pixels, on a grid of 16 (`reference.output_size` finds them for an edit).

    seeds: one for each image. steps and guidance: 0 and None are the family's own. references: samples [1,…]
    of the pictures to edit or to take from, in order (for "edit inpaint": of further ones); image: samples of
    the one that is changed in place (`CHANGING`), [1,…] or one for each image; mask: MASK [B,H,W], 1 is
    painted anew. strength: how much of the way is run anew. layers: of "layers", without the composite.
    cache: one of `stepcache.choices(family)`.

    shift: a constant one in place of the family's. sigmas: the list, from 1 down, without the last 0; nothing
    shifts it again unless `scheduler` says so. scheduler: changes to the family's (a Lightning LoRA's, say)."""

    mode: Mode
    width: int
    height: int
    seeds: tuple[int, ...]
    steps: int = 0
    guidance: float | None = None
    strength: float = 1.0
    references: tuple[Tensor, ...] = ()
    image: Tensor | None = None
    mask: Tensor | None = None
    layers: int = 4
    cache: str = ""
    shift: float | None = None
    sigmas: tuple[float, ...] = ()
    scheduler: Mapping[str, object] = field(default_factory=dict)


def sample(
    model: Model, machine: Machine, positive: Conditioning, negative: Conditioning | None, job: Job
) -> Tensor:
    """LATENT samples, one for each seed, float32 on the CPU; of "layers" [B,16,layers,H/8,W/8], bottom first.

    Raises BadInput for what the family cannot do, before anything is loaded."""
    family = model.family
    run = _plan(family, positive, negative, job, machine.device)
    arguments, methods = recipes.of(run)
    part = model.part("transformer")
    machine.ready([part], activations(part, family, run))
    door = shell.Door(part, machine.check, run.shapes, run.added)
    schedule = shell.scheduler(_schedule(family, job), _mu(family, job))
    pipeline = shell.build(run.pipeline, door, schedule, machine.device, methods)

    def on_step(done: int, steps: int, x0: Tensor | None) -> None:
        machine.check()
        machine.preview(family.kind, done, steps, None if x0 is None else _unpack(family, x0, job))

    with stepcache.cached(part, job.cache, _steps_run(family, job)):
        tokens = shell.run(pipeline, arguments, on_step)
    latents = _unpack(family, tokens, job)
    if job.mode == "layers":
        latents = latents[:, :, 1:]  # the first one is the whole picture again
    return forms.to_comfy(family.kind, latents)


def notes(family: Family, job: Job, negative: bool) -> tuple[str, ...]:
    """What was asked and does not act, as sentences for a person; it is never an error.

    negative: a negative prompt was given."""
    said = []
    scale = family.guidance if job.guidance is None else job.guidance
    if negative and not family.negative_acts:
        said.append("The negative prompt does not act: this model was made to run without one.")
    elif negative and scale <= 1:
        said.append("The negative prompt does not act at a guidance of 1 or less: set it above 1.")
    if job.guidance is not None and family.guidance_kind == "none" and job.guidance != family.guidance:
        said.append("The guidance does not act: this model was made to run without it.")
    if len(job.references) > family.references > 1:
        said.append(f"This model was made for up to {family.references} pictures, and more may be mixed up.")
    if job.cache and _steps_run(family, job) < stepcache.FEWEST_STEPS:
        said.append(f"The step cache is off: it takes {stepcache.FEWEST_STEPS} steps or more.")
    return tuple(said)


NUMBERS_PER_TOKEN = 40


def activations(part: Part, family: Family, run: recipes.Run) -> int:
    """Bytes that a run needs beside the weights."""
    config = part.module.config
    beside = run.positive.embeds.shape[1] + run.reference_tokens
    cached = stepcache.kept(run.job.cache, _layers(config), _steps_run(family, run.job))
    passes = 1 if run.negative is None else 2
    return len(run.job.seeds) * room(config, family, run.tokens, beside, part.dtype.itemsize, cached, passes)


def room(
    config: Mapping[str, Any],
    family: Family,
    tokens: int,
    beside: int,
    itemsize: int,
    cached: int = 0,
    passes: int = 1,
) -> int:
    """Bytes beside the weights for one picture: tokens x width x NUMBERS_PER_TOKEN x itemsize.

    tokens: of the picture; beside: of all references and of the prompt. config: the transformer's. A block holds about 4
    widths of attention and 8 of its MLP at a time, twice over, and the residuals; ComfyUI reckons with 25 (Qwen-Image) to
    38 (FLUX.1) of them. What stays through the run comes on top, for each of `passes`: keys and values of the references
    (Qwen-Image-2.1, klein KV), 2 widths a layer, and `cached` widths for each token, which a step cache remembers."""
    width = int(config["num_attention_heads"]) * int(config["attention_head_dim"])
    kept = (tokens + beside) * cached
    if family.kind == "qwen21" or any("KV" in pipeline for pipeline in family.pipelines.values()):
        kept += beside * 2 * _layers(config)
    return ((tokens + beside) * NUMBERS_PER_TOKEN + kept * passes) * width * itemsize


def _layers(config: Mapping[str, Any]) -> int:
    return int(config["num_layers"]) + int(config.get("num_single_layers") or 0)


def _plan(
    family: Family, positive: Conditioning, negative: Conditioning | None, job: Job, device: Any
) -> recipes.Run:
    references = [
        forms.from_comfy(family.kind, one).to(device)
        for given in job.references or positive.extra.get("reference_latents", ())
        for one in given.split(1)
    ]
    image = mask = None
    if job.mode in CHANGING and job.image is not None:
        image = forms.from_comfy(family.kind, job.image).to(device)
    _check(family, job, len(references))
    if job.mode in ("inpaint", "edit inpaint") and job.mask is not None:
        mask = forms.mask_of(family.kind, job.mask, job.width, job.height).to(device)
    guidance = positive.extra.get("guidance") if job.guidance is None else job.guidance
    scale = family.guidance if guidance is None else float(guidance)
    second = negative if family.negative_acts and scale > 1 else None
    return recipes.Run(
        family=family,
        job=job,
        positive=positive,
        negative=second,
        guidance=scale if second is not None or family.guidance_kind == "embedded" else 1.0,
        steps=_steps(family, job),
        generators=noise.generators(job.seeds),
        device=device,
        image=image,
        mask=mask,
        references=references,
    )


def _check(family: Family, job: Job, references: int) -> None:
    if job.mode not in family.pipelines:
        raise BadInput(f"This model does not do {job.mode!r}; it does {', '.join(family.pipelines)}.")
    if not job.seeds:
        raise BadInput("No image was asked for: the batch size is 0.")
    if min(job.width, job.height) < 64 or job.width % 16 or job.height % 16:
        raise BadInput(f"{job.width}x{job.height} cannot be made: sides are multiples of 16, from 64 pixels.")
    if job.mode in ("edit", "layers") and not references:
        raise BadInput("There is no picture to work on: connect one to images.")
    if references > 1 and family.references == 1:
        raise BadInput(f"This model works on one picture, and {references} are given: connect one.")
    if job.mode in CHANGING:
        _check_image(family, job)
    if job.cache and (reason := stepcache.obstacle(family, job.cache)):
        raise BadInput(reason)
    falling = list(job.sigmas) == sorted(set(job.sigmas), reverse=True)
    if job.sigmas and not (falling and job.sigmas[0] <= 1 and job.sigmas[-1] > 0):
        raise BadInput(
            "Sigmas go down from 1, each less than the one before, and end above 0 (the last 0 is added)."
        )


def _check_image(family: Family, job: Job) -> None:
    if job.image is None:
        raise BadInput(f"{job.mode!r} changes a picture, and none is given: connect one.")
    if job.mode != "image" and job.mask is None:
        raise BadInput(f"{job.mode!r} needs a mask: white is painted anew, black stays.")
    if forms.size(family.kind, job.image) != (job.width, job.height):
        width, height = forms.size(family.kind, job.image)
        raise BadInput(
            f"The picture is {width}x{height} and the result was asked for in {job.width}x{job.height}: "
            "they are of one size when a picture is changed in place."
        )
    for name, given in (("pictures", job.image), ("masks", job.mask)):
        if given is not None and given.ndim > 2 and given.shape[0] not in (1, len(job.seeds)):
            raise BadInput(
                f"{given.shape[0]} {name} do not go with {len(job.seeds)} images: give 1 or as many."
            )
    if not 0 < job.strength <= 1 or _steps_run(family, job) < 1:
        raise BadInput(
            f"A strength of {job.strength:g} leaves nothing of {_steps(family, job)} steps: raise one."
        )


def _steps(family: Family, job: Job) -> int:
    return len(job.sigmas) or job.steps or family.steps


def _steps_run(family: Family, job: Job) -> int:
    """As the pipelines count them: a started step is run."""
    steps = _steps(family, job)
    return steps - int(max(steps - steps * job.strength, 0)) if job.mode in CHANGING else steps


def _unpack(family: Family, tokens: Tensor, job: Job) -> Tensor:
    return forms.unpack(family.kind, tokens, job.width, job.height)


def _schedule(family: Family, job: Job) -> dict[str, Any]:
    """The scheduler's config. A given shift, and given sigmas, are not shifted again by the picture's size."""
    config = {**family.scheduler, **job.scheduler}
    if job.sigmas:
        return config | {"use_dynamic_shifting": False, "shift": 1.0, "shift_terminal": None, **job.scheduler}
    if job.shift is not None:
        return config | {"use_dynamic_shifting": False, "shift": job.shift}
    return config


def _mu(family: Family, job: Job) -> float | None:
    """The shift for Qwen's edit inpainting, whose pipeline reckons with 1 MP whatever it draws; else None."""
    if family.pipelines[job.mode] != "QwenImageEditInpaintPipeline":
        return None
    config: dict[str, Any] = _schedule(family, job)
    short, long = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    low, high = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    return low + (high - low) * (forms.token_count("qwen", job.width, job.height) - short) / (long - short)
