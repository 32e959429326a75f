"""Mistral's tokenizer, out of a text encoder's own file: ComfyUI's files of FLUX.2 dev keep its `tekken.json` as one more tensor.

What is in it is described by mistral-common: tokens by their bytes, in the order in which pairs become one, and special
tokens, which come before all others. transformers has moved and changed its own converter in every release, so it is not used.
"""

from __future__ import annotations

import base64
import binascii
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .files import read_header

TENSOR = "tekken_model"
# How a text is cut into words before its pairs are joined. It is the one that transformers gave Mistral's tokenizers until 2025,
# FLUX.2's among them, and that ComfyUI reads prompts with; the file's own cuts numbers and capitals in another way.
WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHAT = (
    "{{ bos_token }}{%- for m in messages -%}{%- if m.role == 'system' -%}[SYSTEM_PROMPT]{%- else -%}[INST]{%- endif -%}"
    "{%- for c in m.content -%}{{ c.text }}{%- endfor -%}"
    "{%- if m.role == 'system' -%}[/SYSTEM_PROMPT]{%- else -%}[/INST]{%- endif -%}{%- endfor -%}"
)


def inside(path: Path | None) -> bool:
    """Whether that file of weights has a tokenizer in it: its header says so. BadInput for a spoilt file."""
    return path is not None and path.suffix.lower() == ".safetensors" and TENSOR in read_header(path).entries


def read(path: Path) -> Any:
    """A tokenizer that pads on the left, with the chat template of FLUX.2. BadInput where it is spoilt.

    It takes some seconds, so the last one is kept: a loader behind a router runs again with every other prompt.
    """
    return _read(path, read_header(path).stamp)


@lru_cache(maxsize=1)
def _read(path: Path, stamp: str) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            words = json.loads(file.get_tensor(TENSOR).numpy().tobytes())
        return _tokenizer(*_tokens(words))
    except (
        SafetensorError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        binascii.Error,
    ):
        raise BadInput(f"The tokenizer in {path.name} cannot be read: download that file again.") from None


def _tokens(words: dict[str, Any]) -> tuple[list[str], list[bytes]]:
    """(special tokens, the others), each in the order of their numbers."""
    config = words["config"]
    listed = sorted(words["special_tokens"], key=lambda one: one["rank"])
    special = [one.get("token_str") or base64.b64decode(one["token_bytes"]).decode() for one in listed]
    count = config.get("default_num_special_tokens") or len(special)
    special += [f"<SPECIAL_{number}>" for number in range(len(special), count)]
    size = config.get("default_vocab_size")
    vocabulary = words["vocab"] if size is None else words["vocab"][: size - len(special)]
    return special, [base64.b64decode(one["token_bytes"]) for one in vocabulary]


def _tokenizer(special: list[str], tokens: list[bytes]) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    written = _letters()
    names = ["".join(written[byte] for byte in token) for token in tokens]
    vocabulary = {name: number for number, name in enumerate([*special, *names])}
    inner = Tokenizer(
        models.BPE(vocab=vocabulary, merges=_pairs(tokens, names), fuse_unk=False, ignore_merges=True)
    )
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(word, special=True) for word in special])
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
    made.chat_template = CHAT
    return made


def _pairs(tokens: list[bytes], names: list[str]) -> list[tuple[str, str]]:
    """What is joined, in its order: every way to put a token together from two others."""
    order = {token: number for number, token in enumerate(tokens)}
    found = []
    for token in tokens:
        halves = ((order.get(token[:cut]), order.get(token[cut:])) for cut in range(1, len(token)))
        known = [(left, right) for left, right in halves if left is not None and right is not None]
        found += [(names[left], names[right]) for left, right in sorted(known)]
    return found


def _letters() -> dict[int, str]:
    """Every byte as the letter that byte-level tokenizers write it as: itself where it can be printed, else one from 256 on."""
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printed]
    return {byte: chr(byte) for byte in printed} | {
        byte: chr(256 + number) for number, byte in enumerate(others)
    }
