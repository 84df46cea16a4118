"""Every table of the product, for migrations and for tests that walk them all."""

from core.access.operators import models as operators
from core.access.roles import models as roles
from core.access.sessions import models as sessions
from core.access.views import models as views
from core.customers.branding import models as branding
from core.customers.campaigns import models as campaigns
from core.customers.configuration import models as configuration
from core.customers.contracts import models as contracts
from core.customers.growth import models as growth
from core.customers.infrastructure import models as infrastructure
from core.customers.invoices import models as invoices
from core.customers.plans import models as plans
from core.customers.quotas import models as quotas
from core.customers.search import models as search
from core.customers.subscriptions import models as subscriptions
from core.customers.summaries import models as summaries
from core.customers.tenants import models as tenants
from core.customers.tenants.drafts import models as tenant_drafts
from core.customers.tenants.purge import models as purges
from core.customers.users import models as users
from core.data.exports import models as exports
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
from core.reliability.communication import models as communication
from core.reliability.deployments import models as deployments
from core.reliability.incidents import models as incidents
from core.reliability.on_call import models as on_call
from core.reliability.review import models as review
from core.reliability.sla import models as reliability_sla
from core.reliability.status_page import models as status_page
from core.support.breaches import models as breaches
from core.support.mail import models as support_mail
from core.support.satisfaction import models as satisfaction
from core.support.sla import models as sla
from core.support.teams import models as support_teams
from core.support.tickets import models as tickets

__all__ = [
    "active", "alerts", "answers", "audit", "branding", "breaches", "campaigns", "channels", "communication",
    "components", "configuration", "contracts", "database", "deployments", "error_triage", "errors", "events",
    "exports", "flags", "growth", "incidents", "infrastructure", "ingest", "invoices", "keys", "maintenance",
    "messages", "metrics", "monitors", "on_call", "operators", "otlp", "plans", "providers", "purges", "queue",
    "quotas", "reliability_sla", "requests", "review", "roles", "satisfaction", "schedules", "search", "servers",
    "sessions", "sla", "state", "status_page", "subscriptions", "summaries", "support_mail", "support_teams",
    "tenant_drafts", "tenants", "tickets", "users", "views", "webhooks",
]  # fmt: skip
