"""The measure around an alert, for its chart."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pandas as pd
from sqlalchemy import select

from core.health.alerts.conditions import judge, lead
from core.health.alerts.loading import known, known_of, load, step_of, wanted_of
from core.health.alerts.measures import MEASURES
from core.health.alerts.models import Alert, AlertRule
from core.health.alerts.series import floor_to
from core.health.alerts.statements import HOUR, Wanted, frozen
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now

COLUMNS = ("time", "value", "bound", "lower", "upper")
FINE_FOR = timedelta(days=2)  # a longer time is drawn hour by hour


def series_of(actor: Actor, alert_id: UUID, *, since: datetime, until: datetime) -> pd.DataFrame:
    """What the alert's rule judged, step by step: time (UTC, start of the step), value (NaN unknown), bound, and of an
    anomaly rule lower and upper. Empty for an alert that is not in sight or stands for many."""
    require(actor, "alerts:read")
    with read(actor, timeout_ms=10_000) as rx:
        row = rx.one(
            select(Alert, AlertRule).join(AlertRule, AlertRule.id == Alert.rule_id).where(Alert.id == alert_id)
        )
        if row is None or row[0].is_group or until <= since:
            return pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS})
        alert, rule = row
        series = load(rx, _wanted(rx, rule, alert.dedup_key.partition("/")[2], since, until))
    judged = judge(rule, series)
    rows = series.steps(lead(rule).total_seconds())
    judged, series = judged.after(rows), series.after(rows)
    none = np.full(len(series.times), np.nan)
    first = {name: one[:, 0] if one is not None and one.shape[1] else none
             for name, one in (("value", judged.value), ("lower", judged.lower), ("upper", judged.upper))}  # fmt: skip
    return pd.DataFrame({"time": pd.to_datetime(series.times, utc=True), "bound": rule.bound, **first})[list(COLUMNS)]


def _wanted(rx: Reading, rule: AlertRule, subject: str, since: datetime, until: datetime) -> Wanted:
    """Only the alert's subject, by the minute where it is kept and the time is short."""
    step = step_of(rule, lead(rule))
    begin, end = since - lead(rule), min(until, utc_now())
    asked = wanted_of(rule, step=step, begin=begin, end=end)
    if rule.per:
        asked = replace(asked, filters=frozen({**rule.filters, rule.per: [subject]}))
    if asked.measure.source in {"monitor", "certificate"}:
        return asked
    kept = asked.rollup.kept_days.get("minute", 30) if asked.measure.rollups else 30
    is_old = begin < utc_now() - timedelta(days=kept)
    if step < HOUR and (is_old or until - since > FINE_FOR):
        step = HOUR
    known_until = known_of(asked, known(rx, [MEASURES[rule.measure]], utc_now()), utc_now()).until
    return replace(asked, step=step, begin=floor_to(begin, step), end=floor_to(min(end, known_until), step))
