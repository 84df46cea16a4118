"""What it costs that every action is audited and leaves an event."""

import time
from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import insert, update

from bench.report import Row
from core.customers.tenants import actions
from core.customers.tenants.models import Tenant
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.times import utc_now

ROUNDS, BATCH = 12, 60
SYSTEM = Actor.system("bench")
_target: Tenant
_other: Tenant


def _values() -> dict[str, object]:
    return {"name": "Bench", "domain": f"{uuid4().hex}.example", "tier": "pro", "region": "EU", "seats": 10}


def _bare_insert(_: int) -> None:
    with db.engine().begin() as connection:
        stamps = {"id": uuid7(), "status": "active", "created_at": utc_now(), "updated_at": utc_now(), "version": 1}
        connection.execute(insert(Tenant.__table__).values(**_values(), **stamps))


def _action_insert(_: int) -> None:
    actions.create(SYSTEM, **_values())  # type: ignore[arg-type]


def _bare_update(turn: int) -> None:
    with db.engine().begin() as connection:
        values = {"seats": turn % 900 + 1, "updated_at": utc_now(), "version": Tenant.version + 1}
        connection.execute(update(Tenant.__table__).where(Tenant.id == _other.id).values(**values))


def _action_update(turn: int) -> None:
    global _target  # noqa: PLW0603  (the version that the next update begins from)
    _target = actions.update(SYSTEM, _target.id, version=_target.version, name=f"Bench {turn}")


def _per_second(work: Callable[[int], None], turns: range) -> float:
    started = time.perf_counter()
    for turn in turns:
        work(turn)
    return len(turns) / (time.perf_counter() - started)


def _compare(measure: str, action: Callable[[int], None], bare: Callable[[int], None]) -> Row:
    """Alternates both in one run, so that both meet the same disk and the same neighbours; medians."""
    rates: dict[str, list[float]] = {"action": [], "bare": []}
    for turn in range(ROUNDS):
        turns = range(turn * BATCH, (turn + 1) * BATCH)
        rates["bare"].append(_per_second(bare, turns))
        rates["action"].append(_per_second(action, turns))
    ours, theirs = (sorted(rates[name])[ROUNDS // 2] for name in ("action", "bare"))
    return Row(measure, f"{ours:,.0f}/s", f"bare statement and commit {theirs:,.0f}/s", ours / theirs, ">= 0.40")


def run() -> list[Row]:
    """Creates and updates a tenant as an action (checked, audited, with its event), and as a bare statement."""
    for turn in range(BATCH):
        _bare_insert(turn)
        _action_insert(turn)
    global _target, _other
    _target, _other = (actions.create(SYSTEM, **_values()) for _ in range(2))  # type: ignore[arg-type]
    return [
        _compare("create with audit and event", _action_insert, _bare_insert),
        _compare("update with audit and event", _action_update, _bare_update),
    ]
