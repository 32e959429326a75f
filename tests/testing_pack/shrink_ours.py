"""Switchyard's own local engine at doll's-house size, and a word whenever it moves weights.

Tiny files are no models that Switchyard knows: their widths are not those of the published configs. SWITCHYARD_TEST_TINY is a
folder with configs and tokenizers of the tiny ones (`tests/tiny/files.py`), which take the place of the real ones.
"""

import functools
import importlib
import logging
import os
import sys
from pathlib import Path

from server import PromptServer

PACK = "ComfyUI-Switchyard"


def shrink_ours() -> None:
    """Arms the process; without the variable nothing happens. Packs load in any order, so it is done when all have."""
    folder = os.environ.get("SWITCHYARD_TEST_TINY")
    if not folder:
        return

    async def ready(app) -> None:
        pack = next(name for name in sys.modules if name.endswith(PACK))
        _read_from(importlib.import_module(f"{pack}.engine.local.sources").Folders, Path(folder))
        machine = importlib.import_module(f"{pack}.nodes.machine").ComfyMachine
        machine.ready = _told(
            machine.ready, "ready", lambda parts, activations: [part.role for part in parts]
        )
        machine.care = _told(machine.care, "care", lambda key, role, module, dtype: [role])

    PromptServer.instance.app.on_startup.append(ready)


def _read_from(folders: type, tiny: Path) -> None:
    original = folders.__init__

    @functools.wraps(original)
    def constructor(self, *args, **kwargs):
        original(self, *args, **{**kwargs, "configs": tiny / "configs", "tokenizers": (tiny / "comfy",)})

    folders.__init__ = constructor


def _told(method, what: str, roles):
    from .nodes import _ran

    @functools.wraps(method)
    def telling(self, *args, **kwargs):
        for role in roles(*args, **kwargs):
            _ran(what, role)
        return method(self, *args, **kwargs)

    logging.info("[test] %s is told", what)
    return telling
