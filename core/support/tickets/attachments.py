"""Files of tickets. The content lies under its digest in the data folder, where no web server looks."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from core.kernel import files, filing
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.filing import Opened
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.writes import Transaction, write
from core.support.tickets.models import TicketAttachment

SHELF = "attachments"
UNUSED_FOR = timedelta(days=1)  # a file that no message took by then is dropped
MOST = 500


def store(actor: Actor, *, name: str, content: bytes) -> UUID:
    """Keeps a file until a ticket or a message takes it. Raises Invalid saying what is wrong with it."""
    with write(actor, "tickets.attach") as tx:
        checked = files.check(name, content)
        digest = filing.put(tx, SHELF, content)
        row = tx.add(TicketAttachment(
            name=checked.name, media_type=checked.media_type, size_bytes=len(content), digest=digest, added_by=actor.id,
            added_by_name=actor.name, tenant_id=actor.tenant_id, created_at=tx.now,
        ))  # fmt: skip
    return row.id


def open(actor: Actor, attachment_id: UUID) -> Opened:  # noqa: A001  (what is done with a file)
    """The file. Raises Denied, and NotFound for one that is not in sight or whose content is gone."""
    require(actor, "tickets:read")
    columns = (TicketAttachment.name, TicketAttachment.media_type, TicketAttachment.digest)
    with read(actor) as rx:
        row = rx.one(select(*columns).where(TicketAttachment.id == attachment_id))
    if row is None:
        raise NotFound("This file does not exist, or is not among those you may see.")
    return Opened(row.name, row.media_type, filing.get(SHELF, row.digest, name=row.name))


def drop_unused(actor: Actor) -> int:
    """Removes files that no message took for UNUSED_FOR, at most MOST of them; returns how many."""
    with write(actor, "tickets.drop_unused") as tx:
        old = select(TicketAttachment.id, TicketAttachment.digest).where(
            TicketAttachment.ticket_id.is_(None), TicketAttachment.created_at < tx.now - UNUSED_FOR
        )
        rows = tx.session.execute(old.order_by(TicketAttachment.digest).limit(MOST).with_for_update()).all()
        if rows:
            tx.bulk(delete(TicketAttachment).where(TicketAttachment.id.in_([row.id for row in rows])))
            _remove(tx, sorted({row.digest for row in rows}))
    return len(rows)


def _remove(tx: Transaction, digests: Sequence[bytes]) -> None:
    """Removes contents that no row has any more."""
    for digest in digests:
        filing.hold(tx, digest)
    kept = set(tx.session.scalars(select(TicketAttachment.digest).where(TicketAttachment.digest.in_(digests))))
    for digest in digests:
        if digest not in kept:
            filing.remove(SHELF, digest)
