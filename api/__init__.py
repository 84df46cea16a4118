"""What machines see: one router per area, under /api/v1; errors are problem details (RFC 9457)."""

import re

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from api import cross_origin, document, problems, session
from api.access import audit, operators, own, roles
from api.bodies import BodyLimit, most_of
from api.customers import (
    branding,
    campaigns,
    configuration,
    contracts,
    growth,
    infrastructure,
    invoices,
    plans,
    quotas,
    search,
    subscriptions,
    tenants,
    users,
)
from api.health import (
    alert_channels,
    alert_routes,
    alert_rules,
    alert_silences,
    alerts,
    dashboard,
    errors,
    heartbeats,
    ingest,
    maintenance,
    metrics,
    monitors,
    otlp,
    prometheus,
    providers,
    requests,
    status,
)
from api.platform import (
    event_types,
    flag_audience,
    flag_emergencies,
    flags,
    jobs,
    keys,
    ofrep,
    webhook_deliveries,
    webhooks,
)
from api.reliability import (
    calendar_feed,
    deployments,
    incident_parts,
    incidents,
    on_call,
    on_call_pages,
    reviews,
)
from api.reliability import credits as sla_credits
from api.reliability import sla as reliability_sla
from api.reliability import status as status_page
from api.routing import Version, area
from api.support import inbound, surveys, tickets
from core.kernel.settings import settings


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await problems.too_large(most_of(scope))(scope, receive, send)


api = FastAPI(
    title="Quarterdeck", version="1", description=document.ABOUT, docs_url=None, redoc_url=None,
    openapi_url="/v1/openapi.json", redirect_slashes=False,
)  # fmt: skip
problems.install(api)
document.install(api)
cross_origin.install(api, settings().api_cors_origins)
api.add_middleware(BodyLimit, refuse=_too_large)
api.include_router(session.router)
api.include_router(surveys.router)
api.include_router(status_page.router)
api.include_router(calendar_feed.router)

v1 = Version(api)
v1.include_router(own.router)
v1.include_router(operators.router)
v1.include_router(roles.router)
v1.include_router(audit.router)
v1.include_router(tenants.router)
v1.include_router(plans.router)
v1.include_router(subscriptions.router)
v1.include_router(invoices.router)
v1.include_router(contracts.router)
v1.include_router(campaigns.router)
v1.include_router(configuration.router)
v1.include_router(branding.router)
v1.include_router(infrastructure.router)
v1.include_router(quotas.of_tenants)
v1.include_router(quotas.router)
v1.include_router(users.router)
v1.include_router(growth.router)
v1.include_router(search.router)
v1.include_router(inbound.router)
v1.include_router(tickets.router)
v1.include_router(reviews.router)  # before the incidents': their ids would match its words
v1.include_router(incidents.router)
v1.include_router(incident_parts.router)
v1.include_router(deployments.router)
v1.include_router(status.router)
v1.include_router(requests.router)
v1.include_router(providers.router)
v1.include_router(dashboard.router)
v1.include_router(metrics.router)
v1.include_router(errors.router)
v1.include_router(ingest.router)
v1.include_router(prometheus.router)
v1.include_router(alerts.router)
v1.include_router(alert_rules.router)
v1.include_router(alert_silences.router)
v1.include_router(alert_channels.router)
v1.include_router(alert_routes.router)
v1.include_router(monitors.router)
v1.include_router(maintenance.router)
v1.include_router(reviews.item_router)
v1.include_router(sla_credits.router)
v1.include_router(reliability_sla.router)
v1.include_router(keys.router)
v1.include_router(jobs.router)
v1.include_router(webhooks.router)
v1.include_router(webhook_deliveries.router)
v1.include_router(event_types.router)
v1.include_router(flags.router)
v1.include_router(flag_audience.router)
v1.include_router(flag_emergencies.router)
v1.include_router(on_call.router)
v1.include_router(on_call_pages.router)

alive = area("", "health")


@alive.get("/healthz", openapi_extra={"security": []})
def healthz() -> dict[str, str]:
    """Whether the web process answers. What it depends on is at /v1/superadmin/health."""
    return {"status": "ok"}


v1.include_router(alive)
api.include_router(heartbeats.router)
api.include_router(ofrep.router)
api.include_router(otlp.router)

mount = Mount("/api", app=api)
# A line break in a path would otherwise lead past the API, to an answer that is no problem.
mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)

ofrep_mount = Mount("/ofrep", app=ofrep.at_root(api))
survey_mount = surveys.at_root(api)
status_routes = status_page.at_root(api)
