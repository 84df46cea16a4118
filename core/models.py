"""Every table of the product, for migrations and for tests that walk them all."""

from core.access.operators import models as operators
from core.access.roles import models as roles
from core.access.sessions import models as sessions
from core.customers.tenants import models as tenants
from core.customers.users import models as users
from core.health.active import models as active
from core.health.alerts import models as alerts
from core.health.channels import models as channels
from core.health.components import models as components
from core.health.database import models as database
from core.health.errors import models as errors
from core.health.errors import triage as error_triage
from core.health.ingest import models as ingest
from core.health.maintenance import models as maintenance
from core.health.messages import models as messages
from core.health.metrics import models as metrics
from core.health.monitors import models as monitors
from core.health.otlp import models as otlp
from core.health.providers import models as providers
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
    "active", "alerts", "answers", "audit", "channels", "components", "database", "error_triage", "errors", "events", "flags",
    "ingest", "keys", "maintenance", "messages", "metrics", "monitors", "operators", "otlp", "providers", "queue", "requests",
    "roles", "schedules", "servers", "sessions", "state", "tenants", "users", "webhooks",
]  # fmt: skip
