"""`dev.py bench`: what the claims on speed and memory are made of; it runs on the environment, in bench/local.py."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from . import cache
from .environment import child, environment


def run(version: str | None, arguments: Sequence[str]) -> int:
    """The exit status of bench/local.py; `arguments` are its own."""
    found = environment(version)
    script = cache.CHECKOUT / "bench" / "local.py"
    variables = {**found.variables(), "HF_HUB_OFFLINE": "1"}
    return subprocess.call([str(found.python), str(script), *arguments], env=child(variables))
