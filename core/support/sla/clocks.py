"""Storing clocks: what the courses of many tickets say, in one statement each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.support.sla.course import Course

_TYPES = {
    "ticket_id": "uuid", "target": "text", "tenant_id": "uuid", "state": "text", "started_at": "timestamptz",
    "stopped_at": "timestamptz", "target_s": "bigint", "elapsed_s": "bigint", "at_50": "timestamptz",
    "at_75": "timestamptz", "at_90": "timestamptz", "due_at": "timestamptz", "breached_at": "timestamptz",
}  # fmt: skip
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _TYPES.items())
_NAMES = ", ".join(_TYPES)
_RENEWED = ", ".join(f"{name} = excluded.{name}" for name in (*list(_TYPES)[2:], "computed_at"))
# A level stays told while the same cycle goes on, unless its share is no longer used up. Read from the row itself, because
# a level may have been told since this transaction began.
_USED = (
    "CASE WHEN excluded.due_at <= :now THEN 100 WHEN excluded.at_90 <= :now THEN 90"
    " WHEN excluded.at_75 <= :now THEN 75 WHEN excluded.at_50 <= :now THEN 50 ELSE 0 END"
)
_LEVEL = (
    "CASE WHEN old.started_at <> excluded.started_at THEN 0 WHEN excluded.state <> 'running' THEN old.level"
    f" ELSE least(old.level, {_USED}) END"
)
_NEXT = (
    f"CASE {_LEVEL} WHEN 0 THEN excluded.at_50 WHEN 50 THEN excluded.at_75 WHEN 75 THEN excluded.at_90"
    " WHEN 90 THEN excluded.due_at END"
)
_STORE = text(
    f"INSERT INTO ticket_clock AS old ({_NAMES}, level, next_at, computed_at)"
    f" SELECT {_NAMES}, 0, at_50, :now FROM unnest({_ARRAYS}) AS new ({_NAMES})"
    f" ON CONFLICT (ticket_id, target) DO UPDATE SET {_RENEWED}, level = {_LEVEL}, next_at = {_NEXT}"
)
_FORGET = text(
    "DELETE FROM ticket_clock WHERE ticket_id = ANY (CAST(:ids AS uuid[])) AND NOT EXISTS"
    " (SELECT FROM unnest(CAST(:ticket_id AS uuid[]), CAST(:target AS text[])) AS kept (ticket_id, target)"
    " WHERE kept.ticket_id = ticket_clock.ticket_id AND kept.target = ticket_clock.target)"
)
_KEEP = text(
    "UPDATE ticket SET due_at = new.due_at, sla_state = new.sla_state, terms_id = new.terms_id"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:due_at AS timestamptz[]), CAST(:sla_state AS text[]), CAST(:terms_id AS uuid[]))"
    " AS new (id, due_at, sla_state, terms_id) WHERE ticket.id = new.id AND (ticket.due_at, ticket.sla_state, ticket.terms_id)"
    " IS DISTINCT FROM (new.due_at, new.sla_state, new.terms_id)"
)

Found = Sequence[tuple[Any, Mapping[str, Course]]]
Kept = Sequence[tuple[UUID, datetime | None, str, UUID | None]]


def store(session: Session, found: Found, now: datetime) -> None:
    """Writes the clocks of tickets; each ticket has an id and a tenant_id."""
    rows = [_row(ticket, one, now) for ticket, courses in found for one in courses.values()]
    if rows:
        columns = zip(*rows, strict=True)
        session.execute(
            _STORE, {**{name: list(column) for name, column in zip(_TYPES, columns, strict=True)}, "now": now}
        )


def _row(ticket: Any, one: Course, now: datetime) -> tuple[Any, ...]:
    marks = one.marks if one.state == "running" else {}
    return (
        ticket.id, one.target, ticket.tenant_id, one.state, one.started_at, one.stopped_at, one.target_s,
        int(one.elapsed_s(now)), marks.get(50), marks.get(75), marks.get(90), marks.get(100), one.breached_at(now),
    )  # fmt: skip


def forget_others(session: Session, found: Found) -> None:
    """Removes clocks of these tickets that their terms no longer ask for."""
    kept = [(ticket.id, target) for ticket, courses in found for target in courses]
    session.execute(_FORGET, {
        "ids": [ticket.id for ticket, _ in found], "ticket_id": [one for one, _ in kept], "target": [one for _, one in kept],
    })  # fmt: skip


def keep(session: Session, values: Kept) -> None:
    """What tickets keep of their clocks, for sorting: no edit of theirs, so their version stays."""
    names = ("ids", "due_at", "sla_state", "terms_id")
    session.execute(_KEEP, {name: [row[place] for row in values] for place, name in enumerate(names)})
