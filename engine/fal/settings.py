"""What a person has set about money and patience: `settings.json` in the private folder, and SWITCHYARD_DAILY_BUDGET.

    {"daily_budget": "5.00", "monthly_budget": "60", "run_budget": "1", "unknown_price": "0.25",
     "live_prices": true, "kept_pictures_gb": "2", "patience": {"submit": 120, "follow": 3600}}

Every entry is optional. A file that cannot be understood stops every paid request: a limit that is misread is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .job import Limits
from .store import LIMIT

FILE = "settings.json"
DAILY = "SWITCHYARD_DAILY_BUDGET"
MOST_USD = Decimal(1_000_000)  # a limit above it is a slip of the keyboard
AMOUNTS = ("daily_budget", "monthly_budget", "run_budget", "unknown_price")
SECONDS = ("connect", "read", "whole", "submit", "cancel", "retry", "pace", "follow", "download")


@dataclass(frozen=True)
class Budget:
    """Limits in US dollars; None is no limit, 0 lets only free requests through.

    daily: local midnight to midnight. monthly: from the first of the month. run: one queued workflow.
    unknown_price: what a request counts whose price nobody knows; None: such a request cannot be sent under a limit.
    """

    daily: Decimal | None = None
    monthly: Decimal | None = None
    run: Decimal | None = None
    unknown_price: Decimal | None = None


@dataclass(frozen=True)
class Settings:
    budget: Budget = Budget()
    limits: Limits = field(default_factory=Limits)
    kept_bytes: int = LIMIT  # of the store of pictures
    live_prices: bool = False  # ask the service once a day what the endpoints in use cost


def read_settings(folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force; of two daily budgets the lower. Raises BadInput for one that cannot be understood."""
    entries = _entries(folder / FILE)
    daily, monthly, run, unknown = (_usd(entries.get(name), f"{name} in {FILE}") for name in AMOUNTS)
    set_here = _usd(environ.get(DAILY, "").strip() or None, DAILY)
    both = [amount for amount in (daily, set_here) if amount is not None]
    kept = _number(entries.get("kept_pictures_gb", 2), f"kept_pictures_gb in {FILE}", 10_000)
    return Settings(
        Budget(min(both, default=None), monthly, run, unknown),
        _limits(entries.get("patience", {})),
        int(kept * 2**30),
        _switch(entries.get("live_prices", False)),
    )


def _entries(file: Path) -> dict[str, Any]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        raise BadInput(
            f"{FILE} in ComfyUI's user/__switchyard folder cannot be read, and a budget may be in it, so nothing was sent: "
            "mend the file or take it away."
        ) from None
    known = {*AMOUNTS, "kept_pictures_gb", "live_prices", "patience"}
    if not isinstance(entries, dict) or not set(entries) <= known:
        raise BadInput(
            f"{FILE} has to be a JSON object with no other entries than {', '.join(sorted(known))}; nothing was sent."
        )
    return entries


def _usd(value: Any, name: str) -> Decimal | None:
    return None if value is None else _number(value, f"{name} (US dollars)", MOST_USD)


def _number(value: Any, name: str, most: Decimal | int) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            raise ValueError
        number = Decimal(value.strip().removeprefix("$") if isinstance(value, str) else value)
        if not number.is_finite() or not 0 <= number <= most:
            raise ValueError
    except (ValueError, InvalidOperation):
        raise BadInput(
            f"{name} has to be a number from 0 to {most}, such as 5 or 0.25; it is not, so nothing was sent."
        ) from None
    return number


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(f"live_prices in {FILE} has to be true or false; nothing was sent.")
    return value


def _limits(entries: Any) -> Limits:
    """Seconds by the names of `Limits`."""
    if not isinstance(entries, dict) or not set(entries) <= set(SECONDS):
        raise BadInput(
            f'"patience" in {FILE} has to hold seconds for {", ".join(SECONDS)} only; nothing was sent.'
        )
    seconds: dict[str, Any] = {
        name: float(_number(value, f"patience.{name} (seconds) in {FILE}", 86_400))
        for name, value in entries.items()
    }
    return replace(Limits(), **seconds)
