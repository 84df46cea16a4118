"""Looks whether a domain's record is there, keeps what was found, and gives the domain the state that follows."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.branding import actions, asking, challenge
from core.customers.branding.challenge import Finding
from core.customers.branding.models import BrandingDomain, BrandingDomainCheck
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.telemetry import record
from core.kernel.times import utc_now

AT_ONCE, AT_A_TIME = 200, 8


def _wanted() -> AnySelect:
    columns = (BrandingDomain.id, BrandingDomain.tenant_id, BrandingDomain.domain, BrandingDomain.token,
               BrandingDomain.state, BrandingDomain.created_at)  # fmt: skip
    return select(*columns)


def check(actor: Actor, domain_id: UUID) -> Finding:
    """Asks now, which takes some seconds at most when the name servers are silent. Raises Denied, NotFound."""
    require(actor, "branding:update")
    with read(actor) as rx:
        found = rx.one(_wanted().where(BrandingDomain.id == domain_id))
    if found is None:
        raise NotFound("This domain does not exist any more, or is not among those you may see.")
    finding = asking.ask(found.domain, found.token)
    return _settled(actor, found, finding)


def check_due(system: Actor, *, now: datetime | None = None) -> int:
    """Asks for the domains whose time has come, several at a time. Returns how many."""
    moment = now or utc_now()
    due = (
        _wanted()
        .join(BrandingDomainCheck, BrandingDomainCheck.domain_id == BrandingDomain.id)
        .where(BrandingDomainCheck.next_check_at <= moment)
        .order_by(BrandingDomainCheck.next_check_at)
    )
    with read(system) as rx:
        rows = rx.rows(due.limit(AT_ONCE))
    for row, finding in zip(rows, _asked(rows), strict=True):
        try:
            _settled(system, row, finding)
        except NotFound:
            continue  # removed while the name servers were asked
    return len(rows)


def _asked(rows: Iterable[Row]) -> list[Finding]:  # type: ignore[type-arg]
    with ThreadPoolExecutor(AT_A_TIME, "domain-check") as pool:
        return list(pool.map(lambda row: asking.ask(row.domain, row.token), rows))


def _settled(actor: Actor, row: Row, finding: Finding) -> Finding:  # type: ignore[type-arg]
    changed = actions.settle_domain(actor, row.id, finding=finding)
    if finding.kind == "found" and changed.state != "verified":
        finding = Finding("wrong", "The record has the token, and another tenant has verified this domain already.")
    _keep(row, changed.state, finding)
    return finding


def _keep(row: Row, state: str, finding: Finding) -> None:  # type: ignore[type-arg]
    now = utc_now()
    values = {
        "tenant_id": row.tenant_id, "checked_at": now, "finding": finding.kind, "told": finding.told,
        "next_check_at": challenge.next_check(state, now=now, age=now - row.created_at),
    }  # fmt: skip
    statement = insert(BrandingDomainCheck).values(domain_id=row.id, **values)
    with record(Actor.system("branding")) as tx:
        tx.execute(statement.on_conflict_do_update(index_elements=["domain_id"], set_=values))
