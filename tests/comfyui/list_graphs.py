"""Lists of prompts for the Prompt Router, in API format."""

from switchyard.tests.comfyui.graphs import node

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
