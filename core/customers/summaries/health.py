"""How a tenant is: out of the monitors that concern it, its alerts, and how many of its requests fail.

Down: a monitor of it is down, or half of its requests fail. Degraded: a monitor is, an alert of some weight is open, or more
requests fail than should. Healthy: nothing of that, and something is known. Else unknown.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, Text, case, cast, func, literal, select

from core.health.monitors.models import Monitor, MonitorState, MonitorTenant
from core.health.monitors.queries.states import state_of
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.rollups import start_of

HEALTHS = ("healthy", "degraded", "down", "unknown")
FAILING, BROKEN = 0.05, 0.5  # shares of the requests of LATELY
LATELY, ENOUGH = timedelta(hours=1), 20  # fewer requests than that say nothing
QUIET = timedelta(hours=24)  # without a request for so long, requests say nothing of health


def monitors() -> Subquery:
    """checked, down, degraded, up: how many monitors that concern the tenant are watched, and in which state."""
    state = state_of()
    counts = {one: func.count().filter(state == one).label(one) for one in ("down", "degraded", "up")}
    return (
        select(MonitorTenant.tenant_id, func.count().filter(state != "paused").label("checked"), *counts.values())
        .join(Monitor, Monitor.id == MonitorTenant.monitor_id)
        .join(MonitorState, MonitorState.monitor_id == Monitor.id)
        .group_by(MonitorTenant.tenant_id).subquery("monitors")
    )  # fmt: skip


def requests(moment: datetime) -> Subquery:
    """lately, failed (of those), all_day."""
    table, hour = TENANT_ROLLUP.hour.__table__.c, start_of(moment, "hour")
    is_recent = table.bucket >= hour - LATELY
    return (
        select(table.tenant_id, *(
            cast(func.coalesce(total, 0), BigInteger).label(name) for name, total in (
                ("lately", func.sum(table.total).filter(is_recent)), ("failed", func.sum(table.errors).filter(is_recent)),
                ("all_day", func.sum(table.total)),
            )
        ))
        .where(table.bucket > hour - QUIET, table.bucket <= hour, table.tenant_id.is_not(None))
        .group_by(table.tenant_id).subquery("requests")
    )  # fmt: skip


def judged(monitors: Subquery, alerts: Subquery, requests: Subquery) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Health and its reason, over a row per tenant that these are joined to."""
    found, told, asked = monitors.c, alerts.c, requests.c
    share = case((asked.lately >= ENOUGH, cast(asked.failed, BigInteger) * 1.0 / asked.lately))
    some_fail = _sentence("Requests failing: ", func.round(share * 100), " % of ", asked.lately, ", lately.")
    graver = func.coalesce(told.critical, 0) + func.coalesce(told.warning, 0)
    cases: list[tuple[Any, str, Any]] = [
        (found.down > 0, "down", _sentence("Monitors down: ", found.down, " of ", found.checked, ".")),
        (share >= BROKEN, "down", some_fail),
        (told.critical > 0, "degraded", _sentence("Alerts open: ", graver, ", critical ones: ", told.critical, ".")),
        (found.degraded > 0, "degraded", _sentence("Monitors degraded: ", found.degraded, " of ", found.checked, ".")),
        (share >= FAILING, "degraded", some_fail),
        (told.warning > 0, "degraded", _sentence("Alerts open: ", graver, ".")),
        (found.up > 0, "healthy", _sentence("Monitors up: ", found.up, " of ", found.checked, ".")),
        (asked.all_day > 0, "healthy", literal("No alert is open, and its requests succeed.")),
    ]
    health = case(*((condition, literal(name)) for condition, name, _ in cases), else_=literal("unknown"))
    nothing = literal("No monitor watches it, and it sent no request in 24 hours.")
    return health, case(*((condition, reason) for condition, _, reason in cases), else_=nothing)


def _sentence(*parts: Any) -> ColumnElement[str]:
    return cast(func.concat(*(literal(part) if isinstance(part, str) else part for part in parts)), Text)
