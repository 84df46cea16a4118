"""The step that queues mails, in the transaction of whoever has a reason for them: one per event, kind and address."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.kernel import db
from core.kernel.models import uuid7
from core.kernel.tasks import enqueue_on
from core.kernel.times import utc_now
from core.support.mail.models import TicketMail

SEND = "ticket_mail.send"


def put(session: Session, recipients: Iterable[str], *, request_id: str, **about: Any) -> list[UUID]:
    """Queues one mail to each address; `about` are columns of TicketMail. Returns the ids of those that are new."""
    rows = [
        {"id": uuid7(), "recipient": one, "outcome": "queued", "queued_at": utc_now(), **about}
        for one in dict.fromkeys(address for address in recipients if address)
    ]
    if not rows:
        return []
    made = insert(TicketMail).values(rows).on_conflict_do_nothing(index_elements=["event_id", "kind", "recipient"])
    ids = list(session.scalars(made.returning(TicketMail.id)))
    for key in ids:
        enqueue_on(db.driver(session), SEND, request_id=request_id, arguments={"mail_id": str(key)})
    return ids
