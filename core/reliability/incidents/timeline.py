"""The timeline of an incident: steps that other actions take in their own transactions."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.kernel.writes import Transaction
from core.reliability.incidents.models import Incident, IncidentEvent


def add(
    tx: Transaction, incident: Incident, kind: str, text: str, *, at: datetime | None = None, source: str | None = None,
    source_id: str | None = None, is_key: bool = False, **detail: Any,
) -> IncidentEvent:  # fmt: skip
    """Appends what happened; now, unless it was at another time. What has a source comes once: a second time returns the
    first one's event. `kind` is one of models.EVENT_KINDS."""
    known = _known(tx, incident, source, source_id) if source else None
    return known or tx.add(IncidentEvent(
        incident_id=incident.id, at=at or _next(tx, incident), kind=kind, text=text, actor_id=tx.actor.operator_id,
        actor_name=tx.actor.name, source=source, source_id=source_id, is_key=is_key, detail=detail,
        created_at=tx.now,
    ))  # fmt: skip


def _known(tx: Transaction, incident: Incident, source: str, source_id: str | None) -> IncidentEvent | None:
    event = IncidentEvent
    same = (event.incident_id == incident.id, event.source == source, event.source_id == source_id)
    found: IncidentEvent | None = tx.session.scalars(select(event).where(*same)).first()
    return found


def _next(tx: Transaction, incident: Incident) -> datetime:
    """Now; a microsecond later than the incident's event before in this transaction, so that their order is kept."""
    counted: dict[object, int] = tx.session.info.setdefault("incident_events", {})
    place = counted[incident.id] = counted.get(incident.id, -1) + 1
    return tx.now + timedelta(microseconds=place)
