"""Push monitors: they are called, and down when nobody called for their interval and grace."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.health.monitors.courses import Course, Look
from core.health.monitors.ledger import Ledger
from core.health.monitors.planning import Plan
from core.health.monitors.probes import Finding
from core.health.monitors.watching import Watch


class Listener:
    """Calls are stored by whoever took them; here they only change the state."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self._plan, self._ledger = plan, ledger
        self._called: dict[UUID, float] = {}  # when it called last, or since when it is listened to
        self._signals: dict[UUID, tuple[datetime, datetime | None, datetime | None]] = {}

    def expect(self, watch: Watch, now: float) -> None:
        """Waits for a call of the monitor from now on, or from its last call."""
        self._plan.put(watch.id, self._called.setdefault(watch.id, now) + watch.patience_s)

    def forget(self, monitor_id: UUID) -> None:
        self._called.pop(monitor_id, None)
        self._signals.pop(monitor_id, None)

    def begin_anew(self) -> None:
        """Nobody knows who called in the meantime."""
        self._called.clear()

    def latest(self, now: datetime) -> datetime:
        """The last signal that was heard."""
        return max((signal_at for signal_at, *_ in self._signals.values()), default=now)

    def news(self, rows: Sequence[Any]) -> Iterator[Any]:
        """The signals that were not heard before, as rows with `is_call` and `is_wish`."""
        for row in rows:
            _, pushed_at, asked_at = self._signals.get(row.monitor_id, (None, None, None))
            self._signals[row.monitor_id] = (row.signal_at, row.pushed_at, row.asked_at)
            yield row, row.pushed_at not in (None, pushed_at), row.asked_at not in (None, asked_at)

    def hear(self, watch: Watch, course: Course, at: datetime, push: dict[str, Any]) -> None:
        """The monitor called."""
        self._called[watch.id] = max(min(at.timestamp(), time.time()), self._called.get(watch.id, 0.0))
        finding = Finding(push["state"], push["detail"], push["latency_ms"])
        change = course.take(Look(at, finding, 0.0), retries=0).change
        if change is not None:
            self._ledger.turn(watch, change)
        self.expect(watch, self._called[watch.id])

    def miss(self, watch: Watch, course: Course) -> None:
        """Its time is over; unless it called in the meantime, it is down."""
        now = time.time()
        silent_s = now - self._called.setdefault(watch.id, now)
        if silent_s < watch.patience_s:
            self.expect(watch, now)
            return
        seconds = watch.interval_s if course.state == "down" else min(silent_s, watch.patience_s)
        look = Look(datetime.fromtimestamp(now, UTC), Finding("down", f"no call for {silent_s:,.0f} s"), float(seconds))
        verdict = course.take(look, retries=0)
        self._ledger.enter(watch, look, verdict, failures=course.failures)
        self._plan.put(watch.id, now + watch.interval_s)
