"""Reads of deployments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read
from core.reliability.deployments.models import Deployment

COLUMNS = (
    Deployment.id, Deployment.at, Deployment.service, Deployment.release, Deployment.environment, Deployment.status,
    Deployment.summary, Deployment.url, Deployment.deployed_by, Deployment.external_id, Deployment.created_at,
    Deployment.updated_at,
)  # fmt: skip
MOST = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """Nothing does not filter; `until` is exclusive."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def _narrowed(filters: Filters) -> AnySelect:
    found = select(*COLUMNS)
    chosen = (
        (Deployment.service, filters.services), (Deployment.environment, filters.environments),
        (Deployment.status, filters.statuses),
    )  # fmt: skip
    for column, values in chosen:
        if values:
            found = found.where(column.in_(values))
    if filters.since is not None:
        found = found.where(Deployment.at >= filters.since)
    return found.where(Deployment.at < filters.until) if filters.until is not None else found


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per deployment, newest first: COLUMNS. Raises Denied, Invalid for a damaged page link."""
    require(actor, "deployments:read")
    with read(actor) as rx:
        return rx.page(_narrowed(filters), keys=[Deployment.at, Deployment.id], after=after, limit=limit)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """The same for machines, as plain rows. Raises Denied, Invalid."""
    require(actor, "deployments:read")
    with read(actor) as rx:
        return rx.listing(_narrowed(filters), keys=[Deployment.at, Deployment.id], after=after, limit=limit)


def one(actor: Actor, deployment_id: UUID) -> dict[str, Any]:
    """COLUMNS of one deployment. Raises Denied, NotFound."""
    require(actor, "deployments:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(Deployment.id == deployment_id))
    if found is None:
        raise NotFound("This deployment does not exist.")
    return dict(found._mapping)


def around(actor: Actor, since: datetime, until: datetime, *, services: Sequence[str] = ()) -> pd.DataFrame:
    """The deployments of some services (none: of all) in a time, oldest first: COLUMNS. Raises Denied."""
    require(actor, "deployments:read")
    found = _narrowed(Filters(services=tuple(services), since=since, until=until))
    with read(actor) as rx:
        return rx.frame(found.order_by(Deployment.at, Deployment.id).limit(MOST))
