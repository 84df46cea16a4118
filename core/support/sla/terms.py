"""What a policy and its calendar say, as a document that tickets keep; and which policy a ticket comes under."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.kernel.errors import NotFound
from core.kernel.models import uuid7
from core.support.sla.models import SlaCalendar, SlaHoliday, SlaPolicy, SlaTerms

NEW = UUID(int=0)  # in place of the id that a policy does not have before it is saved
CONDITIONS = ("priority", "category", "tier", "region", "channel", "tag")


class Terms(NamedTuple):
    """A policy of today: its conditions, and what it says as `SlaTerms.content` keeps it."""

    policy_id: UUID
    conditions: Mapping[str, Sequence[str]]
    content: dict[str, Any]


class Edit(NamedTuple):
    """An edit that is not saved: of the calendar with this id, or of the policy with this id (None: a new one)."""

    calendar_id: UUID | None = None
    calendar: Mapping[str, Any] = MappingProxyType({})
    policy_id: UUID | None = None
    policy: Mapping[str, Any] = MappingProxyType({})

    def calendars(self) -> set[UUID]:
        """The calendars that the edit names."""
        return {one for one in (self.calendar_id, self.policy.get("calendar_id")) if one}

    def made(
        self, policies: list[Any], calendars: dict[UUID, Any], holidays: dict[UUID, dict[str, str]]
    ) -> tuple[list[Any], dict[UUID, Any], dict[UUID, dict[str, str]]]:
        """The policies, calendars and holidays as they would be, on copies."""
        if self.calendar_id is not None:
            named = {day.isoformat(): name for day, name in self.calendar["holidays"].items()}
            calendars = calendars | {self.calendar_id: SimpleNamespace(**self.calendar)}
            holidays = holidays | {self.calendar_id: named}
        if self.policy:
            others = [one for one in policies if one.id != self.policy_id]
            policies = [*others, SimpleNamespace(**self.policy, id=self.policy_id or NEW)]
        return policies, calendars, holidays


def rules_of(calendar: Any, holidays: Mapping[str, str]) -> dict[str, Any]:
    """The calendar as terms keep it: what worktime computes with, and its name."""
    return {"name": calendar.name, "time_zone": calendar.time_zone, "is_always": calendar.is_always,
            "periods": [] if calendar.is_always else sorted(calendar.periods),
            "holidays": {} if calendar.is_always else dict(sorted(holidays.items()))}  # fmt: skip


def content_of(calendar: Any, holidays: Mapping[str, str], policy: Any) -> dict[str, Any]:
    """The document of terms."""
    return {"policy": policy.name, "calendar": rules_of(calendar, holidays), "targets": policy.targets,
            "pauses_in": sorted(policy.pauses_in)}  # fmt: skip


def calendar_of(session: Session, calendar_id: UUID) -> dict[str, Any]:
    """The calendar as it is today. Raises NotFound."""
    calendar = session.get(SlaCalendar, calendar_id)
    if calendar is None:
        raise NotFound("This calendar does not exist. Choose another one.")
    return rules_of(calendar, _holidays(session, {calendar_id}).get(calendar_id, {}))


def of_today(session: Session, edit: Edit | None = None) -> list[Terms]:
    """The policies that are not archived, first position first; as if the edit were saved where there is one."""
    calendars = {row.id: row for row in session.scalars(select(SlaCalendar))}
    policies = list(session.scalars(select(SlaPolicy).where(SlaPolicy.archived_at.is_(None))))
    wanted = {policy.calendar_id for policy in policies if not calendars[policy.calendar_id].is_always}
    holidays = _holidays(session, wanted | edit.calendars() if edit else wanted)
    if edit is not None:
        policies, calendars, holidays = edit.made(policies, calendars, holidays)
    policies.sort(key=lambda policy: (policy.position, policy.name))
    return [_terms(policy, calendars[policy.calendar_id], holidays) for policy in policies]


def _terms(policy: Any, calendar: Any, holidays: Mapping[UUID, Mapping[str, str]]) -> Terms:
    return Terms(policy.id, policy.conditions, content_of(calendar, holidays.get(policy.calendar_id, {}), policy))


def _holidays(session: Session, wanted: set[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = {}
    asked = select(SlaHoliday.calendar_id, SlaHoliday.day, SlaHoliday.name).where(SlaHoliday.calendar_id.in_(wanted))
    for row in session.execute(asked) if wanted else ():
        found.setdefault(row.calendar_id, {})[row.day.isoformat()] = row.name
    return found


def meets(conditions: Mapping[str, Sequence[str]], facts: Mapping[str, Any]) -> bool:
    """Whether a ticket with these facts meets all conditions; a condition without values holds for all.

    `facts`: a value per condition, None where it has none; `tag` holds the list of its tags.
    """
    for name, allowed in conditions.items():
        had = facts.get("tag") or () if name == "tag" else (facts.get(name),)
        if allowed and not any(one in allowed for one in had):
            return False
    return True


def choose(offered: Iterable[Terms], facts: Mapping[str, Any]) -> Terms | None:
    """The first whose conditions the ticket meets."""
    return next((one for one in offered if meets(one.conditions, facts)), None)


def kept(session: Session, chosen: Sequence[Terms]) -> dict[UUID, UUID]:
    """Keeps what these policies say, each once however many tickets come under it. Policy id -> id of its SlaTerms."""
    digests = {one.policy_id: _digest(one) for one in chosen}
    if not digests:
        return {}
    found = _known(session, digests.values())
    missing = [one for one in chosen if digests[one.policy_id] not in found]
    if missing:
        rows = [{"id": uuid7(), "digest": digests[one.policy_id], "policy_id": one.policy_id, "content": one.content}
                for one in missing]  # fmt: skip
        session.execute(insert(SlaTerms).values(rows).on_conflict_do_nothing())
        found = _known(session, digests.values())
    return {policy_id: found[digest] for policy_id, digest in digests.items()}


def _digest(terms: Terms) -> bytes:
    document = orjson.dumps([str(terms.policy_id), terms.content], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(document).digest()


def _known(session: Session, digests: Iterable[bytes]) -> dict[bytes, UUID]:
    rows = session.execute(select(SlaTerms.digest, SlaTerms.id).where(SlaTerms.digest.in_(list(digests))))
    return {row.digest: row.id for row in rows}
