"""Pictures on their way out to a service and back: ComfyUI tensors to files, files to ComfyUI tensors.

IMAGE is float32 [B,H,W,3] or [B,H,W,4] in 0..1, colours straight, never premultiplied. MASK is float32
[B,H,W] the ComfyUI way round, as the core node LoadImage gives it: 1 = transparent, mask = 1 - alpha.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageOps

from .errors import BadInput, Failed

if TYPE_CHECKING:
    from torch import Tensor

# Pillow's other readers are left out: some start programs (EPS starts Ghostscript), and no service sends
# them.
FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
JPEG_QUALITIES = (95, 88)  # without chroma subsampling: a reference often carries small coloured letters

Picture = tuple["Tensor", "Tensor | None"]


def to_png(image: Tensor, alpha: Tensor | None = None) -> bytes:
    """A lossless PNG of one picture [H,W,1|3|4].

    `alpha` [H,W] is opacity (1 = opaque; for a MASK pass `1 - mask`) and takes the place of a fourth channel.
    Values are rounded to 8 bit; what is outside 0..1 is clipped, NaN is black.
    """
    pixels = _pixels(image)
    if alpha is not None:
        if tuple(alpha.shape) != pixels.shape[:2]:
            raise BadInput(f"An alpha of {tuple(alpha.shape)} does not fit a picture of {pixels.shape[:2]}.")
        pixels = np.dstack([pixels[..., :3], _eight_bit(alpha)])
    return _save(Image.fromarray(pixels), "PNG", compress_level=1)


def encode_reference(image: Tensor, *, alpha_allowed: bool, largest_bytes: int) -> tuple[bytes, str]:
    """One reference picture [H,W,C] as (file, content type), ready to be sent.

    A PNG where it stays within `largest_bytes`, else a JPEG of high quality (which has no alpha: it is
    flattened on white, as it is where `alpha_allowed` is false). Raises BadInput when even that is too large.
    """
    pixels = _pixels(image)
    if pixels.shape[2] == 4 and not alpha_allowed:
        pixels = _on_white(pixels)
    png = _save(Image.fromarray(pixels), "PNG", compress_level=1)
    if len(png) <= largest_bytes:
        return png, "image/png"
    height, width = pixels.shape[:2]
    if max(height, width) <= 65_500:  # the JPEG format ends here
        picture = Image.fromarray(_on_white(pixels) if pixels.shape[2] == 4 else pixels)
        for quality in JPEG_QUALITIES:
            jpeg = _save(picture, "JPEG", quality=quality, subsampling=0)
            if len(jpeg) <= largest_bytes:
                return jpeg, "image/jpeg"
    raise BadInput(
        f"A reference picture of {width} x {height} stays over the {largest_bytes / 1e6:.3g} MB "
        "that the model takes, even as a JPEG; scale it down first."
    )


def decode(data: bytes, *, max_pixels: int = 64_000_000) -> Picture:
    """The picture in a file as (image [1,H,W,3], mask [1,H,W], or None where the file has no transparency).

    Turned upright by its EXIF orientation; of an animation the first frame. Colours under full transparency
    are kept. Raises Failed for anything that is not a whole picture of at most `max_pixels`.
    """
    Image.init()
    known = [name for name in FORMATS if name in Image.OPEN]  # an older Pillow has no AVIF
    try:
        with Image.open(io.BytesIO(data), formats=known) as picture:
            width, height = picture.size
            if width * height <= max_pixels:
                picture.load()
                return _tensors(_upright(picture))
    except Image.DecompressionBombError as error:
        raise Failed("The file claims to be a picture of more pixels than can be opened safely.") from error
    except Exception as error:  # Pillow's readers raise nearly everything on broken files
        raise Failed(f"The file of {len(data):,} bytes is not a whole picture that can be read.") from error
    most = f"{max_pixels / 1e6:g} megapixels"
    raise Failed(f"The picture is {width} x {height}, more than the {most} that are opened.")


def group_by_size(pictures: list[Picture]) -> list[tuple[Tensor, Tensor]]:
    """Pictures of one size as one batch (images [n,H,W,3], masks [n,H,W]), in order of first appearance.



    A picture without alpha gets a mask of zeros.
    """
    groups: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = {}
    for image, mask in pictures:
        groups.setdefault(size_of(image), []).append((image, _mask_of(image, mask)))
    return [(torch.cat([i for i, _ in group]), torch.cat([m for _, m in group])) for group in groups.values()]


def layers(pictures: list[Picture]) -> Picture:
    """All pictures as one batch (images [n,H,W,3], masks [n,H,W]), in their order.

    Layers share one canvas; should one come back smaller, it keeps the top left corner and the rest is
    transparent. Raises BadInput without a picture.
    """
    if not pictures:
        raise BadInput("There are no layers to put into a batch.")
    width = max(size_of(image)[0] for image, _ in pictures)
    height = max(size_of(image)[1] for image, _ in pictures)
    images, masks = [], []
    for image, mask in pictures:
        right, below = width - size_of(image)[0], height - size_of(image)[1]
        pad = torch.nn.functional.pad
        images.append(pad(image, (0, 0, 0, right, 0, below)))
        masks.append(pad(_mask_of(image, mask), (0, right, 0, below), value=1.0))
    return torch.cat(images), torch.cat(masks)


def size_of(image: Tensor) -> tuple[int, int]:
    """(width, height) in pixels of [H,W,C] or [B,H,W,C]."""
    return int(image.shape[-2]), int(image.shape[-3])


def digest(image: Tensor) -> str:
    """sha256 of the shape and the 8-bit pixels of [H,W,C] or [B,H,W,C]: of what would be sent.

    The rounding is wanted: a decoder's float noise, which no service ever sees, must not buy a picture again.
    """
    value = hashlib.sha256(repr(tuple(image.shape)).encode())
    value.update(_eight_bit(image).tobytes())
    return value.hexdigest()


def _eight_bit(tensor: Tensor) -> np.ndarray:
    # Rounded, not cut off as core SaveImage does: n / 255 * 255 in float32 ends below n for some n.
    whole = tensor.detach().to("cpu", torch.float32).nan_to_num(nan=0.0, posinf=1.0, neginf=0.0)
    return whole.clamp(0, 1).mul(255).round().to(torch.uint8).contiguous().numpy()


def _pixels(image: Tensor) -> np.ndarray:
    """uint8 [H,W,3] or [H,W,4] of one picture; a batch of one is taken as that one."""
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or image.shape[2] not in (1, 3, 4) or 0 in image.shape:
        shape = " x ".join(map(str, image.shape))
        raise BadInput(f"One picture of height x width x 3 is needed, not {shape}.")
    pixels = _eight_bit(image)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _on_white(pixels: np.ndarray) -> np.ndarray:
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return (pixels[..., :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)


def _save(picture: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a picture that is paid for is not lost over the broken notes of a camera
        return picture


def _tensors(picture: Image.Image) -> Picture:
    if picture.mode.startswith(("I", "F")):
        return _deep_grey(picture)
    if picture.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        straight = picture.convert("LA") if picture.mode == "La" else picture
        pixels = np.asarray(straight.convert("RGBA"))
    else:
        pixels = np.asarray(picture.convert("RGB"))
    values = torch.from_numpy(pixels.astype(np.float32) / 255)[None]
    return values[..., :3].contiguous(), (1 - values[..., 3]) if pixels.shape[2] == 4 else None


def _deep_grey(picture: Image.Image) -> Picture:
    """16-bit grey (the only depth over 8 that Pillow keeps) and floating point, without losing the depth."""
    whole = np.asarray(picture)
    scaled = whole.astype(np.float32) / (1.0 if picture.mode.startswith("F") else 65_535.0)
    values = torch.from_numpy(scaled).nan_to_num(nan=0.0).clamp(0, 1)[None]
    clear = picture.info.get("transparency")  # PNG's tRNS chunk: the one grey value that is transparent
    mask = torch.from_numpy((whole == clear).astype(np.float32))[None] if isinstance(clear, int) else None
    return values[..., None].expand(-1, -1, -1, 3).contiguous(), mask


def _mask_of(image: Tensor, mask: Tensor | None) -> Tensor:
    return torch.zeros(image.shape[:3], dtype=torch.float32, device=image.device) if mask is None else mask
