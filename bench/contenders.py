"""The three that draw: our engine on ComfyUI's memory manager, diffusers' own pipeline, core ComfyUI. A process each.

`python contenders.py NAME CASE FOLDER COMFYUI SIZE`; a line of JSON in, `{"seed": …, "length": …}`, one out for each picture.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def main(name: str, case: str, folder: str, comfyui: str, size: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever others print is no answer
    start(comfyui)
    import torch
    from switchyard.bench.models import CASES

    with torch.inference_mode():
        contender = CONTENDERS[name](CASES[case], Path(folder), int(size))
        for line in sys.stdin:
            asked = json.loads(line)
            watch = Watch()
            length = contender.picture(watch, **asked)
            print(json.dumps({**watch.stop(), **memory(), "length": length}), file=answers, flush=True)


def start(comfyui: str) -> None:
    """ComfyUI's modules, and ours under the name `switchyard`; the checkout is never on sys.path."""
    sys.argv = ["main.py"]
    sys.path[0] = comfyui
    import comfy.options

    comfy.options.enable_args_parsing()
    import torch

    if not torch.cuda.is_available():
        sys.argv.append("--cpu")
    import utils.extra_config  # noqa: F401  older ones put their comfy/ on sys.path, with another `utils` in it

    for name, place in (
        ("switchyard", ROOT),
        ("switchyard.tests", ROOT / "tests"),
        ("switchyard.bench", ROOT / "bench"),
    ):
        package = ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package


class Watch:
    """Seconds from the first to the last of it, and of each step but the first: on the wall, and of computing (of all cores
    together, which says more on a computer that does other things too)."""

    def __init__(self) -> None:
        self.began = _now()
        self.ticks: list[tuple[float, float]] = []

    def step(self) -> None:
        self.ticks.append(_now())

    def stop(self) -> dict[str, Any]:
        ended = _now()
        wall, computing = (later - earlier for earlier, later in zip(self.began, ended, strict=True))
        walls, cores = zip(*self.ticks, strict=True)
        return {
            "wall": wall,
            "computing": computing,
            "wall of steps": _between(walls),
            "computing of steps": _between(cores),
            "computing after the last": ended[1] - cores[-1],
        }


def _between(ticks: tuple[float, ...]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(ticks)]


def _now() -> tuple[float, float]:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter(), time.process_time()


def memory() -> dict[str, float]:
    """Peaks so far, GB. The weights are mapped from a file, which counts as resident once it was read."""
    import torch

    card = torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0
    return {"resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, "card": card}


class Ours:
    def __init__(self, case: Any, folder: Path, size: int):
        from switchyard.engine.local.embeddings import EmbeddingCache
        from switchyard.engine.local.load import open_model
        from switchyard.engine.local.sources import Sources
        from switchyard.nodes.machine import ComfyMachine

        class Watched(ComfyMachine):
            def preview(self, kind: Any, step: int, steps: int, x0: Any) -> None:
                super().preview(kind, step, steps, x0)
                self.watch.step()

        self.case, self.size, self.machine = case, size, Watched()
        parts = {part.role: folder / f"{part.role}.safetensors" for part in case.family.weights}
        sources = Sources(parts, None, (folder / "tokenizers",), folder / "configs")
        self.model = open_model(case.family, sources, self.machine.registry, self.machine)
        self.cache = EmbeddingCache()

    def picture(self, watch: Watch, seed: int, prompt: str, length: int) -> int:
        from switchyard.bench.models import STEPS
        from switchyard.engine.local.draw import draw
        from switchyard.engine.local.encode import encode
        from switchyard.engine.local.wish import Wish

        self.machine.watch = watch
        wish = Wish(
            prompt, self.case.negative, seed=seed, steps=STEPS, width=self.size, height=self.size, batch=1
        )
        draw(self.model, self.machine, wish, self.cache)
        return encode(self.model, self.machine, prompt, cache=self.cache).embeds.shape[1]


class Plain:
    def __init__(self, case: Any, folder: Path, size: int):
        import diffusers
        import torch
        import transformers
        from switchyard.bench.models import plain_tokenizers

        family, self.case, self.size = case.family, case, size
        dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
        parts: dict[str, Any] = plain_tokenizers(family)
        for part in family.weights:
            library: Any = diffusers if hasattr(diffusers, part.class_name) else transformers
            made, place = getattr(library, part.class_name), folder / "plain" / part.role
            if part.role == "transformer":
                file = str(folder / "transformer.safetensors")
                parts[part.role] = made.from_single_file(file, config=str(place), torch_dtype=dtype)
            else:
                parts[part.role] = made.from_pretrained(place, torch_dtype=dtype)
        scheduler = diffusers.FlowMatchEulerDiscreteScheduler(**family.scheduler)
        self.pipeline = getattr(diffusers, family.pipelines["generate"])(scheduler=scheduler, **parts)
        if torch.cuda.is_available():
            self.pipeline.to("cuda")
        self.pipeline.set_progress_bar_config(disable=True)

    def picture(self, watch: Watch, seed: int, prompt: str, length: int) -> int:
        import torch
        from switchyard.bench.models import STEPS

        def after(*_: Any) -> dict[str, Any]:
            watch.step()
            return {}

        given: dict[str, Any] = {"guidance_scale": self.case.family.guidance}
        if self.case.family.guidance_kind == "true_cfg":
            given = {"true_cfg_scale": self.case.family.guidance, "negative_prompt": self.case.negative}
        if self.case.out_layers:
            given["text_encoder_out_layers"] = self.case.out_layers
        self.pipeline(
            prompt=prompt, width=self.size, height=self.size, num_inference_steps=STEPS, callback_on_step_end=after,
            generator=torch.Generator().manual_seed(seed), output_type="pt", **given,
        )  # fmt: skip
        return length


class Core:
    """The second run of a graph whose prompt has not changed: core's text node is not run again, and so is not here."""

    def __init__(self, case: Any, folder: Path, size: int):
        import comfy.sd
        import comfy.utils

        self.case, self.size = case, size
        self.model = comfy.sd.load_diffusion_model(str(folder / "transformer.safetensors"))
        self.vae = comfy.sd.VAE(sd=comfy.utils.load_torch_file(str(folder / "vae.safetensors")))
        self.config = json.loads((folder / "plain" / "transformer" / "config.json").read_text("utf-8"))

    def picture(self, watch: Watch, seed: int, prompt: str, length: int) -> int:
        import comfy.sample
        import torch
        from switchyard.bench.models import STEPS
        from switchyard.engine.local import latents

        family = self.case.family
        nothing = latents.empty(family.kind, self.size, self.size)
        noise = torch.randn(nothing.shape, generator=torch.Generator().manual_seed(seed))
        scale = family.guidance if family.guidance_kind == "true_cfg" else 1.0
        positive, negative = self._conditioning(length), self._conditioning(length)
        samples = comfy.sample.sample(
            self.model, noise, STEPS, scale, "euler", "simple", positive, negative, nothing, seed=seed,
            disable_pbar=True, callback=lambda *_: watch.step(),
        )  # fmt: skip
        self.vae.decode(samples)
        return length

    def _conditioning(self, length: int) -> list[Any]:
        import torch

        said: dict[str, Any] = {"pooled_output": None}
        if self.case.family.guidance_kind == "embedded":
            said = {
                "pooled_output": torch.randn(1, self.config["pooled_projection_dim"]),
                "guidance": self.case.family.guidance,
            }
        return [[torch.randn(1, length, self.config["joint_attention_dim"]), said]]


CONTENDERS: dict[str, Any] = {"ours": Ours, "diffusers": Plain, "core": Core}


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*sys.argv[1:])
