"""What is asked for, what this machine has, and the route that comes of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from .errors import BadInput
from .models import MAX_REFERENCES, Model, find
from .price import Estimate, dollars
from .sizes import Size

# To read prompts takes word lists and patterns that are a third of the pack's load time.
if TYPE_CHECKING:
    from .prompt import Signals
    from .user_rules import UserRules

Job = Literal["text", "light", "plain", "structured", "edit text", "edit photo", "edit references", "layers"]


@dataclass(frozen=True)
class LatentShape:
    """The shape of a LATENT's samples: 4-D [B, C, H, W], or 5-D [B, C, T, H, W]."""

    dims: tuple[int, ...]

    @property
    def channels(self) -> int:
        return self.dims[1] if len(self.dims) > 1 else 0

    def fits(self, model: Model) -> bool:
        """16 channels fit FLUX.1 and Qwen-Image alike; a fifth axis is Qwen's, 128 channels are FLUX.2's."""
        if model.latent is None or model.latent.channels != self.channels:
            return False
        return len(self.dims) == 4 or (len(self.dims) == 5 and model.family == "qwen")

    def size(self, model: Model) -> Size:
        """The picture that comes of it, in pixels."""
        assert model.latent is not None, "only a latent that fits has a size"
        return Size(self.dims[-1] * model.latent.scale, self.dims[-2] * model.latent.scale)

    def __str__(self) -> str:
        return "×".join(map(str, self.dims))


@dataclass(frozen=True)
class Request:
    """One prompt and the wishes that come with it.

    width, height: pixels; 0 means automatic (an edit keeps its picture's size, else 1024).
    max_price: US dollars for the whole run, batch included; 0 = no limit.
    mask_size: the mask's, None without a mask.
    references: the sizes of the reference pictures, in order; `pictures` and `mask` are the tensors themselves,
    carried along untouched (the engine never looks inside).
    """

    prompt: str
    task: Literal["auto", "generate", "edit", "layers"] = "auto"
    tier: Literal["draft", "standard", "final"] = "standard"
    family: Literal["auto", "qwen", "flux"] = "auto"
    place: Literal["auto", "local", "remote"] = "auto"
    width: int = 0
    height: int = 0
    batch: int = 1
    max_price: Decimal = Decimal(0)
    references: tuple[Size, ...] = ()
    latent: LatentShape | None = None
    negative: str = ""
    mask_size: Size | None = None
    pictures: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    mask: Any = field(default=None, compare=False, repr=False)

    @property
    def asked_size(self) -> Size | None:
        """The size that was typed; one side alone asks for a square. None where it is automatic."""
        if not self.width and not self.height:
            return None
        return Size(self.width or self.height, self.height or self.width)


@dataclass(frozen=True)
class Available:
    """What a route may count on. `local`: row ids that can run here, None where nobody has looked. `key`: a key for the
    service is present. `lacking`: why a local row cannot run, a sentence each, as far as it is known. `budget_left`: US
    dollars that may still be spent, None where no limit is set, and `budget` whose limit it is; `unknown_price` what a
    request counts there whose price nobody knows, None where it cannot be sent. `rules`: the person's own.
    """

    local: frozenset[str] | None = frozenset()
    key: bool = False
    lacking: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    budget_left: Decimal | None = None
    budget: str = "today's budget"
    unknown_price: Decimal | None = None
    rules: UserRules | None = None

    def affords(self, price: Estimate) -> bool:
        if self.budget_left is None:
            return True
        usd = self.unknown_price if price.usd is None else price.usd
        return usd is not None and (usd == 0 or usd <= self.budget_left)

    def has(self, model: Model) -> bool:
        return model.id in (self.local or ()) if model.place == "local" else self.key

    def missing(self, model: Model) -> str:
        """Why the model cannot be counted on, for a person."""
        if model.place == "remote":
            return "no fal key"
        if self.local is None:
            return "not looked for on this machine"
        return self.lacking.get(model.id, "no local model found").rstrip(".")

    def too_dear(self, price: Estimate) -> str:
        """Why it cannot be paid for, for a person; "" where it can."""
        if self.budget_left is None or self.affords(price):
            return ""
        if price.usd is None and self.unknown_price is None:
            return "its price is not known, and a budget is set"
        return f"it costs {price.text}, and {dollars(self.budget_left)} of {self.budget} is left"


@dataclass(frozen=True)
class Alternative:
    """A model that could take the request as well.

    settings: the router's own inputs, by name, that would choose it; empty where only its own node can. needs: what is
    missing to run it; "" where nothing is.
    """

    model: str
    price: Estimate
    settings: tuple[tuple[str, str], ...] = ()
    needs: str = ""

    @property
    def how(self) -> str:
        """What to do to have it: "set `family` to flux"."""
        if not self.settings:
            return "choose it on its own node"
        return "set " + " and ".join(f"`{name}` to {value}" for name, value in self.settings)

    def __str__(self) -> str:
        return f"{self.model} ({self.price.text}): {self.how}{f'; {self.needs}' if self.needs else ''}"


@dataclass(frozen=True)
class PassedOver:
    """A model that was not taken, with the reason for a person."""

    model: str
    why: str

    def __str__(self) -> str:
        return f"{self.model}: {self.why}"


@dataclass(frozen=True)
class Route:
    """The decision. `model` is a row id; `price` is for the whole batch.

    `prompt` and `negative` are what leaves, in the model's own dialect. `expansion`: False where the service must not
    rewrite the prompt, None where its own default may hold. `alternatives`: the other models that it could be, the
    nearest first, and how to have them.
    """

    request: Request = field(repr=False)  # ComfyUI writes a node's inputs into its errors
    signals: Signals = field(repr=False)
    job: Job
    task: Literal["generate", "edit", "layers"]
    family: Literal["qwen", "flux"]
    place: Literal["local", "remote"]
    tier: Literal["draft", "standard", "final"]
    model: str
    prompt: str = field(repr=False)
    negative: str = field(repr=False)
    size: Size
    batch: int
    price: Estimate
    reason: str
    passed_over: tuple[PassedOver, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    expansion: bool | None = None

    @property
    def confidence(self) -> float:
        """0.5..1: how often a reading like the one that this rests on is right. What is set and not read is certain."""
        if self.job == "layers":
            return 1.0
        return self.signals.edit_confidence if self.task == "edit" else self.signals.confidence

    @property
    def row(self) -> Model:
        row = find(self.model)
        assert row is not None, "a route always names a row of the table"
        return row

    @property
    def track(self) -> str:
        return self.row.track

    @property
    def images(self) -> tuple[Any, ...]:
        return self.request.pictures

    @property
    def mask(self) -> Any:
        return self.request.mask


def require_prompt(request: Request) -> None:
    """Raise BadInput where there is nothing to draw. A split into layers needs no words."""
    from .prompt import visible_text

    if not visible_text(request.prompt).strip() and request.task != "layers":
        raise BadInput("The prompt is empty: type what the picture should show.")


def check_request(request: Request) -> None:
    """Raise BadInput for a request that no model could ever take."""
    if not 1 <= request.batch <= 64:
        raise BadInput(f"A batch of {request.batch} was asked for: 1 to 64 pictures are possible.")
    if request.width < 0 or request.height < 0:
        raise BadInput("Width and height must be 0 (automatic) or a number of pixels.")
    if not request.max_price.is_finite() or request.max_price < 0:
        raise BadInput("max_price must be 0 (no limit) or an amount in US dollars.")
    if len(request.references) > MAX_REFERENCES:
        raise BadInput(
            f"{len(request.references)} reference pictures are connected: no model takes more than {MAX_REFERENCES}."
        )
    if request.mask_size and request.references and request.mask_size != request.references[0]:
        raise BadInput(
            f"The mask is {request.mask_size} and the picture {request.references[0]}: connect a mask of the picture's size."
        )
    if request.task in ("edit", "layers") and not request.references:
        verb = "An edit" if request.task == "edit" else "A split into layers"
        raise BadInput(f"{verb} needs a picture: connect one to `images`, or set `task` to generate.")
