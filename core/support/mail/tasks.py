"""Mails go out as jobs; the mailbox is looked at every minute."""

import smtplib
from typing import Any
from uuid import UUID

from sqlalchemy import update

from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.settings import settings
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.mail import composing, notifying, polling, queueing
from core.support.mail.models import TicketMail

__all__ = ["notifying"]

_PERMANENT = 500  # RFC 5321, section 4.2.1: it will not be taken later either


@task(queueing.SEND, retry=5)
def send(actor: Actor, *, mail_id: str) -> None:
    """Sends a queued mail. Raises Unavailable, so that the job is tried again, when the server does not take it for now."""
    key = UUID(mail_id)
    known = composing.known(actor, key)
    if known is None or known.outcome not in ("queued", "failed"):
        return
    why = composing.must_stay(known)
    if why is not None:
        _mark(actor, key, "dropped", why)
    elif settings().smtp_url is None:
        _mark(actor, key, "no mail server")
    else:
        _send(actor, key, known)


def _send(actor: Actor, key: UUID, known: Any) -> None:
    message = composing.message_of(actor, known)
    server_url = settings().smtp_url
    assert server_url is not None  # the caller looked
    try:
        with mail.connect(server_url.get_secret_value()) as server:
            server.send_message(message, to_addrs=[known.recipient])
    except (OSError, smtplib.SMTPException) as error:
        _mark(actor, key, "failed", str(error)[:1_000])
        if _is_final(error):
            return
        raise Unavailable(f"The mail server did not take the message: {error}") from error
    _mark(actor, key, "sent")


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _PERMANENT


def _mark(actor: Actor, key: UUID, outcome: str, error: str | None = None) -> None:
    change = update(TicketMail).where(TicketMail.id == key)
    with record(actor) as tx:
        tx.execute(change.values(outcome=outcome, error=error, finished_at=utc_now()))


@every("ticket_mail.poll", seconds=60)
def poll(actor: Actor) -> None:
    """Takes what has come to the mailbox of INBOUND_IMAP_URL; nothing where none is set."""
    url = settings().inbound_imap_url
    if url is not None:
        polling.poll(url.get_secret_value())
