"""Contracts for tests."""

from datetime import timedelta
from decimal import Decimal

from core.customers.contracts import actions
from core.customers.contracts.actions import Draft
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant

VALUE = Decimal("120000.00")
TIERS = [{"below": "99.95", "percent": "10"}, {"below": "99", "percent": "25"}, {"below": "95", "percent": "100"}]


def draft(actor, *, tenant=None, starts_on=None, time_zone="UTC", currency="USD", **terms):
    """A draft, of a new tenant unless one is given, that began 100 days ago."""
    tenant = tenant or make_tenant(actor, tier="enterprise")
    day = starts_on or utc_now().date() - timedelta(days=100)
    wanted = Draft(tenant.id, day, time_zone=time_zone, currency=currency)
    return actions.create(actor, wanted, **({"annual_value": VALUE, "credit_tiers": TIERS} | terms))


def running(actor, **values):
    """As `draft`, in force."""
    return actions.activate(actor, draft(actor, **values).id)
