"""What parts under ComfyUI's care compute in, how their weights are stored, and what is shown of a picture on the way."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import comfy.model_management as mm
import comfy.utils
import latent_preview
import torch
from switchyard.nodes.machine import ComfyMachine
from switchyard.tests.comfyui import small_modules
from switchyard.tests.comfyui.on_card import FP8, card, runs


def scenario_weights_stored_in_fp8_are_computed_in_what_was_asked():
    for name in ("qwen", "t5", "clip", "qwen_vl", "qwen3"):
        with torch.inference_mode():
            module, run = small_modules.build(name)
            for weight in module.parameters():
                weight.data = weight.data.to(FP8).float()
            answer = run(module, "cpu")
            for weight in module.parameters():
                weight.data = weight.data.to(FP8)
            size = sum(weight.nbytes for weight in module.parameters())
        for share in (2.0, 0.4):
            with card(size * share) as machine:
                part = machine.care("fp8", small_modules.role(name), module, torch.float32)
                assert part.module.dtype == torch.float32
                stored = [w.dtype for n, w in part.module.named_parameters() if "norm" not in n]
                assert stored.count(FP8) > len(stored) // 2, "it was blown up"
                one = SimpleNamespace(name=name, part=part, run=run, answer=answer)
                runs(one, ready=machine)


def scenario_types_are_comfyuis_choice():
    machine, bf16, fp16, fp32 = ComfyMachine(), torch.bfloat16, torch.float16, torch.float32
    jobs = ("transformer", "encoder", "vae")
    assert [machine.dtype(job, bf16) for job in jobs] == [fp32] * 3, "the processor computes in fp32"
    new = dict(should_use_bf16=lambda *_, **__: True, should_use_fp16=lambda *_, **__: True)
    old = dict(should_use_bf16=lambda *_, **__: False, should_use_fp16=lambda *_, **__: True)
    with mock.patch.multiple(mm, **new):
        for stored in (bf16, fp16, FP8, fp32, None):
            assert [machine.dtype(job, stored) for job in jobs] == [bf16] * 3
    with mock.patch.multiple(mm, **old):
        assert [machine.dtype(job, bf16) for job in jobs] == [fp32] * 3
        assert machine.dtype("transformer", fp16) == fp16
    for flag, job, expected in (("fp16_unet", "transformer", fp16), ("fp32_unet", "transformer", fp32),
                                ("fp8_e4m3fn_unet", "transformer", bf16), ("bf16_vae", "vae", bf16),
                                ("fp32_text_enc", "encoder", fp32), ("bf16_text_enc", "encoder", bf16)):  # fmt: skip
        with mock.patch.multiple(mm, **new), mock.patch.object(mm.args, flag, True):
            assert machine.dtype(job, FP8) == expected, flag


def scenario_previews_of_every_kind():
    seen = []
    shapes = {
        "qwen": (1, 16, 1, 8, 12),
        "flux1": (1, 16, 8, 12),
        "flux2": (1, 128, 4, 6),
        "qwen21": (1, 64, 4, 6),
    }
    hook = lambda value, total, preview, node_id=None: seen.append((value, total, preview))  # noqa: E731
    machine = ComfyMachine()
    with mock.patch.object(comfy.utils, "PROGRESS_BAR_HOOK", hook):
        for method in (
            latent_preview.LatentPreviewMethod.Latent2RGB,
            latent_preview.LatentPreviewMethod.NoPreviews,
        ):
            with mock.patch.object(latent_preview.args, "preview_method", method):
                for kind, shape in shapes.items():
                    for step in (1, 2):
                        machine.preview(kind, step, 2, torch.randn(shape, dtype=torch.bfloat16))
                    machine.preview(kind, 1, 2, None)
    assert [one[:2] for one in seen] == [(1, 2), (2, 2), (1, 2)] * 8
    drawn, plain = seen[:12], seen[12:]
    assert all(one[2] is None for one in plain)
    assert [one[2] is not None for one in drawn] == [True, True, False] * 3 + [False] * 3
    assert {one[2][1].size for one in drawn if one[2]} == {(12, 8)}
    machine.preview("qwen", 1, 2, torch.randn(1, 16, 8, 12))  # without the axis of time
