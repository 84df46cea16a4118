"""Demo telemetry: 90 days with a few bad ones, the same for the same seed, dated relative to now.

Hours for 90 days, minutes for the last day, single rows for the last two hours; days and what is between come from the
rollup engine. The demo hosts end at the moment of seeding, and say so. Nothing is made up about the real host, the real
database or the checks of the last hour.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.health.components.models import COMPONENT_ROLLUP
from core.health.requests import demo as requests
from core.health.servers.models import SERVER_ROLLUP, Server, ServerMetric
from core.health.servers.queries import ALWAYS, SOMETIMES
from core.health.weather import HOUR, Times, Weather, busy, steps
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.reads import read
from core.kernel.rollups import fill, roll
from core.kernel.state import OnceKey
from core.kernel.telemetry import Recording, record

GIB = 2**30
HOSTS = {"demo-web-1": (0.31, 0.58, 0.44, 8), "demo-web-2": (0.24, 0.52, 0.41, 8), "demo-db-1": (0.46, 0.77, 0.68, 16)}


def seeded_at(actor: Actor) -> datetime | None:
    """When demo data were made; None for a portal without."""
    with read(actor) as rx:
        found: datetime | None = rx.value(select(OnceKey.done_at).where(OnceKey.key == "demo.seed"))
    return found


def seed(system: Actor, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Fills the tables of Health, which must be empty."""
    weather, times = Weather(random, now), Times.up_to(now)
    with record(system, timeout_ms=60_000) as tx:
        requests.seed(tx, random, weather, times, tenants)
        _checks(tx, random, weather, times)
        _hosts(tx, random, times)
    for rollup in (*requests.ROLLUPS, SERVER_ROLLUP):
        roll(rollup)


def _checks(tx: Recording, random: Random, weather: Weather, times: Times) -> None:
    """The rounds of checks up to the last full hour but one: by status and hour, as the engine would have counted them."""
    rows = []
    until = times.now.replace(minute=0, second=0, microsecond=0) - HOUR
    for at in steps(times.hours[0], until, HOUR):
        if not weather.is_dark(at):
            rows += [row for name in ("overall", "database") for row in _hour_of_checks(random, weather, name, at)]
    fill(tx, COMPONENT_ROLLUP, "hour", rows)


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


def _hosts(tx: Recording, random: Random, times: Times) -> None:
    hosts = {name: UUID(int=random.getrandbits(128), version=4) for name in HOSTS}
    about = {"is_demo": True, "first_seen_at": times.hours[0], "last_seen_at": times.now}
    rows = [{"id": key, "name": name, "facts": _facts(name, times.hours[0]), **about} for name, key in hosts.items()]
    tx.execute(insert(Server), rows)
    fill(
        tx,
        SERVER_ROLLUP,
        "hour",
        [_mean(random, name, key, at, 360) for at in times.hours for name, key in hosts.items()],
    )
    fill(
        tx,
        SERVER_ROLLUP,
        "minute",
        [_mean(random, name, key, at, 6) for at in times.minutes for name, key in hosts.items()],
    )
    retention.make_ready(tx, "server_metric", "day", times.rows_from, times.now)
    every = steps(times.rows_from, times.now, timedelta(seconds=10))
    tx.copy(ServerMetric, [_report(random, name, key, at) for at in every for name, key in hosts.items()])


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
