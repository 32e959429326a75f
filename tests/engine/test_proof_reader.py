"""RapidOCR as it is installed, on pictures with words: skipped with a reason where it is not."""

import json
import socket
import subprocess
import sys
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from switchyard.engine.errors import BadInput
from switchyard.engine.proof import reader as module
from switchyard.engine.proof.check import available, check, open_reader
from switchyard.engine.proof.pixels import to_images, to_pixels

ROOT = Path(__file__).resolve().parents[2]
reads = pytest.mark.skipif(bool(available()), reason="needs the optional packages rapidocr and onnxruntime")
ASKED = ["Summer Jazz Nights", "Doors open 19:30", "Admission $12.50"]


def drawn(*lines: str, size: int = 44) -> Image.Image:
    picture = Image.new("RGB", (640, 480), "#f4e9d0")
    canvas = ImageDraw.Draw(picture)
    for n, line in enumerate(lines):
        canvas.text((40, 60 + 120 * n), line, fill="#222244", font=ImageFont.load_default(size))
    return picture


@reads
def test_a_right_poster_passes_and_a_wrong_letter_fails():
    assert check(np.asarray(drawn(*ASKED)), ASKED, open_reader()).passed
    verdict = check(np.asarray(drawn("Summer Jezz Nights", *ASKED[1:])), ASKED, open_reader())
    assert [phrase.status for phrase in verdict.phrases] == ["fail", "pass", "pass"]
    assert "“e” instead of “a” after" in verdict.phrases[0].why


@reads
@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_poster_that_lies_on_its_side_is_read(angle):
    verdict = check(np.asarray(drawn(*ASKED).rotate(angle, expand=True)), ASKED, open_reader())
    assert verdict.passed, verdict.report


@reads
def test_the_network_is_never_asked(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    fresh = module.RapidReader(module._models())
    pixels = np.asarray(drawn("Hello there"))
    assert fresh.read(pixels)[0].text.lower().startswith("hello")
    fresh.read(pixels, classify=True)


@reads
def test_the_alphabet_is_the_models_own():
    lacks = open_reader().lacks
    assert lacks("Añoß 你好 カナ 0%") <= {" "}
    assert lacks("Ж") and lacks("한") and lacks("ع") and lacks("ह")


@reads
@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (31, 33), (16, 4000)])
def test_pictures_of_any_shape_are_read(shape):
    verdict = check(np.full((*shape, 3), 200, np.uint8), ["Summer"], open_reader())
    assert verdict.phrases[0].missing and verdict.lines == ()


@reads
def test_noise_is_no_text_that_passes():
    noise = np.random.default_rng(7).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    assert check(noise, ["Summer Jazz"], open_reader()).status == "fail"


@reads
def test_a_small_sample_of_the_table():
    """The script of docs/text_check.md itself: every fault of these English posters is found, and no right one fails."""
    command = [
        sys.executable,
        "-m",
        "tools.proof_table",
        "--languages",
        "en",
        "--looks",
        "clean,noisy",
        "--posters",
        "1",
    ]
    done = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    trials = json.loads(done.stdout)
    if not trials:
        pytest.skip(done.stderr.strip())  # no font for it on this machine
    assert [
        (t["fault"], t["status"]) for t in trials if (t["status"] == "pass") != (t["fault"] == "right")
    ] == []
    assert len(trials) == 10


def test_without_the_packages_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    monkeypatch.setattr(module, "_installed", lambda name: False)
    monkeypatch.setattr(sys, "executable", "/opt/My ComfyUI/python")
    assert available() == (
        "To read the words of a picture, rapidocr and onnxruntime must be installed: run "
        '`"/opt/My ComfyUI/python" -m pip install rapidocr onnxruntime` and restart ComfyUI.'
    )
    with pytest.raises(BadInput, match="must be installed"):
        open_reader()


def test_another_opencv_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(module, "_installed", lambda name: name == "opencv-contrib-python")
    command = module.install_command()
    assert "--no-deps rapidocr" in command and "opencv" not in command


def test_a_package_without_its_models_is_told(monkeypatch, tmp_path):
    spec = util.spec_from_file_location("rapidocr", tmp_path / "__init__.py")
    monkeypatch.setattr(util, "find_spec", lambda name: spec)
    with pytest.raises(BadInput, match="carries no Det and Cls and Rec model"):
        module._models()


def test_nothing_heavy_is_loaded_before_a_picture_is_read():
    code = (
        "import sys, types; p = types.ModuleType('switchyard'); p.__path__ = ['.']; sys.modules['switchyard'] = p;"
        "import switchyard.engine.proof.check as c; c.available();"
        "print([m for m in ('rapidocr', 'onnxruntime', 'cv2', 'torch', 'PIL.Image', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


def test_pixels_come_and_go():
    torch = pytest.importorskip("torch")
    batch = torch.tensor([[[[0.0, 0.5, 2.0, 0.0], [float("nan"), 1.0, 0.0, 1.0]]]])
    (pixels,) = to_pixels(batch)
    assert pixels.tolist() == [[[255, 255, 255], [0, 255, 0]]]
    assert to_pixels(torch.full((2, 3, 4, 1), 0.5))[1].shape == (3, 4, 3)
    assert to_images([Image.new("RGB", (5, 3), "white")]).shape == (1, 3, 5, 3)
    for wrong in (torch.zeros(0, 4, 4, 3), torch.zeros(4, 4, 3), torch.zeros(1, 4, 4, 2)):
        with pytest.raises(BadInput, match="Pictures of height x width"):
            to_pixels(wrong)
