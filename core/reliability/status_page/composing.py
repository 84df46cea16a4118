"""Makes the mail that a queued row stands for, out of what the public may know."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.settings import settings
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now
from core.reliability.status_page import announced, letters, links, places, told
from core.reliability.status_page.letters import Letter
from core.reliability.status_page.models import StatusComponent, StatusSubscriber

GONE = "what it tells of was taken back"


@dataclass(frozen=True, slots=True)
class Source:
    """What a mail tells of, read once for all its recipients."""

    letter: Letter


def message(tx: Recording, one: Any, sources: dict[tuple[str, UUID], Source | None]) -> EmailMessage | str:
    """The mail, or why it stays here."""
    person = tx.execute(select(StatusSubscriber).where(StatusSubscriber.id == one.subscriber_id)).scalar_one()
    ends = links.address("unsubscribe", person.id, person.confirmed_at, person.manage_digest)
    if one.kind == "confirm":
        letter, ends = _confirming(person), None
    elif person.confirmed_at is None or person.unsubscribed_at is not None:
        return "the subscription has ended"
    else:
        letter = _telling(tx, one, sources)
    if letter is None:
        return GONE
    return letters.message(
        letter, sender=settings().mail_from, recipient=person.email, message_id=_message_id(one.id), at=utc_now(),
        unsubscribe_url=ends,
    )  # fmt: skip


def _message_id(key: UUID) -> str:
    """The same in every attempt, so that a mail that came twice is seen once."""
    host = settings().mail_from.rpartition("@")[2] or "localhost"
    return f"<status-{key}@{host}>"


def _confirming(person: Any) -> Letter | None:
    url = links.address("confirm", person.id, person.confirm_until, person.confirm_digest)
    return letters.confirm(places.name(), url) if url else None


def _telling(tx: Recording, one: Any, sources: dict[tuple[str, UUID], Source | None]) -> Letter | None:
    if one.kind == "subscribed":
        return letters.subscribed(places.name(), places.page_url())
    key = (one.kind, one.source_id)
    if key not in sources:
        letter = _READ[one.kind](tx, one.source_id)
        sources[key] = Source(letter) if letter else None
    source = sources[key]
    return source.letter if source else None


def _names(tx: Recording) -> dict[str, str]:
    """Of the components that are on the page."""
    shown = select(StatusComponent.id, StatusComponent.name).where(StatusComponent.archived_at.is_(None))
    return {str(row.id): told.plain(row.name) for row in tx.execute(shown.order_by(StatusComponent.position))}


def _incident(tx: Recording, message_id: UUID) -> Letter | None:
    names = _names(tx)
    found = told.incident_of(tx.session, message_id, set(names))
    if found is None:
        return None
    affected = [names[key] for key in found[0].component_ids]
    return letters.incident(places.name(), places.page_url(), *found, affected)


def _maintenance(tx: Recording, maintenance_id: UUID) -> Letter | None:
    names = _names(tx)
    one = announced.next_of(tx.session, maintenance_id, utc_now(), set(names))
    if one is None:
        return None
    return letters.maintenance(places.name(), places.page_url(), one, [names[key] for key in one.component_ids])


def _withdrawn(tx: Recording, maintenance_id: UUID) -> Letter | None:
    title = announced.title_of(tx.session, maintenance_id)
    return letters.withdrawn(places.name(), places.page_url(), title) if title else None


_READ = {"incident": _incident, "maintenance": _maintenance, "withdrawn": _withdrawn}
