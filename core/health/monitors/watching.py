"""What the checker must know of the monitors: read whole when something changed, which one cheap look tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.health.monitors.addresses import is_loopback
from core.health.monitors.models import Monitor, MonitorState
from core.health.monitors.settings import host_of
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.logs import get_logger
from core.kernel.telemetry import record

SYSTEM = Actor.system("monitors")
log = get_logger()


@dataclass(frozen=True, slots=True)
class Watch:
    """One monitor as the checker works on it."""

    id: UUID
    version: int
    name: str
    kind: str
    settings: Mapping[str, Any]
    interval_s: int
    timeout_s: int
    retries: int
    retry_interval_s: int
    tags: tuple[str, ...]
    allows_private: bool
    host: str

    @property
    def is_local(self) -> bool:
        """Whether it asks this very machine, so that it says nothing of the network."""
        return is_loopback(self.host)

    @property
    def patience_s(self) -> float:
        """How long a push monitor waits for a call."""
        return float(self.interval_s + self.settings.get("grace_s", 0))


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of a monitor when the checker begins with it."""

    state: str
    failures: int
    checked_at: datetime | None
    pushed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """Every monitor that is not paused, with what is known of it; `mark` changes when a monitor does."""

    mark: tuple[Any, ...]
    watches: Mapping[UUID, Watch]
    known: Mapping[UUID, Known]


_MARK = select(func.count(), func.sum(Monitor.version), func.max(Monitor.updated_at))
_COLUMNS = (
    Monitor.id, Monitor.version, Monitor.name, Monitor.kind, Monitor.settings, Monitor.interval_s, Monitor.timeout_s,
    Monitor.retries, Monitor.retry_interval_s, Monitor.tags, Monitor.allows_private,
)  # fmt: skip
_KNOWN = (MonitorState.state, MonitorState.failures, MonitorState.checked_at, MonitorState.pushed_at)


def mark() -> tuple[Any, ...]:
    """Changes with every monitor that is made, changed or removed. Raises Unavailable."""
    with record(SYSTEM, timeout_ms=5_000) as tx:
        return tuple(tx.execute(_MARK).one())


def roster() -> Roster:
    """Raises Unavailable."""
    statement = select(*_COLUMNS, *_KNOWN).join(MonitorState, MonitorState.monitor_id == Monitor.id)
    with record(SYSTEM, timeout_ms=10_000) as tx:
        seen = tuple(tx.execute(_MARK).one())
        rows = tx.execute(statement.where(~Monitor.is_paused)).all()
    watches = {row.id: watch for row in rows if (watch := _watch(row)) is not None}
    known = {row.id: Known(row.state, row.failures, row.checked_at, row.pushed_at) for row in rows}
    return Roster(seen, watches, known)


def _watch(row: Any) -> Watch | None:
    """None for one whose settings cannot be read: it stays unknown, and the others are checked."""
    try:
        host = host_of(row.kind, row.settings)
    except (Invalid, KeyError):
        log.exception("a monitor's settings cannot be read", monitor_id=str(row.id))
        return None
    return Watch(
        row.id, row.version, row.name, row.kind, row.settings, row.interval_s, row.timeout_s, row.retries,
        row.retry_interval_s, tuple(row.tags), row.allows_private, host,
    )  # fmt: skip
