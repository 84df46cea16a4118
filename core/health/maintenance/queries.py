"""Reads of maintenance windows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.health.maintenance import rules
from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import Listing, Page, read
from core.kernel.times import utc_now

LOOK_AHEAD = timedelta(days=400)
_TABLE = MaintenanceWindow
_COLUMNS = (
    _TABLE.id, _TABLE.title, _TABLE.covers, _TABLE.tags, _TABLE.monitor_ids, _TABLE.policy, _TABLE.reason, _TABLE.starts_at,
    _TABLE.duration_s, _TABLE.rule, _TABLE.zone, _TABLE.over_at, _TABLE.cancelled_at, _TABLE.cancelled_by,
    _TABLE.cancelled_reason, _TABLE.created_at, _TABLE.created_by, _TABLE.version,
)  # fmt: skip
_TIMES = ("starts_at", "over_at", "next_at", "next_until", "cancelled_at", "created_at")
NAMES = [*(column.key for column in _COLUMNS), "next_at", "next_until", "is_running"]


def _is_live() -> ColumnElement[bool]:
    return and_(_TABLE.cancelled_at.is_(None), or_(_TABLE.over_at.is_(None), _TABLE.over_at > func.now()))


def listing(actor: Actor, *, past: bool = False, after: str | None = None, limit: int = 50) -> Listing:
    """As `windows`, as plain rows."""
    require(actor, "monitors:read")
    statement = select(*_COLUMNS).where(~_is_live() if past else _is_live())
    with read(actor) as rx:
        page = rx.listing(statement, keys=[_TABLE.starts_at, _TABLE.id], after=after, limit=limit)
    return Listing([_with_next(row, utc_now()) for row in page.rows], page.next)


def windows(actor: Actor, *, past: bool = False, after: str | None = None, limit: int = 50) -> Page:
    """Windows that run or come (or with `past` those that are over or cancelled), by their first start, latest first.

    Columns: id, title, covers, tags (list), monitor_ids (list), policy, reason, starts_at, duration_s, rule, zone, over_at,
    cancelled_at, cancelled_by, cancelled_reason, created_at, created_by, version, next_at and next_until (of the occurrence
    that runs or comes next, NA without one), is_running.
    """
    page = listing(actor, past=past, after=after, limit=limit)
    return Page(_frame(page.rows), page.next)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=NAMES)
    times = {name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in _TIMES}
    return frame.assign(**times)


class _Row:
    """A row as the rules take a window."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__.update(row)


def _with_next(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    is_over = row["cancelled_at"] is not None or (row["over_at"] is not None and row["over_at"] <= now)
    found = [] if is_over else rules.occurrences(_Row(row), now, max(now, row["starts_at"]) + LOOK_AHEAD)  # type: ignore[arg-type]
    begin, end = found[0] if found else (None, None)
    return row | {"next_at": begin, "next_until": end, "is_running": begin is not None and begin <= now}


def one(actor: Actor, window_id: UUID) -> dict[str, Any]:
    """One window: the columns of `windows`. Raises NotFound."""
    require(actor, "monitors:read")
    with read(actor) as rx:
        found = rx.one(select(*_COLUMNS).where(_TABLE.id == window_id))
    if found is None:
        raise NotFound("This maintenance window does not exist, or is not among those you may see.")
    return _with_next(found._asdict(), utc_now())


def of_monitor(actor: Actor, monitor_id: UUID, *, limit: int = 50) -> pd.DataFrame:
    """The windows that run or come for one monitor, the next one first: the columns of `windows`. Raises NotFound."""
    require(actor, "monitors:read")
    with read(actor) as rx:
        tags = rx.value(select(Monitor.tags).where(Monitor.id == monitor_id))
        if tags is None:
            raise NotFound("This monitor does not exist, or is not among those you may see.")
        mine = or_(_TABLE.covers == "all", _TABLE.tags.overlap(tags), _TABLE.monitor_ids.contains([monitor_id]))
        rows = rx.rows(select(*_COLUMNS).where(_is_live(), mine).order_by(_TABLE.starts_at).limit(limit))
    now = utc_now()
    full = [_with_next(row._asdict(), now) for row in rows]
    return _frame(sorted(full, key=lambda row: row["next_at"] or datetime.max.replace(tzinfo=now.tzinfo)))
