"""Posters made with Pillow: phrases of a language, right or with one fault, in one of six looks. Nothing is downloaded."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from .poster_words import COPY, FONTS, INCIDENTAL

SIDE = 1024  # px
LOOKS = ("clean", "dark", "noisy", "turned", "perspective", "curved")
UPRIGHT = LOOKS[:3]
FAULTS = ("right", "letter", "swap", "doubled", "line")
_SHAPED = ("ar", "hi")


@dataclass(frozen=True)
class Poster:
    """`asked`: the phrases; `drawn`: what stands on it, with its fault; `pixels`: uint8 [SIDE,SIDE,3]."""

    language: str
    look: str
    fault: str
    asked: tuple[str, ...]
    drawn: tuple[str, ...]
    pixels: np.ndarray


def poster(language: str, look: str, fault: str, seed: int, folders: tuple[Path, ...]) -> Poster:
    """One poster of four phrases; the same seed, the same poster.

    As on real ones, they need not stand in the order in which they were asked for, a long one may be broken into two
    lines, and some other sign may be in the picture: none of that is a fault.
    """
    chance = random.Random(f"{language} {look} {seed}")
    asked = tuple(chance.sample(COPY[language], 4))
    drawn = spoil(asked, fault, language, random.Random(f"{language} {look} {fault} {seed}"))
    file, index = chance.choice(fonts(language, folders)[0])
    flat = _set(_laid_out(drawn, chance), file, index, look, chance)
    return Poster(language, look, fault, asked, drawn, _LOOKS[look](flat, chance))


@cache
def fonts(language: str, folders: tuple[Path, ...]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """(file, index) of the fonts that are here, and the names of those that are not."""
    files = {path.name: str(path) for folder in folders for path in sorted(folder.rglob("*.tt[fc]"))}
    there = tuple((files[name], index) for name, index in FONTS[language] if name in files)
    missing = tuple(name for name, _ in FONTS[language] if name not in files)
    return there, missing


def drawable(language: str, folders: tuple[Path, ...]) -> str:
    """ "" where posters of the language can be drawn here, else what is missing."""
    if not fonts(language, folders)[0]:
        return "no font: " + ", ".join(fonts(language, folders)[1])
    if language in _SHAPED and not features.check("raqm"):
        return "Pillow cannot shape its letters here: libraqm and fribidi are missing"
    return ""


def spoil(asked: tuple[str, ...], fault: str, language: str, chance: random.Random) -> tuple[str, ...]:
    """The phrases with one fault: a letter changed, two neighbours swapped, a word twice, a line left out."""
    drawn = list(asked)
    n = chance.randrange(len(asked))
    if fault == "line":
        del drawn[n]
    elif fault == "doubled":
        drawn[n] = _doubled(asked[n], chance)
    elif fault in ("letter", "swap"):
        for n in chance.sample(range(len(asked)), len(asked)):
            changed = (
                _changed(asked[n], language, chance) if fault == "letter" else _swapped(asked[n], chance)
            )
            if changed != asked[n]:
                drawn[n] = changed
                break
    return tuple(drawn)


def _laid_out(drawn: tuple[str, ...], chance: random.Random) -> list[str]:
    """The lines of the poster: in half of them in another order, in a third one broken in two, in a third one more."""
    lines = list(drawn)
    if chance.random() < 0.5:
        chance.shuffle(lines)
    if chance.random() < 1 / 3:
        at = max(range(len(lines)), key=lambda n: len(lines[n]))
        words = lines[at].split(" ")
        half = (len(words) + 1) // 2
        lines[at : at + 1] = [part for part in (" ".join(words[:half]), " ".join(words[half:])) if part]
    if chance.random() < 1 / 3:
        lines.append(chance.choice(INCIDENTAL))
    return lines


def _letters(text: str) -> list[int]:
    return [at for at, char in enumerate(text) if char.isalpha()]


def _changed(text: str, language: str, chance: random.Random) -> str:
    at = chance.choice(_letters(text))
    bank = sorted({char for phrase in COPY[language] for char in phrase if char.isalpha()})
    # A capital I and a small L are one stroke, and a hiragana he is a katakana one: no fault that could be seen.
    others = [c for c in bank if c.casefold() != text[at].casefold() and c.isupper() == text[at].isupper()]
    others = [c for c in others if {c, text[at]} not in ({"I", "l"}, {"ー", "一"}, {"へ", "ヘ"})]
    kind = [c for c in others if _kind(c) == _kind(text[at])]
    return text[:at] + chance.choice(kind or others) + text[at + 1 :]


def _swapped(text: str, chance: random.Random) -> str:
    pairs = [
        i for i in _letters(text)[:-1] if i + 1 in _letters(text) and text[i].lower() != text[i + 1].lower()
    ]
    if not pairs:
        return text
    at = chance.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _doubled(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    if len(words) == 1:  # Chinese, Japanese: two characters again
        at = chance.randrange(max(1, len(text) - 1))
        return text[: at + 2] + text[at : at + 2] + text[at + 2 :]
    at = chance.randrange(len(words))
    return " ".join([*words[: at + 1], *words[at:]])


def _kind(char: str) -> str:
    return "kana" if "\u3040" <= char <= "\u30ff" else "han" if "\u4e00" <= char <= "\u9fff" else "letter"


def _set(lines: list[str], file: str, index: int, look: str, chance: random.Random) -> Image.Image:
    """The lines on a plain ground, each in a size of its own, and nothing cut off."""
    ink, ground = _colours(look, chance)
    picture = Image.new("RGB", (SIDE, SIDE), ground)
    canvas = ImageDraw.Draw(picture)
    room = SIDE * (0.72 if look in ("turned", "perspective", "curved") else 0.88)
    step = room / max(1, len(lines))
    for n, line in enumerate(lines):
        size = min(chance.randint(34, 92), int(step * 0.7))
        font = ImageFont.truetype(file, size, index=index)
        while font.getlength(line) > room:
            size -= 2
            font = ImageFont.truetype(file, size, index=index)
        y = (SIDE - room) / 2 + (n + 0.5) * step
        canvas.text((SIDE / 2, y), line, font=font, fill=ink, anchor="mm")
    return picture


def _colours(look: str, chance: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    dim = tuple(chance.randint(0, 70) for _ in range(3))
    bright = tuple(chance.randint(190, 255) for _ in range(3))
    return (bright, dim) if look == "dark" else (dim, bright)


def _clean(picture: Image.Image, chance: random.Random) -> np.ndarray:
    return np.array(picture)


def _noisy(picture: Image.Image, chance: random.Random) -> np.ndarray:
    """Grain, a soft pattern behind the letters, and JPEG at 55."""
    draw = np.random.default_rng(chance.randrange(2**31))
    coarse = Image.fromarray(draw.integers(0, 60, (8, 8, 3), dtype=np.uint8)).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    values = np.array(picture, dtype=np.float32) - np.array(coarse) + draw.normal(0, 18, (SIDE, SIDE, 3))
    file = io.BytesIO()
    Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=55)
    return np.array(Image.open(file).convert("RGB"))


def _turned(picture: Image.Image, chance: random.Random) -> np.ndarray:
    angle = chance.choice((-1, 1)) * chance.uniform(6, 18)
    return np.array(picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((0, 0))))


def _perspective(picture: Image.Image, chance: random.Random) -> np.ndarray:
    """Seen from the side: one edge 70 to 85 % of the other."""
    low = SIDE * chance.uniform(0.08, 0.15)
    left, right = (0.0, low) if chance.random() < 0.5 else (low, 0.0)
    target = [(0, left), (SIDE, right), (SIDE, SIDE - right), (0, SIDE - left)]
    source = [(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)]
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    factors = np.linalg.solve(np.array(rows, float), np.array(source, float).reshape(8))
    ground = picture.getpixel((0, 0))
    kind = Image.Transform.PERSPECTIVE
    return np.array(
        picture.transform((SIDE, SIDE), kind, factors.tolist(), Image.Resampling.BICUBIC, fillcolor=ground)
    )


def _curved(picture: Image.Image, chance: random.Random) -> np.ndarray:
    """Every line on an arc: its ends 80 to 150 px lower than its middle, or higher."""
    sag = chance.choice((-1, 1)) * chance.uniform(80, 150)
    steps, mesh = 64, []
    for n in range(steps):
        a, b = SIDE * n // steps, SIDE * (n + 1) // steps
        da, db = (sag * (((x / SIDE) * 2 - 1) ** 2 - 0.4) for x in (a, b))
        mesh.append(((a, 0, b, SIDE), (a, -da, a, SIDE - da, b, SIDE - db, b, -db)))
    ground = picture.getpixel((0, 0))
    wide = Image.new("RGB", (SIDE, SIDE), ground)
    wide.paste(picture)
    return np.array(
        wide.transform((SIDE, SIDE), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=ground)
    )


_LOOKS = {
    "clean": _clean, "dark": _clean, "noisy": _noisy, "turned": _turned, "perspective": _perspective, "curved": _curved,
}  # fmt: skip
