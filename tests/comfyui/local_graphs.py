"""Graphs of the local nodes, in API format, and how the tests look at what comes of them."""

from pathlib import Path

from PIL import Image, ImageChops

from .graphs import node

SMALL = {"width": 64, "height": 64, "steps": 2}
OF_A_PICTURE = {"steps": 2, "guidance": 1.0, "reference_megapixels": 0.1}
PICTURE = (100, 70)  # of `loaded()`; on no model's grid
IMAGE = {"images.image0": ["picture", 0]}
MASK = {"mask": ["mask", 0]}


def loaded() -> dict:
    """Nodes `picture`, of noise, and `mask`, of its right half: files that `local_server.py` writes."""
    return {
        "picture": node("LoadImage", image="noise.png"),
        "mask": node("LoadImageMask", image="half.png", channel="red"),
    }


def load(row: str, **inputs) -> dict:
    kind = "SwitchyardLoadFlux" if row.startswith("flux") else "SwitchyardLoadQwen"
    return node(kind, model=row, **inputs)


def draw(kind: str, model: str, prompt: object = "a red door", seed: int = 1, **inputs) -> dict:
    return node(f"Switchyard{kind}", model=[model, 0], prompt=prompt, seed=seed, **inputs)


def save(source: str, index: int = 0) -> dict:
    return node("SaveImage", images=[source, index], filename_prefix="local")


def pictures(comfy, run, name: str = "save") -> list[Image.Image]:
    assert run.status == "success", run.error
    found = []
    for path in comfy.saved(run, name):
        with Image.open(path) as image:
            found.append(image.convert("RGB"))
    return found


def painted(picture: Image.Image) -> bool:
    """Neither grey nor NaN."""
    return len(picture.getcolors(picture.width * picture.height)) > 100


def close(one: Image.Image, other: Image.Image) -> bool:
    """The same but for rounding: CPU kernels of another batch size differ in the last bit."""
    return (
        one.size == other.size
        and max(high for _, high in ImageChops.difference(one, other).getextrema()) <= 1
    )


def refused(comfy, graph: dict) -> str:
    run = comfy.run(graph)
    assert run.status == "error" and run.error is not None
    assert "Traceback" not in run.error.message
    return run.error.message


def write_lora(path: Path, layer: str, width: int) -> None:
    """A LoRA of rank 2 on one square layer of a transformer."""
    import torch
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    source = torch.Generator().manual_seed(1)
    down, up = (torch.randn(shape, generator=source) for shape in ((2, width), (width, 2)))
    save_file({f"transformer.{layer}.lora_A.weight": down, f"transformer.{layer}.lora_B.weight": up}, path)
