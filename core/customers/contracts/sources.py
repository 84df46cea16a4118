"""What reads of contracts are built from: the terms in force, the newest ones, and the contract's present day."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, case, cast, func, select

from core.customers.contracts import rules
from core.customers.contracts.models import RUNNING, Contract, ContractVersion


def day_of(now: datetime) -> ColumnElement[Any]:
    """The contract's present day, in its own zone."""
    return cast(func.timezone(Contract.time_zone, now), Date)


def in_force(now: datetime) -> Any:
    """Lateral: the version in force on the contract's present day; before the first day the first, after the last the last."""
    version, day = ContractVersion, day_of(now)
    began = version.effective_on <= day
    order = (began.desc(), case((began, -version.number), else_=version.number))
    columns = (
        version.number.label("version_number"),
        version.effective_on,
        *(getattr(version, one) for one in rules.FIELDS),
    )
    mine = select(*columns).where(version.contract_id == Contract.id).order_by(*order).limit(1)
    return mine.correlate(Contract).lateral("in_force")


def newest() -> Any:
    """Lateral: the newest version, whose days are those of the contract."""
    version = ContractVersion
    columns = (version.number.label("versions"), version.effective_on.label("newest_on"), version.ends_on,
               version.renewal_on.label("renews_on"), version.notice_days.label("notice"))  # fmt: skip
    mine = select(*columns).where(version.contract_id == Contract.id).order_by(version.number.desc()).limit(1)
    return mine.correlate(Contract).lateral("newest")


def last_day(of_newest: Any) -> ColumnElement[Any]:
    return func.coalesce(Contract.ended_on, of_newest.c.ends_on)


def is_in_force(now: datetime, of_newest: Any) -> ColumnElement[bool]:
    """That today is one of its days, whatever becomes of it later."""
    day = day_of(now)
    return and_(Contract.status != "draft", Contract.starts_on <= day, last_day(of_newest) >= day)


def over(now: datetime, *, limit: int) -> Select[Any]:
    """Contracts that run and whose last day is past: id and the day."""
    ends = newest()
    past = and_(Contract.status.in_(RUNNING), ends.c.ends_on < day_of(now))
    found = select(Contract.id, ends.c.ends_on).select_from(Contract).join(ends, past)
    return found.order_by(Contract.id).limit(limit)


def covered(tenant_ids: list[UUID], now: datetime) -> Select[Any]:
    """Those of the tenants that have a contract in force: what they pay is the contract's."""
    ends = newest()
    mine = select(Contract.tenant_id).select_from(Contract).join(ends, is_in_force(now, ends))
    return mine.where(Contract.tenant_id.in_(tenant_ids))
