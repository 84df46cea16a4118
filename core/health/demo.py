"""Demo telemetry: 90 days with a few bad ones, the same for the same seed, dated relative to now.

Hours for 90 days, minutes for the last day, single rows for the last two hours; days and what is between come from the
rollup engine. The demo hosts end at the moment of seeding, and say so. Nothing is made up about the real host, the real
database or the checks of the last hour.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.health.components.models import COMPONENT_ROLLUP
from core.health.requests.models import REQUEST_ROLLUP, RequestRecord
from core.health.servers.models import SERVER_ROLLUP, Server, ServerMetric
from core.health.servers.queries import ALWAYS, SOMETIMES
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.reads import read
from core.kernel.rollups import PARTITIONED, Grain, Rollup, remake, roll
from core.kernel.sketch import key_of, sketch_of, value_of
from core.kernel.state import OnceKey
from core.kernel.telemetry import Recording, record

DAYS, HOUR, MINUTE = 90, timedelta(hours=1), timedelta(minutes=1)
MINUTES_FOR, ROWS_FOR = timedelta(hours=24), timedelta(hours=2)
GIB = 2**30
# How a lognormal distribution lies over its own standard deviations: (deviations from the median, share).
_SHAPE = ((-1.6, 0.10), (-0.8, 0.22), (-0.25, 0.20), (0.25, 0.20), (0.8, 0.15), (1.4, 0.08), (2.0, 0.035), (2.6, 0.015))


@dataclass(frozen=True, slots=True)
class Route:
    """`rate` is calls a minute in the busiest hour; durations are lognormal about `median_ms`."""

    channel: str
    route: str
    method: str
    rate: float
    median_ms: float
    spread: float


ROUTES = (
    Route("page", "/home", "PAGE", 3, 38, 0.45),
    Route("page", "/tenants", "PAGE", 5, 62, 0.55),
    Route("page", "/health", "PAGE", 2, 55, 0.40),
    Route("page", "/audit", "PAGE", 0.8, 95, 0.60),
    Route("api", "/api/v1/superadmin/tenants", "GET", 14, 24, 0.60),
    Route("api", "/api/v1/superadmin/tenants/{tenant_id}", "PATCH", 3, 41, 0.70),
)
HOSTS = {"demo-web-1": (0.31, 0.58, 0.44, 8), "demo-web-2": (0.24, 0.52, 0.41, 8), "demo-db-1": (0.46, 0.77, 0.68, 16)}


class Weather:
    """What kind of day each was: `down` and `slow` are shares of an hour, `is_dark` is an hour nobody watched."""

    def __init__(self, random: Random, now: datetime) -> None:
        outage, brownout, slow, dark, blip = random.sample(range(3, DAYS - 3), 5)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._down = {(outage, 13): 0.7, (outage, 14): 0.45, (blip, 9): 0.06}
        self._slow = {(brownout, hour): 0.8 for hour in range(8, 15)} | {(slow, hour): 0.5 for hour in range(10, 18)}
        self._dark = {(dark, hour) for hour in range(7)}
        self._today = today

    def _place(self, at: datetime) -> tuple[int, int]:
        return math.ceil((self._today - at) / timedelta(days=1)), at.hour

    def down(self, at: datetime) -> float:
        return self._down.get(self._place(at), 0.0)

    def slow(self, at: datetime) -> float:
        return self._slow.get(self._place(at), 0.0)

    def is_dark(self, at: datetime) -> bool:
        return self._place(at) in self._dark


def busy(at: datetime) -> float:
    """How busy a moment is, from 0.15 at night to 1 at noon (UTC)."""
    day = math.exp(-(((at.hour + at.minute / 60) - 12) ** 2) / 22)
    return 0.15 + 0.85 * day * (0.25 if at.weekday() >= 5 else 1.0)


def seeded_at(actor: Actor) -> datetime | None:
    """When demo data were made; None for a portal without."""
    with read(actor) as rx:
        found: datetime | None = rx.value(select(OnceKey.done_at).where(OnceKey.key == "demo.seed"))
    return found


def seed(system: Actor, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Fills the tables of Health, which must be empty."""
    weather = Weather(random, now)
    rows_from = (now - ROWS_FOR).replace(second=0, microsecond=0)
    minutes_from = (now - MINUTES_FOR).replace(minute=0, second=0, microsecond=0)
    begin = minutes_from.replace(hour=0) - timedelta(days=DAYS - 1)
    hours, minutes = list(_steps(begin, minutes_from, HOUR)), list(_steps(minutes_from, rows_from, MINUTE))
    with record(system, timeout_ms=60_000) as tx:
        _requests(tx, random, weather, tenants, hours, minutes, rows_from, now)
        _checks(tx, random, weather, begin, now)
        _hosts(tx, random, hours, minutes, rows_from, now)
    for rollup in (REQUEST_ROLLUP, SERVER_ROLLUP):
        roll(rollup)


def _steps(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += step


def _fill(tx: Recording, rollup: Rollup, grain: Grain, rows: list[dict[str, Any]]) -> None:
    table = f"{rollup.name}_{grain}"
    retention.make_ready(tx, table, PARTITIONED[grain], rows[0]["bucket"], rows[-1]["bucket"])
    tx.copy(rollup.model(grain), rows)


def _requests(
    tx: Recording, random: Random, weather: Weather, tenants: list[UUID], hours: list[datetime],
    minutes: list[datetime], rows_from: datetime, now: datetime,
) -> None:  # fmt: skip
    callers: list[UUID | None] = [*tenants[:6]] or [None]
    _fill(tx, REQUEST_ROLLUP, "hour", [row for at in hours for row in _hour_of_requests(random, weather, callers, at)])
    _fill(tx, REQUEST_ROLLUP, "minute", [
        row for at in minutes for route in ROUTES if (row := _minute_of_requests(random, callers, route, at))
    ])  # fmt: skip
    retention.make_ready(tx, "request_record", "day", rows_from, now)
    tx.copy(
        RequestRecord,
        [row for at in _steps(rows_from, now, MINUTE) for row in _single_requests(random, callers, at, now)],
    )
    remake(tx, REQUEST_ROLLUP, minutes, grains=["hour"])
    remake(tx, REQUEST_ROLLUP, [*hours, *minutes], grains=["day"])


def _times(random: Random, mean: float) -> int:
    return max(round(random.gauss(mean, math.sqrt(mean))), 0)


def _hour_of_requests(random: Random, weather: Weather, callers: list[Any], at: datetime) -> Iterator[dict[str, Any]]:
    if weather.is_dark(at):
        return
    down, slow = weather.down(at), weather.slow(at)
    for route in ROUTES:
        caller = random.choice(callers) if route.channel == "api" else None
        total = _times(random, 60 * route.rate * busy(at)) + 1
        failed = _times(random, total * (0.001 + 0.6 * down + 0.01 * slow))
        median = route.median_ms * (1 + 4 * down + 2.5 * slow)
        yield _summed(at, route, caller, 2, *_shaped(max(total - failed, 1), median, route.spread), errors=0)
        if failed:
            yield _summed(at, route, caller, 5, *_shaped(failed, median * 6, 0.3), errors=failed)


def _shaped(total: int, median: float, spread: float) -> tuple[list[int], list[int]]:
    """A sketch of `total` durations without drawing each of them."""
    counts: dict[int, int] = {}
    for place, (deviations, share) in enumerate(_SHAPE):
        left = total - sum(counts.values())
        held = left if place == len(_SHAPE) - 1 else min(round(total * share), left)
        key = key_of(median * math.exp(deviations * spread))
        counts[key] = counts.get(key, 0) + held
    keys = sorted(key for key, count in counts.items() if count)
    return keys, [counts[key] for key in keys]


def _summed(
    at: datetime,
    route: Route,
    caller: UUID | None,
    status_class: int,
    keys: list[int],
    counts: list[int],
    *,
    errors: int,
) -> dict[str, Any]:
    values = [round(value_of(key), 3) for key in keys]
    return {
        "bucket": at, "tenant_id": caller, "channel": route.channel, "route": route.route, "status_class": status_class,
        "total": sum(counts), "errors": errors, "duration_ms_max": values[-1], "duration_ms_min": values[0],
        "duration_ms_sum": round(sum(value * count for value, count in zip(values, counts, strict=True)), 3),
        "sketch_keys": keys, "sketch_counts": counts,
    }  # fmt: skip


def _minute_of_requests(random: Random, callers: list[Any], route: Route, at: datetime) -> dict[str, Any] | None:
    drawn = _durations(random, route, at)
    caller = random.choice(callers) if route.channel == "api" else None
    return _summed(at, route, caller, 2, *sketch_of(drawn), errors=0) if drawn else None


def _durations(random: Random, route: Route, at: datetime) -> list[float]:
    middle = math.log(route.median_ms)
    return [random.lognormvariate(middle, route.spread) for _ in range(_times(random, route.rate * busy(at)))]


def _single_requests(random: Random, callers: list[Any], at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    for route in ROUTES:
        for duration in _durations(random, route, at):
            failed = random.random() < 0.002
            moment = at + timedelta(seconds=random.uniform(0, 59.9))
            if moment < now:
                yield {
                    "at": moment, "id": uuid7(), "channel": route.channel, "route": route.route, "method": route.method,
                    "status": 500 if failed else 200, "duration_ms": Decimal(round(duration * 1000)) / 1000,
                    "is_error": failed, "operator_id": None, "key_id": None, "request_id": f"demo-{random.getrandbits(48):012x}",
                    "tenant_id": random.choice(callers) if route.channel == "api" else None,
                }  # fmt: skip


def _checks(tx: Recording, random: Random, weather: Weather, begin: datetime, now: datetime) -> None:
    """The rounds of checks up to the last full hour but one: by status and hour, as the engine would have counted them."""
    rows = []
    hours = list(_steps(begin, now.replace(minute=0, second=0, microsecond=0) - HOUR, HOUR))
    for at in hours:
        if not weather.is_dark(at):
            rows += [row for name in ("overall", "database") for row in _hour_of_checks(random, weather, name, at)]
    _fill(tx, COMPONENT_ROLLUP, "hour", rows)
    remake(tx, COMPONENT_ROLLUP, hours, grains=["day"])


def _hour_of_checks(random: Random, weather: Weather, name: str, at: datetime) -> Iterator[dict[str, Any]]:
    down, slow = round(120 * weather.down(at)), round(120 * weather.slow(at))
    for status, total, latency in (("healthy", 120 - down - slow, 3.0), ("degraded", slow, 140.0), ("down", down, 0.0)):
        timed = total if latency and name != "overall" else 0
        mean = latency * random.uniform(0.8, 1.6)
        if total:
            yield {
                "bucket": at, "component": name, "status": status, "total": total, "latency_ms_count": timed,
                "latency_ms_sum": round(timed * mean, 3), "latency_ms_max": round(mean * 2.5, 3) if timed else None,
            }  # fmt: skip


def _hosts(
    tx: Recording, random: Random, hours: list[datetime], minutes: list[datetime], rows_from: datetime, now: datetime
) -> None:
    hosts = {name: UUID(int=random.getrandbits(128), version=4) for name in HOSTS}
    about = {"is_demo": True, "first_seen_at": hours[0], "last_seen_at": now}
    rows = [{"id": key, "name": name, "facts": _facts(name, hours[0]), **about} for name, key in hosts.items()]
    tx.execute(insert(Server), rows)
    _fill(tx, SERVER_ROLLUP, "hour", [_mean(random, name, key, at, 360) for at in hours for name, key in hosts.items()])
    _fill(
        tx, SERVER_ROLLUP, "minute", [_mean(random, name, key, at, 6) for at in minutes for name, key in hosts.items()]
    )
    retention.make_ready(tx, "server_metric", "day", rows_from, now)
    times = list(_steps(rows_from, now, timedelta(seconds=10)))
    tx.copy(ServerMetric, [_report(random, name, key, at) for at in times for name, key in hosts.items()])
    remake(tx, SERVER_ROLLUP, minutes, grains=["hour"])
    remake(tx, SERVER_ROLLUP, [*hours, *minutes], grains=["day"])


def _facts(name: str, booted_at: datetime) -> dict[str, Any]:
    cores, memory = HOSTS[name][3], 64 * GIB if "db" in name else 32 * GIB
    about = {"system": "Linux 6.1.0-demo", "processor": "x86_64", "cores": cores, "memory_bytes": memory}
    return about | {"booted_at": booted_at.isoformat(timespec="seconds")}


def _figures(random: Random, name: str, at: datetime) -> dict[str, float]:
    cpu, memory, disk, cores = HOSTS[name]
    load = busy(at)
    used = min(max(cpu * (0.3 + load) + random.gauss(0, 0.025), 0.01), 1.0)
    return {
        "cpu_ratio": used, "memory_ratio": min(memory + 0.08 * load + random.gauss(0, 0.006), 0.99),
        "disk_ratio": disk, "network_in_rate": 180_000 * (0.2 + load) * random.uniform(0.7, 1.4),
        "network_out_rate": 620_000 * (0.2 + load) * random.uniform(0.7, 1.4),
        "open_connections": round(20 + 160 * load * random.uniform(0.9, 1.1)), "load_average": used * cores,
    }  # fmt: skip


def _mean(random: Random, name: str, key: UUID, at: datetime, reports: int) -> dict[str, Any]:
    figures = _figures(random, name, at)
    sums = {f"{column}_sum": round(value * reports, 6) for column, value in figures.items()}
    most = {f"{column}_max": min(figures[column] * 1.15, 1.0) for column in (*ALWAYS, "disk_ratio")}
    return {
        "bucket": at,
        "server_id": key,
        "total": reports,
        **sums,
        **most,
        **{f"{one}_count": reports for one in SOMETIMES},
    }


def _report(random: Random, name: str, key: UUID, at: datetime) -> dict[str, Any]:
    figures, cores = _figures(random, name, at), HOSTS[name][3]
    memory, disk = (64 if "db" in name else 32) * GIB, 500 * GIB
    shares = [min(max(figures["cpu_ratio"] + random.gauss(0, 0.06), 0.0), 1.0) for _ in range(cores)]
    ratio = figures["disk_ratio"]
    disks = [{"mount": "/", "total_bytes": disk, "used_bytes": int(disk * ratio), "used_ratio": ratio}]
    return {
        "measured_at": at, "id": uuid7(), "server_id": key, "core_ratios": shares, "memory_total_bytes": memory,
        "memory_used_bytes": int(memory * figures["memory_ratio"]), "swap_used_bytes": 0, "disks": disks, **figures,
    }  # fmt: skip
