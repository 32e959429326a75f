"""The bundled configs against the published weights: names, shapes and gigabytes, from headers of files without data."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from switchyard.engine.local import measure, qwen25_halves
from switchyard.engine.local.family import families
from switchyard.engine.local.files import Bundle, read_header
from switchyard.engine.local.find import fits
from switchyard.engine.local.hollow import ENCODERS
from switchyard.tests.tiny import pipelines

COMPONENTS = {part.config: part for row in pipelines.ROWS for part in families()[row].weights}


@pytest.mark.parametrize("config", sorted(COMPONENTS))
def test_the_bundled_configs_describe_the_published_sizes(tmp_path, config):
    """A file with the real model's header and nothing in it: only its own config takes it, and it has its
    gigabytes."""
    part = COMPONENTS[config]
    shapes = real_shapes(config)
    path = empty_file(tmp_path / "real.safetensors", shapes)
    bundle = Bundle(path, (read_header(path),))
    alike = {  # told apart by their config or by their name alone
        "qwen-image": {"qwen-image", "qwen-image-edit-2511"},
        "qwen-image-edit-2511": {"qwen-image", "qwen-image-edit-2511"},
    }
    assert {name for name, other in COMPONENTS.items() if fits(other, bundle)} == alike.get(config, {config})
    size = sum(2 * math.prod(shape) for shape in shapes.values()) / 1e9
    assert size == pytest.approx(part.gigabytes, rel=0.12, abs=0.1)


def real_shapes(config: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the published weights, language head included, as the class with our config has
    them."""
    import diffusers
    import diffusers.hooks  # it makes tensors when it is imported: not on the meta device below, where no other test could use them
    import transformers

    part = COMPONENTS[config]
    values = measure.bundled(config)
    with torch.device("meta"):
        if part.class_name in ENCODERS:
            name = (
                part.class_name.removesuffix("Model")
                .removesuffix("ForConditionalGeneration")
                .removesuffix("ForCausalLM")
            )
            kind = getattr(transformers, f"{name.removesuffix('Encoder')}Config")
            if part.class_name.startswith("Qwen2_5_VL") and qwen25_halves.apart():
                values = qwen25_halves.flat(values)
            module = getattr(transformers, part.class_name)(kind.from_dict(values))
        else:
            module = getattr(diffusers, part.class_name).from_config(values)
    state = module.state_dict()
    if part.class_name == "T5EncoderModel":
        state.pop("encoder.embed_tokens.weight")
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def empty_file(path: Path, shapes: dict[str, tuple[int, ...]]) -> Path:
    table, end = {}, 0
    for name, shape in shapes.items():
        size = 2 * math.prod(shape)
        table[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(table).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + end)  # a hole: nothing of it is on the disk
    return path
