"""What a rule would have done is what it does."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pandas as pd
import pytest

from core.health.alerts import acting, queries
from core.health.alerts.dry_run import dry_run, values_of
from core.health.alerts.measures import MEASURES
from core.kernel.errors import Denied, Invalid

MINUTE = timedelta(minutes=1)
CPU = {"name": "CPU", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8, "for_s": 120,
       "clear_after_s": 60}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_replay_opens_and_ends_what_the_dry_run_says(world, monkeypatch, seed):
    monkeypatch.setattr(acting, "FLAP_CHANGES", 1_000)
    random = Random(seed)
    given = {"for_s": 60 * random.randint(0, 3), "clear_after_s": 60 * random.randint(0, 3),
             "window_s": 60 * random.randint(1, 3), "clear_bound": random.choice([None, 0.6])}  # fmt: skip
    rule = world.rule(**given)
    names = {str(world.server(name)): name for name in ("web-1", "web-2")}
    length = 50
    for server in names:
        course = [random.choice([0.5, 0.7, 0.9, 0.9, 0.9, None]) for _ in range(length)]
        world.cpu(server, course)
    for minute in range(1, length + 1):
        world.look(minute)
    found = dry_run(world.system, values_of(rule), days=1, now=world.begin + (length + 0.25) * MINUTE)
    rows = list(found.intervals.itertuples())
    planned = {(row.subject, row.fired_at, "on") for row in rows}
    planned |= {(row.subject, row.cleared_at, "off") for row in rows if not pd.isna(row.cleared_at)}
    told = world.raw(
        "SELECT subject, date_trunc('minute', at) AS at, alert_history.kind FROM alert_history"
        " JOIN alert ON alert.id = alert_id"
    )
    happened = {(row.subject, row.at, "off" if row.kind == "resolved" else "on") for row in told}
    assert found.count > 0
    assert happened == planned


def test_it_tells_how_often_for_whom_and_what_was_unobserved(world):
    first, second = world.server("web-1"), world.server("web-2")
    world.cpu(first, [0.9] * 3 + [0.1] * 5 + [0.95] * 4)
    world.cpu(second, [0.1] * 12)
    world.rounds(0, 12)
    world.rolled(12.25)
    found = dry_run(world.system, CPU, days=1, now=world.begin + 12.25 * MINUTE)
    assert (found.count, found.subjects, found.grain, found.bound) == (2, 1, "minute", 0.8)
    assert found.intervals["worst"].tolist() == [0.9, 0.95]
    assert found.intervals["cleared_at"].isna().tolist() == [False, True]
    assert found.told == "Would have fired 2 times; 1,428 min were unobserved."
    assert set(found.series["subject"]) == {"web-1"}
    assert found.unobserved["until"].tolist() == [world.begin]


def test_nothing_is_made_up_where_nothing_is_known(world):
    found = dry_run(world.system, CPU, days=30)
    assert (found.count, found.intervals.empty, found.series.empty) == (0, True, True)
    assert found.told.startswith("Would not have fired")


def test_hours_are_judged_where_minutes_are_not_kept(world):
    world.rolled(60)
    values = CPU | {"measure": "request.error_ratio", "per": "tenant_id", "bound": 0.01}
    found = dry_run(world.system, values, days=30)
    assert found.grain == "hour"
    assert "hour by hour" in found.told
    assert dry_run(world.system, values, days=3).grain == "minute"


def test_it_takes_the_right_to_see_the_figures(db, actor_of):
    audit = CPU | {"measure": "audit.entries", "per": "email", "filters": {"action": ["sessions.sign_in"]}}
    with pytest.raises(Denied, match="audit:read"):
        dry_run(actor_of("developer"), audit)
    with pytest.raises(Denied):
        dry_run(actor_of("client_success"), CPU)
    with pytest.raises(Denied):
        dry_run(actor_of("developer", scope="tenant", tenant_id=uuid4()), CPU)
    with pytest.raises(Invalid, match="1 to 30"):
        dry_run(actor_of("developer"), CPU, days=31)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_can_be_judged_by_every_kind_and_dimension(db, raw, system, name):
    measure = MEASURES[name]
    raw("INSERT INTO rollup_watermark (rollup, moved_at) SELECT name, now() FROM unnest(CAST(:names AS text[])) AS name"
        " ON CONFLICT DO NOTHING", names=[rollup.name for rollup in measure.rollups])  # fmt: skip
    filters = {"name": ["http.server.duration"], "action": ["operators.update"]}
    given = {one: value for one, value in filters.items() if one in measure.required}
    for kind in measure.kinds:
        for per in (None, *measure.dimensions):
            bound = None if kind in {"absence", "anomaly"} else 1
            values = CPU | {"measure": name, "kind": kind, "per": per, "filters": given, "bound": bound}
            found = dry_run(system, values, days=2 if kind != "anomaly" else 1)
            assert found.count in {0, 1}, found.told


def test_the_course_around_an_alert_is_what_was_judged(world, opened):
    [alert] = opened("web-1")
    world.cpu(world.server("web-9"), [0.2] * 4)
    found = queries.series_of(world.system, alert, since=world.begin, until=world.begin + 3 * MINUTE)
    assert found["value"].tolist() == [0.9] * 3
    assert found["bound"].tolist() == [0.8] * 3
    assert queries.series_of(world.system, uuid4(), since=world.begin, until=world.begin + MINUTE).empty
