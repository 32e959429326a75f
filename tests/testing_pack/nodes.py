"""Nodes for the tests: stand-ins for a loader and a generator, which tell what ran.

Each leaves a line `[test] ran <what> <name>` in the log and sends it to whoever queued the prompt.
"""

import asyncio
import hashlib
import logging
import os
import time

import torch
from comfy.model_management import throw_exception_if_processing_interrupted
from comfy_api.latest import ComfyExtension, io
from server import PromptServer

Model = io.Custom("SWITCHYARD_TEST_MODEL")


class Loader(io.ComfyNode):
    """A loader that loads nothing: its handle is the name."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SwitchyardTestLoader",
            category="switchyard/test",
            inputs=[io.String.Input("name", default="model")],
            outputs=[Model.Output("model")],
        )

    @classmethod
    def execute(cls, name):
        _ran("loader", name)
        return io.NodeOutput(name)


class Generate(io.ComfyNode):
    """A picture of 64x64 pixels in one colour, which is the model's name; as many as the latent has."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SwitchyardTestGenerate",
            category="switchyard/test",
            inputs=[
                Model.Input("model"),
                io.String.Input("prompt", force_input=True),
                io.Int.Input("seed", default=0, min=0, max=2**64 - 1),
                io.Latent.Input("latent", optional=True),
            ],
            outputs=[io.Image.Output("image")],
        )

    @classmethod
    def execute(cls, model, prompt, seed, latent=None):
        _ran("generate", model)
        batch = 1 if latent is None else latent["samples"].shape[0]
        colour = torch.tensor(list(hashlib.sha256(model.encode()).digest()[:3])) / 255
        return io.NodeOutput(colour.expand(batch, 64, 64, 3).clone())


class Sleep(io.ComfyNode):
    """Holds `value` back for some seconds, or until the run is cancelled: something to interrupt."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SwitchyardTestSleep",
            category="switchyard/test",
            inputs=[
                io.Float.Input("seconds", default=1.0, min=0.0, max=600.0),
                io.AnyType.Input("value", optional=True),
            ],
            outputs=[io.AnyType.Output("value")],
        )

    @classmethod
    def execute(cls, seconds, value=None):
        _ran("sleep", seconds)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            throw_exception_if_processing_interrupted()
            time.sleep(min(left, 0.02))
        return io.NodeOutput(value)


class Fail(io.ComfyNode):
    """Fails once the file `when` exists: while another node of the same prompt is at work."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SwitchyardTestFail",
            category="switchyard/test",
            is_output_node=True,
            inputs=[io.String.Input("when")],
            outputs=[],
        )

    @classmethod
    async def execute(cls, when):
        _ran("fail", "waits")
        while not os.path.exists(when):
            await asyncio.sleep(0.02)
        raise RuntimeError("this node was told to fail")


class LatentShape(io.ComfyNode):
    """An output node that shows a latent's shape, as `1x16x8x8`."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SwitchyardTestLatentShape",
            category="switchyard/test",
            is_output_node=True,
            inputs=[io.Latent.Input("latent")],
            outputs=[],
        )

    @classmethod
    def execute(cls, latent):
        shape = "x".join(str(n) for n in latent["samples"].shape)
        _ran("latent_shape", shape)
        return io.NodeOutput(ui={"text": [shape]})


class TestingExtension(ComfyExtension):
    async def get_node_list(self):
        return [Loader, Generate, Sleep, Fail, LatentShape]


def _ran(what: str, name: object) -> None:
    logging.info("[test] ran %s %s", what, name)
    server = PromptServer.instance
    server.send_sync("switchyard_test_ran", {"ran": f"{what} {name}"}, server.client_id)
