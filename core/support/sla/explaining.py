"""Why a ticket's clocks stand where they stand: every stretch that ran or rested, with its cause and the calendar's rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.support.sla import course, reading, worktime
from core.support.sla.course import Course, Event, Span
from core.support.sla.models import SlaTerms

PARTS = 60  # of one stretch; what is longer is told as a whole
SHORTEST = timedelta(seconds=1)  # events of one act are microseconds apart, which nobody needs to read


class Part(NamedTuple):
    """A part of a stretch that ran: from, until, the working seconds that counted, and the rule of the calendar."""

    since: datetime
    until: datetime
    counted_s: float
    rule: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch that ran or rested; `parts` where it ran by a calendar with hours. The last one ends now."""

    since: datetime
    until: datetime
    is_running: bool
    is_open: bool
    cause: str
    counted_s: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One clock as it stands now."""

    target: str
    state: str
    target_s: int
    elapsed_s: float
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The terms that a ticket keeps (`content` as SlaTerms has it, kept since `kept_at`) and its clocks."""

    content: Mapping[str, Any] | None
    kept_at: datetime | None
    clocks: tuple[Explained, ...]


_CAUSES = {
    "created": "The ticket was created",
    "customer": "The customer wrote after an answer",
    "reply": "An agent replied",
}
STATES = {
    "open": "nobody has it yet", "in_progress": "it is worked on", "waiting": "it waits for the customer",
    "resolved": "it was resolved", "closed": "it was closed", "reopened": "it was reopened",
}  # fmt: skip


def explain(actor: Actor, ticket_id: UUID, *, now: datetime | None = None) -> Explanation:
    """The clocks computed afresh from the log, as they are at this moment. Raises NotFound."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        stories = reading.stories(rx.session, [ticket_id])
        if not stories:
            raise NotFound("This ticket does not exist, or is not among those you may see.")
        (story,) = stories
        terms = rx.one(select(SlaTerms.content, SlaTerms.created_at).where(SlaTerms.id == story.terms_id))
    if terms is None:
        return Explanation(None, None, ())
    at = now or utc_now()
    found = course.courses(terms.content, story.events)
    return Explanation(terms.content, terms.created_at, tuple(_explained(one, at) for one in found.values()))


def _explained(one: Course, now: datetime) -> Explained:
    return Explained(
        one.target, one.state, one.target_s, one.elapsed_s(now), one.started_at, one.stopped_at,
        one.due_at if one.state == "running" else None, one.breached_at(now),
        tuple(_stretch(one.calendar, span, now) for span in one.spans if (span.end or now) - span.start >= SHORTEST),
    )  # fmt: skip


def _stretch(calendar: Mapping[str, Any], span: Span, now: datetime) -> Stretch:
    until = span.end or now
    counted = worktime.working_seconds(calendar, span.start, until) if span.is_running else 0.0
    parts = _parts(calendar, span.start, until) if span.is_running else ()
    return Stretch(span.start, until, span.is_running, span.end is None, cause_of(span.cause), counted, parts)


def cause_of(event: Event) -> str:
    """The event that began a stretch, as a sentence without its end."""
    if event.kind == "status":
        return f"From here on {STATES.get(event.after or '', 'its state is another')}"
    return _CAUSES[event.kind]


def _parts(calendar: Mapping[str, Any], since: datetime, until: datetime) -> tuple[Part, ...]:
    """None for a calendar that counts every hour, and none where there would be too many to read."""
    if calendar["is_always"]:
        return ()
    segments = worktime.segments(calendar, since, until)
    if len(segments) > PARTS:
        return ()
    return tuple(
        Part(one.start, one.end, (one.end - one.start).total_seconds() if one.is_working else 0.0, _rule(one))
        for one in segments
    )


def _rule(segment: worktime.Segment) -> str:
    if segment.holiday:
        return f"Holiday: {segment.holiday}"
    return "Working hours" if segment.is_working else "Outside working hours"
