"""When which monitor is due, and how many may be looked at side by side."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

AT_ONCE, AT_ONCE_PER_HOST = 500, 50


class Plan:
    """Due times in epoch seconds, one per monitor."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, UUID]] = []
        self._due: dict[UUID, float] = {}

    def put(self, monitor_id: UUID, due: float) -> None:
        """Sets the due time; an earlier plan for the monitor does not count any more."""
        self._due[monitor_id] = due
        heapq.heappush(self._heap, (due, monitor_id))

    def drop(self, monitor_id: UUID) -> None:
        self._due.pop(monitor_id, None)

    def take(self, now: float) -> list[tuple[UUID, float]]:
        """What is due, and since when; it leaves the plan."""
        taken = []
        while self._heap and self._heap[0][0] <= now:
            due, monitor_id = heapq.heappop(self._heap)
            if self._due.get(monitor_id) == due:
                del self._due[monitor_id]
                taken.append((monitor_id, due))
        return taken

    def next_due(self) -> float:
        """When something is due next, as far as is known without looking closer; infinity for an empty plan."""
        return self._heap[0][0] if self._heap else float("inf")

    def __contains__(self, monitor_id: UUID) -> bool:
        return monitor_id in self._due


class Gate:
    """Lets so many pass at once, and only some of them to the same host: a slow one holds up its own monitors alone."""

    def __init__(self, most: int = AT_ONCE, per_host: int = AT_ONCE_PER_HOST) -> None:
        self._all, self._per_host = asyncio.Semaphore(most), per_host
        self._hosts: dict[str, tuple[asyncio.Semaphore, list[None]]] = {}

    @asynccontextmanager
    async def to(self, host: str) -> AsyncIterator[None]:
        """Waits for its turn."""
        semaphore, users = self._hosts.setdefault(host, (asyncio.Semaphore(self._per_host), []))
        users.append(None)
        try:
            async with semaphore, self._all:
                yield
        finally:
            users.pop()
            if not users:
                self._hosts.pop(host, None)
