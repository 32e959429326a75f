"""What each kind's pipelines are called with, and the methods of theirs that are put right for it.

Embeddings go in as float32: from them the pipelines take the type of noise and latents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from . import latents as forms
from . import shell
from .conditioning import Conditioning
from .family import Family, Kind

if TYPE_CHECKING:
    from torch import Generator, Tensor, device

    from .sample import Job

Methods = dict[str, Callable[..., Any]]


@dataclass(frozen=True, eq=False)
class Run:
    """A job with everything in the model's own space. image, references: latents; mask [B,1,h,w] on their
    grid. negative: only where it acts; guidance: 1 where there is none."""

    family: Family
    job: Job
    positive: Conditioning
    negative: Conditioning | None
    guidance: float
    steps: int
    generators: list[Generator]
    device: device
    image: Tensor | None
    mask: Tensor | None
    references: list[Tensor]

    @property
    def shapes(self) -> list[tuple[int, int, int]]:
        """(frames, rows, columns) of tokens of all that Qwen's transformers are given, in their order."""
        kind, job = self.family.kind, self.job
        if not kind.startswith("qwen"):
            return []
        target = [_rows(kind, job.width, job.height)] * (job.layers + 1 if job.mode == "layers" else 1)
        seen = [_rows(kind, *forms.size(kind, one)) for one in self._seen]
        return [*seen, *target] if kind == "qwen21" else [*target, *seen]

    @property
    def tokens(self) -> int:
        frames = self.job.layers + 1 if self.job.mode == "layers" else 1
        return forms.token_count(self.family.kind, self.job.width, self.job.height) * frames

    @property
    def reference_tokens(self) -> int:
        kind = self.family.kind
        return sum(forms.token_count(kind, *forms.size(kind, one)) for one in self._seen)

    @property
    def pipeline(self) -> str:
        return self.family.pipelines[self.job.mode]

    @property
    def added(self) -> list[Tensor]:
        """Tokens that the pipeline does not know of: Qwen's edit inpainting takes one picture by itself."""
        if self.pipeline != "QwenImageEditInpaintPipeline":
            return []
        return [forms.pack("qwen", one) for one in self.references]

    @property
    def _seen(self) -> list[Tensor]:
        """The pictures that the transformer is shown beside the one that it makes, in order."""
        if self.family.kind == "flux1" and self.references:
            return self.references
        if self.image is not None and (self.job.mode == "edit inpaint" or self.family.kind == "flux2"):
            return [self.image, *self.references]
        return self.references if self.job.mode in ("edit", "layers") else []


def of(run: Run) -> tuple[dict[str, Any], Methods]:
    """(what the pipeline is called with, the methods that take the place of its own)."""
    arguments, methods = _KINDS[run.family.kind](run)
    arguments |= {"num_inference_steps": run.steps, "generator": run.generators}
    if run.job.sigmas:
        arguments["sigmas"] = list(run.job.sigmas)
    if run.image is not None:
        arguments["strength"] = run.job.strength
    if run.mask is not None:
        arguments["mask_image"] = run.mask
    return arguments, methods


def _qwen(run: Run) -> tuple[dict[str, Any], Methods]:
    arguments, job = _true_cfg(run) | {"max_sequence_length": 1024}, run.job
    seen = [shell.picture(one.squeeze(2)) for one in run.references]
    if job.mode in ("image", "inpaint"):
        arguments["image"] = _flat(run.image)
    if job.mode == "inpaint":
        arguments["masked_image_latents"] = _flat(run.image)
    if job.mode == "edit":
        arguments["image"] = seen if "Plus" in run.pipeline else seen[0]
    if job.mode == "edit inpaint":
        arguments |= {"image": shell.picture(_flat(run.image)), "masked_image_latents": _flat(run.image)}
        return arguments, _sized(run, "prepare_latents", "prepare_mask_latents")
    if job.mode == "layers":
        arguments |= {
            "image": seen[0],
            "layers": job.layers,
            "prompt": "-",
        }  # an empty one is captioned all the same
        return {k: v for k, v in arguments.items() if k not in ("width", "height")}, _sized(
            run, "prepare_latents"
        )
    return arguments, {}


def _qwen21(run: Run) -> tuple[dict[str, Any], Methods]:
    for text in filter(None, (run.positive, run.negative)):
        _check_pads(run, text)
    arguments = _true_cfg(run)
    if run.job.mode == "edit":
        arguments["image"] = [shell.picture(one.squeeze(2)) for one in run.references]
    plain = _plain(run, "encode_prompt")
    second = arguments.get("negative_prompt_embeds")

    def encode_prompt(self: Any, *args: Any, **kwargs: Any) -> Any:
        """__call__ cannot be told which tokens are of pictures."""
        text = run.negative if run.negative and kwargs["prompt_embeds"] is second else run.positive
        pads = text.extra.get("image_pad_mask")
        return plain(
            self, *args, **kwargs, image_pad_mask=None if pads is None else pads.bool().to(run.device)
        )

    return arguments, {"encode_prompt": encode_prompt, "_encode_vae_image": _as_it_is}


def _flux1(run: Run) -> tuple[dict[str, Any], Methods]:
    count, job = len(run.generators), run.job
    assert run.positive.pooled is not None
    arguments: dict[str, Any] = {
        "prompt_embeds": _placed(run, run.positive.embeds).expand(
            count, -1, -1
        ),  # it repeats only what it encoded itself
        "pooled_prompt_embeds": _placed(run, run.positive.pooled).expand(count, -1),
        "guidance_scale": run.guidance,
        "width": job.width,
        "height": job.height,
    }
    if "Kontext" in run.pipeline:
        # else every picture becomes one of 1 MP, and the reference one of 17 sizes
        arguments |= {"max_area": job.width * job.height, "_auto_resize": False}
    if job.mode == "edit":
        arguments["image"] = run.references[0]
    elif job.mode == "edit inpaint":  # lists, for it refuses latents that come as they are
        arguments["image"] = [run.image]
        arguments["image_reference"] = run.references or None
    elif run.image is not None:
        arguments["image"] = run.image
    if job.mode == "inpaint":
        arguments["masked_image_latents"] = run.image
    return arguments, {}


def _flux2(run: Run) -> tuple[dict[str, Any], Methods]:
    arguments = _prompt(run)
    if "KV" not in run.pipeline:
        arguments["guidance_scale"] = run.guidance
    if run.negative is not None:
        arguments["negative_prompt_embeds"] = _placed(run, run.negative.embeds)
    if run.image is None:
        arguments["image"] = [shell.picture(one) for one in run.references] or None
        return arguments, {"_encode_vae_image": _as_it_is}
    arguments["image"] = run.image
    plain = _plain(run, "prepare_image_latents")

    def prepare_image_latents(self: Any, images: list[Any], *args: Any, **kwargs: Any) -> Any:
        return plain(self, [*images, *run.references], *args, **kwargs)  # several, of any sizes; it takes one

    return arguments, {"prepare_image_latents": prepare_image_latents}


_KINDS: dict[Kind, Callable[[Run], tuple[dict[str, Any], Methods]]] = {
    "qwen": _qwen,
    "qwen21": _qwen21,
    "flux1": _flux1,
    "flux2": _flux2,
}


def _check_pads(run: Run, text: Conditioning) -> None:
    """Each of the text encoder's tokens of a picture stands for four of the VAE's."""
    pads = text.extra.get("image_pad_mask")
    told = 0 if pads is None else 4 * int(pads.sum())
    if told != run.reference_tokens:
        raise BadInput(
            f"The text encoder was shown {told * 256} pixels of pictures and the VAE "
            f"{run.reference_tokens * 256}: encode the prompt, and the negative one, with the same pictures in "
            "the same size."
        )


def _true_cfg(run: Run) -> dict[str, Any]:
    arguments = _prompt(run) | {
        "prompt_embeds_mask": _mask(run, run.positive),
        "true_cfg_scale": run.guidance,
    }
    if run.negative is not None:
        arguments["negative_prompt_embeds"] = _placed(run, run.negative.embeds)
        arguments["negative_prompt_embeds_mask"] = _mask(run, run.negative)
    return arguments


def _prompt(run: Run) -> dict[str, Any]:
    return {
        "prompt_embeds": _placed(run, run.positive.embeds),
        "num_images_per_prompt": len(run.generators),
        "width": run.job.width,
        "height": run.job.height,
    }


def _mask(run: Run, text: Conditioning) -> Tensor:
    """All ones become no mask in the pipelines, and fast attention can be used; no mask is a warning."""
    import torch

    return (
        torch.ones(text.embeds.shape[:2], dtype=torch.long, device=run.device)
        if text.mask is None
        else text.mask.to(run.device)
    )


def _placed(run: Run, embeds: Tensor) -> Tensor:
    return embeds.to(run.device).float()


def _flat(latents: Tensor | None) -> Tensor:
    assert latents is not None
    return latents.squeeze(2)


def _sized(run: Run, *names: str) -> Methods:
    return {name: shell.sized(_plain(run, name), run.job.width, run.job.height) for name in names}


def _plain(run: Run, name: str) -> Callable[..., Any]:
    import diffusers

    return getattr(getattr(diffusers, run.pipeline), name)


def _as_it_is(self: Any, image: Tensor, generator: Any = None) -> Tensor:
    return image


def _rows(kind: Kind, width: int, height: int) -> tuple[int, int, int]:
    side = forms.GRIDS[kind].pixels * forms.GRIDS[kind].patch
    return 1, height // side, width // side
