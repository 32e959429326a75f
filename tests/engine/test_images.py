import contextlib
import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from switchyard.engine import images
from switchyard.engine.errors import BadInput, Failed, SwitchyardError

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

sides = st.integers(1, 12)


def pixels(channels):
    shape = st.tuples(sides, sides, st.just(channels))
    return shape.flatmap(lambda s: hnp.arrays(np.uint8, s))


def tensor(array):
    return torch.from_numpy(array.astype(np.float32) / 255)


def file_of(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@given(pixels(3))
def test_a_picture_survives_the_round_trip_exactly(array):
    image, mask = images.decode(images.to_png(tensor(array)))
    assert mask is None and image.shape == (1, *array.shape) and image.dtype == torch.float32
    assert torch.equal(image[0], tensor(array))


@given(pixels(4))
def test_alpha_comes_back_as_an_inverted_mask_and_hidden_colour_is_kept(array):
    image, mask = images.decode(images.to_png(tensor(array)))
    assert torch.equal(image[0], tensor(array)[..., :3])
    assert torch.equal(mask[0], 1 - tensor(array)[..., 3])


@given(pixels(4))
def test_a_separate_alpha_means_opacity(array):
    whole = tensor(array)
    assert images.to_png(whole[..., :3], alpha=whole[..., 3]) == images.to_png(whole)


@given(pixels(3), st.sampled_from([torch.float16, torch.bfloat16, torch.float64]))
def test_other_float_types_are_taken(array, dtype):
    assert images.decode(images.to_png(tensor(array).to(dtype)))[0].shape == (1, *array.shape)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=300)
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"RIFF",
            b"GIF89a",
            b"BM",
            b"II*\x00",
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
        ]
    ),
)
def test_garbage_raises_only_our_errors(garbage, magic):
    try:
        image, _ = images.decode(magic + garbage)
    except SwitchyardError as error:
        assert str(error).count(". ") == 0
    else:
        assert image.ndim == 4


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200)
@given(st.data())
def test_a_damaged_file_is_a_picture_or_our_error(data):
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF"]))
    whole = bytearray(file_of(Image.linear_gradient("L").resize((40, 30)).convert("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Failed):
        assert images.decode(bytes(whole))[0].ndim == 4


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_truncated_file_is_refused(kind):
    whole = file_of(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    with pytest.raises(Failed, match="not a whole picture"):
        images.decode(whole[: len(whole) // 2])


def test_too_many_pixels_are_refused_before_they_are_unpacked():
    bomb = file_of(Image.new("1", (20_000, 20_000)))
    assert len(bomb) < 100_000
    with pytest.raises(Failed, match="pixels"):
        images.decode(bomb)
    with pytest.raises(Failed, match="30 x 20"):
        images.decode(file_of(Image.new("RGB", (30, 20))), max_pixels=599)


def test_sixteen_bit_grey_keeps_its_depth():
    deep = np.array([[0, 1, 257], [32_768, 65_534, 65_535]], dtype=np.uint16)
    image, mask = images.decode(file_of(Image.fromarray(deep)))
    assert mask is None and image.shape == (1, 2, 3, 3)
    assert np.allclose(image[0, ..., 0].numpy() * 65_535, deep, atol=0.01)


def test_float_pictures_are_clipped():
    image, _ = images.decode(file_of(Image.fromarray(np.array([[-1, 0.25, 7]], dtype=np.float32)), "TIFF"))
    assert image[0, 0, :, 1].tolist() == [0, 0.25, 1]


@pytest.mark.parametrize(
    "mode, opaque", [("1", True), ("L", True), ("P", True), ("RGB", True), ("LA", False), ("RGBA", False)]
)
def test_every_png_mode(mode, opaque):
    drawn = Image.new("RGB", (5, 4)) if opaque else Image.new("RGBA", (5, 4), (255, 255, 255, 0))
    image, mask = images.decode(file_of(drawn.convert(mode)))
    assert image.shape == (1, 4, 5, 3) and (mask is None) == opaque
    assert opaque or mask.min() == 1


def test_a_transparent_palette_colour_is_alpha():
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    image, mask = images.decode(file_of(picture, transparency=1))
    assert mask.tolist() == [[[0, 1]]] and image[0, 0].tolist() == [[1, 0, 0], [0, 0, 1]]


def test_cmyk_becomes_rgb():
    image, mask = images.decode(file_of(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100))
    assert mask is None and torch.allclose(image[0, 4, 4], torch.tensor([1.0, 0, 0]), atol=0.03)


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    image, _ = images.decode(file_of(Image.new("RGB", (30, 20)), "JPEG", exif=exif))
    assert images.size_of(image) == (20, 30)


def test_broken_camera_notes_do_not_lose_a_picture(monkeypatch):
    def broken(picture):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(images.ImageOps, "exif_transpose", broken)
    assert images.size_of(images.decode(file_of(Image.new("RGB", (30, 20))))[0]) == (30, 20)


def test_a_reference_is_a_png_while_it_fits_and_a_jpeg_after():
    noise = torch.rand(64, 64, 3, generator=torch.Generator().manual_seed(1))
    png, kind = images.encode_reference(noise, alpha_allowed=True, largest_bytes=50_000)
    assert kind == "image/png" and png == images.to_png(noise)
    jpeg, kind = images.encode_reference(noise, alpha_allowed=True, largest_bytes=len(png) - 1)
    assert kind == "image/jpeg" and len(jpeg) < len(png) and jpeg.startswith(b"\xff\xd8")
    with pytest.raises(BadInput, match="64 x 64"):
        images.encode_reference(noise, alpha_allowed=True, largest_bytes=100)


@given(pixels(4))
def test_a_forbidden_alpha_is_flattened_on_white(array):
    flat, _ = images.encode_reference(tensor(array), alpha_allowed=False, largest_bytes=10**6)
    image, mask = images.decode(flat)
    alpha = tensor(array)[..., 3:]
    assert mask is None
    assert torch.allclose(image[0], tensor(array)[..., :3] * alpha + 1 - alpha, atol=0.51 / 255)
    kept, _ = images.encode_reference(tensor(array), alpha_allowed=True, largest_bytes=10**6)
    assert images.decode(kept)[1] is not None


def test_pictures_are_grouped_by_size_in_order():
    def of(width, height, value, mask=None):
        return torch.full((1, height, width, 3), value), mask

    soft = torch.full((1, 4, 6), 0.5)
    groups = images.group_by_size([of(6, 4, 0.1), of(3, 3, 0.2), of(6, 4, 0.3, soft)])
    assert [tuple(i.shape) for i, _ in groups] == [(2, 4, 6, 3), (1, 3, 3, 3)]
    assert [tuple(m.shape) for _, m in groups] == [(2, 4, 6), (1, 3, 3)]
    first, masks = groups[0]
    assert first[:, 0, 0, 0].tolist() == pytest.approx([0.1, 0.3])
    assert masks[0].max() == 0 and torch.equal(masks[1:], soft)
    assert images.group_by_size([]) == []


def test_layers_are_one_batch_and_a_small_one_is_padded_with_nothing():
    large, small = torch.ones(1, 4, 6, 3), torch.ones(1, 2, 3, 3)
    pictures, masks = images.layers([(large, None), (small, torch.zeros(1, 2, 3))])
    assert pictures.shape == (2, 4, 6, 3) and masks.shape == (2, 4, 6)
    assert masks[0].sum() == 0 and masks[1].sum() == 4 * 6 - 2 * 3 and masks[1, :2, :3].sum() == 0
    with pytest.raises(BadInput):
        images.layers([])


@given(pixels(3))
def test_the_digest_is_that_of_what_would_be_sent(array):
    image = tensor(array)
    assert images.digest(image) == images.digest(image + 1e-4)
    assert images.digest(image) != images.digest(image[None])
    other = image.clone()
    other[0, 0, 0] = (other[0, 0, 0] + 0.5) % 1
    assert images.digest(image) != images.digest(other)


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4, 3), (4, 4, 2), (0, 4, 3)])
def test_a_shape_that_is_no_picture_is_refused(shape):
    with pytest.raises(BadInput):
        images.to_png(torch.zeros(shape))
    with pytest.raises(BadInput):
        images.to_png(torch.zeros(4, 4, 3), alpha=torch.zeros(64, 64))


def test_odd_values_are_clipped_and_grey_is_widened():
    image, _ = images.decode(images.to_png(torch.tensor([[[float("nan")], [9.0], [-9.0]]])))
    assert image[0, 0].tolist() == [[0] * 3, [1] * 3, [0] * 3]
