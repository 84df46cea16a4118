"""What the placeholders of a message about an incident stand for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.reliability.communication.placeholders import length, moment
from core.reliability.incidents import queries

UNKNOWN = "an unknown number of"


def of(actor: Actor, incident_id: UUID, *, status: str | None, is_public: bool) -> dict[str, str]:
    """Placeholder -> text, of what is filled when a message is written. Raises Denied, NotFound."""
    incident = queries.one(actor, incident_id)
    figures = queries.impact(actor, incident_id)
    return {
        "incident.number": queries.number_of(incident),
        "incident.title": (is_public and incident["public_title"]) or incident["title"],
        "incident.severity": incident["severity"].upper(),
        "incident.status": status or incident["status"],
        "incident.services": ", ".join(incident["services"]) or "our services",
        "incident.started_at": moment(incident["started_at"]),
        "incident.duration": length((incident["resolved_at"] or utc_now()) - incident["started_at"]),
        "incident.url": url(incident_id),
        "author.name": actor.name,
    } | {f"impact.{name}": _count(figures[name]) for name in ("tenants", "users", "requests_failed")}  # fmt: skip


def _count(figure: Mapping[str, Any]) -> str:
    return UNKNOWN if figure["value"] is None else f"{figure['value']:,}"


def url(incident_id: UUID) -> str:
    """The incident's page; in words while nobody said where the portal is."""
    base = settings().public_url
    return f"{base.rstrip('/')}/incident?id={incident_id}" if base else "Look in Quarterdeck, Reliability, Incidents."
