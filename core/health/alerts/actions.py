"""What people do with alerts. Of an alert that stands for many, the many follow."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from core.health.alerts.lifecycle import tell
from core.health.alerts.models import LIVE, Alert
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction, write

MAX_NOTE, MOST = 2_000, 500


def acknowledge(actor: Actor, alert_ids: Sequence[UUID], *, note: str | None = None) -> int:
    """Somebody looks after these alerts. Returns how many were open; the others are left as they are.

    Raises Invalid, NotFound.
    """
    with write(actor, "alerts.acknowledge", reason=note) as tx:
        taken = [alert for alert in _locked(tx, alert_ids) if alert.status == "open"]
        for alert in taken:
            alert.status, alert.acknowledged_at = "acknowledged", tx.now
            alert.acknowledged_by, alert.acknowledged_by_name = actor.id, actor.name
        tell(tx, taken, "acknowledged", _note(note))
    return len(taken)


def resolve(actor: Actor, alert_ids: Sequence[UUID], *, note: str | None = None) -> int:
    """All is well again, somebody says; an alert that still fires after that opens again. Returns how many were live.

    Raises Invalid, NotFound.
    """
    with write(actor, "alerts.resolve", reason=note) as tx:
        return _end(tx, alert_ids, "resolved", _note(note))


def dismiss(actor: Actor, alert_ids: Sequence[UUID], *, reason: str) -> int:
    """These alerts are of no concern: they stay away until their conditions have ended and begin again.

    Returns how many were live. Raises Invalid, NotFound, ReasonRequired.
    """
    with write(actor, "alerts.dismiss", reason=reason) as tx:
        return _end(tx, alert_ids, "dismissed", _note(reason))


def comment(actor: Actor, alert_id: UUID, *, text: str) -> None:
    """Adds to what is told of an alert. Raises Invalid, NotFound."""
    told = _note(text)
    if not told:
        raise Invalid("Write a comment.", {"text": "Write a comment."})
    with write(actor, "alerts.comment") as tx:
        alert = tx.lock(Alert, alert_id)
        tx.saw(alert)
        tell(tx, [alert], "commented", told)


def _end(tx: Transaction, alert_ids: Sequence[UUID], status: str, note: str) -> int:
    live = [alert for alert in _locked(tx, alert_ids) if alert.status in LIVE]
    for alert in live:
        alert.status, alert.resolved_at, alert.is_flapping = status, tx.now, False
        alert.resolved_by, alert.resolved_by_name = tx.actor.id, tx.actor.name
    tell(tx, live, status, note)
    return len(live)


def _locked(tx: Transaction, alert_ids: Sequence[UUID]) -> list[Alert]:
    """The alerts and, of those that stand for many, the live ones of these."""
    if not 0 < len(set(alert_ids)) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} alerts.", {"alert_ids": f"Choose 1 to {MOST} alerts."})
    groups = select(Alert.id).where(Alert.id.in_(alert_ids), Alert.is_group)
    many = (Alert.parent_id.in_(groups)) & Alert.status.in_(LIVE)
    found = tx.lock_many(Alert, list(tx.session.scalars(select(Alert.id).where(or_(Alert.id.in_(alert_ids), many)))))
    if not set(alert_ids) <= {alert.id for alert in found}:
        raise NotFound("One of these alerts does not exist, or is not among those you may see.")
    return found


def _note(note: str | None) -> str:
    told = (note or "").strip()
    if len(told) > MAX_NOTE or "\x00" in told:
        raise Invalid(f"Keep it under {MAX_NOTE:,} characters.", {"note": f"Keep it under {MAX_NOTE:,} characters."})
    return told
