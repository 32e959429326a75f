"""The model table: one frozen row per model, and the small types that a row is made of.

The rows themselves stand in `engine/catalog/`, one file per family and place. Everything that differs between
models is a column here; adding a model is adding a row (CONTRIBUTING.md has the recipe).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Literal

Family = Literal["qwen", "flux", "other"]
Place = Literal["local", "remote"]
Task = Literal["generate", "edit", "layers", "variation", "inpaint", "outpaint", "realtime", "chat"]
Confidence = Literal["fal-text", "fal-article", "third-party", "inferred", "unknown", "free"]

MEGAPIXEL = 1_048_576  # px; fal's own price examples are only true with 1024 * 1024 (1920x1080 bills 2)
MAX_REFERENCES = 9  # sockets of the growing list; also the most that any model is known to take

TRACKS = ("qwen_local", "flux_local", "qwen_remote", "flux_remote", "layers_local", "layers_remote")


@dataclass(frozen=True)
class Param:
    """One optional input of an endpoint, under the service's own name.

    `kind` is int, float, bool, choice, text or loras; `low` and `high` are inclusive, None where the schema is silent.
    `rewrites`: a switch that lets the service rewrite the prompt before it draws.
    """

    name: str
    kind: Literal["int", "float", "bool", "choice", "text", "loras"]
    default: int | float | bool | str | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    rewrites: bool = False


@dataclass(frozen=True)
class SizeRule:
    """Which sizes an endpoint draws.

    kind: "pixels" takes any width and height within the limits; "aspect" takes one of `aspects`; "input" always
    follows the picture that comes in; "none" has no picture size at all.
    `default` is the service's own word for "you choose" (a preset, "auto", or None = the input's size).
    """

    kind: Literal["pixels", "aspect", "input", "none"] = "pixels"
    multiple: int = 16
    min_side: int = 64
    max_side: int = 4096
    min_pixels: int = 0
    max_pixels: int = (
        4 * MEGAPIXEL
    )  # our own ceiling where none is stated: the most that any of them draws well
    aspects: tuple[str, ...] = ()
    field: str = "image_size"
    default: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Price:
    """What one request costs, as a formula. Money is Decimal US dollars; None is *unknown*, never zero.

    rule: "per_megapixel"     usd for every megapixel, each picture rounded up on its own
          "first_megapixel"   usd for the first megapixel, extra_usd for every further one (inputs included)
          "per_image"         usd for every picture
          "per_image_tier"    usd up to 1 megapixel, extra_usd above
          "per_token", "unknown", "free"
    `counts_inputs`: reference pictures are billed as well; `input_megapixels` is what each counts where the service
    resizes them first. `lora_surcharge`: the price grows with the LoRA files' size (not knowable before the call).
    """

    rule: Literal[
        "per_megapixel", "first_megapixel", "per_image", "per_image_tier", "per_token", "unknown", "free"
    ] = "unknown"
    usd: Decimal | None = None
    extra_usd: Decimal | None = None
    counts_inputs: bool = False
    input_megapixels: int | None = None
    lora_surcharge: bool = False
    confidence: Confidence = "unknown"
    note: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One thing a model can do: a fal endpoint, or a local pipeline under its hub repository id.

    `references` is the most reference pictures it takes (None: the schema does not say), sent under
    `reference_field` ("image_urls" is a list, "image_url" a single picture, "" none). `prompt_chars` is the longest
    prompt in characters, `prompt_tokens` in tokens of its text encoder; None where no limit is known.
    """

    id: str
    task: Task
    size: SizeRule = SizeRule()
    params: tuple[Param, ...] = ()
    price: Price = Price()
    lora: bool = False
    references: int | None = 0
    reference_field: str = ""
    references_megapixels: int | None = None
    reference_side: tuple[int, int] | None = None  # px, shortest and longest side that is taken
    reference_bytes: int | None = None  # the largest file that one reference may be
    reference_alpha: bool = True
    prompt_required: bool = True
    prompt_chars: int | None = None
    negative_chars: int | None = None
    status: Literal["live", "retired"] = "live"
    source: str = ""
    as_of: str = ""
    prompt_tokens: int | None = None

    def param(self, name: str) -> Param | None:
        return next((p for p in self.params if p.name == name), None)

    @property
    def rewriter(self) -> Param | None:
        """The switch that lets the service rewrite the prompt, if there is one."""
        return next((p for p in self.params if p.rewrites), None)


@dataclass(frozen=True)
class Latent:
    """The empty latent that a local model starts from: [batch, channels, height/scale, width/scale]."""

    channels: int
    scale: int


@dataclass(frozen=True)
class Dialect:
    """How a model's own documentation wants prompts to be written; what it is silent about is left as typed.

    quotes: around words to be rendered: "any" kind of quotation marks, "straight" ones (" "), "" not a word about it.
    pictures: the name of the n-th reference picture, such as "image {n}"; "" leaves @image1 as it is.
    json: JSON prompts are read as such. suffixes: (language, words) appended to a prompt for a new picture.
    source: the page that says so.
    """

    quotes: Literal["", "any", "straight"] = ""
    pictures: str = ""
    json: bool = False
    suffixes: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Model:
    """One row: a model in one place, with everything that it can do.

    `id` is the key in saved workflows and is never renamed. `tier` is what the model is best used for.
    `retired` is the day on which the service dropped it, `successor` the row id to use instead.
    `prompt_scripts`: "any" reads prompts in every language; "latin" only knows Latin letters (CLIP and T5 encoders).
    `draws_alpha`: whole pictures come with transparency where the prompt asks for it.
    """

    id: str
    name: str
    family: Family
    place: Place
    tier: Literal["draft", "standard", "final"]
    endpoints: tuple[Endpoint, ...]
    about: str = ""
    layered: bool = False
    latent: Latent | None = None
    prompt_scripts: Literal["any", "latin"] = "any"
    retired: str = ""
    successor: str = ""
    licence: str = ""
    dialect: Dialect = Dialect()
    draws_alpha: bool = False

    @property
    def track(self) -> str:
        return f"{'layers' if self.layered else self.family}_{self.place}"

    @property
    def offered(self) -> bool:
        """Whether a person can choose it: it makes pictures through a request and reply, and is not retired."""
        return (
            self.family != "other" and not self.retired and any(e.task != "realtime" for e in self.endpoints)
        )

    def endpoint(
        self, task: str, references: int = 0, lora: bool = False, mask: bool = False
    ) -> Endpoint | None:
        """The endpoint for a job, or None. With several that fit, the first that takes that many references."""
        wanted = "inpaint" if mask and task == "edit" else task
        fits = [e for e in self.endpoints if e.task == wanted and _loras_fit(e, lora)]
        return next((e for e in fits if e.references is None or references <= e.references), None)

    def most_references(self, task: str) -> int:
        """The most reference pictures that any endpoint for `task` takes; unstated limits count as MAX_REFERENCES."""
        limits = (e.references for e in self.endpoints if e.task == task)
        return max((MAX_REFERENCES if n is None else n for n in limits), default=0)


def _loras_fit(endpoint: Endpoint, wanted: bool) -> bool:
    return endpoint.param("loras") is not None if wanted else not endpoint.lora


@cache
def all_models() -> dict[str, Model]:
    """Every row by its id, in the order in which they are offered."""
    from .catalog import ROWS

    table = {model.id: model for model in ROWS}
    assert len(table) == len(ROWS), "two rows of the model table have the same id"
    return table


@cache
def table_version() -> str:
    """A short hash of every row: changes when, and only when, the table does."""
    return sha256(repr(tuple(all_models().values())).encode()).hexdigest()[:12]


def find(model_id: str) -> Model | None:
    return all_models().get(model_id)
