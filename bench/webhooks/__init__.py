"""Deliveries against a bare loop that posts the same bodies, and how long after an action its receiver knows."""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import orjson
from sqlalchemy import text

import core.tasks  # noqa: F401  (fills the registries)
from bench.report import Row
from bench.webhooks.receiver import serve
from core.customers.tenants import actions as tenants
from core.kernel import db, events
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.platform.webhooks import actions

SYSTEM = Actor.system("bench")
ENDPOINTS, CALLS_AT_ONCE, EVENTS = 10, 10, 1_500
RATE, SECONDS = 100, 15
ROUNDS, WORKERS = 5, 2
HEADERS = {"content-type": "application/json"}


@contextmanager
def _receiver() -> Iterator[str]:
    """A receiver in a process of its own; gives its address."""
    told: Any = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(told,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{told.get(timeout=30)}"
    finally:
        process.terminate()
        process.join(10)


@contextmanager
def _workers() -> Iterator[None]:
    """The real worker processes, ready to deliver."""
    command = [sys.executable, "-m", "jobs", "worker"]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]
    try:
        while _scalar("SELECT count(*) FROM process_heartbeat WHERE kind = 'worker' AND stopped_at IS NULL") < WORKERS:
            time.sleep(0.1)
        time.sleep(2)  # what a worker does at its start is not what is measured
        yield
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(30)


def _scalar(statement: str) -> Any:
    with db.engine().connect() as connection:
        return connection.execute(text(statement)).scalar()


def _clear() -> None:
    with db.engine().begin() as connection:
        connection.execute(text("TRUNCATE webhook_delivery, webhook_attempt, webhook_lane, event"))


def _queue(turn: int) -> list[str]:
    """Events for every endpoint, fanned out; returns the bodies."""
    for number in range(EVENTS):
        tenants.create(SYSTEM, name="B", domain=f"b{turn}-{number}.example.com", tier="pro", region="EU", seats=1)
    while events.dispatch_once():
        pass
    with db.engine().connect() as connection:
        return list(connection.execute(text("SELECT body FROM webhook_delivery")).scalars())


async def _bare(base: str, bodies: list[str]) -> None:
    """The loop that one would write: a semaphore, a task for each body, the answer read."""
    gate = asyncio.Semaphore(ENDPOINTS * CALLS_AT_ONCE)

    async def post(session: aiohttp.ClientSession, place: int, body: str) -> None:
        async with gate, session.post(f"{base}/{place % ENDPOINTS}", data=body, headers=HEADERS) as response:
            await response.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(post(session, place, body) for place, body in enumerate(bodies)))


async def _tuned(base: str, bodies: list[str]) -> None:
    """The fastest loop we know: as many coroutines as calls at once, and no task per body."""
    waiting = iter([(f"{base}/{place % ENDPOINTS}", body.encode()) for place, body in enumerate(bodies)])

    async def post(session: aiohttp.ClientSession) -> None:
        for url, body in waiting:
            async with session.post(url, data=body, headers=HEADERS) as response:
                await response.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(post(session) for _ in range(ENDPOINTS * CALLS_AT_ONCE)))


def _rate(loop: Callable[[str, list[str]], Coroutine[Any, Any, None]], base: str, bodies: list[str]) -> float:
    begun = time.perf_counter()
    asyncio.run(loop(base, bodies))
    return len(bodies) / (time.perf_counter() - begun)


def _run(statement: str) -> None:
    with db.engine().begin() as connection:
        connection.execute(text(statement))


def _delivered_in() -> float:
    """Seconds from the moment that the endpoints are enabled until nothing waits any more."""
    begun = time.perf_counter()
    _run("UPDATE webhook SET disabled_at = NULL")
    while _scalar("SELECT sum(successes) FROM webhook_lane") < ENDPOINTS * EVENTS:
        time.sleep(0.05)
    return time.perf_counter() - begun


def _throughput(base: str) -> list[Row]:
    rates: dict[str, list[float]] = {"ours": [], "bare": [], "tuned": []}
    for turn in range(ROUNDS):
        _clear()
        bodies = _queue(turn)
        _run("UPDATE webhook SET disabled_at = now()")
        rates["bare"].append(_rate(_bare, base, bodies))
        rates["tuned"].append(_rate(_tuned, base, bodies))
        with _workers():
            rates["ours"].append(len(bodies) / _delivered_in())
    ours, bare, tuned = (sorted(rates[name])[ROUNDS // 2] for name in ("ours", "bare", "tuned"))
    measure = f"{ENDPOINTS * EVENTS:,} deliveries to {ENDPOINTS} endpoints, {WORKERS} workers"
    return [
        Row(measure, f"{ours:,.0f}/s", f"bare aiohttp loop, same bodies {bare:,.0f}/s", ours / bare, ">= 0.50"),
        Row(measure, f"{ours:,.0f}/s", f"the same loop without a task per body {tuned:,.0f}/s", ours / tuned),
    ]


def _latency(base: str) -> Row:
    """From the action's own time of the event to the receiver's arrival, at 100 events a second for 15 s."""
    _clear()
    asyncio.run(_reset(base))
    with _workers():
        begun = time.perf_counter()
        for number in range(RATE * SECONDS):
            tenants.create(SYSTEM, name="L", domain=f"l{number}.example.com", tier="pro", region="EU", seats=1)
            pause = begun + (number + 1) / RATE - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
        while len(arrived := asyncio.run(_arrivals(base))) < RATE * SECONDS:
            time.sleep(0.2)
    waits = sorted(one["waited_s"] for one in arrived)
    p95 = waits[int(len(waits) * 0.95)]
    figure = f"p50 {waits[len(waits) // 2]:.2f} s, p95 {p95:.2f} s"
    return Row(f"event to receiver at {RATE}/s, {SECONDS} s", figure, "limit 2 s", p95 / 2, "<= 1.00")


async def _reset(base: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/reset") as response:
        await response.read()


async def _arrivals(base: str) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/arrivals") as response:
        found: list[dict[str, Any]] = orjson.loads(await response.read())
        return found


def run() -> list[Row]:
    """Deliveries per second, and the delay from an action to its receiver."""
    os.environ["OUTBOUND_ALLOW"] = "127.0.0.0/8"
    settings.cache_clear()
    with _receiver() as base:
        for number in range(ENDPOINTS):
            values = {"name": f"Bench {number}", "url": f"{base}/{number}", "events": ["tenants.create"]}
            actions.create(SYSTEM, **values, max_concurrency=CALLS_AT_ONCE)
        rows = _throughput(base)
        with db.engine().begin() as connection:
            connection.execute(text("DELETE FROM webhook WHERE name <> 'Bench 0'"))
        return [*rows, _latency(base)]
