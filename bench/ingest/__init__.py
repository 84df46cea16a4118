"""Rows per second over HTTP, by a real server and a real key, against a raw COPY of the same rows."""

import gzip
import http.client
import json
import random
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text

from bench.api import SYSTEM, _served
from bench.report import Row
from core.health.ingest.storing import REQUEST_COLUMNS, ids
from core.kernel import db
from core.kernel.times import utc_now
from core.platform.keys import actions as keys

ROUNDS, CALLS, TENANTS, PARALLEL = 5, 4, 1_000, 4
# Besides what COPY does, a row is unpacked, decoded, checked, bound to its tenant, and goes through a temporary table,
# because PostgreSQL does not COPY into a table under row-level security.
BAR = ">= 0.30"
_FILL = text(
    "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
    " SELECT gen_random_uuid(), 'Tenant ' || n, 't' || n || '.example', 'active', 'pro', 'EU', 25, now(), now(), 1"
    " FROM generate_series(1, :tenants) AS n"
)
JSON, NDJSON = "application/json", "application/x-ndjson"


def _rows(count: int, tenants: list[UUID]) -> list[dict[str, Any]]:
    chance, now = random.Random(7), utc_now()
    return [
        {
            "type": "request", "at": (now - timedelta(milliseconds=7 * number)).isoformat(), "service": "web",
            "route": f"/api/v1/things/{chance.randrange(40)}", "method": "GET", "status": chance.choice([200] * 19 + [500]),
            "duration_ms": round(chance.expovariate(0.01), 3), "response_bytes": chance.randrange(10_000),
            "tenant_id": str(chance.choice(tenants)), "trace_id": f"{chance.getrandbits(128):032x}",
        }
        for number in range(count)
    ]  # fmt: skip


class Sender:
    """One connection that sends the rows again and again, each time as another batch."""

    def __init__(self, base: str, key: str, rows: list[dict[str, Any]], kind: str) -> None:
        self.connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=120)
        self.rows, packing = rows, {}
        if kind == NDJSON:
            self.body = gzip.compress(b"\n".join(json.dumps(row).encode() for row in rows), 6)
            packing = {"Content-Encoding": "gzip"}
        else:
            self.body = json.dumps({"events": rows}).encode()
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": kind, **packing}

    def send(self) -> None:
        self.connection.request("POST", "/api/v1/events", self.body, self.headers | {"Idempotency-Key": str(uuid4())})
        answer = self.connection.getresponse()
        told = answer.read()
        assert answer.status == 200, told[:500]
        assert json.loads(told)["accepted"] == len(self.rows), told[:500]

    def rate(self) -> float:
        """Rows per second."""
        started = time.perf_counter()
        for _ in range(CALLS):
            self.send()
        return CALLS * len(self.rows) / (time.perf_counter() - started)


class Copier:
    """The obvious way: the rows as tuples, by COPY into the same table, as its owner and with a commit each time."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        address = db.database_url().replace("+psycopg", "")
        self.connection = psycopg.connect(address)
        self.rows = [
            (row["at"], row["service"], "product", row["route"], row["method"], row["status"], row["duration_ms"],
             row["status"] >= 500, row["response_bytes"], UUID(row["tenant_id"]), row["trace_id"])
            for row in rows
        ]  # fmt: skip

    def rate(self) -> float:
        """Rows per second."""
        statement = f"COPY request_record (id, {', '.join(REQUEST_COLUMNS)}) FROM STDIN"
        made = [[(key, *row) for key, row in zip(ids(len(self.rows)), self.rows, strict=True)] for _ in range(CALLS)]
        started = time.perf_counter()
        for rows in made:
            with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            self.connection.commit()
        return CALLS * len(self.rows) / (time.perf_counter() - started)


def _middle(figures: list[float]) -> float:
    return sorted(figures)[len(figures) // 2]


def _compare(measure: str, sender: Sender, copier: Copier) -> Row:
    """Alternates both in one run, so that both meet the same neighbours; medians."""
    ours, raw = [], []
    for _ in range(ROUNDS):
        raw.append(copier.rate())
        ours.append(sender.rate())
    mine, theirs = _middle(ours), _middle(raw)
    return Row(measure, f"{mine:,.0f} rows/s", f"raw COPY {theirs:,.0f} rows/s", mine / theirs, BAR)


def _together(senders: list[Sender]) -> Row:
    rates: list[float] = []
    threads = [threading.Thread(target=lambda one=one: rates.append(one.rate())) for one in senders]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return Row(f"10,000 rows a call, NDJSON in gzip, {len(senders)} connections", f"{sum(rates):,.0f} rows/s")


def _prepare() -> tuple[str, list[UUID]]:
    issued = keys.create(SYSTEM, tenant_id=None, name="bench", scopes=["telemetry:create"])
    with db.engine().begin() as connection:
        connection.execute(_FILL, {"tenants": TENANTS})
        connection.execute(text("UPDATE api_key SET rate_limit_per_minute = 100000000"))
        connection.execute(text("ANALYZE tenant"))
        tenants = list(connection.scalars(text("SELECT id FROM tenant")))
    return issued.key, tenants


def run() -> list[Row]:
    """2,000 and 10,000 rows a call, packed lines and plain JSON."""
    key, tenants = _prepare()
    few, many = _rows(2_000, tenants), _rows(10_000, tenants)
    with _served("app:app") as base:
        for rows in (few, many):
            Sender(base, key, rows, NDJSON).send()
        return [
            _compare("10,000 rows a call, NDJSON in gzip", Sender(base, key, many, NDJSON), Copier(many)),
            _compare("10,000 rows a call, plain JSON", Sender(base, key, many, JSON), Copier(many)),
            _compare("2,000 rows a call, NDJSON in gzip", Sender(base, key, few, NDJSON), Copier(few)),
            _together([Sender(base, key, many, NDJSON) for _ in range(PARALLEL)]),
        ]
