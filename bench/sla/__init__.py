"""One look at all contracts against the spec's loop of queries per contract, and how a look grows with contracts."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import event

import core.tasks  # noqa: F401  (fills the registries)
from bench.owner import owner
from bench.report import Row
from bench.sla import looping, scale
from core.health.monitors.models import MONITOR_ROLLUP
from core.health.requests.models import TENANT_TOTAL_ROLLUP
from core.kernel import db, rollups
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.sla.minutes import evaluate

FEW, SOME, MANY = 10, 1_000, 10_000
WARM, LOOKS, MINUTE = 10, 5, timedelta(minutes=1)  # a worker that ran for ten minutes has its plans


def run() -> list[Row]:
    """10 contracts, then 1,000, then 10,000 of the same kind, each looked at each minute; the loop over 1,000."""
    _make_partitions()
    now = utc_now().replace(second=0, microsecond=0) - timedelta(minutes=65)
    few, few_statements = _looks(1, FEW, now)
    some, _ = _looks(FEW + 1, SOME, now + 17 * MINUTE)
    scale.watch()
    loop = _measured(lambda: looping.look(now + 34 * MINUTE))[0]
    many, statements = _looks(SOME + 1, MANY, now + 36 * MINUTE)
    return [
        Row(f"look at {SOME:,} contracts", _ms(some), f"loop of queries per contract {loop:.1f} s", loop / some, ">= 100"),
        Row(f"the same per contract, {MANY:,} against {SOME:,}", f"{many / MANY * 1e6:.0f} µs", f"{some / SOME * 1e6:.0f} µs",
            many / MANY / (some / SOME), "<= 1.5"),
        Row(f"look at {FEW} contracts", _ms(few), f"{SOME:,}: {_ms(some)}; {MANY:,}: {_ms(many)}"),
        Row(f"statements of a look at {MANY:,} contracts", f"{statements}", f"{few_statements} for {FEW}",
            statements / few_statements, "<= 1"),
    ]  # fmt: skip


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _make_partitions() -> None:
    days = {rollups.start_of(utc_now() - timedelta(days=back), "day") for back in (0, 1)}
    with record(Actor.system("bench")) as tx:
        for rollup in (TENANT_TOTAL_ROLLUP, MONITOR_ROLLUP):
            rollups.make_ready(tx, rollup, days)
    with owner() as connection:
        connection.execute(
            "CREATE TABLE bench_metric (contract_id uuid, metric text, target float8, actual float8, at timestamptz);"
            "GRANT INSERT ON bench_metric TO quarterdeck_app"
        )


def _looks(first: int, last: int, until: datetime) -> tuple[float, int]:
    """Adds the contracts and takes some looks; the median of the last ones, and the most statements of one."""
    scale.fill(first, last)
    evaluate(since=until - 5 * MINUTE, until=until)
    scale.break_some(until)
    with owner() as connection:
        connection.execute("VACUUM ANALYZE")
    measured = [_measured(partial(evaluate, until=until + place * MINUTE)) for place in range(1, WARM + LOOKS + 1)]
    with owner() as connection:
        known = connection.execute("SELECT count(*) FROM sla_period WHERE grain = 'month'").fetchone()
    if known != (last,):
        raise AssertionError(f"{known} of {last:,} contracts were measured.")
    return median(seconds for seconds, _ in measured[WARM:]), max(statements for _, statements in measured)


def _measured(act: Callable[[], Any]) -> tuple[float, int]:
    """Seconds, and how many statements SQLAlchemy sent."""
    seen = 0

    def note(*_: Any) -> None:
        nonlocal seen
        seen += 1

    event.listen(db.engine(), "before_cursor_execute", note)
    begun = time.perf_counter()
    try:
        act()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    return time.perf_counter() - begun, seen
