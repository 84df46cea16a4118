"""Sends what waits: mails in batches over one connection, channels one by one, each outcome stored as it is known.

At least once: what a sender that died had in hand is sent again when its claim is over; what is stored as sent never is.
"""

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from core.customers.tenants.models import Tenant
from core.health.channels.models import AlertChannel
from core.health.channels.sending import Message, send
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.communication import placeholders
from core.reliability.communication.models import IncidentMessage, MessageDelivery

AT_ONCE = 100
LEASE = timedelta(minutes=5)  # longer than a batch takes
GIVEN_UP_AFTER = timedelta(hours=6)  # a word of so long ago helps nobody
_PERMANENT = 500  # RFC 5321, section 4.2.1: it will not be taken later either
MAX_ERROR = 500
log = get_logger()


class Interrupted(Exception):
    """The server takes nothing more for now; what was not sent waits for the next look."""


def deliver(actor: Actor) -> int:
    """Sends all that waits; returns how many were tried. Ends early when the mail server does not answer."""
    tried = 0
    while batch := _claim(actor):
        tried += len(batch)
        if not _send(actor, batch):
            break
    return tried


def _claim(actor: Actor) -> list[Any]:
    """Some that wait, oldest first, held until the lease is over: two senders never take the same one."""
    of, now = MessageDelivery, utc_now()
    free = or_(of.claimed_at.is_(None), of.claimed_at < now - LEASE)
    waiting = (
        select(of.id).where(of.outcome == "queued", free).order_by(of.at, of.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True).cte("waiting")
    )  # fmt: skip
    columns = (of.id, of.message_id, of.tenant_id, of.channel_id, of.recipient, of.at)
    with record(actor) as tx:
        taken = update(of).where(of.id.in_(select(waiting.c.id))).values(claimed_at=now, attempts=of.attempts + 1)
        return sorted(tx.execute(taken.returning(*columns)).all(), key=lambda row: (row.at, row.id))


def _send(actor: Actor, batch: Sequence[Any]) -> bool:
    """Whether the next batch may be tried at once."""
    texts, names = _texts(actor, batch)
    by_channel = [one for one in batch if one.channel_id is not None]
    for one in by_channel:
        _finish(actor, one.id, _to_channel(actor, one, texts[one.message_id]))
    mails = [one for one in batch if one.channel_id is None]
    if mails and settings().smtp_url is None:
        for one in mails:
            _mark(actor, [one.id], outcome="no mail server")
        return True
    return _mail_all(actor, mails, texts, names)


def _texts(actor: Actor, batch: Sequence[Any]) -> tuple[dict[UUID, Any], dict[UUID, str]]:
    """The messages, and the names of tenants that they are for."""
    of = IncidentMessage
    with read(actor) as rx:
        texts = rx.rows(
            select(of.id, of.incident_id, of.subject, of.body).where(of.id.in_({one.message_id for one in batch}))
        )
        tenants = {one.tenant_id for one in batch if one.tenant_id is not None}
        names = rx.rows(select(Tenant.id, Tenant.name).where(Tenant.id.in_(tenants))) if tenants else []
    return {row.id: row for row in texts}, {row.id: row.name for row in names}


def _to_channel(actor: Actor, one: Any, text: Any) -> str | None:
    """What went wrong; None when the service took it."""
    with read(actor) as rx:
        channel = rx.session.get(AlertChannel, one.channel_id)
        if channel is None or not channel.is_enabled:
            return "The channel is disabled or gone."
        url = channel.url
    return send(url, Message(text.subject, text.body, "warning", str(one.id))).error


def _mail_all(actor: Actor, mails: Sequence[Any], texts: dict[UUID, Any], names: dict[UUID, str]) -> bool:
    server_url = settings().smtp_url
    if not mails or server_url is None:
        return True
    left = list(mails)
    try:
        with mail.connect(server_url.get_secret_value()) as server:
            while left:
                one = left[0]
                _finish(actor, one.id, _to_address(server, one, texts[one.message_id], names.get(one.tenant_id)))
                left.pop(0)
    except (OSError, smtplib.SMTPException, Interrupted) as error:
        log.warning("incident mails wait for the mail server", left=len(left), error=str(error))
        _put_back(actor, left, str(error))
        return False
    return True


def _to_address(server: smtplib.SMTP, one: Any, text: Any, tenant: str | None) -> str | None:
    """Why the server will never take this mail; None when it did. Raises Interrupted when it may take it later."""
    try:
        server.send_message(_mail(one, text, tenant), to_addrs=[one.recipient])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        if not _is_final(error):
            raise Interrupted(str(error)) from error
        return str(error)
    return None


def _is_final(error: smtplib.SMTPException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _PERMANENT


def _mail(one: Any, text: Any, tenant: str | None) -> EmailMessage:
    """A mail of its own for each recipient: nobody sees the others' addresses."""
    words = {"tenant.name": tenant or "colleague"}
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = settings().mail_from, one.recipient
    message["Subject"] = _line(placeholders.fill(text.subject, words))
    message["Date"] = format_datetime(utc_now())
    host = parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{one.id}@{host}>"
    message["Auto-Submitted"], message["X-Auto-Response-Suppress"] = "auto-generated", "All"
    message.set_content(placeholders.fill(text.body, words))
    return message


def _line(text: str) -> str:
    """One header line: no line break of a name may begin another header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _finish(actor: Actor, key: UUID, error: str | None) -> None:
    _mark(actor, [key], outcome="failed" if error else "sent", error=error[:MAX_ERROR] if error else None)


def _put_back(actor: Actor, left: Sequence[Any], error: str) -> None:
    """For the next look; what is too old by now is given up."""
    before = utc_now() - GIVEN_UP_AFTER
    _mark(actor, [one.id for one in left if one.at < before], outcome="failed", error=error[:MAX_ERROR])
    waiting = [one.id for one in left if one.at >= before]
    with record(actor) as tx:
        change = update(MessageDelivery).where(MessageDelivery.id.in_(waiting), MessageDelivery.outcome == "queued")
        tx.execute(change.values(claimed_at=None, error=error[:MAX_ERROR]))


def _mark(actor: Actor, ids: Sequence[UUID], *, outcome: str, error: str | None = None) -> None:
    if not ids:
        return
    change = update(MessageDelivery).where(MessageDelivery.id.in_(ids))
    with record(actor) as tx:
        tx.execute(change.values(outcome=outcome, error=error, finished_at=utc_now()))
