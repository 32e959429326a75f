"""Run as a program, on ComfyUI's own code in its folder: `python local_memory.py COMFYUI [SCENARIO …]`. A JSON line each.

A process of its own, because it plugs a pretended card (`pretend_card.py`) into ComfyUI's memory management. The scenarios are
in the `*_scenarios.py` beside it; `test_local_memory.py` starts this and reads what comes out.
"""

import json
import sys
import traceback
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def main(comfyui: str, *wanted: str) -> None:
    sys.path.insert(0, comfyui)
    sys.argv = ["main.py", "--cpu", "--reserve-vram", "0"]
    import comfy.options

    comfy.options.enable_args_parsing()
    import utils.extra_config  # noqa: F401  0.16.3 puts its comfy/ on sys.path, with another `utils` in it

    for name, folder in (("switchyard", ROOT), ("switchyard.tests", ROOT / "tests")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    from switchyard.tests.comfyui import compute_scenarios, draw_scenarios, lora_scenarios, memory_scenarios

    for module in (memory_scenarios, compute_scenarios, lora_scenarios, draw_scenarios):
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
