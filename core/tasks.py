"""Every task, schedule and subscriber of the product: importing this fills the registries."""

from core.access.audit import tasks as audit
from core.customers.tenants import tasks as tenants
from core.platform.queue import tasks as queue

__all__ = ["audit", "queue", "tenants"]
