"""What the checker found and has not stored yet."""

import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.health.maintenance.running import Calendar
from core.health.monitors import actions, storing
from core.health.monitors.courses import Change, Look, Verdict
from core.health.monitors.rules import due_by
from core.health.monitors.storing import Batch, Gap
from core.health.monitors.watching import SYSTEM, Watch
from core.kernel.errors import NotFound
from core.kernel.logs import get_logger
from core.kernel.models import uuid7

MOST_HELD = 200_000  # checks kept while the database does not answer; older ones are given up, and so unobserved
TELL_S = 2.0
log = get_logger()


@dataclass(frozen=True, slots=True)
class _Turn:
    monitor_id: UUID
    change: Change


class Ledger:
    """Filled by the event loop, which closes a batch before a thread stores it; one thread at a time."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id, self.calendar = run_id, Calendar()
        self._batch, self._storing = Batch(), Batch()
        self._turns: deque[_Turn] = deque()

    def enter(self, watch: Watch, look: Look, verdict: Verdict, *, failures: int) -> None:
        """Notes a look that was judged: its rows, what is known of the monitor now, and the change."""
        self._batch.checks += [self._row(watch, one) for one in verdict.settled]
        self._batch.states[watch.id] = self._state(watch, look, failures)
        if verdict.change is not None:
            self.turn(watch, verdict.change)

    def turn(self, watch: Watch, change: Change) -> None:
        """Notes a change of state. The first good one is no news; every other one is told."""
        if change.previous == "unknown" and change.state != "down":
            told = {"monitor_id": watch.id, "state": change.state, "at": change.at, "cause": change.cause}
            self._batch.first.append(told)
        else:
            self._turns.append(_Turn(watch.id, change))

    def gap(self, gap: Gap) -> None:
        self._batch.gaps.append(gap)

    def end_gap(self, at: datetime) -> None:
        self._batch.ends_gap_at = at

    def _row(self, watch: Watch, look: Look) -> dict[str, Any]:
        window, found = self.calendar.at(look.at, watch.id, watch.tags), look.finding
        return {
            "at": look.at, "id": uuid7(), "monitor_id": watch.id, "state": found.state, "latency_ms": found.latency_ms,
            "seconds": look.seconds, "is_counted": window is None or window.policy == "counted",
            "maintenance_id": window.id if window else None, "detail": found.detail,
        }  # fmt: skip

    def _state(self, watch: Watch, look: Look, failures: int) -> dict[str, Any]:
        window, found = self.calendar.at(look.at, watch.id, watch.tags), look.finding
        next_at = look.at + timedelta(seconds=look.seconds)
        return {
            "monitor_id": watch.id, "checked_at": look.at, "next_at": next_at, "due_by": due_by(next_at, watch.timeout_s),
            "failures": failures, "latency_ms": found.latency_ms, "detail": found.detail,
            "certificate_expires_at": found.certificate_expires_at, "maintenance_id": window.id if window else None,
        }  # fmt: skip

    def close(self) -> None:
        """Puts what there is among what is to be stored. Not while `store` runs."""
        self._storing.absorb(self._batch)
        self._batch = Batch()
        if len(self._storing.checks) > MOST_HELD:
            log.error("checks of monitors are given up", checks=len(self._storing.checks) - MOST_HELD)
            del self._storing.checks[:-MOST_HELD]

    def store(self, *, monitors: int, lag_ms: float | None) -> None:
        """Stores what was closed; what cannot be stored stays for the next time. Raises Deposed, Unavailable."""
        storing.store(self.run_id, self._storing, monitors=monitors, lag_ms=lag_ms)
        self._storing = Batch()
        self._tell()

    def _tell(self) -> None:
        """One after the other, for each is an action; when many go down at once the rest waits for the next time."""
        until = time.monotonic() + TELL_S
        while self._turns and time.monotonic() < until:
            turn = self._turns[0]
            try:
                actions.change_state(SYSTEM, turn.monitor_id, turn.change)
            except NotFound as error:
                log.info("a monitor changed that nobody watches any more", error=str(error))
            self._turns.popleft()
