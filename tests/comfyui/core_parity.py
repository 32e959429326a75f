"""Run as a program, with ComfyUI's folder and an empty one: a user's single files in core and in our engine, in one process.

The files are written here, small and random, in the layout that ComfyUI's users have; core reads them with its own loaders,
we find and open them in a models folder. Both get the same CONDITIONING, LATENT and noise. Prints one JSON line:
{case: {"difference", "largest", "acts": what the transformer, or its references, change}}.
"""

import functools
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, SEED = 96, 64, 7
ONE = (0.75,)  # a sigma whose thousandth part and back is itself
# what core's KSampler runs at 4 steps with `simple` (FLUX.1 dev) and `normal` (Qwen-Image), without the last 0
SIMPLE, NORMAL = (1.0, 0.904, 0.759, 0.512), (1.0, 0.86, 0.61, 0.255)

# row, whether there are pictures to look at, what its conditioning says of guidance
TRANSFORMERS = (
    ("qwen-image-local", 0, None),
    ("qwen-image-edit-local", 1, None),
    ("qwen-image-edit-2509-local", 2, None),
    ("qwen-image-edit-2511-local", 2, None),
    ("flux-1-dev-local", 0, 2.5),
    ("flux-1-schnell-local", 0, None),
    ("flux-1-kontext-dev-local", 1, 2.5),
    ("flux-2-dev-local", 0, 4.0),
    ("flux-2-dev-local", 2, 4.0),
    ("flux-2-klein-4b-local", 0, None),
    ("flux-2-klein-4b-local", 2, None),
)
LARGER = ("qwen-image-edit-local", "qwen-image-edit-2511-local")
VAES = ("qwen-image-local", "flux-1-dev-local", "flux-2-klein-4b-local")
SAMPLERS = (("qwen-image-local", NORMAL), ("flux-1-dev-local", SIMPLE))


def main(comfyui: Path, folder: Path) -> None:
    sys.argv = [str(comfyui / "main.py"), "--cpu"]
    sys.path[0] = str(comfyui)  # in place of this folder
    import comfy.options

    comfy.options.enable_args_parsing()
    import utils.extra_config  # noqa: F401  0.16.3 puts its comfy/ on sys.path, with another `utils` in it

    for name, place in (("switchyard", ROOT), ("switchyard.tests", ROOT / "tests")):
        package = ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
    import torch

    torch.set_num_threads(1)  # tensors this small take longer on several
    torch.manual_seed(0)
    found: dict[str, object] = {}
    with torch.inference_mode():
        for row, pictures, guidance in TRANSFORMERS:
            said = {"guidance": guidance} if guidance else {}
            found[f"{row}, {pictures} references"] = stepped(Both(folder, row), pictures, ONE, said)
        for row in LARGER:
            found |= {f"larger {row} {place}": case for place, case in text_stands(Both(folder, row)).items()}
        for row, sigmas in SAMPLERS:
            found[f"euler {row}"] = sampled(Both(folder, row), sigmas)
        for row in VAES:
            found |= {f"vae {row} {way}": case for way, case in pixels(Both(folder, row)).items()}
    print(json.dumps(found))


class Both:
    """One family's files, opened by both."""

    def __init__(self, folder: Path, row: str):
        from switchyard.engine.local.family import families

        self.family = families()[row]
        self.root = folder / row
        self.transformer = self.root / "diffusion_models" / f"{row.removesuffix('-local')}.safetensors"
        self.vae = self.root / "vae" / "one.safetensors"
        self.configs = self.root / "published"
        if not self.root.exists():
            from switchyard.tests.comfyui.parity_files import write

            write(self)

    @functools.cached_property
    def ours(self):
        from switchyard.engine.local.find import look
        from switchyard.engine.local.load import open_model
        from switchyard.nodes.machine import ComfyMachine
        from switchyard.tests.tiny import files

        found = look(self.family, replace(files.folders(self.root), configs=self.configs))
        assert {one.role for one in found.missing} <= {"tokenizer"}, found.sentence
        assert (
            found.sources.parts["transformer"] == self.transformer and found.sources.parts["vae"] == self.vae
        )
        # FLUX.2 dev's tokenizer is had with the hub's folder only; nothing is tokenised here
        (self.root / "hub" / "tokenizer").mkdir(parents=True, exist_ok=True)
        (self.root / "hub" / "tokenizer" / "tokenizer.json").write_text("{}", "utf-8")
        machine = ComfyMachine()
        return open_model(
            self.family, replace(found.sources, hub=self.root / "hub"), machine.registry, machine
        )

    @functools.cached_property
    def core(self):
        import comfy.sd

        if self.family.kind == "qwen":
            _narrow_qwen()
        return comfy.sd.load_diffusion_model(str(self.transformer))

    @functools.cached_property
    def core_vae(self):
        import comfy.sd
        import comfy.utils

        if self.family.kind != "qwen":
            _narrow_vaes()
        return comfy.sd.VAE(sd=comfy.utils.load_torch_file(str(self.vae)))

    def conditioning(self, **said):
        """As core's text nodes give it: embeddings of noise."""
        import torch

        config = self.ours.part("transformer").module.config
        draw = functools.partial(torch.randn, generator=torch.Generator().manual_seed(3))
        pooled = draw(1, config.pooled_projection_dim) if self.family.kind == "flux1" else None
        length = 512 if self.family.kind == "flux2" else 11
        return [[draw(1, length, config.joint_attention_dim), {"pooled_output": pooled, **said}]]

    def noise(self):
        """As our pipelines draw it for the seed, in core's shape."""
        import torch

        source = torch.Generator().manual_seed(SEED)
        if self.family.kind == "qwen":
            return torch.randn(1, 1, 16, HEIGHT // 8, WIDTH // 8, generator=source).movedim(1, 2)
        size = (
            (128, HEIGHT // 16, WIDTH // 16) if self.family.kind == "flux2" else (16, HEIGHT // 8, WIDTH // 8)
        )
        return torch.randn(1, *size, generator=source)

    def drawn(self, conditioning, sigmas):
        """LATENT samples of our sampler, from `noise()`."""
        from switchyard.engine.local import sample
        from switchyard.engine.local.conditioning import Conditioning

        model = self.ours
        config = model.part("transformer").module.config
        read = Conditioning.from_comfy(conditioning, self.family, config)
        mode = "edit" if "reference_latents" in conditioning[0][1] else "generate"
        guidance = 1.0 if self.family.guidance_kind == "true_cfg" else None
        job = sample.Job(mode, WIDTH, HEIGHT, (SEED,), sigmas=sigmas, guidance=guidance)
        return sample.sample(model, model.machine, read, None, job)


def stepped(both: Both, pictures: int, sigmas, said, sizes=((HEIGHT, WIDTH), (64, 64))):
    """One pass: what is left after a step from noise to the end is the transformer's answer alone."""
    import comfy.samplers
    import torch

    if pictures:
        said = {**said, "reference_latents": [_samples(both.family, *size) for size in sizes[:pictures]]}
    conditioning = both.conditioning(**said)
    noise = both.noise()

    def once(model, start, given, **more):
        return model(noise, given[0] * torch.ones(1), **more.get("extra_args", {}))

    core = functools.partial(_core_sample, both, comfy.samplers.KSAMPLER(once), sigmas=[*sigmas, 0.0])
    theirs = core(conditioning=conditioning)
    found = _compared(both.drawn(conditioning, sigmas), theirs)
    before = both.core.model.process_latent_out(noise)
    if pictures:
        before = core(conditioning=[[conditioning[0][0], {**conditioning[0][1], "reference_latents": None}]])
    return {**found, "acts": (theirs - before).abs().max().item()}


def text_stands(both: Both):
    """With a reference larger than the result. Qwen's text stands, on the diagonal of its rotary positions, after the largest
    of all pictures; core looks at the result alone. With the text where core has it the two agree."""
    transformer = both.ours.part("transformer").module
    pictures = transformer.pos_embed.forward

    def by_the_result(video_fhw, *given, **named):
        shapes = video_fhw[0] if isinstance(video_fhw[0], list) else video_fhw
        seen, _ = pictures(video_fhw, *given, **named)
        _, text = pictures([shapes[:1]], *given, **named)
        return seen, text

    larger = ((2 * HEIGHT, 2 * WIDTH),)
    found = {"as it was made": stepped(both, 1, ONE, {}, larger)}
    transformer.pos_embed.forward = by_the_result
    try:
        found["where core has it"] = stepped(both, 1, ONE, {}, larger)
    finally:
        del transformer.pos_embed.forward
    return found


def sampled(both: Both, sigmas):
    """A whole run of core's KSampler (euler)."""
    import comfy.samplers

    conditioning = both.conditioning()
    theirs = _core_sample(both, comfy.samplers.sampler_object("euler"), conditioning, [*sigmas, 0.0])
    return _compared(both.drawn(conditioning, sigmas), theirs)


def pixels(both: Both):
    """A picture to a latent, and that latent to a picture."""
    import torch
    from switchyard.engine.local import vae

    picture = torch.rand(1, HEIGHT, WIDTH, 3)
    theirs = both.core_vae.encode(picture)
    ours = vae.encode_pixels(both.ours, both.ours.machine, picture)
    theirs_again = both.core_vae.decode(theirs).reshape(-1, HEIGHT, WIDTH, 3)
    ours_again, alpha = vae.decode(both.ours, both.ours.machine, theirs)
    assert alpha is None
    return {"encode": _compared(ours, theirs), "decode": _compared(ours_again, theirs_again)}


def _core_sample(both, sampler, conditioning, sigmas):
    import comfy.sample
    import torch
    from switchyard.engine.local import latents

    nothing = latents.empty(both.family.kind, WIDTH, HEIGHT)
    return comfy.sample.sample_custom(
        both.core, both.noise(), 1.0, sampler, torch.tensor(sigmas), conditioning, conditioning, nothing,
        disable_pbar=True, seed=0,
    )  # fmt: skip


def _compared(ours, theirs):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    return {"difference": (ours - theirs).abs().max().item(), "largest": theirs.abs().max().item()}


def _samples(family, height, width):
    import torch
    from switchyard.engine.local import latents

    return torch.randn_like(latents.empty(family.kind, width, height))


@functools.cache
def _narrow_qwen():
    """What core takes from its own source and not from the file."""
    import comfy.ldm.qwen_image.model as model

    model.QwenImageTransformer2DModel.__init__ = functools.partialmethod(
        model.QwenImageTransformer2DModel.__init__, num_attention_heads=2, joint_attention_dim=64
    )


@functools.cache
def _narrow_vaes():
    import comfy.ldm.modules.diffusionmodules.model as model
    from switchyard.tests.comfyui.parity_files import CHANNELS

    for made in (model.Encoder, model.Decoder):
        plain = made.__init__
        made.__init__ = lambda self, plain=plain, **given: plain(self, **{**given, "ch": CHANNELS})


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:]))
