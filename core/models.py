"""Every table of the product, for migrations and for tests that walk them all."""

from core.access.operators import models as operators
from core.access.roles import models as roles
from core.access.sessions import models as sessions
from core.customers.tenants import models as tenants
from core.customers.users import models as users
from core.kernel import audit, events, state
from core.platform.queue import models as queue
from core.platform.schedules import models as schedules

__all__ = [
    "audit", "events", "operators", "queue", "roles", "schedules", "sessions", "state", "tenants", "users",
]  # fmt: skip
