"""The local nodes: seeds, cancelling, embeddings that are kept, the company of core's nodes, and what is said when it cannot be."""

from switchyard.engine.local import presets
from switchyard.tests.comfyui import core_graphs
from switchyard.tests.comfyui.graphs import node, output, router
from switchyard.tests.comfyui.local_graphs import (
    IMAGE,
    SMALL,
    close,
    draw,
    load,
    loaded,
    painted,
    pictures,
    refused,
    save,
    write_lora,
)

AUTO = "auto (from route)"


# --- seeds, memory, cancelling


def test_every_picture_of_a_batch_is_the_one_of_its_own_seed(local_comfy):
    graph = {}
    for row, kind in (("qwen-image-local", "QwenImage"), ("flux-2-klein-4b-local", "Flux")):
        graph[f"{row}_load"] = load(row)
        for name, more in (
            ("batch", {"seed": 2**64 - 1, "batch": 2}),
            ("first", {"seed": 2**64 - 1}),
            ("second", {"seed": 0}),
        ):
            graph[f"{row} {name}_draw"] = draw(kind, f"{row}_load", **SMALL, **more)
            graph[f"{row} {name}"] = save(f"{row} {name}_draw")
    run = local_comfy.run(graph, timeout=120)
    for row in ("qwen-image-local", "flux-2-klein-4b-local"):
        both = pictures(local_comfy, run, f"{row} batch")
        (first,), (second,) = (
            pictures(local_comfy, run, f"{row} first"),
            pictures(local_comfy, run, f"{row} second"),
        )
        assert close(both[0], first) and close(both[1], second) and not close(first, second)


def test_a_prompt_is_read_once(local_comfy):
    def drawn(prompt: str, seed: int) -> list[str]:
        graph = {
            "load": load("flux-2-klein-9b-base-local"),
            "draw": draw("Flux", "load", prompt, seed, negative="fog", **SMALL),
            "save": save("draw"),
        }
        run = local_comfy.run(graph)
        assert run.status == "success", run.error
        return run.ran

    assert "ready text_encoder" in drawn("a door at noon", 1)
    again = drawn("a door at noon", 2)
    assert again == ["ready transformer", "ready vae"]
    assert "ready text_encoder" in drawn("a door at night", 2)
    assert drawn("a door at noon", 3) == again
    kept = local_comfy.base / "user" / "__switchyard" / "embeddings"
    assert [file.suffix for file in kept.iterdir()].count(".safetensors") >= 3
    assert not any(b"a door at" in file.read_bytes() for file in kept.iterdir())


def test_cancel_in_the_middle_leaves_nothing_behind(local_comfy):
    graph = {
        "load": load("qwen-image-local"),
        "draw": draw("QwenImage", "load", "a long way", width=64, height=64, steps=20, step_cache="taylor"),
        "save": save("draw"),
    }
    (before,) = pictures(local_comfy, local_comfy.run(graph))
    local_comfy.server.post("/free", {"unload_models": True, "free_memory": True})

    def stop(where: str, text: str) -> None:
        if text == "drawing 6/20":
            local_comfy.interrupt()

    stopped = local_comfy.run(graph, on_text=stop)
    assert stopped.status == "interrupted" and "save" not in stopped.outputs
    assert "drawing 20/20" not in [text for _, text in stopped.said]
    again = local_comfy.run(graph)
    (after,) = pictures(local_comfy, again)
    assert "drawing 20/20" in [text for _, text in again.said]
    assert after.tobytes() == before.tobytes()


# --- together with core


def test_our_latents_are_cores(local_comfy):
    """Core's VAEDecode of our latent is our own picture with core's VAE in it."""
    graph = {}
    cases = {"qwen-image-local": core_graphs.QWEN_VAE, "flux-2-klein-4b-local": core_graphs.FLUX_VAE}
    for row, file in cases.items():
        kind = "Flux" if row.startswith("flux") else "QwenImage"
        graph |= {
            f"{row}_vae": node("VAELoader", vae_name=file.name),
            f"{row}_load": load(row),
            f"{row}_draw": draw(kind, f"{row}_load", vae=[f"{row}_vae", 0], **SMALL),
            f"{row}_core": node("VAEDecode", samples=[f"{row}_draw", 1], vae=[f"{row}_vae", 0]),
            f"{row} ours": save(f"{row}_draw"),
            f"{row} core": save(f"{row}_core"),
            # an empty latent of the wrong scale is only a size; a picture's latent is drawn over
            f"{row}_empty": node("EmptySD3LatentImage", width=96, height=64, batch_size=2),
            f"{row}_sized": draw(kind, f"{row}_load", latent=[f"{row}_empty", 0], steps=2),
            f"{row} sized": save(f"{row}_sized"),
            f"{row}_over": draw(
                kind, f"{row}_load", "a blue door", latent=[f"{row}_draw", 1], steps=4, denoise=0.5
            ),
            f"{row} over": save(f"{row}_over"),
        }
    run = local_comfy.run(graph, timeout=120)
    for row in cases:
        (ours,), (core,) = (
            pictures(local_comfy, run, f"{row} ours"),
            pictures(local_comfy, run, f"{row} core"),
        )
        assert close(ours, core) and painted(ours)
        assert [picture.size for picture in pictures(local_comfy, run, f"{row} sized")] == [(96, 64)] * 2
        assert pictures(local_comfy, run, f"{row} over")[0].size == (64, 64)


def test_cores_conditioning_goes_in_where_it_fits(local_comfy):
    graph = {
        "clip": node("CLIPLoader", clip_name=core_graphs.FLUX_CLIP.name, type="flux2", device="default"),
        "red": node("CLIPTextEncode", clip=["clip", 0], text="a red door"),
        "green": node("CLIPTextEncode", clip=["clip", 0], text="a green door"),
        "load": load("flux-2-klein-9b-local"),
        "draw_red": draw("Flux", "load", positive=["red", 0], **SMALL),
        "draw_green": draw("Flux", "load", positive=["green", 0], **SMALL),
        "save_red": save("draw_red"),
        "save_green": save("draw_green"),
    }
    run = local_comfy.run(graph)
    (red,), (green,) = pictures(local_comfy, run, "save_red"), pictures(local_comfy, run, "save_green")
    assert painted(red) and not close(red, green)
    assert not {"care text_encoder", "ready text_encoder"} & set(run.ran)
    graph["load"] = load("flux-2-klein-4b-local")
    assert "connect the CLIP that belongs to the model" in refused(local_comfy, graph)


# --- what cannot be, in one sentence


def test_what_cannot_be_is_one_sentence(local_comfy):
    def said(row: str, kind: str, **inputs) -> str:
        return refused(
            local_comfy,
            {**loaded(), "load": load(row), "draw": draw(kind, "load", **inputs), "save": save("draw")},
        )

    assert "connect Load FLUX to it instead" in said("qwen-image-local", "Flux")
    assert "Qwen-Image-Layered" in said("qwen-image-layered-local", "QwenImage", **IMAGE)
    assert "makes no layers" in said("qwen-image-local", "QwenLayered", **IMAGE)
    assert "edits none" in said("qwen-image-local", "QwenEdit", **IMAGE)
    assert "edits none" in said("qwen-image-local", "QwenImage", **IMAGE)
    assert "connect one to images" in said("qwen-image-edit-2511-local", "QwenImage")
    assert "connect one to images" in said("flux-2-klein-4b-local", "FluxEdit")
    assert "connect one to images" in said("qwen-image-layered-local", "QwenLayered")
    assert "at most" in said("qwen-image-local", "QwenImage", width=4096, height=4096)
    assert "taylor" in said("flux-2-klein-4b-base-local", "Flux", step_cache="first block", **SMALL)


def test_notes_are_words_and_no_errors(local_comfy):
    graph = {
        "load": load("flux-2-klein-4b-local"),
        "draw": draw("Flux", "load", negative="fog", guidance=4.0, denoise=0.5, width=70, height=64, steps=2),
        "save": save("draw"),
    }
    run = local_comfy.run(graph)
    assert pictures(local_comfy, run)[0].size == (64, 64)
    said = run.texts["draw"]
    for words in (
        "The negative prompt does not act",
        "The guidance does not act",
        "denoise does not act",
        "70×64 drawn as 64×64",
    ):
        assert words in said


def test_what_is_missing_is_said_before_anything_loads(comfy):
    """Only the branch that runs complains, also of a file that is not there."""
    graph = {
        "router": router("a tower", place="local", family="flux", width=64, height=64),
        "qwen": load("qwen-image-local", transformer="gone.safetensors"),
        "draw_qwen": draw("QwenImage", "qwen", ["router", output("qwen_local")]),
        "load": node("SwitchyardLoadFlux", model=AUTO, route=["router", 0]),
        "draw": draw("Flux", "load", ["router", output("flux_local")]),
        "join": node(
            "SwitchyardRouteJoin", route=["router", 0], qwen_local=["draw_qwen", 0], flux_local=["draw", 0]
        ),
        "save": save("join"),
    }
    run = comfy.run(graph)
    assert run.status == "error" and run.error.node == "load"
    assert "FLUX.2 dev still lacks its transformer, text encoder" in run.error.message
    assert "black-forest-labs/FLUX.2-dev" in run.error.message and "models/diffusers" in run.error.message
    reason = run.outputs["router"]["switchyard_route"][0]["reason"]
    assert "still needed to run it: its model files (FLUX.2 dev still lacks" in reason
    message = refused(comfy, {"load": graph["qwen"], "draw": draw("QwenImage", "load"), "save": save("draw")})
    assert message.startswith("gone.safetensors is not in models/diffusion_models")
    unknown = {"load": load("qwen-image-9000-local"), "draw": draw("QwenImage", "load"), "save": save("draw")}
    assert "does not know" in refused(comfy, unknown)


def test_the_prompt_is_not_in_the_log(local_comfy):
    graph = {
        "load": load("flux-1-schnell-local"),
        "draw": draw("Flux", "load", "zanzibarquagga", **SMALL),
        "save": save("draw"),
    }
    assert local_comfy.run(graph).status == "success"
    assert "zanzibarquagga" not in local_comfy.server.log_text()


def test_the_presets_are_the_engines(local_comfy):
    for name, count in (("SwitchyardFlux", 9), ("SwitchyardQwenEdit", 9), ("SwitchyardQwenLayered", 5)):
        kind, options = local_comfy.server.get(f"/object_info/{name}")[name]["input"]["optional"]["preset"]
        assert tuple(options.get("options", kind)) == presets.names()[:count]


def test_a_preset_sets_the_steps_and_misses_its_lora(local_comfy):
    graph = {
        "load": load("qwen-image-local"),
        "draw": draw("QwenImage", "load", width=64, height=64, preset="lightning-4"),
        "save": save("draw"),
    }
    run = local_comfy.run(graph)
    assert painted(pictures(local_comfy, run)[0])
    assert ("draw", "drawing 4/4") in run.said and "none is on this model" in run.texts["draw"]


def test_a_lora_stack_between_loader_and_generator(local_comfy):
    """Another picture; at strength 0 the same; and the text encoder is not asked again."""
    write_lora(
        local_comfy.base / "models" / "loras" / "tiny.safetensors", "transformer_blocks.0.attn.to_q", 32
    )

    def stack(strength: float) -> dict:
        more = {
            f"{name}_{number}": value
            for number in (2, 3)
            for name, value in (("lora", "none"), ("strength", 1.0))
        }
        return node(
            "SwitchyardLoraStack", model=["load", 0], lora_1="tiny.safetensors", strength_1=strength, **more
        )

    graph = {"load": load("flux-2-klein-4b-local"), "much": stack(1.0), "nothing": stack(0.0)}
    for name in ("load", "much", "nothing"):
        graph |= {f"{name}_draw": draw("Flux", name, **SMALL), f"{name}_save": save(f"{name}_draw")}
    run = local_comfy.run(graph)
    (plain,), (much,), (nothing,) = (
        pictures(local_comfy, run, f"{name}_save") for name in ("load", "much", "nothing")
    )
    assert nothing.tobytes() == plain.tobytes() != much.tobytes()
    assert run.ran.count("ready text_encoder") <= 1
