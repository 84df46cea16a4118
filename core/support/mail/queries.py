"""Reads of the mails of tickets."""

from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.support.mail.models import InboundMail, TicketMail


def of_ticket(actor: Actor, ticket_id: UUID) -> pd.DataFrame:
    """One row per mail that was sent for the ticket, oldest first: id, message_id, kind, recipient (masked without
    users:pii), outcome, error, queued_at, finished_at. Raises Denied."""
    require(actor, "tickets:read")
    columns = (
        TicketMail.id, TicketMail.message_id, TicketMail.kind, TicketMail.recipient, TicketMail.outcome, TicketMail.error,
        TicketMail.queued_at, TicketMail.finished_at,
    )  # fmt: skip
    wanted = select(*columns).where(TicketMail.ticket_id == ticket_id).order_by(TicketMail.queued_at, TicketMail.id)
    with read(actor) as rx:
        frame = rx.frame(wanted, limit=500)
    return _masked(actor, frame, "recipient")


def inbound(actor: Actor, *, outcomes: tuple[str, ...] = (), limit: int = 200) -> pd.DataFrame:
    """One row per mail that came, newest first: id, ticket_id, sender (masked without users:pii), subject, outcome, reason,
    via, size_bytes, refused_files, received_at. Raises Denied."""
    require(actor, "tickets:read")
    columns = (
        InboundMail.id, InboundMail.ticket_id, InboundMail.sender, InboundMail.subject, InboundMail.outcome,
        InboundMail.reason, InboundMail.via, InboundMail.size_bytes, InboundMail.refused_files, InboundMail.received_at,
    )  # fmt: skip
    wanted = select(*columns).order_by(InboundMail.received_at.desc(), InboundMail.id.desc())
    with read(actor) as rx:
        frame = rx.frame(wanted.where(InboundMail.outcome.in_(outcomes)) if outcomes else wanted, limit=limit)
    return _masked(actor, frame, "sender")


def _masked(actor: Actor, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    if masking.sees(actor) or frame.empty:
        return frame
    told = [masking.email_masked(text, key) for text, key in zip(frame[column], frame["id"], strict=True)]
    return frame.assign(**{column: pd.array(told, dtype="string")})
