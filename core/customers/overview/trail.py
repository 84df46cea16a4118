"""Who was in: what operators and machines did with one tenant, and what they looked at, out of the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.permissions import require
from core.kernel.reads import Page, read

Kind = Literal["changed", "looked", "exported"]
KINDS: tuple[Kind, ...] = ("changed", "looked", "exported")
MOST_PEOPLE = 200

# Opening a page, revealing a secret: an entry whose rows were read and not changed.
_LOOKED = AuditEntry.changes.contains([{"operation": "read"}])
_EXPORTED = AuditEntry.action.startswith("exports.", autoescape=True)
_IS: dict[Kind, Any] = {"changed": ~_LOOKED & ~_EXPORTED, "looked": _LOOKED, "exported": _EXPORTED}


@dataclass(frozen=True, slots=True)
class Filters:
    """`until` is excluded. Each of the others is off when None; `who` is the start of a name in any case."""

    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None
    kind: Kind | None = None


def _conditions(tenant_id: UUID, filters: Filters) -> list[Any]:
    entry = AuditEntry
    found = [entry.tenant_id == tenant_id]
    if filters.since:
        found.append(entry.occurred_at >= filters.since)
    if filters.until:
        found.append(entry.occurred_at < filters.until)
    if filters.who:
        found.append(func.lower(entry.actor_name).startswith(filters.who.lower(), autoescape=True))
    return [*found, _IS[filters.kind]] if filters.kind else found


def entries(actor: Actor, tenant_id: UUID, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per entry, newest first.

    Columns: occurred_at (UTC), id, action, outcome, severity, actor_name, actor_role, channel, reason, entity_type, tenant_id,
    request_id, ip, changes (list), details. Raises Denied.
    """
    require(actor, "audit:read")
    entry = AuditEntry
    columns = (
        entry.occurred_at, entry.id, entry.action, entry.outcome, entry.severity, entry.actor_name, entry.actor_role,
        entry.channel, entry.reason, entry.entity_type, entry.tenant_id, entry.request_id, entry.ip, entry.changes,
        entry.details,
    )  # fmt: skip
    with read(actor) as rx:
        found = select(*columns).where(*_conditions(tenant_id, filters))
        return rx.page(found, keys=[entry.occurred_at, entry.id], after=after, limit=limit)


def people(actor: Actor, tenant_id: UUID, filters: Filters) -> pd.DataFrame:
    """One row per operator, key or part of the portal, the latest first; at most 200.

    Columns: actor_name, actor_role, changed, looked, exported (entries), first_at, last_at (UTC). Raises Denied.
    """
    require(actor, "audit:read")
    entry = AuditEntry
    counts = [func.count().filter(_IS[kind]).label(kind) for kind in KINDS]
    times = (func.min(entry.occurred_at).label("first_at"), func.max(entry.occurred_at).label("last_at"))
    found = select(entry.actor_name, entry.actor_role, *counts, *times).where(*_conditions(tenant_id, filters))
    grouped = found.group_by(entry.actor_id, entry.actor_name, entry.actor_role).order_by(times[1].desc())
    with read(actor) as rx:
        return rx.frame(grouped.limit(MOST_PEOPLE))
