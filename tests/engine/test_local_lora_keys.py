"""The names in LoRA files: whatever a trainer puts around a layer's name, the layer is found; nothing else ever is."""

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchyard.engine.local import lora_keys
from switchyard.engine.local.lora import shapes_of
from switchyard.engine.local.lora_keys import PARTS, UNREAD, Places, split
from switchyard.tests.tiny import loras, modules, pipelines

MODULES = {
    "qwen": modules.qwen_transformer,
    "flux1": modules.flux_transformer,
    "flux2": lambda: modules.flux2_transformer(32),
}
if "qwen-image-2.1-local" in pipelines.ROWS:
    MODULES["qwen21"] = modules.qwen21_transformer


@functools.cache
def shapes(kind: str):
    return shapes_of(MODULES[kind]())


@functools.cache
def places(kind: str) -> Places:
    return Places(kind, shapes(kind))


@functools.cache
def names(kind: str) -> list[str]:
    return sorted(name.removesuffix(".weight") for name in shapes(kind) if name.endswith(".weight"))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(MODULES)), st.sampled_from(sorted(loras.LAYOUTS)), st.data())
def test_every_layer_is_found_in_every_layout(kind, layout, data):
    name = data.draw(st.sampled_from(names(kind)))
    before, flat, *ends = loras.LAYOUTS[layout]
    for end, part in zip(ends, ("down", "up"), strict=True):
        layer, found = split(f"{before}{name.replace('.', '_') if flat else name}.{end}")
        assert found == part
        assert [piece.weight for piece in places(kind).find(layer).pieces] == [f"{name}.weight"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(MODULES)), st.data())
def test_every_name_covers_each_row_once(kind, data):
    """Of all names, those of fused layers too: the pieces are the whole layer, and lie within their weights."""
    known = places(kind)._dotted
    layer = known[data.draw(st.sampled_from(sorted(known)))]
    rows = sorted(row for piece in layer.pieces for row in range(piece.start, piece.stop))
    assert rows == list(range(layer.shape[0]))
    put = set()
    for piece in layer.pieces:
        shape = shapes(kind)[piece.weight]
        first = piece.put or 0
        length = piece.stop - piece.start
        assert first + length <= shape[0] and shape[1:] == layer.shape[1:]
        assert piece.put is not None or length == shape[0]
        assert not put & {(piece.weight, row) for row in range(first, first + length)}
        put |= {(piece.weight, row) for row in range(first, first + length)}


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_no_name_is_too_odd(key):
    found = split(key)
    if found is not None:
        assert found[1] in PARTS or found[1] in UNREAD
        for kind in MODULES:
            places(kind).find(found[0])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["transformer", "diffusion_model", "lora_unet_", "lycoris_", "unet", "model", "", "lora_A", "lora_B",
                                 "weight", "alpha", "processor", "to_q_lora", "down", "up", "bias", "default"]), max_size=8))  # fmt: skip
def test_no_mixture_of_words_is_too_odd(words):
    found = split(".".join(words))
    assert found is None or (isinstance(found[0], str) and found[1] in (*PARTS, *UNREAD))


@pytest.mark.parametrize("kind", MODULES)
def test_underscored_names_are_unambiguous(kind):
    assert None not in places(kind)._flat.values()


@pytest.mark.parametrize(
    "key, layer, part",
    [
        ("base_model.model.a.b.lora_magnitude_vector.default.weight", "a.b", "magnitude"),
        ("lycoris_a_b.dora_scale", "a_b", "magnitude"),
        ("unet.a.attn.processor.to_q_lora.down.weight", "a.attn.to_q", "down"),
        ("diffusion_model.a.lora_B.bias", "a", "up_bias"),
        ("model.diffusion_model.a.lora_A", "a", "down"),
        ("transformer.sformer_blocks.0.a.lora_B.weight", "transformer_blocks.0.a", "up"),
        ("lora_te1_x.lora_up.weight", "lora_te1_x", "up"),
        ("double_blocks.0.processor.qkv_lora1.up.weight", "double_blocks.0.processor.qkv_lora1", "up"),
        ("a.lokr_w2_b", "a", "lokr_w2_b"),
        ("a.oft_blocks", "a", "oft_blocks"),
    ],
)
def test_names_that_trainers_write(key, layer, part):
    assert split(key) == (layer, part)


def test_weights_of_models_are_no_loras():
    for kind in MODULES:
        assert [key for key in shapes(kind) if split(key)] == []
    assert lora_keys.of_encoder("lora_te2_x") and not lora_keys.of_encoder("text_embedder")


@pytest.mark.skipif("qwen21" not in MODULES, reason="the installed diffusers has no Qwen-Image-2.1")
def test_a_gate_that_was_trained_together_with_its_projection_is_both():
    layer = places("qwen21").find("transformer_blocks.0.img_mlp.gate_up")
    stem, rows = (
        "transformer_blocks.0.img_mlp",
        shapes("qwen21")["transformer_blocks.0.img_mlp.proj.weight"][0],
    )
    assert [(piece.weight, piece.start, piece.stop) for piece in layer.pieces] == [
        (f"{stem}.gate_layer.weight", 0, rows),
        (f"{stem}.proj.weight", rows, 2 * rows),
    ]
