"""Whom a step calls at this moment: who is on call by its schedules, its colleagues and its channels, each once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.health.channels.models import AlertChannel
from core.kernel import crypto
from core.kernel.models import uuid7
from core.kernel.writes import Transaction
from core.reliability.on_call import links, people
from core.reliability.on_call.loading import plans
from core.reliability.on_call.models import Page, PageDelivery
from core.reliability.on_call.people import Person

GONE = "The account is not in service."
NOBODY = "Nobody was on call."
DISABLED = "The channel is disabled or was removed."
_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Called:
    """`said` is for the timeline."""

    said: str
    reaches_somebody: bool


def call(tx: Transaction, page: Page, now: datetime) -> Called:
    """Makes the deliveries of the page's step; those who could not be called are kept with the reason."""
    step = page.policy_steps[page.step]
    on_call, named = _on_call(tx, step, now)
    persons = {person: on_call.get(person) for person in [*on_call, *_ids(step, "operators")] if person is not None}
    accounts, channels = people.known(persons), _channels(tx, _ids(step, "channels"))
    rows = [_of_gap(page, schedule_id) for schedule_id in named]
    rows += [_of_person(page, person, schedule, accounts.get(person)) for person, schedule in persons.items()]
    rows += [_of_channel(page, one, channels.get(one)) for one in _ids(step, "channels")]
    tx.add_all(rows)
    for row in rows:
        row.at, row.due_at = now, now if row.outcome == "queued" else None
    called = [row for row in rows if row.outcome == "queued"]
    return Called(_told(called, named.values(), accounts, channels), bool(called))


def _ids(step: Mapping[str, Any], what: str) -> list[UUID]:
    return [UUID(one) for one in step.get(what, ())]


def _on_call(tx: Transaction, step: Mapping[str, Any], now: datetime) -> tuple[dict[UUID, UUID], dict[UUID, str]]:
    """Person -> the schedule that names him first; and the schedules (with their names) on which nobody is on call."""
    found: dict[UUID, UUID] = {}
    gaps: dict[UUID, str] = {}
    wanted = _ids(step, "schedules")
    known = {plan.schedule.id: plan for plan in plans(tx.session, now, now + _MOMENT, schedule_ids=wanted)}
    for schedule_id in wanted:
        plan = known.get(schedule_id)
        person = plan.who(now) if plan else None
        if person is None:
            gaps[schedule_id] = plan.schedule.name if plan else "an archived schedule"
        else:
            found.setdefault(person, schedule_id)
    return found, gaps


def _channels(tx: Transaction, ids: list[UUID]) -> dict[UUID, Any]:
    columns = (AlertChannel.id, AlertChannel.name, AlertChannel.is_enabled)
    return {row.id: row for row in tx.session.execute(select(*columns).where(AlertChannel.id.in_(ids)))}


def _row(page: Page, **values: Any) -> PageDelivery:
    return PageDelivery(id=uuid7(), page_id=page.id, round=page.round, step=page.step, **values)


def _of_gap(page: Page, schedule_id: UUID) -> PageDelivery:
    return _row(page, schedule_id=schedule_id, outcome="nobody", error=NOBODY)


def _of_person(page: Page, person: UUID, schedule_id: UUID | None, account: Person | None) -> PageDelivery:
    row = _row(page, operator_id=person, schedule_id=schedule_id)
    if account is None or not account.is_in_service:
        row.outcome, row.error = "nobody", GONE
    else:
        row.outcome, row.token_digest = "queued", crypto.digest(links.token_of(row.id))
    return row


def _of_channel(page: Page, channel_id: UUID, channel: Any) -> PageDelivery:
    is_open = channel is not None and channel.is_enabled
    return _row(
        page, channel_id=channel_id, outcome="queued" if is_open else "failed", error=None if is_open else DISABLED
    )


def _told(
    called: Sequence[PageDelivery], gaps: Iterable[str], accounts: Mapping[UUID, Person], channels: Mapping[UUID, Any]
) -> str:
    persons = [accounts[row.operator_id].name for row in called if row.operator_id is not None]
    whom = persons + [channels[row.channel_id].name for row in called if row.channel_id is not None]
    said = f"{', '.join(whom)} called." if whom else "nobody could be called."
    missing = ", ".join(gaps)
    return f"{said} Nobody is on call in {missing}." if missing else said
