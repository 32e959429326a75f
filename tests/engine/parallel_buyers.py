"""One process of `test_fal_parallel`: several threads, each with an event loop and books of its own, that all buy at once."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from decimal import Decimal
from pathlib import Path

from switchyard.engine.fal.buy import Books, buy, request_key
from switchyard.engine.fal.client import FalClient
from switchyard.engine.fal.job import Limits
from switchyard.engine.fal.key import Key
from switchyard.engine.fal.ledger import Purchase
from switchyard.engine.fal.settings import Budget, Settings
from switchyard.engine.models import find
from switchyard.engine.price import Estimate

KEY = Key("11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef")
PRO = find("flux-2-pro").endpoint("generate", 0)
PRICE = Estimate(Decimal("0.03"))


def main(url: str, folder: str, limit: str, number: str, processes: str, requests: str, threads: str) -> None:
    """Prints `ready`, waits for a line, then buys every `processes`-th of `requests` seeds, from `number` on, all at once.

    Prints how each ended: the origin of its result, or the name of its error.
    """
    seeds = list(range(int(number), int(requests), int(processes)))
    shares = [seeds[n :: int(threads)] for n in range(int(threads))]
    gate, ends = threading.Barrier(len(shares) + 1), []

    def work(share: list[int]) -> None:
        gate.wait()
        asyncio.run(buy_all(share, url, Path(folder), Decimal(limit), ends))

    started = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in started:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    gate.wait()
    for thread in started:
        thread.join()
    print(json.dumps(ends))


async def buy_all(seeds: list[int], url: str, folder: Path, limit: Decimal, ends: list[str]) -> None:
    """All at once. Whatever goes wrong, the test wants to see its name."""
    books = Books.open(folder, Settings(budget=Budget(daily=limit)))
    found = await asyncio.gather(*(buy_one(seed, url, books) for seed in seeds), return_exceptions=True)
    ends += [type(one).__name__ if isinstance(one, BaseException) else one.origin for one in found]


async def buy_one(seed: int, url: str, books: Books):
    asked = {"prompt": "a heron", "seed": seed, "image_size": {"width": 64, "height": 64}}
    purchase = Purchase(request_key(PRO.id, asked, []), PRO, "flux-2-pro", PRICE, f"run {seed}")

    async def body():
        return asked

    with FalClient(KEY, url, limits=Limits(retry=0.01, pace=0.05)) as client:
        return await buy(purchase, body, client, books, lambda _: None, lambda: None)
