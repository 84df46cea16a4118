"""What the updates of one incident come to: a ticket and what happened to it, in order. Pure.

The facts of an incident are on the update with the highest count. Every row of a log repeats the times of resolution and
closing that the incident had in the end, so they count only when the last state says that it came to them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from core.support.importing.reading import Update

ENDED = ("resolved", "closed")
NOBODY = "Import"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the log to be."""

    at: datetime
    kind: str
    before: str | None
    after: str | None
    by: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket to be. `is_guessed` when it ended and the log does not say when it was resolved: then the last change to
    resolved counts, else the closing."""

    number: str
    subject: str
    description: str
    requester: str
    status: str
    priority: str
    category: str | None
    group: str | None
    assignee: str | None
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    reopen_count: int
    is_guessed: bool
    steps: tuple[Step, ...]


def misplaced(updates: Sequence[Update]) -> list[Update]:
    """Those whose count another update has too, and whose time does not fit between the updates before and after."""
    times = Counter(one.count for one in updates)
    return [one for one in updates if times[one.count] > 1 and not _fits(one, updates)]


def _fits(one: Update, updates: Sequence[Update]) -> bool:
    before = (other.at for other in updates if other.count < one.count)
    after = (other.at for other in updates if other.count > one.count)
    return max(before, default=one.opened_at) <= one.at <= min(after, default=one.at)


def incident(number: str, updates: Sequence[Update]) -> Incident:
    """Of at least one update; they are put into the order of their counts."""
    ordered = sorted(updates, key=lambda one: (one.count, one.at))
    facts = ordered[-1]
    steps, status = _ended(_steps(ordered, facts.opened_at), facts)
    resolved_at = _last(steps, "resolved") if status in ENDED else None
    told = dict(facts.told)
    about = [told[name] for name in ("Category", "Subcategory", "Symptom") if name in told]
    return Incident(
        number, f"{number}: {', '.join(about) or 'no category'}", "\n".join(f"{k}: {v}" for k, v in facts.told),
        told.get("Caller", "Unknown caller"), status, facts.priority, facts.category, facts.group, facts.assignee,
        facts.opened_at, max(steps[-1].at, facts.opened_at), resolved_at, _last(steps, "closed") if status == "closed" else None,
        facts.reopened, resolved_at is not None and facts.resolved_at is None, tuple(steps),
    )  # fmt: skip


def _steps(ordered: Sequence[Update], opened_at: datetime) -> list[Step]:
    """From created to the last change, none before the incident was opened."""
    first, status = ordered[0], ordered[0].status or "open"
    by = first.by or NOBODY
    known = {"priority": first.priority, "channel": "import", "category": first.category}
    steps = [Step(opened_at, "created", None, "open", by, known)]
    steps += _given(None, first.group, "team", opened_at, by) + _given(None, first.assignee, "assignee", opened_at, by)
    steps += _given("open", status, "status", max(first.at, opened_at), by)
    for before, after in pairwise(ordered):
        at, who = max(after.at, steps[-1].at), after.by or NOBODY
        steps += _given(before.priority, after.priority, "priority", at, who)
        steps += _given(before.category, after.category, "category", at, who)
        steps += _given(before.group, after.group, "team", at, who)
        steps += _given(before.assignee, after.assignee, "assignee", at, who)
        following = _following(status, before, after)
        steps += _given(status, following, "status", at, who)
        status = following
    return steps


def _given(before: str | None, after: str | None, kind: str, at: datetime, by: str) -> list[Step]:
    return [] if before == after else [Step(at, kind, before, after, by)]


def _following(status: str, before: Update, after: Update) -> str:
    """The state after an update. What leaves an end, or counts one more reopening, is reopened, until it waits or ends again."""
    wanted = after.status or status
    if wanted in (*ENDED, "waiting"):
        return wanted
    was_ended = status in ENDED
    if was_ended or after.reopened > before.reopened:
        return "reopened"
    return "reopened" if status == "reopened" else wanted


def _ended(steps: list[Step], facts: Update) -> tuple[list[Step], str]:
    """The same with resolution and closing at the times that the facts name, and the state it ends in.

    An incident that was closed without having been resolved is resolved first.
    """
    places = _changes(steps)
    status = steps[places[-1]].after or "open" if places else "open"
    if status not in ENDED:
        return steps, status
    if status == "closed":
        steps = _moved(steps, places[-1], facts.closed_at)
        places = _changes(steps)
    last = places[-1]
    before = places[-2] if len(places) > 1 else 0
    if status == "resolved" or (len(places) > 1 and steps[before].after == "resolved"):
        return _moved(steps, last if status == "resolved" else before, facts.resolved_at), status
    closed = steps[last]
    at = _between(facts.resolved_at or closed.at, steps[last - 1].at, closed.at)
    resolved = Step(at, "status", closed.before, "resolved", closed.by)
    ending = Step(closed.at, "status", "resolved", "closed", closed.by)
    return [*steps[:last], resolved, ending, *steps[last + 1 :]], status


def _changes(steps: Sequence[Step]) -> list[int]:
    return [place for place, one in enumerate(steps) if one.kind == "status"]


def _moved(steps: list[Step], place: int, at: datetime | None) -> list[Step]:
    """The step at another time, though never before the one before it nor after the next change of state."""
    if at is None:
        return steps
    one = steps[place]
    later = [step.at for step in steps[place + 1 :] if step.kind == "status"]
    at = _between(at, steps[place - 1].at if place else one.at, later[0] if later else at)
    moved = Step(at, one.kind, one.before, one.after, one.by, one.detail)
    return sorted([*steps[:place], moved, *steps[place + 1 :]], key=lambda step: step.at)


def _between(at: datetime, first: datetime, last: datetime) -> datetime:
    return max(first, min(at, last))


def _last(steps: Sequence[Step], status: str) -> datetime | None:
    return next((one.at for one in reversed(steps) if one.kind == "status" and one.after == status), None)
