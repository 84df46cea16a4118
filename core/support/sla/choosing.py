"""Which policy each of many tickets comes under."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.support.sla import terms

_KINDS = text("SELECT id, tier, region FROM qd_tenant_kinds(CAST(:ids AS uuid[]))")


def chosen(
    session: Session, tickets: Sequence[Any], offered: Sequence[terms.Terms] | None = None
) -> dict[UUID, terms.Terms | None]:
    """Ticket id -> the first of the offered policies, or else of those of today, whose conditions the ticket meets."""
    facts = dict(_facts(session, tickets))
    offered = terms.of_today(session) if offered is None else offered
    return {one.id: terms.choose(offered, facts[one.id]) for one in tickets}


def _facts(session: Session, tickets: Sequence[Any]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """What conditions ask of: of the ticket, and of its tenant, which an integration may not be able to read itself."""
    tenants = list({one.tenant_id for one in tickets if one.tenant_id})
    rows = session.execute(_KINDS, {"ids": tenants}).all() if tenants else ()
    kinds = {row.id: row for row in rows}
    for one in tickets:
        kind = kinds.get(one.tenant_id)
        yield one.id, {
            "priority": one.priority, "category": one.category, "channel": one.channel or "portal", "tag": one.tags or (),
            "tier": kind and kind.tier, "region": kind and kind.region,
        }  # fmt: skip
