"""Which files on this machine make up a model.

What a file is, its header says: names and shapes of its tensors. Its own name only tells sets of weights of
one architecture apart (Qwen-Image and its edit models; FLUX.1 dev and Kontext; klein and klein base), as its
folder's name does.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput
from . import layouts, measure, quantised
from .family import Family, Weights
from .files import SUFFIXES, Bundle, open_component, read_header, read_json, stamp_of
from .measure import CONFIGS
from .sources import Folders, Missing, Sources, missing, sentence

DEPTH = 5  # folders below a models folder; the hub's own cache keeps a model three deep
# Words that a name must have, and must not have, to be these weights and not others of the same architecture.
NAMES: Mapping[str, tuple[str, str]] = {
    "qwen-image-local": ("", "edit layered 2509 2511 2512"),
    "qwen-image-2512-local": ("2512", "edit"),
    "qwen-image-edit-local": ("edit", "2509 2511 plus"),
    "qwen-image-edit-2509-local": ("2509", "2511"),
    "qwen-image-edit-2511-local": ("2511", "2509"),
    "flux-1-dev-local": ("", "kontext fill canny depth redux schnell"),
    "flux-1-kontext-dev-local": ("kontext", ""),
    "flux-2-klein-4b-local": ("", "base kv"),
    "flux-2-klein-9b-local": ("", "base kv"),
    "flux-2-klein-4b-base-local": ("base", "kv"),
    "flux-2-klein-9b-base-local": ("base", "kv"),
    "flux-2-klein-9b-kv-local": ("kv", ""),
}
_MARK_2511 = "__index_timestep_zero__"  # ComfyUI's, in its files of Qwen-Image-Edit-2511
_UNTOLD = ("zero_cond_t", "use_layer3d_rope")  # of a config, which no tensor tells

_answers: dict[tuple[str, str], str] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Found:
    """choices: every file and folder that fits a role, the likeliest first. refused: a sentence for each
    spoilt one."""

    family: Family
    sources: Sources
    choices: Mapping[str, tuple[Path, ...]]
    missing: tuple[Missing, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def sentence(self) -> str:
        """What is missing and where it is had; "" when nothing is."""
        return sentence(self.family, self.missing) if self.missing else ""


@dataclass(frozen=True)
class _Hub:
    """A folder with model_index.json. own: it is of the pipelines of the family in question."""

    path: Path
    own: bool


def look(family: Family, folders: Folders) -> Found:
    """Headers that were read before are not read again unless the file has changed; nothing else is read at
    all."""
    refused: dict[Path, str] = {}
    hubs = sorted(_hubs(family, folders), key=lambda hub: (not hub.own, str(hub.path)))
    choices: dict[str, tuple[Path, ...]] = {
        part.role: tuple(_choices(family, part, hubs, folders, refused)) for part in family.weights
    }
    home = _home(hubs, choices)
    parts = {role: _from(home, found) for role, found in choices.items() if found}
    sources = Sources(parts, home or _neighbour(hubs, parts), folders.tokenizers, folders.configs)
    return Found(family, sources, choices, missing(family, sources), tuple(dict.fromkeys(refused.values())))


def fits(weights: Weights, bundle: Bundle, configs: Path = CONFIGS) -> bool:
    """Whether the headers are those of `weights`. BadInput for what they are, but stored in a way that is not
    read."""
    shapes = {name: entry.shape for name, entry in bundle.entries.items() if not quantised.is_note(name)}
    arrangement = layouts.arrange(weights.class_name, shapes)
    if arrangement is None:
        return False
    known, own = measure.bundled(weights.config, configs), bundle.config
    base = measure.merged(known, own) if own is not None else known
    try:
        found = measure.measured(
            weights.class_name, {name: take.shape for name, take in arrangement.items()}, base
        )
    except (KeyError, ValueError, IndexError, TypeError, ZeroDivisionError):
        return False
    if measure.differs(weights.class_name, found, known) is not None:
        return False
    if own is not None and any(bool(own.get(name)) != bool(known.get(name)) for name in _UNTOLD):
        return False
    quantised.stored(bundle)
    return True


def _choices(
    family: Family, weights: Weights, hubs: Sequence[_Hub], folders: Folders, refused: dict[Path, str]
) -> Iterator[Path]:
    transformer = weights.role == "transformer"
    for hub in hubs:
        component = hub.path / weights.role
        if (
            (hub.own or not transformer)
            and component.is_dir()
            and _asked(weights, component, folders, refused)
        ):
            yield component
    scored = []
    for place in folders.of(weights.role):
        for file in _files(place):
            score = _score(family, file.relative_to(place)) if transformer else 1
            if score and _asked(weights, file, folders, refused) and _marked(family, weights, file):
                scored.append((-score, -file.stat().st_size, str(file), file))
    yield from (file for *_, file in sorted(scored))


def _asked(weights: Weights, path: Path, folders: Folders, refused: dict[Path, str]) -> bool:
    """`fits`, remembered as long as the files are the same."""
    try:
        stamp = "|".join(stamp_of(file) for file in _files_of(path))
    except OSError:
        return False
    question = f"{weights.class_name} {weights.config} {folders.configs}", stamp
    with _lock:
        answer = _answers.get(question)
    if answer is None:
        try:
            answer = "yes" if fits(weights, open_component(path), folders.configs) else "no"
        except BadInput as error:
            answer = str(error)
        with _lock:
            _answers[question] = answer
    if answer not in ("yes", "no"):
        refused[path] = answer
    return answer == "yes"


def _marked(family: Family, weights: Weights, file: Path) -> bool:
    if weights.class_name != "QwenImageTransformer2DModel":
        return True
    return _MARK_2511 not in read_header(file).entries or family.model == "qwen-image-edit-2511-local"


def _score(family: Family, name: Path) -> int:
    """0: the name says that it is something else; 1: it says nothing; 2: it says that it is this."""
    wanted, unwanted = (set(words.split()) for words in NAMES.get(family.model, ("", "")))
    words = set(re.findall(r"[a-z]+|[0-9]+", str(name.with_suffix("")).lower()))
    if unwanted & words or not wanted <= words:
        return 0
    return 2 if wanted else 1


def _hubs(family: Family, folders: Folders) -> Iterator[_Hub]:
    for place in folders.diffusers:
        for index in _walk(place, lambda name: name == "model_index.json"):
            try:
                words = read_json(index)
            except BadInput:
                continue
            yield _Hub(index.parent, _is_own(family, words, index.parent.relative_to(place)))


def _is_own(family: Family, index: Mapping[str, object], name: Path) -> bool:
    """By the pipeline's class, by whether it is distilled, and by the folder's name where those do not tell."""
    if index.get("_class_name") not in family.pipelines.values():
        return False
    distilled = index.get("is_distilled")
    if family.kind == "flux2" and isinstance(distilled, bool) and "KV" not in str(index["_class_name"]):
        return distilled == family.distilled
    if family.model in ("qwen-image-local", "qwen-image-2512-local") or family.kind == "flux2":
        # In the hub's own cache the last folder is a number, which says nothing.
        parts = [part for part in name.parts if not re.fullmatch(r"[0-9a-f]{40}", part)]
        return _score(family, Path(*parts, "x")) > 0
    return True


def _home(hubs: Sequence[_Hub], choices: Mapping[str, tuple[Path, ...]]) -> Path | None:
    """The family's own folder with the most of its components in it; one that holds tokenizers alone will do."""
    paths = [path for found in choices.values() for path in found]
    own = [hub.path for hub in hubs if hub.own]
    return max(own, key=lambda hub: sum(path.parent == hub for path in paths), default=None)


def _from(home: Path | None, found: tuple[Path, ...]) -> Path:
    return next((path for path in found if path.parent == home), found[0])


def _neighbour(hubs: Sequence[_Hub], parts: Mapping[str, Path]) -> Path | None:
    """Another model's folder, if the encoder is taken from it: its tokenizer is the same."""
    encoder = parts.get("text_encoder")
    return next((hub.path for hub in hubs if encoder is not None and encoder.parent == hub.path), None)


def _files(place: Path) -> Iterator[Path]:
    return _walk(place, lambda name: name.lower().endswith(SUFFIXES))


def _walk(place: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Files under `place` by their name, in order; links are followed, to a depth that ends rings."""
    for root, folders, names in os.walk(place, followlinks=True):
        folders.sort()
        if len(Path(root).relative_to(place).parts) >= DEPTH:
            folders.clear()
        yield from (Path(root) / name for name in sorted(names) if wanted(name))


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in (".safetensors", ".json"))
