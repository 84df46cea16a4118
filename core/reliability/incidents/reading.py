"""Reads of what belongs to one incident: its timeline, its roles and its links."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.incidents import people, rules
from core.reliability.incidents.models import Incident, IncidentEvent, IncidentLink, IncidentRole

MOST = 1_000


def events(
    actor: Actor, incident_id: UUID, *, kinds: Sequence[str] = (), key_only: bool = False, limit: int = MOST
) -> pd.DataFrame:
    """The last events of an incident and of those that were merged into it, oldest first: id, incident_id, at (UTC), kind,
    text, actor_id, actor_name, source, source_id, detail (dict), is_key, created_at. Raises Denied."""
    require(actor, "incidents:read")
    event = IncidentEvent
    both = select(Incident.id).where(or_(Incident.id == incident_id, Incident.merged_into_id == incident_id))
    found = select(
        event.id, event.incident_id, event.at, event.kind, event.text, event.actor_id, event.actor_name, event.source,
        event.source_id, event.detail, event.is_key, event.created_at,
    ).where(event.incident_id.in_(both))  # fmt: skip
    if kinds:
        found = found.where(event.kind.in_(kinds))
    if key_only:
        found = found.where(event.is_key)
    with read(actor) as rx:
        frame = rx.frame(found.order_by(event.at.desc(), event.id.desc()).limit(limit))
    return frame.iloc[::-1].reset_index(drop=True)


def roles(actor: Actor, incident_id: UUID) -> pd.DataFrame:
    """Who does what, in the order of rules.ROLES: role, title, operator_id, name, created_at. Raises Denied."""
    require(actor, "incidents:read")
    held = select(IncidentRole.role, IncidentRole.operator_id, IncidentRole.created_at)
    with read(actor) as rx:
        frame = rx.frame(held.where(IncidentRole.incident_id == incident_id).limit(MOST))
    names = {str(key): name for key, name in people.names(UUID(one) for one in frame["operator_id"]).items()}
    told = frame.assign(
        title=pd.array([rules.ROLE_TITLES[one] for one in frame["role"]], dtype="string"),
        name=pd.array([names.get(one) for one in frame["operator_id"]], dtype="string"),
        place=[rules.ROLES.index(one) for one in frame["role"]],
    )
    ordered = told.sort_values(["place", "name"]).reset_index(drop=True)
    return ordered[["role", "title", "operator_id", "name", "created_at"]]


def links(actor: Actor, incident_id: UUID, *, kinds: Sequence[str] = ()) -> pd.DataFrame:
    """What an incident has to do with, oldest first: id, kind, target, label, created_by_name, created_at. Raises Denied."""
    require(actor, "incidents:read")
    link = IncidentLink
    found = select(link.id, link.kind, link.target, link.label, link.created_by_name, link.created_at)
    found = found.where(link.incident_id == incident_id)
    if kinds:
        found = found.where(link.kind.in_(kinds))
    with read(actor) as rx:
        return rx.frame(found.order_by(link.created_at, link.id).limit(MOST))


def link_counts(actor: Actor, incident_id: UUID) -> dict[str, int]:
    """Kind -> how many links. Raises Denied."""
    require(actor, "incidents:read")
    counted = select(IncidentLink.kind, func.count().label("total")).where(IncidentLink.incident_id == incident_id)
    with read(actor) as rx:
        return {row.kind: row.total for row in rx.rows(counted.group_by(IncidentLink.kind))}


def linked_to(actor: Actor, kind: str, targets: Iterable[str]) -> pd.DataFrame:
    """The incidents that are linked to some alerts, violations, errors ...: target, id, number, reference, title, severity,
    status, declared_at, newest first. Raises Denied."""
    require(actor, "incidents:read")
    found = (
        select(
            IncidentLink.target, Incident.id, Incident.number, Incident.title, Incident.severity, Incident.status,
            Incident.declared_at,
        )
        .join(Incident, Incident.id == IncidentLink.incident_id)
        .where(IncidentLink.kind == kind, IncidentLink.target.in_(list(targets)))
        .order_by(Incident.declared_at.desc(), Incident.id)
        .limit(MOST)
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found)
    return frame.assign(reference=pd.array([rules.number_of(one) for one in frame["number"]], dtype="string"))


def merged_into(actor: Actor, incident_id: UUID) -> pd.DataFrame:
    """The incidents that go on in this one: id, number, reference, title, severity, closed_at. Raises Denied."""
    require(actor, "incidents:read")
    found = select(Incident.id, Incident.number, Incident.title, Incident.severity, Incident.closed_at)
    with read(actor) as rx:
        frame = rx.frame(found.where(Incident.merged_into_id == incident_id).order_by(Incident.number).limit(MOST))
    return frame.assign(reference=pd.array([rules.number_of(one) for one in frame["number"]], dtype="string"))
