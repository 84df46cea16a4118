"""What the checker leaves in the database: a term, and per second one transaction of checks, states and gaps."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from core.health.monitors.models import CheckerGap, CheckerRun, MonitorChange, MonitorCheck, MonitorState
from core.health.monitors.watching import SYSTEM
from core.kernel import retention
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

GAP = timedelta(seconds=10)  # shorter ones are the rhythm of the checks themselves
NOBODY = "no checker ran"
COLUMNS = ["at", "id", "monitor_id", "state", "latency_ms", "seconds", "is_counted", "maintenance_id", "detail"]
_STATE = (
    "monitor_id", "checked_at", "next_at", "due_by", "failures", "latency_ms", "detail", "certificate_expires_at",
    "maintenance_id",
)  # fmt: skip
_TYPES = ("uuid", *["timestamptz"] * 3, "integer", "float8", "text", "timestamptz", "uuid")
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in zip(_STATE, _TYPES, strict=True))
_KEEP_STATES = text(
    f"UPDATE monitor_state AS held SET {', '.join(f'{name} = new.{name}' for name in _STATE[1:])}"
    f" FROM unnest({_ARRAYS}) AS new ({', '.join(_STATE)}) WHERE held.monitor_id = new.monitor_id"
)
# One that never had a state gets its first one without ado; every later change is an action of its own.
_FIRST = text(
    "UPDATE monitor_state SET state = :state, since = :at WHERE monitor_id = :monitor_id AND state = 'unknown'"
    " AND EXISTS (SELECT FROM monitor WHERE id = :monitor_id AND NOT is_paused)"
)


class Deposed(Exception):
    """Another checker has taken over: what this one found meanwhile is not stored."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the checker knew nothing; without an end it lasts."""

    since: datetime
    until: datetime | None
    cause: str


@dataclass(slots=True)
class Batch:
    """What is to be stored together. `states` has the last one of each monitor; `first`: states after unknown."""

    checks: list[dict[str, Any]] = field(default_factory=list)
    states: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    first: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    ends_gap_at: datetime | None = None

    def absorb(self, later: "Batch") -> None:
        """Puts what came later behind."""
        self.checks += later.checks
        self.states |= later.states
        self.first += later.first
        self.gaps += later.gaps
        self.ends_gap_at = later.ends_gap_at or self.ends_gap_at


def begin(*, monitors: int = 0) -> UUID:
    """A new term; every other one ends, and what nobody watched since the last one was seen becomes a gap."""
    now, run_id = utc_now(), uuid7()
    with record(SYSTEM, timeout_ms=10_000) as tx:
        seen_at = tx.session.scalar(select(func.max(CheckerRun.seen_at)))
        tx.execute(update(CheckerRun).where(CheckerRun.ended_at.is_(None)).values(ended_at=func.now()))
        _end_open_gap(tx, now)
        if seen_at is not None and now - seen_at > GAP:
            tx.execute(insert(CheckerGap).values(id=uuid7(), since=seen_at, until=now, cause=NOBODY))
        term = {"host": socket.gethostname(), "pid": os.getpid(), "started_at": now, "seen_at": func.clock_timestamp()}
        tx.execute(insert(CheckerRun).values(id=run_id, monitors=monitors, **term))
    return run_id


def end(run_id: UUID) -> None:
    """The term is over on purpose."""
    mine: ColumnElement[bool] = CheckerRun.id == run_id
    with record(SYSTEM, timeout_ms=5_000) as tx:
        tx.execute(update(CheckerRun).where(mine, CheckerRun.ended_at.is_(None)).values(ended_at=func.now()))


def store(run_id: UUID, batch: Batch, *, monitors: int, lag_ms: float | None) -> None:
    """Stores all of it or nothing. Raises Deposed when the term was ended by another checker, Unavailable."""
    with record(SYSTEM, timeout_ms=20_000) as tx:
        beat = update(CheckerRun).where(CheckerRun.id == run_id, CheckerRun.ended_at.is_(None)).values(
            seen_at=func.clock_timestamp(), monitors=monitors, lag_ms=lag_ms
        )  # fmt: skip
        if not tx.execute(beat.returning(CheckerRun.id)).all():
            raise Deposed
        _store_gaps(tx, batch)
        _store_checks(tx, batch.checks)
        _store_states(tx, list(batch.states.values()))
        _store_first(tx, batch.first)


def _store_gaps(tx: Recording, batch: Batch) -> None:
    if batch.ends_gap_at is not None:
        _end_open_gap(tx, batch.ends_gap_at)
    for gap in batch.gaps:
        if gap.until is None:
            _end_open_gap(tx, gap.since)
        tx.execute(insert(CheckerGap).values(id=uuid7(), since=gap.since, until=gap.until, cause=gap.cause))


def _end_open_gap(tx: Recording, at: datetime) -> None:
    tx.execute(update(CheckerGap).where(CheckerGap.until.is_(None)).values(until=func.greatest(CheckerGap.since, at)))


def _store_checks(tx: Recording, checks: Sequence[dict[str, Any]]) -> None:
    if checks:
        times = [row["at"] for row in checks]
        retention.make_ready(tx, "monitor_check", "day", min(times), max(times))
        tx.copy(MonitorCheck, checks, COLUMNS)


def _store_states(tx: Recording, states: Sequence[dict[str, Any]]) -> None:
    if states:
        ordered = sorted(states, key=lambda row: row["monitor_id"])
        tx.session.execute(_KEEP_STATES, {name: [row[name] for row in ordered] for name in _STATE})


def _store_first(tx: Recording, changes: Sequence[dict[str, Any]]) -> None:
    for one in changes:
        values = {name: one[name] for name in ("monitor_id", "state", "at")}
        if tx.session.execute(_FIRST, values).rowcount:  # type: ignore[attr-defined]
            tx.execute(insert(MonitorChange).values(id=uuid7(), previous="unknown", cause=one["cause"], **values))


def signals(since: datetime) -> list[Any]:
    """Calls of push monitors and wishes for a check after `since`: monitor_id, signal_at, pushed_at, push, asked_at."""
    table = MonitorState
    columns = (table.monitor_id, table.signal_at, table.pushed_at, table.push, table.asked_at)
    with record(SYSTEM, timeout_ms=5_000) as tx:
        return list(tx.execute(select(*columns).where(table.signal_at > since)).all())
