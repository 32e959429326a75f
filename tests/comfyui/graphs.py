"""Graphs that several tests use, in API format."""

TRACKS = ("qwen_local", "flux_local", "qwen_remote", "flux_remote", "layers_local", "layers_remote")


def node(kind: str, **inputs) -> dict:
    return {"class_type": kind, "inputs": inputs}


def router(prompt: str, **wishes) -> dict:
    """A Prompt Router with its defaults; `wishes` are its inputs (growing sockets as `**{"images.image0": link}`)."""
    defaults = {
        "task": "auto", "tier": "standard", "family": "auto", "place": "auto",
        "width": 0, "height": 0, "batch": 1, "max_price": 0.0,
    }  # fmt: skip
    return node("SwitchyardPromptRouter", prompt=prompt, **{**defaults, **wishes})


def picture(width: int = 64, height: int = 64, batch: int = 1) -> dict:
    return node("EmptyImage", width=width, height=height, batch_size=batch, color=8421504)


def output(index_of: str) -> int:
    """The index of one of the router's outputs."""
    return ("route", *TRACKS, "latent", "reason").index(index_of)


def remote(kind: str, prompt, model: str = "auto (from route)", *, rehearse: bool = False, **inputs) -> dict:
    """A remote node; settings of its model as `**{"model.steps": 4}`."""
    return node(kind, prompt=prompt, model=model, **{"seed": 0, "rehearse": rehearse, **inputs})
