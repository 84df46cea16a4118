"""Reads of messages about incidents, and of what was sent to whom."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Uuid, case, cast, func, literal, null, select, union_all

from core.customers.tenants.models import Tenant
from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.times import utc_now
from core.reliability.communication.audience import sender
from core.reliability.communication.models import IncidentMessage, MessageDelivery
from core.reliability.incidents.models import LIVE, Incident
from core.reliability.status_page.models import StatusComponent, StatusMail, StatusSubscriber

MOST = 500
_OF = IncidentMessage
COLUMNS = (
    _OF.id, _OF.incident_id, _OF.channel, _OF.audience, _OF.subject, _OF.body, _OF.incident_status, _OF.components,
    _OF.tenant_ids, _OF.channel_ids, _OF.next_update_minutes, _OF.status, _OF.written_by, _OF.written_by_name, _OF.author_ids,
    _OF.approved_by_name, _OF.approved_at, _OF.sent_at, _OF.created_at, _OF.updated_at, _OF.version,
)  # fmt: skip


def messages(actor: Actor, incident_id: UUID, *, limit: int = MOST) -> pd.DataFrame:
    """The messages about an incident and what was merged into it, newest first: COLUMNS, and how many deliveries there are:
    queued, sent, failed (without a mail server or a recipient too). Raises Denied."""
    require(actor, "incidents:read")
    both = select(Incident.id).where((Incident.id == incident_id) | (Incident.merged_into_id == incident_id))
    wanted = _counted().where(_OF.incident_id.in_(both)).order_by(_OF.created_at.desc(), _OF.id.desc()).limit(limit)
    with read(actor) as rx:
        return rx.frame(wanted)


def one(actor: Actor, message_id: UUID) -> dict[str, Any]:
    """One message, as `messages` has it. Raises Denied, NotFound."""
    require(actor, "incidents:read")
    with read(actor) as rx:
        found = rx.one(_counted().where(_OF.id == message_id))
    if found is None:
        raise NotFound("This message does not exist.")
    return dict(found._mapping)


def _counted() -> AnySelect:
    outcome = _deliveries().subquery()
    is_open = outcome.c.outcome == "queued"
    counts = (
        select(
            func.count().filter(is_open).label("queued"), func.count().filter(outcome.c.outcome == "sent").label("sent"),
            func.count().filter(outcome.c.outcome.not_in(("queued", "sent"))).label("failed"),
        )
        .where(outcome.c.message_id == _OF.id)
        .lateral()
    )  # fmt: skip
    return select(*COLUMNS, counts.c.queued, counts.c.sent, counts.c.failed).join(counts, literal(True))


def _deliveries() -> Any:
    """Of messages, and of the mails to subscribers that follow from a word on the status page."""
    delivery, told = MessageDelivery, StatusMail
    columns = (
        delivery.id, delivery.message_id, delivery.tenant_id, delivery.channel_id, delivery.recipient, delivery.at,
        delivery.outcome, delivery.attempts, delivery.error, delivery.finished_at,
    )  # fmt: skip
    own = select(*columns, literal("delivery").label("way"))
    mails = select(
        told.id, told.source_id.label("message_id"), cast(null(), Uuid).label("tenant_id"),
        cast(null(), Uuid).label("channel_id"), StatusSubscriber.email.label("recipient"), told.at, told.outcome,
        case((told.finished_at.is_not(None), 1), else_=0).label("attempts"), told.error, told.finished_at,
        literal("subscriber").label("way"),
    ).join(StatusSubscriber, StatusSubscriber.id == told.subscriber_id)  # fmt: skip
    return union_all(own, mails)


def deliveries(actor: Actor, message_id: UUID, *, after: str | None = None, limit: int = 50) -> Page:
    """What was sent to whom, newest first: id, way (delivery, subscriber), recipient (masked for who may not see people),
    tenant (NA for none, and out of sight), at, outcome, attempts, error, finished_at. Raises Denied, Invalid."""
    require(actor, "incidents:read")
    found = _deliveries().subquery()
    columns = (found.c.id, found.c.way, found.c.recipient, found.c.tenant_id, Tenant.name.label("tenant"), found.c.at,
               found.c.outcome, found.c.attempts, found.c.error, found.c.finished_at)  # fmt: skip
    wanted = select(*columns).join(Tenant, Tenant.id == found.c.tenant_id, isouter=True)
    with read(actor) as rx:
        page = rx.page(
            wanted.where(found.c.message_id == message_id), keys=[found.c.at, found.c.id], after=after, limit=limit
        )
    return Page(_masked(actor, page.frame), page.next)


def _masked(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    """People's addresses for those alone who may see them; channels and the page itself are no people."""
    if masking.sees(actor) or frame.empty:
        return frame
    told = [
        masking.email_masked(recipient, key) if "@" in recipient else recipient
        for recipient, key in zip(frame["recipient"], frame["id"], strict=True)
    ]
    return frame.assign(recipient=pd.array(told, dtype="string"))


def waiting(actor: Actor) -> int:
    """How many messages wait for somebody's approval. Raises Denied."""
    require(actor, "incidents:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(_OF).where(_OF.status == "waiting")))


def overdue(actor: Actor) -> int:
    """Of how many live incidents the next word is late. Raises Denied."""
    require(actor, "incidents:read")
    late = (
        select(func.count()).select_from(Incident).where(Incident.status.in_(LIVE), Incident.next_update_at < utc_now())
    )
    with read(actor) as rx:
        return int(rx.value(late))


def components(actor: Actor) -> dict[str, str]:
    """The components of the status page, by their id, in their order: as whom the portal knows them, since whoever tells of
    an incident names what it hits. Raises Denied."""
    require(actor, "incidents:read")
    of = StatusComponent
    wanted = select(of.id, of.name).where(of.archived_at.is_(None)).order_by(of.position, of.name).limit(MOST)
    with read(sender(actor)) as rx:
        return {str(row.id): row.name for row in rx.rows(wanted)}
