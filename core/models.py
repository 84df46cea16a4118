"""Every table of the product, for migrations and for tests that walk them all."""

from core.customers.tenants import models as tenants
from core.customers.users import models as users
from core.kernel import audit, events, state

__all__ = ["audit", "events", "state", "tenants", "users"]
