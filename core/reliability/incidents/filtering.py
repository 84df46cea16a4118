"""Which incidents a list shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, cast, column, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.kernel.reads import AnySelect
from core.reliability.incidents import rules
from core.reliability.incidents.models import LIVE, Incident, IncidentTenant

LONGEST = 200  # characters of what is looked for


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds words of title, description, cause and resolution, or a number. Nothing does not filter.

    `since` and `until` (exclusive) are about the declaration; `is_untaken` is what nobody acknowledged. Archived and merged
    ones are left out unless asked for.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    lead_ids: tuple[UUID, ...] = ()
    without_lead: bool = False
    tenant_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_live: bool = False
    is_untaken: bool = False
    with_archived: bool = False
    with_merged: bool = False


def _found(text: str) -> ColumnElement[bool]:
    """By words or number; the database's own function reaches the index, which row-level security would not."""
    typed = text.replace("\x00", " ").strip()[:LONGEST]
    found = func.qd_incidents_found(typed, cast(rules.parsed_number(typed), BigInteger))
    ids = select(column("id", Incident.id.type)).select_from(found.table_valued("id").render_derived())
    return Incident.id.in_(ids)


def _chosen(filters: Filters) -> list[ColumnElement[bool]]:
    chosen = (
        (Incident.status, filters.statuses), (Incident.severity, filters.severities), (Incident.kind, filters.kinds),
        (Incident.source, filters.sources),
    )  # fmt: skip
    conditions: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
    leads: list[ColumnElement[bool]] = [Incident.lead_id.in_(filters.lead_ids)] if filters.lead_ids else []
    leads += [Incident.lead_id.is_(None)] if filters.without_lead else []
    return [*conditions, or_(*leads)] if leads else conditions


def _bounded(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(Incident.declared_at >= filters.since)
    if filters.until is not None:
        conditions.append(Incident.declared_at < filters.until)
    if filters.is_live:
        conditions.append(Incident.status.in_(LIVE))
    if filters.is_untaken:
        conditions.append(Incident.acknowledged_at.is_(None))
    if not filters.with_archived:
        conditions.append(Incident.archived_at.is_(None))
    if not filters.with_merged:
        conditions.append(Incident.merged_into_id.is_(None))
    return conditions


def narrowed(statement: AnySelect, filters: Filters) -> AnySelect:
    """The statement over Incident with the filters' conditions."""
    statement = statement.where(*_chosen(filters), *_bounded(filters))
    if filters.text.strip():
        statement = statement.where(_found(filters.text))
    if filters.services:
        statement = statement.where(Incident.services.op("&&")(cast(list(filters.services), ARRAY(Text()))))
    if filters.tenant_id is not None:
        hit = select(IncidentTenant.incident_id).where(IncidentTenant.tenant_id == filters.tenant_id)
        statement = statement.where(Incident.id.in_(hit))
    return statement
