"""What it costs to record requests, to roll them up, and to look at them."""

import time
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import text

from bench.owner import owner
from bench.pages import page
from bench.report import Row
from core.health import demo
from core.health.requests.demo import ROLLUPS
from core.health.requests.models import ROUTE_ROLLUP
from core.health.requests.recorder import COLUMNS, Recorder
from core.health.servers.tasks import collect_here
from core.kernel import db, rollups
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.times import utc_now

ROWS, ROUNDS = 10_000, 7
PER_SECOND, ROUTES = 100, 40
SYSTEM = Actor.system("bench")


def _rows() -> list[dict[str, Any]]:
    random = Random(1)
    return [
        {"at": utc_now(), "id": uuid7(), "channel": "api", "route": f"/api/v1/{number % ROUTES}", "method": "GET",
         "status": 200, "duration_ms": Decimal(f"{random.lognormvariate(3, 1):.3f}"), "is_error": False, "operator_id": uuid7(),
         "key_id": None, "tenant_id": None, "request_id": f"{number:026d}"} for number in range(ROWS)
    ]  # fmt: skip


def _raw_copy(rows: list[dict[str, Any]]) -> None:
    """The obvious way: one COPY as the owner, past every policy."""
    statement = f"COPY request_record ({', '.join(COLUMNS)}) FROM STDIN"
    with owner() as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[name] for name in COLUMNS])


def _recorded(rows: list[dict[str, Any]]) -> None:
    """Through the recorder: its queue, its thread, batches of 500, the app role under row-level security."""
    made = Recorder()
    made.start()
    for row in rows:
        made.add(row)
    made.stop()
    assert made.stored == ROWS, f"{made.stored} of {ROWS} stored"


def _per_second(work: Callable[[list[dict[str, Any]]], None]) -> float:
    rows = _rows()
    started = time.perf_counter()
    work(rows)
    return ROWS / (time.perf_counter() - started)


def _recording() -> list[Row]:
    rates: dict[str, list[float]] = {"ours": [], "raw": []}
    for _ in range(ROUNDS):
        rates["raw"].append(_per_second(_raw_copy))
        rates["ours"].append(_per_second(_recorded))
    ours, raw = (sorted(rates[name])[ROUNDS // 2] for name in ("ours", "raw"))
    return [Row("requests recorded", f"{ours:,.0f} rows/s", f"raw COPY {raw:,.0f} rows/s", ours / raw), _add()]


def _add() -> Row:
    """What the request itself waits for."""
    held = Recorder(save=lambda _: None)
    (row, *_), started = _rows(), time.perf_counter()
    for _ in range(ROWS):
        held.add(row)
    each = (time.perf_counter() - started) / ROWS * 1e6
    return Row("delay of a request by recording it", f"{each:.1f} µs", "100 µs", each / 100, "<= 1.00")


def _fill_hour() -> None:
    """One hour of PER_SECOND requests over ROUTES routes, as the owner."""
    with owner() as connection:
        connection.execute("TRUNCATE request_record")
        connection.execute(
            "INSERT INTO request_record (at, id, channel, route, method, status, duration_ms, is_error, request_id)"
            " SELECT now() - make_interval(secs => n / %(rate)s::float8), gen_random_uuid(), 'api',"
            " '/api/v1/' || n %% %(routes)s, 'GET', CASE WHEN n %% 200 = 0 THEN 500 ELSE 200 END,"
            " round((exp(3 + random()) * 2)::numeric, 3), n %% 200 = 0, md5(n::text)"
            " FROM generate_series(1, %(rate)s * 3600) AS n",
            {"rate": PER_SECOND, "routes": ROUTES},
        )
        connection.execute("ANALYZE")


def _rolling() -> list[Row]:
    _fill_hour()
    started = time.perf_counter()
    added = rollups.roll(ROUTE_ROLLUP)
    whole = time.perf_counter() - started
    with db.engine().begin() as connection:
        connection.execute(text(
            "INSERT INTO request_record (at, id, channel, route, method, status, duration_ms, is_error, request_id)"
            " SELECT now(), gen_random_uuid(), 'api', '/api/v1/1', 'GET', 200, 10, false, 'r' FROM generate_series(1, 3000)"
        ))  # fmt: skip
    started = time.perf_counter()
    rollups.roll(ROUTE_ROLLUP)
    usual = time.perf_counter() - started
    return [
        Row(f"first pass over {PER_SECOND * 3600:,} requests ({added:,} rows)", f"{whole:.2f} s"),
        Row(
            f"usual pass at {PER_SECOND} requests/s",
            f"{usual * 1000:.0f} ms",
            "30 s between passes",
            usual / 30,
            "<= 0.10",
        ),
    ]


def run() -> list[Row]:
    """Recording, rolling up, and the pages over 90 days of history and an hour of 100 requests a second."""
    rows = [*_recording(), *_rolling()]
    with owner() as connection:
        tables = [f"{one.name}_{grain}" for one in ROLLUPS for grain in rollups.GRAINS]
        connection.execute(f"TRUNCATE request_record, {', '.join(tables)}")
    demo.seed(SYSTEM, Random(7), utc_now(), [])
    _fill_hour()
    collect_here()
    for rollup in rollups.rollups():
        rollups.roll(rollup)
    with owner() as connection:
        found = connection.execute("SELECT id FROM server WHERE name = 'demo-db-1'").fetchone()
        connection.execute("ANALYZE")
    assert found is not None
    return [
        *rows,
        page("home"),
        page("health/overview"),
        page("health/servers"),
        page("health/servers", server=str(found[0])),
    ]
