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
from core.platform.answers import models as answers
from core.platform.flags import models as flags
from core.platform.keys import models as keys
from core.platform.queue import models as queue
from core.platform.schedules import models as schedules
from core.platform.webhooks import models as webhooks

__all__ = [
    "answers", "audit", "components", "database", "errors", "events", "flags", "keys", "operators", "queue", "requests", "roles",
    "schedules", "servers", "sessions", "state", "tenants", "users", "webhooks",
]  # fmt: skip
