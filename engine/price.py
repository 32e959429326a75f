"""What a request costs, computed from its row before anything is sent. Money is Decimal US dollars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .models import Endpoint, Price
from .sizes import Size

LORA_MOST = Decimal(
    "2.5"
)  # the largest factor of fal's surcharge, for 4 to 5 GB of LoRA files; 5 GB is the limit


@dataclass(frozen=True)
class Estimate:
    """`usd` is None where the price is unknown. `at_most`: the bill can only be lower. `note`: what could move it."""

    usd: Decimal | None
    at_most: bool = False
    note: str = ""

    @property
    def text(self) -> str:
        """For a person: "free", "$0.045", "at most $0.20", "price unknown"."""
        if self.usd is None:
            return "price unknown"
        if self.usd == 0:
            return "free"
        return f"{'at most ' if self.at_most else ''}{dollars(self.usd)}"


def dollars(usd: Decimal) -> str:
    """At least two decimals, and as many as the amount has: $0.04, $0.045, $12.00."""
    text = f"{usd.normalize():f}"
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def estimate(
    endpoint: Endpoint, size: Size, inputs: Sequence[Size] = (), pictures: int = 1, lora: bool = False
) -> Estimate:
    """The price of one request that draws `pictures` of `size` from the reference pictures `inputs`.

    How several pictures of one edit are billed is not printed anywhere: every picture is taken to bill its inputs
    again, which can only be too much. Layers: `pictures` is the number of layers, the stated ceiling.
    """
    price = endpoint.price
    usd = _usd(price, size.billed_megapixels, _input_megapixels(price, inputs), pictures)
    note = ""
    if lora and price.lora_surcharge and usd is not None:
        note = f"{dollars(usd)} while the LoRA files are under 2 GB together"
        usd *= LORA_MOST
    ceiling = (
        bool(note) or endpoint.task == "layers" or (pictures > 1 and price.counts_inputs and bool(inputs))
    )
    return Estimate(usd, ceiling, note)


def pictures_per_request(endpoint: Endpoint, batch: int) -> list[int]:
    """A batch cut into as few requests as `num_images` allows: one per picture where there is none, or for layers."""
    most = endpoint.param("num_images")
    chunk = int(most.high or 1) if most and endpoint.task != "layers" else 1
    return [min(chunk, batch - first) for first in range(0, batch, chunk)]


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum of several requests: unknown as soon as one is, "at most" as soon as one is."""
    usd: Decimal | None = Decimal(0)
    at_most, notes = False, []
    for one in estimates:
        usd = None if usd is None or one.usd is None else usd + one.usd
        at_most = at_most or one.at_most
        notes.append(one.note)
    return Estimate(usd, at_most, next(filter(None, notes), ""))


def _usd(price: Price, drawn: int, given: int, pictures: int) -> Decimal | None:
    if price.rule == "free":
        return Decimal(0)
    if price.usd is None:
        return None
    if price.rule == "per_megapixel":
        return price.usd * (drawn + given) * pictures
    if price.rule == "per_image":
        return price.usd * pictures
    if price.rule == "first_megapixel" and price.extra_usd is not None:
        return (price.usd + price.extra_usd * (drawn + given - 1)) * pictures
    if price.rule == "per_image_tier" and price.extra_usd is not None:
        # Where the 1K tier ends is not printed; a picture of exactly one megapixel is the last that is surely in it.
        return (price.usd if drawn == 1 else price.extra_usd) * pictures
    return None


def _input_megapixels(price: Price, inputs: Sequence[Size]) -> int:
    """Megapixels billed for what goes in; each picture is rounded up alone (unverified, and never too little)."""
    if not price.counts_inputs:
        return 0
    return sum(price.input_megapixels or size.billed_megapixels for size in inputs)
