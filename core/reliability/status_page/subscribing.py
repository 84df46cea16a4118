"""Subscriptions by people who are not signed in: asked for, confirmed by a link, ended by a link.

Whatever is asked, the answer is the same: only the mailbox tells whether an address was subscribed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.kernel import crypto, db
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.logs import current_request_id, new_request_id
from core.kernel.models import uuid7
from core.kernel.tasks import enqueue_on
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.status_page import links, rules
from core.reliability.status_page.actions import MAIL
from core.reliability.status_page.links import Purpose
from core.reliability.status_page.models import StatusComponent, StatusMail, StatusSubscriber

LIFE = timedelta(days=2)
PAUSE = timedelta(minutes=10)  # between two mails that somebody may cause to be sent to an address
UNKNOWN = "This link is not known. Look whether it was copied whole."
EXPIRED = "This link has expired. Subscribe again, and a new one comes."
State = Literal["open", "done", "expired"]


def ask(actor: Actor, email: str, component_ids: Sequence[UUID] = ()) -> None:
    """Sends the address a link to confirm; to one that is subscribed, the link to end it. Raises Invalid for no address."""
    address = rules.clean_email(email)
    with record(actor) as tx:
        row = _found(tx, address)
        if row.confirmed_at is not None and row.unsubscribed_at is None:
            _queue(tx, row.id, "subscribed", PAUSE)
        elif row.confirm_until is None or row.confirm_until - LIFE <= utc_now() - PAUSE:
            _renew(tx, row.id, _shown(tx, component_ids))
            _queue(tx, row.id, "confirm", timedelta())


def _found(tx: Recording, email: str) -> Any:
    """The row of the address, locked; made where there is none."""
    table = StatusSubscriber
    tx.execute(upsert(table).values(id=uuid7(), email=email, created_at=utc_now()).on_conflict_do_nothing())
    return tx.execute(select(table).where(func.lower(table.email) == email.lower()).with_for_update()).scalar_one()


def _shown(tx: Recording, component_ids: Sequence[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(component_ids))[: rules.MOST_COMPONENTS]
    shown = select(StatusComponent.id).where(StatusComponent.id.in_(wanted), StatusComponent.archived_at.is_(None))
    return list(tx.execute(shown.order_by(StatusComponent.id)).scalars())


def _renew(tx: Recording, subscriber_id: UUID, component_ids: list[UUID]) -> None:
    until = utc_now() + LIFE
    digest = crypto.digest(links.token_of("confirm", subscriber_id, until))
    table = StatusSubscriber
    tx.execute(
        update(table).where(table.id == subscriber_id)
        .values(confirm_until=until, confirm_digest=digest, component_ids=component_ids)
    )  # fmt: skip


def _queue(tx: Recording, subscriber_id: UUID, kind: str, pause: timedelta) -> None:
    table = StatusMail
    recent = select(table.id).where(
        table.subscriber_id == subscriber_id, table.kind == kind, table.at > utc_now() - pause
    )
    if pause and tx.execute(recent.limit(1)).first() is not None:
        return
    made = {"id": uuid7(), "subscriber_id": subscriber_id, "kind": kind, "source_id": uuid7(), "at": utc_now()}
    tx.execute(insert(table).values(**made))
    enqueue_on(db.driver(tx.session), MAIL, key=MAIL, request_id=current_request_id() or new_request_id(), arguments={})


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for: `done` when it was used already, or what it ends has ended."""

    state: State


def look(actor: Actor, purpose: Purpose, token: str) -> Link:
    """What the link would do. Changes nothing: mail programs look at links, too. Raises NotFound."""
    with record(actor) as tx:
        return Link(_state(purpose, _row_of(tx, purpose, token), utc_now()))


def _row_of(tx: Recording, purpose: Purpose, token: str) -> Any:
    table = StatusSubscriber
    column = table.confirm_digest if purpose == "confirm" else table.manage_digest
    row = tx.execute(select(table).where(column == crypto.digest(token)).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound(UNKNOWN)
    return row


def _state(purpose: Purpose, row: Any, now: datetime) -> State:
    if purpose == "unsubscribe":
        return "open" if row.unsubscribed_at is None else "done"
    if row.confirmed_at is not None and row.confirmed_at > row.confirm_until - LIFE:
        return "done"
    return "open" if row.confirm_until > now else "expired"


def confirm(actor: Actor, token: str) -> None:
    """Begins the subscription; once more does nothing. Raises NotFound, and Invalid for a link that has expired."""
    with record(actor) as tx:
        row = _row_of(tx, "confirm", token)
        now = utc_now()
        state = _state("confirm", row, now)
        if state == "expired":
            raise Invalid(EXPIRED)
        if state == "open":
            digest = crypto.digest(links.token_of("unsubscribe", row.id, now))
            change = update(StatusSubscriber).where(StatusSubscriber.id == row.id)
            tx.execute(change.values(confirmed_at=now, unsubscribed_at=None, manage_digest=digest))


def unsubscribe(actor: Actor, token: str) -> None:
    """Ends the subscription; once more does nothing. Raises NotFound."""
    with record(actor) as tx:
        row = _row_of(tx, "unsubscribe", token)
        if row.unsubscribed_at is None:
            change = update(StatusSubscriber).where(StatusSubscriber.id == row.id)
            tx.execute(change.values(unsubscribed_at=utc_now()))
