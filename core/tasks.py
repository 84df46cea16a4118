"""Every task, schedule and subscriber of the product: importing this fills the registries."""

import core.models  # noqa: F401  (rollups are declared beside their tables)
from core.access.audit import tasks as audit
from core.customers.branding import tasks as branding
from core.customers.campaigns import tasks as campaigns
from core.customers.configuration import tasks as configuration
from core.customers.contracts import tasks as contracts
from core.customers.infrastructure import tasks as infrastructure
from core.customers.quotas import tasks as quotas
from core.customers.subscriptions import tasks as subscriptions
from core.customers.summaries import tasks as summaries
from core.customers.tenants import tasks as tenants
from core.customers.tenants.purge import tasks as purges
from core.customers.users import tasks as users
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
from core.reliability.communication import tasks as incident_messages
from core.reliability.incidents import tasks as incidents
from core.reliability.on_call import tasks as on_call
from core.reliability.sla import credit_tasks as sla_credits
from core.reliability.sla import tasks as reliability_sla
from core.reliability.status_page import tasks as status_page
from core.support.breaches import tasks as breaches
from core.support.mail import tasks as support_mail
from core.support.satisfaction import tasks as satisfaction
from core.support.tickets import tasks as tickets

__all__ = [
    "active",
    "alerts",
    "answers",
    "audit",
    "branding",
    "breaches",
    "campaigns",
    "channels",
    "components",
    "configuration",
    "contracts",
    "flags",
    "health",
    "incident_messages",
    "incidents",
    "infrastructure",
    "ingest",
    "monitors",
    "on_call",
    "otlp",
    "purges",
    "queue",
    "quotas",
    "reliability_sla",
    "satisfaction",
    "sla_credits",
    "status_page",
    "subscriptions",
    "summaries",
    "support_mail",
    "tenants",
    "tickets",
    "users",
    "webhooks",
]  # fmt: skip
