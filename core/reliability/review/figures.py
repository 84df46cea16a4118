"""How fast incidents are taken and resolved, and how far apart they are (MTTA, MTTR, MTBF)."""

from datetime import datetime
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, Text, case, cast, func, literal, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.reliability.incidents import rules
from core.reliability.incidents.models import Incident

By = Literal["all", "severity", "service"]
MOST = 200


def _seconds(later: Any, earlier: Any) -> ColumnElement[Any]:
    return func.extract("epoch", later - earlier)


def figures(actor: Actor, since: datetime, until: datetime, *, by: By = "severity") -> pd.DataFrame:
    """One row per severity, service or for all: group, incidents, live, resolved, mtta_s, mttr_s, mtbf_s, in_time, judged.

    Of incidents that began from `since` until before `until` and were not merged into others. MTTA is the mean from the
    declaration until somebody took it, MTTR the mean from the beginning until it was resolved, MTBF the mean between the
    beginnings of one and the next; NA where there is nothing to take a mean of. `in_time` of `judged` were resolved within
    rules.TARGETS; what still runs past its target is judged, too. An incident of several services counts for each. Raises
    Denied.
    """
    require(actor, "incidents:read")
    with read(actor) as rx:
        return rx.frame(_grouped(_courses(since, until, by)), limit=MOST)


def by_month(actor: Actor, since: datetime, until: datetime, *, zone: str) -> pd.DataFrame:
    """One row per month (local to `zone`) and severity: month (its first day), severity, incidents, mttr_s. Raises Denied."""
    require(actor, "incidents:read")
    month = func.to_char(func.timezone(zone, Incident.started_at), "YYYY-MM-01").label("month")
    found = (
        select(
            month, Incident.severity, func.count().label("incidents"),
            func.avg(_seconds(Incident.resolved_at, Incident.started_at)).label("mttr_s"),
        )
        .where(*_chosen(since, until))
        .group_by(month, Incident.severity)
        .order_by(month, Incident.severity)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(found)


def _chosen(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return Incident.started_at >= since, Incident.started_at < until, Incident.merged_into_id.is_(None)


def _courses(since: datetime, until: datetime, by: By) -> Any:
    """One row per incident and group, with its times in seconds and the beginning of the group's incident before."""
    group: dict[str, Any] = {
        "all": literal("all", Text()), "severity": Incident.severity,
        "service": func.unnest(case((Incident.services == [], [""]), else_=Incident.services)),
    }  # fmt: skip
    listed = (
        select(
            group[by].label("group"), Incident.severity, Incident.started_at, Incident.declared_at, Incident.acknowledged_at,
            Incident.resolved_at,
        )
        .where(*_chosen(since, until))
        .subquery()
    )  # fmt: skip
    before = func.lag(listed.c.started_at).over(partition_by=listed.c.group, order_by=listed.c.started_at)
    return select(*listed.c, before.label("previous_at")).subquery()


def _grouped(course: Any) -> AnySelect:
    taken = case(
        *(
            (course.c.severity == severity, target.total_seconds())
            for severity, target in rules.TARGETS.items()
            if target
        ),
        else_=None,
    )
    resolved = _seconds(course.c.resolved_at, course.c.started_at)
    so_far = _seconds(func.coalesce(course.c.resolved_at, func.now()), course.c.started_at)
    is_judged = taken.is_not(None) & (course.c.resolved_at.is_not(None) | (so_far > taken))
    return (
        select(
            cast(course.c.group, Text()).label("group"), func.count().label("incidents"),
            func.count().filter(course.c.resolved_at.is_(None)).label("live"),
            func.count(course.c.resolved_at).label("resolved"),
            func.avg(_seconds(course.c.acknowledged_at, course.c.declared_at)).label("mtta_s"),
            func.avg(resolved).label("mttr_s"),
            func.avg(_seconds(course.c.started_at, course.c.previous_at)).label("mtbf_s"),
            func.count().filter(is_judged, resolved <= taken).label("in_time"),
            func.count().filter(is_judged).label("judged"),
        )
        .group_by(course.c.group)
        .order_by(course.c.group)
    )  # fmt: skip
