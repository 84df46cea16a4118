"""Files of tickets. The content lies under its digest in the data folder, where no web server looks."""

import hashlib
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.writes import Transaction, write
from core.support.tickets import contents
from core.support.tickets.models import TicketAttachment

UNUSED_FOR = timedelta(days=1)  # a file that no message took by then is dropped
MOST = 500


class Opened(NamedTuple):
    """A file as it is handed out: always as a download, whatever its type."""

    name: str
    media_type: str
    content: bytes


def _path(digest: bytes) -> Path:
    name = digest.hex()
    return settings().data_folder / "attachments" / name[:2] / name


def store(actor: Actor, *, name: str, content: bytes) -> UUID:
    """Keeps a file until a ticket or a message takes it. Raises Invalid saying what is wrong with it."""
    with write(actor, "tickets.attach") as tx:
        checked = contents.check(name, content)
        digest = hashlib.sha256(content).digest()
        _hold(tx, digest)
        _put(digest, content)
        row = tx.add(TicketAttachment(
            name=checked.name, media_type=checked.media_type, size_bytes=len(content), digest=digest, added_by=actor.id,
            added_by_name=actor.name, tenant_id=actor.tenant_id, created_at=tx.now,
        ))  # fmt: skip
    return row.id


def _hold(tx: Transaction, digest: bytes) -> None:
    """Until the end, nobody else puts or removes this content."""
    tx.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))


def _put(digest: bytes, content: bytes) -> None:
    """Whole or not at all: a file that is there is complete."""
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def open(actor: Actor, attachment_id: UUID) -> Opened:  # noqa: A001  (what is done with a file)
    """The file. Raises Denied, and NotFound for one that is not in sight or whose content is gone."""
    require(actor, "tickets:read")
    columns = (TicketAttachment.name, TicketAttachment.media_type, TicketAttachment.digest)
    with read(actor) as rx:
        row = rx.one(select(*columns).where(TicketAttachment.id == attachment_id))
    if row is None:
        raise NotFound("This file does not exist, or is not among those you may see.")
    try:
        content = _path(row.digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"The content of “{row.name}” is not in the data folder. Restore it from a backup.") from error
    return Opened(row.name, row.media_type, content)


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
        _hold(tx, digest)
    kept = set(tx.session.scalars(select(TicketAttachment.digest).where(TicketAttachment.digest.in_(digests))))
    for digest in digests:
        if digest not in kept:
            _path(digest).unlink(missing_ok=True)
