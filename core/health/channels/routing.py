"""From what happens to alerts to what is sent: in the transaction of the events' cursor, so exactly once per event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from core.health.alerts import queries as alerts
from core.health.alerts.models import Alert
from core.health.channels import rules
from core.health.channels.models import AlertChannel, AlertEscalation, AlertNotification, AlertRoute
from core.kernel.actor import Actor
from core.kernel.events import Event, batch_subscriber
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now

Table = AlertNotification


@batch_subscriber(
    "alerts.open", "alerts.reopen", "alerts.detach", "alerts.acknowledge", "alerts.resolve", "alerts.clear", "alerts.dismiss",
    name="alert_channels.route",
)  # fmt: skip
def route(tx: Recording, events: list[Event]) -> None:
    """Writes who is to be told. An alert that its row says notifies nobody leaves nothing."""
    told = Directory.of(tx)
    for event in events:
        ids = [UUID(one) for one in event.payload.get("entity_ids", ())]
        if ids:
            _HANDLERS[event.type](tx, event, ids, told)


@dataclass(frozen=True, slots=True)
class Directory:
    """The routes in their order, and the channels."""

    routes: Sequence[AlertRoute]
    channels: dict[UUID, AlertChannel]

    @classmethod
    def of(cls, tx: Recording) -> "Directory":
        routes = tx.session.scalars(select(AlertRoute).order_by(AlertRoute.position, AlertRoute.id)).all()
        channels = tx.session.scalars(select(AlertChannel)).all()
        return cls(routes, {channel.id: channel for channel in channels})

    def rows(
        self, alert: Any, reason: str, ids: Sequence[UUID], *, at: datetime, route_id: UUID | None
    ) -> list[dict[str, Any]]:
        """A notification per channel that exists; to one that is disabled it is suppressed."""
        return [_row(alert, reason, self.channels[one], at, route_id) for one in ids if one in self.channels]


def _row(alert: Any, reason: str, channel: AlertChannel, at: datetime, route_id: UUID | None) -> dict[str, Any]:
    waits = channel.is_enabled
    gather = rules.GATHER if reason in ("opened", "resolved") else timedelta()
    return {
        "created_at": at, "alert_id": alert.id, "group_key": alert.group_key or "", "channel_id": channel.id,
        "channel": channel.name, "route_id": route_id, "reason": reason, "status": "waiting" if waits else "suppressed",
        "next_attempt_at": at + gather, "error": None if waits else "The channel is disabled.",
        "finished_at": None if waits else at,
    }  # fmt: skip


def _opened(tx: Recording, event: Event, ids: list[UUID], told: Directory) -> None:
    now = utc_now()
    for alert in _rows(tx, ids):
        if alert.notifies and alert.status == "open":
            _tell(tx, alert, told, begun=event.occurred_at, now=now)


def _tell(tx: Recording, alert: Any, told: Directory, *, begun: datetime, now: datetime) -> None:
    rows: dict[UUID, dict[str, Any]] = {}
    taken = rules.chosen(told.routes, severity=alert.severity, area=alert.area, at=begun)
    for one in taken:
        for row in told.rows(alert, "opened", one.channel_ids, at=now, route_id=one.id):
            rows.setdefault(row["channel_id"], row)
        if one.escalate_after_minutes is not None:
            _arm(tx, alert.id, one, begun)
    if rows:
        tx.execute(insert(Table), list(rows.values()))


def _arm(tx: Recording, alert_id: UUID, route: AlertRoute, begun: datetime) -> None:
    due = begun + timedelta(minutes=route.escalate_after_minutes or 0)
    row = upsert(AlertEscalation).values(alert_id=alert_id, route_id=route.id, due_at=due, steps=0)
    keys = ["alert_id", "route_id"]
    tx.execute(row.on_conflict_do_update(index_elements=keys, set_={"due_at": due, "steps": 0}))


def _acknowledged(tx: Recording, event: Event, ids: list[UUID], told: Directory) -> None:
    _disarm(tx, ids)
    _suppress(
        tx, and_(Table.alert_id.in_(ids), Table.reason.in_(("escalated", "repeat"))), "It was acknowledged first."
    )


def _ended(tx: Recording, event: Event, ids: list[UUID], told: Directory) -> None:
    """Whoever got the opening, or is about to after a failed attempt, is told the end; also during a silence."""
    _disarm(tx, ids)
    _suppress(tx, Table.alert_id.in_(ids), "It was over before it was sent.")
    heard = _who_heard(tx, ids)
    now = utc_now()
    rows = [
        row
        for alert in _rows(tx, ids)
        for row in told.rows(alert, "resolved", heard.get(alert.id, ()), at=now, route_id=None)
    ]
    if rows:
        tx.execute(insert(Table), rows)


def _who_heard(tx: Recording, ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """Alert -> the channels whose last message about it was not its end."""
    last = (
        select(Table.alert_id, Table.channel_id, Table.reason)
        .ext(distinct_on(Table.alert_id, Table.channel_id))
        .where(Table.alert_id.in_(ids), Table.status.in_(("sent", "waiting")))
        .order_by(Table.alert_id, Table.channel_id, Table.created_at.desc(), Table.id.desc())
    )
    found: dict[UUID, list[UUID]] = {}
    for row in tx.execute(last).all():
        if row.reason != "resolved":
            found.setdefault(row.alert_id, []).append(row.channel_id)
    return found


def _disarm(tx: Recording, ids: list[UUID]) -> None:
    tx.execute(delete(AlertEscalation).where(AlertEscalation.alert_id.in_(ids)))


def _suppress(tx: Recording, which: ColumnElement[bool], why: str) -> None:
    """What nobody has tried to send yet is not sent any more."""
    now = utc_now()
    untouched = and_(which, Table.status == "waiting", Table.attempts == 0)
    free = or_(Table.leased_until.is_(None), Table.leased_until < now)
    values = {"status": "suppressed", "error": why, "finished_at": now}
    tx.execute(update(Table).where(untouched, free).values(**values), None)


def _rows(tx: Recording, ids: list[UUID]) -> list[Any]:
    """Those that are alerts. Raises LookupError while a replica does not have them all yet: the event comes again."""
    known = set(tx.session.scalars(select(Alert.id).where(Alert.id.in_(ids))))
    found = alerts.to_tell(Actor.system("alert channels"), list(known)) if known else []
    if len(found) < len(known):
        raise LookupError("Not every alert of the event can be read yet.")
    return list(found)


_HANDLERS: dict[str, Callable[[Recording, Event, list[UUID], Directory], None]] = {
    "alerts.open": _opened, "alerts.reopen": _opened, "alerts.detach": _opened, "alerts.acknowledge": _acknowledged,
    "alerts.resolve": _ended, "alerts.clear": _ended, "alerts.dismiss": _ended,
}  # fmt: skip
