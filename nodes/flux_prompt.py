"""FLUX.2 Prompt: the structured JSON that FLUX.2 reads, from fields."""

from __future__ import annotations

from comfy_api.latest import io

from .sockets import CATEGORY

# Inputs, whether they have several lines, and what stands in them; all are strings.
_FIELDS = {
    "scene": (True, "Where and what, as a whole."),
    "subjects": (
        True,
        "One a line: description, position, action, with a vertical bar between them. The last two may be left out.",
    ),
    "style": (False, "Photograph, screen print, watercolour …"),
    "colors": (True, "One a line, with its role: sky: #87CEEB."),
    "lighting": (False, "Where the light comes from, and how soft it is."),
    "mood": (False, "Calm, tense, festive …"),
    "composition": (False, "Framing and layout."),
}
_MORE = {
    "angle": (False, "The camera's: low angle, eye level, from above …"),
    "lens": (False, "Millimetres, or in words: 85, wide angle …"),
    "f_number": (False, "The aperture: 2.8."),
    "film": (False, "Film stock or camera: Kodak Portra 400 …"),
    "background": (False, "What lies behind the subjects."),
    "copy": (True, "Words to be rendered, one phrase a line, exactly."),
}


class FluxPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SwitchyardFluxPrompt",
            display_name="FLUX.2 Prompt",
            category=CATEGORY,
            description=(
                "Builds FLUX.2's structured JSON prompt: scene, subjects, colours as HEX with their roles, light, camera. "
                "Empty fields are left out."
            ),
            search_aliases=["flux json", "json prompt", "structured prompt", "hex", "camera"],
            inputs=[*_inputs(_FIELDS), *_inputs(_MORE, optional=True)],
            outputs=[
                io.String.Output(
                    "prompt", display_name="prompt", tooltip="JSON, for the Prompt Router or FLUX.2."
                ),
            ],
        )

    @classmethod
    def execute(cls, **fields) -> io.NodeOutput:
        from ..engine import flux_prompt

        # ComfyUI hands over None for what an API client left out.
        filled = {name: value for name, value in fields.items() if value is not None}
        return io.NodeOutput(flux_prompt.build(flux_prompt.FluxPrompt(**filled)))


def _inputs(fields: dict[str, tuple[bool, str]], optional: bool = False) -> list[io.Input]:
    return [
        io.String.Input(name, default="", multiline=multiline, optional=optional, tooltip=tooltip)
        for name, (multiline, tooltip) in fields.items()
    ]
