"""Text Check: whether the words on a picture are the words that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_api.latest import io, ui

from ..engine.errors import BadInput
from . import host
from .sockets import CATEGORY, prompt_with_words, route_input, words_asked_for

if TYPE_CHECKING:
    from ..engine.proof.verdict import Verdict
    from ..engine.request import Route


class TextCheck(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardTextCheck",
            display_name="Text Check",
            category=CATEGORY,
            description=(
                "Reads the words on a picture and holds them against the words that were asked for: what is right, misspelt, "
                "missing, doubled, and what nobody asked for. It checks spelling, not the shape of letters. It runs on this "
                "machine and asks nobody."
            ),
            search_aliases=["ocr", "spell check", "read text", "verify text", "proofread"],
            inputs=[
                io.Image.Input("images", tooltip="The pictures; each one is checked."),
                words_asked_for(),
                prompt_with_words(),
                route_input("The Prompt Router's route: its prompt's words, where no others are given."),
            ],
            outputs=[
                io.Image.Output("images", display_name="images", tooltip="The pictures, as they came."),
                io.Boolean.Output(
                    "passed",
                    display_name="passed",
                    tooltip="Every phrase on every picture is spelled right. Not where one cannot be read.",
                ),
                io.Float.Output(
                    "score",
                    display_name="score",
                    tooltip="0 to 1: the share of right letters, the mean of the phrases that can be read; of several pictures "
                    "the least.",
                ),
                io.String.Output("report", display_name="report", tooltip="Phrase by phrase, what is wrong."),
                io.Image.Output(
                    "marked",
                    display_name="marked",
                    tooltip="The pictures with what was found marked, and a legend.",
                ),
            ],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, images, text, prompt="", route=None) -> io.NodeOutput:
        from ..engine.proof.check import check, open_reader
        from ..engine.proof.mark import sheets
        from ..engine.proof.pixels import to_images, to_pixels

        phrases, heading = asked_for(text, prompt, route)
        pixels = to_pixels(images)
        reader = open_reader()
        verdicts = [check(one, phrases, reader, between=host.raise_if_interrupted) for one in pixels]
        report = "\n".join([*heading, *_reports(verdicts)])
        host.say(report)
        marked = to_images(sheets(pixels, verdicts))
        return io.NodeOutput(
            images,
            all(verdict.passed for verdict in verdicts),
            min(verdict.score for verdict in verdicts),
            report,
            marked,
            ui={**ui.PreviewImage(marked).as_dict(), "text": (report,)},
        )


def asked_for(text: str, prompt: str, route: Route | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The phrases that are asked for, and a line for the report where they were found and not typed.

    A prompt may ask for none; then there is nothing to fail. Raises BadInput where nothing says what to look for.
    """
    typed = tuple(line.strip() for line in text.splitlines() if line.strip())
    if typed:
        return typed, ()
    if prompt.strip():
        from ..engine.prompt import read

        found = read(prompt).copy
    elif route is not None:
        found = route.signals.copy
    else:
        raise BadInput(
            "Text Check does not know which words to look for: type them into `text`, one phrase on each line, or connect "
            "the prompt or the Prompt Router's route."
        )
    # A phrase of several lines is one phrase here, and on the picture it may break anywhere.
    found = tuple(" ".join(phrase.split()) for phrase in found)
    words = ", ".join(f"“{phrase}”" for phrase in found) or "none"
    return found, (f"Words found in the prompt: {words}. Type others into `text` to check for those.",)


def _reports(verdicts: list[Verdict]) -> list[str]:
    if len(verdicts) == 1:
        return [verdicts[0].report]
    return [f"Picture {n} of {len(verdicts)}: {verdict.report}" for n, verdict in enumerate(verdicts, 1)]
