"""What of incidents is public: the words that were sent to the page, and nothing that was said inside."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.reliability.communication.models import IncidentMessage
from core.reliability.incidents.models import Incident as IncidentRow
from core.reliability.status_page import history, state
from core.reliability.status_page.snapshot import Incident, Update

SHOWN = timedelta(days=history.DAYS)
MOST_INCIDENTS = 200
UNNAMED = "Service disruption"
_COLUMNS = (
    IncidentRow.id, IncidentRow.public_title, IncidentRow.severity, IncidentRow.status, IncidentRow.started_at,
    IncidentRow.resolved_at,
)  # fmt: skip
# What XML 1.0 has no way to hold (section 2.2), and neither has a page.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def plain(text: str | None) -> str:
    """The text as every format of the page can hold it."""
    return _CONTROLS.sub("", text or "").replace("\r\n", "\n").strip()


def incidents(session: Session, now: datetime, component_ids: set[str]) -> list[Incident]:
    """Those that are live or ended within 90 days, newest first; at most 200."""
    table = IncidentRow
    recent = or_(table.resolved_at.is_(None), table.resolved_at >= now - SHOWN)
    public = select(*_COLUMNS).where(table.is_public, recent).order_by(table.started_at.desc(), table.id)
    rows = session.execute(public.limit(MOST_INCIDENTS)).all()
    messages = _messages(session, [row.id for row in rows])
    return [_incident(row, messages[row.id], component_ids) for row in rows if row.id in messages]


def incident_of(session: Session, message_id: UUID, component_ids: set[str]) -> tuple[Incident, Update] | None:
    """The incident that a sent message tells of, and the message as an update; None when there is no such one."""
    message = IncidentMessage
    joined = select(*_COLUMNS).join(message, message.incident_id == IncidentRow.id)
    row = session.execute(joined.where(message.id == message_id, IncidentRow.is_public)).first()
    messages = _messages(session, [row.id]) if row is not None else {}
    if row is None or row.id not in messages:
        return None
    one = _incident(row, messages[row.id], component_ids)
    update = next((update for update in one.updates if update.id == message_id), None)
    return (one, update) if update is not None else None


def _messages(session: Session, incident_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The sent ones of each incident, oldest first."""
    table = IncidentMessage
    columns = (
        table.id,
        table.incident_id,
        table.incident_status,
        table.subject,
        table.body,
        table.sent_at,
        table.components,
    )
    sent = (table.channel == "status_page", table.status == "sent", table.sent_at.is_not(None))
    held: dict[UUID, list[Any]] = {}
    for row in session.execute(
        select(*columns).where(table.incident_id.in_(incident_ids), *sent).order_by(table.sent_at, table.id)
    ):
        held.setdefault(row.incident_id, []).append(row)
    return held


def _incident(row: Any, messages: Sequence[Any], component_ids: set[str]) -> Incident:
    """The public words alone: the title that was chosen for it, and the state that the last update told."""
    updates = [_update(one, component_ids) for one in messages]
    last, is_over = updates[-1], row.status in ("resolved", "closed")
    status = "resolved" if is_over else last.status
    ended = (row.resolved_at or last.at) if status == "resolved" else None
    titles = [row.public_title, *(one.subject for one in messages)]
    named = dict.fromkeys(key for one in updates for key in one.components)
    return Incident(
        id=row.id, title=next((text for text in map(plain, titles) if text), UNNAMED), status=status,
        impact=state.IMPACTS[row.severity], started_at=row.started_at, created_at=updates[0].at,
        updated_at=max(last.at, ended or last.at),
        monitoring_at=next((one.at for one in updates if one.status == "monitoring"), None), resolved_at=ended,
        updates=tuple(reversed(updates)), component_ids=tuple(named),
    )  # fmt: skip


def _update(row: Any, component_ids: set[str]) -> Update:
    told = {key: value for key, value in row.components.items() if key in component_ids and value in state.SETTABLE}
    status = "resolved" if row.incident_status == "closed" else row.incident_status
    return Update(row.id, status, plain(row.body), row.sent_at, told)
