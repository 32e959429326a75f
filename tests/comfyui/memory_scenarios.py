"""What the local engine's parts do on a card that is too small for them. Each scenario raises when something is wrong."""

from __future__ import annotations

import contextlib
import gc
import weakref
from types import SimpleNamespace
from unittest import mock

import comfy.model_management as mm
import psutil
import torch
from diffusers.quantizers.bfl.utils import BFLFP8RLinear
from switchyard.nodes.patcher import Patcher
from switchyard.tests.comfyui import small_modules
from switchyard.tests.comfyui.on_card import FP8, MB, Holder, card, cared, runs
from switchyard.tests.comfyui.pretend_card import CARD, peak, used


def scenario_every_module_runs_loaded_whole_in_half_and_hardly():
    for name in small_modules.ALL:
        for share in (2.0, 0.5, 0.02):
            with card(100 * MB) as machine:
                one = cared(machine, name)
            before = used()
            with card(one.size * share):
                mm.load_models_gpu([one.part.handle])  # as another node might, without `ready`
                runs(one)
                held = used() - before
                fixed = one.part.handle.fixed_size()
                tables = 4 * MB  # rotary tables of Qwen-Image, which are no weights
                assert held <= max(one.size * share, fixed) + tables, (name, share, held)
                assert share != 2.0 or one.part.handle.loaded_size() >= one.size
                assert share > 0.5 or one.part.handle.loaded_size() < one.size, f"{name} was loaded whole"
                assert one.part.module.dtype == torch.float32 and one.part.module.device == CARD


def scenario_it_runs_after_every_piece_that_is_taken_away():
    """Another model asks ComfyUI for room, step by step, and then gives it back. Nobody calls `ready` in between."""
    for name in ("qwen", "vae_qwen", "qwen_vl", "clip"):
        with card(200 * MB) as machine:
            one = cared(machine, name)
            before = used()
            runs(one, ready=machine)
            steps = 0
            while one.part.handle in [x.model for x in mm.current_loaded_models]:
                mm.free_memory(mm.get_free_memory(CARD) + one.size // 5, CARD)
                if one.part.handle.loaded_size():
                    runs(one)
                    steps += 1
            assert one.part.handle.loaded_size() == 0 and used() - before < 4 * MB
            assert name == "vae_qwen" or steps >= 2, "it went at once"
            runs(one, ready=machine)


def scenario_fifty_changes_between_two():
    room = 18 * MB
    with card(room) as machine:
        two = [cared(machine, "qwen", 1, layers=1, heads=4), cared(machine, "flux1", 2, layers=1, heads=4)]
        assert all(8 * MB < one.size < room for one in two) and sum(one.size for one in two) > room
        limit = mm.get_total_memory(CARD)
        flat = []
        peak(again=True)
        for turn in range(25):
            for one in two:
                runs(one, ready=machine)
                assert used() <= limit - mm.minimum_inference_memory() + 4 * MB
            if turn in (4, 24):
                gc.collect()
                flat.append(
                    (psutil.Process().memory_info().rss, _alive(Patcher), _alive(torch.nn.Linear), used())
                )
        assert peak() <= limit
        (early, *others), (late, *others_late) = flat
        assert others == others_late, f"something is left behind at every turn: {flat}"
        assert late - early < 40 * MB, f"memory grew by {(late - early) / MB:.0f} MB"
        assert len(mm.current_loaded_models) <= 2


def scenario_both_at_once():
    with card(20 * MB) as machine:
        two = [cared(machine, "qwen", 1), cared(machine, "t5", 2)]
        for _ in range(3):
            machine.ready([one.part for one in two], 0)
            for one in two:
                runs(one)


def scenario_ready_mends_what_was_moved():
    with card(15 * MB) as machine:
        one = cared(machine, "qwen")
        runs(one, ready=machine)
        one.part.module.txt_norm.to("cpu")
        with contextlib.suppress(RuntimeError):
            runs(one)
            raise AssertionError("this card takes anything")
        runs(one, ready=machine)


def scenario_room_is_left_for_computing():
    with card(40 * MB) as machine:
        one = cared(machine, "qwen")
        machine.ready([one.part], int(mm.minimum_inference_memory()) + 25 * MB)
        assert mm.get_free_memory(CARD) >= mm.minimum_inference_memory() + 25 * MB
        runs(one)


def scenario_everything_goes_and_comes_back():
    with card(300 * MB) as machine:
        base = used()
        three = [cared(machine, name) for name in ("flux1", "t5", "vae_flux")]
        for _ in range(2):
            for one in three:
                runs(one, ready=machine)
            assert used() > base + 40 * MB
            mm.unload_all_models()
            assert used() == base and not mm.current_loaded_models
            for one in three:
                weights = (*one.part.module.parameters(), *one.part.module.buffers())
                assert all(weight.device.type == "cpu" for weight in weights)


def scenario_the_registry_gives_back_what_comfyui_gives_back():
    with card(300 * MB) as machine:
        workflow = [Holder(), Holder()]
        gone = []
        for name, holder in zip(("flux1", "t5"), workflow, strict=True):
            one = cared(machine, name)
            machine.registry.part(name, lambda one=one: one.part, holder)
            gone += [weakref.ref(one.part.module), weakref.ref(one.part.handle)]
            runs(one, ready=machine)
            del one
        with mock.patch.object(psutil, "virtual_memory", lambda: SimpleNamespace(available=60, total=100)):
            workflow.clear()
            del holder
            gc.collect()
            assert machine.registry.keys() == ("flux1", "t5"), (
                "a changed prompt must not read them from the disk again"
            )
            with mock.patch.object(
                psutil, "virtual_memory", lambda: SimpleNamespace(available=20, total=100)
            ):
                machine.registry.trim()
                assert machine.registry.keys() == ()
        gc.collect()
        assert [one() for one in gone] == [None] * 4


def scenario_free_model_and_node_cache_empties_everything():
    """POST /free: the models are unloaded, then the node cache drops what it holds. In both orders of events."""
    for holder_goes_first in (False, True):
        with card(300 * MB) as machine:
            base = used()
            holder = Holder()
            one = cared(machine, "flux1")
            gone = weakref.ref(one.part.module)
            machine.registry.part("flux1", lambda one=one: one.part, holder)
            runs(one, ready=machine)
            del one
            if holder_goes_first:  # a workflow without us has run since
                del holder
                gc.collect()
                assert machine.registry.keys() == ("flux1",)
            mm.unload_all_models()
            if not holder_goes_first:
                assert machine.registry.keys() == ("flux1",), "the loader's output still stands"
                del holder
            gc.collect()
            assert machine.registry.keys() == () and gone() is None and used() == base


def scenario_cancel_within_a_step():
    for room in (200 * MB, 15 * MB):
        with card(room) as machine:
            one = cared(machine, "qwen")
            weights = {name: weight.clone() for name, weight in one.part.module.state_dict().items()}
            runs(one, ready=machine)
            block = one.part.module.transformer_blocks[1]
            hook = block.register_forward_pre_hook(lambda *_: mm.interrupt_current_processing(True))
            try:
                runs(one)
                raise AssertionError("nothing was cancelled")
            except mm.InterruptProcessingException:
                pass
            hook.remove()
            machine.check()  # the flag has been taken
            runs(one)
            runs(one, ready=machine)
            mm.unload_all_models()
            now = one.part.module.state_dict()
            assert all(torch.equal(now[name], weight) for name, weight in weights.items())
            mm.interrupt_current_processing(True)
            with contextlib.suppress(mm.InterruptProcessingException):
                machine.check()
                raise AssertionError("check() is deaf")


def scenario_quantised_layers_are_loaded_whole_and_go_whole():
    with card(100 * MB) as machine:
        with torch.inference_mode():
            module, run = small_modules.build("flux1")
            _quantise(module.single_transformer_blocks)
            answer = run(module, "cpu")
            part = machine.care("row scales", "transformer", module, torch.float32)
        one = SimpleNamespace(name="flux1", part=part, run=run, answer=answer)
        fixed, size = part.handle.fixed_size(), part.handle.model_size()
        assert 2 * MB < fixed < size / 2
    before = used()
    with card(fixed * 1.5):
        runs(one, ready=machine)
        assert used() - before <= fixed * 1.5
        assert fixed <= part.handle.loaded_size() < size, "the rest should have stayed behind"
        mm.free_memory(mm.get_free_memory(CARD) + fixed // 2, CARD)
        if part.handle.loaded_size():
            runs(one)
        mm.free_memory(1e30, CARD)
        assert part.handle.loaded_size() == 0
        runs(one, ready=machine)


def _alive(kind: type) -> int:
    return sum(issubclass(type(one), kind) for one in gc.get_objects())


def _quantise(blocks) -> None:
    """fp8 with a scale a row, as diffusers holds ComfyUI's scaled files."""
    for block in list(blocks.modules()):
        for name, child in list(block.named_children()):
            if type(child) is torch.nn.Linear:
                quantised = BFLFP8RLinear(child.in_features, child.out_features, compute_dtype=torch.float32)
                scale = child.weight.abs().amax(dim=1) / 448
                quantised.weight = torch.nn.Parameter(
                    (child.weight / scale[:, None]).to(FP8), requires_grad=False
                )
                quantised.weight_scale = scale
                quantised.bias = child.bias
                setattr(block, name, quantised)
