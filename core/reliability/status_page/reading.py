"""Reads what the page shows out of components, monitors, incidents' public updates and announced maintenance."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Float, cast, or_, select

from core.health.monitors.models import MONITOR_ROLLUP, Monitor, MonitorPause, MonitorState
from core.health.monitors.queries.states import state_of
from core.health.monitors.rules import overlap_s
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now
from core.reliability.status_page import announced, history, state, told
from core.reliability.status_page.history import Seconds, Stated
from core.reliability.status_page.models import StatusComponent
from core.reliability.status_page.snapshot import Component, Incident, Maintenance, Snapshot

SHOWN = timedelta(days=history.DAYS)
AHEAD, DAY = timedelta(days=30), timedelta(days=1)
MOST_INCIDENTS, MOST_ANNOUNCED, MOST_UPCOMING = 200, 100, 3
UNNAMED = "Service disruption"


def snapshot(actor: Actor, now: datetime | None = None) -> Snapshot:
    """What the page shows at this moment. Raises Denied, Unavailable."""
    require(actor, "status_page:read")
    moment = now or utc_now()
    with read(actor, timeout_ms=20_000) as rx:
        rows = _components(rx)
        known = {str(row.id) for row in rows}
        incidents = told.incidents(rx.session, moment, known)
        maintenances = announced.maintenances(rx.session, moment, known)
        measured = _Measured(rx, sorted({key for row in rows for key in row.monitor_ids}), moment)
    stated = _stated(incidents)
    made = [_component(row, measured, stated.get(str(row.id), []), maintenances, moment) for row in rows]
    return Snapshot(tuple(made), tuple(incidents), tuple(maintenances))


def _components(rx: Reading) -> Sequence[Any]:
    table = StatusComponent
    columns = (
        table.id, table.name, table.description, table.group_name, table.position, table.monitor_ids, table.manual_state,
        table.created_at, table.updated_at,
    )  # fmt: skip
    shown = select(*columns).where(table.archived_at.is_(None))
    return rx.rows(shown.order_by(table.position, table.name, table.id).limit(500))


class _Measured:
    """What monitors say now, and what they were on each day."""

    def __init__(self, rx: Reading, monitor_ids: Sequence[UUID], now: datetime) -> None:
        joined = select(Monitor.id, state_of().label("state")).join(MonitorState, MonitorState.monitor_id == Monitor.id)
        self.states: dict[UUID, str] = {}
        self.days: dict[UUID, dict[date, Seconds]] = {}
        if monitor_ids:
            self.states = {row.id: row.state for row in rx.rows(joined.where(Monitor.id.in_(monitor_ids)))}
            self.days = _days(rx, monitor_ids, now)


def _days(rx: Reading, monitor_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[date, Seconds]]:
    table, days = MONITOR_ROLLUP.day.__table__.c, history.days_until(now)
    seconds = cast(table.seconds_sum, Float).label("seconds")
    wanted = select(table.monitor_id, table.bucket, table.state, table.is_counted, seconds)
    held: dict[UUID, dict[date, dict[str, float]]] = {}
    for row in rx.rows(wanted.where(table.monitor_id.in_(monitor_ids), table.bucket >= days[0])):
        name = row.state if row.is_counted else "excluded"
        of_day = held.setdefault(row.monitor_id, {}).setdefault(row.bucket.date(), {})
        of_day[name] = of_day.get(name, 0.0) + row.seconds
    for key, spans in _pauses(rx, monitor_ids, days[0]).items():
        for begin in days:
            paused = overlap_s(spans, begin, min(begin + DAY, now))
            if paused:
                held.setdefault(key, {}).setdefault(begin.date(), {})["paused"] = paused
    return {key: {on: Seconds(**values) for on, values in found.items()} for key, found in held.items()}


def _pauses(
    rx: Reading, monitor_ids: Sequence[UUID], since: datetime
) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    table = MonitorPause
    wanted = select(table.monitor_id, table.since, table.until).where(
        table.monitor_id.in_(monitor_ids), or_(table.until.is_(None), table.until > since)
    )
    held: dict[UUID, list[tuple[datetime, datetime | None]]] = {}
    for row in rx.rows(wanted):
        held.setdefault(row.monitor_id, []).append((row.since, row.until))
    return held


def _component(
    row: Any, measured: _Measured, stated: Sequence[Stated], maintenances: Sequence[Maintenance], now: datetime
) -> Component:
    # A monitor that was removed is not observed any more.
    states = [measured.states.get(key, "unknown") for key in row.monitor_ids]
    by_monitor = [measured.days.get(key, {}) for key in row.monitor_ids]
    running = any(one.status == "in_progress" and str(row.id) in one.component_ids for one in maintenances)
    live = [one.state for one in stated if one.until is None]
    shown = state.of_component(manual=row.manual_state, monitors=states, declared=live, in_maintenance=running)
    return Component(
        id=row.id, name=told.plain(row.name), description=told.plain(row.description), group=told.plain(row.group_name),
        position=row.position, state=shown, days=tuple(history.strip(by_monitor, stated, now)),
        uptime_ratio=history.uptime(by_monitor), created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _stated(incidents: Sequence[Incident]) -> dict[str, list[Stated]]:
    found: dict[str, list[Stated]] = {}
    for one in incidents:
        updates = [(update.at, update.components) for update in reversed(one.updates)]
        for component, spans in history.stated(updates, one.resolved_at).items():
            found.setdefault(component, []).extend(spans)
    return found
