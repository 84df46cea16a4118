"""Tells subscribers: finds what was not told yet, and sends what is queued, one mail at a time."""

import smtplib
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, literal, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from core.health.maintenance.models import MaintenanceWindow
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.communication.models import IncidentMessage
from core.reliability.status_page import composing
from core.reliability.status_page.composing import Source
from core.reliability.status_page.models import StatusMail, StatusMaintenance, StatusSubscriber

YOUNG = timedelta(days=1)  # what is older is no news
WORK_S = 45.0  # so long one job sends; the next one goes on
MOST_ATTEMPTS = 7
FIRST_PAUSE = timedelta(minutes=1)
_PERMANENT = 500  # RFC 5321, section 4.2.1: it will not be taken later either
_LIVE = and_(StatusSubscriber.confirmed_at.is_not(None), StatusSubscriber.unsubscribed_at.is_(None))


def collect(actor: Actor) -> int:
    """Queues a mail to each subscriber for each update and announcement that was not told yet; returns how many."""
    with record(actor) as tx:
        return _incidents(tx) + _announced(tx) + _withdrawn(tx)


def _queue(tx: Recording, kind: str, source: Any, at: Any, *conditions: ColumnElement[bool]) -> int:
    """For every subscriber who had confirmed by then, once."""
    columns = (func.gen_random_uuid(), StatusSubscriber.id, literal(kind), source, func.now())
    recent = (at > utc_now() - YOUNG, StatusSubscriber.confirmed_at <= at)
    wanted = select(*columns).where(_LIVE, *recent, *conditions)
    made = upsert(StatusMail).from_select(["id", "subscriber_id", "kind", "source_id", "at"], wanted)
    result: Any = tx.execute(made.on_conflict_do_nothing())
    rows: int = max(result.rowcount, 0)
    return rows


def _incidents(tx: Recording) -> int:
    """An update concerns those whose components any update of its incident names, and all when none names any."""
    message, other = IncidentMessage, IncidentMessage.__table__.alias("other")
    same = (other.c.incident_id == message.incident_id, other.c.channel == "status_page", other.c.status == "sent")
    wanted = cast(StatusSubscriber.component_ids, ARRAY(Text))
    is_named = exists(select(literal(1)).where(*same, other.c.components.has_any(wanted)))
    names_none = ~exists(select(literal(1)).where(*same, other.c.components != literal_column("'{}'::jsonb")))
    concerned = or_(func.cardinality(StatusSubscriber.component_ids) == 0, names_none, is_named)
    sent = (message.channel == "status_page", message.status == "sent")
    return _queue(tx, "incident", message.id, message.sent_at, *sent, concerned)


def _concerned() -> ColumnElement[bool]:
    about, wanted = StatusMaintenance.component_ids, StatusSubscriber.component_ids
    return or_(func.cardinality(wanted) == 0, func.cardinality(about) == 0, about.overlap(wanted))


def _announced(tx: Recording) -> int:
    told, window = StatusMaintenance, MaintenanceWindow
    is_on = (told.window_id == window.id, told.withdrawn_at.is_(None), window.cancelled_at.is_(None))
    return _queue(tx, "maintenance", told.id, told.created_at, *is_on, _concerned())


def _withdrawn(tx: Recording) -> int:
    """To those alone who had been told of it, when it does not come after all."""
    told, window, earlier = StatusMaintenance, MaintenanceWindow, StatusMail.__table__.alias("earlier")
    since = func.coalesce(told.withdrawn_at, window.cancelled_at)
    was_told = exists(
        select(literal(1)).where(
            earlier.c.subscriber_id == StatusSubscriber.id,
            earlier.c.kind == "maintenance",
            earlier.c.source_id == told.id,
        )
    )
    comes = or_(window.over_at.is_(None), window.over_at > since)
    return _queue(tx, "withdrawn", told.id, since, told.window_id == window.id, comes, was_told)


def send(actor: Actor) -> int:
    """Sends what is queued and due; returns how many were sent. Another job may send at the same time: never the same mail."""
    sent, until, session = 0, time.monotonic() + WORK_S, _Server()
    sources: dict[tuple[str, UUID], Source | None] = {}
    try:
        while time.monotonic() < until:
            outcome = _send_next(actor, session, sources)
            if outcome is None:
                return sent
            sent += outcome == "sent"
    finally:
        session.close()
    return sent


class _Server:
    """One connection for many mails."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def send(self, message: Any, recipient: str) -> None:
        """Raises OSError, SMTPException."""
        url = settings().smtp_url
        assert url is not None  # the caller looked
        self._server = self._server or mail.connect(url.get_secret_value())
        self._server.send_message(message, to_addrs=[recipient])

    def close(self) -> None:
        """Ends the connection; one that is broken ends by itself."""
        if self._server is not None:
            self._server.close()
            self._server = None


def _send_next(actor: Actor, server: _Server, sources: dict[tuple[str, UUID], Source | None]) -> str | None:
    """Takes one mail, which nobody else takes meanwhile, and keeps what became of it; None when none is due."""
    table = StatusMail
    due = select(table).where(table.outcome == "queued", table.at <= utc_now())
    with record(actor, timeout_ms=60_000) as tx:
        taken = tx.execute(due.order_by(table.at, table.id).limit(1).with_for_update(skip_locked=True)).scalar()
        if taken is None:
            return None
        values = _outcome(tx, taken, server, sources)
        tx.execute(update(table).where(table.id == taken.id).values(**values))
    return str(values["outcome"])


def _outcome(
    tx: Recording, one: Any, server: _Server, sources: dict[tuple[str, UUID], Source | None]
) -> dict[str, Any]:
    if settings().smtp_url is None:
        return {"outcome": "no mail server", "finished_at": utc_now()}
    message = composing.message(tx, one, sources)
    if isinstance(message, str):
        return {"outcome": "failed", "error": message, "finished_at": utc_now()}
    try:
        server.send(message, message["To"])
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return _not_taken(one, error)
    return {"outcome": "sent", "error": None, "attempts": one.attempts + 1, "finished_at": utc_now()}


def _not_taken(one: Any, error: Exception) -> dict[str, Any]:
    attempts, told = one.attempts + 1, str(error)[:500]
    if _is_final(error) or attempts >= MOST_ATTEMPTS:
        return {"outcome": "failed", "error": told, "attempts": attempts, "finished_at": utc_now()}
    later = utc_now() + FIRST_PAUSE * 3 ** (attempts - 1)
    return {"outcome": "queued", "error": told, "attempts": attempts, "at": later}


def _is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= _PERMANENT
