"""Demo on-call: a schedule that follows the sun with one gap a week, a weekly one behind it, two policies, and the pages of
demo incidents. Who was called is who was on call."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write
from core.reliability.incidents.models import LIVE, Incident, IncidentEvent
from core.reliability.on_call.loading import Plan, plans
from core.reliability.on_call.models import (
    EscalationPolicy,
    OnCallOverride,
    OnCallRotation,
    OnCallSchedule,
    Page,
    PageDelivery,
)

_EUROPE = ("developer", "support_admin", "support_tier_2")
_AMERICA = ("platform_admin", "implementation_manager")
_SECOND = ("admin", "super_admin", "support")
_DAY = [[day, 8 * 60, 20 * 60] for day in range(7)]
# Nobody has the night to Sunday from midnight on: the gap that the page shows.
_NIGHT = [[day, *hours] for day in range(7) for hours in ((0, 8 * 60), (20 * 60, 24 * 60)) if (day, hours[0]) != (6, 0)]
_SINCE = timedelta(days=130)
_ZONE = "Europe/Berlin"


def seed(system: Actor, random: Random, now: datetime, operators: Mapping[str, UUID]) -> None:
    """Needs demo operators and incidents."""
    with write(system, "demo.seed", once="demo.on_call") as tx:
        names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
        primary, secondary = _schedules(tx, now, operators)
        _overrides(tx, now, primary, operators, names)
        tx.session.flush()
        policies = _policies(tx, primary, secondary, operators)
        tx.session.flush()
        running = plans(tx.session, now - _SINCE, now + timedelta(minutes=1))
        known = {plan.schedule.id: plan for plan in running if plan.schedule.id is not None}
        _pages(tx, random, now, policies, known, names)


def _schedules(tx: Transaction, now: datetime, operators: Mapping[str, UUID]) -> tuple[UUID, UUID]:
    first = tx.add(OnCallSchedule(
        name="Primary", time_zone=_ZONE, description="Follows the sun: Europe by day, America by Europe's night.",
        created_at=now - _SINCE,
    ))  # fmt: skip
    second = tx.add(OnCallSchedule(
        name="Secondary", time_zone="America/New_York", description="Helps when the first line does not answer.",
        created_at=now - _SINCE,
    ))  # fmt: skip
    tx.session.flush()
    monday = _monday(now - _SINCE, _ZONE)
    layers: tuple[tuple[UUID, str, int, datetime, tuple[str, ...], list[list[int]]], ...] = (
        (first.id, "America, nights", 0, monday, _AMERICA, _NIGHT), (first.id, "Europe, days", 1, monday, _EUROPE, _DAY),
        (second.id, "Weekly", 0, _monday(now - _SINCE, "America/New_York"), _SECOND, []),
    )  # fmt: skip
    for schedule_id, name, position, since, roles, periods in layers:
        tx.add(OnCallRotation(
            schedule_id=schedule_id, name=name, position=position, starts_at=since, unit="week", length=1,
            operator_ids=[operators[role] for role in roles], periods=periods,
        ))  # fmt: skip
    return first.id, second.id


def _monday(at: datetime, zone: str) -> datetime:
    """Nine o'clock there, on the Monday of that week."""
    local = at.astimezone(ZoneInfo(zone)).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    return (local - timedelta(days=local.weekday())).replace(tzinfo=ZoneInfo(zone))


def _overrides(
    tx: Transaction, now: datetime, schedule_id: UUID, operators: Mapping[str, UUID], names: Mapping[UUID, str]
) -> None:
    hour = now.replace(minute=0, second=0, microsecond=0)
    planned = (
        (-9, 10, "support_tier_2", "Dentist"), (30, 8, "support_admin", "Conference"),
        (126, 24, "developer", "Swapped for a birthday"),
    )  # fmt: skip
    for begins, lasts, role, reason in planned:
        since, person = hour + timedelta(hours=begins - 24 if begins < 0 else begins), operators[role]
        tx.add(OnCallOverride(
            schedule_id=schedule_id, operator_id=person, starts_at=since, ends_at=since + timedelta(hours=lasts),
            reason=reason, created_by_name=names[person], created_at=now - timedelta(days=3),
        ))  # fmt: skip


def _policies(
    tx: Transaction, primary: UUID, secondary: UUID, operators: Mapping[str, UUID]
) -> dict[str, EscalationPolicy]:
    """Severity -> its policy."""
    first, second = {"schedules": [str(primary)]}, {"schedules": [str(secondary)]}
    last = {"operators": [str(operators["platform_admin"])]}
    grave = EscalationPolicy(
        name="Outages", severities=["sev1"], services=[], repeats=2, repeat_after_minutes=10,
        steps=[_step(0, first), _step(5, second), _step(15, last)],
    )  # fmt: skip
    usual = EscalationPolicy(
        name="Degradations", severities=["sev2"], services=[], repeats=1, repeat_after_minutes=30,
        steps=[_step(0, first), _step(20, second)],
    )  # fmt: skip
    return {"sev1": tx.add(grave), "sev2": tx.add(usual)}


def _step(after: int, targets: Mapping[str, list[str]]) -> dict[str, Any]:
    return {"after_minutes": after, "schedules": [], "operators": [], "channels": [], **targets}


def _pages(
    tx: Transaction, random: Random, now: datetime, policies: Mapping[str, EscalationPolicy], known: Mapping[UUID, Plan],
    names: Mapping[UUID, str],
) -> None:  # fmt: skip
    wanted = select(Incident).where(
        Incident.severity.in_(list(policies)), Incident.merged_into_id.is_(None), Incident.declared_at > now - _SINCE
    )
    pages, deliveries, events = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for incident in tx.session.scalars(wanted.order_by(Incident.declared_at, Incident.id)):
        page = _page(random, now, incident, policies[incident.severity])
        called = _calls(page, known, now)
        if page["acknowledged_at"] is not None:
            page["acknowledged_by"] = next((one["operator_id"] for one in reversed(called) if one["operator_id"]), None)
            page["acknowledged_by_name"] = names.get(page["acknowledged_by"], incident.reported_by_name)
        pages.append(page)
        deliveries += called
        events += _events(page, incident, policies[incident.severity])
    for table, rows in ((Page, pages), (PageDelivery, deliveries), (IncidentEvent, events)):
        if rows:
            tx.bulk(insert(table), rows)


def _page(random: Random, now: datetime, incident: Incident, policy: EscalationPolicy) -> dict[str, Any]:
    begun = incident.declared_at + timedelta(seconds=random.randint(1, 5))
    taken, status = incident.acknowledged_at, "acknowledged"
    if taken is None or taken < begun:
        taken = begun + timedelta(seconds=random.randint(40, 240))
    if incident.acknowledged_at is None and incident.status in LIVE:
        taken, status = None, "open"
    step = _reached(policy.steps, (taken or now) - begun)
    return {
        "id": uuid7(), "incident_id": incident.id, "policy_id": policy.id, "policy_steps": policy.steps, "round": 0,
        "repeats_left": policy.repeats, "repeat_after_minutes": policy.repeat_after_minutes, "step": step,
        "status": status, "next_at": now + timedelta(minutes=4) if status == "open" else None, "acknowledged_at": taken,
        "acknowledged_by": None, "acknowledged_by_name": None, "created_at": begun, "updated_at": taken or begun,
        "version": 1 + step,
    }  # fmt: skip


def _reached(steps: Sequence[Mapping[str, Any]], after: timedelta) -> int:
    """How many steps came before somebody acknowledged."""
    return max(sum(timedelta(minutes=one["after_minutes"]) <= after for one in steps), 1)


def _calls(page: Mapping[str, Any], known: Mapping[UUID, Plan], now: datetime) -> list[dict[str, Any]]:
    found = []
    for place, step in enumerate(page["policy_steps"][: page["step"]]):
        at = min(page["created_at"] + timedelta(minutes=step["after_minutes"]), now)
        schedules = [UUID(one) for one in step["schedules"]]
        found += [_call(page, place, at, known[one].who(at), one) for one in schedules]
        found += [_call(page, place, at, UUID(one), None) for one in step["operators"]]
    return found


def _call(
    page: Mapping[str, Any], step: int, at: datetime, person: UUID | None, schedule_id: UUID | None
) -> dict[str, Any]:
    return {
        "id": uuid7(), "page_id": page["id"], "round": 0, "step": step, "operator_id": person, "channel_id": None,
        "schedule_id": schedule_id, "at": at, "due_at": None, "attempts": 1 if person else 0, "token_digest": None,
        "outcome": "sent" if person else "nobody", "error": None if person else "Nobody was on call.",
        "finished_at": at + timedelta(seconds=2),
    }  # fmt: skip


def _events(page: Mapping[str, Any], incident: Incident, policy: EscalationPolicy) -> list[dict[str, Any]]:
    """What the timeline would have been told."""
    common = {"incident_id": incident.id, "kind": "page", "is_key": False}
    called = {
        **common, "id": uuid7(), "at": page["created_at"], "created_at": page["created_at"], "actor_id": None,
        "text": f"People are paged by the policy {policy.name}.", "actor_name": "Quarterdeck", "source": "on_call_page",
        "source_id": str(page["id"]), "detail": {"policy": policy.name},
    }  # fmt: skip
    if page["acknowledged_at"] is None:
        return [called]
    name = page["acknowledged_by_name"]
    taken = {
        **common, "id": uuid7(), "at": page["acknowledged_at"], "created_at": page["acknowledged_at"],
        "actor_id": page["acknowledged_by"], "actor_name": name, "text": f"{name} acknowledged the page.",
        "source": "on_call_acknowledgement", "source_id": str(page["id"]), "detail": {"page_id": str(page["id"])},
    }  # fmt: skip
    return [called, taken]
