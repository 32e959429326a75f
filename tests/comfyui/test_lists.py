"""A list of prompts: routed at once, each model loaded once, only the chosen branches run, and the order comes back."""

import hashlib
import json
import shutil

import pytest
from PIL import Image
from switchyard.engine.models import find
from switchyard.tests.comfyui.graphs import TRACKS, node, output, picture, remote, router
from switchyard.tests.comfyui.local_graphs import (
    IMAGE,
    close,
    draw,
    loaded,
    pictures,
    refused,
    save,
    write_lora,
)
from switchyard.tests.comfyui.own_server import KEY, private
from switchyard.tests.fal_emulator import picture as encoded

AUTO = "auto (from route)"
ROUTE = {"route": ["router", 0]}
TEXT, LIGHT, PLAIN = (
    'a shop sign that says "{}"',
    "portrait of {}, rim light, 85mm",
    "a bowl of {} on a table",
)
DRAFT = "a quick draft of {}"
WORDS = (
    "apples", "a smith", "tea", "pears", "a nurse", "bread", "plums", "a potter", "salt", "a diver", "milk", "figs",
)  # fmt: skip
KINDS = (PLAIN, LIGHT, TEXT, PLAIN, LIGHT, TEXT, PLAIN, LIGHT, TEXT, LIGHT, TEXT, PLAIN)
TWELVE = [kind.format(word) for kind, word in zip(KINDS, WORDS, strict=True)]
PRO = find("flux-2-pro").endpoint("generate", 0).price.usd


def listed(prompts) -> dict:
    """Nodes: `list`, whose output is the prompts. Core's Create List takes ten at a time, lists too."""
    graph = {}
    for n in range(0, len(prompts), 10):
        some = {f"inputs.input{k}": prompt for k, prompt in enumerate(prompts[n : n + 10])}
        graph[f"list{n}"] = node("CreateList", **some)
    parts = {f"inputs.input{k}": [name, 0] for k, name in enumerate(graph)}
    return {**graph, "list": node("CreateList", **parts)}


def facts(run) -> list[dict]:
    return run.outputs["router"]["switchyard_route"]


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
    assert sorted(what for what in run.ran if "loader" in what) == [
        "loader flux_remote",
        "loader qwen_remote",
    ]
    assert sorted(run.ran[2:]) != [] and len(run.ran) == 2 + 12
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


def test_the_list_past_the_router_is_refused(comfy):
    graph = paid(TWELVE[:4])
    for name in ("flux", "qwen"):
        graph[name]["inputs"] |= {"prompt": ["list", 0], "rehearse": True}
    assert "connect the Prompt Router's" in refused(comfy, graph)


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


# --- the paid ones


@pytest.fixture
def fal(comfy):
    """The emulator with no history, a key in ComfyUI's private folder, and no journal."""
    folder = private(comfy.base)
    (folder / "credentials.json").write_text(json.dumps({"fal": KEY}))
    (folder / "credentials.json").chmod(0o600)
    forget(folder)
    comfy.fal.reset()
    yield comfy.fal
    comfy.fal.reset()
    (folder / "credentials.json").unlink()
    forget(folder)


def forget(folder):
    for file in folder.glob("requests.sqlite*"):
        file.unlink()
    shutil.rmtree(folder / "pictures", ignore_errors=True)


def paid(prompts, **wishes) -> dict:
    graph = {
        **listed(prompts),
        "router": router(["list", 0], place="remote", **{"width": 64, "height": 64, **wishes}),
        "flux": remote("SwitchyardFluxRemote", ["router", output("flux_remote")], **ROUTE),
        "qwen": remote("SwitchyardQwenRemote", ["router", output("qwen_remote")], **ROUTE),
    }
    graph["join"] = node("SwitchyardRouteJoin", **ROUTE, flux_remote=["flux", 0], qwen_remote=["qwen", 0])
    graph["save"] = node("SaveImage", images=["join", 0], filename_prefix="paid")
    return graph


def colours(comfy, run) -> list[tuple[int, ...]]:
    assert (run.status, run.error) == ("success", None)
    found = []
    for path in comfy.saved(run, "save"):
        with Image.open(path) as saved:
            found.append(saved.convert("RGB").getpixel((5, 5)))
    return found


def expected(prompt: str, seed: int = 0, number: int = 0) -> tuple[int, ...]:
    """The emulator's colour."""
    return tuple(hashlib.sha256(f"{seed} {prompt} {number}".encode()).digest()[:3])


def test_each_prompt_is_bought_once_and_a_second_run_is_free(comfy, fal):
    run = comfy.run(paid(TWELVE))
    assert colours(comfy, run) == [expected(prompt) for prompt in TWELVE]
    assert sorted(job.arguments["prompt"] for job in fal.jobs.values()) == sorted(TWELVE)
    models = {fact["model"] for fact in facts(run)}
    assert len({job.endpoint for job in fal.jobs.values()}) == len(models) == 3
    again = paid(TWELVE, max_price=900)  # the router and its branches run anew
    assert colours(comfy, comfy.run(again)) == colours(comfy, run)
    assert len(fal.taken) == 12
    more = comfy.run(paid([*TWELVE[6:], PLAIN.format("dates"), *TWELVE[:6]]))
    assert colours(comfy, more)[6] == expected(PLAIN.format("dates")) and len(fal.taken) == 13


def test_a_batch_and_pictures_of_another_size_stay_with_their_prompt(comfy, fal):
    odd = LIGHT.format("a nurse")
    prompts = [LIGHT.format("a smith"), TEXT.format("tea"), odd, PLAIN.format("figs")]

    def answer(job):
        if job.arguments["prompt"] != odd:
            return None
        seed = job.arguments["seed"]
        return {"images": [{"url": fal.host(encoded(64 + 32 * seed, 64, f"{seed} {odd} 0"))}]}

    fal.answer = answer
    found = colours(comfy, comfy.run(paid(prompts, batch=2)))
    assert len(found) == 8 and len(set(found)) == 8
    assert found[:2] == [expected(prompts[0]), expected(prompts[0], 1)]
    assert found[4:6] == [expected(odd), expected(odd, 1)]  # of two sizes, so that one prompt made two items


def test_max_price_is_for_the_whole_list(comfy, fal):
    prompts = [LIGHT.format(word) for word in WORDS]
    run = comfy.run(paid(prompts, max_price=float(8 * PRO)))
    assert colours(comfy, run) == [expected(prompt) for prompt in prompts]
    models = [fact["model"] for fact in facts(run)]
    assert models[0] == "flux-2-pro" and models[-1] != "flux-2-pro" and len(fal.taken) == 12

    forget(private(comfy.base))
    fal.reset()
    message = refused(comfy, paid(prompts, max_price=0.01))
    assert message.startswith("The 12 prompts together would cost $") and "max_price is $0.01" in message
    assert fal.taken == []


def test_a_node_that_is_dearer_than_its_route_stops_at_max_price(comfy, fal):
    """The model on the node wins over the route's, and the allowance of the list over both."""
    prompts = [LIGHT.format(word) for word in WORDS[:6]]
    graph = paid(prompts, max_price=0.1, tier="draft")
    graph["flux"]["inputs"]["model"] = "flux-2-pro"
    run = comfy.run(graph)
    assert run.status == "error" and run.error.kind.endswith("OverBudget")
    assert len(fal.taken) == 0.1 // float(PRO) and "max_price" in run.error.message


def test_a_rehearsal_of_a_list_shows_every_slate(comfy):
    graph = paid(TWELVE[:4])
    for name in ("flux", "qwen"):
        graph[name]["inputs"]["rehearse"] = True
    run = comfy.run(graph)
    assert (run.status, len(comfy.saved(run, "save"))) == ("success", 4)
