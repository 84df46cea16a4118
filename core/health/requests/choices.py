"""What the figures of requests can be narrowed to."""

from datetime import datetime

import pandas as pd
from sqlalchemy import func, select

from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import GONE
from core.health.requests.filters import Filters, conditions, source
from core.health.requests.window import Window, floor, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now

ROUTES, TENANTS = 500, 5_000


def routes(actor: Actor, since: datetime, until: datetime, *, now: datetime | None = None) -> pd.DataFrame:
    """The routes of the time, the most asked for first: service, channel, route.

    Of a time in hours, those of its days: a choice too many costs less than a look at every hour.
    """
    require(actor, "health:read")
    rollup = source(actor, Filters(), by="route")
    span = window(rollup, since, until, now=now or utc_now())
    if span.grain == "hour":
        span = Window(floor(span.since, "day"), span.until, "day")
    table = span.model(rollup).__table__.c
    columns = (table.service, table.channel, table.route)
    found = select(*columns).where(*conditions(actor, Filters(), rollup, span)).group_by(*columns)
    with read(actor) as rx:
        return rx.frame(found.order_by(func.sum(table.total).desc(), *columns), limit=ROUTES)


def tenants(actor: Actor) -> pd.DataFrame:
    """The tenants in sight by name: id, name; empty for an actor who may not see tenants."""
    require(actor, "health:read")
    found = select(Tenant.id, Tenant.name).where(Tenant.status.not_in(GONE)).order_by(Tenant.name, Tenant.id)
    with read(actor) as rx:
        return rx.frame(found, limit=TENANTS)
