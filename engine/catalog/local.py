"""Models on your own machine, through diffusers. An endpoint's id is the repository of the weights on the hub.

Parameters have the names of the pipelines' arguments and, unless a comment says otherwise, their defaults
(diffusers 0.42.1). Sizes start at 64 px; `default` is the pipelines' own 1024x1024, None the size of the last picture
that comes in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ..models import Dialect, Endpoint, Latent, Model, Param, SizeRule, Task
from . import dialects
from .params import NEGATIVE, guidance, steps
from .terms import FREE

_EIGHTH = Latent(16, 8)  # FLUX.1 and Qwen-Image
_QWEN_21 = Latent(64, 16)
_SIXTEENTH = Latent(128, 16)  # FLUX.2, two by two pixels of its eighth already folded into the channels

_APACHE = "Apache-2.0"
_NON_COMMERCIAL = "FLUX Non-Commercial License"
_RESEARCH = "Qwen Research License (non-commercial)"

_QWEN = (NEGATIVE, steps(50, 1, 100), Param("true_cfg_scale", "float", 4.0, 1, 20))
_LAYERED = (
    *_QWEN,
    Param("layers", "int", 4, 1, 10),
    Param("resolution", "choice", "640", choices=("640", "1024")),  # px, the square root of the area
)


def _weights(
    repository: str, task: Task, params: tuple[Param, ...], multiple: int = 16, references: int | None = 0
) -> Endpoint:
    kind: Literal["pixels", "input"] = "input" if task == "layers" else "pixels"
    return Endpoint(
        repository,
        task,
        SizeRule(kind, multiple=multiple, min_side=64, default="square_hd" if task == "generate" else None),
        params,
        FREE,
        references=references,
        reference_field="" if references == 0 else "image",
        prompt_required=task != "layers",
        source="diffusers 0.42.1 and the model card",
        as_of="2026-11-21",
    )


def _reading(tokens: int, *endpoints: Endpoint) -> tuple[Endpoint, ...]:
    """The same, with the longest prompt that the text encoder is given."""
    return tuple(replace(endpoint, prompt_tokens=tokens) for endpoint in endpoints)


def _qwen(
    row: str,
    name: str,
    about: str,
    *endpoints: Endpoint,
    layered: bool = False,
    dialect: Dialect = dialects.QWEN_EDIT,
) -> Model:
    return Model(
        row,
        name,
        "qwen",
        "local",
        "standard",
        _reading(1024, *endpoints),
        about,
        layered=layered,
        latent=_EIGHTH,
        licence=_APACHE,
        dialect=dialect,
    )


def _flux_1(
    row: str,
    name: str,
    about: str,
    *endpoints: Endpoint,
    tier: Literal["draft", "standard"],
    licence: str,
    tokens: int = 512,
    dialect: Dialect = dialects.FLUX_1,
) -> Model:
    return Model(
        row,
        name,
        "flux",
        "local",
        tier,
        _reading(tokens, *endpoints),
        about,
        latent=_EIGHTH,
        prompt_scripts="latin",
        licence=licence,
        dialect=dialect,
    )


def _flux_2(
    row: str,
    name: str,
    about: str,
    repository: str,
    params: tuple[Param, ...],
    references: int,
    tier: Literal["draft", "standard"],
    licence: str,
    masked: bool = True,
) -> Model:
    """FLUX.2 draws and edits with the same weights. `references` are the figures of Black Forest Labs.

    masked: there is a pipeline that paints inside a mask."""
    tasks = [
        _weights(repository, "generate", params),
        _weights(repository, "edit", params, references=references),
    ]
    if masked:
        tasks.append(_weights(repository, "inpaint", params, references=references))
    return Model(
        row,
        name,
        "flux",
        "local",
        tier,
        _reading(512, *tasks),
        about,
        latent=_SIXTEENTH,
        licence=licence,
        dialect=dialects.FLUX_2_LOCAL,
    )


_QWEN_LOCAL = (
    _qwen(
        "qwen-image-local",
        "Qwen-Image",
        "Words in pictures, in any script, on your own card.",
        _weights("Qwen/Qwen-Image", "generate", _QWEN),
        dialect=dialects.QWEN_IMAGE_LOCAL,
    ),
    _qwen(
        "qwen-image-2512-local",
        "Qwen-Image-2512",
        "The newest open Qwen-Image: posters, menus and signs that read, and more natural people.",
        _weights("Qwen/Qwen-Image-2512", "generate", _QWEN),
        dialect=dialects.QWEN_IMAGE,
    ),
    _qwen(
        "qwen-image-edit-2509-local",
        "Qwen-Image-Edit-2509",
        "Edits that draw on up to three pictures.",
        _weights("Qwen/Qwen-Image-Edit-2509", "edit", _QWEN, multiple=32, references=3),
        _weights("Qwen/Qwen-Image-Edit-2509", "inpaint", _QWEN, multiple=32, references=3),
    ),
    _qwen(
        "qwen-image-edit-2511-local",
        "Qwen-Image-Edit-2511",
        "The newest open Qwen edit: faces and fonts stay what they were.",
        _weights("Qwen/Qwen-Image-Edit-2511", "edit", _QWEN, multiple=32, references=3),
        _weights("Qwen/Qwen-Image-Edit-2511", "inpaint", _QWEN, multiple=32, references=3),
    ),
    _qwen(
        "qwen-image-layered-local",
        "Qwen-Image-Layered",
        "Takes a flat picture apart into layers with transparency.",
        _weights("Qwen/Qwen-Image-Layered", "layers", _LAYERED, multiple=32, references=1),
        layered=True,
        dialect=Dialect(),
    ),
)

_KONTEXT = (steps(28, 1, 100), guidance(2.5))

_FLUX_1_LOCAL = (
    _flux_1(
        "flux-1-dev-local",
        "FLUX.1 dev",
        "The open classic, with the widest choice of styles made for it.",
        _weights("black-forest-labs/FLUX.1-dev", "generate", (steps(28, 1, 100), guidance(3.5))),
        tier="standard",
        licence=_NON_COMMERCIAL,
    ),
    _flux_1(
        "flux-1-schnell-local",
        "FLUX.1 schnell",
        "Four steps: sketches while you wait.",
        # Distilled to four steps (the pipeline's own 28 is for dev); it has no guidance.
        _weights("black-forest-labs/FLUX.1-schnell", "generate", (steps(4, 1, 12),)),
        tier="draft",
        licence=_APACHE,
        tokens=256,
    ),
    _flux_1(
        "flux-1-kontext-dev-local",
        "FLUX.1 Kontext dev",
        "Changes what you name in a photograph and leaves the rest alone.",
        _weights("black-forest-labs/FLUX.1-Kontext-dev", "edit", _KONTEXT, references=1),
        _weights("black-forest-labs/FLUX.1-Kontext-dev", "inpaint", _KONTEXT, references=1),
        tier="standard",
        licence=_NON_COMMERCIAL,
        dialect=dialects.KONTEXT,
    ),
)

_FLUX_2_DEV = (steps(50, 1, 100), guidance(4.0))
_KLEIN = (steps(4, 1, 12),)  # distilled: guidance is ignored
# The pipeline takes a negative prompt only as embeddings: it is for the caller to encode.
_KLEIN_BASE = (NEGATIVE, steps(50, 1, 100), guidance(4.0))

_FLUX_2_LOCAL = (
    _flux_2(
        "flux-2-dev-local",
        "FLUX.2 dev",
        "The open FLUX.2 in full, for light and materials; wants a large card or patience.",
        "black-forest-labs/FLUX.2-dev",
        _FLUX_2_DEV,
        6,
        "standard",
        _NON_COMMERCIAL,
        masked=False,
    ),
    _flux_2(
        "flux-2-klein-4b-local",
        "FLUX.2 klein 4B",
        "The smallest FLUX.2: drafts and small edits on an ordinary card.",
        "black-forest-labs/FLUX.2-klein-4B",
        _KLEIN,
        4,
        "draft",
        _APACHE,
    ),
    _flux_2(
        "flux-2-klein-9b-local",
        "FLUX.2 klein 9B",
        "A draft model with the eye of a larger one.",
        "black-forest-labs/FLUX.2-klein-9B",
        _KLEIN,
        4,
        "draft",
        _NON_COMMERCIAL,
    ),
    _flux_2(
        "flux-2-klein-4b-base-local",
        "FLUX.2 klein 4B base",
        "The small klein before distillation, with guidance and a negative prompt.",
        "black-forest-labs/FLUX.2-klein-base-4B",
        _KLEIN_BASE,
        4,
        "standard",
        _APACHE,
    ),
    _flux_2(
        "flux-2-klein-9b-base-local",
        "FLUX.2 klein 9B base",
        "The large klein before distillation, with guidance and a negative prompt.",
        "black-forest-labs/FLUX.2-klein-base-9B",
        _KLEIN_BASE,
        4,
        "standard",
        _NON_COMMERCIAL,
    ),
)

_QWEN_21_PARAMS = (NEGATIVE, steps(40, 1, 100), Param("true_cfg_scale", "float", 1.0, 1, 20))

_LATER = (
    _qwen(
        "qwen-image-edit-local",
        "Qwen-Image-Edit",
        "The first open Qwen edit: one picture, and words in it that change.",
        _weights("Qwen/Qwen-Image-Edit", "edit", _QWEN, multiple=32, references=1),
        _weights("Qwen/Qwen-Image-Edit", "inpaint", _QWEN, multiple=32, references=1),
        dialect=dialects.QWEN_EDIT_ONE,
    ),
    Model(
        "qwen-image-2.1-local",
        "Qwen-Image-2.1",
        "qwen",
        "local",
        "standard",
        _reading(
            512,
            _weights("Qwen/Qwen-Image-2.1", "generate", _QWEN_21_PARAMS, multiple=32),
            _weights("Qwen/Qwen-Image-2.1", "edit", _QWEN_21_PARAMS, multiple=32, references=4),
        ),
        "A third of the size of Qwen-Image, draws and edits with the same weights.",
        latent=_QWEN_21,
        licence=_RESEARCH,
        dialect=dialects.QWEN_21,
        draws_alpha=True,
    ),
    _flux_2(
        "flux-2-klein-9b-kv-local",
        "FLUX.2 klein 9B KV",
        "klein 9B for edits with several references, which it reads once instead of at every step.",
        "black-forest-labs/FLUX.2-klein-9b-kv",
        _KLEIN,
        4,
        "draft",
        _NON_COMMERCIAL,
        masked=False,
    ),
)

LOCAL = (*_QWEN_LOCAL, *_FLUX_1_LOCAL, *_FLUX_2_LOCAL, *_LATER)
