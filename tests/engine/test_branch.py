"""A branch drawn once more: only what changes is copied, seeds move, and the router decides anew only when told to."""

from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.branch import Branch

ROUTER, JOIN = "SwitchyardPromptRouter", "SwitchyardRouteJoin"
DRAWS = {"KSampler", "VAEDecode", "SwitchyardQwenRemote", "SwitchyardFluxRemote", JOIN, "ImageScale"}


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def two_branches():
    return {
        "writer": node("PromptWriter", seed=5),
        "router": node(ROUTER, prompt=["writer", 0], tier="standard", family="auto", place="auto"),
        "qwen": node("SwitchyardQwenRemote", prompt=["router", 3], seed=7, route=["router", 0], **{"model.seed": 1}),
        "loader": node("UNETLoader", unet_name="flux"),
        "clip": node("CLIPTextEncode", text=["router", 2]),
        "ksampler": node("KSampler", model=["loader", 0], positive=["clip", 0], seed=["number", 0]),
        "number": node("PrimitiveInt", value=11),
        "decode": node("VAEDecode", samples=["ksampler", 0]),
        "join": node(JOIN, route=["router", 0], qwen_remote=["qwen", 0], flux_local=["decode", 0]),
        "other": node("KSampler", seed=3),
    }  # fmt: skip


def branch(graph, end="join"):
    return Branch(graph, (end, 0), DRAWS.__contains__)


def test_what_changes_is_copied_and_the_rest_stays():
    copies, end = branch(two_branches()).again("x.", 2)
    assert end == ("x.join", 0)
    assert sorted(copies) == ["x.decode", "x.join", "x.ksampler", "x.number", "x.qwen"]
    assert copies["x.qwen"]["inputs"] == {
        "prompt": ["router", 3], "seed": 9, "route": ["router", 0], "model.seed": 3,
    }  # fmt: skip
    assert copies["x.number"]["inputs"] == {"value": 13}
    assert copies["x.ksampler"]["inputs"] == {
        "model": ["loader", 0],
        "positive": ["clip", 0],
        "seed": ["x.number", 0],
    }
    assert copies["x.join"]["inputs"]["route"] == ["router", 0]
    assert copies["x.join"]["override_display_id"] == "join"


def test_another_choice_of_the_router_changes_all_behind_it():
    copies, _ = branch(two_branches()).again("x.", 1, {"tier": "final"})
    assert copies["x.router"]["inputs"] == {
        "prompt": ["writer", 0],  # what writes prompts stays as it is, although it has a seed
        "tier": "final",
        "family": "auto",
        "place": "auto",
    }
    assert copies["x.clip"]["inputs"] == {"text": ["x.router", 2]}
    assert "x.loader" not in copies and "x.writer" not in copies


def test_what_the_branch_says_of_itself():
    graph = two_branches()
    whole = branch(graph)
    assert (
        whole.routers == ["router"]
        and whole.joined_tracks == {"qwen_remote", "flux_local"}
        and whole.has_seed
    )
    assert branch(graph, "decode").joined_tracks is None
    assert not branch({"a": node("LoadImage", image="a.png")}, "a").has_seed
    assert not branch({"a": node("PromptWriter", seed=3)}, "a").has_seed


def test_the_original_is_left_alone():
    graph = two_branches()
    branch(graph).again("x.", 1, {"tier": "final"})
    assert graph == two_branches()


def test_a_picture_that_cannot_change_is_its_own_copy():
    copies, end = branch({"a": node("LoadImage", image="a.png")}, "a").again("x.", 1)
    assert not copies and end == ("a", 0)


@given(st.integers(0, 2**64 - 1), st.integers(1, 10))
def test_a_seed_moves_within_its_limits(seed, shift):
    copies, _ = branch({"a": node("KSampler", seed=seed)}, "a").again("x.", shift)
    moved = copies["x.a"]["inputs"]["seed"]
    assert moved != seed and 0 <= moved < (2**31 if seed < 2**31 else 2**64)


# Drawn from a few words: to draw from all of Unicode takes a second the first time.
values = (
    st.integers()
    | st.sampled_from(["", "a", "x"])
    | st.lists(st.sampled_from(["a", "b", "c", "d", 0, 1]), max_size=3)
)
graphs = st.dictionaries(
    st.sampled_from("abcd"),
    st.builds(
        lambda kind, inputs: node(kind, **inputs),
        st.sampled_from(["KSampler", JOIN, ROUTER, "PrimitiveInt"]),
        st.dictionaries(st.sampled_from(["seed", "x", "value", "route"]), values, max_size=3),
    ),
)


@given(graphs)
def test_any_graph_even_one_with_a_cycle(graph):
    copies, end = branch(graph, "a").again("x.", 1, {"tier": "final"})
    assert end[0] in ("a", "x.a")
    for copy in copies.values():
        for value in copy["inputs"].values():
            if isinstance(value, list) and value and str(value[0]).startswith("x."):
                assert value[0] in copies
