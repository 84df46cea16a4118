"""The ledger of MRR: one row per change, written in the transaction that makes the change, and never touched again."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.subscriptions.models import MrrChange, Subscription
from core.customers.subscriptions.pricing import mrr_of, terms_of
from core.kernel.writes import Transaction


def kind_of(before: Decimal, after: Decimal, *, is_first: bool) -> str:
    """What a change of MRR is called in reports of recurring revenue."""
    if before == 0:
        return "new" if is_first else "reactivation"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "contraction"


def book(
    tx: Transaction, subscription: Subscription, cause: str, *, plan_before: str | None = None
) -> MrrChange | None:
    """Books what the state of the subscription differs by from the ledger; nothing where they agree.

    The subscription's row is locked, so that nobody else books for the tenant in the meantime.
    """
    return book_many(tx, [subscription], {subscription.tenant_id: (cause, plan_before)})[0]


def book_many(
    tx: Transaction, subscriptions: list[Subscription], causes: Mapping[UUID, tuple[str, str | None]]
) -> list[MrrChange | None]:
    """As `book`, for many in one statement; `causes` gives each tenant's cause and the plan before."""
    tx.session.flush()
    last = _last(tx, [one.tenant_id for one in subscriptions])
    return [_row(tx, one, last.get(one.tenant_id), *causes[one.tenant_id]) for one in subscriptions]


def _row(
    tx: Transaction, subscription: Subscription, last: MrrChange | None, cause: str, plan_before: str | None
) -> MrrChange | None:
    before = last.mrr_after if last else Decimal("0.00")
    after = mrr_of(subscription.status, terms_of(subscription))
    if before == after:
        return None
    return tx.add(MrrChange(
        tenant_id=subscription.tenant_id, subscription_id=subscription.id,
        at=max(tx.now, last.at) if last else tx.now,
        sequence=last.sequence + 1 if last else 1, previous=last.sequence if last else None,
        kind=kind_of(before, after, is_first=last is None), mrr_before=before, amount=after - before, mrr_after=after,
        currency=subscription.currency, plan_before=plan_before or (last.plan_after if last else None),
        plan_after=subscription.plan_key, cause=cause,
    ))  # fmt: skip


def _last(tx: Transaction, tenant_ids: list[UUID]) -> dict[UUID, MrrChange]:
    ordered = select(MrrChange).where(MrrChange.tenant_id.in_(tenant_ids)).ext(distinct_on(MrrChange.tenant_id))
    rows = tx.session.scalars(ordered.order_by(MrrChange.tenant_id, MrrChange.sequence.desc()))
    return {row.tenant_id: row for row in rows}


def chain(changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the ledger from what MRR became: each has tenant_id, subscription_id, at, mrr, currency, plan, cause.

    For data in bulk (demo, load). In the order of time for each tenant; what changes nothing is left out.
    """
    last: dict[UUID, dict[str, Any]] = {}
    made = []
    for one in changes:
        before = last.get(one["tenant_id"])
        known, after = before["mrr_after"] if before else Decimal("0.00"), one["mrr"]
        if known == after:
            continue
        number = before["sequence"] + 1 if before else 1
        row = {
            "tenant_id": one["tenant_id"], "subscription_id": one["subscription_id"], "at": one["at"], "sequence": number,
            "previous": number - 1 or None, "kind": kind_of(known, after, is_first=before is None), "mrr_before": known,
            "amount": after - known, "mrr_after": after, "currency": one["currency"],
            "plan_before": before["plan_after"] if before else None, "plan_after": one["plan"], "cause": one["cause"],
        }  # fmt: skip
        made.append(row)
        last[one["tenant_id"]] = row
    return made
