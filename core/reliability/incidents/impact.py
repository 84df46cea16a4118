"""What incidents come to, from data: for all that run at once, by a constant number of statements."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.kernel.actor import Actor
from core.kernel.rollups import GRAINS
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.incidents import impact_sql
from core.reliability.incidents.parts import Part, parts


def compute(incident_ids: Iterable[UUID] | None = None) -> int:
    """Looks at the impact of these incidents, or of all that run or ended within the last hour; merged ones have none of
    their own. Returns how many. Rollups are a minute or so behind, so the next look knows more. Raises Unavailable."""
    wanted, now = list(incident_ids or ()), utc_now()
    with record(Actor.system("incidents"), timeout_ms=60_000) as tx:
        tx.execute(text(impact_sql.SPANS), {"now": now, "all": incident_ids is None, "ids": wanted})
        spans = tx.execute(text("SELECT id, since, until FROM impact_span")).all()
        if spans:
            _count(tx, {span.id: parts(span.since, span.until, now=now) for span in spans})
            _store(tx, now)
        tx.execute(text("DROP TABLE impact_span"))
    return len(spans)


def _count(tx: Recording, spans: dict[UUID, list[Part]]) -> None:
    """Requests by tenant, from each grain's table what its buckets hold."""
    flat = [(key, one) for key, ones in spans.items() for one in ones]
    tx.execute(text(impact_sql.PARTS), {
        "ids": [key for key, _ in flat], "grains": [one.grain for _, one in flat],
        "since": [one.since for _, one in flat], "until": [one.until for _, one in flat],
    })  # fmt: skip
    tx.execute(text(impact_sql.TRAFFIC))
    for grain in GRAINS:
        own = [one for _, one in flat if one.grain == grain]
        if own:
            tx.execute(text(impact_sql.traffic(grain)), _bounds(own))


def _bounds(own: list[Part]) -> dict[str, Any]:
    return {"first": min(one.since for one in own), "last": max(one.until for one in own)}


def _store(tx: Recording, now: datetime) -> None:
    tx.execute(text(impact_sql.HIT))
    tx.execute(text(impact_sql.ANALYZED))
    tx.execute(text(impact_sql.FORGET))
    for statement in (impact_sql.KEEP, impact_sql.FIGURES):
        tx.execute(text(statement), {"now": now})
    for table in ("impact_part", "impact_traffic", "impact_hit"):
        tx.execute(text(f"DROP TABLE {table}"))
