"""How each family of models wants prompts to be written, by its makers' own documentation, read on 2026-11-21."""

from __future__ import annotations

from dataclasses import replace

from ..models import Dialect

_BFL = "docs.bfl.ai: prompting guide FLUX.2, JSON structured prompting, typography"
_BFL_PICTURES = "help.bfl.ai: How do I reference specific images when editing with FLUX.2"
_KONTEXT = "docs.bfl.ai: Kontext, text editing: quotation marks around the words; flux-best-practices: image 1, image 2"
_QWEN = "QwenLM/Qwen-Image: README and its prompt tool, which puts words to be rendered in quotation marks"
_QWEN_EDIT = (
    "QwenLM/Qwen-Image: the edit prompt tool wants English double quotes; the template says Picture 1"
)
_HOSTED = "Alibaba Model Studio, Qwen-Image-Edit: Image 1, Image 2"

# On fal @image1 stays as typed: the routing rules take FLUX.2 to read it there, no page of fal's that says so was found.
# Black Forest Labs write "image 1".
FLUX_2 = Dialect(quotes="any", json=True, source=_BFL)
FLUX_2_LOCAL = replace(FLUX_2, pictures="image {n}", source=f"{_BFL}; {_BFL_PICTURES}")
FLUX_1 = Dialect(quotes="any", source="black-forest-labs/skills: flux-best-practices, typography")
KONTEXT = Dialect(quotes="any", source=_KONTEXT)
KONTEXT_MULTI = replace(KONTEXT, pictures="image {n}")

QWEN_IMAGE = Dialect(quotes="any", source=_QWEN)
# The quick start of the first Qwen-Image appends these; those of 2512 and of the edit models do not, nor does fal say so.
QWEN_IMAGE_LOCAL = replace(
    QWEN_IMAGE,
    suffixes=(
        ("English", "Ultra HD, 4K, cinematic composition."),
        ("Chinese", "超清，4K，电影级构图."),
    ),
    source=f"{_QWEN}; quick start of Qwen/Qwen-Image",
)
QWEN_EDIT_ONE = Dialect(quotes="straight", source=_QWEN_EDIT)
QWEN_EDIT = replace(QWEN_EDIT_ONE, pictures="Picture {n}")
QWEN_HOSTED = replace(QWEN_IMAGE, pictures="Image {n}", source=f"{_QWEN}; {_HOSTED}")
QWEN_21 = replace(QWEN_IMAGE, pictures="<image{n}>", source=f"{_QWEN}; the pipeline's template")
