"""How many jobs wait and for how long, as metrics: the queue itself remembers neither."""

from datetime import datetime
from typing import Any

from core.health.metrics.recording import store
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.platform.queue.queries import depth

WAITING, OLDEST = "quarterdeck.jobs.waiting", "quarterdeck.jobs.oldest"


def record_waiting(now: datetime) -> None:
    """One point of each. Raises Unavailable."""
    system = Actor.system("alerts")
    found = depth(system)
    oldest = found.oldest.total_seconds() if found.oldest else 0.0
    with record(system) as tx:
        store(tx, [_point(now, WAITING, "jobs", float(found.waiting)), _point(now, OLDEST, "s", oldest)])


def _point(now: datetime, name: str, unit: str, value: float) -> dict[str, Any]:
    return {"at": now, "name": name, "kind": "gauge", "unit": unit, "service": "portal", "tenant_id": None, "labels": {},
            "value": value}  # fmt: skip
