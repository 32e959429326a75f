"""Until It Reads: checks the words on the pictures, and draws the branch before it again until they are right."""

from __future__ import annotations

from decimal import Decimal

from comfy_api.latest import io

from ..engine.errors import BadInput
from .sockets import CATEGORY, prompt_with_words, route_input, words_asked_for

MOST = 10  # tries
StateSocket = io.Custom("SWITCHYARD_TRIES")  # nodes.tries.State


class UntilItReads(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardUntilItReads",
            display_name="Until It Reads",
            category=CATEGORY,
            description=(
                "Checks the words on the pictures. Where one is wrong, it draws the branch before it again, first with another "
                "seed, then with the next better model, and keeps the best. It stops at the number of tries, and before a try "
                "that would pass max_price or your budget."
            ),
            search_aliases=["retry", "loop", "ocr", "try again", "spell check"],
            inputs=[
                io.Image.Input("images", tooltip="The end of the branch: of a generator, or of Route Join."),
                words_asked_for(),
                io.Int.Input(
                    "tries", default=3, min=1, max=MOST, tooltip="At most so many, the first included."
                ),
                io.Boolean.Input(
                    "other_models",
                    default=True,
                    tooltip="After a new seed has not helped, the next better model of the route. What is set on the Prompt "
                    "Router (family, place) is obeyed. Needs the route.",
                ),
                io.Float.Input(
                    "max_price",
                    default=0.0,
                    min=0.0,
                    max=1000.0,
                    step=0.001,
                    round=0.0001,
                    tooltip="US dollars for all tries together, the first included. 0: no limit but the Prompt Router's and "
                    "your budget.",
                ),
                prompt_with_words(),
                route_input("The Prompt Router's route: for its words, its price limit and its other models."),
            ],
            outputs=[
                io.Image.Output(
                    "images", display_name="images", is_output_list=True, tooltip="The best of all tries."
                ),
                io.Boolean.Output(
                    "passed", display_name="passed", tooltip="Every phrase on every picture is spelled right."
                ),
                io.Float.Output(
                    "score", display_name="score", tooltip="0 to 1: the share of right letters; the least picture's."
                ),
                io.String.Output(
                    "report", display_name="report", tooltip="What was tried, paid and kept, and what is still wrong."
                ),
                io.Image.Output(
                    "marked",
                    display_name="marked",
                    is_output_list=True,
                    tooltip="The kept pictures with what was found marked, and a legend.",
                ),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            is_input_list=True,  # one check for all pictures: each check may draw the whole branch again
            enable_expand=True,
        )  # fmt: skip

    @classmethod
    def execute(cls, images, text, tries, other_models, max_price, prompt=(), route=()) -> io.NodeOutput:
        from ..engine.request import Route
        from . import (
            tries as trying,
        )  # here, and not above: what it needs would be a fifth of the pack's load time
        from .text_check import asked_for

        if len(images) == 0 or any(not isinstance(one, Route) for one in route if one is not None):
            raise BadInput(
                "Until It Reads draws one prompt again and again, and a list of prompts came: give the Prompt Router one prompt, "
                "or use Text Check, which checks any number of pictures."
            )
        way = next(iter(route), None)
        phrases, heading = asked_for(text[0], next(iter(prompt), ""), way)
        graph, node = cls.hidden.dynprompt, cls.hidden.unique_id
        asked = trying.Asked(
            node=graph.get_display_node_id(node),
            end=tuple(graph.get_node(node)["inputs"]["images"]),
            phrases=phrases,
            heading=heading,
            tries=tries[0],
            other_models=other_models[0],
            max_price=Decimal(str(max_price[0])),
            route=way,
        )
        name = f" ({way.row.name})" if way else ""
        return trying.judged(images, trying.State(asked, f"the first picture{name}", Decimal(0)), way, graph)


class ReadAgain(io.ComfyNode):
    """What Until It Reads puts behind each further try; it is no node for a person."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardReadAgain",
            display_name="Read Again",
            category=CATEGORY,
            description="A part of Until It Reads, which places it: it checks the pictures of a further try.",
            inputs=[
                io.Image.Input("images", tooltip="The pictures of this try."),
                StateSocket.Input("state", tooltip="What is known from the tries before."),
            ],
            outputs=[
                StateSocket.Output(  # a list of batches, as one value
                    "images", display_name="images", tooltip="The best of all tries."
                ),
                io.Boolean.Output(
                    "passed", display_name="passed", tooltip="Every phrase on every picture is spelled right."
                ),
                io.Float.Output(
                    "score",
                    display_name="score",
                    tooltip="0 to 1: the share of right letters; the least picture's.",
                ),
                io.String.Output(
                    "report",
                    display_name="report",
                    tooltip="What was tried, paid and kept, and what is still wrong.",
                ),
                StateSocket.Output(
                    "marked",
                    display_name="marked",
                    tooltip="The kept pictures with what was found marked, and a legend.",
                ),
            ],
            hidden=[io.Hidden.dynprompt],
            is_input_list=True,
            is_dev_only=True,
            enable_expand=True,
        )

    @classmethod
    def execute(cls, images, state) -> io.NodeOutput:
        from . import tries as trying

        known, route = state[0]
        return trying.judged(images, known, route, cls.hidden.dynprompt)
