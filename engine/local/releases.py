"""Whether the installed diffusers and transformers are new enough for a model, told without importing them."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata

from ..models import find
from .family import Family


def too_old(family: Family) -> str:
    """A sentence where a package of `family.least` is older, or not installed; "" where the model can run."""
    row = find(family.model)
    name, have = row.name if row else family.model, {package: installed(package) for package in family.least}
    gone = [package for package, version in have.items() if version is None]
    if gone:
        return (
            f"{name} needs {' and '.join(gone)}, which ComfyUI's Python does not have: install requirements.txt of this node "
            "pack into it."
        )
    old = {
        package: version
        for package, version in have.items()
        if version and _numbers(version) < _numbers(family.least[package])
    }
    if not old:
        return ""
    wanted = " and ".join(f"{package} {family.least[package]} or newer" for package in old)
    found = " and ".join(f"{package} {version}" for package, version in old.items())
    return f"{name} needs {wanted}, and ComfyUI's Python has {found}: update {'both' if len(old) > 1 else 'it'} there."


@cache  # reading it takes a millisecond
def installed(package: str) -> str | None:
    """The version of a package; "" where that cannot be told, None where there is none."""
    try:
        return metadata.version(package) or ""
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:2]]
