"""Run as a program, on ComfyUI's own code in its folder: `python local_lora.py COMFYUI`. One JSON line a scenario.

LoRA files of every kind through the LoRA Stack onto a model on a pretended card, loaded whole and streamed layer by layer,
against the same module with weights merged by hand. `test_local_lora.py` starts this and reads what comes out.
"""

import json
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
QKV = "lora_unet_double_blocks_1_img_attn_qkv"  # three weights here
SINGLE = "lora_unet_single_blocks_0_linear2"


def main(comfyui: str) -> None:
    sys.path.insert(0, comfyui)
    sys.argv = ["main.py", "--cpu", "--reserve-vram", "0"]
    import comfy.options

    comfy.options.enable_args_parsing()
    import utils.extra_config  # noqa: F401  0.16.3 puts its comfy/ on sys.path, with another `utils` in it

    for name, folder in (("switchyard", ROOT), ("switchyard.tests", ROOT / "tests")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    import folder_paths
    import server

    server.PromptServer.instance = None  # nobody to show a line of text to
    for name, scenario in list(globals().items()):
        if name.startswith("scenario_"):
            with TemporaryDirectory() as folder:
                folder_paths.folder_names_and_paths["loras"] = ([folder], {".safetensors"})
                folder_paths.filename_list_cache.clear()
                print(json.dumps({"name": name, "trouble": _run(scenario, Path(folder))}), flush=True)


def _run(scenario, folder: Path) -> str:
    try:
        scenario(folder)
    except BaseException:
        return traceback.format_exc()
    return ""


def scenario_every_kind_is_added_whole_and_streamed(folder: Path) -> None:
    """On projections that are fused in the file and apart here, and on one that is plain."""
    import torch
    from switchyard.tests.comfyui.memory_scenarios import MB, card
    from switchyard.tests.tiny import loras

    for kind, parts in _kinds(_width("flux1")).items():
        tensors = {f"{QKV}.{end}": tensor for end, tensor in parts[0].items()}
        tensors |= {f"{SINGLE}.{end}": tensor for end, tensor in parts[1].items()}
        loras.save(folder / f"{kind}.safetensors", tensors)
        for room in (300 * MB, 4 * MB):
            with card(room) as machine:
                model, part, run, plain = _model(machine, "flux1")
                stacked = _stack(model, (f"{kind}.safetensors", 0.7))
                patched = stacked.part("transformer")
                expected = _merged(plain, run, stacked)
                with torch.inference_mode():
                    machine.ready([patched], 0)
                    whole = sum(weight.nbytes for weight in plain.parameters())
                    assert room > 4 * MB or patched.handle.loaded_size() < whole / 2, "it was loaded whole"
                    _close(kind, run(part.module, _card()), expected)
                    machine.ready([part], 0)
                    assert torch.equal(run(part.module, _card()).cpu(), run(plain, "cpu")), (
                        f"{kind} is not gone again"
                    )


def scenario_stacks_in_series_are_one_sum(folder: Path) -> None:
    import torch
    from switchyard.nodes.machine import ComfyMachine
    from switchyard.tests.tiny import loras

    model, part, run, plain = _model(ComfyMachine(), "qwen")
    one, two = (loras.layers(plain.state_dict(), seed) for seed in (1, 2))
    loras.write(folder / "one.safetensors", one, "lightning")
    loras.write(folder / "two.safetensors", two, "kohya")
    first = _stack(model, ("one.safetensors", 0.5))
    both = _stack(first, ("none", 1.0), ("two.safetensors", -0.5))
    at_once = _stack(model, ("one.safetensors", 0.5), ("two.safetensors", -0.5))
    assert both.identity("transformer") == at_once.identity("transformer") != first.identity("transformer")
    with torch.inference_mode():
        plain.load_state_dict(loras.merged(plain.state_dict(), (one, 0.5), (two, -0.5)))
        expected = run(plain, "cpu")
        for stacked in (both, at_once):
            both.machine.ready([stacked.part("transformer")], 0)
            _close("series", run(part.module, "cpu"), expected)
    assert _stack(model, ("none", 1.0)) is model and _stack(model, ("one.safetensors", 0.0)) is model


def scenario_what_cannot_be_done_is_said_by_the_node(folder: Path) -> None:
    from switchyard.engine.errors import BadInput
    from switchyard.nodes.machine import ComfyMachine
    from switchyard.tests.comfyui.memory_scenarios import _quantise
    from switchyard.tests.tiny import loras

    model, _, _, plain = _model(ComfyMachine(), "flux1")
    loras.write(folder / "fits.safetensors", loras.layers(plain.state_dict()), "diffusers")
    (folder / "page.safetensors").write_bytes(b"<html>no</html>")
    quantised, *_ = _model(
        ComfyMachine(), "flux1", lambda module: _quantise(module.single_transformer_blocks)
    )
    for model_, name, word in (
        (model, "gone.safetensors", "is not in models/loras"),
        (model, "../../etc/passwd", "is not in models/loras"),
        (model, "page.safetensors", "page"),
        (quantised, "fits.safetensors", "BFLFP8RLinear"),
    ):
        try:
            _stack(model_, (name, 1.0))
            raise AssertionError(f"{name} was taken")
        except BadInput as refused:
            assert word in str(refused) and str(folder) not in str(refused), refused
    _stack(model, ("fits.safetensors", 1.0))


def scenario_the_node_lists_files_and_notices_a_change(folder: Path) -> None:
    from switchyard.nodes.lora_stack import LoraStack
    from switchyard.tests.tiny import loras

    (folder / "sub").mkdir()
    path = loras.save(folder / "sub" / "a.safetensors", {})
    inputs = {one.id: one for one in LoraStack.define_schema().inputs}
    assert list(inputs) == ["model", "lora_1", "strength_1", "lora_2", "strength_2", "lora_3", "strength_3"]
    name = str(Path("sub") / "a.safetensors")
    assert list(inputs["lora_3"].options) == ["none", name]
    assert LoraStack.INPUT_TYPES()["required"]["model"][0] == "SWITCHYARD_MODEL"
    chosen = {"lora_1": name, "strength_1": 1.0}
    before = LoraStack.fingerprint_inputs(**chosen)
    assert before and before == LoraStack.fingerprint_inputs(**chosen)
    loras.save(path, {"something": _tensor(3)})
    assert LoraStack.fingerprint_inputs(**chosen) not in (before, "missing")
    assert LoraStack.fingerprint_inputs(lora_1="gone", strength_1=1.0) == "missing"
    assert LoraStack.validate_inputs(lora_1="gone") is True


def _kinds(width: int) -> dict[str, tuple[dict, dict]]:
    """kind -> the parts of a fused layer [3 * width, width], and of a plain one [width, 5 * width]."""
    import torch

    source = torch.Generator().manual_seed(3)

    def noise(*shape):
        return torch.randn(shape, generator=source) * 0.1

    def lora(rows, columns):
        return {
            "lora_up.weight": noise(rows, 4),
            "lora_down.weight": noise(4, columns),
            "alpha": torch.tensor(2.0),
        }

    def loha(rows, columns):
        return {
            f"hada_w{n}_{x}": noise(*shape)
            for n in (1, 2)
            for x, shape in (("a", (rows, 4)), ("b", (4, columns)))
        }

    def lokr(rows, columns):
        return {"lokr_w1": noise(8, 8), "lokr_w2": noise(rows // 8, columns // 8)}

    def factors(rows, columns):
        made = {"lokr_w1": noise(8, 8), "lokr_w2_a": noise(rows // 8, 4), "lokr_w2_b": noise(4, columns // 8)}
        return {**made, "alpha": torch.tensor(2.0)}

    def dora(rows, columns):
        return {**lora(rows, columns), "dora_scale": 1 + noise(rows, 1)}

    made = {name: (make(3 * width, width), make(width, 5 * width)) for name, make in
            dict(lora=lora, loha=loha, lokr=lokr, factors=factors, dora=dora).items()}  # fmt: skip
    columns = {**lora(width, 5 * width), "dora_scale": 1 + noise(1, 5 * width)}
    return {**made, "columns": (lora(3 * width, width), columns)}


def _width(name: str) -> int:
    from switchyard.tests.comfyui import small_modules

    config = small_modules.build(name)[0].config
    return config.num_attention_heads * config.attention_head_dim


def _model(machine, name: str, change=lambda module: None):
    """A LocalModel around a small transformer, its part, how it is run, and the same module outside ComfyUI."""
    import torch
    from switchyard.engine.local.family import families
    from switchyard.engine.local.model import LocalModel, Recipe
    from switchyard.tests.comfyui import small_modules

    with torch.inference_mode():
        module, run = small_modules.build(name)
        plain, _ = small_modules.build(name)
        change(module)
        part = machine.care(name, "transformer", module, torch.float32)
    family = families()[{"flux1": "flux-1-dev-local", "qwen": "qwen-image-local"}[name]]
    recipe = Recipe(name, torch.float32, lambda: part, "x.safetensors")
    return LocalModel(family, machine, machine.registry, {"transformer": recipe}, {}), part, run, plain


def _stack(model, *chosen: tuple[str, float]):
    import torch
    from switchyard.nodes.lora_stack import LoraStack

    inputs = {}
    for number, (name, strength) in enumerate(chosen, 1):
        inputs |= {f"lora_{number}": name, f"strength_{number}": strength}
    with torch.inference_mode():
        return LoraStack.execute(model, **inputs).result[0]


def _merged(plain, run, stacked):
    """What `plain` says with the stack's patches in its weights, by plain arithmetic on what was read."""
    import copy

    import torch
    from switchyard.engine.local.adapter import Adapter
    from switchyard.nodes.lora_stack import Added
    from switchyard.tests.tiny import loras

    def back(value):
        if not isinstance(value, Added):
            return value
        kind, alpha, magnitude, rows, *parts = value.weights
        return Adapter(kind, dict(zip(parts[::2], parts[1::2], strict=True)), alpha, magnitude, rows)

    patches = [
        ({key: back(value) for key, value in lora.items()}, strength) for lora, strength in stacked.adapters
    ]
    with torch.inference_mode():
        module = copy.deepcopy(plain)
        module.load_state_dict(loras.apply(plain.state_dict(), patches))
        expected = run(module, "cpu")
        assert (expected - run(plain, "cpu")).abs().max() > 1e-3, "the LoRA does nothing"
    return expected


def _close(name: str, said, expected) -> None:
    worst = (said.cpu() - expected).abs().max() / expected.abs().max()
    assert worst < 1e-4, f"{name} is off by {float(worst):.1e}"


def _card():
    from switchyard.tests.comfyui.pretend_card import CARD

    return CARD


def _tensor(size: int):
    import torch

    return torch.zeros(size)


if __name__ == "__main__":
    main(sys.argv[1])
