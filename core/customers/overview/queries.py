"""What is wrong with one tenant now, asked in one statement."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, union_all

from core.customers.overview.findings import Finding, Now, of_tenant, ordered
from core.customers.overview.sources import SOURCES, Source
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.times import utc_now

TENANT = bindparam("tenant", type_=Uuid())


def now_wrong(actor: Actor, tenant: Mapping[str, Any]) -> Now:
    """What is wrong with the tenant (a row of tenants.queries.one), and what is not known or not to be seen."""
    require(actor, "tenants:read")
    seen = tuple(one for one in SOURCES if actor.may(one.permission))
    found = _asked(actor, tenant["id"], seen)
    own = list(of_tenant(tenant, now=utc_now()))
    unknown = [one.sentence for one in found if one.kind == "unknown"]
    hidden = (one for one in SOURCES if not actor.may(one.permission))
    unseen = dict.fromkeys(f"{one.name}: your role does not see this ({one.permission})." for one in hidden)
    return Now(ordered([*own, *(one for one in found if one.kind != "unknown")]), [*unknown, *unseen])


def _asked(actor: Actor, tenant_id: UUID, sources: tuple[Source, ...]) -> list[Finding]:
    if not sources:
        return []
    with read(actor) as rx:
        rows = rx.session.execute(_statement(sources), {TENANT.key: tenant_id}).all()
    return [
        Finding(row.kind, row.severity, row.sentence, id=row.id, detail=row.detail or "", since=row.since)
        for row in rows
    ]


@cache
def _statement(sources: tuple[Source, ...]) -> AnySelect:
    """Made once for each set of rights: to build it takes longer than to run it."""
    parts = [select(one.select_of(TENANT).subquery(f"source_{place}")) for place, one in enumerate(sources)]
    return select(union_all(*parts).subquery("wrong"))
