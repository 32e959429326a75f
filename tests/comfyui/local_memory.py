"""Run as a program, on ComfyUI's own code in its folder: `python local_memory.py COMFYUI FILE [SCENARIO …]`. A JSON line each.

A process of its own, because it plugs a pretended card (`pretend_card.py`) into ComfyUI's memory management. FILE is
one of the `*_scenarios.py` beside it, without its ending; `test_local_memory.py` starts this and reads what comes out.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def main(comfyui: str, file: str, *wanted: str) -> None:
    sys.path.insert(0, comfyui)
    sys.argv = ["main.py", "--cpu", "--reserve-vram", "0"]
    import comfy.options

    comfy.options.enable_args_parsing()
    import utils.extra_config  # noqa: F401  0.16.3 puts its comfy/ on sys.path, with another `utils` in it

    for name, folder in (("switchyard", ROOT), ("switchyard.tests", ROOT / "tests")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    import torch

    torch.set_num_threads(1)  # tensors this small take ten times as long on several
    module = importlib.import_module(f"switchyard.tests.comfyui.{file}")
    for name, scenario in list(vars(module).items()):
        if name.startswith("scenario_") and (not wanted or name in wanted):
            print(json.dumps({"name": name, "trouble": _run(scenario)}), flush=True)


def _run(scenario) -> str:
    try:
        scenario()
    except BaseException:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
