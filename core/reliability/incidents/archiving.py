"""Old incidents leave the lists."""

from datetime import timedelta

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.incidents.models import Incident

KEPT = timedelta(days=90)
AT_ONCE = 500


def archive_old(actor: Actor) -> int:
    """Archives incidents that were closed 90 days ago or longer. Returns how many, at most AT_ONCE."""
    now = utc_now()
    old = select(Incident.id).where(Incident.closed_at < now - KEPT, Incident.archived_at.is_(None))
    with read(actor) as rx:
        ids = [row.id for row in rx.rows(old.order_by(Incident.closed_at).limit(AT_ONCE))]
    if not ids:
        return 0
    with write(actor, "incidents.archive") as tx:
        rows = [row for row in tx.lock_many(Incident, ids) if row.status == "closed" and row.archived_at is None]
        for row in rows:
            row.archived_at = tx.now
        tx.note(archived=len(rows))
    return len(rows)
