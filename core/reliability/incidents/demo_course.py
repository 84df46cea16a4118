"""The course of a demo incident: its row and its timeline."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.reliability.incidents import rules
from core.reliability.incidents.archiving import KEPT
from core.reliability.incidents.demo_stories import Story

Person = tuple[str, UUID, str]  # role, id, name
_CLOSED_AFTER = timedelta(days=2)


@dataclass
class Course:
    """`row` and `events` as they are stored; an event gets its id at the end."""

    story: Story
    row: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, at: datetime, kind: str, text: str, *, by: str, is_key: bool = False, **detail: Any) -> None:
        self.events.append({
            "incident_id": self.row["id"], "at": at, "kind": kind, "text": text, "actor_id": None, "actor_name": by,
            "source": None, "source_id": None, "detail": detail, "is_key": is_key, "created_at": at,
        })  # fmt: skip

    def merge(self, into: "Course") -> None:
        """It goes on in the other."""
        at = self.row["declared_at"] + timedelta(minutes=20)
        self.row |= {
            "merged_into_id": into.row["id"],
            "status": "closed",
            "resolved_at": at,
            "closed_at": at,
            "updated_at": at,
        }
        lead = into.row["reported_by_name"]
        self.tell(at, "merged", "Merged into another incident", by=lead, is_key=True, into=str(into.row["id"]))
        told = f"Another incident was merged into this: {self.story.title}"
        into.tell(at, "merged", told, by=lead, is_key=True, merged=str(self.row["id"]))


def course(random: Random, story: Story, started_at: datetime, now: datetime, lead: Person) -> Course:
    """From the beginning as far as the story goes."""
    made = Course(story, _row(random, story, started_at, lead))
    steps = [started_at + timedelta(minutes=one) for one in story.minutes]
    by, named = lead[2], made.row["severity"].upper()
    made.tell(steps[0], "declared", f"{(story.graver or story.severity).upper()} declared by {by}", by=by, is_key=True)
    made.row["declared_at"] = made.row["created_at"] = steps[0]
    if len(steps) > 1:
        made.row |= {"acknowledged_at": steps[1], "lead_id": lead[1]}
        made.tell(steps[1], "role", f"{rules.ROLE_TITLES['lead']}: {by}", by=by, role="lead", operator_id=str(lead[1]))
        made.tell(steps[1], "status", f"Acknowledged by {by}", by=by, is_key=True)
    if story.graver:
        at = steps[1] + timedelta(minutes=4)
        made.tell(at, "severity", f"{story.graver.upper()} → {named}: more customers", by=by, is_key=True)
    _move(made, steps, by)
    _note(random, made, steps, by)
    _end(random, made, steps, now, by)
    made.row["updated_at"] = max(event["at"] for event in made.events)
    return made


def _row(random: Random, story: Story, started_at: datetime, lead: Person) -> dict[str, Any]:
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "title": story.title, "description": story.description,
        "kind": story.kind, "severity": story.severity, "status": "investigating", "source": story.source,
        "services": sorted(story.services), "lead_id": None, "reported_by": lead[1], "reported_by_name": lead[2],
        "started_at": started_at, "declared_at": started_at, "acknowledged_at": None, "identified_at": None,
        "monitoring_at": None, "resolved_at": None, "closed_at": None, "archived_at": None, "reopen_count": 0,
        "merged_into_id": None, "root_cause": "", "resolution": "", "is_public": False, "public_title": "",
        "next_update_at": None, "created_at": started_at, "updated_at": started_at, "version": 1,
    }  # fmt: skip


def _move(made: Course, steps: list[datetime], by: str) -> None:
    before = "investigating"
    for status, place in (("identified", 2), ("monitoring", 3)):
        if len(steps) <= place:
            return
        note = made.story.found if status == "identified" else ""
        told = f"{before.capitalize()} → {status}"
        made.tell(
            steps[place], "status", f"{told}: {note}" if note else told, by=by, is_key=True, before=before, after=status
        )
        made.row |= {f"{status}_at": steps[place], "status": status}
        before = status


def _note(random: Random, made: Course, steps: list[datetime], by: str) -> None:
    first, last = steps[min(1, len(steps) - 1)], steps[-1]
    for place, text in enumerate(made.story.notes, start=1):
        share = (place - random.random() / 2) / (len(made.story.notes) + 1)
        made.tell(first + share * (last - first), "note", text, by=by, is_key=place == 1)


def _end(random: Random, made: Course, steps: list[datetime], now: datetime, by: str) -> None:
    if len(steps) < 5:
        return
    story, ended = made.story, steps[4]
    made.tell(
        ended, "status", f"Resolved: {story.resolution}", by=by, is_key=True, before="monitoring", after="resolved"
    )
    if story.reopened:
        again, ended = ended + timedelta(hours=3), ended + timedelta(hours=5)
        made.tell(again, "reopened", f"Reopened by {by}: it came back for one customer", by=by, is_key=True)
        made.tell(ended, "status", f"Resolved: {story.resolution}", by=by, is_key=True)
        made.row["reopen_count"] = 1
    made.row |= {
        "status": "resolved",
        "resolved_at": ended,
        "resolution": story.resolution,
        "root_cause": story.root_cause,
    }
    closed = ended + _CLOSED_AFTER * random.uniform(0.4, 1.6)
    if closed < now:
        made.tell(closed, "status", f"Closed by {by}", by=by, before="resolved", after="closed")
        made.row |= {"status": "closed", "closed_at": closed}
        made.row["archived_at"] = closed + KEPT if closed + KEPT < now else None
