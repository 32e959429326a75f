"""What is opened of a file from a stranger, and so what is saved. All of it is checked before memory is taken for it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BadInput


@dataclass(frozen=True)
class Limits:
    """side, canvas: pixels. pixels: of all layers together, those that are no bigger than their content; and of all layers
    on the full canvas, which is what ComfyUI holds them as, 16 bytes each. depth: groups inside each other."""

    side: int = 300_000
    canvas: int = 134_000_000  # 11,585²
    pixels: int = 420_000_000  # 100 layers of 2048²
    layers: int = 1_000
    depth: int = 64

    def check_canvas(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise BadInput(
                f"The layer file says that its canvas is {width} x {height} pixels: it is damaged."
            )
        if max(width, height) > self.side or width * height > self.canvas:
            raise BadInput(
                f"The layer file's canvas is {width:,} x {height:,} pixels; at most {self.canvas // 1_000_000} megapixels are "
                "opened or saved."
            )

    def check_layers(self, number: int) -> None:
        if number > self.layers:
            raise BadInput(
                f"The layer file has {number:,} layers; at most {self.layers:,} are opened or saved."
            )

    def check_depth(self, depth: int) -> None:
        if depth > self.depth:
            raise BadInput(f"The layer file has more than {self.depth} groups inside each other.")

    def check_pixels(self, pixels: int) -> None:
        if pixels > self.pixels:
            raise BadInput(
                f"The layers come to {pixels / 1e6:,.0f} megapixels; at most {self.pixels // 1_000_000} are opened at once."
            )


LIMITS = Limits()
