"""Tokenizers and picture readers, from a hub folder, from the ones that every ComfyUI brings along, or out of the text
encoder's own file. Never the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput
from . import tekken
from .family import Family

# What a tokenizer folder holds -> its class, ComfyUI's folder of it, the longest text (None: as the folder
# says)
_KINDS: dict[str, tuple[str, str, int | None]] = {
    "qwen": ("Qwen2TokenizerFast", "qwen25_tokenizer", None),  # Qwen3 and Qwen3-VL have the same words
    "clip": ("CLIPTokenizerFast", "sd1_tokenizer", 77),  # ComfyUI's folder says 8192, at which CLIP fails
    "t5": ("T5TokenizerFast", "t5_tokenizer", 512),
    "mistral": ("PixtralProcessor", "", None),
}
_FILES = ("tokenizer.json", "vocab.json", "spiece.model", "tekken.json")

# As the models' own repositories have it, for what is put together from single files. Line ends are
# expressions, since
# Jinja's "-" would trim plain ones.
QWEN_CHAT = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\\n' }}"
    "{%- if m.content is string -%}{{ m.content }}{%- else -%}{%- for c in m.content -%}"
    "{%- if c.type == 'text' -%}{{ c.text }}{%- else -%}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}"
    "{%- endif -%}"
)


def tokenizer_folder(kind: str, name: str, hub: Path | None, others: Sequence[Path]) -> Path | None:
    """Where the tokenizer of `kind` is: in the hub folder under `name`, else in one of ComfyUI's own."""
    _, own, _ = _KINDS[kind]
    places = [hub / name] if hub is not None else []
    if own:
        places += [folder if folder.name == own else folder / own for folder in others]
    return next((place for place in places if any((place / file).exists() for file in _FILES)), None)


def embedded(kind: str, encoder: Path | None) -> bool:
    """Whether the text encoder's file brings the tokenizer along, as ComfyUI's of Mistral do."""
    return kind == "mistral" and tekken.inside(encoder)


def load_tokenizer(
    kind: str, name: str, hub: Path | None, others: Sequence[Path], encoder: Path | None = None
) -> Any:
    """A tokenizer, or for "mistral" from a hub folder a PixtralProcessor. encoder: the text encoder's file, which may have one in
    it. BadInput if there is none or it cannot be read."""
    import transformers

    class_name, own, longest = _KINDS[kind]
    folder = tokenizer_folder(kind, name, hub, others)
    if folder is None and encoder is not None and embedded(kind, encoder):
        return tekken.read(encoder)
    if folder is None:
        where = (
            f", nor is ComfyUI's own {own}"
            if own
            else ": it is in ComfyUI's own file of the text encoder, and in the model's folder in models/diffusers"
        )
        raise BadInput(f"The {kind} tokenizer is not on this machine{where}.")
    tokenizer = _read(getattr(transformers, class_name), folder)
    if longest is not None:
        tokenizer.model_max_length = min(longest, tokenizer.model_max_length)
    if kind == "qwen" and not tokenizer.chat_template:
        tokenizer.chat_template = QWEN_CHAT
    return tokenizer


def load_processor(family: Family, hub: Path | None, others: Sequence[Path]) -> Any:
    """What shows pictures to Qwen's encoder: the hub folder's own, else the published numbers with ComfyUI's
    tokenizer."""
    import transformers

    third = family.kind == "qwen21"
    name = "Qwen3VLProcessor" if third else "Qwen2_5_VLProcessor"
    if not hasattr(transformers, name):
        raise BadInput(
            f"Reading pictures with Qwen needs {name}: update transformers ({transformers.__version__} is installed)."
        )
    if hub is not None and (hub / "processor" / "preprocessor_config.json").exists():
        return _read(getattr(transformers, name), hub / "processor")
    return _put_together(name, load_tokenizer("qwen", "tokenizer", hub, others), 16 if third else 14)


def _put_together(name: str, tokenizer: Any, patch: int) -> Any:
    import transformers

    films = getattr(transformers, "Qwen3VLVideoProcessor" if patch == 16 else "Qwen2VLVideoProcessor", None)
    half = (
        {"image_mean": [0.5] * 3, "image_std": [0.5] * 3} if patch == 16 else {}
    )  # else CLIP's, the class's own
    square = patch * 2  # px, the picture under one token
    pictures = transformers.Qwen2VLImageProcessor(
        patch_size=patch,
        merge_size=2,
        temporal_patch_size=2,
        min_pixels=(64 if patch == 16 else 4) * square**2,
        max_pixels=16384 * square**2,
        **half,
    )
    return getattr(transformers, name)(
        image_processor=pictures,
        tokenizer=tokenizer,
        **({"video_processor": films()} if films else {}),  # before 4.52 there was none
        chat_template=tokenizer.chat_template,
    )


def _read(cls: Any, folder: Path) -> Any:
    try:
        return cls.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever a spoilt file makes of transformers
        raise BadInput(
            f"The tokenizer in {folder.parent.name}/{folder.name} cannot be read ({type(error).__name__}): download that folder again."
        ) from None
