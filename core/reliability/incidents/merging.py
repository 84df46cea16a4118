"""Several incidents that turn out to be one: the others are closed, and go on in it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.incidents import changes, linking, rules, timeline
from core.reliability.incidents.models import Incident, IncidentLink

MOST = 50


def merge(actor: Actor, ids: Iterable[UUID], *, into_id: UUID) -> Incident:
    """Closes incidents in favour of another, all of them or none. That one begins when the first of them did, is as grave as
    the gravest, has all their services and links, and shows their timelines with its own. Raises Invalid, NotFound."""
    others = [one for one in dict.fromkeys(ids) if one != into_id]
    if not 1 <= len(others) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} other incidents to merge into this one.")
    with write(actor, "incidents.merge") as tx:
        rows = {row.id: row for row in tx.lock_many(Incident, [*others, into_id])}
        into = rows.get(into_id) or tx.lock(Incident, into_id)
        rules.require_unmerged(into.merged_into_id)
        rules.require_live(into.status)
        merged = [rows.get(one) or tx.lock(Incident, one) for one in others]
        for one in merged:
            _merge(tx, one, into)
        changes.note(tx, into, merged=[one.id for one in merged], tickets=_tickets(tx, into))
        changes.look(tx, into)
    return into


def _merge(tx: Transaction, one: Incident, into: Incident) -> None:
    rules.require_unmerged(one.merged_into_id)
    _take_over(tx, one, into)
    one.merged_into_id, one.next_update_at = into.id, None
    if one.status in rules.LIVE:
        one.resolved_at = tx.now
    one.status, one.closed_at = "closed", one.closed_at or tx.now
    _tell(tx, one, into)
    for kind, target, label in _links(tx, one):
        if target != str(into.id):
            linking.put(tx, into, kind, target, label)


def _take_over(tx: Transaction, one: Incident, into: Incident) -> None:
    """What the other says of both."""
    into.started_at = min(into.started_at, one.started_at)
    if one.services and into.services:
        into.services = sorted({*into.services, *one.services})
    else:
        into.services = []  # one of them is about everything
    changes.set_severity(tx, into, rules.gravest([into.severity, one.severity]), why="as what was merged")
    if one.acknowledged_at is not None:
        into.acknowledged_at = min(into.acknowledged_at or one.acknowledged_at, one.acknowledged_at)


def _tell(tx: Transaction, one: Incident, into: Incident) -> None:
    here, there = rules.number_of(one.number), rules.number_of(into.number)
    timeline.add(tx, one, "merged", f"Merged into {there}", is_key=True, into=str(into.id))
    timeline.add(tx, into, "merged", f"{here} was merged into this: {one.title}", is_key=True, merged=str(one.id))


def _links(tx: Transaction, one: Incident) -> list[tuple[str, str, str]]:
    found = select(IncidentLink.kind, IncidentLink.target, IncidentLink.label)
    rows = tx.session.execute(found.where(IncidentLink.incident_id == one.id).order_by(IncidentLink.created_at))
    return [(row.kind, row.target, row.label) for row in rows]


def _tickets(tx: Transaction, into: Incident) -> list[str]:
    linked = select(IncidentLink.target).where(IncidentLink.incident_id == into.id, IncidentLink.kind == "ticket")
    return list(tx.session.scalars(linked))
