"""Sends what is due: messages of one group together, channels side by side, each outcome stored as soon as it is known.

At least once: a message whose sender died before it stored the outcome is sent again when its lease is over; one that is
stored as sent never is.
"""

import os
import socket
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select

from core.health.alerts import queries as alerts
from core.health.channels import claiming, rules
from core.health.channels.escalating import escalate
from core.health.channels.kinds import KINDS
from core.health.channels.messages import message
from core.health.channels.models import AlertChannel
from core.health.channels.sending import Sent, send
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.logs import get_logger
from core.kernel.models import uuid7
from core.kernel.settings import settings
from core.kernel.telemetry import record
from core.kernel.times import utc_now

AT_WORK = 8  # channels at once
BEGIN_WITHIN_S, END_WITHIN_S = 25.0, 60.0  # both well within the lease
WHO = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
log = get_logger()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes to one channel in one message."""

    channel: AlertChannel
    reason: str
    notifications: Sequence[Row[Any]]
    alerts: Sequence[Any]


def notify() -> None:
    """One step of the worker: what is overdue escalates, what is due is sent."""
    escalate()
    send_due()


def send_due(now: datetime | None = None) -> int:
    """Sends once what is due at the moment; returns how many messages went out. Raises Unavailable."""
    moment, system = now or utc_now(), Actor.system("alert channels")
    with record(system) as tx:
        claimed = claiming.claim(tx, WHO, moment)
        if not claimed:
            return 0
        wanted = {row.channel_id for row in claimed}
        channels = {one.id: one for one in tx.session.scalars(select(AlertChannel).where(AlertChannel.id.in_(wanted)))}
    rows = {row.id: row for row in alerts.to_tell(system, list({one.alert_id for one in claimed}))}
    dropped = [_not_now(one, rows.get(one.alert_id), channels.get(one.channel_id), moment) for one in claimed]
    _store([given for given in dropped if given is not None])
    kept = [one for one, given in zip(claimed, dropped, strict=True) if given is None]
    return _send_all(_bundles(kept, rows, channels), moment)


def _not_now(one: Row[Any], alert: Any, channel: AlertChannel | None, now: datetime) -> dict[str, Any] | None:
    """What becomes of a message that is not sent now; None for one that is."""
    why = _reason_against(one, alert, channel)
    if why is not None:
        return {"id": one.id, "status": "suppressed", "tried": 0, "error": why, "finished_at": now}
    if alert.is_silenced and one.reason != "resolved" and not one.attempts:
        until = alert.silenced_until or now + timedelta(minutes=1)
        return {"id": one.id, "status": "waiting", "tried": 0, "error": "It is silenced.", "next_attempt_at": until}
    return None


def _reason_against(one: Row[Any], alert: Any, channel: AlertChannel | None) -> str | None:
    """Why a message is never sent; one that was tried before, and the end of what was told, always are."""
    if channel is None or not channel.is_enabled:
        return "The channel is disabled."
    if alert is None:
        return "The alert does not exist any more."
    if one.reason == "resolved" or one.attempts:
        return None
    against = {
        "It belongs to a cause that is told already.": not alert.notifies,
        "It was over before it was sent.": alert.status in ("resolved", "dismissed"),
        "It was acknowledged first.": alert.status == "acknowledged" and one.reason != "opened",
    }
    return next((why for why, holds in against.items() if holds), None)


def _bundles(
    claimed: Iterable[Row[Any]], alerts: dict[UUID, Any], channels: dict[UUID, AlertChannel]
) -> dict[UUID, list[Bundle]]:
    """Channel -> its messages, in order. Where each alert is an incident of its own, nothing is put together."""
    together: dict[tuple[Any, ...], list[Row[Any]]] = {}
    for one in claimed:
        apart = KINDS[channels[one.channel_id].kind].follows_incidents or not one.group_key
        place = (one.channel_id, one.reason, one.alert_id if apart else one.group_key)
        together.setdefault(place, []).append(one)
    found: dict[UUID, list[Bundle]] = {}
    for (channel_id, reason, _), rows in together.items():
        told = list({row.alert_id: alerts[row.alert_id] for row in rows}.values())
        found.setdefault(channel_id, []).append(Bundle(channels[channel_id], reason, rows, told))
    return found


def _send_all(by_channel: dict[UUID, list[Bundle]], now: datetime) -> int:
    """A thread per channel; one that hangs is left behind, and its message has failed."""
    if not by_channel:
        return 0
    pool, until = ThreadPoolExecutor(AT_WORK, "alerts"), time.monotonic() + BEGIN_WITHIN_S
    lanes = {pool.submit(lane.run, until, now): lane for lane in map(Lane, by_channel.values())}
    done, hanging = wait(lanes, timeout=END_WITHIN_S)
    pool.shutdown(wait=False, cancel_futures=True)
    for future in hanging:
        lanes[future].give_up(now)
    return sum(future.result() for future in done)


class Lane:
    """The messages of one channel, sent one after the other."""

    def __init__(self, bundles: Sequence[Bundle]) -> None:
        self._waiting = deque(bundles)

    def run(self, until: float, now: datetime) -> int:
        """How many went out. After a failure the others of the channel wait, without an attempt counted."""
        sent = 0
        while self._waiting and time.monotonic() < until:
            is_success = _send_one(self._waiting[0], now).is_success
            self._waiting.popleft()
            if not is_success:
                _release(self._waiting, now + rules.PAUSES[0])
                return sent
            sent += 1
        _release(self._waiting, now)
        return sent

    def give_up(self, now: datetime) -> None:
        """The message that the channel hangs on counts as an attempt."""
        hanging, *others = self._waiting
        log.error("an alert channel hangs", channel=hanging.channel.name)
        late = Sent(f"The service did not answer within {END_WITHIN_S:.0f} s.", END_WITHIN_S * 1000)
        _store([_outcome(one, late, None, now) for one in hanging.notifications])
        _release(others, now + rules.PAUSES[0])


def _send_one(bundle: Bundle, now: datetime) -> Sent:
    key = uuid7()
    url = settings().public_url
    sent = send(bundle.channel.url, message(bundle.alerts, bundle.reason, id=key, now=now, public_url=url))
    _store([_outcome(one, sent, key, now) for one in bundle.notifications])
    log.info(
        "alert message", channel=bundle.channel.name, reason=bundle.reason, alerts=len(bundle.alerts), error=sent.error
    )
    return sent


def _outcome(one: Row[Any], sent: Sent, key: UUID | None, now: datetime) -> dict[str, Any]:
    told = {"id": one.id, "tried": 1, "error": sent.error, "message_id": key, "duration_ms": sent.duration_ms}
    if sent.is_success:
        return told | {"status": "sent", "finished_at": now}
    again = rules.next_attempt(one.attempts + 1, now=now)
    if again is None:
        return told | {"status": "failed", "finished_at": now}
    return told | {"status": "waiting", "next_attempt_at": again}


def _release(bundles: Iterable[Bundle], at: datetime) -> None:
    free = {"status": "waiting", "tried": 0, "next_attempt_at": at}
    _store([{"id": one.id} | free for bundle in bundles for one in bundle.notifications])


def _store(rows: list[dict[str, Any]]) -> None:
    if rows:
        with record(Actor.system("alert channels")) as tx:
            claiming.store(tx, WHO, db.to_json(rows))
