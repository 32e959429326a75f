"""Poster Copy: a prompt with the exact words of a poster, quoted and placed."""

from __future__ import annotations

from comfy_api.latest import io

from .sockets import CATEGORY

# Inputs, and what stands in them; all are strings.
_WORDS = {
    "headline": "The largest words.",
    "deck": "The line below the headline.",
    "body": "The text. Every line is set as a line of its own.",
    "price": "A price, with its currency sign.",
    "date": "A date, a time or a place.",
    "extra": "All other words, one phrase a line.",
}
_MULTILINE = ("body", "extra")


class PosterCopy(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardPosterCopy",
            display_name="Poster Copy",
            category=CATEGORY,
            description=(
                "Builds the prompt for a poster, a menu or a label from its words: each phrase exactly as typed, in quotation "
                "marks, with a place. The same words leave as a list, for checking the picture."
            ),
            search_aliases=["poster", "copy", "headline", "menu", "label", "text prompt"],
            inputs=[
                io.String.Input(
                    "scene",
                    multiline=True,
                    default="",
                    tooltip="What the picture shows besides the words. Empty: a poster.",
                ),
                io.String.Input(
                    "style", multiline=True, default="", tooltip="How it looks: print, photo, colours."
                ),
                *(
                    io.String.Input(name, default="", multiline=name in _MULTILINE, tooltip=tooltip)
                    for name, tooltip in _WORDS.items()
                ),
                io.String.Input(
                    "language",
                    default="",
                    optional=True,
                    tooltip="The language of the words, such as Japanese. Empty: not a word about it.",
                ),
                io.String.Input(
                    "where",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="Other places than the usual ones, one a line: headline: on the left edge.",
                ),
            ],
            outputs=[
                io.String.Output(
                    "prompt", display_name="prompt", tooltip="For the Prompt Router, or any model."
                ),
                io.String.Output(
                    "copy", display_name="copy", tooltip="The words to be rendered, one phrase a line."
                ),
            ],
        )

    @classmethod
    def execute(cls, *, language: str | None = None, where: str | None = None, **words) -> io.NodeOutput:
        from ..engine import poster_copy

        places = poster_copy.parse_where(where or "")
        built = poster_copy.build(poster_copy.PosterCopy(language=language or "", where=places, **words))
        return io.NodeOutput(built.prompt, "\n".join(built.copy))
