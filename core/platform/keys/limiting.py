"""A limit of calls a minute: never more than so many in any 60 seconds, counted in memory."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

WINDOW_S = 60
CAPACITY = 20_000


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit; after `reset_s` seconds some of what was spent comes back (0: nothing is spent)."""

    limit: int
    remaining: int
    reset_s: int
    is_allowed: bool


class Window:
    """The calls of the last minute in slots of a second, so that a thousand of them take no more room than one."""

    __slots__ = ("_slots", "_total")

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque()
        self._total = 0

    def look(self, limit: int, now: float, *, spending: bool) -> Quota:
        """Counts one call more if the limit allows it and `spending`."""
        second = int(now)
        # A slot leaves when its last instant is a whole window ago, and not when its first is.
        while self._slots and self._slots[0][0] < second - WINDOW_S:
            self._total -= self._slots.popleft()[1]
        is_allowed = self._total < limit
        if spending and is_allowed:
            self._count(second)
        reset = self._slots[0][0] + WINDOW_S + 1 - second if self._slots else 0
        return Quota(limit, max(limit - self._total, 0), reset, is_allowed)

    def _count(self, second: int) -> None:
        self._total += 1
        if self._slots and self._slots[-1][0] == second:
            self._slots[-1][1] += 1
        else:
            self._slots.append([second, 1])


class Limiter:
    """One window per caller; the callers that were quiet for longest are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, capacity: int = CAPACITY) -> None:
        self._clock, self._capacity = clock, capacity
        self._windows: OrderedDict[Hashable, Window] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, who: Hashable, limit: int) -> Quota:
        """One call of `who`; a call that is not allowed does not count."""
        with self._lock:
            window = self._windows.setdefault(who, Window())
            self._windows.move_to_end(who)
            if len(self._windows) > self._capacity:
                self._windows.popitem(last=False)
            return window.look(limit, self._clock(), spending=True)

    def left(self, who: Hashable, limit: int) -> Quota:
        """What `who` has left, without a call."""
        with self._lock:
            window = self._windows.get(who)
            return window.look(limit, self._clock(), spending=False) if window else Quota(limit, limit, 0, True)

    def clear(self) -> None:
        """Forgets everybody."""
        with self._lock:
            self._windows.clear()

    def __len__(self) -> int:
        return len(self._windows)
