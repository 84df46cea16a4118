"""The rollup engine: sums equal the rows exactly and percentiles are true, whatever the order of things."""

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import create_engine, insert

from core.health.requests.models import REQUEST_ROLLUP, RequestRecord
from core.health.requests.queries import latencies
from core.kernel import rollups, sketch
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.reads import read

GRAINS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
ROUTES = ("/api/v1/tenants", "customers/tenants", "health/overview")


def noon() -> datetime:
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def a_row(random: Random, begin: datetime) -> dict:
    status = random.choice((200, 200, 200, 404, 500))
    return {
        "at": begin + timedelta(seconds=random.uniform(-7_200, 7_200)), "id": uuid7(), "channel": "api",
        "route": random.choice(ROUTES), "method": "GET", "status": status, "is_error": status >= 500,
        "duration_ms": random.choice((None, *[Decimal(f"{random.lognormvariate(3, 1.5):.3f}")] * 4)), "request_id": "r",
        "operator_id": None,
        "key_id": None, "tenant_id": None,
    }  # fmt: skip


def expected(rows: list[dict], width: timedelta) -> dict:
    """(bucket, route, status class) -> (total, errors, timed, sum, largest, smallest), from the rows themselves."""
    groups = defaultdict(list)
    for row in rows:
        seconds = row["at"].timestamp() // width.total_seconds() * width.total_seconds()
        groups[datetime.fromtimestamp(seconds, UTC), row["route"], row["status"] // 100].append(row)
    return {key: _summed(group) for key, group in groups.items()}


def _summed(group: list[dict]) -> tuple:
    known = [row["duration_ms"] for row in group if row["duration_ms"] is not None]
    widest = (max(known), min(known)) if known else (None, None)
    return len(group), sum(row["is_error"] for row in group), len(known), sum(known), *widest


def stored(raw, grain: str) -> dict:
    rows = raw(f"SELECT * FROM request_rollup_{grain}")
    return {
        (row.bucket, row.route, row.status_class): (
            row.total, row.errors, row.timed, row.duration_ms_sum, row.duration_ms_max, row.duration_ms_min,
        )
        for row in rows
    }  # fmt: skip


def sketched(raw, grain: str) -> int:
    return int(raw(f"SELECT coalesce(sum(n), 0) AS n FROM request_rollup_{grain}, unnest(sketch_counts) AS n")[0].n)


@pytest.fixture
def open_transactions(committed_db):
    """Begins transactions that insert rows and are ended when the test says so."""
    engine, opened = create_engine(committed_db, pool_size=60), []

    def begin(rows: list[dict]):
        connection = engine.connect()
        opened.append(connection)
        connection.execute(insert(RequestRecord.__table__), rows)
        return connection

    yield begin
    for connection in opened:
        connection.close()
    engine.dispose()


@pytest.mark.parametrize(("seed", "time_zone"), [(0, "UTC"), (1, "UTC"), (2, "Asia/Kolkata")])
def test_every_grain_equals_the_rows_after_any_order_of_commits_passes_and_crashes(
    committed_raw, open_transactions, monkeypatch, seed, time_zone
):
    name = committed_raw("SELECT current_database() AS name")[0].name
    committed_raw(f"ALTER DATABASE {name} SET timezone TO '{time_zone}'")
    random, begin, committed, held = Random(seed), noon(), [], []
    for _ in range(25):
        rows = [a_row(random, begin) for _ in range(random.randint(1, 20))]
        held.append((open_transactions(rows), rows))
        random.shuffle(held)
        while held and random.random() < 0.5:
            committed += _ended(held.pop(), commit=random.random() < 0.8)
        if random.random() < 0.3:
            _crash_in_a_pass(random, monkeypatch)
        elif random.random() < 0.6:
            rollups.roll(REQUEST_ROLLUP, at_once=random.choice((1, 10, 1_000)))
    for one in held:
        committed += _ended(one, commit=True)
    rollups.roll(REQUEST_ROLLUP)
    for grain, width in GRAINS.items():
        assert stored(committed_raw, grain) == expected(committed, width), grain
        assert sketched(committed_raw, grain) == sum(row["duration_ms"] is not None for row in committed)


def _ended(one: tuple, *, commit: bool) -> list[dict]:
    """Ends a transaction; returns the rows that are there now."""
    connection, rows = one
    if commit:
        connection.commit()
        return rows
    connection.rollback()
    return []


def _crash_in_a_pass(random: Random, monkeypatch) -> None:
    """A pass that dies before anything is added, or after that and before the watermark is moved."""
    add, is_after = rollups._add, random.random() < 0.7

    def dying(*given):
        if is_after:
            add(*given)
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(rollups, "_add", dying)
        try:
            rollups.roll(REQUEST_ROLLUP)
        except SystemExit:
            return


def test_row_of_a_transaction_in_flight_is_taken_by_the_pass_after_its_end(committed_raw, open_transactions):
    begin, random = noon(), Random(1)
    early, late = [a_row(random, begin)], [a_row(random, begin)]
    slow = open_transactions(early)
    open_transactions(late).commit()
    assert rollups.roll(REQUEST_ROLLUP) == 0
    slow.commit()
    assert rollups.roll(REQUEST_ROLLUP) == 2
    assert stored(committed_raw, "day") == expected(early + late, GRAINS["day"])
    assert rollups.roll(REQUEST_ROLLUP) == 0


@pytest.mark.parametrize("at_once", [1, 7, 25])
def test_what_piled_up_is_added_part_by_part_and_no_transaction_in_part(committed_raw, open_transactions, at_once):
    begin, random, rows = noon(), Random(6), []
    for size in (5, 30, 1, 1, 12):
        part = [a_row(random, begin) for _ in range(size)]
        open_transactions(part).commit()
        rows += part
    assert rollups.roll(REQUEST_ROLLUP, at_once=at_once) == len(rows)
    for grain, width in GRAINS.items():
        assert stored(committed_raw, grain) == expected(rows, width), grain


def test_second_pass_at_the_same_time_leaves_it_to_the_first(committed_db, open_transactions):
    open_transactions([a_row(Random(2), noon())]).commit()
    with rollups.record(Actor.system("first")) as tx:
        assert rollups._claim(tx, REQUEST_ROLLUP.name) is not None
        tx.session.flush()
    with rollups.record(Actor.system("first")) as tx:
        assert rollups._claim(tx, REQUEST_ROLLUP.name) == "0"
        assert rollups.roll(REQUEST_ROLLUP) == 0
    assert rollups.roll(REQUEST_ROLLUP) == 1


def test_percentiles_merged_over_routes_and_minutes_are_within_two_percent(committed_raw, open_transactions, system):
    begin, random = noon(), Random(4)
    open_transactions([a_row(random, begin) for _ in range(3_000)]).commit()
    rollups.roll(REQUEST_ROLLUP)
    exact = committed_raw(
        "SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration_ms) AS q FROM request_record"
    )[0].q
    for grain in GRAINS:
        with read(system) as rx:
            found = rx.one(latencies(REQUEST_ROLLUP.model(grain), begin - timedelta(days=1), begin + timedelta(days=1)))
        for measured, true in zip((found.p50, found.p95, found.p99), exact, strict=True):
            assert measured == pytest.approx(float(true), rel=0.02)


def test_sums_that_exist_already_are_added_to_the_coarser_grains(committed_raw, open_transactions):
    """Two rows of one hour as single rows, two as sums of its minutes: what a seed or an import does."""
    begin, random = noon(), Random(5)
    rows = [a_row(random, begin) | {"at": begin + timedelta(minutes=number)} for number in range(4)]
    open_transactions(rows[:2]).commit()
    rollups.roll(REQUEST_ROLLUP)
    held = {"tenant_id": None, "service": "portal", "channel": "api"}
    for row in rows[2:]:
        keys, counts = sketch.sketch_of([float(row["duration_ms"])] if row["duration_ms"] else [])
        (key, (total, errors, timed, summed, most, least)) = next(iter(expected([row], GRAINS["minute"]).items()))
        measures = {
            "total": total,
            "errors": errors,
            "timed": timed,
            "duration_ms_sum": summed,
            "duration_ms_max": most,
        }
        about = {"bucket": key[0], "route": key[1], "status_class": key[2], "duration_ms_min": least}
        with rollups.record(Actor.system("seed")) as tx:
            sums = held | measures | about | {"sketch_keys": keys, "sketch_counts": counts}
            rollups.fill(tx, REQUEST_ROLLUP, "minute", [sums])
    for grain, width in GRAINS.items():
        assert stored(committed_raw, grain) == expected(rows, width), grain
        assert sketched(committed_raw, grain) == sum(row["duration_ms"] is not None for row in rows)


@given(some.lists(some.floats(1e-3, 1e9), min_size=1, max_size=200), some.sampled_from((0.5, 0.9, 0.95, 0.99, 1.0)))
def test_quantile_of_a_sketch_is_within_one_percent_of_the_value_of_that_rank(values, q):
    keys, counts = sketch.sketch_of(values)
    found = sketch.quantile(dict(zip(keys, counts, strict=True)), q)
    exact = sorted(values)[max(math.ceil(q * len(values)), 1) - 1]
    assert found == pytest.approx(exact, rel=0.0101)


@given(some.lists(some.floats(1e-3, 1e9)), some.lists(some.floats(1e-3, 1e9)))
def test_sketches_add_up(one, other):
    together = dict(zip(*sketch.sketch_of(one + other), strict=True))
    apart = defaultdict(int)
    for values in (one, other):
        for key, count in zip(*sketch.sketch_of(values), strict=True):
            apart[key] += count
    assert together == dict(apart)


def test_sketch_of_the_database_has_the_keys_of_the_sketch_in_python(db, raw):
    values = [0.0001, 0.5, 1.0, 1.0202020202, 17.25, 999.999, 123456.789]
    for value in values:
        row = raw(f"SELECT {sketch.key_sql('v.x')} AS key FROM (VALUES (CAST(:x AS numeric))) AS v (x)", x=value)[0]
        assert row.key == sketch.key_of(value)
