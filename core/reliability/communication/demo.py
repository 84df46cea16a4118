"""Demo messages: what was told of the demo incidents, with approvals and deliveries; of those that run, one not sent yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from core.access.operators.models import Operator
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.reliability.communication.expanding import PAGE
from core.reliability.communication.models import IncidentMessage, MessageDelivery
from core.reliability.communication.placeholders import length, moment
from core.reliability.communication.rules import needs_approval
from core.reliability.incidents.models import LIVE, Incident, IncidentEvent, IncidentTenant
from core.reliability.incidents.rules import number_of
from core.reliability.status_page.models import StatusComponent

_WRITER, _APPROVER = "support_tier_2", "support_admin"
_PROMISE = timedelta(minutes=30)
_TOLD = {
    "investigating": "We are investigating a problem with {services} that began at {began}. We will tell more by {due}.",
    "identified": "We know what causes the problem with {services} and work on putting it right. We will tell more by {due}.",
    "monitoring": "A fix is in place for {services}. We watch whether it holds, and will tell more by {due}.",
    "resolved": "The problem with {services}, which began at {began} and lasted {lasted}, is resolved. We are sorry.",
}  # fmt: skip
_MAIL = "Hello {{tenant.name}},\n\nsince {began} there is a problem with {services} that concerns you. We work on it.\n\n{writer}"
_STATES = {"sev1": "major_outage", "sev2": "partial_outage", "sev3": "degraded_performance"}


@dataclass
class People:
    """Who writes and who approves, by id and name; the addresses of tenants' administrators."""

    writer: tuple[UUID, str]
    approver: tuple[UUID, str]
    administrators: Mapping[UUID, Sequence[str]]


def seed(system: Actor, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """Needs demo incidents, components and people. Of SEV3 nothing is told."""
    with write(system, "demo.seed", once="demo.incident_messages") as tx:
        people = _people(tx, operators)
        components = list(tx.session.scalars(select(StatusComponent).where(StatusComponent.archived_at.is_(None))))
        told = select(Incident).where(Incident.severity != "sev3", Incident.merged_into_id.is_(None))
        incidents = list(tx.session.scalars(told.order_by(Incident.declared_at)))
        rows = [row for one in incidents for row in _of(random, one, people, components, now)]
        tx.bulk(insert(IncidentMessage), rows)
        tx.bulk(insert(IncidentEvent), [_event(random, row) for row in rows if row["status"] == "sent"])
        tx.bulk(insert(MessageDelivery), [one for row in rows for one in _deliveries(tx, random, row, people)])
        for one in incidents:
            _publish(tx, one, [row for row in rows if row["incident_id"] == one.id and row["status"] == "sent"], now)


def _people(tx: Transaction, operators: dict[str, UUID]) -> People:
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    writer, approver = ((operators[role], names[operators[role]]) for role in (_WRITER, _APPROVER))
    hit = select(IncidentTenant.tenant_id).distinct()
    found = select(TenantUser.tenant_id, TenantUser.email).where(
        TenantUser.is_admin, TenantUser.deactivated_at.is_(None), TenantUser.tenant_id.in_(hit)
    )
    administrators: dict[UUID, list[str]] = {}
    for row in tx.session.execute(found.order_by(TenantUser.email)):
        administrators.setdefault(row.tenant_id, []).append(row.email.lower())
    return People(writer, approver, administrators)


def _steps(incident: Incident) -> Iterator[tuple[str, datetime]]:
    """The states that it went through, with when."""
    for status, at in (
        ("investigating", incident.acknowledged_at), ("identified", incident.identified_at),
        ("monitoring", incident.monitoring_at), ("resolved", incident.resolved_at),
    ):  # fmt: skip
        if at is not None:
            yield status, at


def _of(
    random: Random, incident: Incident, people: People, components: Sequence[StatusComponent], now: datetime
) -> Iterator[dict[str, Any]]:
    shown = [str(one.id) for one in components if set(one.services) & set(incident.services)]
    services = ", ".join(incident.services) or "all services"
    for status, at in _steps(incident):
        sent_at = min(at + timedelta(minutes=random.uniform(1, 6)), now)
        is_over = status == "resolved"
        words = {
            "services": services, "began": moment(incident.started_at), "due": moment(sent_at + _PROMISE),
            "lasted": length((incident.resolved_at or now) - incident.started_at),
        }  # fmt: skip
        state = "operational" if is_over else _STATES[incident.severity]
        yield _message(
            random, incident, people, sent_at, channel="status_page", audience="public", subject=incident.title,
            body=_TOLD[status].format(**words), incident_status=status, components=dict.fromkeys(shown, state),
            next_update_minutes=None if is_over else 30,
        )  # fmt: skip
        if status == "identified" and incident.severity == "sev1":
            yield _mail(random, incident, people, sent_at, services)
    if incident.status in LIVE:
        is_asked = needs_approval(incident.severity, "affected")
        yield _mail(random, incident, people, now - timedelta(minutes=3), services) | {
            "status": "waiting" if is_asked else "draft", "approved_by": None, "approved_by_name": None, "approved_at": None,
            "sent_at": None,
        }  # fmt: skip


def _mail(random: Random, incident: Incident, people: People, at: datetime, services: str) -> dict[str, Any]:
    body = _MAIL.replace("{began}", moment(incident.started_at)).replace("{services}", services)
    return _message(
        random, incident, people, at, channel="mail", audience="affected", body=body.replace("{writer}", people.writer[1]),
        subject=f"{number_of(incident.number)}: {incident.title}", incident_status="identified", components={},
        next_update_minutes=None,
    )  # fmt: skip


def _message(random: Random, incident: Incident, people: People, at: datetime, **told: Any) -> dict[str, Any]:
    """A sent message; of a SEV1, one that somebody else approved."""
    is_asked = needs_approval(incident.severity, told["audience"])
    by, name = people.approver if is_asked else (None, None)
    written_at = at - timedelta(minutes=2)
    return {
        "id": _id(random), "incident_id": incident.id, "tenant_ids": [], "channel_ids": [], "status": "sent",
        "written_by": people.writer[0], "written_by_name": people.writer[1], "author_ids": [people.writer[0]], "approved_by": by,
        "approved_by_name": name, "approved_at": at if is_asked else None, "sent_at": at, "created_at": written_at,
        "updated_at": at, "version": 3 if is_asked else 2, **told,
    }  # fmt: skip


def _event(random: Random, row: Mapping[str, Any]) -> dict[str, Any]:
    told = "Told on the status page" if row["channel"] == "status_page" else "Mailed to the customers that are hit"
    return {
        "id": _id(random), "incident_id": row["incident_id"], "at": row["sent_at"], "kind": "message",
        "text": f"{told}: {row['body']}", "actor_id": row["written_by"], "actor_name": row["written_by_name"],
        "source": "incident_message", "source_id": str(row["id"]), "is_key": True, "created_at": row["sent_at"],
        "detail": {"channel": row["channel"], "audience": row["audience"]},
    }  # fmt: skip


def _deliveries(tx: Transaction, random: Random, row: Mapping[str, Any], people: People) -> Iterator[dict[str, Any]]:
    if row["status"] != "sent":
        return
    if row["channel"] == "status_page":
        yield _delivery(random, row, PAGE, None)
        return
    hit = tx.session.scalars(select(IncidentTenant.tenant_id).where(IncidentTenant.incident_id == row["incident_id"]))
    seen: set[str] = set()
    for tenant_id in sorted(hit):
        for address in people.administrators.get(tenant_id, ()):
            if address not in seen:
                seen.add(address)
                yield _delivery(random, row, address, tenant_id)


def _delivery(random: Random, row: Mapping[str, Any], recipient: str, tenant_id: UUID | None) -> dict[str, Any]:
    is_refused = tenant_id is not None and random.random() < 0.03
    done_at = row["sent_at"] + timedelta(seconds=random.uniform(1, 20))
    return {
        "id": _id(random), "message_id": row["id"], "tenant_id": tenant_id, "channel_id": None, "recipient": recipient,
        "at": row["sent_at"], "outcome": "failed" if is_refused else "sent", "attempts": 1, "finished_at": done_at,
        "error": "550 5.1.1 no such person" if is_refused else None,
    }  # fmt: skip


def _publish(tx: Transaction, incident: Incident, told: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """What sending does to an incident; of one that runs, a promise that is still to come."""
    if not told:
        return
    due = now + timedelta(minutes=18) if incident.status in LIVE else None
    values = {"is_public": True, "public_title": incident.title, "next_update_at": due}
    tx.bulk(update(Incident).where(Incident.id == incident.id).values(**values))


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
