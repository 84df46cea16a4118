"""Series of monitors: down or not, step by step, out of their changes of state; and how long certificates hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import or_, select

from core.health.alerts.series import Flags, Series, Values
from core.health.alerts.statements import Wanted
from core.health.monitors import queries
from core.health.monitors.models import CheckerGap, MonitorChange
from core.kernel.reads import Reading

DAY_S = 86_400
_DOWN = {"down": 1.0, "up": 0.0, "degraded": 0.0}  # paused and unknown are neither


def downs(rx: Reading, wanted: Wanted) -> Series:
    """1 where a monitor was down at the end of the step, 0 where it was not, NaN where that is unknown.

    Times in which the checker did not look are unknown, and so is a monitor that is under maintenance now.
    """
    now = _chosen(queries.current(rx.actor), wanted)
    ends = [wanted.begin + (place + 1) * wanted.step for place in range(_length(wanted))]
    changes = _changes(rx, now.loc[now["since"] >= wanted.begin, "id"].tolist(), wanted.begin)
    amount = np.full((len(ends), len(now)), np.nan)
    for place, monitor in enumerate(now.to_dict("records")):
        amount[:, place] = _course(ends, monitor, changes.get(str(monitor["id"]), []))
    amount[_in_gaps(rx, wanted, ends)] = np.nan
    return _series(wanted, now, amount)


def certificates(rx: Reading, wanted: Wanted) -> Series:
    """Days until each certificate ends, at the last step only: what was held before is not known any more."""
    now = _chosen(queries.current(rx.actor), wanted)
    now = now[now["certificate_expires_at"].notna() & (now["state"] != "paused")]
    amount = np.full((_length(wanted), len(now)), np.nan)
    if len(amount):
        left = (now["certificate_expires_at"] - pd.Timestamp(wanted.end)).dt.total_seconds() / DAY_S
        amount[-1] = left.to_numpy(dtype=float)
    return _series(wanted, now, amount)


def _length(wanted: Wanted) -> int:
    return max(int((wanted.end - wanted.begin) / wanted.step), 1)


def _series(wanted: Wanted, now: pd.DataFrame, amount: Values) -> Series:
    volume = np.where(np.isnan(amount), np.nan, 1.0)
    subjects = tuple(str(key) for key in now["id"])
    seen: Flags = np.asarray((~np.isnan(amount)).any(axis=1), dtype=bool)
    return Series(wanted.begin, wanted.step, subjects, amount, volume, seen)


def _chosen(now: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    named = dict(wanted.filters).get("monitor_id")
    return now[now["id"].astype(str).isin(named)] if named else now


def _changes(rx: Reading, monitor_ids: Sequence[Any], begin: datetime) -> dict[str, list[Any]]:
    """The changes of these monitors since then, oldest first; the others are as they were."""
    change = MonitorChange
    found = select(change.monitor_id, change.at, change.state, change.previous)
    found = found.where(change.monitor_id.in_(monitor_ids), change.at >= begin).order_by(change.at)
    by_monitor: dict[str, list[Any]] = {}
    for row in rx.rows(found) if monitor_ids else []:
        by_monitor.setdefault(str(row.monitor_id), []).append(row)
    return by_monitor


def _course(ends: Sequence[datetime], monitor: dict[Any, Any], changes: Sequence[Any]) -> Values:
    """The state at each moment; the last is what is known now, with what the checker itself does not know."""
    at = np.array([change.at.timestamp() for change in changes])
    states = [changes[0].previous, *(change.state for change in changes)] if changes else [monitor["state"]]
    places = np.searchsorted(at, [end.timestamp() for end in ends], side="right")
    course = np.array([_DOWN.get(states[place], np.nan) for place in places])
    course[-1] = np.nan if monitor["in_maintenance"] else _DOWN.get(monitor["state"], np.nan)
    return course


def _in_gaps(rx: Reading, wanted: Wanted, ends: Sequence[datetime]) -> Flags:
    gap = CheckerGap
    found = select(gap.since, gap.until).where(
        gap.since < wanted.end, or_(gap.until.is_(None), gap.until >= wanted.begin)
    )
    inside = np.zeros(len(ends), dtype=bool)
    for row in rx.rows(found):
        inside |= np.array([row.since <= end and (row.until is None or end < row.until) for end in ends])
    return inside
