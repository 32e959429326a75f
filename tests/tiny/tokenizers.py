"""Byte-level tokenizers, as folders of the kind that ComfyUI and the hub have: every prompt in any script has
its tokens."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

QWEN_SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
                 "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
                 "<|image_pad|>", "<|video_pad|>", "<think>", "</think>")  # fmt: skip
MISTRAL_SPECIALS = ("<unk>", "<s>", "</s>", "<pad>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[IMG]",
                    "[IMG_BREAK]", "[IMG_END]")  # fmt: skip

# Line ends are written as expressions: Jinja's "-" would trim plain ones.
QWEN_CHAT = """\
{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\\n' }}
{%- if m.content is string -%}{{ m.content }}{%- else -%}{%- for c in m.content -%}
{%- if c.type == 'text' -%}{{ c.text }}{%- else -%}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}{%- endif -%}
{%- endfor -%}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}
{%- endif -%}"""
MISTRAL_CHAT = """\
{{ bos_token }}{%- for m in messages -%}
{%- if m.role == 'system' -%}[SYSTEM_PROMPT]{%- for c in m.content -%}{{ c.text }}{%- endfor -%}[/SYSTEM_PROMPT]
{%- else -%}[INST]{%- for c in m.content -%}{%- if c.type == 'text' -%}{{ c.text }}{%- else -%}[IMG]{%- endif -%}
{%- endfor -%}[/INST]{%- endif -%}{%- endfor -%}"""


def qwen() -> Any:
    """Qwen2Tokenizer with 256 byte symbols and Qwen's own 16 special tokens, 272 in all."""
    from transformers import Qwen2Tokenizer

    return Qwen2Tokenizer.from_pretrained(_made(write_qwen))


def clip() -> Any:
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(_made(write_clip))


def t5() -> Any:
    from transformers import T5TokenizerFast

    return T5TokenizerFast.from_pretrained(_made(write_t5))


def mistral() -> Any:
    """A PixtralProcessor: what FLUX.2 dev keeps in its tokenizer folder."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PixtralImageProcessor, PixtralProcessor, PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE(vocab=_numbered((*MISTRAL_SPECIALS, *_bytes())), merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        additional_special_tokens=list(MISTRAL_SPECIALS[4:]),
        padding_side="left",
        model_max_length=4096,
    )
    return PixtralProcessor(
        image_processor=PixtralImageProcessor(patch_size=14, size={"longest_edge": 56}),
        tokenizer=tokenizer,
        patch_size=14,
        spatial_merge_size=2,
        chat_template=MISTRAL_CHAT,
    )


def tekken(*tokens: bytes) -> bytes:
    """The same tokens as `mistral()` as a `tekken.json`, with `tokens` behind them, each joined from two before it."""
    alphabet = {symbol: byte for byte, symbol in enumerate(_byte_symbols())}
    known = [bytes([alphabet[symbol]]) for symbol in _bytes()] + list(tokens)
    vocabulary = [
        {"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None}
        for rank, token in enumerate(known)
    ]
    special = [
        {"rank": rank, "token_str": word, "is_control": True} for rank, word in enumerate(MISTRAL_SPECIALS)
    ]
    config = {"pattern": "[a-z]+|.", "default_vocab_size": len(special) + len(known), "num_vocab_tokens": len(known) + 7,
              "default_num_special_tokens": len(special), "version": "v7"}  # fmt: skip
    unused = [
        {"rank": len(known) + 1, "token_bytes": base64.b64encode(b"never").decode(), "token_str": "never"}
    ]
    return json.dumps({"config": config, "vocab": vocabulary + unused, "special_tokens": special}).encode()


def qwen_processor(tokenizer: Any, name: str = "Qwen2_5_VLProcessor", patch: int = 14) -> Any:
    """Qwen's picture reader. Qwen-Image-2.1 counts on pictures that are not shrunk (its tokens must match the
    VAE's)."""
    import transformers

    most = 4096 if name == "Qwen3VLProcessor" else 64
    pictures = transformers.Qwen2VLImageProcessor(
        patch_size=patch,
        merge_size=2,
        temporal_patch_size=2,
        min_pixels=patch * patch * 4,
        max_pixels=most * patch * patch * 4,
    )
    films = "Qwen3VLVideoProcessor" if most == 4096 else "Qwen2VLVideoProcessor"
    videos = {"video_processor": getattr(transformers, films)()} if hasattr(transformers, films) else {}
    return getattr(transformers, name)(
        image_processor=pictures, tokenizer=tokenizer, chat_template=QWEN_CHAT, **videos
    )


def write_qwen(folder: Path) -> None:
    """`folder` as ComfyUI's qwen25_tokenizer, with a chat template as the hub's have."""
    symbols = _bytes()
    _json(folder, "vocab.json", _numbered(symbols))
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    added = {
        str(len(symbols) + i): {"content": word, "lstrip": False, "normalized": False, "rstrip": False,
                                "single_word": False, "special": not word.endswith("think>")}
        for i, word in enumerate(QWEN_SPECIALS)
    }  # fmt: skip
    config = {"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": added, "pad_token": "<|endoftext|>",
              "eos_token": "<|im_end|>", "additional_special_tokens": list(QWEN_SPECIALS[:14]), "unk_token": None,
              "bos_token": None, "model_max_length": 131072, "add_prefix_space": False, "add_bos_token": False,
              "chat_template": QWEN_CHAT}  # fmt: skip
    _json(folder, "tokenizer_config.json", config)


def write_clip(folder: Path) -> None:
    """`folder` as ComfyUI's sd1_tokenizer, with its 8192 as the longest text (CLIP-L really takes 77)."""
    symbols = _bytes()
    words = (*symbols, *(f"{symbol}</w>" for symbol in symbols), "<|startoftext|>", "<|endoftext|>")
    _json(folder, "vocab.json", _numbered(words))
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    ends = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
            "pad_token": "<|endoftext|>"}  # fmt: skip
    _json(folder, "special_tokens_map.json", ends)
    config = {**ends, "tokenizer_class": "CLIPTokenizer", "model_max_length": 8192, "add_prefix_space": False,
              "do_lower_case": True}  # fmt: skip
    _json(folder, "tokenizer_config.json", config)


def write_t5(folder: Path) -> None:
    """`folder` as ComfyUI's t5_tokenizer: a tokenizer.json."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", -10.0),
        ("▁", -2.0),
        *((chr(c), -3.0) for c in range(33, 127)),
    ]
    inner = Tokenizer(models.Unigram(pieces, unk_id=2))
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    inner.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    inner.save(str(folder / "tokenizer.json"))
    ends = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    _json(folder, "special_tokens_map.json", ends)
    _json(
        folder,
        "tokenizer_config.json",
        {**ends, "tokenizer_class": "T5TokenizerFast", "model_max_length": 512, "extra_ids": 0},
    )


@cache
def _made(write: Callable[[Path], None]) -> Path:
    folder = Path(_room().name) / write.__name__
    write(folder)
    return folder


@cache
def _room() -> tempfile.TemporaryDirectory[str]:
    """Is gone when the process ends."""
    return tempfile.TemporaryDirectory(prefix="switchyard-tokenizers-")


@cache
def _bytes() -> tuple[str, ...]:
    from tokenizers import pre_tokenizers

    return tuple(sorted(pre_tokenizers.ByteLevel.alphabet()))


@cache
def _byte_symbols() -> tuple[str, ...]:
    """The letter of every byte, by what the library itself makes of it."""
    from tokenizers import pre_tokenizers

    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    found = {
        byte: letter
        for char in map(chr, (*range(0x80), *range(0x80, 0x800, 0x40), *range(0x80, 0xC0), 0x800, 0x10000))
        for byte, letter in zip(char.encode(), level.pre_tokenize_str(char)[0][0], strict=True)
    }
    letters = sorted(set(_bytes()) - set(found.values()))  # bytes that no text has
    missing = sorted(set(range(256)) - set(found))
    return tuple((found | dict(zip(missing, letters, strict=True)))[byte] for byte in range(256))


def _numbered(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


def _json(folder: Path, name: str, value: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")
