"""Renewals: from the first talk to the contract that follows, and the tasks on the way."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.customers.contracts import rules, sources, steps
from core.customers.contracts.models import RUNNING, Contract, ContractTask
from core.customers.tenants.colleagues import require_colleague
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write

# Issue 7: tasks at 90, 60 and 30 days.
TASKS = {
    90: "Go through value and use with the customer",
    60: "Send the renewal proposal",
    30: "Settle the terms and have them signed",
}
UNCHANGED: Any = object()


def start_renewal(actor: Actor, contract_id: UUID, *, version: int | None = None) -> Contract:
    """The talks about the next term have begun. Raises Invalid, NotFound, Conflict."""
    with write(actor, "contracts.start_renewal") as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("start_renewal", contract.status)
        contract.status = "renewing"
        tx.note(number=contract.number)
    return contract


def renew(actor: Actor, contract_id: UUID, *, version: int | None = None, **changes: Any) -> Contract:
    """Makes the contract that follows on the day after the last one, with the newest terms and these changes (rules.FIELDS).

    The present one stays in force until its last day. Raises Invalid, NotFound, Conflict.
    """
    cleaned = rules.clean(changes)
    with write(actor, "contracts.renew") as tx:
        contract = tx.lock(Contract, contract_id, version=version)
        rules.require("renew", contract.status)
        last = steps.latest(tx, contract_id)
        starts_on = last.ends_on + rules.DAY
        terms = rules.settled(
            steps.terms_of(last) | {"renewal_on": None} | cleaned, starts_on=starts_on, effective_on=starts_on
        )
        contract.status, contract.ended_on = "renewed", last.ends_on
        tx.session.flush()  # a tenant has one contract that runs: this one gives way first
        following = _following(tx, contract, starts_on)
        steps.require_alone(tx, following, terms["ends_on"], but=contract.id)
        steps.add_version(tx, following, terms, number=1, effective_on=starts_on, reason="")
        tx.note(number=contract.number, renewed_by=str(following.id))
    return following


def _following(tx: Transaction, contract: Contract, starts_on: date) -> Contract:
    following = tx.add(
        Contract(
            tenant_id=contract.tenant_id, status="active", currency=contract.currency, time_zone=contract.time_zone,
            starts_on=starts_on, csm_id=contract.csm_id, account_executive=contract.account_executive, renews_id=contract.id,
            billed_until=starts_on,
        )
    )  # fmt: skip
    tx.session.flush()
    return following


def plan_tasks(actor: Actor) -> int:
    """Makes the tasks of renewals that come within 90 days, and drops open ones of renewals that moved or are off.

    For the clock. Returns how many were made. Harmless when it is run again.
    """
    with write(actor, "contracts.plan_tasks") as tx:
        stale = _stale(tx)
        if stale:
            tx.bulk(delete(ContractTask).where(ContractTask.id.in_(stale)))
        made = plan(tx)
        tx.add_all(made)
    return len(made)


def plan(tx: Transaction) -> list[ContractTask]:
    """The tasks that are missing, not stored yet."""
    return [task for row in tx.session.execute(_due(tx)) for task in _tasks(row)]


def _stale(tx: Transaction) -> list[UUID]:
    ends = sources.newest()
    moved = or_(Contract.status.not_in(RUNNING), ends.c.renews_on != ContractTask.renewal_on)
    open_ones = select(ContractTask.id).join(Contract, Contract.id == ContractTask.contract_id)
    return list(tx.session.scalars(open_ones.join(ends, moved).where(ContractTask.done_at.is_(None)).limit(1_000)))


def _due(tx: Transaction) -> Any:
    """Running contracts whose renewal is within 90 days and has no tasks yet."""
    ends, day = sources.newest(), sources.day_of(tx.now)
    has_tasks: ColumnElement[bool] = (
        select(ContractTask.id)
        .where(ContractTask.contract_id == Contract.id, ContractTask.renewal_on == ends.c.renews_on)
        .exists()
    )
    is_near = and_(Contract.status.in_(RUNNING), ends.c.renews_on <= day + max(TASKS))
    columns = (Contract.id, Contract.tenant_id, Contract.csm_id, ends.c.renews_on, day.label("day"))
    return select(*columns).select_from(Contract).join(ends, is_near).where(~has_tasks).limit(1_000)


def _tasks(row: Any) -> Iterable[ContractTask]:
    """One for each of TASKS; what should have been done before the contract was that near is due today."""
    for days, title in TASKS.items():
        due_on = max(row.renews_on - timedelta(days=days), row.day)
        yield ContractTask(
            contract_id=row.id, tenant_id=row.tenant_id, renewal_on=row.renews_on, days_before=days, due_on=due_on, title=title,
            assignee_id=row.csm_id,
        )  # fmt: skip


def update_task(
    actor: Actor, task_id: UUID, *, is_done: bool = UNCHANGED, assignee_id: UUID | None = UNCHANGED, note: str = UNCHANGED,
    version: int | None = None,
) -> ContractTask:  # fmt: skip
    """Changes what is given of a task. Raises Invalid, NotFound, Conflict."""
    with write(actor, "contracts.update_task") as tx:
        task = tx.lock(ContractTask, task_id, version=version)
        if assignee_id is not UNCHANGED and assignee_id != task.assignee_id:
            require_colleague(assignee_id)
            task.assignee_id = assignee_id
        if note is not UNCHANGED:
            task.note = rules.clean_text("note", note)
        if is_done is not UNCHANGED and is_done != (task.done_at is not None):
            task.done_at, task.done_by_name = (tx.now, tx.actor.name) if is_done else (None, None)
    return task
