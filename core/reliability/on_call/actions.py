"""Schedules and their calendar feeds."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.on_call import links, rules
from core.reliability.on_call.loading import MOST
from core.reliability.on_call.models import EscalationPolicy, OnCallRotation, OnCallSchedule


@dataclass(frozen=True, slots=True)
class Issued:
    """A schedule and the address of its feed, which is stored nowhere: whoever asked for it sees it this once."""

    schedule: OnCallSchedule
    address: str = field(repr=False)


def create_schedule(
    actor: Actor, *, name: str, time_zone: str = "UTC", description: str = "", once: str | None = None
) -> OnCallSchedule:  # fmt: skip
    """Makes a schedule on which nobody is on call yet. Raises Invalid."""
    cleaned = rules.clean_schedule({"name": name, "time_zone": time_zone, "description": description})
    with write(actor, "on_call.create_schedule", once=once) as tx:
        _require_free(tx, cleaned["name"])
        if (tx.session.scalar(select(func.count()).where(OnCallSchedule.archived_at.is_(None))) or 0) >= MOST:
            raise Invalid(f"There are {MOST} schedules already. Archive one that is not used.")
        return tx.add(OnCallSchedule(**cleaned))


def update_schedule(
    actor: Actor, schedule_id: UUID, *, version: int | None = None, **values: Any
) -> OnCallSchedule:  # fmt: skip
    """Changes name, description or time_zone, the zone only while it has no rotation: it would move every hand-over that was.

    Raises Invalid, NotFound, Conflict.
    """
    cleaned = rules.clean_schedule(values)
    with write(actor, "on_call.update_schedule") as tx:
        schedule = in_use(tx, schedule_id, version=version)
        if cleaned.get("time_zone", schedule.time_zone) != schedule.time_zone:
            _require_unused(tx, schedule_id)
        if "name" in cleaned:
            _require_free(tx, cleaned["name"], but=schedule_id)
        for name, value in cleaned.items():
            setattr(schedule, name, value)
    return schedule


def archive_schedule(actor: Actor, schedule_id: UUID, *, version: int | None = None) -> OnCallSchedule:
    """Ends a schedule that no policy calls; its feed ends with it. Raises Invalid, NotFound, Conflict."""
    with write(actor, "on_call.archive_schedule") as tx:
        schedule = in_use(tx, schedule_id, version=version)
        calls = EscalationPolicy.steps.contains([{"schedules": [str(schedule_id)]}])
        named = select(EscalationPolicy.name).where(EscalationPolicy.archived_at.is_(None), calls).limit(1)
        policy = tx.session.scalar(named)
        if policy is not None:
            raise Invalid(f"The policy {policy} calls this schedule. Take it out of the policy first.")
        schedule.archived_at, schedule.feed_digest = tx.now, None
    return schedule


def issue_feed(actor: Actor, schedule_id: UUID) -> Issued:
    """Makes a new address for the schedule's calendar feed; one that was given out before counts no more.

    Raises Invalid for an archived schedule, NotFound.
    """
    with write(actor, "on_call.issue_feed") as tx:
        schedule = in_use(tx, schedule_id)
        token = links.new_token()
        schedule.feed_digest = crypto.digest(token)
    return Issued(schedule, links.feed_address(token))


def revoke_feed(actor: Actor, schedule_id: UUID) -> OnCallSchedule:
    """Closes the feed. Raises Invalid when there is none, NotFound."""
    with write(actor, "on_call.revoke_feed") as tx:
        schedule = tx.lock(OnCallSchedule, schedule_id)
        if schedule.feed_digest is None:
            raise Invalid("This schedule has no calendar feed that could be revoked.")
        schedule.feed_digest = None
    return schedule


def in_use(tx: Transaction, schedule_id: UUID, *, version: int | None = None) -> OnCallSchedule:
    """The schedule, locked. Raises Invalid for an archived one, NotFound, Conflict."""
    schedule = tx.lock(OnCallSchedule, schedule_id, version=version)
    if schedule.archived_at is not None:
        raise Invalid("This schedule is archived. Create a new one.")
    return schedule


def _require_free(tx: Transaction, name: str, *, but: UUID | None = None) -> None:
    same = select(OnCallSchedule.id).where(func.lower(OnCallSchedule.name) == name.lower())
    if tx.session.scalar(same.where(OnCallSchedule.id != but) if but else same) is not None:
        told = f"There is a schedule named {name} already. Choose another name."
        raise Invalid(told, {"name": told})


def _require_unused(tx: Transaction, schedule_id: UUID) -> None:
    if tx.session.scalar(select(OnCallRotation.id).where(OnCallRotation.schedule_id == schedule_id).limit(1)):
        told = "The time zone of a schedule with rotations stays: it would move every hand-over. Create a new schedule."
        raise Invalid(told, {"time_zone": told})
