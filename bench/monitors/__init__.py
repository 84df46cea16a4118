"""2,000 monitors at 60 s: how late a real worker is, what it takes of the processors, and whether its memory stays."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psutil
from sqlalchemy import text

import core.tasks  # noqa: F401  (fills the registries)
from bench.monitors.site import serve
from bench.report import Row
from core.health.monitors import settings as kinds
from core.health.monitors.models import Monitor
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.times import utc_now
from core.kernel.writes import write

MONITORS, INTERVAL_S = 2_000, 60
WARM_S, SECONDS = 45, 120
LATEST_S = 5.0


@contextmanager
def _site() -> Iterator[int]:
    """A server in a process of its own; gives its port."""
    spawning = multiprocessing.get_context("spawn")
    told: Any = spawning.Queue()
    process = spawning.Process(target=serve, args=(told,), daemon=True)
    process.start()
    try:
        yield told.get(timeout=30)
    finally:
        process.terminate()
        process.join(10)


@contextmanager
def _worker() -> Iterator[psutil.Process]:
    running = subprocess.Popen([sys.executable, "-m", "jobs", "worker"], stderr=subprocess.DEVNULL)
    try:
        yield psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(30)


def _scalar(statement: str, **values: object) -> Any:
    with db.engine().connect() as connection:
        return connection.execute(text(statement), values).scalar()


def _until(condition: Callable[[], object], within_s: float) -> None:
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > within_s:
            raise TimeoutError(f"not within {within_s:g} s")
        time.sleep(0.2)


def _fill(port: int) -> None:
    """Monitors of one host, as an action would leave them."""
    clean = kinds.clean("http", {"url": f"http://127.0.0.1:{port}/"})
    with write(Actor.system("bench"), "demo.seed") as tx:
        for place in range(MONITORS):
            key = uuid7()
            given = {"interval_s": INTERVAL_S, "allows_private": True, "retries": 0}
            tx.add(Monitor(id=key, name=f"M{place:05}", kind="http", settings=clean, target=clean["url"], **given))
        tx.session.flush()
        tx.session.execute(text("INSERT INTO monitor_state (monitor_id) SELECT id FROM monitor"))


def _measure(worker: psutil.Process) -> dict[str, Any]:
    begun, cpu, memory = utc_now(), worker.cpu_times(), worker.memory_info().rss
    time.sleep(SECONDS)
    spent = worker.cpu_times()
    used = spent.user + spent.system - cpu.user - cpu.system
    return {"begun": begun, "ended": utc_now(), "cpu": used / SECONDS, "memory": (memory, worker.memory_info().rss)}


def _lags(begun: datetime, ended: datetime) -> list[float]:
    """Seconds by which each check came later than its interval after the one before, in order of size."""
    statement = text(
        "SELECT extract(epoch FROM gap)::float8 - :interval AS lag FROM (SELECT at, at - lag(at) OVER (PARTITION BY"
        " monitor_id ORDER BY at) AS gap FROM monitor_check) AS looks WHERE gap IS NOT NULL AND at BETWEEN :begun AND :ended"
        " ORDER BY 1"
    )
    with db.engine().connect() as connection:
        return list(connection.execute(statement, {"interval": INTERVAL_S, "begun": begun, "ended": ended}).scalars())


def run() -> list[Row]:
    """A shorter run than a day, on whatever this machine has."""
    with _site() as port:
        _fill(port)
        with _worker() as worker:
            _until(lambda: _scalar("SELECT count(*) FROM monitor_state WHERE checked_at IS NOT NULL") == MONITORS, 120)
            time.sleep(WARM_S)
            found = _measure(worker)
            late_ms = _scalar("SELECT lag_ms FROM checker_run ORDER BY seen_at DESC LIMIT 1")
    return _rows(found, float(late_ms))


def _rows(found: dict[str, Any], late_ms: float) -> list[Row]:
    lags = _lags(found["begun"], found["ended"])
    checks = _scalar(
        "SELECT count(*) FROM monitor_check WHERE at BETWEEN :begun AND :ended",
        begun=found["begun"],
        ended=found["ended"],
    )
    wrong = _scalar("SELECT count(*) FROM monitor_check WHERE state <> 'up'")
    expected = MONITORS * SECONDS / INTERVAL_S
    p50, p99 = (lags[int(len(lags) * share)] for share in (0.50, 0.99))
    before, after = found["memory"]
    cores = os.cpu_count() or 1
    about = f"{MONITORS:,} monitors at {INTERVAL_S} s"
    return [
        Row(f"{about}: checks in {SECONDS} s", f"{checks:,}", f"planned {expected:,.0f}", checks / expected, ">= 0.98"),
        Row(f"{about}: checks that were not up", f"{wrong:,}", "none", float(wrong), "<= 0"),
        Row(f"{about}: lag p99 of the last minute, as the checker has it", f"{late_ms / 1000:.3f} s", f"{LATEST_S:g} s",
            late_ms / 1000 / LATEST_S, "<= 1"),
        Row(f"{about}: lag p99 out of stored checks (p50 {p50 * 1000:.0f} ms)", f"{p99:.3f} s", f"{LATEST_S:g} s",
            p99 / LATEST_S, "<= 1"),
        Row("processor of the worker, jobs and rollups included", f"{found['cpu']:.0%} of a core", f"{cores} cores",
            found["cpu"] / cores, "<= 0.5"),
        Row(f"memory of the worker after {SECONDS} s", f"{after / 2**20:.0f} MiB", f"{before / 2**20:.0f} MiB at the start",
            after / before, "<= 1.1"),
    ]  # fmt: skip
