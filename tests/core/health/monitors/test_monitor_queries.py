"""Lists, availability with what was not observed, courses: out of rows as the checker leaves them."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core.health.monitors import actions, queries, storing
from core.health.monitors.models import MONITOR_ROLLUP, MonitorCheck
from core.health.monitors.queries import Filters
from core.health.monitors.storing import Batch, Gap
from core.kernel import retention, rollups
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.models import uuid7
from core.kernel.telemetry import record
from core.kernel.times import utc_now

NOW = utc_now().replace(second=0, microsecond=0)


def make(actor, name: str = "Website", *, hours: float = 48, raw=None, **values: object) -> UUID:
    given = {"name": name, "kind": "http", "settings": {"url": "https://93.184.216.34/"}}
    made = actions.create(actor, **(given | values)).monitor
    raw("UPDATE monitor SET created_at = :at WHERE id = :id", at=NOW - timedelta(hours=hours), id=made.id)
    return made.id


def observe(actor, monitor_id: UUID, since: datetime, minutes: int, state: str = "up", **values: object) -> None:
    """A check a minute."""
    rows = [
        {"at": since + timedelta(minutes=place), "id": uuid7(), "monitor_id": monitor_id, "state": state, "latency_ms": 100.0,
         "seconds": 60.0, "is_counted": True, "maintenance_id": None, "detail": state} | values
        for place in range(minutes)
    ]  # fmt: skip
    with record(actor) as tx:
        retention.make_ready(tx, "monitor_check", "day", rows[0]["at"], rows[-1]["at"])
        tx.copy(MonitorCheck, rows, storing.COLUMNS)


def counted(raw) -> None:
    """Rolled up, up to now. Under one transaction nothing is committed, so the watermark cannot reach it: rows are theirs."""
    raw("UPDATE monitor_check SET xid = '3'::xid8")
    rollups.roll(MONITOR_ROLLUP)
    raw("UPDATE rollup_watermark SET moved_at = :now", now=NOW)


def test_availability_is_up_of_what_was_observed_and_says_how_much_was_not(raw, system):
    one = make(system, raw=raw)
    observe(system, one, NOW - timedelta(hours=4), 90)
    observe(system, one, NOW - timedelta(hours=2), 15, "degraded")
    observe(system, one, NOW - timedelta(minutes=60), 15, "down")
    counted(raw)
    found = queries.availability(system, one, since=NOW - timedelta(hours=4), until=NOW)
    assert (found.up_s, found.degraded_s, found.down_s, found.planned_s) == (5_400, 900, 900, 4 * 3_600)
    assert found.available_ratio == pytest.approx(6_300 / 7_200)
    assert found.observed_ratio == pytest.approx(0.5) and found.unobserved_ratio == pytest.approx(0.5)


def test_without_observation_availability_is_unknown_and_not_zero(raw, system):
    one = make(system, raw=raw)
    found = queries.availability(system, one, since=NOW - timedelta(hours=4), until=NOW)
    assert (found.available_ratio, found.observed_ratio) == (None, 0.0)
    row = queries.one(system, one)
    assert (row["availability_24h"], row["unobserved_24h"]) == (None, 1.0)


def test_what_was_paused_or_before_its_life_was_not_planned(raw, system):
    one = make(system, raw=raw, hours=3)
    actions.pause(system, [one])
    raw("UPDATE monitor_pause SET since = :since, until = :until",
        since=NOW - timedelta(hours=2), until=NOW - timedelta(hours=1))  # fmt: skip
    observe(system, one, NOW - timedelta(hours=3), 60)
    observe(system, one, NOW - timedelta(hours=1), 60)
    counted(raw)
    found = queries.availability(system, one, since=NOW - timedelta(hours=6), until=NOW)
    assert (found.planned_s, found.observed_ratio, found.available_ratio) == (7_200, 1.0, 1.0)


def test_excluded_maintenance_is_observed_and_not_counted(raw, system):
    one = make(system, raw=raw, hours=2)
    observe(system, one, NOW - timedelta(hours=2), 60)
    observe(system, one, NOW - timedelta(hours=1), 60, "down", is_counted=False)
    counted(raw)
    found = queries.availability(system, one, since=NOW - timedelta(hours=2), until=NOW)
    assert (found.available_ratio, found.observed_ratio, found.excluded_s) == (1.0, 1.0, 3_600)


def test_a_changed_interval_does_not_bend_what_was_measured(raw, system):
    one = make(system, raw=raw, hours=2)
    observe(system, one, NOW - timedelta(hours=2), 60)
    observe(system, one, NOW - timedelta(hours=1), 12, "down", seconds=300.0)
    counted(raw)
    found = queries.availability(system, one, since=NOW - timedelta(hours=2), until=NOW)
    assert (found.up_s, found.down_s, found.observed_ratio) == (3_600, 3_600, 1.0)


def test_the_directory_has_state_availability_and_the_last_day(raw, system):
    one = make(system, "Alpha", raw=raw, tags=["web", "public"])
    make(system, "beta", raw=raw, tags=["web"])
    observe(system, one, NOW - timedelta(hours=20), 60, latency_ms=80.0)
    observe(system, one, NOW - timedelta(hours=19), 1, "down", latency_ms=None)
    counted(raw)
    frame = queries.directory(system, Filters()).frame
    assert list(frame["name"]) == ["Alpha", "beta"]
    first = frame.iloc[0]
    assert first["availability_24h"] == pytest.approx(60 / 61) and 0.9 < first["unobserved_24h"] < 1
    known = [value for value in first["latencies"] if value is not None]
    assert known and all(value == pytest.approx(80) for value in known)
    assert first["hours"].count("down") == 1 and len(first["hours"]) == len(first["latencies"]) == 24
    assert frame["state"].tolist() == ["unknown", "unknown"]
    assert queries.tags(system) == ["public", "web"]


def test_filters_and_pages(raw, system):
    ids = [make(system, f"M{place}", raw=raw, tags=["odd"] if place % 2 else ["even", "x"]) for place in range(5)]
    actions.pause(system, [ids[0]])
    first = queries.directory(system, Filters(), limit=2)
    second = queries.directory(system, Filters(), after=first.next, limit=2)
    third = queries.directory(system, Filters(), after=second.next, limit=2)
    assert [*first.frame["name"], *second.frame["name"], *third.frame["name"]] == ["M0", "M1", "M2", "M3", "M4"]
    assert third.next is None
    assert queries.count(system, Filters(tags=("even", "x"))) == 3
    assert queries.count(system, Filters(states=("paused",))) == 1
    assert queries.count(system, Filters(kinds=("tcp",))) == 0
    assert queries.count(system, Filters(text="m3")) == queries.count(system, Filters(text=str(ids[3]))) == 1
    assert queries.count(system, Filters(text="93.184")) == 5
    assert list(queries.search(system, "M4")["name"]) == ["M4"]
    with pytest.raises(Invalid):
        queries.directory(system, Filters(), after="nonsense")


def test_empty_lists_have_their_columns(system, db):
    page = queries.directory(system, Filters())
    assert page.frame.empty and {"availability_30d", "hours", "tenants"} <= set(page.frame.columns)
    assert queries.current(system).empty and queries.incidents(system).empty


def test_the_course_has_percentiles_and_seconds_by_bucket(raw, system):
    one = make(system, raw=raw)
    begin = NOW - timedelta(minutes=30)
    for place, latency in enumerate((10.0, 20.0, 400.0)):
        observe(system, one, begin + timedelta(seconds=place), 1, latency_ms=latency)
    observe(system, one, begin + timedelta(minutes=1), 1, "down", latency_ms=None)
    counted(raw)
    frame = queries.course(system, one, since=begin, until=NOW)
    assert list(frame["checks"]) == [3, 1]
    assert frame.loc[0, "p50"] == pytest.approx(20, rel=0.02) and frame.loc[0, "p99"] == pytest.approx(400, rel=0.02)
    assert (frame.loc[0, "up_s"], frame.loc[1, "down_s"]) == (180, 60)
    assert frame.isna().loc[1, ["p50", "mean_ms", "max_ms"]].all()


def test_the_strip_shows_what_nobody_watched(raw, system):
    one = make(system, raw=raw, hours=10)
    times = [(NOW - timedelta(hours=9), "up", "unknown"), (NOW - timedelta(hours=2), "down", "up")]
    for at, state, previous in times:
        raw("INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause) VALUES (gen_random_uuid(), :id, :at, :state,"
            " :previous, :state)", id=one, at=at, state=state, previous=previous)  # fmt: skip
    run_id = storing.begin()
    gap = Gap(NOW - timedelta(hours=6), NOW - timedelta(hours=4), "no checker ran")
    storing.store(run_id, Batch(gaps=[gap]), monitors=1, lag_ms=2.0)
    frame = queries.changes(system, one, since=NOW - timedelta(hours=8), until=NOW)
    assert list(frame["state"]) == ["up", "unknown", "up", "down"]
    assert frame["until"].isna().tolist() == [False, False, False, True]
    incident = queries.incidents(system).iloc[0]
    assert (incident["monitor"], incident["cause"]) == ("Website", "down") and incident.isna()["until"]
    assert queries.checker(system).is_running


def test_an_open_gap_makes_everything_unknown_that_was_not_seen_since(raw, system):
    one = make(system, raw=raw)
    run_id = storing.begin()
    raw("UPDATE monitor_state SET state = 'up', checked_at = now(), due_by = now() + interval '1 minute'")
    assert queries.one(system, one)["state"] == "up"
    storing.store(run_id, Batch(gaps=[Gap(utc_now() + timedelta(seconds=1), None, "gone")]), monitors=1, lag_ms=None)
    assert queries.one(system, one)["state"] == "unknown"
    assert queries.checker(system).problem == "gone"
    storing.store(run_id, Batch(ends_gap_at=utc_now()), monitors=1, lag_ms=None)
    assert queries.one(system, one)["state"] == "up"
    raw("UPDATE monitor_state SET due_by = now() - interval '1 second'")
    assert queries.one(system, one)["state"] == "unknown"


def test_checks_page_newest_first(raw, system):
    one = make(system, raw=raw)
    observe(system, one, NOW - timedelta(minutes=5), 3)
    first = queries.checks(system, one, limit=2)
    assert len(first.frame) == 2 and first.frame["at"].is_monotonic_decreasing
    assert len(queries.checks(system, one, after=first.next, limit=2).frame) == 1


def test_who_may_not_sees_nothing(raw, system, actor_of):
    one = make(system, raw=raw)
    stranger = actor_of("hotline_operator")
    for attempt in (
        lambda: queries.directory(stranger, Filters()), lambda: queries.one(stranger, one),
        lambda: queries.counts(stranger), lambda: queries.checker(stranger), lambda: queries.current(stranger),
    ):  # fmt: skip
        with pytest.raises(Denied):
            attempt()
    assert queries.search(stranger, "Web").empty
    with pytest.raises(NotFound):
        queries.course(system, UUID(int=1), since=NOW - timedelta(hours=1), until=NOW)


def test_a_page_costs_the_same_number_of_queries_however_many_monitors_it_has(raw, system, db):
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    costs = []
    for more in (1, 10):
        for place in range(more):
            make(system, f"M{more}-{place}", raw=raw)
        asked.clear()
        queries.directory(system, Filters())
        costs.append(len(asked))
    assert costs[0] == costs[1] < 15
