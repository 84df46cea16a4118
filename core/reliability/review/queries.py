"""Reads of post-mortems and action items."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, func, or_, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.times import utc_now
from core.reliability.incidents import people, rules
from core.reliability.incidents.models import Incident
from core.reliability.review.models import ActionItem, PostMortem

_ITEM = (
    ActionItem.id, ActionItem.incident_id, ActionItem.title, ActionItem.owner_id, ActionItem.due_on, ActionItem.priority,
    ActionItem.status, ActionItem.note, ActionItem.done_at, ActionItem.done_by_name, ActionItem.created_at,
    ActionItem.version, Incident.number, Incident.title.label("incident"), Incident.severity,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Of action items; nothing does not filter. `is_overdue`: open, and due before today (UTC)."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    owner_ids: tuple[UUID, ...] = ()
    incident_id: UUID | None = None
    is_overdue: bool = False


def post_mortem(actor: Actor, incident_id: UUID) -> dict[str, Any] | None:
    """The post-mortem of an incident with its owner's name as `owner`, or None before it was begun. Raises Denied."""
    require(actor, "incidents:read")
    with read(actor) as rx:
        found = rx.one(select(*PostMortem.__table__.c).where(PostMortem.incident_id == incident_id))
    if found is None:
        return None
    row = dict(found._mapping)
    return row | {"owner": people.names([row["owner_id"]]).get(row["owner_id"])}


def directory(actor: Actor, *, statuses: tuple[str, ...] = (), after: str | None = None, limit: int = 50) -> Page:
    """Resolved incidents and where their post-mortems are, the latest first: incident_id, reference, title, severity,
    resolved_at, status (none, draft, review, approved), owner, reviewed_by_name, items, items_open. Raises Denied."""
    require(actor, "incidents:read")
    status = func.coalesce(PostMortem.status, "none")
    found = (
        select(
            Incident.id.label("incident_id"), Incident.number, Incident.title, Incident.severity, Incident.resolved_at,
            status.label("status"), PostMortem.owner_id, PostMortem.reviewed_by_name, _count().label("items"),
            _count(ActionItem.status == "open").label("items_open"),
        )
        .join(PostMortem, PostMortem.incident_id == Incident.id, isouter=True)
        .where(Incident.resolved_at.is_not(None), Incident.merged_into_id.is_(None))
    )  # fmt: skip
    if statuses:
        found = found.where(status.in_(statuses))
    with read(actor) as rx:
        page = rx.page(found, keys=[Incident.resolved_at, Incident.id], after=after, limit=limit, descending=True)
    return Page(_told(page.frame), page.next)


def _count(*conditions: Any) -> Any:
    own = select(func.count()).select_from(ActionItem)
    return own.where(ActionItem.incident_id == Incident.id, *conditions).correlate(Incident).scalar_subquery()


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    names = {str(key): name for key, name in people.names(UUID(one) for one in frame["owner_id"].dropna()).items()}
    owners = [names.get(one) if isinstance(one, str) else None for one in frame["owner_id"]]
    references = [rules.number_of(one) for one in frame["number"]]
    return frame.assign(owner=pd.array(owners, dtype="string"), reference=pd.array(references, dtype="string"))


def items(actor: Actor, filters: Filters = Filters(), *, after: str | None = None, limit: int = 50) -> Page:
    """Action items, those due first in front, those without a day last: id, incident_id, title, owner_id, owner, due_on,
    priority, status, note, done_at, done_by_name, created_at, version, reference, incident (its title), severity,
    is_overdue. Raises Denied."""
    require(actor, "incidents:read")
    late = func.coalesce(and_(ActionItem.status == "open", ActionItem.due_on < _today()), False).label("is_overdue")
    found = _narrowed(select(*_ITEM, late).join(Incident, Incident.id == ActionItem.incident_id), filters)
    keys = [ActionItem.due_on, ActionItem.id]
    with read(actor) as rx:
        page = rx.page(found, keys=keys, after=after, limit=limit, descending=False, nulls_last=True)
    return Page(_told(page.frame), page.next)


def _today() -> date:
    return utc_now().date()


def _narrowed(found: AnySelect, filters: Filters) -> AnySelect:
    lists = (
        (ActionItem.status, filters.statuses), (ActionItem.priority, filters.priorities),
        (ActionItem.owner_id, filters.owner_ids),
    )  # fmt: skip
    found = found.where(*(column.in_(values) for column, values in lists if values))
    if filters.incident_id is not None:
        found = found.where(ActionItem.incident_id == filters.incident_id)
    if filters.is_overdue:
        found = found.where(ActionItem.status == "open", ActionItem.due_on < _today())
    if text := filters.text.strip():
        like = f"%{text.replace('%', '').replace('_', '')[:200]}%"
        found = found.where(or_(ActionItem.title.ilike(like), Incident.title.ilike(like)))
    return found


def counts(actor: Actor) -> dict[str, int]:
    """How many action items are `open` and `overdue`, and how many post-mortems wait for a `review`. Raises Denied."""
    require(actor, "incidents:read")
    is_open = ActionItem.status == "open"
    counted = select(
        func.count().filter(is_open).label("open"),
        func.count().filter(is_open, ActionItem.due_on < _today()).label("overdue"),
        select(func.count())
        .select_from(PostMortem)
        .where(PostMortem.status == "review")
        .scalar_subquery()
        .label("review"),
    )
    with read(actor) as rx:
        row = rx.one(counted)
    return {name: int(value) for name, value in row._mapping.items()} if row else {}
