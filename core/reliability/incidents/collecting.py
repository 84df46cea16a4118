"""Timelines collect by themselves: alerts, flag changes, deployments, configuration, emergency access, messages, pages,
violations. A constant number of statements for all incidents that run; each thing comes once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.permissions import table
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.incidents import wording
from core.reliability.incidents.models import IncidentEvent
from core.reliability.incidents.sources import STATEMENTS

_ACTOR = "incidents"


def collect(incident_id: UUID | None = None) -> int:
    """Adds what is new to the timeline of one incident, or of all that run or ended within the last day. Returns how many
    lines. Looks before it writes: a round that finds nothing leaves nothing. Raises Unavailable."""
    return _collect(None if incident_id is None else [incident_id])


def collect_all(incident_ids: Iterable[UUID]) -> int:
    """The same for some incidents, whenever they were."""
    return _collect(list(incident_ids))


def _collect(only: list[UUID] | None) -> int:
    actor, now = Actor.system(_ACTOR), utc_now()
    lines = _lines(_found(actor, only, now), now)
    if not lines:
        return 0
    with write(actor, "incidents.collect") as tx:
        # Another round may have been faster.
        tx.bulk(insert(IncidentEvent).on_conflict_do_nothing(), lines)
        tx.note(incident_ids=sorted({str(one["incident_id"]) for one in lines}), lines=len(lines))
    return len(lines)


def _found(actor: Actor, only: list[UUID] | None, now: datetime) -> list[Any]:
    values = {"only": only or [], "all": only is None, "now": now, "actions": wording.watched(table())}
    with read(actor, timeout_ms=20_000) as rx:
        return [
            row
            for statement in STATEMENTS
            for row in rx.session.execute(text(statement), _used(statement, values)).mappings()
        ]


def _used(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


def _lines(rows: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
    """One per source: an alert that is linked and in the time as well is found twice."""
    made: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        told = wording.line(row["source"], row["detail"])
        if told is not None:
            kind, words, is_key = told
            made[row["incident_id"], row["source"], row["source_id"]] = dict(row) | {
                "id": uuid7(), "kind": kind, "text": words, "is_key": is_key, "created_at": now,
            }  # fmt: skip
    return list(made.values())
