"""RapidOCR with the models that lie in its own wheel: found on the disk, read on the processor, never the network.

The package is optional and loaded when a picture is first read; one session is kept. It asks for no language: every
other model would be fetched. What its model cannot read is asked of the model's own alphabet.
"""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import metadata, util
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .crop import level
from .verdict import Line, Quad

if TYPE_CHECKING:
    import numpy as np

PACKAGES = ("rapidocr", "onnxruntime")
_PARTS = {"Det": "*det*.onnx", "Cls": "*cls*.onnx", "Rec": "*rec*.onnx"}
# Another OpenCV in the environment: a second one would be written over it.
_OTHER_OPENCV = ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
_NEEDS = ("onnxruntime", "pyclipper", "shapely", "omegaconf", "colorlog", "six", "tqdm", "requests", "pyyaml")
# px: less than a line of letters. Smaller pictures, and those that are 16 times as long as they are high, which rapidocr
# refuses, are set on a larger ground.
_SMALLEST, _LONGEST = 32, 16
_HIGH = 48  # px: the height that the model reads lines at
_lock = Lock()
_kept: list[RapidReader] = []


def available() -> str:
    """ "" where pictures can be read, else a sentence that says what to install. Imports nothing."""
    lacking = [name for name in PACKAGES if util.find_spec(name) is None]
    if not lacking:
        return ""
    names = " and ".join(lacking)
    return f"To read the words of a picture, {names} must be installed: run {install_command()} and restart ComfyUI."


def install_command() -> str:
    """The line to type, for the Python that runs here. Where there is an OpenCV already, it is left as it is."""
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable or "python"
    if any(map(_installed, _OTHER_OPENCV)):
        first, then = (
            f"{python} -m pip install {' '.join(_NEEDS)}",
            f"{python} -m pip install --no-deps rapidocr",
        )
        return f"`{first}`, then `{then}`"
    return f"`{python} -m pip install {' '.join(PACKAGES)}`"


def open_reader() -> RapidReader:
    """The one reader of this process, made when first asked for (0.6 s). Raises BadInput where it is not installed."""
    if trouble := available():
        raise BadInput(trouble)
    with _lock:
        if not _kept:
            _kept.append(RapidReader(_models()))
        return _kept[0]


class RapidReader:
    """Reads lines from pictures; safe to call from several threads, which take turns."""

    def __init__(self, models: dict[str, Path]):
        """`models`: the files for Det, Cls and Rec."""
        self.models = models
        self._turn = Lock()

    def read(self, pixels: np.ndarray, classify: bool = False) -> tuple[Line, ...]:
        """The lines of an RGB picture (uint8 [H,W,3]), from the top down.

        classify: also turn lines that the angle classifier calls upside down. It is off for a first look: of upright
        lines of 64 letters it turned so many that 41 % of the letters were lost. Raises BadInput where the package
        fails on the picture.
        """
        found, dx, dy = self._run(pixels, use_det=True, use_cls=classify, use_rec=True)
        texts, scores, quads = (getattr(found, name, None) for name in ("txts", "scores", "boxes"))
        if not texts or scores is None or quads is None:
            return ()
        return tuple(
            Line(str(text), _quad(quad, dx, dy), float(score))
            for text, quad, score in zip(texts, quads, scores, strict=False)
        )

    def line(self, pixels: np.ndarray, quad: Quad) -> str:
        """What stands in a box, read as one line. Raises BadInput like `read`."""
        import numpy as np

        crop = level(pixels, quad, _HIGH)
        if crop is None:
            return ""
        found, _, _ = self._run(np.asarray(crop), use_det=False, use_cls=False, use_rec=True)
        texts = getattr(found, "txts", None)
        return str(texts[0]) if texts else ""

    def boxes(self, pixels: np.ndarray) -> tuple[Quad, ...]:
        """Where there is writing in any script, also where no letter of it is known. Raises BadInput like `read`."""
        found, dx, dy = self._run(pixels, use_det=True, use_cls=False, use_rec=False)
        quads = getattr(found, "boxes", None)
        return () if quads is None else tuple(_quad(quad, dx, dy) for quad in quads)

    def lacks(self, text: str) -> set[str]:
        """The characters of a text that the model does not know: words with such a one come out as confident nonsense."""
        return {char for char in text if char not in self._alphabet}

    def _run(self, pixels: np.ndarray, **parts: bool) -> tuple[Any, int, int]:
        """The engine's answer, and by how many pixels its boxes are moved right and down."""
        padded, dx, dy = _padded(pixels)
        with self._turn:
            try:
                return self._engine(padded[..., ::-1], **parts), dx, dy  # it wants BGR
            except BadInput:
                raise
            except Exception as trouble:
                raise BadInput(
                    f"RapidOCR could not read a picture of {pixels.shape[1]} x {pixels.shape[0]} ({type(trouble).__name__}): "
                    "try it at another size, or install a newer rapidocr."
                ) from trouble

    @cached_property
    def _alphabet(self) -> frozenset[str]:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(
            str(self.models["Rec"]), sess_options=options, providers=["CPUExecutionProvider"]
        )
        listed = session.get_modelmeta().custom_metadata_map.get("character", "")
        if not listed:  # rapidocr would look for the list on the network
            raise BadInput(
                "The installed rapidocr carries a model without its alphabet: install a newer rapidocr."
            )
        return frozenset(listed.splitlines())

    @cached_property
    def _engine(self) -> Any:
        self._alphabet  # noqa: B018 - checked before rapidocr could miss it
        from rapidocr import RapidOCR

        params: dict[str, Any] = {f"{part}.model_path": str(path) for part, path in self.models.items()}
        params |= {
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # less processor time than with two
        }
        return RapidOCR(params=params)


def _models() -> dict[str, Path]:
    spec = util.find_spec("rapidocr")
    folder = Path(spec.origin or "").parent / "models" if spec else Path()
    found = {part: next(iter(sorted(folder.glob(pattern))), None) for part, pattern in _PARTS.items()}
    missing = [part for part, path in found.items() if path is None]
    if missing:
        raise BadInput(
            f"The installed rapidocr carries no {' and '.join(missing)} model: run {install_command()} for a newer one."
        )
    return {part: path for part, path in found.items() if path is not None}


def _padded(pixels: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The picture with sides that rapidocr takes, and by how much it was moved right and down."""
    import numpy as np

    high, wide = pixels.shape[:2]
    least = max(_SMALLEST, -(-max(high, wide) // _LONGEST))
    dy, dx = max(0, least - high), max(0, least - wide)
    if not dx and not dy:
        return pixels, 0, 0
    edges = ((dy // 2, dy - dy // 2), (dx // 2, dx - dx // 2), (0, 0))
    return np.pad(pixels, edges, mode="edge"), dx // 2, dy // 2


def _quad(corners: Any, dx: int, dy: int) -> Quad:
    a, b, c, d = ((float(x) - dx, float(y) - dy) for x, y in corners)
    return a, b, c, d


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
