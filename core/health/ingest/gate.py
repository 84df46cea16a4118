"""How many batches a process takes at once: more are sent away with a time to come back, and nothing piles up."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

from core.health.ingest import counts
from core.kernel.errors import TooMany

# In hand are bodies that are being read or wait, each up to rules.MAX_BYTES; at work are threads with a connection each.
IN_HAND, OF_ONE, AT_WORK, RETRY_AFTER_S = 12, 6, 3, 1

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Gate:
    """One per process."""

    def __init__(self, in_hand: int = IN_HAND, of_one: int = OF_ONE, at_work: int = AT_WORK) -> None:
        self._most, self._of_one, self._at_work = in_hand, of_one, at_work
        self._lock = threading.Lock()
        self._held: Counter[Hashable] = Counter()
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def in_hand(self) -> int:
        return self._held.total()

    @contextmanager
    def enter(self, sender: Hashable = None) -> Iterator[None]:
        """A place for one batch, from before its body is read until it is stored.

        Raises TooMany when all are taken, or half of them by this sender: a slow one must not keep out the others.
        """
        if not self._take(sender):
            counts.BATCHES.labels("busy").inc()
            sentence = (
                f"Enough batches are being stored. Send this one again in {RETRY_AFTER_S} s; nothing of it was kept."
            )
            raise TooMany(sentence, retry_after=RETRY_AFTER_S)
        try:
            yield
        finally:
            with self._lock:
                self._held[sender] -= 1
                self._held += Counter()  # forgets senders that hold nothing

    def _take(self, sender: Hashable) -> bool:
        with self._lock:
            is_free = self.in_hand < self._most and self._held[sender] < self._of_one
            self._held[sender] += is_free
            return is_free

    async def run(self, function: Callable[[Unpack[Arguments]], Result], *given: *Arguments) -> Result:
        """The function in a thread, when one of the few is free."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._at_work)
        return await anyio.to_thread.run_sync(function, *given, limiter=self._limiter)


GATE = Gate()
