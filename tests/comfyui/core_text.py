"""Run as a program, with ComfyUI's folder: core's text encoders and ours on the same small weights, in one
process.

Prints one JSON line: {case: [largest difference, largest number]} and what the conditionings say beside the
embedding. Core builds its encoders at the published size; here its configs are made small, and its own
tokenizers are used as they are.
"""

import functools
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ("a red fox, 35 mm", "招牌上写着“开业大吉” — カフェ", "")
HIDDEN, HEAD, LAYERS = 128, 128, 3  # core's heads are always 128 wide


def main(comfyui: Path) -> None:
    sys.argv = [str(comfyui / "main.py"), "--cpu"]
    sys.path[0] = str(comfyui)  # in place of this folder
    package = ModuleType("switchyard")
    package.__path__ = [str(ROOT)]
    sys.modules["switchyard"] = package
    import comfy.options

    comfy.options.enable_args_parsing()
    import torch

    torch.manual_seed(0)
    found: dict[str, object] = {}
    with torch.inference_mode():
        for compare in (qwen, klein, flux1):
            found |= compare(comfyui)
    print(json.dumps(found))


def qwen(comfyui: Path) -> dict[str, object]:
    import torch
    import transformers
    from comfy.text_encoders import llama, qwen_image
    from switchyard.engine.local.encode_qwen import empty_pipeline

    tokenizer = transformers.Qwen2Tokenizer.from_pretrained(comfyui / "comfy/text_encoders/qwen25_tokenizer")
    llama.Qwen25_7BVLI_Config = functools.partial(
        llama.Qwen25_7BVLI_Config, hidden_size=HIDDEN, intermediate_size=HIDDEN, num_hidden_layers=LAYERS,
        num_attention_heads=1, num_key_value_heads=1,
    )  # fmt: skip
    vision = llama.qwen_vl.Qwen2VLVisionTransformer

    def small_vision(**given):
        made = vision(
            **{**given, "hidden_size": 64, "intermediate_size": 64, "num_heads": 2, "num_layers": 3}
        )
        made.fullatt_block_indexes = [1]
        return made

    llama.qwen_vl.Qwen2VLVisionTransformer = small_vision
    picture = {
        name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ("vision_start", "vision_end")
    }
    config = transformers.Qwen2_5_VLConfig(
        text_config={**text(152064), "rope_theta": 1e6,
                     "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": [16, 24, 24]}},
        vision_config={"depth": 3, "hidden_size": 64, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": HIDDEN,
                       "fullatt_block_indexes": [1]},
        image_token_id=151655, video_token_id=151656,
        vision_start_token_id=picture["vision_start"], vision_end_token_id=picture["vision_end"],
    )  # fmt: skip
    encoder = lively(transformers.Qwen2_5_VLForConditionalGeneration(config))
    clip = core_clip(qwen_image.te(), qwen_image.QwenImageTokenizer)
    weights = {
        name.replace("model.language_model.", "model.").replace("model.visual.", "visual."): tensor
        for name, tensor in encoder.state_dict().items()
        if not name.startswith("lm_head")
    }
    put(clip.cond_stage_model.qwen25_7b.transformer, weights)
    processor = transformers.Qwen2_5_VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=14 * 14 * 4 * 1280),
        tokenizer=tokenizer,
        video_processor=transformers.Qwen2VLVideoProcessor(),
    )

    def model(row):
        return local(row, {"text_encoder": encoder}, {"tokenizer": tokenizer}, processor)

    result = {f"qwen {prompt}": compared(clip, model("qwen-image-local"), prompt) for prompt in PROMPTS}
    # 8-bit pictures of a size that both leave as it is: scaling them is the nodes' affair, and core's is
    # another filter.
    wide, square = (torch.randint(0, 256, (1, *size, 3)) / 255 for size in ((224, 448), (224, 224)))
    # their area is what the edit models are told, so that a picture is not scaled
    edit = functools.partial(compared, clip, prompt=PROMPTS[0])
    result["edit"] = edit(model("qwen-image-edit-local"), references=[wide], area=448 * 224)
    template = empty_pipeline("QwenImageEditPlusPipeline").prompt_template_encode
    for name, pictures, area in (("one", [wide], 448 * 224), ("two", [square, square.flip(1)], 224 * 224)):
        slots = "".join(
            f"Picture {n + 1}: <|vision_start|><|image_pad|><|vision_end|>" for n in range(len(pictures))
        )
        result[f"edit plus, {name}"] = edit(
            model("qwen-image-edit-2511-local"), references=pictures, area=area, core_prompt=slots + PROMPTS[0],
            llama_template=template,
        )  # fmt: skip
    return result


def klein(comfyui: Path) -> dict[str, object]:
    import transformers
    from comfy.text_encoders import flux, llama

    tokenizer = transformers.Qwen2Tokenizer.from_pretrained(comfyui / "comfy/text_encoders/qwen25_tokenizer")
    llama.Qwen3_4BConfig = functools.partial(
        llama.Qwen3_4BConfig, hidden_size=HIDDEN, intermediate_size=HIDDEN, num_hidden_layers=29, num_attention_heads=1,
        num_key_value_heads=1,
    )  # fmt: skip
    config = transformers.Qwen3Config(
        **{**text(151936), "num_hidden_layers": 29}, head_dim=HEAD, rope_theta=1e6
    )
    encoder = lively(transformers.Qwen3ForCausalLM(config))
    clip = core_clip(flux.klein_te(model_type="qwen3_4b"), flux.KleinTokenizer)
    weights = {
        name: tensor for name, tensor in encoder.state_dict().items() if not name.startswith("lm_head")
    }
    put(clip.cond_stage_model.qwen3_4b.transformer, weights)
    model = local("flux-2-klein-4b-local", {"text_encoder": encoder}, {"tokenizer": tokenizer})
    return {f"klein {prompt}": compared(clip, model, prompt) for prompt in PROMPTS}


def flux1(comfyui: Path) -> dict[str, object]:
    import transformers
    from comfy import sd1_clip
    from comfy.text_encoders import flux, sd3_clip

    clip_tokenizer = transformers.CLIPTokenizer.from_pretrained(comfyui / "comfy/sd1_tokenizer")
    t5_tokenizer = transformers.T5TokenizerFast.from_pretrained(comfyui / "comfy/text_encoders/t5_tokenizer")
    clip_config = json.loads((comfyui / "comfy/sd1_clip_config.json").read_text("utf-8"))
    clip_config |= {
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 2,
        "num_hidden_layers": 2,
    }
    t5_config = json.loads((comfyui / "comfy/text_encoders/t5_config_xxl.json").read_text("utf-8"))
    t5_config |= {"d_model": 128, "d_ff": 128, "d_kv": 16, "num_heads": 4, "num_layers": 2}
    clip_l = lively(
        transformers.CLIPTextModel(transformers.CLIPTextConfig(**{**clip_config, "projection_dim": 64}))
    )
    t5 = lively(
        transformers.T5EncoderModel(transformers.T5Config(**{**t5_config, "feed_forward_proj": "gated-gelu"}))
    )

    class Small(flux.FluxClipModel):
        def __init__(self, dtype=None, device="cpu", model_options=None):
            super().__init__(dtype_t5=dtype, device=device, dtype=dtype, model_options=model_options or {})

    sd1, sd3 = sd1_clip.SDClipModel, sd3_clip.T5XXLModel
    flux.sd1_clip.SDClipModel = functools.partial(sd1, textmodel_json_config=clip_config)
    sd3_clip.T5XXLModel = lambda **given: sd1(
        **given, layer="last", textmodel_json_config=t5_config, special_tokens={"end": 1, "pad": 0},
        model_class=sd3_clip.comfy.text_encoders.t5.T5,
    )  # fmt: skip
    try:
        clip = core_clip(Small, flux.FluxTokenizer)
    finally:
        flux.sd1_clip.SDClipModel, sd3_clip.T5XXLModel = sd1, sd3
    weights = {
        name if name.startswith("text_model.") else f"text_model.{name}": w
        for name, w in clip_l.state_dict().items()
    }
    put(clip.cond_stage_model.clip_l.transformer, weights, may_lack="text_projection")
    weights = {
        name: w for name, w in t5.state_dict().items() if name != "encoder.embed_tokens.weight"
    }  # it is `shared`
    put(clip.cond_stage_model.t5xxl.transformer, weights)
    tokenizers = {"tokenizer": clip_tokenizer, "tokenizer_2": t5_tokenizer}
    model = local("flux-1-schnell-local", {"text_encoder": clip_l, "text_encoder_2": t5}, tokenizers)
    return {f"flux1 {prompt}": compared(clip, model, prompt) for prompt in PROMPTS}


def text(vocabulary: int) -> dict[str, object]:
    return {"hidden_size": HIDDEN, "intermediate_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": 1,
            "num_key_value_heads": 1, "vocab_size": vocabulary, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6}  # fmt: skip


def lively(module):
    """Weights of which every layer makes a difference, norms included; freshly made ones hardly change what
    goes in.
    """
    import torch

    for tensor in module.parameters():
        tensor.data = (
            torch.randn_like(tensor) * 0.5 / tensor.shape[-1] ** 0.5
            if tensor.dim() > 1
            else 1 + torch.randn_like(tensor) / 9
        )
    return module.eval()


def core_clip(encoder, tokenizer):
    import comfy.sd
    import torch

    target = SimpleNamespace(params={}, clip=encoder, tokenizer=tokenizer)
    return comfy.sd.CLIP(target, model_options={"dtype": torch.float32, "load_device": torch.device("cpu")})


def put(module, weights, may_lack="-"):
    missing, unexpected = module.load_state_dict(weights, strict=False)
    assert not unexpected and all(may_lack in name for name in missing), (missing, unexpected)


def local(row, modules, tokenizers, processor=None):
    from switchyard.engine.local.family import families
    from switchyard.engine.local.machine import Part

    return SimpleNamespace(
        family=families()[row],
        part=lambda role: Part(role, role, modules[role], modules[role].dtype),
        tokenizer=tokenizers.get,
        processor=processor,
        identity=lambda role: f"{row}:{role}",
    )


def compared(clip, model, prompt, references=(), area=None, core_prompt=None, **options):
    """What core's node makes of the prompt against ours."""
    from switchyard.engine.local.encode import EmbeddingCache, encode
    from switchyard.engine.local.machine import Plain

    pictures = [one[:1] for one in references]
    tokens = clip.tokenize(core_prompt or prompt, **({"images": pictures, **options} if pictures else {}))
    ((core, theirs),) = clip.encode_from_tokens_scheduled(tokens)
    ours = encode(model, Plain(), prompt, references, cache=EmbeddingCache(), area=area).to_comfy()
    ((embeds, words),) = ours
    assert embeds.shape == core.shape, (embeds.shape, core.shape)
    differences = [(embeds - core).abs().max().item()]
    if theirs.get("pooled_output") is not None:
        differences.append((words["pooled_output"] - theirs["pooled_output"]).abs().max().item())
    said = [{name: shape(value) for name, value in one.items()} for one in (words, theirs)]
    same_mask = "attention_mask" not in theirs or bool(
        (words["attention_mask"] == theirs["attention_mask"]).all()
    )
    return {
        "differences": differences,
        "largest": core.abs().max().item(),
        "ours": said[0],
        "core": said[1],
        "mask": same_mask,
    }


def shape(value):
    return list(value.shape) if hasattr(value, "shape") else value


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
