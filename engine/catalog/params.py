"""The inputs that many endpoints share, so that a row reads as a list of them. Names are the services' own."""

from __future__ import annotations

from ..models import Param

SEED = Param("seed", "int")
SEED_31_BIT = Param("seed", "int", low=0, high=2**31 - 1)
NEGATIVE = Param("negative_prompt", "text", "")
NEGATIVE_SPACE = Param("negative_prompt", "text", " ")  # older Qwen endpoints: one space stands for "nothing"
LORAS = Param("loras", "loras", high=3)  # at most three, each a path and a scale
# With these on, a language model rewrites the prompt, and copy is no longer verbatim.
EXPAND_OFF = Param("enable_prompt_expansion", "bool", False, rewrites=True)
EXPAND_ON = Param("enable_prompt_expansion", "bool", True, rewrites=True)
ENHANCE = Param("enhance_prompt", "bool", False, rewrites=True)


def steps(default: int, low: int, high: int) -> Param:
    return Param("num_inference_steps", "int", default, low, high)


def guidance(default: float, low: float = 0, high: float = 20) -> Param:
    return Param("guidance_scale", "float", default, low, high)


def pictures(most: int = 4) -> Param:
    """How many pictures one request may draw. Endpoints without it draw one."""
    return Param("num_images", "int", 1, 1, most)


def strength(default: float, low: float = 0.01) -> Param:
    """How far from the picture that comes in: 1 keeps nothing of it."""
    return Param("strength", "float", default, low, 1)


def safety(loosest: int) -> Param:
    """A string enumeration: "1" is strict, `loosest` lets the most through."""
    return Param("safety_tolerance", "choice", "2", choices=tuple(str(n + 1) for n in range(loosest)))


def acceleration(default: str, *choices: str) -> Param:
    return Param("acceleration", "choice", default, choices=choices or ("none", "regular", "high"))


def file_type(default: str, *choices: str) -> Param:
    return Param("output_format", "choice", default, choices=choices)


JPEG_OR_PNG = file_type("jpeg", "jpeg", "png")
PNG_OR_JPEG = file_type("png", "jpeg", "png")
PNG_JPEG_WEBP = file_type("png", "jpeg", "png", "webp")
PNG_OR_WEBP = file_type("png", "png", "webp")
