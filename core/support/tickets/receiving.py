"""Takes a mail: into the ticket that it answers, or as a new one. What is not taken is told, with the reason."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone, Invalid
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.reads import as_id, read
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.mail import addresses, finding, ignoring
from core.support.mail.finding import Person
from core.support.mail.models import InboundMail, TicketMail
from core.support.mail.parsing import MAX_FILES, File, Mail, parse
from core.support.tickets import actions, attachments, numbers
from core.support.tickets.models import Ticket, TicketMessage
from core.support.tickets.rules import MAX_BODY, MAX_SUBJECT

Via = Literal["api", "imap"]
Outcome = Literal["received", "created", "ignored", "duplicate", "failed"]
NO_TEXT, NO_SUBJECT = "(no text)", "(no subject)"
log = get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a mail; `refused` says of each file that was not kept why. Without a ticket it was not taken."""

    outcome: Outcome
    reason: str | None = None
    ticket_id: UUID | None = None
    number: str | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the mail brought, as it is stored."""

    body: str
    files: list[UUID]
    refused: tuple[str, ...]


def receive(raw: bytes, *, via: Via, is_cut: bool = False, request_id: str | None = None) -> Arrival:
    """Takes a mail as it came over the wire; `is_cut` when its end was too large to be fetched.

    Harmless when the same mail comes again. Raises Invalid for what is no mail, and Unavailable.
    """
    mail = parse(raw)
    actor = Actor.system("inbound mail", channel="api" if via == "api" else "job", request_id=request_id)
    if finding.is_known(actor, mail):
        return Arrival("duplicate", "A mail with this Message-ID came before.")
    own = addresses.own_address()
    why = ignoring.reason(mail, own=own, colleagues=finding.colleagues(actor, mail))
    arrival = Arrival("ignored", why) if why else _take(actor, mail, is_cut=is_cut)
    if ignoring.is_bounce(mail):
        _mark_bounced(actor, mail)
    _keep(actor, mail, arrival, via=via, size=len(raw))
    log.info("mail came", outcome=arrival.outcome, reason=arrival.reason, ticket=arrival.number, via=via)
    return arrival


def _take(actor: Actor, mail: Mail, *, is_cut: bool) -> Arrival:
    ticket, person = finding.ticket_of(actor, mail), finding.person_of(actor, mail.sender)
    taken = _stored(actor, mail, is_cut=is_cut)
    once = f"mail:{hashlib.sha256(mail.mail_id.encode()).hexdigest()}"
    try:
        if ticket is None:
            made = _open(actor, mail, taken, person, once)
            return Arrival("created", None, made.id, numbers.number_of(made), taken.refused)
        message = _answer(actor, mail, taken, ticket, person, once)
    except AlreadyDone:
        return Arrival("duplicate", "This mail was taken before.", _ticket_with(actor, mail))
    return Arrival("received", None, message.ticket_id, _number(actor, message.ticket_id), taken.refused)


def _open(actor: Actor, mail: Mail, taken: _Taken, person: Person | None, once: str) -> Ticket:
    subject = mail.subject[:MAX_SUBJECT] or NO_SUBJECT
    return actions.create(
        actor, subject=subject, description=taken.body, tenant_id=person.tenant_id if person else None,
        requester_id=person.id if person else None, requester_name=_name(mail, person), requester_email=mail.sender,
        channel="email", mail_id=mail.mail_id, attachments=taken.files, once=once,
    )  # fmt: skip


def _answer(actor: Actor, mail: Mail, taken: _Taken, ticket: Any, person: Person | None, once: str) -> TicketMessage:
    """Whoever has the address with the token may answer; where that is not the requester, the address is told as well."""
    is_requester = mail.sender == (ticket.requester_email or "").lower()
    is_of_tenant = person is not None and person.tenant_id == ticket.tenant_id
    name = _name(mail, person if is_of_tenant else None)
    return actions.receive(
        actor, ticket.id, body=taken.body, author_name=name if is_requester or is_of_tenant else f"{name} <{mail.sender}>",
        author_id=person.id if person and is_of_tenant else ticket.requester_id if is_requester else None,
        mail_id=mail.mail_id, attachments=taken.files, once=once,
    )  # fmt: skip


def _name(mail: Mail, person: Person | None) -> str:
    return person.name if person else mail.sender_name[:100] or mail.sender


def _stored(actor: Actor, mail: Mail, *, is_cut: bool) -> _Taken:
    """Keeps the files that can be kept. One that cannot is told in the text; the text itself is never lost."""
    files, refused = [], []
    body, rest = _fitting(mail.text)
    for number, one in enumerate([*rest, *mail.files], 1):
        try:
            if number > MAX_FILES:
                raise Invalid(f"A message carries at most {MAX_FILES} files.")
            files.append(attachments.store(actor, name=one.name, content=one.content))
        except Invalid as error:
            refused.append(f"{one.name} ({len(one.content) / 1024**2:,.1f} MiB): {error}")
    if is_cut:
        refused.append("The mail was too large to be fetched whole: files at its end are missing.")
    told = "".join(f"\n\n[Not kept: {one}]" for one in refused)
    return _Taken((body or NO_TEXT) + told, files, tuple(refused))


def _fitting(text: str) -> tuple[str, list[File]]:
    """The text; of one that is too long the beginning, and the whole as a file. Room is left for what is told of files."""
    content, most = text.encode(), MAX_BODY - 100_000
    if len(content) <= most:
        return text, []
    cut = content[:most].decode(errors="ignore")
    return f"{cut}\n\n[The whole text is attached.]", [File("message.txt", content)]


def _ticket_with(actor: Actor, mail: Mail) -> UUID | None:
    with read(actor) as rx:
        found: UUID | None = rx.value(select(TicketMessage.ticket_id).where(TicketMessage.mail_id == mail.mail_id))
    return found


def _number(actor: Actor, ticket_id: UUID) -> str:
    with read(actor) as rx:
        return numbers.shown(rx.value(select(Ticket.number).where(Ticket.id == ticket_id)))


def _mark_bounced(actor: Actor, mail: Mail) -> None:
    """The mail of ours that a delivery report is about."""
    told = [key for one in (*mail.reported, *mail.references) if (key := as_id(one.partition("@")[0]))]
    if not told:
        return
    bounced = update(TicketMail).where(TicketMail.id.in_(told), TicketMail.outcome == "sent")
    with record(actor) as tx:
        tx.execute(bounced.values(outcome="bounced", error=mail.subject[:500], finished_at=utc_now()))


def _keep(actor: Actor, mail: Mail, arrival: Arrival, *, via: Via, size: int) -> None:
    with record(actor) as tx:
        of = select(Ticket.tenant_id).where(Ticket.id == arrival.ticket_id)
        tenant_id = tx.session.scalar(of) if arrival.ticket_id else None
        row = insert(InboundMail).values(
            id=uuid7(), mail_id=mail.mail_id, ticket_id=arrival.ticket_id, tenant_id=tenant_id, sender=mail.sender,
            subject=mail.subject[:MAX_SUBJECT], outcome="received" if arrival.outcome == "duplicate" else arrival.outcome,
            reason=arrival.reason, via=via, size_bytes=size, refused_files=len(arrival.refused), received_at=utc_now(),
        )  # fmt: skip
        tx.execute(row.on_conflict_do_nothing(index_elements=["mail_id"]))


def keep_failure(raw: bytes, error: Exception, *, via: Via) -> None:
    """That a mail could not be read, so that somebody looks for it in the mailbox, where it stays."""
    digest = hashlib.sha256(raw).hexdigest()
    mail = Mail(f"sha256:{digest}", "", "", "", "", (), (), {}, is_report=False)
    told = Arrival("failed", f"{type(error).__name__}: {error}"[:500])
    _keep(Actor.system("inbound mail"), mail, told, via=via, size=len(raw))
