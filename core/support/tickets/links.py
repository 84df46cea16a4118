"""What a ticket has to do with: other tickets, incidents, alerts and errors."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.health.alerts.models import Alert
from core.health.errors.models import ErrorGroup, ErrorRecord
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import Reading, as_id, read
from core.kernel.writes import Transaction, write
from core.reliability.incidents import rules as incidents
from core.reliability.incidents.models import Incident
from core.support.tickets import linking, numbers, rules
from core.support.tickets.models import Ticket, TicketLink

KINDS = ("ticket", "incident", "alert", "error")
MOST = 200
_READS = {"incident": "incidents:read", "alert": "alerts:read", "error": "errors:read"}


def link(actor: Actor, ticket_id: UUID, *, kind: str, target: str) -> bool:
    """Links a ticket to another one or to an incident (by id or number), to an alert (its id), or to an error (its
    fingerprint). The incident is linked with the ticket in turn.

    Returns whether it was not linked yet. Raises Invalid for what does not exist or is not in sight, Denied, NotFound.
    """
    rules.one_of("kind", kind, KINDS)
    if kind in _READS:
        require(actor, _READS[kind])
    with write(actor, "tickets.link") as tx:
        ticket = tx.get(Ticket, ticket_id)
        wanted = target.replace("\x00", "").strip()
        if kind == "ticket":
            return linking.join(tx, ticket, _other(tx, ticket, wanted))
        found = _FIND[kind](tx, wanted)
        tx.note(ticket_id=ticket.id, kind=kind, target=found[0], is_linked=True)
        return linking.point(tx, ticket, kind, found[0], shown=found[1])


def _other(tx: Transaction, ticket: Ticket, target: str) -> Ticket:
    key, number = as_id(target), numbers.parsed(target)
    condition = Ticket.id == key if key else Ticket.number == number
    found = tx.session.scalar(select(Ticket).where(condition)) if key or number is not None else None
    if found is None or found.id == ticket.id:
        raise _missing(f"There is no other ticket “{target[:40]}” that you may see. Give its number.")
    return found


def _incident(tx: Transaction, target: str) -> tuple[str, str]:
    key, number = as_id(target), incidents.parsed_number(target)
    condition = Incident.id == key if key else Incident.number == number
    found = tx.session.scalar(select(Incident).where(condition)) if key or number is not None else None
    if found is None:
        raise _missing(f"There is no incident “{target[:40]}”. Give its number, such as {incidents.number_of(42)}.")
    return str(found.id), incidents.number_of(found.number)


def _alert(tx: Transaction, target: str) -> tuple[str, str]:
    key = as_id(target)
    name = tx.session.scalar(select(Alert.subject).where(Alert.id == key)) if key else None
    if name is None:
        raise _missing("There is no such alert that you may see. Copy its id from the alert.")
    return str(key), str(name)


def _error(tx: Transaction, target: str) -> tuple[str, str]:
    kind = tx.session.scalar(select(ErrorGroup.type).where(ErrorGroup.fingerprint == target))
    if kind is None:
        raise _missing("There is no such error that you may see. Copy its fingerprint from the error.")
    return target, str(kind)


_FIND = {"incident": _incident, "alert": _alert, "error": _error}


def _missing(sentence: str) -> Invalid:
    return Invalid(sentence, {"target": sentence})


def unlink(actor: Actor, link_id: UUID) -> None:
    """Takes a link away, between tickets from both. Raises NotFound."""
    with write(actor, "tickets.unlink") as tx:
        known = tx.get(TicketLink, link_id)
        tx.note(ticket_id=known.ticket_id, kind=known.kind, target=known.target, is_linked=False)
        linking.remove(tx, known)
        back = select(TicketLink).where(
            TicketLink.ticket_id == as_id(known.target), TicketLink.kind == "ticket",
            TicketLink.target == str(known.ticket_id),
        )  # fmt: skip
        other = tx.session.scalars(back).first() if known.kind == "ticket" else None
        if other is not None:
            linking.remove(tx, other)


def of(actor: Actor, ticket_id: UUID) -> pd.DataFrame:
    """The links of a ticket: id, kind, target, title, status (of tickets, incidents and alerts), created_by_name, created_at.

    What the actor may not see is listed without title. Raises Denied.
    """
    require(actor, "tickets:read")
    found = (
        select(TicketLink.id, TicketLink.kind, TicketLink.target, TicketLink.created_by_name, TicketLink.created_at)
        .where(TicketLink.ticket_id == ticket_id)
        .order_by(TicketLink.created_at, TicketLink.id)
        .limit(MOST)
    )
    with read(actor) as rx:
        frame = rx.frame(found)
        told = {kind: _told(rx, actor, kind, list(frame.loc[frame["kind"] == kind, "target"])) for kind in KINDS}
    pairs = [told[kind].get(target, (None, None)) for kind, target in zip(frame["kind"], frame["target"], strict=True)]
    return frame.assign(
        title=pd.array([title for title, _ in pairs], dtype="string"),
        status=pd.array([status for _, status in pairs], dtype="string"),
    )


def _told(rx: Reading, actor: Actor, kind: str, targets: list[str]) -> dict[str, tuple[str, str | None]]:
    """Title and status of each target that the actor may see."""
    if not targets or not actor.may(_READS.get(kind, "tickets:read")):
        return {}
    if kind == "error":
        groups = select(ErrorGroup.fingerprint, ErrorGroup.type).where(ErrorGroup.fingerprint.in_(targets))
        return {row.fingerprint: (row.type, None) for row in rx.rows(groups)}
    ids = [key for one in targets if (key := as_id(one))]
    if kind == "incident":
        found = select(Incident.id, Incident.number, Incident.title, Incident.status).where(Incident.id.in_(ids))
        return {str(row.id): (f"{incidents.number_of(row.number)} {row.title}", row.status) for row in rx.rows(found)}
    if kind == "alert":
        alerts = select(Alert.id, Alert.subject, Alert.status).where(Alert.id.in_(ids))
        return {str(row.id): (row.subject, row.status) for row in rx.rows(alerts)}
    tickets = select(Ticket.id, Ticket.number, Ticket.subject, Ticket.status).where(Ticket.id.in_(ids))
    return {str(row.id): (f"{numbers.shown(row.number)} {row.subject}", row.status) for row in rx.rows(tickets)}


def related_errors(actor: Actor, ticket_id: UUID, *, limit: int = 50) -> pd.DataFrame:
    """Errors of the request that the ticket is about, newest first: at (UTC), fingerprint, type, message, route, service.

    None without a correlation id. Raises Denied without errors:read.
    """
    require(actor, "errors:read")
    columns: tuple[Any, ...] = (
        ErrorRecord.at, ErrorRecord.fingerprint, ErrorRecord.type, ErrorRecord.message, ErrorRecord.route, ErrorRecord.service,
    )  # fmt: skip
    about = select(Ticket.correlation_id).where(Ticket.id == ticket_id).scalar_subquery()
    found = select(*columns).where(ErrorRecord.request_id == about).order_by(ErrorRecord.at.desc()).limit(limit)
    with read(actor) as rx:
        return rx.frame(found)


def related_tickets(actor: Actor, ticket_id: UUID, *, limit: int = 20) -> pd.DataFrame:
    """Other tickets about the same request: id, number, subject, status, created_at, newest first. Raises Denied."""
    require(actor, "tickets:read")
    about = select(Ticket.correlation_id).where(Ticket.id == ticket_id).scalar_subquery()
    found = (
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.created_at)
        .where(Ticket.correlation_id == about, Ticket.id != ticket_id)
        .order_by(Ticket.created_at.desc())
        .limit(limit)
    )
    with read(actor) as rx:
        return rx.frame(found)


def tickets_of_target(actor: Actor, kind: str, target: str, *, limit: int = 20) -> pd.DataFrame:
    """Tickets that are linked to an incident, an alert or an error: id, number, subject, status, created_at. Raises Denied."""
    require(actor, "tickets:read")
    found = (
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.created_at)
        .join(TicketLink, TicketLink.ticket_id == Ticket.id)
        .where(TicketLink.kind == kind, TicketLink.target == target)
        .order_by(Ticket.created_at.desc())
        .limit(limit)
    )
    with read(actor) as rx:
        return rx.frame(found)
