"""Calls of push monitors: stored at once, by whatever web process takes them; the checker hears of them within a second."""

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from core.health.maintenance import running
from core.health.monitors.models import Monitor, MonitorCheck, MonitorState
from core.health.monitors.rules import CHECKED_STATES, LATE, MAX_DETAIL
from core.health.monitors.storing import COLUMNS
from core.kernel import crypto, retention
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording, record

SYSTEM = Actor.system("heartbeats", channel="api")
LONGEST_PING_MS = 86_400_000.0


def call(token: str, *, status: str = "up", message: str = "", ping_ms: float | None = None) -> UUID:
    """Takes one call and returns the monitor's id. Raises NotFound for an unknown token, Invalid, Unavailable.

    The call of a paused monitor is taken and not kept.
    """
    if status not in CHECKED_STATES or (ping_ms is not None and not 0 <= ping_ms <= LONGEST_PING_MS):
        raise Invalid(
            "The status is up, degraded or down, and the ping a number of milliseconds.", {"status": "up or down"}
        )
    with record(SYSTEM, timeout_ms=5_000) as tx:
        monitor = _of_token(tx, token)
        if not monitor.is_paused:
            _keep(tx, monitor, {"state": status, "detail": _plain(message), "latency_ms": ping_ms})
    found: UUID = monitor.id
    return found


def parse_ping(text: str) -> float | None:
    """Milliseconds, None for nothing. Raises Invalid."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Invalid("The ping is a number of milliseconds.", {"ping": "Write a number."})
    return value


def _plain(message: str) -> str:
    return " ".join(message.replace("\x00", "").split())[:MAX_DETAIL] or "called"


def _of_token(tx: Recording, token: str) -> Any:
    """The monitor with the token, or with it as the one before that still counts; looked up by its digest.

    The index sees only digests, whose comparison tells nothing of the token; what was found is compared in constant time.
    """
    given, table = crypto.digest(token), Monitor
    columns = (
        table.id, table.is_paused, table.interval_s, table.settings, table.tags, table.token_digest, table.previous_digest,
        MonitorState.checked_at, func.clock_timestamp().label("now"),
    )  # fmt: skip
    still = and_(table.previous_digest == given, table.previous_expires_at > func.now())
    statement = select(*columns).join(MonitorState, MonitorState.monitor_id == table.id)
    found = tx.execute(
        statement.where(or_(table.token_digest == given, still)).with_for_update(of=MonitorState)
    ).first()
    if found is None or not any(crypto.same(one, given) for one in (found.token_digest, found.previous_digest) if one):
        raise NotFound("No push monitor has this token. Copy its URL again.")
    return found


def _keep(tx: Recording, monitor: Any, push: dict[str, Any]) -> None:
    """The call stands for the time since the one before, as far as one was to be expected by then."""
    now, patience_s = monitor.now, monitor.interval_s + monitor.settings["grace_s"]
    silent_s = (now - monitor.checked_at).total_seconds() if monitor.checked_at else math.inf
    seconds = max(silent_s, 0.0) if silent_s <= patience_s else float(monitor.interval_s)
    window = running.current().at(now, monitor.id, monitor.tags)
    retention.make_ready(tx, "monitor_check", "day", now, now)
    tx.copy(MonitorCheck, [{
        "at": now, "id": uuid7(), "monitor_id": monitor.id, "state": push["state"], "latency_ms": push["latency_ms"],
        "seconds": seconds, "is_counted": window is None or window.policy == "counted",
        "maintenance_id": window.id if window else None, "detail": push["detail"],
    }], COLUMNS)  # fmt: skip
    tx.execute(update(MonitorState).where(MonitorState.monitor_id == monitor.id).values(
        checked_at=now, pushed_at=now, signal_at=now, push=push, detail=push["detail"], latency_ms=push["latency_ms"],
        failures=0, maintenance_id=window.id if window else None,
        next_at=now + timedelta(seconds=monitor.interval_s), due_by=now + timedelta(seconds=patience_s) + LATE,
    ))  # fmt: skip
