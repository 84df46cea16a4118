"""Records requests off their path: a bounded queue in memory, stored by one thread in batches."""

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from core.health.requests import exposed
from core.health.requests.models import RequestRecord
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.telemetry import record
from core.kernel.times import utc_now

Channel = Literal["page", "api", "web"]
CAPACITY, BATCH = 20_000, 500
EVERY_S, STOP_S = 1.0, 5.0
COLUMNS = [
    "at", "id", "channel", "route", "method", "status", "duration_ms", "is_error", "operator_id", "key_id", "tenant_id",
    "request_id",
]  # fmt: skip
log = get_logger()


def store(rows: Sequence[dict[str, Any]]) -> None:
    """Stores requests by COPY. Raises Unavailable."""
    with record(Actor.system("requests"), timeout_ms=10_000) as tx:
        times = [row["at"] for row in rows]
        retention.make_ready(tx, "request_record", "day", min(times), max(times))
        tx.copy(RequestRecord, rows, COLUMNS)


class Recorder:
    """One per process. `add` never waits: when the queue is full, the request is counted as dropped and the count told."""

    def __init__(self, save: Callable[[Sequence[dict[str, Any]]], None] = store, capacity: int = CAPACITY) -> None:
        self._save = save
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(capacity)
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._told = 0
        self.dropped = 0
        self.stored = 0

    def start(self) -> None:
        """Begins to store; a second call does nothing."""
        if self._thread is None or not self._thread.is_alive():
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="request recorder", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stores what waits and ends; what cannot be stored within 5 s is told as dropped."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None
        self._tell(self._waiting.qsize())

    def add(self, row: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(row)
        except queue.Full:
            self.dropped += 1
            return
        if self._waiting.qsize() >= BATCH:
            self._wake.set()

    def _run(self) -> None:
        kept: list[dict[str, Any]] = []
        while not self._stop.is_set():
            self._wake.wait(EVERY_S)
            self._wake.clear()
            kept = self._flush(kept)
        self._flush(kept)

    def _flush(self, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Stores what waits, batch by batch; returns the batch that could not be, which is tried again."""
        while batch := kept or self._take():
            try:
                self._save(batch)
            except ExpectedError as error:
                log.warning("requests wait for the database", waiting=self._waiting.qsize(), error=str(error))
                return batch
            except Exception:
                # Not a reason to lose the requests after these: the batch is given up and told.
                log.exception("requests could not be stored")
                self.dropped += len(batch)
            else:
                self.stored += len(batch)
            kept = []
        self._tell()
        return []

    def _take(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        while len(batch) < BATCH and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch

    def _tell(self, lost: int = 0) -> None:
        self.dropped += lost
        if self.dropped > self._told:
            log.error("requests were not recorded", dropped=self.dropped - self._told, since_start=self.dropped)
            self._told = self.dropped


_recorder = Recorder()
start, stop = _recorder.start, _recorder.stop


def dropped() -> int:
    """How many requests of this process could not be recorded."""
    return _recorder.dropped


def add(  # noqa: PLR0913  (the columns of the record)
    *, channel: Channel, route: str, method: str, status: int, duration_ms: float, request_id: str,
    at: datetime | None = None, operator_id: UUID | None = None, key_id: UUID | None = None, tenant_id: UUID | None = None,
) -> None:  # fmt: skip
    """Notes one finished page run or call; returns at once. `route` is the page or the route's template, `at` its begin."""
    exposed.observe(channel=channel, route=route, method=method, status=status, duration_ms=duration_ms)
    took = Decimal(round(duration_ms * 1000)) / 1000
    _recorder.add({
        "at": at or utc_now() - timedelta(milliseconds=duration_ms), "id": uuid7(), "channel": channel, "route": route,
        "method": method, "status": status, "duration_ms": took, "is_error": status >= 500, "operator_id": operator_id,
        "key_id": key_id, "tenant_id": tenant_id, "request_id": request_id,
    })  # fmt: skip
