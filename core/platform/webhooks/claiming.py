"""Which deliverer works on which endpoint: leases taken in batches with SKIP LOCKED, held while it works, lost when it dies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.telemetry import Recording, record
from core.platform.webhooks import rules
from core.platform.webhooks.models import Webhook
from core.platform.webhooks.sending import Endpoint, Message
from core.platform.webhooks.testing import endpoint_of

LEASE = timedelta(seconds=30)
PER_LANE = 100  # times the calls at once: enough to keep them busy while outcomes are stored
AT_ONCE = 4_000  # messages in memory, shared by the endpoints of a claim
CANDIDATES = 512

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_HELD = bindparam("held", type_=ARRAY(Uuid))
# Free, not resting, and with something due. Who waited longest for a turn comes first.
_FREE = (
    "w.disabled_at IS NULL AND (l.leased_until IS NULL OR l.leased_until < clock_timestamp())"
    " AND (l.open_until IS NULL OR l.open_until <= clock_timestamp() OR w.enabled_at > l.last_attempt_at)"
)
_WAITING = text(
    "SELECT l.webhook_id, l.tenant_id, (SELECT greatest(count(*), 1) FROM process_heartbeat h WHERE h.kind = 'worker'"
    "  AND h.stopped_at IS NULL AND h.seen_at > clock_timestamp() - interval '10 s') AS workers"
    " FROM webhook_lane l JOIN webhook w ON w.id = l.webhook_id"
    f" WHERE {_FREE} AND l.webhook_id <> ALL(:held) AND EXISTS (SELECT FROM webhook_delivery d"
    "  WHERE d.webhook_id = l.webhook_id AND d.status = 'waiting' AND d.next_attempt_at <= clock_timestamp())"
    " ORDER BY l.served_at NULLS FIRST, l.webhook_id LIMIT :most"
).bindparams(_HELD)
_LEASE = text(
    "WITH free AS (SELECT l.webhook_id FROM webhook_lane l JOIN webhook w ON w.id = l.webhook_id"
    f"  WHERE l.webhook_id = ANY(:ids) AND {_FREE} ORDER BY l.webhook_id FOR UPDATE OF l SKIP LOCKED)"
    " UPDATE webhook_lane l SET leased_by = :who, leased_until = clock_timestamp() + :lease, served_at = clock_timestamp()"
    " FROM free WHERE l.webhook_id = free.webhook_id"
    " RETURNING l.webhook_id, l.failures, l.failing_since, l.last_attempt_at"
).bindparams(_IDS)
# As text, with the place of the lane: ten thousands of these are read, and each UUID costs as much as the row.
_COLUMNS = (
    "lane.place, d.id::text, 'msg_' || replace(d.event_id::text, '-', ''), d.event_type, d.body, d.attempts,"
    " d.next_attempt_at <= clock_timestamp()"
)
_LANES = "unnest(%(ids)s::uuid[], %(limits)s::integer[]) WITH ORDINALITY AS lane (id, most, place)"
_DUE = (
    f"SELECT {_COLUMNS} FROM {_LANES} CROSS JOIN LATERAL (SELECT * FROM webhook_delivery WHERE webhook_id = lane.id"
    " AND status = 'waiting' AND next_attempt_at <= clock_timestamp() ORDER BY next_attempt_at, position LIMIT lane.most"
    " FOR UPDATE SKIP LOCKED) AS d ORDER BY d.next_attempt_at, d.position"
)
_IN_ORDER = (
    f"SELECT {_COLUMNS} FROM {_LANES} CROSS JOIN LATERAL (SELECT * FROM webhook_delivery WHERE webhook_id = lane.id"
    " AND status = 'waiting' ORDER BY position LIMIT lane.most FOR UPDATE) AS d ORDER BY d.position"
)
_RENEW = text(
    "UPDATE webhook_lane SET leased_until = clock_timestamp() + :lease WHERE leased_by = :who AND webhook_id = ANY(:ids)"
    " RETURNING webhook_id"
).bindparams(_IDS)


@dataclass(slots=True)
class Delivery:
    """One message that is due, by the text of its id; `attempts` of its present round are behind it."""

    id: str
    message: Message
    attempts: int


@dataclass(slots=True)
class Lane:
    """An endpoint that this deliverer holds, with what is due for it. `failures` in a row go on from the last turn's."""

    webhook_id: UUID
    tenant_id: UUID | None
    endpoint: Endpoint
    schedule: tuple[int, ...]
    calls_at_once: int
    is_ordered: bool
    enabled_at: datetime
    failures: int
    failing_since: datetime | None
    deliveries: list[Delivery]
    is_lost: bool = False


def claim(who: str, *, most: int, held: Iterable[UUID] = ()) -> list[Lane]:
    """Leases up to `most` endpoints that have something due, but no more than this worker's share; tenants take turns.

    Raises Unavailable.
    """
    with record(Actor.system("webhooks")) as tx:
        waiting = tx.session.execute(_WAITING, {"held": list(held), "most": CANDIDATES}).all()
        share = -(-len(waiting) // waiting[0].workers) if waiting else 0
        # Endpoints of the platform belong to nobody in particular: each is its own owner.
        owned = [(row.webhook_id, row.tenant_id or row.webhook_id) for row in waiting]
        chosen = rules.take_turns(owned, min(most, share))
        if not chosen:
            return []
        leased = {
            row.webhook_id: row for row in tx.session.execute(_LEASE, {"ids": chosen, "who": who, "lease": LEASE})
        }
        webhooks = tx.session.scalars(select(Webhook).where(Webhook.id.in_(list(leased)))).all()
        lanes = [_lane(webhook, leased[webhook.id]) for webhook in webhooks]
        each = AT_ONCE // max(len(lanes), 1)
        _fill(tx, [lane for lane in lanes if not lane.is_ordered], _DUE, each)
        _fill(tx, [lane for lane in lanes if lane.is_ordered], _IN_ORDER, each)
    return lanes


def _lane(webhook: Webhook, state: Any) -> Lane:
    starts_anew = state.last_attempt_at is not None and webhook.enabled_at > state.last_attempt_at
    return Lane(
        webhook.id, webhook.tenant_id, endpoint_of(webhook), rules.schedule_of(webhook.retry_after_s),
        webhook.max_concurrency, webhook.is_ordered, webhook.enabled_at, state.failures,
        None if starts_anew else state.failing_since, [],
    )  # fmt: skip


def _limit(lane: Lane, each: int) -> int:
    """One message tries an endpoint that was failing; otherwise as many as keep its calls busy."""
    is_probe = rules.rest_after(lane.failures) is not None
    return 1 if is_probe else min(lane.calls_at_once * PER_LANE, max(each, lane.calls_at_once))


def _fill(tx: Recording, lanes: list[Lane], statement: str, each: int) -> None:
    if not lanes:
        return
    given = {"ids": [lane.webhook_id for lane in lanes], "limits": [_limit(lane, each) for lane in lanes]}
    blocked: set[int] = set()
    for place, key, message_id, event_type, body, attempts, is_due in db.driver(tx.session).execute(statement, given):
        if place in blocked or not is_due:
            blocked.add(place)  # in order: what is behind a message that waits, waits with it
            continue
        lanes[place - 1].deliveries.append(Delivery(key, Message(message_id, event_type, body), attempts))


def renew(who: str, held: Iterable[UUID]) -> set[UUID]:
    """Holds on to these endpoints; returns those that are still held. Raises Unavailable."""
    ids = list(held)
    with record(Actor.system("webhooks")) as tx:
        return set(tx.session.scalars(_RENEW, {"who": who, "ids": ids, "lease": LEASE})) if ids else set()
