"""When maintenance that does not count runs: the occurrences of the windows in a stretch of time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from core.health.maintenance import rules
from core.health.maintenance.models import MaintenanceWindow
from core.reliability.sla.spans import Open


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A window that runs from `since` to `until`, which are within the stretch."""

    window_id: UUID
    since: datetime
    until: datetime


def occurrences(tx: Open, begin: datetime, end: datetime) -> list[Occurrence]:
    """Of windows whose maintenance is excluded; one that was cancelled ran until then."""
    table = MaintenanceWindow
    touching = (
        table.policy == "excluded",
        table.starts_at < end,
        or_(table.over_at.is_(None), table.over_at > begin),
        or_(table.cancelled_at.is_(None), table.cancelled_at > begin),
    )
    found = []
    for window in tx.session.scalars(select(table).where(*touching).order_by(table.id)):
        last = min(end, window.cancelled_at or end)
        spans = ((max(since, begin), min(until, last)) for since, until in rules.occurrences(window, begin, last))
        found += [Occurrence(window.id, since, until) for since, until in spans if since < until]
    return found
