"""Every task, schedule and subscriber of the product: importing this fills the registries."""

from core.access.audit import tasks as audit
from core.customers.tenants import tasks as tenants
from core.health import tasks as health
from core.health.components import tasks as components
from core.platform.queue import tasks as queue

__all__ = ["audit", "components", "health", "queue", "tenants"]
