"""The mails to subscribers, in plain words. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from core.reliability.status_page.markup import STATUSES, moment
from core.reliability.status_page.snapshot import Incident, Maintenance, Update


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text, without what every mail ends with."""

    subject: str
    body: str


def confirm(name: str, url: str) -> Letter:
    """To an address that somebody gave."""
    return Letter(
        f"Confirm your subscription to {name} status",
        f"Somebody, probably you, asked for mails about the status of {name} at this address.\n\n"
        f"To begin, open this link within two days and confirm:\n{url}\n\n"
        "If it was not you, do nothing: no further mail will come.\n",
    )


def subscribed(name: str, page_url: str) -> Letter:
    """To an address that is subscribed already, when somebody asks for it again."""
    return Letter(
        f"You are subscribed to {name} status",
        f"Somebody, probably you, asked for mails about the status of {name} at this address. They come already.\n\n"
        f"The status page: {page_url}/\n",
    )


def incident(name: str, page_url: str, one: Incident, update: Update, affected: list[str]) -> Letter:
    """About one update of an incident."""
    about = f"Affects: {', '.join(affected)}\n\n" if affected else ""
    return Letter(
        f"[{name}] {STATUSES[update.status]}: {one.title}",
        f"{STATUSES[update.status]}: {one.title}\n{moment(update.at)}\n\n{update.body}\n\n{about}"
        f"All updates: {page_url}/incidents/{one.id}.html\n",
    )


def maintenance(name: str, page_url: str, one: Maintenance, affected: list[str]) -> Letter:
    """About maintenance that was announced."""
    about = f"Affects: {', '.join(affected)}\n\n" if affected else ""
    return Letter(
        f"[{name}] Maintenance: {one.title}",
        f"{one.title}\n{moment(one.since)} to {moment(one.until)}\n\n{one.body}\n\n{about}The status page: {page_url}/\n",
    )


def withdrawn(name: str, page_url: str, title: str) -> Letter:
    """That announced maintenance does not come."""
    return Letter(
        f"[{name}] Maintenance cancelled: {title}",
        f"The maintenance “{title}” that we announced will not take place.\n\nThe status page: {page_url}/\n",
    )


def message(
    letter: Letter, *, sender: str, recipient: str, message_id: str, at: datetime, unsubscribe_url: str | None
) -> EmailMessage:
    """As it goes out: with the link that ends the subscription in its text and, for mail programs, in its head (RFC 8058)."""
    made = EmailMessage()
    made["From"], made["To"] = sender, recipient
    made["Subject"] = " ".join(letter.subject.split())[:200]
    made["Date"], made["Message-ID"] = format_datetime(at.astimezone(UTC)), message_id
    made["Auto-Submitted"] = "auto-generated"
    body = letter.body
    if unsubscribe_url is not None:
        made["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        body += f"\n-- \nYou get this mail because you subscribed. To end it: {unsubscribe_url}\n"
    made.set_content(body)
    return made
