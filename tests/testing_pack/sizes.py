"""The sizes of the tiny core models: what `tiny_core.py` writes and `shrink.py` makes core expect.

Core reads most sizes off the file. Those below it takes from its own source, at full size (a text encoder
of 7 billion parameters, a transformer of 20), whatever the file holds.
"""

HEAD = 128  # channels of an attention head: core's rotary tables are made for that, so one head is the least
TEXT = 8  # width of both text encoders
TEXT_MLP = 16
TAPS = [0, 1, 2]  # layers whose input FLUX.2 reads (9, 18, 27 at full size), set side by side: TEXT * 3 wide
VISION = 32  # width of Qwen's eye
PICTURE = 32  # channels of FLUX.2's VAE at full resolution: GroupNorm splits them in 32, so 32 is the least
QWEN_PICTURE = 8  # the same of Qwen's VAE

# Class in core -> constructor arguments that replace what core passes or defaults to.
SMALLER = {
    "comfy.ldm.qwen_image.model:QwenImageTransformer2DModel": {
        "num_attention_heads": 1,
        "joint_attention_dim": TEXT,
    },
    # 4 heads for keys and values of 128 each stay: core knows the encoder by that 512.
    "comfy.text_encoders.llama:Qwen25_7BVLI_Config": {
        "hidden_size": TEXT,
        "intermediate_size": TEXT_MLP,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
    },
    "comfy.text_encoders.qwen_vl:Qwen2VLVisionTransformer": {
        "hidden_size": VISION,
        "intermediate_size": VISION,
        "num_heads": 2,
        "num_layers": 1,
    },
    "comfy.text_encoders.llama:Qwen3_4BConfig": {
        "hidden_size": TEXT,
        "intermediate_size": TEXT_MLP,
        "num_hidden_layers": len(TAPS),
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
    },
    "comfy.text_encoders.flux:Qwen3_4BModel": {"layer": TAPS},
    "comfy.ldm.modules.diffusionmodules.model:Encoder": {"ch": PICTURE},
    "comfy.ldm.modules.diffusionmodules.model:Decoder": {"ch": PICTURE},
}
