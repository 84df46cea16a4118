"""Replay: how many tickets of a past period would have met other targets."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Text, cast, func, select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.support.sla import course, reading, rules, terms
from core.support.sla.course import Course
from core.support.sla.models import TARGETS
from core.support.sla.reading import Story
from core.support.tickets.models import PRIORITIES, Ticket

LIMIT = 10_000
_BATCH = 2_000
COLUMNS = ("priority", "target", "tickets", "met_before", "tickets_after", "met_after")
Tally = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Replay:
    """`frame`: a row per priority and target that any ticket had: how many tickets are decided under their own terms and how
    many of them met it, and the same under the other targets. `examined` of `tickets` were computed, an even sample."""

    tickets: int
    examined: int
    frame: pd.DataFrame


def run(
    actor: Actor, *, since: datetime, until: datetime, targets: Mapping[str, Any], calendar_id: UUID | None = None
) -> Replay:
    """Tickets created from since to until, each by its priority of today. With a calendar, counted by that one instead of
    its own. A clock counts when it is over or past its target. Raises Invalid."""
    require(actor, "support_settings:read")
    require(actor, "tickets:read")
    if until <= since:
        raise Invalid("The period ends before it begins.")
    wanted = rules.clean({"targets": targets}, ("targets",))["targets"]
    with read(actor, timeout_ms=20_000) as rx:
        within = (Ticket.created_at >= since, Ticket.created_at < until)
        total = int(rx.value(select(func.count()).select_from(Ticket).where(*within)))
        # A digest of the id is as good as chance, and the same tickets are drawn each time.
        sample = (
            select(Ticket.id).where(*within, Ticket.terms_id.is_not(None)).order_by(func.md5(cast(Ticket.id, Text)))
        )
        ids = list(rx.session.scalars(sample.limit(LIMIT)))
        calendar = terms.calendar_of(rx.session, calendar_id) if calendar_id else None
        before, after = Tally(), Tally()
        for start in range(0, len(ids), _BATCH):
            stories = reading.stories(rx.session, ids[start : start + _BATCH])
            contents = reading.contents(rx.session, {one.terms_id for one in stories})
            for story in stories:
                content = contents[story.terms_id]
                _count(before, story, content)
                _count(after, story, content | {"targets": wanted, "calendar": calendar or content["calendar"]})
    return Replay(total, len(ids), _frame(before, after))


def _count(tally: Tally, story: Story, content: Mapping[str, Any]) -> None:
    now = utc_now()
    for target, one in course.courses(content, story.events).items():
        outcome = _outcome(one, now)
        if outcome:
            tally[story.priority, target, outcome] += 1


def _outcome(one: Course, now: datetime) -> str | None:
    if one.state in ("met", "missed"):
        return one.state
    return "missed" if one.breached_at(now) else None


def _frame(before: Tally, after: Tally) -> pd.DataFrame:
    rows = []
    for priority in PRIORITIES:
        for target in TARGETS:
            counts = [tally[priority, target, outcome] for tally in (before, after) for outcome in ("met", "missed")]
            if any(counts):
                rows.append((priority, target, counts[0] + counts[1], counts[0], counts[2] + counts[3], counts[2]))
    return pd.DataFrame(rows, columns=list(COLUMNS))
