"""Reads of incidents. Who may see incidents sees all of them; of what they hit, what is in the actor's scope."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import aliased

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read
from core.reliability.incidents import people, rules
from core.reliability.incidents.filtering import Filters, narrowed
from core.reliability.incidents.impact_figures import COMPUTED, impact, tenants
from core.reliability.incidents.models import Incident, IncidentCorrection, IncidentImpact
from core.reliability.incidents.reading import events, link_counts, linked_to, links, merged_into, roles

__all__ = [
    "COLUMNS", "COMPUTED", "SORTS", "WHOLE", "Filters", "by_number", "count_up_to", "directory", "events", "impact",
    "link_counts", "linked_to", "links", "listing", "live", "live_rows", "merged_into", "narrowed", "number_of", "one", "roles",
    "services", "tenants",
]  # fmt: skip
MOST_LIVE = 200
COLUMNS = (
    Incident.id, Incident.number, Incident.title, Incident.kind, Incident.severity, Incident.status, Incident.source,
    Incident.services, Incident.lead_id, Incident.reported_by_name, Incident.started_at, Incident.declared_at,
    Incident.acknowledged_at, Incident.identified_at, Incident.monitoring_at, Incident.resolved_at, Incident.closed_at,
    Incident.archived_at, Incident.reopen_count, Incident.merged_into_id, Incident.is_public, Incident.next_update_at,
    Incident.updated_at, Incident.version,
)  # fmt: skip
WHOLE = (
    *COLUMNS, Incident.description, Incident.reported_by, Incident.root_cause, Incident.resolution, Incident.public_title,
    Incident.created_at,
)  # fmt: skip
# By name of the order: its column, and whether the largest come first. Severities are graver the smaller they are.
SORTS: dict[str, tuple[Any, bool]] = {
    "newest": (Incident.declared_at, True), "oldest": (Incident.declared_at, False), "gravest": (Incident.severity, False),
    "changed last": (Incident.updated_at, True),
}  # fmt: skip


def number_of(incident: Any) -> str:
    """Such as `INC-000042`: of an incident, of a row of these queries, or of the number itself."""
    number = incident["number"] if isinstance(incident, dict) else getattr(incident, "number", incident)
    return rules.number_of(int(number))


def _listed() -> AnySelect:
    """COLUMNS, and what is told of the impact."""
    figures = (_figure(one) for one in (IncidentImpact.tenants, IncidentImpact.users, IncidentImpact.requests_failed))
    return select(*COLUMNS, *figures).join(IncidentImpact, IncidentImpact.incident_id == Incident.id, isouter=True)


def _figure(computed: Any) -> ColumnElement[Any]:
    """What people say last, or what was computed."""
    said = IncidentCorrection
    last = (
        select(cast(said.value["value"].astext, BigInteger))
        .where(said.incident_id == Incident.id, said.field == computed.key)
        .order_by(said.created_at.desc(), said.id.desc())
        .limit(1)
        .correlate(Incident)
        .scalar_subquery()
    )
    return func.coalesce(last, computed).label(computed.key)


def directory(
    actor: Actor, filters: Filters, *, sort: str = "newest", after: str | None = None, limit: int = 50
) -> Page:
    """One row per incident, in the order `sort` of SORTS: COLUMNS, tenants, users, requests_failed (NA unknown),
    reference (the number as it is shown) and lead (the operator's name). Times in UTC. Raises Denied, Invalid."""
    require(actor, "incidents:read")
    key, descending = SORTS[sort]
    with read(actor) as rx:
        page = rx.page(
            narrowed(_listed(), filters), keys=[key, Incident.id], after=after, limit=limit, descending=descending
        )
    return Page(_told(page.frame), page.next)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    names = people.names({UUID(one) for one in frame["lead_id"].dropna()})
    known = {str(key): name for key, name in names.items()}
    leads = [known.get(one) if isinstance(one, str) else None for one in frame["lead_id"]]
    references = [rules.number_of(one) for one in frame["number"]]
    return frame.assign(lead=pd.array(leads, dtype="string"), reference=pd.array(references, dtype="string"))


def live(actor: Actor) -> pd.DataFrame:
    """The incidents that run, gravest first, then the newest: as `directory`. Raises Denied."""
    require(actor, "incidents:read")
    found = narrowed(_listed(), Filters(is_live=True))
    ordered = found.order_by(Incident.severity, Incident.declared_at.desc(), Incident.id).limit(MOST_LIVE)
    with read(actor) as rx:
        return _told(rx.frame(ordered))


def live_rows(actor: Actor) -> list[dict[str, Any]]:
    """The same for machines: WHOLE of each. Raises Denied."""
    require(actor, "incidents:read")
    whole = narrowed(_listed().add_columns(*WHOLE[len(COLUMNS) :]), Filters(is_live=True))
    ordered = whole.order_by(Incident.severity, Incident.declared_at.desc(), Incident.id).limit(MOST_LIVE)
    with read(actor) as rx:
        rows = [dict(row._mapping) for row in rx.rows(ordered)]
    names = people.names({row["lead_id"] for row in rows})
    return [_row(row, names) for row in rows]


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """The same for machines, newest first, as plain rows with WHOLE. Raises Denied."""
    require(actor, "incidents:read")
    whole = _listed().add_columns(*WHOLE[len(COLUMNS) :])
    with read(actor) as rx:
        page = rx.listing(narrowed(whole, filters), keys=[Incident.declared_at, Incident.id], after=after, limit=limit)
    names = people.names({row["lead_id"] for row in page.rows})
    return Listing([_row(row, names) for row in page.rows], page.next)


def _row(row: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    return row | {"reference": rules.number_of(row["number"]), "lead": names.get(row["lead_id"])}


def count_up_to(actor: Actor, filters: Filters, *, limit: int = 1_000) -> int:
    """How many incidents there are, counted no further than `limit`. Raises Denied."""
    require(actor, "incidents:read")
    some = narrowed(select(Incident.id), filters).limit(limit).subquery()
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(some)))


def one(actor: Actor, incident_id: UUID) -> dict[str, Any]:
    """One incident: WHOLE, tenants, users, requests_failed, reference, lead, and merged_into (the number of the incident in
    which it goes on). Raises Denied, NotFound."""
    return _one(actor, Incident.id == incident_id)


def by_number(actor: Actor, number: int) -> dict[str, Any]:
    """As `one`, by number."""
    return _one(actor, Incident.number == number)


def _one(actor: Actor, condition: ColumnElement[bool]) -> dict[str, Any]:
    require(actor, "incidents:read")
    into = aliased(Incident)
    number = select(into.number).where(into.id == Incident.merged_into_id).correlate(Incident).scalar_subquery()
    lead = select(Operator.name).where(Operator.id == Incident.lead_id).correlate(Incident).scalar_subquery()
    whole = _listed().add_columns(*WHOLE[len(COLUMNS) :], number.label("into_number"), lead.label("lead_seen"))
    with read(actor) as rx:
        found = rx.one(whole.where(condition))
    if found is None:
        raise NotFound("This incident does not exist.")
    row = dict(found._mapping)
    seen, further = row.pop("lead_seen"), row.pop("into_number")
    # Accounts are hidden from most roles, their names are not.
    names = {row["lead_id"]: seen} if seen else people.names([row["lead_id"]])
    return _row(row, names) | {"merged_into": rules.number_of(further) if further else None}


def services(actor: Actor) -> list[str]:
    """The services that incidents were about, by name. Raises Denied."""
    require(actor, "incidents:read")
    named = func.unnest(Incident.services).label("service")
    with read(actor) as rx:
        return [str(row.service) for row in rx.rows(select(named).distinct().order_by(named).limit(500))]
