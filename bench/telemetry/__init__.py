"""Health at scale: passes, percentiles and pages at 1,000 tenants and ten million requests."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench import pages
from bench.owner import owner
from bench.report import Row
from bench.telemetry import scale
from core import demo
from core.health.requests.breakdowns import by_tenant
from core.health.requests.filters import Filters
from core.kernel import rollups
from core.kernel.actor import Actor
from core.kernel.times import utc_now

SYSTEM = Actor.system("bench")
PAGES = (
    "health/overview", "health/requests", "health/errors", "health/providers", "health/metrics", "health/monitors",
    "health/alerts", "health/active_users", "health/servers",
)  # fmt: skip
PER_SECOND, RUNS, MOST = 5_000, 15, 50
SPEC = (
    "SELECT tenant_id, percentile_cont(0.99) WITHIN GROUP (ORDER BY duration_ms) FROM request_record"
    " WHERE at >= %(since)s AND channel = 'product' {one} GROUP BY tenant_id ORDER BY count(*) DESC LIMIT 50"
)


def _medians() -> dict[str, float]:
    made = {}
    for key in PAGES:
        took = pages.runs(key, count=RUNS)
        made[key] = took[len(took) // 2]
    return made


def _roll_all() -> tuple[float, int]:
    started = time.perf_counter()
    added = sum(rollups.roll(rollup) for rollup in rollups.rollups())
    return time.perf_counter() - started, added


def _timed(work: Callable[[], Any], times: int = 5) -> float:
    """Seconds of the middle one of some runs."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return sorted(took)[times // 2]


def _pass_of_a_minute() -> Row:
    scale.requests_now(PER_SECOND * 60, 60)
    took, added = _roll_all()
    name = f"passes of all rollups over one minute of {PER_SECOND:,} requests/s ({added:,} rows added)"
    return Row(name, f"{took:.1f} s", "60 s", took / 60, "<= 0.50")


def _raw(since: Any, tenant_id: Any = None) -> Callable[[], Any]:
    statement = SPEC.format(one="AND tenant_id = %(tenant)s" if tenant_id else "")

    def run() -> Any:
        with owner() as connection:
            return connection.execute(statement, {"since": since, "tenant": tenant_id}).fetchall()

    return run


def _percentiles() -> list[Row]:
    until = utc_now().replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(hours=24)
    with owner() as connection:
        found = connection.execute("SELECT id FROM bench_tenant WHERE place = 3").fetchone()
    assert found is not None
    rows = []
    for name, tenant in ((f"the {MOST} busiest tenants", None), ("one tenant", found[0])):
        filters = Filters(channel="product", tenant_id=tenant)
        ours = _timed(lambda filters=filters: by_tenant(SYSTEM, filters, since, until, limit=MOST))
        raw = _timed(_raw(since, tenant), 3)
        compared = f"percentile_cont of the raw rows {raw * 1000:,.0f} ms"
        rows.append(Row(f"p99 of 24 h, {name}", f"{ours * 1000:.0f} ms", compared, raw / ours, ">= 50"))
    return rows


def run() -> list[Row]:
    """The pages on the demo data, then all of it at scale."""
    demo.seed()
    _roll_all()
    with owner() as connection:
        connection.execute("ANALYZE")
    small = _medians()
    scale.load()
    took, added = _roll_all()
    rows = [Row("first passes over everything", f"{took:.0f} s", f"{added / took:,.0f} rows/s")]
    with owner() as connection:
        connection.execute("VACUUM ANALYZE")
    large = _medians()
    rows += [
        Row(
            f"page {key} at scale",
            f"{large[key]:.0f} ms",
            f"demo data {small[key]:.0f} ms",
            large[key] / small[key],
            "<= 1.50",
        )
        for key in PAGES
    ]
    return [*rows, *_percentiles(), _pass_of_a_minute()]
