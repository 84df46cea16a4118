"""Every figure of a real log equals the one that pandas computes straight from the file."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from core.support.figures import backlog, compliance, distributions, times
from core.support.figures.filters import UNASSIGNED, Filters, Period
from core.support.tickets.models import PRIORITIES

ALL = Period(datetime(2016, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))
LATER = Period(datetime(2016, 3, 1, tzinfo=UTC), datetime(2016, 3, 8, tzinfo=UTC))
LISBON = ZoneInfo("Europe/Lisbon")


def resolved(known: pd.DataFrame, period: Period) -> pd.DataFrame:
    return known[(known["resolved"] >= period.since) & (known["resolved"] < period.until)]


@pytest.mark.parametrize("period", [ALL, LATER])
def test_resolution_on_the_whole(known, system, period):
    frame, took = times.overview(system, Filters(period)), resolved(known, period)["took"]
    assert times.figure(frame, "resolution", "tickets") == len(took)
    for name, value in (("average", took.mean()), ("median", took.median()), ("p90", took.quantile(0.9))):
        assert times.figure(frame, "resolution", f"wall_{name}_s") == pytest.approx(value)
    before = resolved(known, period.before)["took"]
    shown = times.figure(frame, "resolution", "wall_median_s", is_before=True)
    assert shown == (pytest.approx(before.median()) if len(before) else None)
    # The log holds no answers, so nothing is known of first responses.
    assert times.figure(frame, "first_response", "wall_average_s") is None


@pytest.mark.parametrize("part", ["priority", "team", "agent", "hour"])
def test_resolution_by_part(known, system, part):
    frame = distributions.by(system, Filters(ALL), part, "resolution", str(LISBON)).set_index("part")
    hour = known["opened"].dt.tz_convert(LISBON).dt.strftime("%H")
    keys = {
        "priority": known["priority"], "team": known["team"].fillna(distributions.NO_TEAM),
        "agent": known["agent"].fillna(UNASSIGNED), "hour": hour,
    }  # fmt: skip
    groups = known.groupby(keys[part])["took"]
    expected = pd.DataFrame(
        {"n": groups.count(), "median": groups.median(), "p90": groups.quantile(0.9), "mean": groups.mean()}
    )
    assert frame["tickets"].to_dict() == expected["n"].to_dict()
    for column, name in (("wall_median_s", "median"), ("wall_p90_s", "p90"), ("wall_average_s", "mean")):
        assert frame[column].to_dict() == pytest.approx(expected[name].to_dict())
    if part == "priority":
        assert list(frame.index) == [one for one in PRIORITIES if one in set(known["priority"])]


def test_filters_narrow_to_team_and_priority(known, system, raw):
    team = known["team"].value_counts().index[0]
    team_id = raw("SELECT id FROM support_team WHERE name = :name", name=team)[0].id
    frame = times.overview(system, Filters(ALL, ("medium", "low"), (team_id,)))
    took = known[(known["team"] == team) & known["priority"].isin(["medium", "low"])]["took"]
    assert times.figure(frame, "resolution", "tickets") == len(took)
    assert times.figure(frame, "resolution", "wall_median_s") == pytest.approx(took.median())
    rates = compliance.rates(system, Filters(ALL, ("medium", "low"), (team_id,))).set_index("target").loc["resolution"]
    assert rates["met"] + rates["missed"] == len(took)


def test_spread_over_the_bars(known, system):
    frame = distributions.spread(system, Filters(ALL), "resolution")
    ends = [0, *distributions.EDGES, float("inf")]
    bars = pd.cut(known["took"], ends, right=False, labels=False)
    expected = known.groupby([known["priority"], bars]).size().to_dict()
    assert {(row["priority"], row["bar"]): row["tickets"] for row in frame.to_dict("records")} == expected


def test_days_count_what_came_what_was_resolved_and_what_was_left(known, system):
    period = Period(datetime(2016, 3, 1, tzinfo=UTC), datetime(2016, 3, 20, tzinfo=UTC))
    frame = backlog.by_day(system, period, UTC).set_index("day")
    for day, row in frame.iterrows():
        end = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
        assert row["created"] == (known["opened"].dt.date == day).sum()
        assert row["resolved"] == (known["resolved"].dt.date == day).sum()
        assert row["backlog"] == ((known["opened"] < end) & (known["resolved"] >= end)).sum()
    assert len(frame) == 19 and frame["backlog"].sum() > 0
    assert backlog.resolved_in(system, period) == len(resolved(known, period))


def test_compliance_is_of_the_targets_of_the_standard_policy(known, system):
    """Standard counts every hour outside of waiting, so whoever took less than the target on the wall has met it."""
    target = known["priority"].map({"urgent": 4, "high": 8, "medium": 24, "low": 48}) * 3600
    rates = compliance.rates(system, Filters(ALL)).set_index("target").loc["resolution"]
    assert rates["met"] + rates["missed"] == len(known)
    assert rates["met"] >= (known["took"] <= target).sum() > 0
    assert rates["met_ratio"] == pytest.approx(rates["met"] / len(known))
    assert pd.isna(rates["met_ratio_before"])
    late = compliance.latest_breaches(system, limit=5)
    assert late["breached_at"].is_monotonic_decreasing and late["is_over"].all() and len(late) > 0


def test_nothing_is_open_where_all_are_closed(known, system):
    assert set(known["status"]) == {"closed"}
    assert backlog.active(system).empty
