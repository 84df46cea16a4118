"""Reads series: each once for all rules that ask for it, up to the moment that is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select

from core.health.alerts import contracted, monitored
from core.health.alerts.measures import MEASURES, Measure
from core.health.alerts.models import AlertRule
from core.health.alerts.series import Flags, Series, floor_to, grid
from core.health.alerts.statements import HOUR, MINUTE, TOTAL, Wanted, frozen, seen, statement
from core.health.components.models import COMPONENT_ROLLUP
from core.kernel.reads import Reading
from core.kernel.rollups import RollupWatermark

SETTLE = timedelta(seconds=10)  # rows of a minute may come so long after it
BEHIND = timedelta(minutes=3)  # six passes of the rollups
REMEMBERED = timedelta(days=1)  # what reported within it is expected to
FIVE_MINUTES = timedelta(minutes=5)
MONITOR_STEP = timedelta(seconds=15)
MANY = {"tenant_id", "route", "fingerprint", "series"}  # dimensions of a thousand values


@dataclass(frozen=True, slots=True)
class Known:
    """Up to when figures are known; `told` says why that is too long ago, None where it is not."""

    until: datetime
    told: str | None


def step_of(rule: AlertRule, longest: timedelta) -> timedelta:
    """How fine a rule is judged: by the minute, coarser where long windows meet many subjects, or are days."""
    if rule.kind == "monitor_down":
        return MONITOR_STEP
    if MEASURES[rule.measure].source in {"audit", "sla"}:
        return MINUTE
    is_wide, is_sketched = rule.per in MANY, MEASURES[rule.measure].quantile is not None
    if rule.kind == "anomaly" or longest > timedelta(hours=6):
        return HOUR if is_wide or is_sketched else FIVE_MINUTES
    return FIVE_MINUTES if is_wide and longest > HOUR and not is_sketched else MINUTE


def known(rx: Reading, measures: Sequence[Measure], now: datetime) -> dict[str, Known]:
    """By the name of a rollup; what comes straight from its table is known up to now."""
    names = {rollup.name for measure in measures for rollup in measure.rollups}
    marks = select(RollupWatermark.rollup, RollupWatermark.moved_at).where(RollupWatermark.rollup.in_(names))
    moved = {row.rollup: row.moved_at for row in rx.rows(marks)}
    return {name: _known(moved.get(name), now) for name in names}


def _known(moved: datetime | None, now: datetime) -> Known:
    if moved is None:
        return Known(now - BEHIND, "Nothing was added up yet, so nothing is known.")
    until = min(moved, now) - SETTLE
    if now - moved <= BEHIND:
        return Known(until, None)
    return Known(until, f"Figures are added up only until {moved:%Y-%m-%d %H:%M} UTC, so nothing is known since.")


def known_of(wanted: Wanted, moments: dict[str, Known], now: datetime) -> Known:
    """Up to when the series is known."""
    return moments[wanted.rollup.name] if wanted.measure.rollups else Known(now, None)


def wanted_of(rule: AlertRule, *, step: timedelta, begin: datetime, end: datetime) -> Wanted:
    """What the rule asks for; begin and end on the grid of the step, which for monitors ends with the moment itself."""
    measure = MEASURES[rule.measure]
    asked = Wanted(measure, rule.per, frozen(rule.filters), step, begin, end)
    if measure.source in {"monitor", "certificate"}:
        return asked
    return replace(asked, begin=floor_to(begin, step), end=floor_to(end, step))


def load(rx: Reading, wanted: Wanted, *, remembers: bool = False) -> Series:
    """The series. With `remembers`, also subjects that fell silent within the last day."""
    if wanted.measure.source == "monitor":
        return monitored.downs(rx, wanted)
    if wanted.measure.source == "certificate":
        return monitored.certificates(rx, wanted)
    if wanted.measure.source == "sla":
        return contracted.load(rx, wanted)
    rows = [tuple(row) for row in rx.rows(statement(wanted))]
    made = grid(rows, begin=wanted.begin, end=wanted.end, step=wanted.step, observed=observed(rx, wanted))
    expected = {TOTAL} if wanted.per is None else set()
    if remembers and wanted.per:
        expected = {row[0] for row in rx.rows(seen(wanted, wanted.end - REMEMBERED))}
    return _with(made, sorted(expected - set(made.subjects)))


def _with(series: Series, subjects: list[str]) -> Series:
    """The series with further subjects of which nothing was stored."""
    empty = np.full((len(series.observed), len(subjects)), np.nan)
    return replace(
        series, subjects=(*series.subjects, *subjects), amount=np.hstack([series.amount, empty]),
        volume=np.hstack([series.volume, empty]),
    )  # fmt: skip


def observed(rx: Reading, wanted: Wanted) -> Flags:
    """Whether the portal looked, by step: it did where a round of its own checks was stored.

    Steps of audit entries always were: they are written with what they tell of.
    """
    length = max(round((wanted.end - wanted.begin) / wanted.step), 0)
    if wanted.measure.source == "audit":
        return np.ones(length, dtype=bool)
    table = COMPONENT_ROLLUP.model(wanted.grain).__table__.c
    rounds = select(table.bucket).where(
        table.component == "overall", table.bucket >= wanted.begin, table.bucket < wanted.end
    )
    seen_at = np.zeros(length, dtype=bool)
    places = [int((row.bucket - wanted.begin) / wanted.step) for row in rx.rows(rounds.distinct())]
    seen_at[[place for place in places if 0 <= place < length]] = True
    return seen_at
