"""Every task, schedule and subscriber of the product: importing this fills the registries."""

import core.models  # noqa: F401  (rollups are declared beside their tables)
from core.access.audit import tasks as audit
from core.customers.tenants import tasks as tenants
from core.health import tasks as health
from core.health.active import tasks as active
from core.health.alerts import tasks as alerts
from core.health.channels import tasks as channels
from core.health.components import tasks as components
from core.health.ingest import tasks as ingest
from core.health.monitors import tasks as monitors
from core.health.otlp import tasks as otlp
from core.platform.answers import tasks as answers
from core.platform.flags import tasks as flags
from core.platform.queue import tasks as queue
from core.platform.webhooks import tasks as webhooks

__all__ = [
    "active", "alerts", "answers", "audit", "channels", "components", "flags", "health", "ingest", "monitors", "otlp", "queue",
    "tenants", "webhooks",
]  # fmt: skip
