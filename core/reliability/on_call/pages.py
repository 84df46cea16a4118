"""Pages: begun by hand or for an incident, acknowledged by whoever takes it, ended with the incident."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction, write
from core.reliability.incidents import timeline
from core.reliability.incidents.models import LIVE, Incident
from core.reliability.on_call import links
from core.reliability.on_call.escalating import first_due
from core.reliability.on_call.models import EscalationPolicy, Page, PageDelivery

WATCH = "on_call.page_people"
NEEDED = ("open", "exhausted")
UNKNOWN = "This link is not known. Look whether it was copied whole."
EXPIRED = "This link has expired. Sign in and acknowledge the page there."


def page(actor: Actor, incident_id: UUID, *, policy_id: UUID, once: str | None = None) -> Page:
    """Calls people for the incident by the policy, at once where its first step waits for nothing.

    Raises Invalid for an incident that is over, an archived policy, or one that calls for the incident already; NotFound.
    """
    with write(actor, "on_call.page", once=once) as tx:
        incident = tx.lock(Incident, incident_id)
        policy = tx.get(EscalationPolicy, policy_id)
        _require_wanted(tx, incident, policy)
        made = tx.add(_begun(tx, incident, policy))
        tx.session.flush()
        text = f"People are paged by the policy {policy.name}."
        timeline.add(tx, incident, "page", text, source="on_call_page", source_id=str(made.id), policy=policy.name)
        tx.note(incident_id=incident_id, policy=policy.name)
        tx.enqueue(WATCH, key=WATCH, priority=10)
    return made


def _require_wanted(tx: Transaction, incident: Incident, policy: EscalationPolicy) -> None:
    if policy.archived_at is not None:
        raise Invalid("This policy is archived. Choose another one.")
    if incident.status not in LIVE:
        raise Invalid("This incident is over, so nobody is paged for it. Reopen it first.")
    open_one = select(Page.id).where(
        Page.incident_id == incident.id, Page.policy_id == policy.id, Page.status == "open"
    )
    if tx.session.scalar(open_one.limit(1)) is not None:
        raise Invalid(f"The policy {policy.name} pages for this incident already.")


def _begun(tx: Transaction, incident: Incident, policy: EscalationPolicy) -> Page:
    return Page(
        incident_id=incident.id, policy_id=policy.id, policy_steps=policy.steps, repeats_left=policy.repeats,
        repeat_after_minutes=policy.repeat_after_minutes, round=0, step=0, status="open",
        next_at=first_due(policy.steps, tx.now), created_at=tx.now,
    )  # fmt: skip


def acknowledge(actor: Actor, page_id: UUID, *, version: int | None = None) -> Page:
    """Somebody takes it: nobody else is called. Raises Invalid for a page that was acknowledged or is over, NotFound."""
    with write(actor, "on_call.acknowledge") as tx:
        return _acknowledge(tx, tx.lock(Page, page_id, version=version))


def acknowledge_by_link(actor: Actor, token: str) -> Page:
    """The same by the link of a mail, in the name of whom it was sent to (`answering.asked`). It works once, and for a week.

    Raises Invalid, NotFound.
    """
    with write(actor, "on_call.acknowledge") as tx:
        wanted = select(PageDelivery).where(PageDelivery.token_digest == crypto.digest(token))
        delivery = tx.session.scalar(wanted)
        if delivery is None:
            raise NotFound(UNKNOWN)
        if delivery.at + links.LIFE <= tx.now:
            raise Invalid(EXPIRED)
        tx.note(by_link=True)
        return _acknowledge(tx, tx.lock(Page, delivery.page_id))


def _acknowledge(tx: Transaction, row: Page) -> Page:
    _require_needed(row)
    row.status, row.next_at = "acknowledged", None
    row.acknowledged_at, row.acknowledged_by, row.acknowledged_by_name = tx.now, tx.actor.operator_id, tx.actor.name
    incident = tx.get(Incident, row.incident_id)
    text = f"{tx.actor.name} acknowledged the page."
    timeline.add(
        tx, incident, "page", text, source="on_call_acknowledgement", source_id=str(row.id), page_id=str(row.id)
    )
    tx.note(incident_id=row.incident_id, page_id=row.id)
    return row


def _require_needed(row: Page) -> None:
    if row.status == "acknowledged":
        raise Invalid(f"{row.acknowledged_by_name} has acknowledged this page already.")
    if row.status not in NEEDED:
        raise Invalid("This page is over: the incident is resolved.")


def settle(
    actor: Actor, incident_id: UUID, *, taken_by: str | None = None, taken_by_id: UUID | None = None,
    until: datetime | None = None,
) -> int:  # fmt: skip
    """Ends the calls of an incident that is over, or that `taken_by` has taken; returns how many pages that were.

    Pages that began after `until` go on. Raises NotFound.
    """
    with write(actor, "on_call.settle") as tx:
        incident = tx.lock(Incident, incident_id)
        is_over = incident.status not in LIVE
        rows = _needed(tx, incident_id, until) if is_over or taken_by else []
        for row in rows:
            row.status, row.next_at = "resolved" if is_over else "acknowledged", None
            if not is_over:
                row.acknowledged_at, row.acknowledged_by, row.acknowledged_by_name = tx.now, taken_by_id, taken_by
        tx.note(incident_id=incident_id)
    return len(rows)


def _needed(tx: Transaction, incident_id: UUID, until: datetime | None) -> list[Page]:
    wanted = select(Page).where(Page.incident_id == incident_id, Page.status.in_(NEEDED))
    if until is not None:
        wanted = wanted.where(Page.created_at <= until)
    return list(tx.session.scalars(wanted.order_by(Page.id).with_for_update()))
