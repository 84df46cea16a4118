"""Reads of what is to be renewed: contracts whose renewal is near, by how far the talks are, and their tasks."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Date, and_, case, cast, func, or_, select
from sqlalchemy import Integer as SqlInteger

from core.customers.contracts import sources
from core.customers.contracts.models import RUNNING, Contract, ContractTask
from core.customers.contracts.queries import RENEWALS, URGENT
from core.customers.tenants import colleagues
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.times import utc_now

STAGES = ("to_start", "in_talks", "renewed")  # active, renewing, and renewed before the present term is over
MOST, MOST_TASKS = 500, 200


def renewals(actor: Actor, *, within: int = RENEWALS) -> pd.DataFrame:
    """One row per contract whose renewal is at most `within` days away or past, the nearest first; at most MOST.

    Columns: id, number, tenant_id, tenant, stage (STAGES), currency, annual_value (of the newest terms in force), renewal_on,
    last_day, notice_on, days_left (negative: past), is_urgent (under 30 days and not renewed), csm_id, csm,
    account_executive, open_tasks, late_tasks, next_task, version.
    """
    require(actor, "contracts:read")
    with read(actor) as rx:
        found = rx.frame(_renewals(within), limit=MOST)
    names = {str(key): name for key, name in colleagues.names(actor).items()} if len(found) else {}
    return found.assign(csm=found["csm_id"].map(names).astype("string"))


def _renewals(within: int) -> AnySelect:
    now = utc_now()
    terms, ends, day = sources.in_force(now), sources.newest(), sources.day_of(now)
    left = cast(ends.c.renews_on - day, SqlInteger)
    stage = case(
        (Contract.status == "active", "to_start"), (Contract.status == "renewing", "in_talks"), else_="renewed"
    )
    is_due = or_(Contract.status.in_(RUNNING), and_(Contract.status == "renewed", Contract.ended_on >= day))
    columns = (
        Contract.id, Contract.number, Contract.tenant_id, Tenant.name.label("tenant"), stage.label("stage"), Contract.currency,
        terms.c.annual_value, ends.c.renews_on.label("renewal_on"), sources.last_day(ends).label("last_day"),
        (ends.c.ends_on - cast(ends.c.notice, SqlInteger)).label("notice_on"), left.label("days_left"),
        and_(left < URGENT, Contract.status.in_(RUNNING)).label("is_urgent"), Contract.csm_id, Contract.account_executive,
        _tasks_of(func.count()).label("open_tasks"), _tasks_of(func.count(), ContractTask.due_on < day).label("late_tasks"),
        _tasks_of(func.min(ContractTask.due_on)).label("next_task"), Contract.version,
    )  # fmt: skip
    joined = select(*columns).select_from(Contract).join(Tenant, Tenant.id == Contract.tenant_id)
    joined = joined.join(ends, Contract.id.is_not(None)).join(terms, Contract.id.is_not(None))
    return joined.where(is_due, left <= within).order_by(left, Contract.id)


def _tasks_of(what: Any, *conditions: ColumnElement[bool]) -> Any:
    """Of the contract's open tasks."""
    mine = select(what).where(ContractTask.contract_id == Contract.id, ContractTask.done_at.is_(None), *conditions)
    return mine.correlate(Contract).scalar_subquery()


@dataclass(frozen=True, slots=True)
class TaskFilters:
    """`assignee_id`: whose; `is_late`: due before today (UTC); `with_done`: also those that are done."""

    assignee_id: UUID | None = None
    is_late: bool = False
    with_done: bool = False
    contract_id: UUID | None = None
    task_id: UUID | None = None


def tasks(actor: Actor, filters: TaskFilters, *, limit: int = MOST_TASKS) -> pd.DataFrame:
    """One row per task, open ones first, then by the day it is due.

    Columns: id, contract_id, number, tenant_id, tenant, title, days_before, renewal_on, due_on, is_late, assignee_id,
    assignee, note, done_at, done_by_name, version.
    """
    require(actor, "contracts:read")
    with read(actor) as rx:
        found = rx.frame(_tasks(filters), limit=limit)
    names = {str(key): name for key, name in colleagues.names(actor).items()} if len(found) else {}
    return found.assign(assignee=found["assignee_id"].map(names).astype("string"))


def _tasks(filters: TaskFilters) -> AnySelect:
    task, today = ContractTask, _today()
    late = and_(task.done_at.is_(None), task.due_on < today)
    columns = (
        task.id, task.contract_id, Contract.number, task.tenant_id, Tenant.name.label("tenant"), task.title, task.days_before,
        task.renewal_on, task.due_on, late.label("is_late"), task.assignee_id, task.note, task.done_at, task.done_by_name,
        task.version,
    )  # fmt: skip
    found = select(*columns).join(Contract, Contract.id == task.contract_id).join(Tenant, Tenant.id == task.tenant_id)
    if filters.task_id:
        found = found.where(task.id == filters.task_id)
    if filters.contract_id:
        found = found.where(task.contract_id == filters.contract_id)
    if filters.assignee_id:
        found = found.where(task.assignee_id == filters.assignee_id)
    if not filters.with_done:
        # What is off or moved is dropped within the hour; until then it is not shown either.
        found = found.where(task.done_at.is_(None), Contract.status.in_(RUNNING))
    if filters.is_late:
        found = found.where(late)
    return found.order_by(task.done_at.is_not(None), task.due_on, task.days_before.desc(), task.id)


def _today() -> date:
    return utc_now().date()


@dataclass(frozen=True, slots=True)
class Near:
    """How many renewals are near, and the late tasks of them."""

    soon: int
    urgent: int
    late_tasks: int


def near(actor: Actor) -> Near:
    """`soon`: running contracts that renew within 90 days or should have; `urgent`: under 30 of them."""
    require(actor, "contracts:read")
    ends = sources.newest()
    left = cast(ends.c.renews_on - sources.day_of(utc_now()), SqlInteger)
    runs = Contract.status.in_(RUNNING)
    counts = select(
        func.count().filter(left <= RENEWALS), func.count().filter(left < URGENT),
        _late_tasks().label("late"),
    ).select_from(Contract).join(ends, runs)  # fmt: skip
    with read(actor) as rx:
        found = rx.one(counts)
    return Near(*(int(count) for count in found or (0, 0, 0)))


def _late_tasks() -> Any:
    late = select(func.count()).select_from(ContractTask).join(Contract, Contract.id == ContractTask.contract_id)
    mine = late.where(
        ContractTask.done_at.is_(None), ContractTask.due_on < cast(_today(), Date), Contract.status.in_(RUNNING)
    )
    return mine.correlate(None).scalar_subquery()
