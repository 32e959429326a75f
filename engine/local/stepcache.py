"""Step caches: passes that are skipped because the step before was nearly the same. Off unless asked for.

Their state lives in hooks on the shared transformer. It is taken off again however a run ends: an aborted one
would otherwise leave the next picture wrong, without a word (measured: 1e-3 to 5e-2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .family import Family
from .machine import Part

NAMES = {"taylor": "TaylorSeer", "first block": "First Block Cache", "mag": "MagCache"}
FEWEST_STEPS = (
    10  # below it every step counts: the first three are always computed, and distilled models have four
)


def choices(family: Family) -> tuple[str, ...]:
    """The caches that work with `family`, as `Job.cache` names them."""
    return tuple(name for name in NAMES if not obstacle(family, name))


def obstacle(family: Family, name: str) -> str:
    """Why a cache does not work with `family`, as a sentence; "" if it does. Tried with diffusers 0.42.1."""
    if name not in NAMES:
        return f"There is no step cache {name!r}; there are {', '.join(NAMES)}."
    if family.steps < FEWEST_STEPS:
        return f"{NAMES[name]} skips steps, and this model needs each of its {family.steps}: leave it off."
    if name == "first block" and family.kind in ("flux2", "qwen21"):
        return "First Block Cache does not know this model's blocks: use taylor instead."
    if name == "mag" and family.model != "flux-1-dev-local":
        return (
            "MagCache needs ratios measured with the very model, and there are none for this one: use taylor."
        )
    return ""


def kept(name: str, layers: int, steps: int) -> int:
    """Widths that a cache remembers for each token of a pass: TaylorSeer the output of every layer's attention and how it
    changed, which at 1 MP is 3 GB of FLUX.1's 57 layers; the others the results of a step."""
    if not name or steps < FEWEST_STEPS:
        return 0
    return {"taylor": 2 * layers}.get(name, 4)


@contextlib.contextmanager
def cached(part: Part, name: str, steps: int) -> Iterator[None]:
    """`part`'s transformer with the step cache `name` ("" for none) for as long as the block lasts.

    name: one of the family's choices. steps: that are run; with fewer than FEWEST_STEPS nothing is cached.
    """
    if not name or steps < FEWEST_STEPS:
        yield
        return
    _off(part.module)  # of a run that was killed where no `finally` runs
    try:
        part.module.enable_cache(_config(part, name, steps))
        # diffusers before 0.42 would go by the list of hooks that it made in an earlier run without a cache: an empty one
        hooks = getattr(part.module, "_diffusers_hook", None)
        if hooks is not None:
            hooks._child_registries_cache = None
        yield
    finally:
        _off(part.module)


def _off(module: Any) -> None:
    if module.is_cache_enabled:
        module._reset_stateful_cache()
        module.disable_cache()


def _config(part: Part, name: str, steps: int) -> Any:
    import diffusers

    if name == "taylor":
        return diffusers.TaylorSeerCacheConfig(
            cache_interval=3, disable_cache_before_step=3, max_order=1, taylor_factors_dtype=part.dtype
        )
    if name == "first block":
        return diffusers.FirstBlockCacheConfig(threshold=0.08)
    from diffusers.hooks.mag_cache import FLUX_MAG_RATIOS

    return diffusers.MagCacheConfig(num_inference_steps=steps, mag_ratios=FLUX_MAG_RATIOS)
