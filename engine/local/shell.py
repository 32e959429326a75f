"""A diffusers pipeline for a single call: its own loop, around parts that stay ours.

Everything but the transformer and the scheduler is a stand-in that hands out what was prepared before
(embeddings, encoded pictures, masks), and the loop is left with its last latents before anything is decoded.
So nothing is moved, cast, hooked or kept by the pipeline, and what it gets wrong outside its loop (notes at
each stand-in) does not matter."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .machine import Part

if TYPE_CHECKING:
    import torch

Step = Callable[[int, int, "torch.Tensor | None"], None]


class _Left(Exception):
    """Carries the last latents out of a pipeline."""

    def __init__(self, tokens: torch.Tensor):
        super().__init__()
        self.tokens = tokens


def run(shell: Any, arguments: Mapping[str, Any], on_step: Step) -> torch.Tensor:
    """The tokens after the last step. on_step(done, steps, x0 as tokens) is called after every one; what it
    raises ends the run."""

    def after(pipeline: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        steps = pipeline.num_timesteps
        on_step(index + 1, steps, pipeline.scheduler.x0)
        if index + 1 >= steps:
            raise _Left(tensors["latents"])
        return {}

    try:
        shell(**arguments, callback_on_step_end=after, output_type="latent")
    except _Left as left:
        return left.tokens
    raise RuntimeError(f"{type(shell).__name__} ended before its last step")


def build(name: str, door: Door, scheduler: Any, device: torch.device, methods: Mapping[str, Any]) -> Any:
    """The pipeline class `name` of diffusers around `door`; `methods` take the place of its own."""
    import diffusers
    import torch

    plain = getattr(diffusers, name)
    given = {"transformer": door, "scheduler": scheduler, "processor": _PROCESSOR}
    given["text_encoder"] = Stand(dtype=torch.float32)
    given["vae"] = _vae(device) if name.startswith("Flux2") else None
    wanted = list(inspect.signature(plain.__init__).parameters.values())[1:]
    body = {"_execution_device": property(lambda self: device), **methods}
    shell = type("Shell", (plain,), body)(
        **{one.name: given.get(one.name) for one in wanted if one.default is one.empty}
    )
    shell.image_processor = shell.mask_processor = Prepared()
    shell.set_progress_bar_config(disable=True)
    return shell


class Door:
    """The transformer as a pipeline sees it.

    It says a dtype that is true (a module whose weights are stored in fp8 gives fp8 as its own), casts what
    goes in to that and what comes out to float32, looks for the host's interrupt before every pass, and puts
    right the picture sizes, which the edit pipelines take from a bucket of their own instead of the picture.
    """

    def __init__(
        self,
        part: Part,
        check: Callable[[], None],
        shapes: Sequence[tuple[int, int, int]] = (),
        added: Sequence[torch.Tensor] = (),
    ):
        """shapes: (frames, rows, columns) in tokens of everything in a sequence; empty: the pipeline's own
        are right. added: tokens [1,N,C] to put behind those that the pipeline knows of."""
        self.dtype = part.dtype
        self._module, self._check, self._shapes, self._added = part.module, check, list(shapes), list(added)
        self._named = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    @contextlib.contextmanager
    def cache_context(self, name: str) -> Iterator[None]:
        self._named = True
        try:
            with self._module.cache_context(name):
                yield
        finally:
            self._named = False

    def __call__(self, **given: Any) -> tuple[Any, ...]:
        self._check()
        if self._added:
            given["hidden_states"] = _joined(given["hidden_states"], self._added)
        given |= {
            key: value.to(self.dtype) for key, value in given.items() if key in _CAST and value is not None
        }
        count = given["hidden_states"].shape[0]
        if self._shapes:
            given["img_shapes"] = [self._shapes] * count
        if given.get("additional_t_cond") is not None:
            given["additional_t_cond"] = given["additional_t_cond"][:1].expand(
                count
            )  # Layered counts prompts, not images
        # Kontext, img2img and FLUX.2 [dev] name no context, and without one some step caches fail
        context = contextlib.nullcontext() if self._named else self.cache_context("cond")
        with context:
            first, *rest = self._module(**given)
        return first.float(), *rest


def _joined(tokens: torch.Tensor, added: Sequence[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.cat([tokens, *(one.expand(tokens.shape[0], -1, -1) for one in added)], dim=1)


_CAST = ("hidden_states", "encoder_hidden_states", "pooled_projections")


class Stand(SimpleNamespace):
    """In place of a component: the few attributes that a pipeline reads of it, and no work."""


class Prepared:
    """In place of the image and mask processors: the picture is already what it is to become.

    The pipelines' own ones resize to 1 MP, to the nearest of Kontext's 17 sizes, or cut FLUX.2's references
    to the grid."""

    def preprocess(self, image: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(image, "latents", image[0] if isinstance(image, list) else image)

    def resize(self, image: Any, *args: Any, **kwargs: Any) -> Any:
        return image

    def get_default_height_width(self, image: torch.Tensor) -> tuple[int, int]:
        return image.shape[-2] * 8, image.shape[-1] * 8

    def check_image_input(self, image: Any) -> None:
        pass


def picture(latents: torch.Tensor) -> Any:
    """Latents [1,C,H,W] in the clothes of a PIL image, for pipelines that take nothing else. Its size means
    nothing."""
    from PIL import Image

    dressed = Image.new("RGBA", (16, 16))
    dressed.latents = latents  # type: ignore[attr-defined]
    return dressed


def scheduler(config: Mapping[str, Any], mu: float | None = None) -> Any:
    """A fresh Euler scheduler (its state is a single run's). mu: the shift to use instead of the one the
    pipeline finds."""
    made = _schedule()(**config)
    made.mu = mu
    return made


@cache
def _schedule() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    class Schedule(FlowMatchEulerDiscreteScheduler):
        x0 = None  # the picture as the last step saw it: sample - sigma * velocity, as tokens
        mu = None

        def set_timesteps(self, num_inference_steps=None, device=None, sigmas=None, mu=None, **more):
            mu = self.mu if self.mu is not None else mu
            super().set_timesteps(num_inference_steps, device, sigmas=sigmas, mu=mu, **more)

        def step(self, model_output, timestep, sample, *args, **kwargs):
            if self.step_index is None:
                self._init_step_index(timestep)
            self.x0 = sample.float() - self.sigmas[self.step_index] * model_output.float()
            return super().step(model_output, timestep, sample, *args, **kwargs)

    return Schedule


def sized(plain: Callable[..., Any], width: int, height: int) -> Callable[..., Any]:
    """A method that is told the right size, whatever size its pipeline thinks it works at."""
    signature = inspect.signature(plain)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        call = signature.bind(self, *args, **kwargs)
        call.arguments.update(width=width, height=height)
        return plain(*call.args, **call.kwargs)

    return method


_PROCESSOR = Stand(apply_chat_template=lambda *a, **k: [[]], tokenizer=Stand(encode=lambda text: [-1]))


def _vae(device: torch.device) -> Any:
    """FLUX.2's, for what its pipelines ask of it beside encoding: a batch norm that changes nothing, for
    latents come normalised."""
    import torch

    vae = torch.nn.Identity()
    vae.device, vae.dtype = device, torch.float32  # type: ignore[assignment]
    vae.config = Stand(block_out_channels=(0,) * 4, latent_channels=32, batch_norm_eps=0.0)  # type: ignore
    zeros = torch.zeros(128, device=device)
    vae.bn = Stand(running_mean=zeros, running_var=zeros + 1)  # type: ignore[assignment]
    return vae
