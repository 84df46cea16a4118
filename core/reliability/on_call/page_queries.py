"""Reads of escalation policies, and of pages with the incidents they are about."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import case, func, select

from core.health.channels.models import AlertChannel
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read
from core.reliability.incidents.models import Incident
from core.reliability.on_call import people
from core.reliability.on_call.models import EscalationPolicy, OnCallSchedule, PageDelivery
from core.reliability.on_call.models import Page as OnCallPage

READ = "on_call:read"
NEEDED = ("open", "exhausted")
MOST = 200


def policies(actor: Actor) -> pd.DataFrame:
    """One row per policy that is not archived, by name.

    Columns: id, name, severities, services (lists), steps (list of {after_minutes, schedules, operators, channels}), repeats,
    repeat_after_minutes, version.
    """
    require(actor, READ)
    table = EscalationPolicy
    columns = (table.id, table.name, table.severities, table.services, table.steps, table.repeats,
               table.repeat_after_minutes, table.version)  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).where(table.archived_at.is_(None)).order_by(table.name), limit=MOST)


def one_policy(actor: Actor, policy_id: UUID) -> dict[str, Any]:
    """The columns of EscalationPolicy. Raises NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        row = rx.one(select(*EscalationPolicy.__table__.columns).where(EscalationPolicy.id == policy_id))
    if row is None:
        raise NotFound("This escalation policy does not exist, or is not among those you may see.")
    return dict(row._mapping)


def _pages() -> AnySelect:
    """Incident columns are NULL for those who may not see incidents."""
    page, incident, policy = OnCallPage, Incident, EscalationPolicy
    columns = (
        page.id, page.created_at, page.incident_id, incident.number, incident.title, incident.severity, page.policy_id,
        policy.name.label("policy"), page.status, page.round, page.step,
        func.jsonb_array_length(page.policy_steps).label("steps"), page.next_at, page.acknowledged_at,
        page.acknowledged_by_name, page.version,
    )  # fmt: skip
    return (
        select(*columns).select_from(page).outerjoin(incident, incident.id == page.incident_id)
        .outerjoin(policy, policy.id == page.policy_id)
    )  # fmt: skip


def needed(actor: Actor) -> pd.DataFrame:
    """The pages that nobody has acknowledged, the gravest and oldest first.

    Columns: id, created_at, incident_id, number, title, severity, policy_id, policy, status (open, or exhausted: there is
    nobody left to call), round, step (that comes next), steps (how many), next_at, acknowledged_at, acknowledged_by_name,
    version.
    """
    require(actor, READ)
    grave = case({"sev1": 0, "sev2": 1}, value=Incident.severity, else_=2)
    wanted = _pages().where(OnCallPage.status.in_(NEEDED)).order_by(grave, OnCallPage.created_at)
    with read(actor) as rx:
        return rx.frame(wanted, limit=MOST)


def open_count(actor: Actor) -> int:
    """How many pages nobody has acknowledged."""
    require(actor, READ)
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(OnCallPage.status.in_(NEEDED))) or 0)


def pages_of(actor: Actor, incident_id: UUID) -> pd.DataFrame:
    """The pages of one incident, the newest first; the columns of `needed`."""
    require(actor, READ)
    wanted = _pages().where(OnCallPage.incident_id == incident_id)
    with read(actor) as rx:
        return rx.frame(wanted.order_by(OnCallPage.created_at.desc(), OnCallPage.id.desc()), limit=MOST)


def history(actor: Actor, *, after: str | None = None, limit: int = 50) -> Page:
    """Every page, the newest first; the columns of `needed`."""
    require(actor, READ)
    with read(actor) as rx:
        return rx.page(_pages(), keys=[OnCallPage.created_at, OnCallPage.id], after=after, limit=limit)


def listing(actor: Actor, *, statuses: tuple[str, ...] = (), after: str | None = None, limit: int = 50) -> Listing:
    """As `history`, as plain rows, of these statuses (none: all)."""
    require(actor, READ)
    wanted = _pages().where(OnCallPage.status.in_(statuses)) if statuses else _pages()
    with read(actor) as rx:
        return rx.listing(wanted, keys=[OnCallPage.created_at, OnCallPage.id], after=after, limit=limit)


def one_page(actor: Actor, page_id: UUID) -> dict[str, Any]:
    """The columns of `needed`. Raises NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        row = rx.one(_pages().where(OnCallPage.id == page_id))
    if row is None:
        raise NotFound("This page does not exist, or is not among those you may see.")
    return dict(row._mapping)


def deliveries(actor: Actor, page_id: UUID) -> pd.DataFrame:
    """Whom a page has called, in the order of time.

    Columns: at, round, step, whom (a name; NA: nobody was on call), kind (person, channel or schedule), schedule (that named
    the person; NA: the policy itself), outcome, error, attempts, finished_at.
    """
    require(actor, READ)
    row, schedule = PageDelivery, OnCallSchedule
    columns = (row.at, row.round, row.step, row.operator_id, row.channel_id, schedule.name.label("schedule"), row.outcome,
               row.error, row.attempts, row.finished_at)  # fmt: skip
    wanted = select(*columns).outerjoin(schedule, schedule.id == row.schedule_id).where(row.page_id == page_id)
    with read(actor) as rx:
        frame = rx.frame(wanted.order_by(row.at, row.round, row.step, row.id), limit=1_000)
    return _named(frame)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    persons = people.names(UUID(one) for one in frame["operator_id"].dropna())
    channels = channel_names(UUID(one) for one in frame["channel_id"].dropna())
    names = {str(key): name for key, name in {**persons, **channels}.items()}
    whom = frame["operator_id"].fillna(frame["channel_id"])
    kind = ["person" if known else "channel" if channel else "schedule"
            for known, channel in zip(frame["operator_id"].notna(), frame["channel_id"].notna(), strict=True)]  # fmt: skip
    frame.insert(3, "whom", whom.map(names).astype("string"))
    frame.insert(4, "kind", pd.Series(kind, dtype="string"))
    return frame.drop(columns=["operator_id", "channel_id"])


def channel_names(ids: Any) -> dict[UUID, str]:
    """The names of these alert channels; who may see a page may know them, and nothing else of a channel."""
    wanted = set(ids)
    if not wanted:
        return {}
    with read(Actor.system("on-call")) as rx:
        return {
            row.id: row.name
            for row in rx.rows(select(AlertChannel.id, AlertChannel.name).where(AlertChannel.id.in_(wanted)))
        }
