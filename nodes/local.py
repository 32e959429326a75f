"""What the local nodes share: from their inputs to a model, and from a model and their inputs to pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker
from torch import Tensor

from ..engine.batch import Routes, every, route_for, tracks_of
from ..engine.errors import BadInput
from ..engine.models import Model
from ..engine.request import Request, Route
from . import host, local_download, local_models
from .local_inputs import AUTO, STEP_CACHES
from .wishes import pictures

if TYPE_CHECKING:
    from ..engine.local.draw import Drawn
    from ..engine.local.model import LocalModel
    from ..engine.local.wish import Wish

NODES = {"qwen": "Load Qwen", "flux": "Load FLUX"}


async def load(
    family: str,
    *,
    model: str = AUTO,
    route: Route | Routes | None = None,
    download: bool | None = False,
    **files: str | None,
) -> io.NodeOutput:
    """The `execute` of a loader. files: role -> name."""
    rows = _rows(family, model, route)
    if not rows:
        return _not_chosen(route, 1)
    chosen = {role: name for role, name in files.items() if name}
    if len(rows) > 1:
        local_models.check_shared(rows, chosen)
    for row in rows if download else ():
        await local_download.fetch(row, chosen)
    opened = {row.id: local_models.open_row(row, chosen) for row in rows}
    host.say(", ".join(row.name for row in rows))
    if len(rows) == 1:
        return io.NodeOutput(opened[rows[0].id])
    return io.NodeOutput(local_models.ModelOfEach(opened, lambda row: local_models.open_row(row, chosen)))


def run(family: str, *, edits: bool = False, masks: bool = False, **inputs: Any) -> io.NodeOutput:
    """The `execute` of a generator. edits: the node changes pictures and draws no new ones; masks: it has an output for them."""
    inputs = _own(inputs, f"{family}_local")
    model, route = inputs["model"], inputs["route"]
    if _elsewhere(route, f"{family}_local"):
        return _not_chosen(route, 3 if masks else 2)
    row = _checked(model, family, layered=False)
    wish = _wish(**inputs)
    if edits:
        _check_edit(model, row, wish)
    drawn = _draw(model, wish)
    return io.NodeOutput(drawn.images, {"samples": drawn.samples}, *([_clear(drawn)] if masks else []))


def run_layered(**inputs: Any) -> io.NodeOutput:
    """The `execute` of Qwen-Image-Layered."""
    inputs = _own(inputs, "layers_local")
    model, route = inputs["model"], inputs["route"]
    if _elsewhere(route, "layers_local"):
        return _not_chosen(route, 3)
    _checked(model, "qwen", layered=True)
    drawn = _draw(model, _wish(**inputs))
    return io.NodeOutput(drawn.images, _clear(drawn), {"samples": drawn.samples})


def _clear(drawn: Drawn) -> Tensor:
    """MASK, 1 where transparent; nowhere for a model without alpha."""
    return drawn.images.new_zeros(drawn.images.shape[:3]) if drawn.masks is None else drawn.masks


def _own(inputs: Mapping[str, Any], track: str) -> dict[str, Any]:
    """`inputs` with the route and the model of this very prompt, where they came for a whole list."""
    prompt, model = inputs["prompt"], inputs["model"]
    route = route_for(inputs.get("route"), prompt, track)
    if isinstance(model, local_models.ModelOfEach) and not _elsewhere(route, track):
        model = model.of(route or getattr(prompt, "route", None))
    return {**inputs, "model": model, "route": route}


def _rows(family: str, model: str, route: Route | Routes | None) -> tuple[Model, ...]:
    """What a loader is to open; none where the route goes elsewhere."""
    if model != AUTO:
        return (local_models.row_of(model, family),)
    if route is None:
        return (best(family),)
    own = (one for one in every(route) if (one.place, one.family) == ("local", family))
    return tuple({one.model: one.row for one in own}.values())


def _draw(model: LocalModel, wish: Wish) -> Drawn:
    from ..engine.local.draw import draw

    drawn = draw(model, model.machine, wish, local_models.embeddings(), host.say)
    host.say(drawn.report)
    return drawn


def _elsewhere(route: Route | None, track: str) -> bool:
    return route is not None and route.track != track


def _not_chosen(route: Route | Routes | None, outputs: int) -> io.NodeOutput:
    """Nothing, quietly: an error here would stop the branch that was chosen."""
    host.say(f"not chosen: the route goes to {' and '.join(tracks_of(route)) if route else 'another node'}.")
    return io.NodeOutput(*[ExecutionBlocker(None)] * outputs)


def best(family: str) -> Model:
    """Without a route: what a plain prompt would get, else whatever of the family is here."""
    from ..engine.route import decide

    available = host.available()
    best = decide(Request("", family=family, place="local"), available).row  # type: ignore[arg-type]
    here = (row for row in local_models.rows(family) if available.has(row) and not row.layered)
    return best if available.has(best) else next(here, best)


def _checked(model: LocalModel, family: str, layered: bool) -> Model:
    """The row of the connected model. BadInput for one that belongs to another node."""
    row = local_models.row_of(model.family.model)
    if row.family != family:
        raise BadInput(
            f"{row.name} is connected to a node for {_title(family)}: connect {NODES[family]} to it instead."
        )
    if row.layered and not layered:
        raise BadInput(f"{row.name} splits pictures into layers: connect it to the node Qwen-Image-Layered.")
    if layered and not row.layered:
        raise BadInput(f"{row.name} makes no layers: choose qwen-image-layered-local in Load Qwen.")
    return row


def _check_edit(model: LocalModel, row: Model, wish: Wish) -> None:
    if "edit" not in model.family.pipelines:
        can = [other.name for other in local_models.rows(row.family) if other.endpoint("edit") is not None]
        raise BadInput(
            f"{row.name} draws new pictures and edits none: choose one that does ({', '.join(can)})."
        )
    if not wish.pictures:
        raise BadInput("An edit needs a picture, and none is connected: connect one to images.")


def _title(family: str) -> str:
    return {"qwen": "Qwen-Image", "flux": "FLUX"}[family]


def _wish(
    *,
    prompt: str,
    seed: int,
    route: Route | None = None,
    images: Mapping[str, Tensor] | None = None,
    mask: Tensor | None = None,
    negative: str | None = None,
    reference_megapixels: float | None = None,
    step_cache: str | None = None,
    tiling: int | None = None,
    model: Any = None,
    **rest: Any,
) -> Wish:
    """What is set on the node, and where nothing is, what the route says."""
    from ..engine.local.wish import Wish

    given: dict[str, Any] = {name: value for name, value in rest.items() if value is not None}
    own = pictures(images)
    if route is not None and given.get("latent") is None:  # a latent says size and batch itself
        given["batch"] = given.get("batch") or route.batch
        asked = route.request.asked_size
        if asked is not None and not (given.get("width") or given.get("height")):
            given |= {"width": asked.width, "height": asked.height}
    if route is not None:
        given["tier"] = route.tier
    if route is not None and not own and route.task != "generate":
        own, mask = route.images, route.mask if mask is None else mask
    return Wish(
        prompt=prompt if prompt.strip() or route is None else route.prompt,
        negative=negative if negative and negative.strip() else route.negative if route is not None else "",
        seed=seed,
        pictures=own,
        mask=mask,
        megapixels=reference_megapixels or 0.0,
        step_cache=STEP_CACHES.get(step_cache or "off", ""),
        tile=tiling or 0,
        **given,
    )
