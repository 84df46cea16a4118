"""A tenant with a subscription, as the portal makes them."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from core.customers.subscriptions import actions
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.kernel.writes import write


@pytest.fixture
def today() -> date:
    return utc_now().date()


@pytest.fixture
def admin(db, actor_of) -> Actor:
    return actor_of("admin")


@pytest.fixture
def bare(db, system) -> Callable[..., UUID]:
    """Makes a tenant without a subscription."""

    def make(**values: object) -> UUID:
        key = uuid4()
        known = {
            "name": "Acme",
            "domain": f"{key.hex}.example",
            "status": "active",
            "tier": "free",
            "region": "EU",
            "seats": 5,
        }
        with write(system, "tenants.create") as tx:
            tx.add(Tenant(id=key, **(known | values)))
        return key

    return make


@pytest.fixture
def subscribed(bare, system) -> Callable[..., UUID]:
    """Makes a tenant with a subscription; `trial_days` puts it on trial, `days_ago` moves its period into the past."""

    def make(
        plan_key: str = "pro", *, interval: str = "monthly", trial_days: int | None = None, **values: object
    ) -> UUID:
        tenant_id = bare(**values)
        ends_on = utc_now().date() + timedelta(days=trial_days) if trial_days else None
        actions.start(system, tenant_id, plan_key=plan_key, interval=interval, trial_ends_on=ends_on)
        return tenant_id

    return make


@pytest.fixture
def moved(raw) -> Callable[..., None]:
    """Puts the tenant's period where a test wants it."""

    def move(tenant_id: UUID, start: date, end: date) -> None:
        raw(
            "UPDATE subscription SET period_start = :s, period_end = :e, anchor_on = :s WHERE tenant_id = :t",
            s=start, e=end, t=tenant_id,
        )  # fmt: skip

    return move
