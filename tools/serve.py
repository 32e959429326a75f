"""`dev.py serve`: ComfyUI with the pack, for a person at the canvas."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import time
from pathlib import Path

from . import cache
from .environment import Environment, environment
from .errors import ToolError
from .server import ComfyServer
from .steps import say

FOLDERS = {
    "checkpoints": ("checkpoints",),
    "diffusion_models": ("diffusion_models", "unet"),
    "diffusers": ("diffusers",),
    "loras": ("loras",),
    "text_encoders": ("text_encoders", "clip"),
    "vae": ("vae",),
}


def run(version: str | None, port: int) -> int:
    found = environment(version)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise ToolError(f"Port {port} is taken: choose another with --port.")
    base = cache.root() / "serve" / ("own" if found.own else found.comfyui.parent.name)
    extra = arguments(found, base)
    server = ComfyServer(
        found.python, found.comfyui, base, cache.CHECKOUT, port=port, extra=extra, env=found.variables()
    )
    say(f"Starting ComfyUI; its files are in {base}")
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"{server.url} (Ctrl+C stops it)", flush=True)
        if why := server.import_failure():
            say(f"ComfyUI could not import the pack: {why}")
        _follow(server)
        raise ToolError(f"ComfyUI ended by itself; its log is {server.log}")
    say("Stopped.")
    return 0


def arguments(found: Environment, base: Path) -> list[str]:
    """What main.py is told beside its folders: no GPU, and where a ComfyUI of one's own has its models."""
    told = [] if found.has_gpu() else ["--cpu"]
    if found.own:
        base.mkdir(parents=True, exist_ok=True)
        paths = base / "model_paths.yaml"
        paths.write_text(model_paths(found.comfyui / "models"), encoding="utf-8")
        told += ["--extra-model-paths-config", str(paths)]
    return told


def model_paths(models: Path) -> str:
    """The YAML (JSON is YAML, and knows how to write a path) that adds these model folders."""
    places = {kind: "\n".join(str(models / name) for name in names) for kind, names in FOLDERS.items()}
    return json.dumps({"switchyard_development": places}, indent=1) + "\n"


def _follow(server: ComfyServer) -> None:
    """Prints the log as it grows, until the server ends."""
    with open(server.log, encoding="utf-8", errors="replace") as log:
        while True:
            ended = not server.alive()
            sys.stdout.write(log.read())
            sys.stdout.flush()
            if ended:
                return
            time.sleep(0.2)
