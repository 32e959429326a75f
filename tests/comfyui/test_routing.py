"""Only the chosen branch runs, whatever its nodes are; the joined picture arrives; latents have the right shape."""

import hashlib

import pytest
from PIL import Image
from switchyard.tests.comfyui.graphs import TRACKS, node, output, picture, router

WISHES = {
    "qwen_local": {"family": "qwen", "place": "local"},
    "flux_local": {"family": "flux", "place": "local"},
    "qwen_remote": {"family": "qwen", "place": "remote"},
    "flux_remote": {"family": "flux", "place": "remote"},
    "layers_local": {"task": "layers", "place": "local", "images.image0": ["picture", 0]},
    "layers_remote": {"task": "layers", "place": "remote", "images.image0": ["picture", 0]},
}
LATENTS = {"qwen_local": "2x16x8x8", "flux_local": "2x128x4x4", "layers_local": "2x16x8x8"}


def six_branches(prompt: str, track: str, gated: bool = True) -> dict:
    """Foreign loader, generator and preview on every track, joined."""
    graph = {"picture": picture(), "router": router(prompt, **WISHES[track])}
    for name in TRACKS:
        graph[f"{name}_load"] = node("SwitchyardTestLoader", name=name)
        graph[f"{name}_draw"] = node(
            "SwitchyardTestGenerate",
            model=[f"{name}_load", 0],
            prompt=["router", output(name)],
            seed=0,
        )
        shown = [f"{name}_draw", 0]
        if gated:
            graph[f"{name}_gate"] = node("SwitchyardRouteGate", route=["router", 0], when=name, value=shown)
            shown = [f"{name}_gate", 0]
        graph[f"{name}_preview"] = node("PreviewImage", images=shown)
    graph["join"] = node(
        "SwitchyardRouteJoin", route=["router", 0], **{name: [f"{name}_draw", 0] for name in TRACKS}
    )
    graph["save"] = node("SaveImage", images=["join", 0], filename_prefix="routing")
    return graph


@pytest.mark.parametrize("track", TRACKS)
def test_only_the_chosen_track_runs(comfy, track):
    for prompt in (f"a boat on {track}", f"a bridge on {track}"):
        run = comfy.run(six_branches(prompt, track))
        assert (run.status, run.error) == ("success", None)
        expected = {f"generate {track}"} | ({f"loader {track}"} if prompt.startswith("a boat") else set())
        assert expected <= set(run.ran) <= {f"loader {track}", f"generate {track}"}
        others = {name for name in TRACKS if name != track}
        ran = {node_id for node_id in run.executed if node_id.endswith(("_load", "_draw"))}
        assert not {node_id for node_id in ran if node_id.rsplit("_", 1)[0] in others}
        assert f"{track}_preview" in run.outputs
        with Image.open(comfy.saved(run, "save")[0]) as saved:
            colour = tuple(hashlib.sha256(track.encode()).digest()[:3])
            assert saved.getpixel((5, 5)) == colour


def test_a_preview_without_a_gate_stays_quiet_too(comfy):
    """Blockers alone keep the generators still; only the loaders, which take nothing from the router, run."""
    run = comfy.run(six_branches("a quiet lake", "flux_remote", gated=False))
    assert run.status == "success"
    assert [what for what in run.ran if what.startswith("generate")] == ["generate flux_remote"]


@pytest.mark.parametrize("track", LATENTS)
def test_the_latent_is_the_chosen_models(comfy, track):
    graph = {
        "picture": picture(),
        "router": router("a tower", width=64, height=64, batch=2, **WISHES[track]),
        "shape": node("SwitchyardTestLatentShape", latent=["router", output("latent")]),
    }
    run = comfy.run(graph)
    assert (run.status, run.error) == ("success", None)
    assert run.outputs["shape"]["text"] == [LATENTS[track]]


def test_no_latent_for_a_remote_model(comfy):
    graph = {
        "router": router("a tower", place="remote"),
        "shape": node("SwitchyardTestLatentShape", latent=["router", output("latent")]),
        "text": node("PreviewAny", source=["router", output("reason")]),
    }
    run = comfy.run(graph)
    assert run.status == "success"
    assert "shape" not in run.outputs
    assert "FLUX.2 dev" in run.outputs["text"]["text"][0]


@pytest.mark.parametrize(
    ("empty", "expected"),
    [("EmptyFlux2LatentImage", "flux_local"), ("EmptySD3LatentImage", "qwen_local")],
)
def test_a_connected_latent_is_passed_on_to_a_family_that_it_fits(comfy, empty, expected):
    graph = {
        "empty": node(empty, width=128, height=64, batch_size=1),
        "router": router("a lighthouse", latent=["empty", 0]),
        "shape": node("SwitchyardTestLatentShape", latent=["router", output("latent")]),
    }
    run = comfy.run(graph)
    assert run.outputs["router"]["switchyard_route"][0]["track"] == expected
    assert run.outputs["shape"]["text"] == [{"flux_local": "1x128x4x8", "qwen_local": "1x16x8x16"}[expected]]


def test_the_route_is_cached_while_nothing_changes(comfy):
    graph = six_branches("a field of rye", "qwen_local")
    comfy.run(graph)
    again = comfy.run(graph)
    assert again.ran == []
    assert "router" in again.cached


def test_a_prompt_is_never_in_the_log(comfy):
    secret = "zanzibarquagga"
    comfy.run(six_branches(f"a {secret} at dusk", "flux_remote"))
    assert secret not in comfy.server.log_text()
