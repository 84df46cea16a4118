"""Who changed a row: read from the audit trail."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.reads import read


def changes_of(key: UUID, *, limit: int = 20) -> list[dict[str, Any]]:
    """The latest changes of one row, newest first: actor, at (UTC), action, columns ({name: [before, after]}).

    Read as the portal itself: an editor may see who touched the row that he edits, whatever his right to the trail.
    """
    entries = (
        select(AuditEntry.actor_name, AuditEntry.occurred_at, AuditEntry.action, AuditEntry.changes)
        .where(AuditEntry.entity_ids.contains([key]), AuditEntry.outcome == "done")
        .order_by(AuditEntry.occurred_at.desc())
        .limit(limit)
    )
    with read(Actor.system("history")) as rx:
        found = rx.rows(entries)
    return [
        {"actor": one.actor_name, "at": one.occurred_at, "action": one.action, "columns": _columns(one.changes, key)}
        for one in found
    ]


def _columns(changes: list[dict[str, Any]], key: UUID) -> dict[str, Any]:
    own = (change["columns"] for change in changes if change.get("id") == str(key))
    return {name: pair for columns in own for name, pair in columns.items() if name != "version"}
