"""`dev.py bench`: what the claims on speed and memory are made of; it runs on the environment, in bench/local.py."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence

from . import cache
from .environment import child, environment


def run(version: str | None, arguments: Sequence[str]) -> int:
    """The exit status of bench/local.py; `arguments` are its own."""
    found = environment(version)
    script = cache.CHECKOUT / "bench" / "local.py"
    # Its files are gigabytes: they are ours, so that they go even when it is killed.
    with tempfile.TemporaryDirectory(prefix="switchyard-bench-", ignore_cleanup_errors=True) as folder:
        variables = {
            **found.variables(),
            "HF_HUB_OFFLINE": "1",
            "TMPDIR": folder,
            "TEMP": folder,
            "TMP": folder,
        }
        return subprocess.call([str(found.python), str(script), *arguments], env=child(variables))
