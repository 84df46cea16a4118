"""Demo monitors with 30 days of history: an outage, slow hours, a certificate that runs out, a night that nobody watched.

The portal's own addresses are checked for real; the others are paused, because their hosts end in .example, which never
resolves (RFC 2606).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors import settings as kinds
from core.health.monitors.models import (
    MONITOR_ROLLUP,
    CheckerGap,
    CheckerRun,
    Monitor,
    MonitorChange,
    MonitorPause,
    MonitorState,
    MonitorTenant,
)
from core.kernel import crypto, rollups
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.settings import settings
from core.kernel.sketch import sketch_of
from core.kernel.telemetry import Recording, record
from core.kernel.writes import Transaction

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = 30 * DAY
NIGHT = (9 * DAY, 9 * DAY - 7 * HOUR)  # before now: when no checker ran
BUSY = range(8, 18)


@dataclass(frozen=True, slots=True)
class Shape:
    """`outages`: (hours ago it began, hours it lasted, why). `slow`: the same for degraded. `tenants`: places in the list."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    latency_ms: float = 80.0
    interval_s: int = 60
    tags: tuple[str, ...] = ()
    outages: tuple[tuple[float, float, str], ...] = ()
    slow: tuple[tuple[float, float, str], ...] = ()
    tenants: tuple[int, ...] = ()
    expires_in: timedelta | None = None
    is_live: bool = False


def _web(host: str, path: str = "/", **more: Any) -> dict[str, Any]:
    return {"url": f"https://{host}.example{path}", **more}


GATEWAY, REFUSED = "answered 502, not 200-299", "the connection was refused"
SHAPES = (
    Shape("Customer portal", "http", _web("app.quarterdeck", "/healthz", contains="ok"), 120, tags=("public", "team:web"),
          outages=((262, 1.6, GATEWAY), (75.5, 0.4, GATEWAY)), expires_in=timedelta(days=61)),
    Shape("Public API", "http", _web("api.quarterdeck", "/v1/healthz", slow_ms=400), 60, 30, ("public", "team:api"),
          outages=((262, 1.7, GATEWAY),), slow=((120, 3, "took 612 ms, more than 400 ms"),), expires_in=timedelta(days=61)),
    Shape("Marketing site", "http", _web("www.quarterdeck"), 210, 300, ("public", "team:web"), expires_in=timedelta(days=9)),
    Shape("Sign-in", "http", _web("login.quarterdeck", "/health"), 95, tags=("public", "critical"),
          expires_in=timedelta(days=61)),
    Shape("Webhook gateway", "tcp", {"host": "hooks.quarterdeck.example", "port": 443}, 18, tags=("team:api",),
          outages=((410, 0.8, REFUSED),)),
    Shape("Mail relay", "tcp", {"host": "smtp.quarterdeck.example", "port": 587}, 25, tags=("mail",),
          outages=((30.2, 0.6, "no answer within 10 s"),)),
    Shape("Domain record", "dns", {"name": "quarterdeck.example", "expects": ["192.0.2.10"]}, 14, 300, ("public", "dns")),
    Shape("Mail exchanger", "dns", {"name": "quarterdeck.example", "record_type": "MX"}, 16, 3_600, ("mail", "dns")),
    Shape("API certificate", "tls", {"host": "api.quarterdeck.example"}, 45, 3_600, ("certificate",),
          expires_in=timedelta(days=61)),
    Shape("Partner certificate", "tls", {"host": "partner.example"}, 70, 3_600, ("certificate", "partner"),
          slow=((48, 48, "the certificate expires within 14 days"),), expires_in=timedelta(days=12)),
    Shape("Tenant single sign-on", "http", _web("sso.customer", "/.well-known/openid-configuration"), 320,
          tags=("partner", "critical"), outages=((200, 5.2, "answered 503, not 200-299"), (12.4, 0.9, GATEWAY)), tenants=(0, 1)),
    Shape("Nightly backup", "push", {"grace_s": 1_800}, 0, 86_400, ("backup",), outages=((310, 24, "no call for 88,200 s"),)),
    Shape("This portal", "http", {"path": "/api/v1/healthz", "contains": "ok"}, 6, tags=("internal",), is_live=True),
    Shape("This portal's pages", "http", {"path": "/", "slow_ms": 1_000}, 9, tags=("internal", "team:web"), is_live=True),
    Shape("This portal's API document", "http", {"path": "/api/v1/openapi.json"}, 24, 300, ("internal",), is_live=True),
    Shape("This portal's port", "tcp", {}, 1, 30, ("internal",), outages=((96.3, 0.1, REFUSED),), is_live=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seeded:
    """A monitor that was made, and what its history looks like."""

    id: UUID
    shape: Shape
    made_at: datetime


def seed(
    tx: Transaction, random: Random, now: datetime, tenants: Sequence[UUID], operators: Mapping[str, UUID]
) -> list[Seeded]:
    """Makes the monitors and two maintenance windows."""
    owners = list(operators.values())
    made = [_monitor(tx, random, now, shape, tenants, owners) for shape in SHAPES]
    tx.session.flush()
    sunday = (now - timedelta(days=now.weekday() + 1)).replace(hour=2, minute=0, second=0, microsecond=0)
    weekly = {"rule": "FREQ=WEEKLY;BYDAY=SU", "zone": "Europe/Berlin", "covers": "tags", "tags": ["internal"]}
    tx.add(
        MaintenanceWindow(
            title="Weekly patches", starts_at=sunday, duration_s=5_400, reason="Operating system", **weekly
        )
    )
    soon = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    tx.add(MaintenanceWindow(title="Database upgrade", starts_at=soon, duration_s=7_200, over_at=soon + 2 * HOUR, covers="all",
                             policy="counted", reason="PostgreSQL 18"))  # fmt: skip
    return made


def _monitor(
    tx: Transaction, random: Random, now: datetime, shape: Shape, tenants: Sequence[UUID], owners: Sequence[UUID]
) -> Seeded:
    clean = kinds.clean(shape.kind, _own(shape) if shape.is_live else shape.settings)
    key, made_at = UUID(int=random.getrandbits(128), version=4), now - SHOWN
    token = (
        {"token_digest": crypto.digest(crypto.new_token()), "token_rotated_at": made_at} if shape.kind == "push" else {}
    )
    tx.add(Monitor(
        id=key, name=shape.name, kind=shape.kind, settings=clean, target=kinds.target_of(shape.kind, clean),
        interval_s=shape.interval_s, timeout_s=10, tags=list(shape.tags), owner_id=random.choice(owners),
        is_paused=not shape.is_live, allows_private=shape.is_live, created_at=made_at, updated_at=made_at, **token,
    ))  # fmt: skip
    tx.session.flush()
    tx.add_all(
        MonitorTenant(monitor_id=key, tenant_id=tenants[place]) for place in shape.tenants if place < len(tenants)
    )
    return Seeded(key, shape, made_at)


def _own(shape: Shape) -> dict[str, Any]:
    """The settings, at the portal's own address."""
    if shape.kind == "tcp":
        return {"host": "127.0.0.1", "port": settings().port}
    given = dict(shape.settings)
    return {"url": f"http://127.0.0.1:{settings().port}{given.pop('path')}", **given}


def seed_history(system: Actor, random: Random, now: datetime, monitors: Sequence[Seeded]) -> None:
    """30 days of hours, the changes, the night without a checker, and what is known of each now."""
    with record(system, timeout_ms=60_000) as tx:
        end = now.replace(minute=0, second=0, microsecond=0)
        hours = [end - SHOWN + HOUR * place for place in range(SHOWN // HOUR)]
        rows = [row for one in monitors for at in hours for row in _hour(random, one, at, now)]
        rollups.fill(tx, MONITOR_ROLLUP, "hour", rows)
        tx.execute(insert(MonitorChange), [change for one in monitors for change in _changes(one, now)])
        for one in monitors:
            _present(tx, one, end)
        term = {"host": "demo", "pid": 1, "started_at": now - SHOWN, "ended_at": end, "monitors": len(monitors)}
        tx.execute(insert(CheckerRun).values(id=uuid7(), seen_at=end, **term))
        gap = {"since": now - NIGHT[0], "until": now - NIGHT[1], "cause": "no checker ran"}
        tx.execute(insert(CheckerGap).values(id=uuid7(), **gap))


def _overlap(at: datetime, begin: datetime, hours: float) -> float:
    """The share of the hour from `at` that lies in so many hours from `begin`."""
    shared = min(at + HOUR, begin + hours * HOUR) - max(at, begin)
    return max(shared / HOUR, 0.0)


def _share(spells: tuple[tuple[float, float, str], ...], at: datetime, now: datetime) -> float:
    return min(sum(_overlap(at, now - ago * HOUR, hours) for ago, hours, _ in spells), 1.0)


def _hour(random: Random, one: Seeded, at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """One bucket per state: its seconds, and checks with latencies around the usual one, higher at day."""
    night = _overlap(at, now - NIGHT[0], (NIGHT[0] - NIGHT[1]) / HOUR)
    down, slow = _share(one.shape.outages, at, now), _share(one.shape.slow, at, now)
    shares = {"down": down, "degraded": min(slow, 1 - down), "up": max(1 - down - slow, 0.0)}
    usual = one.shape.latency_ms * (1.25 if at.hour in BUSY else 1.0)
    for state, share in shares.items():
        seconds = 3_600 * max(share - night, 0.0)
        if seconds > 1:
            is_timed = usual and state != "down"
            total = max(round(seconds / one.shape.interval_s), 1)
            values = _latencies(random, usual * (4 if state == "degraded" else 1), min(total, 40)) if is_timed else []
            yield _row(one, at, state, seconds, total, values)


def _latencies(random: Random, usual: float, how_many: int) -> list[float]:
    return [round(usual * random.lognormvariate(0, 0.25), 3) for _ in range(how_many)]


def _row(one: Seeded, at: datetime, state: str, seconds: float, total: int, values: list[float]) -> dict[str, Any]:
    keys, counts = sketch_of(values)
    return {
        "bucket": at, "monitor_id": one.id, "state": state, "is_counted": True, "total": total, "timed": len(values),
        "seconds_sum": round(seconds, 3), "latency_ms_sum": round(sum(values), 3),
        "latency_ms_max": max(values, default=None), "sketch_keys": keys, "sketch_counts": counts,
    }  # fmt: skip


def _changes(one: Seeded, now: datetime) -> list[dict[str, Any]]:
    spells = [*((spell, "down") for spell in one.shape.outages), *((spell, "degraded") for spell in one.shape.slow)]
    told = [(one.made_at, "up", "unknown", "answered as expected")]
    for (ago, hours, cause), state in sorted(spells, key=lambda spell: -spell[0][0]):
        begin, end = now - ago * HOUR, now - (ago - hours) * HOUR
        told.append((begin, state, "up", cause))
        if end < now:
            told.append((end, "up", state, "answered as expected"))
    if not one.shape.is_live:
        told.append(
            (now.replace(minute=0, second=0, microsecond=0), "paused", told[-1][1], "paused: its host is an example")
        )
    return [
        {"id": uuid7(), "monitor_id": one.id, "at": at, "state": state, "previous": previous, "cause": cause}
        for at, state, previous, cause in told
    ]


def _present(tx: Recording, one: Seeded, end: datetime) -> None:
    expires_at = end + one.shape.expires_in if one.shape.expires_in else None
    known = {"checked_at": end, "detail": "answered as expected", "latency_ms": one.shape.latency_ms or None,
             "certificate_expires_at": expires_at, "due_by": end}  # fmt: skip
    last = {"state": "up", "since": one.made_at} if one.shape.is_live else {"since": end}
    tx.execute(insert(MonitorState).values(monitor_id=one.id, **known, **last))
    if not one.shape.is_live:
        tx.execute(
            insert(MonitorPause).values(id=uuid7(), monitor_id=one.id, since=end, reason="Its host is an example")
        )
