"""Who stands in for whom. What an override did until now stays true when it is cancelled."""

from datetime import datetime
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.on_call import people, rules
from core.reliability.on_call.actions import in_use
from core.reliability.on_call.loading import plans
from core.reliability.on_call.models import OnCallOverride
from core.reliability.on_call.rotating import joined

Window = tuple[datetime, datetime]


def override(
    actor: Actor, schedule_id: UUID, *, operator_id: UUID, starts_at: datetime, ends_at: datetime, reason: str = "",
    once: str | None = None,
) -> OnCallOverride:  # fmt: skip
    """Puts a colleague on call for that time, from now at the earliest, whatever rotations and earlier overrides say.

    Raises Invalid, NotFound.
    """
    said = rules.clean_reason(reason)
    with write(actor, "on_call.override", once=once) as tx:
        window = rules.clean_window(starts_at, ends_at, now=tx.now)
        in_use(tx, schedule_id)
        people.require_in_service([operator_id], "operator_id")
        return _add(tx, schedule_id, operator_id, window, said)


def swap(
    actor: Actor, schedule_id: UUID, *, first: Window, second: Window, reason: str = ""
) -> tuple[OnCallOverride, OnCallOverride]:  # fmt: skip
    """Exchanges two times that come: who has the first one takes the second, and the other way round.

    Raises Invalid unless each of them is one person's, and these are two; NotFound.
    """
    said = rules.clean_reason(reason)
    with write(actor, "on_call.swap") as tx:
        windows = [rules.clean_window(*one, now=tx.now) for one in (first, second)]
        in_use(tx, schedule_id)
        one, two = (_holder(tx, schedule_id, window) for window in windows)
        if one == two:
            raise Invalid("Both shifts are the same colleague's, so there is nothing to swap.")
        people.require_in_service([one, two], "operator_id")
        return _add(tx, schedule_id, two, windows[0], said), _add(tx, schedule_id, one, windows[1], said)


def cancel_override(actor: Actor, override_id: UUID) -> OnCallOverride:
    """Ends an override; one that runs ends now. Raises Invalid for one that is over, NotFound."""
    with write(actor, "on_call.cancel_override") as tx:
        row = tx.lock(OnCallOverride, override_id)
        if row.cancelled_at is not None or row.ends_at <= tx.now:
            raise Invalid("This override is over already.")
        if row.starts_at < tx.now:
            row.ends_at = tx.now
        else:
            row.cancelled_at = tx.now
        tx.note(schedule_id=row.schedule_id)
    return row


def _add(tx: Transaction, schedule_id: UUID, operator_id: UUID, window: Window, reason: str) -> OnCallOverride:
    tx.note(schedule_id=schedule_id)
    return tx.add(
        OnCallOverride(
            schedule_id=schedule_id, operator_id=operator_id, starts_at=window[0], ends_at=window[1], reason=reason,
            created_by_name=tx.actor.name, created_at=tx.now,
        )
    )  # fmt: skip


def _holder(tx: Transaction, schedule_id: UUID, window: Window) -> UUID:
    (plan,) = plans(tx.session, *window, schedule_ids=[schedule_id])
    holders = {shift.person for shift in joined(plan.course(*window))}
    person = holders.pop() if len(holders) == 1 else None
    if person is None:
        raise Invalid("Choose two whole shifts: in one of these times nobody is on call, or more than one colleague.")
    return person
