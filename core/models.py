"""Every table of the product, for migrations and for tests that walk them all."""

from core.access.operators import models as operators
from core.access.roles import models as roles
from core.access.sessions import models as sessions
from core.customers.tenants import models as tenants
from core.customers.users import models as users
from core.health.components import models as components
from core.health.database import models as database
from core.health.errors import models as errors
from core.health.requests import models as requests
from core.health.servers import models as servers
from core.kernel import audit, events, state
from core.platform.queue import models as queue
from core.platform.schedules import models as schedules

__all__ = [
    "audit", "components", "database", "errors", "events", "operators", "queue", "requests", "roles", "schedules",
    "servers", "sessions", "state", "tenants", "users",
]  # fmt: skip
