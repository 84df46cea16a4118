"""What nobody acknowledged in time goes to others, and is repeated until somebody does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.health.alerts import queries as alerts
from core.health.channels.models import AlertEscalation, AlertNotification, AlertRoute
from core.health.channels.routing import Directory
from core.kernel.actor import Actor
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

AT_ONCE = 200
_WAIT = timedelta(minutes=1)  # for an alert that is silenced without a known end


def escalate(now: datetime | None = None) -> int:
    """Takes every step that is due; returns how many messages that makes. Raises Unavailable."""
    moment, system = now or utc_now(), Actor.system("alert channels")
    with record(system) as tx:
        due = _due(tx, moment)
        if not due:
            return 0
        rows = {row.id: row for row in alerts.to_tell(system, list({one.alert_id for one in due}))}
        told, sent = Directory.of(tx), list[dict[str, Any]]()
        routes = {one.id: one for one in told.routes}
        for step in due:
            sent += _take(tx, step, rows.get(step.alert_id), routes[step.route_id], told, moment)
        if sent:
            tx.execute(insert(AlertNotification), sent)
    return len(sent)


def _due(tx: Recording, now: datetime) -> Sequence[AlertEscalation]:
    found = select(AlertEscalation).where(AlertEscalation.due_at <= now).order_by(AlertEscalation.due_at)
    return tx.session.scalars(found.limit(AT_ONCE).with_for_update(skip_locked=True)).all()


def _take(
    tx: Recording, step: AlertEscalation, alert: Any, route: AlertRoute, told: Directory, now: datetime
) -> list[dict[str, Any]]:
    """The messages of this step, after which the next one is due, if there is one."""
    mine = (AlertEscalation.alert_id == step.alert_id, AlertEscalation.route_id == step.route_id)
    if alert is None or alert.status != "open" or not alert.notifies or not route.is_enabled:
        tx.execute(delete(AlertEscalation).where(*mine))
        return []
    if alert.is_silenced:
        later = alert.silenced_until or now + _WAIT
        tx.execute(update(AlertEscalation).where(*mine).values(due_at=later))
        return []
    reason = "repeat" if step.steps else "escalated"
    if route.repeat_every_minutes is None:
        tx.execute(delete(AlertEscalation).where(*mine))
    else:
        # From now and not from the due time: after a standstill people get one message, and not one per missed step.
        again = now + timedelta(minutes=route.repeat_every_minutes)
        tx.execute(update(AlertEscalation).where(*mine).values(due_at=again, steps=step.steps + 1))
    return told.rows(alert, reason, route.escalation_channel_ids, at=now, route_id=route.id)
