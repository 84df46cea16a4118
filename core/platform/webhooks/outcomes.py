"""What became of calls, stored in batches: the deliveries' new state, every attempt, what is known of the endpoints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import random
from typing import Any
from uuid import UUID

from core.kernel import db, retention
from core.kernel.actor import Actor
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.platform.webhooks import rules
from core.platform.webhooks.claiming import Delivery, Lane
from core.platform.webhooks.sending import Attempt

# One statement for all of it: each further one would be a wait, in which calls and storing fight for the interpreter.
# A delivery that somebody touched meanwhile keeps what he said, except that one that arrived has arrived. What waits is
# found by id and asked for its end: asked for its status, the planner walks the partial index of all that wait.
_STORE = """
WITH o AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(outcomes)s::jsonb) AS o (
        at timestamptz, delivery_id uuid, webhook_id uuid, tenant_id uuid, event_type text, number integer, url text,
        request_headers jsonb, is_success boolean, status smallint, response_headers jsonb, response_body text,
        duration_ms float8, error text, becomes text, next_attempt_at timestamptz, finished_at timestamptz)
), moved AS (
    UPDATE webhook_delivery d SET status = o.becomes, attempts = o.number, last_status = o.status, last_error = o.error,
        next_attempt_at = coalesce(o.next_attempt_at, d.next_attempt_at), finished_at = o.finished_at
    FROM o WHERE d.id = o.delivery_id AND d.finished_at IS NULL
        AND (d.attempts = o.number - 1 OR o.becomes = 'delivered')
), kept AS (
    INSERT INTO webhook_attempt (at, id, delivery_id, webhook_id, tenant_id, event_type, number, url, request_headers,
        is_success, status, response_headers, response_body, duration_ms, error, sent_by)
    SELECT at, gen_random_uuid(), delivery_id, webhook_id, tenant_id, event_type, number, url, request_headers,
        is_success, status, response_headers, response_body, duration_ms, error, %(who)s FROM o
)
UPDATE webhook_lane l SET failures = s.failures, failing_since = s.failing_since, open_until = s.open_until,
    last_attempt_at = coalesce(s.last_attempt_at, l.last_attempt_at),
    last_status = CASE WHEN s.attempts > 0 THEN s.last_status ELSE l.last_status END,
    last_error = CASE WHEN s.attempts > 0 THEN s.last_error ELSE l.last_error END,
    last_success_at = coalesce(s.last_success_at, l.last_success_at),
    attempts = l.attempts + s.attempts, successes = l.successes + s.successes,
    leased_until = CASE WHEN s.is_done THEN NULL ELSE l.leased_until END
FROM jsonb_to_recordset(%(lanes)s::jsonb) AS s (
    webhook_id uuid, failures integer, failing_since timestamptz, open_until timestamptz, last_attempt_at timestamptz,
    last_status smallint, last_error text, last_success_at timestamptz, attempts integer, successes integer,
    is_done boolean)
WHERE l.webhook_id = s.webhook_id AND l.leased_by = %(who)s
"""
_ready: set[date] = set()


@dataclass(slots=True)
class Outcome:
    """One call of one delivery."""

    lane: Lane
    delivery: Delivery
    attempt: Attempt


@dataclass(slots=True)
class Verdict:
    """Endpoints that must be disabled: gone for good, or failing for too long (with the last error)."""

    gone: set[UUID] = field(default_factory=set)
    failing: dict[UUID, str] = field(default_factory=dict)


def note(lane: Lane, attempt: Attempt) -> None:
    """Counts the call into what is known of the endpoint."""
    if attempt.is_success:
        lane.failures, lane.failing_since = 0, None
    else:
        lane.failures += 1
        lane.failing_since = lane.failing_since or attempt.at


def store(who: str, outcomes: Sequence[Outcome], done: Iterable[Lane]) -> Verdict:
    """Stores calls, and gives back the endpoints that are done with. Raises Unavailable, and then nothing was stored."""
    now, finished = utc_now(), {lane.webhook_id: lane for lane in done}
    attempts: dict[UUID, list[Attempt]] = {webhook_id: [] for webhook_id in finished}
    for one in outcomes:
        attempts.setdefault(one.lane.webhook_id, []).append(one.attempt)
    lanes = finished | {one.lane.webhook_id: one.lane for one in outcomes}
    states = [_state(lane, attempts[key], now) | {"is_done": key in finished} for key, lane in lanes.items()]
    given = {"outcomes": db.to_json([_row(one, now) for one in outcomes]), "lanes": db.to_json(states), "who": who}
    with record(Actor.system("webhooks")) as tx:
        _make_ready(tx, {one.attempt.at for one in outcomes})
        db.driver(tx.session).execute(_STORE, given)
    return _verdict(outcomes, now)


def _make_ready(tx: Recording, moments: set[datetime]) -> None:
    """The partitions of these days, asked for once a day."""
    days = {moment.date() for moment in moments} - _ready
    if days:
        retention.make_ready(tx, "webhook_attempt", "day", min(moments), max(moments))
        _ready.update(days)


def _becomes(one: Outcome, now: datetime) -> dict[str, Any]:
    """The delivery's next state, and when."""
    if one.attempt.is_success:
        return {"becomes": "delivered", "finished_at": now}
    again = rules.next_attempt(
        one.delivery.attempts + 1, one.lane.schedule, now=now, random=random(), retry_after=_asked_for(one.attempt, now)
    )
    if again is None:
        return {"becomes": "failed", "finished_at": now}
    return {"becomes": "waiting", "next_attempt_at": again}


def _asked_for(attempt: Attempt, now: datetime) -> timedelta | None:
    headers = {name.lower(): value for name, value in (attempt.response_headers or {}).items()}
    return rules.retry_after_of(headers.get("retry-after"), now=now)


def _row(one: Outcome, now: datetime) -> dict[str, Any]:
    made, lane = one.attempt, one.lane
    return {
        "at": made.at, "delivery_id": one.delivery.id, "webhook_id": lane.webhook_id, "tenant_id": lane.tenant_id,
        "event_type": one.delivery.message.event_type, "number": one.delivery.attempts + 1, "url": lane.endpoint.url,
        "request_headers": made.request_headers, "is_success": made.is_success, "status": made.status,
        "response_headers": made.response_headers, "response_body": made.response_body, "duration_ms": made.duration_ms,
        "error": made.error, **_becomes(one, now),
    }  # fmt: skip


def _state(lane: Lane, attempts: list[Attempt], now: datetime) -> dict[str, Any]:
    rest = rules.rest_after(lane.failures)
    last = max(attempts, key=lambda one: one.at, default=None)
    succeeded = [one.at for one in attempts if one.is_success]
    return {
        "webhook_id": lane.webhook_id, "failures": lane.failures, "failing_since": lane.failing_since,
        "open_until": now + rest if rest else None, "last_attempt_at": last.at if last else None,
        "last_status": last.status if last else None, "last_error": last.error if last else None,
        "last_success_at": max(succeeded, default=None), "attempts": len(attempts), "successes": len(succeeded),
    }  # fmt: skip


def _verdict(outcomes: Sequence[Outcome], now: datetime) -> Verdict:
    verdict = Verdict()
    for one in outcomes:
        lane, attempt = one.lane, one.attempt
        if attempt.status == rules.GONE:
            verdict.gone.add(lane.webhook_id)
        elif attempt.error and rules.is_failing_too_long(lane.failing_since, lane.enabled_at, now=now):
            verdict.failing[lane.webhook_id] = attempt.error
    return verdict
