"""A tiny model as the sampler is handed one, and a scene for it: embeddings, pictures, a mask, the plain one."""

import functools
import inspect

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from switchyard.engine.local import latents, sample
from switchyard.engine.local.conditioning import Conditioning
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Part, Plain
from switchyard.engine.local.sample import Job
from switchyard.engine.local.vae import encode_pixels
from switchyard.tests.tiny import pipelines

torch.set_num_threads(1)  # tensors this small take ten times as long on several

CLOSE = {"atol": 1e-5, "rtol": 0.0}
SAME_CODE = (
    "qwen-image-2512-local",
    "flux-2-klein-9b-local",
    "flux-2-klein-9b-base-local",
)  # rows like another in all but size
CASES = [
    (row, mode) for row, family in families().items() if row not in SAME_CODE for mode in family.pipelines
]


class Model:
    """A family's pipeline as parts; `plain` is diffusers' own for a mode, around the same components."""

    def __init__(self, row: str):
        self.family = families()[row]
        self.pipeline = pipelines.build(row)

    def part(self, role: str) -> Part:
        return Part(f"tiny:{role}", role, getattr(self.pipeline, role), torch.float32)

    def plain(self, mode: str):
        made = getattr(diffusers, self.family.pipelines[mode])
        more = {"is_distilled": self.family.distilled} if "Flux2Klein" in made.__name__ else {}
        scheduler = diffusers.FlowMatchEulerDiscreteScheduler(**self.family.scheduler)
        shell = made(**{**self.pipeline.components, "scheduler": scheduler}, **more)
        shell.set_progress_bar_config(disable=True)
        return shell


@functools.cache
def model(row: str) -> Model:
    made = Model(row)  # skips where the installed libraries do not know it
    for name in made.family.pipelines.values():
        if not hasattr(diffusers, name):
            pytest.skip(f"diffusers {diffusers.__version__} has no {name}")
    return made


def text(model: Model, seed: int, length: int = 9) -> Conditioning:
    """An embedding of noise."""
    source = torch.Generator().manual_seed(seed)
    config = model.pipeline.transformer.config
    width = config.get("joint_attention_dim") or config.context_in_dim
    embeds = torch.randn(1, length, width, generator=source)
    pooled = (
        torch.randn(1, config.pooled_projection_dim, generator=source)
        if model.family.kind == "flux1"
        else None
    )
    return Conditioning(embeds, pooled)


def samples(model: Model, width: int, height: int, seed: int) -> torch.Tensor:
    shape = latents.empty(model.family.kind, width, height).shape
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def image(width: int, height: int, seed: int = 0, channels: int = 3) -> Image.Image:
    noise = np.random.RandomState(seed).randint(0, 256, (height, width, channels), np.uint8)
    return Image.fromarray(noise)


def pixels(picture: Image.Image) -> torch.Tensor:
    """IMAGE [1,H,W,C]."""
    return torch.from_numpy(np.array(picture)).float().div(255)[None]


WIDTH, HEIGHT, STEPS, SEED = 96, 64, 3, 7
GUIDANCE = {"true_cfg": 2.5, "embedded": 2.5, "none": None}


class Watch(Plain):
    """Keeps what it is shown; raises at a chosen step."""

    def __init__(self, stop_at=0, **kwargs):
        super().__init__(**kwargs)
        self.shown, self.stop_at, self.room = [], stop_at, 0

    def preview(self, kind, step, steps, x0):
        super().preview(kind, step, steps, x0)
        self.shown.append(x0)
        if step == self.stop_at:
            raise KeyboardInterrupt

    def ready(self, parts, activations):
        super().ready(parts, activations)
        self.room = activations


class Scene:
    """One job of a family and mode: its pictures as PIL images for the plain pipeline, and encoded for
    ours."""

    def __init__(self, row, mode):
        self.model, self.mode = model(row), mode
        family = self.model.family
        alpha = 4 if "layers" in family.pipelines or family.kind == "qwen21" else 3
        self.references = [image(WIDTH, HEIGHT, 1, alpha)] if mode in ("edit", "layers") else []
        if mode == "edit" and family.references > 1:
            self.references.append(image(64, 64, 2, alpha))
        self.changed = mode in ("image", "inpaint", "edit inpaint")
        self.picture = image(WIDTH, HEIGHT, 3)
        self.mask = torch.zeros(1, HEIGHT, WIDTH)
        self.mask[:, :, 43:] = 1
        self.positive, self.negative = (
            text(self.model, 11),
            text(self.model, 12, 9 if family.kind == "flux1" else 6),
        )
        if family.kind == "qwen21" and self.references:
            self.positive, self.negative = (self._seen(words) for words in ("a cat", "bad"))

    def job(self, *seeds, **changes):
        machine, family = Plain(), self.model.family
        encoded = lambda picture: encode_pixels(self.model, machine, pixels(picture))  # noqa: E731
        given = {"guidance": GUIDANCE[family.guidance_kind], "steps": STEPS, "layers": 2}
        if self.references:
            given["references"] = tuple(encoded(one) for one in self.references)
        if self.changed:
            given |= {"image": encoded(self.picture), "strength": 0.7}
        if "inpaint" in self.mode:
            given["mask"] = self.mask
        return Job(self.mode, WIDTH, HEIGHT, seeds or (SEED,), **(given | changes))

    def ours(self, *seeds, machine=None, **changes):
        """Latents."""
        job = self.job(*seeds, **changes)
        made = sample.sample(self.model, machine or Plain(), self.positive, self.negative, job)
        return latents.from_comfy(self.model.family.kind, made)

    def _seen(self, words):
        embeds, mask, pads = self.model.plain("edit").encode_prompt(words, image=self.references)
        return Conditioning(embeds, None, mask, {"image_pad_mask": pads})

    def theirs(self, seed, **more):
        """Latents of the plain pipeline's last step."""
        pipeline, family = self.model.plain(self.mode), self.model.family
        taken = inspect.signature(pipeline.__call__).parameters
        given = {
            "num_inference_steps": STEPS,
            "generator": torch.Generator().manual_seed(seed),
            "output_type": "latent",
        }
        given |= {
            "width": WIDTH,
            "height": HEIGHT,
            "layers": 2,
            "max_area": WIDTH * HEIGHT,
            "_auto_resize": False,
        }
        given |= (
            {"guidance_scale": GUIDANCE[family.guidance_kind] or 0.0, "strength": 0.7}
            | self._prompts(taken)
            | more
        )
        if family.kind == "qwen":
            given["guidance_scale"] = None
        if self.references:
            given["image"] = self.references if family.references > 1 else self.references[0]
        if self.changed:
            given |= {"image": self.picture, "mask_image": self.mask}
        kept = []

        def keep(pipe, index, timestep, tensors):
            kept.append(tensors["latents"])
            return {}

        try:
            pipeline(**{k: v for k, v in given.items() if k in taken}, callback_on_step_end=keep)
        except UnboundLocalError:  # Layered cannot give latents
            assert self.mode == "layers"
        return latents.unpack(family.kind, kept[-1], WIDTH, HEIGHT)

    def _prompts(self, taken):
        family = self.model.family
        if family.kind == "qwen21" and self.references:
            return {
                "prompt": "a cat",
                "negative_prompt": "bad",
                "true_cfg_scale": 2.5,
                "output_resolution": 64,
            }
        given = {"prompt_embeds": self.positive.embeds, "pooled_prompt_embeds": self.positive.pooled}
        if family.guidance_kind == "true_cfg":
            given |= {"negative_prompt_embeds": self.negative.embeds, "true_cfg_scale": 2.5}
        if self.mode == "layers":
            given["prompt"] = "-"
        if "prompt_embeds_mask" in taken:
            ones = lambda text: torch.ones(text.embeds.shape[:2], dtype=torch.long)  # noqa: E731
            given |= {
                "prompt_embeds_mask": ones(self.positive),
                "negative_prompt_embeds_mask": ones(self.negative),
            }
        return given
