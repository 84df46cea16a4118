"""Which windows run now: what the checker and the heartbeats ask for every check, so it is kept in memory."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from core.health.maintenance import rules
from core.health.maintenance.models import MaintenanceWindow
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.kernel.times import utc_now

FRESH_S = 3.0
AHEAD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of a window, now or within the next minute."""

    window: MaintenanceWindow
    since: datetime
    until: datetime


class Calendar:
    """The occurrences around a moment."""

    def __init__(self, occurrences: Sequence[Occurrence] = ()) -> None:
        self._occurrences = occurrences

    def at(self, moment: datetime, monitor_id: UUID, tags: Iterable[str]) -> MaintenanceWindow | None:
        """The window that covers the monitor then; of several, one that excludes."""
        found = [
            one.window
            for one in self._occurrences
            if one.since <= moment < one.until and rules.applies(one.window, monitor_id, tags)
        ]
        return min(found, key=lambda window: window.policy != "excluded", default=None)


def load(now: datetime | None = None) -> Calendar:
    """Reads the windows that are not over. Raises Unavailable."""
    moment = now or utc_now()
    table = MaintenanceWindow
    live = select(table).where(
        table.cancelled_at.is_(None),
        table.starts_at < moment + AHEAD,
        or_(table.over_at.is_(None), table.over_at > func.now()),
    )
    with record(Actor.system("maintenance windows"), timeout_ms=5_000) as tx:
        windows = list(tx.session.scalars(live))
        tx.session.expunge_all()
    found = (
        Occurrence(one, *span) for one in windows for span in rules.occurrences(one, moment - AHEAD, moment + AHEAD)
    )
    return Calendar(list(found))


class _Kept:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calendar, self._read_at = Calendar(), float("-inf")

    def current(self) -> Calendar:
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_S:
                self._calendar, self._read_at = load(), time.monotonic()
            return self._calendar

    def forget(self) -> None:
        with self._lock:
            self._read_at = float("-inf")


_kept = _Kept()


def current() -> Calendar:
    """The calendar of now, at most three seconds old. Raises Unavailable."""
    return _kept.current()


def forget() -> None:
    """Reads anew at the next call (for tests)."""
    _kept.forget()
