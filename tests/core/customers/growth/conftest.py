"""Ledgers of any course, and what their figures are by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from core.customers.subscriptions.ledger import chain
from core.customers.subscriptions.models import MrrChange
from tests.core.kernel.test_writes import make_tenant

# (tenant's place, when, what its MRR became)
Course = list[tuple[int, datetime, Decimal]]
PLANS = ((0, "free"), (1, "basic"), (150, "pro"), (900, "enterprise"))


def plan_of(mrr: Decimal) -> str:
    return next(plan for least, plan in reversed(PLANS) if mrr >= least)


def at(year: int, month: int, day: int = 15, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def people(db, raw, system) -> Callable[..., list[tuple[UUID, UUID]]]:
    """Tenants with a subscription and an empty ledger: (tenant, subscription)."""

    def make(count: int, **values: object) -> list[tuple[UUID, UUID]]:
        made = []
        for place in range(count):
            tenant = make_tenant(system, f"Tenant {place}", **values)
            subscription = uuid4()
            raw("INSERT INTO subscription (id, tenant_id, plan_key, status, interval, seats, seats_included, unit_price,"
                " seat_price, period_amount, discount, credit, currency, started_at, anchor_on, period_start, period_end,"
                " cancels_at_period_end, created_at, updated_at, version) VALUES (:id, :tenant, 'pro', 'active', 'monthly', 5, 5,"
                " 0, 0, 0, 0, 0, 'USD', now(), CURRENT_DATE, CURRENT_DATE, CURRENT_DATE + 30, false, now(), now(), 1)",
                id=subscription, tenant=tenant.id)  # fmt: skip
            made.append((tenant.id, subscription))
        return made

    return make


@pytest.fixture
def book(db, raw) -> Callable[..., None]:
    """Writes a course into the ledger, as the product would have."""

    def write(known: list[tuple[UUID, UUID]], course: Course, currency: str = "USD") -> None:
        changes = [
            {"tenant_id": known[place][0], "subscription_id": known[place][1], "at": moment, "mrr": mrr, "currency": currency,
             "plan": plan_of(mrr), "cause": "test"}
            for place, moment, mrr in sorted(course, key=lambda one: one[1])
        ]  # fmt: skip
        rows = chain(changes)
        if rows:
            raw("SELECT 1")
            db.execute(insert(MrrChange), rows)

    return write


def balances(course: Course, since: int, until: int) -> dict[int, dict[int, Decimal]]:
    """By month (its number) what each tenant paid at its end: replayed row by row, without SQL."""
    found: dict[int, dict[int, Decimal]] = {}
    for number in range(since, until + 1):
        end = datetime((number + 1) // 12, (number + 1) % 12 + 1, 1, tzinfo=UTC)
        ordered = sorted((one for one in course if one[1] < end), key=lambda one: one[1])
        state = {place: mrr for place, _, mrr in ordered}
        found[number] = {place: mrr for place, mrr in state.items() if mrr}
    return found
