"""Our layer files in other people's programs, without a screen: GIMP, Krita and ImageMagick see every layer as it is.

Each part is skipped where its program is not installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from switchyard.engine.layerfile.compose import merged, on_colour
from switchyard.engine.layerfile.layer import Layer
from switchyard.tests.engine.layer_documents import NAMES, as_ora, as_psd, everything

ROOT = Path(__file__).resolve().parents[2]
GIMP = shutil.which("gimp-console") or shutil.which("gimp")
KRITA = shutil.which("krita") and shutil.which("xvfb-run")
MAGICK = shutil.which("magick") or shutil.which("convert-im6.q16") or shutil.which("convert-im6")

gimp = pytest.mark.skipif(not GIMP, reason="needs the program gimp")
krita = pytest.mark.skipif(not KRITA, reason="needs the programs krita and xvfb-run")
magick = pytest.mark.skipif(not MAGICK, reason="needs the program magick or convert-im6 of ImageMagick")


def run(home: Path, *command: str, given: str = "") -> str:
    """What a program said, with a home of its own, at most for five minutes."""
    (home / "home").mkdir(exist_ok=True)
    own = {
        "HOME": str(home / "home"),
        "XDG_CONFIG_HOME": str(home / "home"),
        "XDG_RUNTIME_DIR": str(home / "home"),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        command,
        input=given,
        env=os.environ | own,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
    )
    return done.stdout + done.stderr


def agree(found: np.ndarray, wanted: np.ndarray, name: str, opacity: float = 1.0) -> None:
    """Within 1 of 255 in every pixel; under an alpha of 0 there is no colour to see."""
    assert found.shape == wanted.shape, name
    alpha = np.rint(wanted[..., 3] * opacity)
    assert np.abs(found[..., 3] - alpha).max() <= 1, name
    seen = (wanted[..., 3] > 0) & (found[..., 3] > 0)
    assert np.abs(found[..., :3].astype(int) - wanted[..., :3])[seen].max(initial=0) <= 1, name


GIMP_SCRIPT = """
(define (tell . parts) (for-each display parts) (newline))
(define (walk item path image)
  (let ((name (string-append path (car (gimp-item-get-name item)))) (place (gimp-drawable-offsets item)))
    (if (= TRUE (car (gimp-item-is-group item)))
        (for-each (lambda (inner) (walk inner (string-append name "|") image))
                  (vector->list (cadr (gimp-item-get-children item))))
        (begin
          (tell "@" item "@" name "@" (car place) "@" (cadr place) "@" (car (gimp-layer-get-opacity item))
                "@" (car (gimp-item-get-visible item)))
          (file-png-save2 RUN-NONINTERACTIVE image item (string-append "FOLDER/" (number->string item) ".png") "x"
                          0 1 0 0 0 0 0 0 1)))))
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "FOLDER/test.psd" "test.psd"))))
  (for-each (lambda (item) (walk item "" image)) (vector->list (cadr (gimp-image-get-layers image))))
  (let ((together (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE))))
    (file-png-save2 RUN-NONINTERACTIVE image together "FOLDER/merged.png" "x" 0 1 0 0 0 0 0 0 1)
    (tell "@merged@" (car (gimp-drawable-offsets together)) "@" (cadr (gimp-drawable-offsets together)))))
(gimp-quit 0)
"""


def gimp_sees(tmp_path: Path) -> str:
    """What GIMP says of test.psd; beside it lie its layers and the whole as PNG then."""
    script = GIMP_SCRIPT.replace("FOLDER", str(tmp_path))
    return run(tmp_path, GIMP, "-i", "-d", "-f", "--no-shm", "-b", "-", given=script)


@gimp
def test_gimp_opens_a_psd(tmp_path):
    document = everything()
    (tmp_path / "test.psd").write_bytes(as_psd(document))
    said = gimp_sees(tmp_path)
    rows = [line.split("@")[1:] for line in said.splitlines() if line.lstrip("ts> ").startswith("@")]
    layers = [row for row in rows if row[0] != "merged"][::-1]
    assert [row[1] for row in layers] == ["|".join(layer.path) for layer in document.layers], said
    for (item, _, x, y, opacity, visible), wanted in zip(layers, document.layers, strict=True):
        assert (int(x), int(y), visible == "1") == (wanted.x, wanted.y, wanted.visible), wanted.name
        assert abs(float(opacity) - wanted.opacity * 100) < 0.3
        agree(np.array(Image.open(tmp_path / f"{item}.png").convert("RGBA")), wanted.pixels, wanted.name)


@gimp
def test_gimp_puts_the_layers_together_as_the_preview_does(tmp_path):
    layers = tuple(layer for layer in everything().layers if layer.blend in ("normal", "multiply", "screen"))
    document = replace(everything(), layers=layers)
    (tmp_path / "test.psd").write_bytes(as_psd(document))
    gimp_sees(tmp_path)
    found = np.array(Image.open(tmp_path / "merged.png").convert("RGBA"))
    wanted = merged(document.width, document.height, document.layers)
    assert np.abs(on_colour(found).astype(int) - on_colour(wanted)).max() <= 2


def krita_sees(
    tmp_path: Path, kind: str, data: bytes
) -> tuple[list[tuple[dict, str, np.ndarray]], np.ndarray]:
    """What Krita writes as OpenRaster of a file that it opened: (attributes, path, pixels) of each layer, the lowest
    first, and the whole."""
    (tmp_path / f"test.{kind}").write_bytes(data)
    said = run(
        tmp_path,
        "xvfb-run",
        "-a",
        "krita",
        str(tmp_path / f"test.{kind}"),
        "--export",
        "--export-filename",
        str(tmp_path / "out.ora"),
    )
    assert (tmp_path / "out.ora").exists(), said
    found = []
    with ZipFile(tmp_path / "out.ora") as archive:

        def walk(stack, path: str) -> None:
            for element in stack:
                name = path + element.get("name")
                if element.tag == "stack":
                    walk(element, name + "|")
                else:
                    pixels = np.array(Image.open(archive.open(element.get("src"))).convert("RGBA"))
                    found.append((element.attrib, name, pixels))

        walk(ElementTree.fromstring(archive.read("stack.xml")).find("stack"), "")
        whole = np.array(Image.open(archive.open("mergedimage.png")).convert("RGBA"))
    return found[::-1], whole


@krita
@pytest.mark.parametrize(("kind", "write"), [("psd", as_psd), ("ora", as_ora)])
def test_krita_opens_both(tmp_path, kind, write):
    document = everything()
    found, whole = krita_sees(tmp_path, kind, write(document))
    assert [path for _, path, _ in found] == ["|".join(layer.path) for layer in document.layers]
    for (told, _, pixels), wanted in zip(found, document.layers, strict=True):
        if not wanted.pixels.any():
            continue  # Krita knows no size of a layer on which nothing is painted
        assert (told["visibility"] == "visible") == wanted.visible, wanted.name
        assert abs(float(told["opacity"]) - wanted.opacity) < 0.003, wanted.name
        # Krita cuts transparent borders off, too: both are laid on one canvas.
        height, width = document.height + 80, 3 * document.width
        one = _placed(pixels, int(told["x"]), int(told["y"]), width, height)
        agree(one, _placed(wanted.pixels, wanted.x, wanted.y, width, height), wanted.name)
    shown = _with_opaque_groups(document.layers) if kind == "psd" else document.layers
    together = on_colour(merged(document.width, document.height, shown))
    assert np.abs(on_colour(whole).astype(int) - together).max() <= 3  # it rounds after every layer


def _with_opaque_groups(layers: Sequence[Layer]) -> list[Layer]:
    """Krita 5.1 does not read the opacity of a group from a PSD. Our nodes give groups none."""
    groups = {group: replace(group, opacity=1.0) for layer in layers for group in layer.group}
    return [replace(layer, group=tuple(groups[group] for group in layer.group)) for layer in layers]


def _placed(pixels: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[y + 40 : y + 40 + pixels.shape[0], x + 40 : x + 40 + pixels.shape[1]] = pixels
    return canvas


@magick
def test_imagemagick_opens_a_psd(tmp_path):
    document = everything()
    (tmp_path / "test.psd").write_bytes(as_psd(document))
    source = str(tmp_path / "test.psd")
    told = run(tmp_path, MAGICK, source, "-format", "%[label]@%X@%Y\\n", "info:")
    rows = [line.split("@") for line in told.splitlines() if line.count("@") == 2][
        1:
    ]  # the first is the whole
    assert [name for name, _, _ in rows] == list(NAMES), told
    for index, ((_, x, y), wanted) in enumerate(zip(rows, document.layers, strict=True), 1):
        assert (int(x), int(y)) == (wanted.x, wanted.y), wanted.name
        target = tmp_path / f"{index}.rgba"
        run(tmp_path, MAGICK, f"{source}[{index}]", "-depth", "8", f"rgba:{target}")
        pixels = np.frombuffer(target.read_bytes(), np.uint8).reshape(wanted.height, wanted.width, 4)
        agree(pixels, wanted.pixels, wanted.name, wanted.opacity)  # it multiplies the opacity into the alpha


LARGE = """
import sys, time, types, resource
package = types.ModuleType("switchyard"); package.__path__ = [sys.argv[1]]; sys.modules["switchyard"] = package
import numpy as np
from switchyard.engine.layerfile.compose import merged
from switchyard.engine.layerfile.layer import Document, Layer
from switchyard.engine.layerfile.save import save
from pathlib import Path
random = np.random.default_rng(1)
layers = tuple(Layer(str(n), random.integers(0, 256, (2048, 2048, 4), dtype=np.uint8)) for n in range(12))
started, cpu = time.monotonic(), time.process_time()
document = Document(2048, 2048, layers)
save(document, merged(2048, 2048, layers), Path(sys.argv[2]), "large", sys.argv[3])
took = time.monotonic() - started, time.process_time() - cpu
status = Path("/proc/self/status")  # getrusage's peak is the test process's own, before this program began
if status.exists():
    peak = next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(*took, peak)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a system that tells a process's peak memory")
@pytest.mark.parametrize("form", ["psd", "ora"])
def test_twelve_large_layers_are_quick_and_small(tmp_path, form):
    """2.3 s and 0.3 GB as a PSD, 2.4 s and 0.45 GB as OpenRaster, of noise, the worst there is. The promise is 5 s and 1 GB;
    a loaded or slow machine is judged by the processor time that it took, and that generously."""
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(ROOT), str(tmp_path), form],
        capture_output=True,
        text=True,
        check=True,
    )
    wall, cpu, peak = (float(value) for value in done.stdout.split())
    assert min(wall, cpu) < 5, (wall, cpu)
    assert peak < 1e9
