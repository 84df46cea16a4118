"""Puts a queued mail together at the moment of sending: its text, its thread, its files."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.support.mail import addresses, texts
from core.support.mail.models import InboundMail, TicketMail
from core.support.mail.texts import Facts
from core.support.satisfaction import links
from core.support.satisfaction.models import Survey
from core.support.tickets import attachments, numbers
from core.support.tickets.models import Ticket, TicketAttachment, TicketMessage

MOST_BYTES = 15 * 1024**2  # of files in one mail; many servers refuse more than 25 MB in base64
THREAD = 10
File = tuple[str, str, bytes]


def known(actor: Actor, mail_id: UUID) -> Any:
    """The mail with its ticket, message and survey; None for one that is gone."""
    columns = (
        TicketMail.id, TicketMail.kind, TicketMail.outcome, TicketMail.recipient, TicketMail.ticket_id, TicketMail.message_id,
        Ticket.number, Ticket.subject, Ticket.requester_name, TicketMessage.body, TicketMessage.author_name,
        TicketMessage.author_kind, TicketMessage.is_internal, Survey.id.label("survey_id"), Survey.token_digest,
        TenantUser.name.label("person"),
    )  # fmt: skip
    wanted = (
        select(*columns)
        .outerjoin(Ticket, Ticket.id == TicketMail.ticket_id)
        .outerjoin(TicketMessage, TicketMessage.id == TicketMail.message_id)
        .outerjoin(Survey, Survey.id == TicketMail.survey_id)
        .outerjoin(TenantUser, TenantUser.id == Survey.user_id)
        .where(TicketMail.id == mail_id)
    )
    with read(actor) as rx:
        return rx.one(wanted)


def must_stay(mail: Any) -> str | None:
    """Why the mail must not be sent: a customer gets nothing but what an agent said in public."""
    is_said = mail.message_id is not None and not mail.is_internal and mail.author_kind == "agent"
    if mail.kind in ("reply", "resolved") and mail.message_id is not None and not is_said:
        return "The message is for colleagues alone."
    if mail.kind == "reply" and mail.message_id is None:
        return "There is no message to send."
    return None


def message_of(actor: Actor, mail: Any) -> EmailMessage:
    """The whole message, ready to be handed to a server."""
    files, left_out = _files(actor, mail)
    subject, body = texts.text_of(mail.kind, _facts(mail, left_out))
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = settings().mail_from, mail.recipient, subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = f"<{mail.id}@{addresses.domain()}>"
    message["X-Quarterdeck-Mail"] = mail.kind
    if mail.kind in texts.CUSTOMER:
        _thread(actor, mail, message)
    if mail.kind not in ("reply", "resolved"):
        message["Auto-Submitted"], message["X-Auto-Response-Suppress"] = "auto-generated", "All"
    message.set_content(body)
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub or "octet-stream", filename=name)
    return message


def _facts(mail: Any, left_out: list[str]) -> Facts:
    return Facts(
        number=numbers.shown(mail.number) if mail.number else "", subject=mail.subject or "",
        requester=mail.requester_name or mail.person or "", author=mail.author_name or "", body=mail.body or "",
        url=f"{links.base()}/ticket?id={mail.ticket_id}", left_out=left_out,
        survey=links.address(mail.survey_id, mail.token_digest) if mail.survey_id else "",
    )  # fmt: skip


def _thread(actor: Actor, mail: Any, message: EmailMessage) -> None:
    """The address that names the ticket, and the mails before this one, the newest last (RFC 5322, section 3.6.4)."""
    message["Reply-To"] = addresses.reply_to(mail.number)
    came = select(InboundMail.mail_id, InboundMail.received_at.label("at")).where(
        InboundMail.ticket_id == mail.ticket_id
    )
    sent = select(TicketMail.id, TicketMail.queued_at.label("at")).where(
        and_(
            TicketMail.ticket_id == mail.ticket_id, TicketMail.recipient == mail.recipient, TicketMail.outcome == "sent"
        )
    )
    with read(actor) as rx:
        theirs = rx.rows(came.order_by(InboundMail.received_at.desc()).limit(THREAD))
        ours = rx.rows(sent.where(TicketMail.id != mail.id).order_by(TicketMail.queued_at.desc()).limit(THREAD))
    before = [(row.at, row.mail_id) for row in theirs if ":" not in row.mail_id]
    before += [(row.at, f"{row.id}@{addresses.domain()}") for row in ours]
    ids = [f"<{key}>" for _, key in sorted(before) if key.isascii()][-THREAD:]
    if ids:
        message["In-Reply-To"], message["References"] = ids[-1], " ".join(ids)


def _files(actor: Actor, mail: Any) -> tuple[list[File], list[str]]:
    """What the message carries, and the names of files that are too large for a mail or gone."""
    if mail.kind not in ("reply", "resolved") or mail.message_id is None:
        return [], []
    columns = (TicketAttachment.id, TicketAttachment.name, TicketAttachment.size_bytes)
    with read(actor) as rx:
        rows = rx.rows(select(*columns).where(TicketAttachment.ticket_id == mail.ticket_id,
                                              TicketAttachment.message_id == mail.message_id)
                       .order_by(TicketAttachment.id))  # fmt: skip
    files: list[File] = []
    left_out: list[str] = []
    room = MOST_BYTES
    for row in rows:
        room -= row.size_bytes
        try:
            if room < 0:
                left_out.append(row.name)
            else:
                files.append(attachments.open(actor, row.id))
        except ExpectedError:
            left_out.append(row.name)
    return files, left_out
