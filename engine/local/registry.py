"""One copy of every set of weights, shared by all that need it, and let go of when nobody does.

Held: a part lives as long as anybody who asked for it does. That is a `LocalModel`, which ComfyUI's node cache keeps while
its loader stands in the graph: two branches of one workflow both keep theirs, and going to and fro reads nothing again.

Idle: ComfyUI's cache forgets a loader's output sooner than one would think: as soon as another workflow is queued, or when
anything above the loader changed, and a router stands above it. What nobody holds is therefore kept for a while, the one
used longest ago going first, as long as `spare` says that there is room for it. `spare` is the host's word. ComfyUI's
(`nodes/machine.py`) is what is available of the computer's memory, less a quarter of all there is; and nothing as soon as
none of our parts is loaded any more. So a workflow without us, and "free model and node cache", get everything back.

Weak references alone would read 20 GB from the disk again at every other prompt; strong ones with a limit of our own would
sit on memory that ComfyUI is asking for. Nothing here moves weights between devices: that is the host's business.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from itertools import count

from .machine import Part


class Registry:
    """`spare`: bytes of the computer's memory that idle parts may still go on taking; 0 or less: let go of one."""

    def __init__(self, spare: Callable[[], float] = lambda: 0):
        self._spare = spare
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._parts: dict[str, Part] = {}  # the one used last comes last
        self._holders: dict[str, set[int]] = {}  # key -> numbers of those who live
        self._numbers: dict[int, tuple[weakref.ref, int]] = {}  # id(holder) -> (holder, its number)
        self._gone: deque[int] = deque()
        self._count = count()

    def part(self, key: str, make: Callable[[], Part], holder: object) -> Part:
        """The part of that key; `make` loads it if it is not here. It stays while `holder` lives (weakly referenced).

        Two who ask for one key at once get one part: the second waits for the first. What `make` raises comes through,
        and the next one to ask tries again.
        """
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            part = self._take(key, holder)
            if part is None:
                self.trim()  # before the disk is read: what is idle makes room
                part = self._keep(key, make(), holder)
        self.trim()
        return part

    def keys(self) -> tuple[str, ...]:
        """What is in memory, the one used longest ago first."""
        with self._lock:
            return tuple(self._parts)

    def trim(self) -> None:
        """Lets go of what is idle, as far as the host has no room for it."""
        # The garbage collector may call this at any moment, also while this very thread holds the lock. Then it is
        # the holder of the lock who trims, after letting go of it.
        while self._lock.acquire(blocking=False):
            try:
                dropped = self._drop_one()
            finally:
                self._lock.release()
            if dropped is None and not self._gone:
                return
            del dropped  # outside the lock: with it go tensors, patchers and whatever hangs on them

    def _take(self, key: str, holder: object) -> Part | None:
        with self._lock:
            part = self._parts.pop(key, None)
            if part is not None:
                self._parts[key] = part
                self._hold(key, holder)
            return part

    def _keep(self, key: str, part: Part, holder: object) -> Part:
        with self._lock:
            self._parts[key] = part
            self._hold(key, holder)
        return part

    def _hold(self, key: str, holder: object) -> None:
        known = self._numbers.get(id(holder))
        if known is None or known[0]() is not holder:  # an id is used again after its owner's death
            number = next(self._count)
            known = weakref.ref(holder, lambda _: self._left(number)), number
            self._numbers[id(holder)] = known
        self._holders.setdefault(key, set()).add(known[1])

    def _left(self, number: int) -> None:
        self._gone.append(number)
        self.trim()

    def _drop_one(self) -> Part | None:
        while self._gone:
            number = self._gone.popleft()
            for holders in self._holders.values():
                holders.discard(number)
            self._numbers = {name: known for name, known in self._numbers.items() if known[1] != number}
        idle = next((key for key in self._parts if not self._holders.get(key)), None)
        if idle is None or self._spare() > 0:
            return None
        self._holders.pop(idle, None)
        return self._parts.pop(idle)
