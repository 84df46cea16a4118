"""What people say of violations: that minutes of an outage were not what they seemed. It counts once somebody else agrees.

The violation itself stays as it was measured, and so do its minutes: exclusions lie over them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, Invalid
from core.kernel.writes import Transaction, write
from core.reliability.sla.models import SlaExclusion, SlaViolation

MAX_TEXT = 1_000
REFRESH = "sla.refresh"


def ask(
    actor: Actor, violation_id: UUID, *, reason: str, starts_at: datetime | None = None, ends_at: datetime | None = None,
    once: str | None = None,
) -> SlaExclusion:  # fmt: skip
    """Asks that the violation, or whole minutes of it, do not count. Raises Invalid, NotFound.

    Minutes that another open or approved exclusion of the same violation has are refused.
    """
    with write(actor, "sla_exclusions.ask", reason=reason, once=once) as tx:
        violation = tx.get(SlaViolation, violation_id)
        span = _span(violation, starts_at, ends_at)
        _require_new(tx, violation_id, *span)
        made = tx.add(SlaExclusion(
            violation_id=violation.id, contract_id=violation.contract_id, tenant_id=violation.tenant_id, starts_at=span[0],
            ends_at=span[1], reason=_text("reason", reason), asked_by=actor.id, asked_by_name=actor.name,
        ))  # fmt: skip
        tx.session.flush()
        _note(tx, made)
    return made


def approve(actor: Actor, exclusion_id: UUID, *, note: str = "", version: int | None = None) -> SlaExclusion:
    """From now on the minutes count for nothing. Raises Denied for who asked for it, Conflict for what is decided, NotFound."""
    with write(actor, "sla_exclusions.approve") as tx:
        exclusion = _decide(tx, exclusion_id, "approved", note, version)
        begin, end = exclusion.starts_at.isoformat(), exclusion.ends_at.isoformat()
        tx.enqueue(REFRESH, contract_id=str(exclusion.contract_id), since=begin, until=end)
    return exclusion


def refuse(actor: Actor, exclusion_id: UUID, *, note: str, version: int | None = None) -> SlaExclusion:
    """The minutes count as they were measured; `note` says why. Raises Denied, Invalid, Conflict, NotFound."""
    with write(actor, "sla_exclusions.refuse") as tx:
        return _decide(tx, exclusion_id, "refused", _text("note", note), version)


def withdraw(actor: Actor, exclusion_id: UUID, *, version: int | None = None) -> SlaExclusion:
    """Takes back what was asked and not decided. Raises Conflict, NotFound."""
    with write(actor, "sla_exclusions.withdraw") as tx:
        exclusion = _open(tx, exclusion_id, version)
        _settle(tx, exclusion, "withdrawn", "")
    return exclusion


def _span(violation: SlaViolation, starts_at: datetime | None, ends_at: datetime | None) -> tuple[datetime, datetime]:
    if violation.ended_at is None:
        raise Invalid("This violation lasts. Exclude it once it has ended.")
    if violation.minutes == 0 and violation.ticket_id is None:
        raise Invalid("This violation was taken back, so there is nothing to exclude.")
    begin, end = starts_at or violation.started_at, ends_at or violation.ended_at
    if violation.ticket_id is None and any(moment.second or moment.microsecond for moment in (begin, end)):
        raise Invalid("Give whole minutes.", {"starts_at": "Give a whole minute."})
    if not violation.started_at <= begin < end <= violation.ended_at:
        told = "Choose a time within the violation, with its end after its start."
        raise Invalid(told, {"starts_at": told})
    return begin, end


def _require_new(tx: Transaction, violation_id: UUID, begin: datetime, end: datetime) -> None:
    held = select(SlaExclusion.id).where(
        SlaExclusion.violation_id == violation_id, SlaExclusion.starts_at < end, SlaExclusion.ends_at > begin,
        SlaExclusion.decision.is_(None) | (SlaExclusion.decision == "approved"),
    )  # fmt: skip
    if tx.session.scalar(held.limit(1)) is not None:
        raise Invalid("These minutes are excluded already, or that was asked for.")


def _decide(tx: Transaction, exclusion_id: UUID, decision: str, note: str, version: int | None) -> SlaExclusion:
    exclusion = _open(tx, exclusion_id, version)
    if exclusion.asked_by is not None and exclusion.asked_by == tx.actor.id:
        raise Denied("You asked for this exclusion, so somebody else decides on it.")
    _settle(tx, exclusion, decision, note)
    return exclusion


def _open(tx: Transaction, exclusion_id: UUID, version: int | None) -> SlaExclusion:
    exclusion = tx.lock(SlaExclusion, exclusion_id, version=version)
    if exclusion.decision is not None:
        raise Conflict(f"This exclusion is {exclusion.decision} already, so nothing was changed.")
    return exclusion


def _settle(tx: Transaction, exclusion: SlaExclusion, decision: str, note: str) -> None:
    exclusion.decision, exclusion.decision_note = decision, note.strip()[:MAX_TEXT]
    exclusion.decided_at, exclusion.decided_by, exclusion.decided_by_name = tx.now, tx.actor.id, tx.actor.name
    _note(tx, exclusion)


def _note(tx: Transaction, exclusion: SlaExclusion) -> None:
    tx.note(
        exclusion_id=exclusion.id, violation_id=exclusion.violation_id, contract_id=exclusion.contract_id,
        starts_at=exclusion.starts_at, ends_at=exclusion.ends_at,
    )  # fmt: skip


def _text(field: str, value: str) -> str:
    told = value.strip()
    if not 0 < len(told) <= MAX_TEXT or "\x00" in told:
        sentence = f"Say why in 1 to {MAX_TEXT:,} characters."
        raise Invalid(sentence, {field: sentence})
    return told
