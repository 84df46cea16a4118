"""The state of a monitor as it is to be shown: what was found, unless nobody looked."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.health.monitors.models import CheckerGap, CheckerRun, Monitor, MonitorState
from core.health.monitors.rules import SILENCE, STATES, Span
from core.health.monitors.storing import NOBODY
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read

_SEEN_AT = select(func.max(CheckerRun.seen_at)).scalar_subquery()
_GAP_SINCE = select(func.min(CheckerGap.since)).where(CheckerGap.until.is_(None)).scalar_subquery()


def _is_unknown() -> ColumnElement[bool]:
    return or_(
        MonitorState.checked_at.is_(None),
        MonitorState.due_by < func.now(),
        func.coalesce(func.now() - SILENCE > _SEEN_AT, literal(True)),
        and_(_GAP_SINCE.is_not(None), MonitorState.checked_at < _GAP_SINCE),
    )


def state_of() -> ColumnElement[str]:
    """up, degraded, down, paused or unknown, over Monitor joined with MonitorState."""
    return case((Monitor.is_paused, "paused"), (_is_unknown(), "unknown"), else_=MonitorState.state)


def since_of() -> ColumnElement[datetime]:
    """Since when; of what is unknown, when it was last known."""
    last = func.coalesce(MonitorState.checked_at, MonitorState.since)
    return case((Monitor.is_paused, MonitorState.since), (_is_unknown(), last), else_=MonitorState.since)


def counts(actor: Actor) -> dict[str, int]:
    """How many monitors in sight are in each state, 0 included."""
    require(actor, "monitors:read")
    state = state_of().label("state")
    joined = select(state, func.count()).join(MonitorState, MonitorState.monitor_id == Monitor.id)
    with read(actor) as rx:
        found: dict[str, int] = {row[0]: row[1] for row in rx.rows(joined.group_by(state))}
    return dict.fromkeys(STATES, 0) | found


def gaps(rx: Reading, since: datetime, until: datetime) -> list[Span]:
    """The times in which the checker knew nothing, oldest first, with the one that lasts now though nobody noted it."""
    table = CheckerGap
    statement = select(table.since, table.until, table.cause).where(
        table.since < until, or_(table.until.is_(None), table.until > since)
    )
    found = [
        Span(row.since, row.until, "unknown", row.cause)
        for row in rx.rows(statement.order_by(table.since).limit(1_000))
    ]
    seen_at, now = _seen(rx)
    is_silent = seen_at is not None and now - seen_at > SILENCE
    return [*found, Span(seen_at, None, "unknown", NOBODY)] if is_silent and seen_at is not None else found


def _seen(rx: Reading) -> Any:
    return rx.rows(select(_SEEN_AT.label("seen_at"), func.now().label("now")))[0]
