"""What of maintenance is public: the announcements, and when their windows are."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.health.maintenance import rules as windows
from core.health.maintenance.models import MaintenanceWindow
from core.reliability.status_page.models import StatusMaintenance
from core.reliability.status_page.snapshot import Maintenance
from core.reliability.status_page.told import SHOWN, plain

AHEAD = timedelta(days=30)
MOST_ANNOUNCED, MOST_UPCOMING = 100, 3
_COLUMNS = (
    StatusMaintenance.id, StatusMaintenance.title, StatusMaintenance.body, StatusMaintenance.component_ids,
    StatusMaintenance.created_at, StatusMaintenance.updated_at, MaintenanceWindow.starts_at, MaintenanceWindow.duration_s,
    MaintenanceWindow.rule, MaintenanceWindow.zone, MaintenanceWindow.covers,
)  # fmt: skip
_ON_PAGE = and_(StatusMaintenance.withdrawn_at.is_(None), MaintenanceWindow.cancelled_at.is_(None))


def _announced() -> Any:
    return select(*_COLUMNS).join(MaintenanceWindow, MaintenanceWindow.id == StatusMaintenance.window_id)


def maintenances(session: Session, now: datetime, component_ids: set[str]) -> list[Maintenance]:
    """Occurrences that run, come within 30 days (the next three of each), or were within 90 days, by their start."""
    recent = or_(MaintenanceWindow.over_at.is_(None), MaintenanceWindow.over_at >= now - SHOWN)
    wanted = _announced().where(_ON_PAGE, recent).order_by(MaintenanceWindow.starts_at.desc())
    rows = session.execute(wanted.limit(MOST_ANNOUNCED)).all()
    found = [one for row in rows for one in _occurrences(row, now, component_ids)]
    return sorted(found, key=lambda one: (one.since, str(one.id)))


def next_of(session: Session, maintenance_id: UUID, now: datetime, component_ids: set[str]) -> Maintenance | None:
    """The occurrence of an announcement that runs or comes next, however far off; None when there is none."""
    row = session.execute(_announced().where(_ON_PAGE, StatusMaintenance.id == maintenance_id)).first()
    spans = windows.occurrences(row, now, max(now, row.starts_at) + timedelta(days=400)) if row is not None else []
    return _maintenance(row, *spans[0], now, component_ids) if spans else None


def title_of(session: Session, maintenance_id: UUID) -> str | None:
    """What an announcement, also a withdrawn one, is called."""
    title = session.scalar(select(StatusMaintenance.title).where(StatusMaintenance.id == maintenance_id))
    return plain(title) if title else None


def _occurrences(row: Any, now: datetime, component_ids: set[str]) -> list[Maintenance]:
    spans = windows.occurrences(row, now - SHOWN, now + AHEAD)
    upcoming = [span for span in spans if span[0] > now][:MOST_UPCOMING]
    begun = [span for span in spans if span[0] <= now and span[1] > row.created_at]
    return [_maintenance(row, since, until, now, component_ids) for since, until in [*begun, *upcoming]]


def _maintenance(row: Any, since: datetime, until: datetime, now: datetime, component_ids: set[str]) -> Maintenance:
    status = "scheduled" if since > now else "in_progress" if until > now else "completed"
    named = tuple(str(key) for key in row.component_ids if str(key) in component_ids)
    return Maintenance(
        id=uuid5(row.id, since.isoformat()), title=plain(row.title), body=plain(row.body), status=status, since=since,
        until=until, created_at=row.created_at, updated_at=_turned(row, since, until, now), component_ids=named,
    )  # fmt: skip


def _turned(row: Any, since: datetime, until: datetime, now: datetime) -> datetime:
    """When it last became something else: edited, begun or done."""
    moment: datetime = max(one for one in (row.updated_at, row.created_at, since, until) if one <= now)
    return moment
