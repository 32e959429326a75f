"""A list of prompts: routed at once, each model loaded once, only the chosen branches run, and the order comes back."""

import hashlib

from PIL import Image
from switchyard.tests.comfyui import core_graphs
from switchyard.tests.comfyui.graphs import TRACKS, node, output, picture, router
from switchyard.tests.comfyui.list_graphs import (
    DRAFT,
    LIGHT,
    PLAIN,
    ROUTE,
    TEXT,
    TWELVE,
    WORDS,
    facts,
    listed,
)
from switchyard.tests.comfyui.local_graphs import (
    IMAGE,
    close,
    draw,
    load,
    loaded,
    pictures,
    refused,
    save,
    write_lora,
)

AUTO = "auto (from route)"


# --- branches of anybody's nodes


def foreign(prompts, tracks=TRACKS, **wishes) -> dict:
    """A foreign loader and generator on every track, with a gated preview, joined; the pictures' colour is the track."""
    graph = {**listed(prompts), "router": router(["list", 0], **wishes)}
    for name in tracks:
        graph[f"{name}_load"] = node("SwitchyardTestLoader", name=name)
        graph[f"{name}_draw"] = node(
            "SwitchyardTestGenerate", model=[f"{name}_load", 0], prompt=["router", output(name)], seed=0
        )
        graph[f"{name}_gate"] = node("SwitchyardRouteGate", **ROUTE, when=name, value=[f"{name}_draw", 0])
        graph[f"{name}_preview"] = node("PreviewImage", images=[f"{name}_gate", 0])
    graph["join"] = node("SwitchyardRouteJoin", **ROUTE, **{name: [f"{name}_draw", 0] for name in tracks})
    graph["save"] = node("SaveImage", images=["join", 0], filename_prefix="lists")
    graph["reasons"] = node("PreviewAny", source=["router", output("reason")])
    return graph


def test_what_was_drawn_comes_back_in_the_order_of_the_list(comfy):
    run = comfy.run(foreign(TWELVE, place="remote"))
    assert (run.status, run.error) == ("success", None)
    tracks = [fact["track"] for fact in facts(run)]
    assert len(tracks) == 12 and set(tracks) == {"qwen_remote", "flux_remote"}
    found = []
    for path in comfy.saved(run, "save"):
        with Image.open(path) as saved:
            found.append(saved.getpixel((5, 5)))
    assert found == [tuple(hashlib.sha256(track.encode()).digest()[:3]) for track in tracks]
    loaders = [
        what for what in run.ran if "loader" in what
    ]  # one that an earlier test has run is in ComfyUI's cache
    kept = [f"loader {track}" for track in set(tracks) if f"{track}_load" in run.cached]
    assert sorted(loaders + kept) == ["loader flux_remote", "loader qwen_remote"]
    assert len(run.ran) == len(loaders) + 12
    used = {node_id.rsplit("_", 1)[0] for node_id in run.executed if node_id.endswith(("_load", "_draw"))}
    assert used == set(tracks)
    shown = {name: len(comfy.saved(run, f"{name}_preview")) for name in used}
    assert shown == {name: tracks.count(name) for name in used}
    assert (
        "12 prompts" in run.texts["router"]
        and f"{tracks.count('flux_remote')} to flux_remote" in run.texts["router"]
    )


def test_a_list_of_one_is_a_prompt(comfy):
    one, alone = foreign([TEXT.format("soup")]), foreign([TEXT.format("soup")])
    alone["router"] = router(TEXT.format("soup"))
    runs = [comfy.run(graph) for graph in (one, alone)]
    assert runs[0].texts == runs[1].texts and facts(runs[0]) == facts(runs[1]) and len(facts(runs[0])) == 1
    assert [len(comfy.saved(run, "save")) for run in runs] == [1, 1]


def test_other_inputs_may_be_lists_and_the_last_is_repeated(comfy):
    graph = {
        **listed(["a hill", "a lake", "a field"]),
        "widths": node("CreateList", **{"inputs.input0": ["wide", 0], "inputs.input1": ["slim", 0]}),
        "wide": node("PrimitiveInt", value=1024),
        "slim": node("PrimitiveInt", value=512),
        "router": router(["list", 0], width=["widths", 0], height=1024),
        "say": node("PreviewAny", source=["router", output("reason")]),
    }
    assert [fact["size"] for fact in facts(comfy.run(graph))] == ["1024×1024", "512×1024", "512×1024"]


def test_an_unconnected_track_stops_the_list_before_anything_runs(comfy):
    run = comfy.run(
        foreign(TWELVE, tracks=("flux_remote",), place="remote") | {"flux_remote_preview": picture()}
    )
    assert run.status == "error" and run.error.node == "join" and run.ran == []
    assert "qwen_remote (Qwen-Image-2512), and nothing is connected" in run.error.message


def test_a_branch_that_makes_more_than_it_was_given_is_refused(comfy):
    graph = foreign(TWELVE, place="remote")
    graph["twice"] = node("CreateList", **{f"inputs.input{n}": ["flux_remote_draw", 0] for n in (0, 1)})
    graph["join"]["inputs"]["flux_remote"] = ["twice", 0]
    message = refused(comfy, graph)
    assert "prompts of the list went to flux_remote, and its branch made" in message


def test_a_single_prompt_may_become_a_list_in_its_branch(comfy):
    graph = foreign(["a quiet lake"], place="remote")
    graph["router"] = router("a quiet lake", place="remote")
    graph["twice"] = node("CreateList", **{f"inputs.input{n}": ["flux_remote_draw", 0] for n in (0, 1)})
    graph["join"]["inputs"]["flux_remote"] = ["twice", 0]
    run = comfy.run(graph)
    assert (run.status, len(comfy.saved(run, "save"))) == ("success", 2)


def test_an_error_names_the_prompt_of_the_list(comfy):
    graph = foreign([TEXT.format("a"), " ", PLAIN.format("b")])
    assert refused(comfy, graph).startswith("Prompt 2 of 3: The prompt is empty")


def shapes(prompts, **wishes) -> dict:
    return {
        **listed(prompts),
        "router": router(["list", 0], width=64, height=64, **wishes),
        "shape": node("SwitchyardTestLatentShape", latent=["router", output("latent")]),
        "say": node("PreviewAny", source=["router", output("reason")]),
    }


def test_one_latent_for_all_where_one_will_do(local_comfy):
    def shown(*prompts, **wishes):
        run = local_comfy.run(shapes(prompts, **wishes))
        assert run.status == "success"
        return run.outputs.get("shape", {}).get("text"), run.error

    text, light, draft = TEXT.format("tea"), LIGHT.format("a smith"), DRAFT.format("a lake")
    assert shown(text, text + "!", place="local") == (["1x16x8x8"], None)
    assert shown(light, text, family="flux", place="local", batch=2) == (["2x128x4x4"], None)
    assert shown(text, light, place="remote") == (None, None)
    nothing, error = shown(text, light, draft, place="local")
    assert (
        nothing is None
        and error.kind == "ExecutionBlocked"
        and "no one latent for all of them" in error.message
    )


def test_core_branches_take_a_list(comfy):
    prompts, small = (
        [TEXT.format("tea"), LIGHT.format("a smith"), TEXT.format("salt")],
        {"width": 64, "height": 64},
    )
    graph = {
        **listed(prompts),
        "router": router(["list", 0], place="local"),
        **core_graphs.qwen_branch(["router", output("qwen_local")], steps=2, **small),
        **core_graphs.flux_branch(["router", output("flux_local")], steps=2, **small),
        "join": node(
            "SwitchyardRouteJoin", **ROUTE, qwen_local=["qwen_decode", 0], flux_local=["flux_decode", 0]
        ),
        "save": save("join"),
    }
    run = comfy.run(graph)
    assert [fact["track"] for fact in facts(run)] == ["qwen_local", "flux_local", "qwen_local"]
    assert len(pictures(comfy, run)) == 3 and run.executed.count("qwen_sample") == 1


# --- our local nodes


def local_branches(source: dict, *tracks: str, **wishes) -> dict:
    """One loader a family, whatever it has to load."""
    graph = {
        **loaded(),
        **source,
        "router": router(wishes.pop("prompt", ["list", 0]), **wishes),
        "qwen_load": node("SwitchyardLoadQwen", model=AUTO, **ROUTE),
        "flux_load": node("SwitchyardLoadFlux", model=AUTO, **ROUTE),
    }
    kinds = {"qwen_local": "QwenImage", "flux_local": "Flux", "layers_local": "QwenLayered"}
    for track in tracks:
        kind = kinds[track]
        loader = "flux_load" if kind == "Flux" else "qwen_load"
        more = {"layers": 2, "resolution": 64} if kind == "QwenLayered" else {"reference_megapixels": 0.1}
        more |= {"steps": 2, "guidance": 1.0}
        graph[track] = draw(kind, loader, ["router", output(track)], **ROUTE, **more)
    graph["join"] = node("SwitchyardRouteJoin", **ROUTE, **{track: [track, 0] for track in tracks})
    graph["save"] = save("join")
    return graph


def test_twelve_prompts_on_this_machine(local_comfy):
    """Text, light, plain and drafts: three models of two loaders, each loaded once; the pictures are those of the single runs."""
    prompts = [
        DRAFT.format(word) if n % 4 == 3 else prompt
        for n, (prompt, word) in enumerate(zip(TWELVE, WORDS, strict=True))
    ]
    wishes = {"place": "local", "width": 64, "height": 80, "batch": 2}
    local_comfy.server.post("/free", {"unload_models": True, "free_memory": True})
    run = local_comfy.run(local_branches(listed(prompts), "qwen_local", "flux_local", **wishes), timeout=180)
    saved = pictures(local_comfy, run)
    models = [fact["model"] for fact in facts(run)]
    assert len(set(models)) >= 3 and {fact["family"] for fact in facts(run)} == {"qwen", "flux"}
    assert len(saved) == 2 * 12 and {one.size for one in saved} == {(64, 80)}
    assert run.ran.count("care transformer") == len(set(models))
    assert run.executed.count("qwen_load") == run.executed.count("flux_load") == 1
    for n in (0, 1, 2, 3, 7, 11):
        alone = local_branches({}, "qwen_local", "flux_local", prompt=prompts[n], **wishes)
        one, other = pictures(local_comfy, local_comfy.run(alone))
        assert close(saved[2 * n], one) and close(saved[2 * n + 1], other), prompts[n]
    assert not close(saved[0], saved[2])


def test_edits_and_layers_share_a_loader(local_comfy):
    prompts = [
        'change the sign to "SHUT"',
        "split this into layers",
        'change the sign to "OPEN"',
        "separate it into layers",
    ]
    graph = local_branches(listed(prompts), "qwen_local", "layers_local", place="local", **IMAGE)
    run = local_comfy.run(graph, timeout=120)
    saved = pictures(local_comfy, run)
    tracks = [fact["track"] for fact in facts(run)]
    assert tracks == ["qwen_local", "layers_local"] * 2
    assert [one.size == (100, 70) for one in saved] == [True, False, False] * 2  # an edit, two layers
    assert run.executed.count("qwen_load") == 1
    alone = local_branches({}, "qwen_local", "layers_local", prompt=prompts[2], place="local", **IMAGE)
    (edited,) = pictures(local_comfy, local_comfy.run(alone))
    assert close(saved[3], edited)


def test_a_list_of_pictures_goes_with_the_list_of_prompts(local_comfy):
    graph = local_branches(listed(["make it red", "make it blue"]), "flux_local", "qwen_local", place="local")
    graph["both"] = node("CreateList", **{"inputs.input0": ["picture", 0], "inputs.input1": ["small", 0]})
    graph["small"] = picture(96, 64)
    graph["router"]["inputs"]["images.image0"] = ["both", 0]
    saved = pictures(local_comfy, local_comfy.run(graph, timeout=120))
    assert [one.size for one in saved] == [(100, 70), (96, 64)]


def test_what_a_list_cannot_do_is_one_sentence(local_comfy):
    prompts = [TEXT.format("tea"), DRAFT.format("a lake"), LIGHT.format("a smith")]
    wishes = {"place": "local", "family": "flux", "width": 64, "height": 64}

    def graph() -> dict:
        return local_branches(listed(prompts), "flux_local", **wishes)

    changed = graph()
    changed["trim"] = node(
        "StringConcatenate", string_a=["router", output("flux_local")], string_b="!", delimiter=""
    )
    changed["flux_local"]["inputs"]["prompt"] = ["trim", 0]
    assert "a node between the Prompt Router and this one changed their text" in refused(local_comfy, changed)
    typed = graph()
    typed["flux_local"]["inputs"]["prompt"] = ""
    assert "3 prompts of the list go to flux_local" in refused(local_comfy, typed)
    lost = graph()
    del lost["flux_local"]["inputs"]["route"]  # the prompts still know
    assert local_comfy.run(lost).status == "success"
    lora = graph()
    slots = {f"{name}_{n}": value for n in (1, 2, 3) for name, value in (("lora", "none"), ("strength", 1.0))}
    lora["stack"] = node("SwitchyardLoraStack", model=["flux_load", 0], **slots)
    lora["flux_local"]["inputs"]["model"] = ["stack", 0]
    assert local_comfy.run(lora).status == "success"
    write_lora(
        local_comfy.base / "models" / "loras" / "list.safetensors", "transformer_blocks.0.attn.to_q", 32
    )
    lora["stack"]["inputs"]["lora_1"] = "list.safetensors"
    assert "a LoRA is made for one" in refused(local_comfy, lora)
    file = graph()
    names = local_comfy.server.get("/object_info/SwitchyardLoadFlux")["SwitchyardLoadFlux"]["input"][
        "optional"
    ]["transformer"]
    options = names[1].get("options", names[0])
    file["flux_load"]["inputs"]["transformer"] = next(name for name in options if name != "auto")
    assert "one transformer's file is set for all of them" in refused(local_comfy, file)


def test_an_error_in_a_branch_is_told_and_kept(local_comfy):
    """ComfyUI copies the inputs of the node that failed into its history, prompts and all."""
    prompts = [LIGHT.format("a smith"), LIGHT.format("a nurse")]
    graph = local_branches(listed(prompts), "flux_local", place="local", width=64, height=64)
    graph["flux_load"] = load("qwen-image-local")
    assert "connect Load FLUX to it instead" in refused(local_comfy, graph)
    graph["flux_load"] = load("flux-2-klein-4b-local")
    assert len(pictures(local_comfy, local_comfy.run(graph))) == 2
