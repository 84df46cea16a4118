"""What an edit of a calendar or a policy would change for open tickets, if it were reapplied to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now
from core.support.sla import choosing, course, reading, rules, terms
from core.support.sla.reading import Story
from core.support.tickets.models import ACTIVE, Ticket

LIMIT = 20_000
SHOWN = 200
_BATCH = 2_000
_COLUMNS = ("ticket_id", "number", "subject", "priority", "policy", "before", "after")


@dataclass(frozen=True, slots=True)
class Effects:
    """What was looked at and found. Frames: one row per ticket, at most SHOWN; columns as in _COLUMNS, states as text.

    `examined` of `open_tickets` were computed, the newest; `moved` of them would be under other terms than now.
    """

    examined: int
    open_tickets: int
    moved: int
    breached: int
    freed: int
    newly_breached: pd.DataFrame
    newly_freed: pd.DataFrame


def of_calendar(actor: Actor, calendar_id: UUID, values: Mapping[str, Any]) -> Effects:
    """The effects of these values of a calendar (name, time_zone, is_always, periods, holidays). Raises Invalid."""
    cleaned = rules.clean(values, rules.CALENDAR)
    rules.require_hours(cleaned["is_always"], cleaned["periods"])
    return _effects(actor, terms.Edit(calendar_id=calendar_id, calendar=cleaned))


def of_policy(actor: Actor, policy_id: UUID | None, values: Mapping[str, Any]) -> Effects:
    """The effects of these values of a policy; without an id, of a new one. Raises Invalid."""
    return _effects(actor, terms.Edit(policy_id=policy_id, policy=rules.clean(values, rules.POLICY)))


def _effects(actor: Actor, edit: terms.Edit) -> Effects:
    require(actor, "support_settings:read")
    require(actor, "tickets:read")
    with read(actor, timeout_ms=20_000) as rx:
        is_open = Ticket.status.in_(ACTIVE)
        total = int(rx.value(select(func.count()).select_from(Ticket).where(is_open)))
        newest = select(Ticket.id).where(is_open).order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(LIMIT)
        ids = list(rx.session.scalars(newest))
        found = list(_changes(rx.session, ids, terms.of_today(rx.session, edit)))
        breached = [one for one in found if one.is_late and not one.was_late]
        freed = [one for one in found if one.was_late and not one.is_late]
        frames = [_frame(rx, part[:SHOWN]) for part in (breached, freed)]
    return Effects(len(ids), total, len(found), len(breached), len(freed), *frames)


class Change(NamedTuple):
    """A ticket that would come under other terms: its state now and then, and whether one of its clocks is late."""

    story: Story
    policy: str
    before: str
    after: str
    was_late: bool
    is_late: bool


def _changes(session: Session, ticket_ids: Sequence[UUID], offered: Sequence[terms.Terms]) -> Iterator[Change]:
    now = utc_now()
    for story, old, new in _moved(session, ticket_ids, offered):
        before = course.courses(old, story.events) if old else {}
        after = course.courses(new.content, story.events) if new else {}
        yield Change(
            story, str(new.content["policy"]) if new else "", course.sla_state(before, now), course.sla_state(after, now),
            _late(before, now), _late(after, now),
        )  # fmt: skip


def _late(found: Mapping[str, course.Course], now: datetime) -> bool:
    return any(one.breached_at(now) for one in found.values() if one.stopped_at is None)


Moved = tuple[Story, dict[str, Any] | None, terms.Terms | None]


def _moved(session: Session, ticket_ids: Sequence[UUID], offered: Sequence[terms.Terms]) -> Iterator[Moved]:
    """The tickets that would come under other terms than those they have."""
    known: dict[tuple[UUID | None, UUID | None], bool] = {}
    contents: dict[UUID | None, dict[str, Any]] = {}
    for start in range(0, len(ticket_ids), _BATCH):
        stories = reading.stories(session, ticket_ids[start : start + _BATCH])
        chosen = choosing.chosen(session, stories, offered)
        contents |= reading.contents(session, {one.terms_id for one in stories} - contents.keys())
        for story in stories:
            old, new = contents.get(story.terms_id), chosen[story.id]
            pair = (story.terms_id, new.policy_id if new else None)
            if pair not in known:
                known[pair] = old == (new.content if new else None)
            if not known[pair]:
                yield story, old, new


def under_other_terms(session: Session, ticket_ids: Sequence[UUID]) -> Iterator[tuple[Story, str]]:
    """Those of the tickets whose terms are not the ones of today, each with the name of the policy of today."""
    for story, _, new in _moved(session, ticket_ids, terms.of_today(session)):
        yield story, str(new.content["policy"]) if new else ""


def _frame(rx: Reading, changes: Sequence[Change]) -> pd.DataFrame:
    """The tickets as they are shown, one row each."""
    listed = {one.story.id: one for one in changes}
    rows = rx.rows(select(Ticket.id, Ticket.number, Ticket.subject, Ticket.priority).where(Ticket.id.in_(listed)))
    rows.sort(key=lambda row: int(row.number))
    told = [(str(row.id), row.number, row.subject, row.priority, *listed[row.id][1:4]) for row in rows]
    return pd.DataFrame(told, columns=list(_COLUMNS))
