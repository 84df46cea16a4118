"""Every task, schedule and subscriber of the product: importing this fills the registries."""

import core.models  # noqa: F401  (rollups are declared beside their tables)
from core.access.audit import tasks as audit
from core.customers.tenants import tasks as tenants
from core.health import tasks as health
from core.health.components import tasks as components
from core.platform.answers import tasks as answers
from core.platform.flags import tasks as flags
from core.platform.queue import tasks as queue
from core.platform.webhooks import tasks as webhooks

__all__ = ["answers", "audit", "components", "flags", "health", "queue", "tenants", "webhooks"]
