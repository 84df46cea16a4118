"""Reads of contracts: the list, one with its terms and versions, and the figures above the list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, cast, func, or_, select
from sqlalchemy import Integer as SqlInteger

from core.customers.contracts import rules, sources
from core.customers.contracts.models import RUNNING, Contract, ContractDocument, ContractVersion
from core.customers.tenants import colleagues
from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import matches
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, Reading, as_frame, as_id, read
from core.kernel.times import utc_now

RENEWALS, URGENT = 90, 30  # days; issue 7
RATED = timedelta(days=365)
ENDED = ("renewed", "expired", "terminated")


@dataclass(frozen=True, slots=True)
class Filters:
    """`text`: a number (C-00012), an id, or a tenant (start of name or domain). `renews_within`: days, of contracts that run.

    Empty ones do not filter.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    support_levels: tuple[str, ...] = ()
    csm_id: UUID | None = None
    tenant_id: UUID | None = None
    renews_within: int | None = None


def _documents() -> ColumnElement[int]:
    mine = select(func.count()).where(
        ContractDocument.contract_id == Contract.id, ContractDocument.removed_at.is_(None)
    )
    return mine.correlate(Contract).scalar_subquery()


@dataclass(frozen=True, slots=True)
class _Parts:
    """The laterals that a statement joins, and columns made of them."""

    terms: Any
    ends: Any
    day: Any

    @property
    def days_left(self) -> ColumnElement[int]:
        return cast(self.ends.c.renews_on - self.day, SqlInteger)

    @property
    def runs(self) -> ColumnElement[bool]:
        return Contract.status.in_(RUNNING)

    @property
    def due(self) -> ColumnElement[Any]:
        """The day of the next renewal, of contracts that run: what the list is ordered by."""
        return case((self.runs, self.ends.c.renews_on))


def _parts() -> _Parts:
    now = utc_now()
    return _Parts(sources.in_force(now), sources.newest(), sources.day_of(now))


def _columns(parts: _Parts) -> tuple[Any, ...]:
    one, terms, ends = Contract, parts.terms.c, parts.ends.c
    agreed = [terms[name] for name in rules.FIELDS if name not in ("renewal_on", "notice_days")]
    return (
        one.id, one.number, one.tenant_id, Tenant.name.label("tenant"), one.status, one.currency, one.time_zone, one.starts_on,
        sources.last_day(parts.ends).label("last_day"), ends.renews_on.label("renewal_on"), ends.notice.label("notice_days"),
        (ends.ends_on - cast(ends.notice, SqlInteger)).label("notice_on"), case((parts.runs, parts.days_left)).label("days_left"),
        terms.version_number, ends.versions, (ends.newest_on > parts.day).label("is_changing"), terms.effective_on,
        *agreed, one.csm_id, one.account_executive, one.ended_on, one.termination_reason, one.renews_id, one.billed_until,
        _documents().label("documents"), parts.due.label("due_on"), one.created_at, one.version,
    )  # fmt: skip


def _from(statement: AnySelect, parts: _Parts) -> AnySelect:
    both = statement.select_from(Contract).join(Tenant, Tenant.id == Contract.tenant_id)
    return both.join(parts.terms, Contract.id.is_not(None)).join(parts.ends, Contract.id.is_not(None))


def _matches(text: str) -> ColumnElement[bool]:
    key, digits = as_id(text), text.upper().removeprefix("C-")
    if key:
        return or_(Contract.id == key, Contract.tenant_id == key)
    named = Contract.tenant_id.in_(select(Tenant.id).where(matches(text)))
    return or_(named, Contract.number == int(digits)) if digits.isascii() and digits.isdigit() else named


def _narrow(statement: AnySelect, filters: Filters, parts: _Parts) -> AnySelect:
    conditions = []
    if text := filters.text.strip()[:60]:
        conditions.append(_matches(text))
    if filters.statuses:
        conditions.append(Contract.status.in_(filters.statuses))
    if filters.support_levels:
        conditions.append(parts.terms.c.support_level.in_(filters.support_levels))
    if filters.csm_id:
        conditions.append(Contract.csm_id == filters.csm_id)
    if filters.tenant_id:
        conditions.append(Contract.tenant_id == filters.tenant_id)
    if filters.renews_within is not None:
        conditions.append(and_(parts.runs, parts.days_left <= filters.renews_within))
    return statement.where(*conditions)


def _found(rx: Reading, filters: Filters, after: str | None, limit: int) -> tuple[AnySelect, Any, str | None]:
    """A page: its statement, its rows in their order, and the token of the next one.

    Which contracts are on it is decided by their renewals alone, and terms are read of these: of all, it would take long.
    """
    parts = _parts()
    light = select(Contract.id, parts.due.label("due_on")).join(parts.ends, Contract.id.is_not(None))
    if filters.support_levels:
        light = light.join(parts.terms, Contract.id.is_not(None))
    listed = rx.listing(
        _narrow(light, filters, parts), keys=[parts.due.label("due_on"), Contract.id], after=after, limit=limit,
        descending=False, nulls_last=True,
    )  # fmt: skip
    ids = [row["id"] for row in listed.rows]
    whole = _from(select(*_columns(parts)), parts).where(Contract.id.in_(ids))
    place = {key: number for number, key in enumerate(ids)}
    rows = sorted(rx.rows(whole), key=lambda row: place[row.id])
    return whole, rows, listed.next


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per contract in sight, the next renewal first, those that do not run at the end.

    Columns: number, tenant, status, starts_on, last_day, renewal_on, notice_days and notice_on (the last day to give notice),
    days_left (to the renewal; NA unless it runs), version_number (in force) of versions, is_changing (a later version is to
    come), rules.FIELDS as they are in force, csm (name), documents, version and others of the model.
    """
    require(actor, "contracts:read")
    with read(actor) as rx:
        whole, rows, following = _found(rx, filters, after, limit)
    return Page(with_csm(actor, as_frame(whole, rows)), following)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, as plain rows."""
    require(actor, "contracts:read")
    with read(actor) as rx:
        _, rows, following = _found(rx, filters, after, limit)
    names = colleagues.names(actor) if rows else {}
    return Listing([row._asdict() | {"csm": names.get(row.csm_id)} for row in rows], following)


def with_csm(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the name of whoever answers for the contract (NA: nobody)."""
    names = {str(key): name for key, name in colleagues.names(actor).items()} if len(frame) else {}
    return frame.assign(csm=frame["csm_id"].map(names).astype("string"))


def chunks(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    """Every contract that the filters find, in pages, for an export."""
    after: str | None = None
    while True:
        page = directory(actor, filters, after=after, limit=2_000)
        yield page.frame
        if page.next is None:
            return
        after = page.next


def one(actor: Actor, contract_id: UUID) -> dict[str, Any]:
    """One contract: the columns of `directory`, `is_in_force` (today), `renewed_by_id` (the one after it). Raises NotFound."""
    require(actor, "contracts:read")
    parts = _parts()
    in_force = sources.is_in_force(utc_now(), parts.ends).label("is_in_force")
    follows = select(Contract.id).where(Contract.renews_id == contract_id).scalar_subquery()
    with read(actor) as rx:
        found = rx.one(
            _from(select(*_columns(parts), in_force, follows.label("renewed_by_id")), parts).where(
                Contract.id == contract_id
            )
        )
    if found is None:
        raise NotFound("This contract does not exist, or is not among those you may see.")
    row = found._asdict()
    return row | {"csm": colleagues.names(actor).get(row["csm_id"])}


def of_tenant(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """The contracts of a tenant: the columns of `directory`."""
    return directory(actor, Filters(tenant_id=tenant_id), limit=50).frame


def versions(actor: Actor, contract_id: UUID) -> pd.DataFrame:
    """One row per version, the newest first: number, effective_on, reason, ends_on, rules.FIELDS, created_by_name, created_at."""
    require(actor, "contracts:read")
    each = ContractVersion
    columns = (each.number, each.effective_on, each.reason, each.ends_on, *(getattr(each, name) for name in rules.FIELDS),
               each.created_by_name, each.created_at)  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).where(each.contract_id == contract_id).order_by(each.number.desc()), limit=500)


def summary(actor: Actor) -> pd.DataFrame:
    """One row per currency, the largest first: currency, active (contracts in force today), arr, average_value (Decimal).

    Active are those of which today is a day, in their zone; ARR is the sum of their annual values.
    """
    require(actor, "contracts:read")
    parts = _parts()
    value, count = parts.terms.c.annual_value, func.count()
    columns = (
        Contract.currency, count.label("active"), func.sum(value).label("arr"),
        func.round(func.avg(value), 2).label("average_value"),
    )  # fmt: skip
    found = _from(select(*columns), parts).where(sources.is_in_force(utc_now(), parts.ends))
    with read(actor) as rx:
        return rx.frame(found.group_by(Contract.currency).order_by(count.desc(), Contract.currency))


@dataclass(frozen=True, slots=True)
class Rate:
    """Of contracts whose last day was in the last 365 days: how many there were, and how many were renewed."""

    ended: int
    renewed: int

    @property
    def ratio(self) -> float | None:
        return self.renewed / self.ended if self.ended else None


def renewal_rate(actor: Actor) -> Rate:
    """Drafts that were given up never ran and do not count."""
    require(actor, "contracts:read")
    day = sources.day_of(utc_now())
    ended = and_(
        Contract.status.in_(ENDED), Contract.ended_on >= Contract.starts_on, Contract.ended_on < day,
        Contract.ended_on >= day - RATED.days,
    )  # fmt: skip
    with read(actor) as rx:
        found = rx.one(select(func.count(), func.count().filter(Contract.status == "renewed")).where(ended))
    return Rate(*(int(count) for count in found or (0, 0)))
