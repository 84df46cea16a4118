"""Calls per second of the API, against bare FastAPI routes with the same SQL on the same kind of server."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
from sqlalchemy import text

from bench.report import Row
from core.kernel import db
from core.kernel.actor import Actor
from core.platform.keys import actions as keys

TENANTS, ROUNDS, SECONDS, CONNECTIONS = 1_000, 7, 1.5, 8
BAR = ">= 0.60"
SYSTEM = Actor.system("bench")
_FILL = text(
    "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
    " SELECT gen_random_uuid(), 'Tenant ' || n, 't' || n || '.example', 'active', 'pro', 'EU', 25,"
    " now() - make_interval(mins => n), now(), 1 FROM generate_series(1, :tenants) AS n"
)
# A key is limited to what one client may ask for; the bench asks for as much as there is.
_UNLIMITED = text("UPDATE api_key SET rate_limit_per_minute = 100000000")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _served(target: str) -> Iterator[str]:
    """The address of a uvicorn with one worker, as the portal runs it."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        target,
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen(command, env=os.environ | {"LOG_LEVEL": "WARNING"})
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError("The server ended before it answered.")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.25)
    raise RuntimeError("The server does not answer.")


async def _load(url: str, headers: dict[str, str]) -> float:
    """Calls answered per second over CONNECTIONS connections, each of which asks again as soon as it has an answer."""
    done, end = 0, time.perf_counter() + SECONDS
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as client:

        async def ask() -> None:
            nonlocal done
            while time.perf_counter() < end:
                async with client.get(url) as answer:
                    body = await answer.read()
                    assert answer.status == 200, body[:500]
                done += 1

        started = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
        return done / (time.perf_counter() - started)


def _compare(measure: str, ours: tuple[str, dict[str, str]], bare: str) -> Row:
    """Alternates both in one run, so that both meet the same neighbours; medians."""
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        rates["bare"].append(asyncio.run(_load(bare, {})))
        rates["ours"].append(asyncio.run(_load(*ours)))
    mine, theirs = (sorted(rates[name])[ROUNDS // 2] for name in ("ours", "bare"))
    return Row(measure, f"{mine:,.0f}/s", f"bare FastAPI, same SQL {theirs:,.0f}/s", mine / theirs, BAR)


def _prepare() -> tuple[str, str]:
    """A key that may read, and the id of a tenant."""
    issued = keys.create(SYSTEM, tenant_id=None, name="bench", scopes=["tenants:read"])
    with db.engine().begin() as connection:
        connection.execute(_FILL, {"tenants": TENANTS})
        connection.execute(_UNLIMITED)
        connection.execute(text("ANALYZE tenant"))
        found: Any = connection.scalar(text("SELECT id FROM tenant OFFSET 500 LIMIT 1"))
    return issued.key, str(found)


def run() -> list[Row]:
    """List (50 of 1,000 tenants) and get, by API key: rights, row-level security, limits, problems and records included."""
    key, tenant = _prepare()
    headers = {"Authorization": f"Bearer {key}"}
    with _served("app:app") as portal, _served("bench.api.bare:app") as bare:
        ours = f"{portal}/api/v1/superadmin/tenants"
        return [
            _compare("list of 50 tenants", (f"{ours}?limit=50", headers), f"{bare}/tenants?limit=50"),
            _compare("get of a tenant", (f"{ours}/{tenant}", headers), f"{bare}/tenants/{tenant}"),
        ]
