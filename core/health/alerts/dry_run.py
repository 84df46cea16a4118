"""What a rule would have done: the same evaluation as the live one, over the past."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Float, Select, cast, func, select

from core.health.alerts.cleaning import EDITABLE, clean
from core.health.alerts.conditions import Judged, judge, lead
from core.health.alerts.evaluation import Interval, conclude
from core.health.alerts.loading import MANY, known, known_of, load, step_of, wanted_of
from core.health.alerts.measures import MEASURES, Measure
from core.health.alerts.models import AlertRule
from core.health.alerts.naming import names_of
from core.health.alerts.rule_actions import require_platform
from core.health.alerts.series import Flags, Series, floor_to
from core.health.alerts.statements import HOUR, MINUTE, Wanted
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now

MOST_DAYS, MOST_CELLS, MOST_INTERVALS, DRAWN = 30, 2_000_000, 1_000, 5
TIMEOUT_MS = 20_000
SKETCHES_FOR = timedelta(days=7)  # percentiles of a longer time take too long minute by minute
COLUMNS = ("subject", "since", "fired_at", "cleared_at", "value", "worst")
_PERMISSIONS = {"audit": "audit:read", "monitor": "monitors:read", "certificate": "monitors:read"}


@dataclass(frozen=True, slots=True)
class DryRun:
    """When a rule would have fired. Times are UTC.

    `intervals`: subject, since (the condition began), fired_at, cleared_at (NaT: it fires still), value, worst; oldest
    first, at most 1,000 of `count`. `series`: subject, time, value (NA unknown), lower, upper of the subjects that fired
    most. `unobserved`: since, until of times when nobody looked. `grain` is how fine it was judged; `told` one sentence.
    """

    intervals: pd.DataFrame
    count: int
    subjects: int
    series: pd.DataFrame
    bound: float
    unobserved: pd.DataFrame
    grain: str
    told: str


def dry_run(actor: Actor, values: Mapping[str, Any], *, days: int = MOST_DAYS, now: datetime | None = None) -> DryRun:
    """Judges the rule of these values (as for `create`) over the past days. Raises Denied, Invalid, TooSlow."""
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"Choose 1 to {MOST_DAYS} days.", {"days": f"Choose 1 to {MOST_DAYS} days."})
    rule, moment = AlertRule(**clean(values)), now or utc_now()
    _require(actor, MEASURES[rule.measure])
    with read(actor, timeout_ms=TIMEOUT_MS) as rx:
        wanted = _wanted(rx, rule, moment, timedelta(days=days))
        series = load(rx, wanted)
        judged = judge(rule, series)
        verdict = conclude(rule, judged, series)
        names = names_of(rx, rule.per, sorted({one.subject for one in verdict.intervals}))
    return _result(rule, wanted, series, judged, verdict.intervals, names)


def values_of(rule: AlertRule) -> dict[str, Any]:
    """What a stored rule is made of, for another dry run."""
    return {name: getattr(rule, name) for name in EDITABLE}


def _require(actor: Actor, measure: Measure) -> None:
    """Who may not see the figures would be told that nothing ever happened."""
    require_platform(actor)
    require(actor, "alert_rules:read")
    resource = measure.rollups[0].resource if measure.rollups else ""
    require(actor, _PERMISSIONS.get(measure.source, f"{resource}:read"))


def _wanted(rx: Reading, rule: AlertRule, now: datetime, length: timedelta) -> Wanted:
    """By the minute where it is kept and is not too much, else by the hour."""
    step = max(step_of(rule, lead(rule)), MINUTE)
    asked = wanted_of(rule, step=step, begin=now - length - lead(rule), end=now)
    moment = known_of(asked, known(rx, [asked.measure], now), now)
    if asked.measure.source in {"monitor", "certificate"}:
        return asked
    if step < HOUR and _is_too_much(rx, asked, now):
        step = HOUR
    begin = floor_to(now - length - lead(rule), step)
    return replace(asked, step=step, begin=begin, end=floor_to(moment.until, step))


def _is_too_much(rx: Reading, asked: Wanted, now: datetime) -> bool:
    if not asked.measure.rollups:
        return False
    if asked.measure.quantile is not None and asked.end - asked.begin > SKETCHES_FOR:
        return True
    kept = timedelta(days=asked.rollup.kept_days.get("minute", MOST_DAYS))
    if asked.begin < now - kept - timedelta(days=1):
        return True
    steps = (asked.end - asked.begin) / asked.step
    return asked.per in MANY and steps * _subjects(rx, asked) > MOST_CELLS


def _subjects(rx: Reading, asked: Wanted) -> int:
    """How many subjects there are, from the day rollup."""
    table = asked.rollup.day.__table__.c
    column = table.series_id if asked.measure.source == "metric" else asked.measure.column(table, str(asked.per))
    counted: Select[Any] = select(cast(func.count(column.distinct()), Float)).where(table.bucket >= asked.begin)
    return int(rx.value(counted) or 0)


def _result(
    rule: AlertRule, wanted: Wanted, series: Series, judged: Judged, intervals: list[Interval], names: Mapping[str, str]
) -> DryRun:  # fmt: skip
    rows = series.steps(lead(rule).total_seconds())
    shown, seen = judged.after(rows), series.after(rows)
    unknown = _unknown(rule, seen, shown)
    ordered = sorted(intervals, key=lambda one: (one.fired_at or one.since, one.subject))
    frame = pd.DataFrame(
        [[names[one.subject], *(getattr(one, name) for name in COLUMNS[1:])] for one in ordered[:MOST_INTERVALS]],
        columns=list(COLUMNS),
    )
    for name in ("since", "fired_at", "cleared_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    subjects = len({one.subject for one in intervals})
    grain = "hour" if wanted.step >= HOUR else "minute"
    told = _told(len(intervals), subjects, unknown, series.step, grain)
    drawn = _drawn(seen, shown, intervals, names)
    return DryRun(frame, len(intervals), subjects, drawn, float(rule.bound), _spans(seen, unknown), grain, told)


def _unknown(rule: AlertRule, series: Series, judged: Judged) -> Flags:
    """Steps of which nothing is known: nobody looked, and nothing was stored."""
    stored = ~np.isnan(series.amount).all(axis=1) if series.amount.size else np.zeros(len(series.observed), dtype=bool)
    return ~(series.observed | stored)


def _told(count: int, subjects: int, unknown: Flags, step: timedelta, grain: str) -> str:
    times = "once" if count == 1 else f"{count:,} times"
    whom = "" if subjects <= 1 else f" for {subjects:,} subjects"
    fired = f"Would have fired {times}{whom}" if count else "Would not have fired"
    minutes = int(unknown.sum() * step.total_seconds() // 60)
    dark = f"; {minutes:,} min were unobserved" if minutes else ""
    coarse = (
        "; judged hour by hour, because finer figures are not kept for so long or are too many"
        if grain == "hour"
        else ""
    )
    return f"{fired}{dark}{coarse}."


def _spans(series: Series, unknown: Flags) -> pd.DataFrame:
    """Runs of unknown steps: since, until."""
    edges = np.diff(np.concatenate(([False], unknown, [False])).astype(np.int8))
    runs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    spans = [(series.begin + int(first) * series.step, series.begin + int(last) * series.step) for first, last in runs]
    since, until = ([span[place] for span in spans] for place in (0, 1))
    return pd.DataFrame({"since": pd.to_datetime(since, utc=True), "until": pd.to_datetime(until, utc=True)})


def _drawn(
    series: Series, judged: Judged, intervals: list[Interval], names: Mapping[str, str]
) -> pd.DataFrame:  # fmt: skip
    """The course of the subjects that fired most; where none did, of the first."""
    fired = pd.Series([one.subject for one in intervals], dtype="string").value_counts().index.tolist()
    chosen = (fired or list(series.subjects))[:DRAWN]
    frames = []
    for subject in chosen:
        place = series.subjects.index(subject)
        band = {
            name: getattr(judged, name)[:, place] if getattr(judged, name) is not None else np.nan
            for name in ("lower", "upper")
        }
        course = {"subject": names.get(subject, subject), "time": series.times, "value": judged.value[:, place], **band}
        frames.append(pd.DataFrame(course))
    empty = pd.DataFrame({name: [] for name in ("subject", "time", "value", "lower", "upper")})
    return pd.concat(frames, ignore_index=True) if frames else empty
