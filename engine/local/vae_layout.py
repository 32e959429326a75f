"""Autoencoders in the layouts of single files: that of the first ones (FLUX.1 and FLUX.2), Wan 2.1's (Qwen) and
Wan 2.2's (Qwen-Image-2.1)."""

from __future__ import annotations

import re

from .takes import Arrangement, Shapes, Take

_LDM = (
    (r"^(encoder)\.down\.(\d+)\.block\.(\d+)\.", r"\1.down_blocks.\2.resnets.\3."),
    (r"^(encoder)\.down\.(\d+)\.downsample\.conv\.", r"\1.down_blocks.\2.downsamplers.0.conv."),
    (r"^(decoder)\.up\.(\d+)\.block\.(\d+)\.", r"\1.up_blocks.\2.resnets.\3."),
    (r"^(decoder)\.up\.(\d+)\.upsample\.conv\.", r"\1.up_blocks.\2.upsamplers.0.conv."),
    (r"\.mid\.block_1\.", ".mid_block.resnets.0."),
    (r"\.mid\.block_2\.", ".mid_block.resnets.1."),
    (r"\.mid\.attn_1\.norm\.", ".mid_block.attentions.0.group_norm."),
    (r"\.mid\.attn_1\.([qkv])\.", r".mid_block.attentions.0.to_\1."),
    (r"\.mid\.attn_1\.proj_out\.", ".mid_block.attentions.0.to_out.0."),
    (r"\.nin_shortcut\.", ".conv_shortcut."),
    (r"^(encoder|decoder)\.norm_out\.", r"\1.conv_norm_out."),
    (r"^(?:encoder|decoder)\.((?:post_)?quant_conv)\.", r"\1."),
)


def ldm_vae(shapes: Shapes) -> Arrangement:
    """The first autoencoders' layout, of FLUX.1's and FLUX.2's: the way up is counted from the picture, not
    to it."""
    levels = 1 + max(
        (int(found.group(1)) for key in shapes if (found := re.match(r"decoder\.up\.(\d+)\.", key))),
        default=0,
    )
    made: Arrangement = {}
    for key, shape in shapes.items():
        if key.startswith("loss."):
            continue
        name = re.sub(r"^(decoder\.up\.)(\d+)", lambda found: f"{found[1]}{levels - 1 - int(found[2])}", key)
        for pattern, replacement in _LDM:
            name = re.sub(pattern, replacement, name)
        flat = (
            shape[:2] if ".attentions.0.to_" in name and len(shape) == 4 else shape
        )  # a 1x1 convolution is a linear layer
        made[name] = Take(key, flat)
    return made


_WAN = (
    (r"^(conv1)\.", "quant_conv."),
    (r"^(conv2)\.", "post_quant_conv."),
    (r"^(encoder|decoder)\.conv1\.", r"\1.conv_in."),
    (r"^(encoder|decoder)\.head\.0\.", r"\1.norm_out."),
    (r"^(encoder|decoder)\.head\.2\.", r"\1.conv_out."),
    (r"\.middle\.0\.", ".mid_block.resnets.0."),
    (r"\.middle\.1\.", ".mid_block.attentions.0."),
    (r"\.middle\.2\.", ".mid_block.resnets.1."),
    (r"\.residual\.0\.", ".norm1."),
    (r"\.residual\.2\.", ".conv1."),
    (r"\.residual\.3\.", ".norm2."),
    (r"\.residual\.6\.", ".conv2."),
    (r"\.shortcut\.", ".conv_shortcut."),
    (r"^encoder\.downsamples\.", "encoder.down_blocks."),
)


def wan_vae(shapes: Shapes) -> Arrangement:
    """Wan 2.1's layout, which is Qwen's: blocks and resizes are numbered as one row; on the way up a resize
    ends a level."""
    ends = sorted(
        {int(key.split(".")[2]) for key in shapes if re.match(r"decoder\.upsamples\.\d+\.resample\.", key)}
    )

    def up(found: re.Match[str]) -> str:
        row = int(found[1])
        level = sum(end < row for end in ends)
        first = ends[level - 1] + 1 if level else 0
        place = "upsamplers.0" if row in ends else f"resnets.{row - first}"
        return f"decoder.up_blocks.{level}.{place}."

    made: Arrangement = {}
    for key, shape in shapes.items():
        name = re.sub(r"^decoder\.upsamples\.(\d+)\.", up, key)
        for pattern, replacement in _WAN:
            name = re.sub(pattern, replacement, name)
        made[name] = Take(key, shape)
    return made


_LEVELS = re.compile(
    r"(?P<half>encoder|decoder)\.(?P<way>down|up)samples\.(?P<level>\d+)\.(?P=way)samples\.(?P<row>\d+)\."
)


def wan22_vae(shapes: Shapes) -> Arrangement:
    """Wan 2.2's layout, which is that of Qwen-Image-2.1: a level is a row of blocks, and its resize ends the row."""

    def level(found: re.Match[str]) -> str:
        stem = f"{found['half']}.{found['way']}_blocks.{found['level']}."
        resize = f"{found.group()}resample.1.weight" in shapes
        return stem + (f"{found['way']}sampler." if resize else f"resnets.{found['row']}.")

    made: Arrangement = {}
    for key, shape in shapes.items():
        name = _LEVELS.sub(level, key)
        for pattern, replacement in _WAN[:-1]:
            name = re.sub(pattern, replacement, name)
        made[name] = Take(key, shape)
    return made
