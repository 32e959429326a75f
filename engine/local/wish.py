"""What a generator was asked for, and what that comes to: the mode, the size, the pictures as the model is shown them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import sizes
from ..errors import BadInput
from ..models import MEGAPIXEL, Model, SizeRule, find
from ..sizes import Size
from . import latents as forms
from . import reference, stepcache
from .family import Family, Mode
from .presets import AUTO, Tier

if TYPE_CHECKING:
    from torch import Tensor

# Pixels, of Layered: the square root of the area that it works at. It was trained at 640 and 1024.
RESOLUTION = 640
# Qwen3-VL's picture reader enlarges what is smaller than 256x256, and its VAE has to be shown the same.
LEAST_SEEN = 0.1  # megapixels
MOST = 64  # pictures at once


@dataclass(frozen=True, eq=False)
class Wish:
    """Everything as it stands on a node; 0 is the model's own, or the picture's.

    pictures: [H,W,C] in 0..1, in order: references, or for a model that edits none each to be changed by itself, with a seed
    of its own. mask: MASK [B,H,W], 1 is painted anew. latent: a LATENT; an empty one says only size
    and batch. denoise: how much of the way is run anew, 0..1. megapixels: at which references are shown. composite: outside
    the mask stays the source, to the last bit. positive, negative_conditioning: CONDITIONING in place of the prompts. vae:
    ComfyUI's, in place of the model's. tile: px of a tile's side. layers, resolution: of Layered. preset: steps, guidance and
    schedule by name (`presets.names()`), tier: what "auto" goes by; what is set beside them wins.
    """

    prompt: str = ""
    negative: str = ""
    seed: int = 0
    steps: int = 0
    guidance: float = 0.0
    width: int = 0
    height: int = 0
    batch: int = 0
    pictures: tuple[Tensor, ...] = ()
    mask: Tensor | None = None
    latent: Mapping[str, Any] | None = None
    denoise: float = 1.0
    megapixels: float = 0.0
    shift: float = 0.0
    step_cache: str = ""
    composite: bool = True
    positive: Any = None
    negative_conditioning: Any = None
    vae: Any = None
    tile: int = 0
    layers: int = 4
    resolution: int = RESOLUTION
    preset: str = AUTO
    tier: Tier = "standard"


@dataclass(frozen=True, eq=False)
class Plan:
    """width, height: drawn, on the model's grid. changed: the pictures [1 or batch,h,w,C] that are changed in place, at that
    size; start: the same as samples, where a latent was given. shown: pictures [1,h,w,C] as the model is shown them. kept:
    (pictures, mask): outside the mask these stay. back: (width, height) to which the result is brought, if not as drawn."""

    mode: Mode
    width: int
    height: int
    batch: int
    mask: Tensor | None = None
    changed: Tensor | None = None
    start: Tensor | None = None
    shown: tuple[Tensor, ...] = ()
    kept: tuple[Tensor, Tensor] | None = None
    back: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def plan(family: Family, wish: Wish) -> Plan:
    """Raises BadInput, one sentence, for what the model cannot do. Nothing is loaded for it."""
    _check(family, wish)
    mask, start, notes = _mask(wish), _start(family, wish), []
    if wish.mask is not None and mask is None:
        notes.append("The mask is empty and was left out.")
    mode = _mode(family, wish, mask, start)
    changing = mode in ("image", "inpaint", "edit inpaint")
    if wish.denoise < 1 and not changing:
        notes.append("denoise does not act: this model starts from noise alone.")
    if mask is not None and not changing:
        notes.append(_mask_note(mode, wish))
    size, note = _size(family, wish, mode, start if changing else None)
    notes += [note] if note else []
    automatic = not (wish.width or wish.height or wish.latent is not None) and mode != "layers"
    first = _first(family, wish)
    kept = None
    if first is not None and mask is not None and wish.composite and mode != "generate":
        kept = (first if automatic else reference.resized(first, size.width, size.height), mask)
    if changing and mask is None and mode != "image":
        mask = _whole(size)
    fits = first is not None and automatic and mode != "generate"
    return Plan(
        mode,
        size.width,
        size.height,
        1 if mode == "layers" else _batch(family, wish),
        mask if changing else None,
        reference.resized(first, size.width, size.height) if changing and first is not None else None,
        start if changing and first is None else None,
        _shown(family, wish, mode, size if fits else None),
        kept,
        _back(first, size) if fits and first is not None and kept is None else None,
        tuple(notes),
    )


def seen_megapixels(wish: Wish) -> float:
    """At which Qwen-Image-2.1 is shown each reference, by its encoder and by its VAE alike."""
    return max(wish.megapixels or 1.0, LEAST_SEEN)


def name_of(family: Family) -> str:
    row = find(family.model)
    return row.name if row else family.model


def _check(family: Family, wish: Wish) -> None:
    name, count = name_of(family), len(wish.pictures)
    if not 0 < wish.denoise <= 1:
        raise BadInput(f"A denoise of {wish.denoise:g} leaves nothing to draw: set it above 0, 1 at most.")
    if not 0 <= wish.batch <= MOST:
        raise BadInput(f"A batch of {wish.batch} was asked for: 1 to {MOST} pictures are possible.")
    if wish.step_cache and (reason := stepcache.obstacle(family, wish.step_cache)):
        raise BadInput(reason)
    if _paints_over(family):
        _check_sources(wish)
    elif count > max(family.references, 1) and family.kind != "flux2":
        most = max(family.references, 1)
        raise BadInput(
            f"{name} takes {most} picture{'s' if most > 1 else ''} at most, and {count} are connected: connect fewer."
        )
    if "layers" in family.pipelines and not count:
        raise BadInput(f"{name} splits a picture into layers, and none is connected: connect one to images.")


def _paints_over(family: Family) -> bool:
    """Whether pictures are what is changed in place, each by itself, and never references."""
    return not {"edit", "layers"} & set(family.pipelines)


def _check_sources(wish: Wish) -> None:
    """BadInput for pictures that cannot be changed as one batch."""
    count = len(wish.pictures)
    if count > MOST:
        raise BadInput(
            f"{count} pictures are connected, and {MOST} at most are changed as one batch: connect fewer."
        )
    if count > 1 and wish.batch not in (0, 1, count):
        raise BadInput(
            f"{count} pictures are connected, of which each is changed once, and the batch is {wish.batch}: leave it at 0, on the "
            "Prompt Router too."
        )
    if len({picture.shape[:2] for picture in wish.pictures}) > 1:
        raise BadInput(
            "Several pictures are changed as one batch, and these are of different sizes: change them one by one, or bring them "
            "to one size."
        )


def _first(family: Family, wish: Wish) -> Tensor | None:
    """[N,H,W,C]: all pictures for a model that changes each in place, else the first: what follows are references."""
    import torch

    if not wish.pictures:
        return None
    if not _paints_over(family):
        return wish.pictures[0][None]
    channels = min(picture.shape[-1] for picture in wish.pictures)  # one of them may have alpha
    return torch.stack([picture[..., :channels] for picture in wish.pictures])


def _mask(wish: Wish) -> Tensor | None:
    """[B,H,W], the latent's own (Set Latent Noise Mask) where none is connected; None for one that is black all over, as
    Load Image gives it with a picture that has no alpha."""
    given = wish.mask
    if given is None and wish.latent is not None:
        given = wish.latent.get("noise_mask")
    if given is None or not bool((given > 0).any()):
        return None
    return given.reshape(-1, *given.shape[-2:]).float()


def _start(family: Family, wish: Wish) -> Tensor | None:
    """The samples to start from; None for an empty latent. BadInput for another kind of model's."""
    if wish.latent is None or not bool(wish.latent["samples"].any()):
        return None
    forms.from_comfy(family.kind, wish.latent["samples"])
    return wish.latent["samples"]


def _mode(family: Family, wish: Wish, mask: Tensor | None, start: Tensor | None) -> Mode:
    can, name = family.pipelines, name_of(family)
    partly = mask is not None or wish.denoise < 1
    if "layers" in can:
        return "layers"
    if "edit" in can and (wish.pictures or _given_references(wish)):
        return "edit inpaint" if wish.pictures and partly and "edit inpaint" in can else "edit"
    if "generate" not in can:
        raise BadInput(f"{name} changes a picture, and none is connected: connect one to images.")
    if wish.pictures and not partly:
        raise BadInput(
            f"{name} draws new pictures and edits none: choose a model that edits, or set denoise below 1 to start from the "
            "picture, or connect a mask to paint a part of it anew."
        )
    if mask is not None and "inpaint" in can and (wish.pictures or start is not None):
        return "inpaint"
    if wish.denoise < 1 and (wish.pictures or start is not None):
        return "image" if "image" in can else "inpaint" if "inpaint" in can else "generate"
    return "generate"


def _given_references(wish: Wish) -> bool:
    """Whether the conditioning brings pictures of its own (Reference Latent)."""
    return any(words.get("reference_latents") for _, words in wish.positive or ())


def _mask_note(mode: Mode, wish: Wish) -> str:
    if mode == "edit" and wish.composite and wish.pictures:
        return "This model paints whole pictures: what lies outside the mask was put back afterwards."
    if mode == "edit" and wish.pictures:
        return "The mask does not act: this model paints whole pictures, and composite is off."
    return "The mask does not act: there is no picture to change."


def _size(family: Family, wish: Wish, mode: Mode, start: Tensor | None) -> tuple[Size, str]:
    """The size to draw and a word on it. A picture that is changed as a latent is not resized any more."""
    pictures = [Size(picture.shape[1], picture.shape[0]) for picture in wish.pictures[:1]]
    if mode == "layers":
        area = wish.resolution**2 / MEGAPIXEL
        return Size(*reference.shown_size(family, pictures[0].width, pictures[0].height, area)), ""
    if start is not None and not pictures:
        return Size(*forms.size(family.kind, start)), ""
    row = find(family.model)
    fitted = sizes.drawn(_asked(wish, pictures), pictures, _rule(family, row), name_of(family))
    if not fitted.note and pictures and _shrunk(pictures[0], fitted.size) and _asked(wish, pictures) is None:
        return fitted.size, f"{pictures[0]} is more than is drawn at once: drawn at {fitted.size}."
    return fitted.size, f"{fitted.note}." if fitted.note else ""


def _asked(wish: Wish, pictures: Sequence[Size]) -> Size | None:
    """As typed (one side alone: in the picture's shape, else square), else the latent's; None: automatic."""
    if wish.width or wish.height:
        shape = pictures[0].aspect if pictures else 1.0
        return Size(wish.width or round(wish.height * shape), wish.height or round(wish.width / shape))
    if wish.latent is None:
        return None
    samples = wish.latent["samples"]
    # Core's empty latents say their scale; where one does not, its channels do.
    scale = wish.latent.get("downscale_ratio_spacial") or (16 if samples.shape[1] in (64, 128) else 8)
    return Size(samples.shape[-1] * scale, samples.shape[-2] * scale)


def _rule(family: Family, row: Model | None) -> SizeRule:
    return row.endpoints[0].size if row else SizeRule(multiple=family.multiple)


def _shrunk(picture: Size, drawn: Size) -> bool:
    """Whether the picture had to become smaller, and not only to be brought onto the grid."""
    return drawn.width < picture.width - 32 or drawn.height < picture.height - 32


def _batch(family: Family, wish: Wish) -> int:
    if len(wish.pictures) > 1 and _paints_over(family):
        return len(wish.pictures)
    return wish.batch or (wish.latent["samples"].shape[0] if wish.latent is not None else 1)


def _shown(family: Family, wish: Wish, mode: Mode, size: Size | None) -> tuple[Tensor, ...]:
    """What the transformer sees beside its own picture. size: of the result where it follows the first picture, which is
    then shown in that very size, so that nothing shifts."""
    if mode not in ("edit", "edit inpaint", "layers"):
        return ()
    pictures = [picture[None] for picture in wish.pictures]
    if mode == "layers":
        return tuple(reference.shown(family, one, wish.resolution**2 / MEGAPIXEL) for one in pictures)
    if mode == "edit inpaint":
        pictures = pictures[1:]  # the first one is changed in place
    if family.kind == "qwen21":
        return tuple(reference.shown(family, one, seen_megapixels(wish)) for one in pictures)
    seen = [reference.shown(family, one, _megapixels(wish, one)) for one in pictures]
    if size is not None and mode == "edit" and not wish.megapixels and seen:
        seen[0] = reference.resized(pictures[0], size.width, size.height)
    return tuple(seen)


def _megapixels(wish: Wish, picture: Tensor) -> float:
    """As set; else its own size, 1 at most: each megapixel of a reference costs more than the picture itself."""
    own = picture.shape[1] * picture.shape[2] / MEGAPIXEL
    return wish.megapixels or (1.0 if own > 1 else 0.0)


def _whole(size: Size) -> Tensor:
    import torch

    return torch.ones(1, size.height, size.width)


def _back(first: Tensor, size: Size) -> tuple[int, int] | None:
    """The picture's own size, where it is a little off the grid: an edit keeps its size."""
    own = Size(first.shape[2], first.shape[1])
    near = abs(own.width - size.width) <= 32 and abs(own.height - size.height) <= 32
    return (own.width, own.height) if near and own != size else None
