"""Demo webhooks of tenants and of the platform with 14 days of deliveries; the same for the same seed, relative to now.

Their hosts end in .example, which never resolves (RFC 2606), and nothing of them is due: what waits belongs to webhooks
that are disabled. Their secrets are real random bits that nobody was shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.events import Event
from core.kernel.rollups import roll
from core.kernel.telemetry import Recording, record
from core.kernel.writes import Transaction
from core.platform.webhooks import messages, rules, signatures
from core.platform.webhooks.catalogue import EventType, catalogue
from core.platform.webhooks.models import WEBHOOK_ROLLUP, Webhook, WebhookAttempt, WebhookDelivery, WebhookLane

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SHOWN = 14 * DAY
_SURELY_LATE = 3  # so many deliveries lie in the time when it was broken
_ANSWERS = {200: "OK", 202: '{"queued": true}', 204: "", 410: "Gone", 429: "Slow down", 500: "Internal Server Error",
            502: "<html><body>502 Bad Gateway</body></html>", 503: '{"error": "upstream connect error"}'}  # fmt: skip
_REASONS = ("Invoice overdue for 60 days", "Requested by the customer during a dispute", "Suspicious sign-ins")
Failure = tuple[int | None, str]
TIMEOUT: Failure = (None, "no answer within 15 s")
NO_HOST: Failure = (None, "Cannot connect to host: the name does not resolve")
CERTIFICATE: Failure = (None, "TLS: certificate verify failed: certificate has expired")
FULL: Failure = (503, "answered 503")
BROKEN: Failure = (500, "answered 500")
GATEWAY: Failure = (502, "answered 502")
GONE: Failure = (410, "answered 410")


@dataclass(frozen=True, slots=True)
class Shape:
    """`tenant` is a place in the list of tenants, None the platform. `a_day` is deliveries per day, `flaky` the share of
    first attempts that fail. `broken` (hours ago, how) is when it stopped answering for good; `disabled` (hours ago,
    reason, by the portal) when it was disabled."""

    name: str
    host: str
    tenant: int | None
    events: tuple[str, ...]
    a_day: float
    flaky: float = 0.02
    usual: Failure = BROKEN
    broken: tuple[float, Failure] | None = None
    disabled: tuple[float, str, bool] | None = None
    values: dict[str, Any] = field(default_factory=dict)


_FLAGS, _KEYS = ("flags.*",), ("api_keys.*",)
SHAPES = (
    Shape("Data warehouse", "ingest.warehouse.example/v2/events", None, ("*",), 34, 0.01, GATEWAY,
          values={"max_concurrency": 40}),
    Shape("Security information and event management", "siem.quarterdeck-security.example/collect", None,
          ("operators.*", "sessions.*", "api_keys.*", "webhooks.*"), 12, 0.02, TIMEOUT, values={"signing": "v1a"}),
    Shape("Billing", "billing.example/hooks/quarterdeck", None, ("tenants.*",), 11, 0.04, FULL, values={"is_ordered": True}),
    Shape("Identity sync", "hooks.identity-sync.example/scim/quarterdeck", 0, (*_FLAGS, "tenants.update"), 9, 0.02),
    Shape("Provisioning", "api.provisioning.example/v1/webhooks/quarterdeck", 1, _FLAGS, 7, 0.05, TIMEOUT),
    Shape("Chat alerts", "chat.example/services/T02AB4/B77/quarterdeck", 2, ("tenants.suspend", "tenants.reactivate"), 2),
    Shape("Old Iris receiver", "iris-bridge.example/in", 3, ("*",), 8, 0.03, GATEWAY, values={"sends_iris_headers": True}),
    Shape("Staging copy", "staging.events.example/very/long/path/" + "segment/" * 12 + "end?source=quarterdeck", 4, ("*",),
          6, 0.12),
    Shape("Order management", "orders.example/quarterdeck", 5, _FLAGS, 8, 0.02, broken=(5.2, FULL),
          values={"retry_after_s": [0, 5, 60, 300]}),
    Shape("ERP connector", "erp.example/webhooks", 6, ("*",), 5, 0.02, broken=(148, CERTIFICATE),
          disabled=(27, f"Every attempt failed for five days. Last: {CERTIFICATE[1]}", True)),
    Shape("Proof of concept", "poc-7f3a.example/hook", 7, _FLAGS, 3, 0.05, broken=(89.9005, GONE),
          disabled=(89.9, "It answered 410 Gone.", True)),
    Shape("Partner portal", "partner.example/callbacks/quarterdeck", 8, (*_FLAGS, *_KEYS), 6, 0.08,
          disabled=(52, "The partner moves to another data centre until Monday.", False)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planted:
    """A webhook of the demo company, as its deliveries need it."""

    id: UUID
    tenant_id: UUID | None
    secret: str
    shape: Shape

    @property
    def url(self) -> str:
        return f"https://{self.shape.host}"

    @property
    def schedule(self) -> tuple[int, ...]:
        return rules.schedule_of(self.shape.values.get("retry_after_s"))


def seed(
    tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: dict[str, UUID]
) -> list[Planted]:
    """Makes the webhooks, by the developer and the platform administrator."""
    makers = [operators.get(role) for role in ("developer", "platform_admin")]
    planted = [_plant(random, shape, tenants) for shape in SHAPES]
    tx.bulk(insert(Webhook), [_row(random, one, now, random.choice(makers)) for one in planted])
    return planted


def _plant(random: Random, shape: Shape, tenants: list[UUID]) -> Planted:
    tenant_id = None if shape.tenant is None or not tenants else tenants[shape.tenant % len(tenants)]
    secret = signatures.new_secret(shape.values.get("signing", "v1"))
    return Planted(UUID(int=random.getrandbits(128), version=4), tenant_id, secret, shape)


def _row(random: Random, one: Planted, now: datetime, maker: UUID | None) -> dict[str, Any]:
    made = now - timedelta(days=random.randint(20, 300), minutes=random.randint(0, 1439))
    hours, reason, by_itself = one.shape.disabled or (0, None, True)
    disabled = now - hours * HOUR if reason else None
    standard = {"signing": "v1", "sends_iris_headers": False, "is_ordered": False, "retry_after_s": None,
                "timeout_s": rules.TIMEOUT_S, "max_concurrency": rules.MAX_CONCURRENCY}  # fmt: skip
    return standard | one.shape.values | {
        "id": one.id, "tenant_id": one.tenant_id, "name": one.shape.name, "url": one.url, "events": list(one.shape.events),
        "secret": one.secret, "created_by": maker, "enabled_at": made, "disabled_at": disabled,
        "disabled_by": None if by_itself else maker, "disabled_reason": reason, "created_at": made,
        "updated_at": disabled or made, "version": 2 if disabled else 1,
    }  # fmt: skip


@dataclass(slots=True)
class History:
    """What was sent to one webhook: rows of deliveries and of attempts."""

    deliveries: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)


def seed_deliveries(system: Actor, random: Random, now: datetime, planted: list[Planted]) -> None:
    """Fills deliveries, attempts and their rollup, which must be empty."""
    histories = {one.id: _history(random, one, now) for one in planted}
    deliveries = [row for history in histories.values() for row in history.deliveries]
    attempts = [row for history in histories.values() for row in history.attempts]
    with record(system, timeout_ms=60_000) as tx:
        retention.make_ready(tx, "webhook_attempt", "day", now - SHOWN, now)
        tx.copy(WebhookDelivery, sorted(deliveries, key=lambda row: row["created_at"]))
        tx.copy(WebhookAttempt, attempts)
        _lanes(tx, planted, histories)
    roll(WEBHOOK_ROLLUP)


def _history(random: Random, one: Planted, now: datetime) -> History:
    history = History()
    stopped = now - (one.shape.disabled[0] * HOUR if one.shape.disabled else timedelta(minutes=20))
    kinds = [
        kind
        for kind in catalogue().values()
        if rules.wants(one.shape.events, kind.name) and (one.tenant_id is None or kind.for_tenants)
    ]
    for place in range(round(one.shape.a_day * SHOWN / DAY)):
        begin = _broken_since(one.shape, stopped) if place < _SURELY_LATE else now - SHOWN
        created = begin + (stopped - begin) * random.random()
        _deliver(random, one, random.choice(kinds), created, stopped, history)
    return history


def _broken_since(shape: Shape, stopped: datetime) -> datetime:
    """When it stopped answering for good; long ago when it never did."""
    if shape.broken is None:
        return stopped - SHOWN / 2
    return stopped - (shape.broken[0] - (shape.disabled[0] if shape.disabled else 0)) * HOUR


def _deliver(
    random: Random, one: Planted, kind: EventType, created: datetime, stopped: datetime, history: History
) -> None:
    event_id = UUID(int=random.getrandbits(128), version=4)
    body = messages.body_of(
        _event(random, kind, event_id, one, created), with_iris=bool(one.shape.values.get("sends_iris_headers"))
    )
    row = {"id": UUID(int=random.getrandbits(128), version=4), "webhook_id": one.id, "tenant_id": one.tenant_id,
           "event_id": event_id, "event_type": kind.name, "body": body, "created_at": created}  # fmt: skip
    calls = list(_calls(random, one, created, stopped))
    history.attempts += [
        _attempt(random, one, row, number, at, failure) for number, (at, failure) in enumerate(calls, 1)
    ]
    history.deliveries.append(row | _ended(one, created, calls, stopped))


def _event(random: Random, kind: EventType, event_id: UUID, one: Planted, at: datetime) -> Event:
    about = {
        "entity_type": kind.entity, "entity_ids": [UUID(int=random.getrandbits(128), version=4)],
        "reason": random.choice(_REASONS) if kind.needs_reason else None,
    }  # fmt: skip
    return Event(id=event_id, type=kind.name, tenant_id=one.tenant_id, payload=about, occurred_at=at)


def _calls(
    random: Random, one: Planted, created: datetime, stopped: datetime
) -> Iterator[tuple[datetime, Failure | None]]:
    """The attempts until one succeeds, the schedule ends or the webhook was disabled."""
    for number, pause in enumerate(accumulate(one.schedule)):
        at = created + timedelta(seconds=pause * (1 + rules.JITTER * random.random()) + random.uniform(0.02, 0.6))
        if at > stopped:
            return
        failure = _failure(random, one, number, at, stopped)
        yield at, failure
        if failure is None:
            return


def _failure(random: Random, one: Planted, number: int, at: datetime, stopped: datetime) -> Failure | None:
    if one.shape.broken and at >= _broken_since(one.shape, stopped):
        return one.shape.broken[1]
    return one.shape.usual if random.random() < (one.shape.flaky if number == 0 else 0.25) else None


def _ended(
    one: Planted, created: datetime, calls: list[tuple[datetime, Failure | None]], stopped: datetime
) -> dict[str, Any]:
    """The delivery's state after these attempts. What is not at its end waits, which only a disabled webhook may have."""
    last_at, failure = calls[-1] if calls else (created, None)
    status, error = failure or (200 if calls else None, None)
    row = {
        "attempts": len(calls),
        "last_status": status,
        "last_error": error,
        "next_attempt_at": last_at,
        "finished_at": last_at,
    }
    if calls and failure is None:
        return row | {"status": "delivered"}
    if len(calls) == len(one.schedule):
        return row | {"status": "failed"}
    if one.shape.disabled:
        return row | {"status": "waiting", "finished_at": None, "next_attempt_at": stopped + HOUR}
    return row | {"status": "cancelled", "finished_at": stopped}


def _attempt(
    random: Random, one: Planted, delivery: dict[str, Any], number: int, at: datetime, failure: Failure | None
) -> dict[str, Any]:
    status, error = failure or (random.choice((200, 200, 200, 202, 204)), None)
    slow = random.lognormvariate(4.6, 0.6)
    headers = signatures.headers_of(
        message_id=messages.message_id(delivery["event_id"]), at=at, body=delivery["body"].encode(), secrets=[one.secret],
        event_type=delivery["event_type"], with_iris=bool(one.shape.values.get("sends_iris_headers")),
    )  # fmt: skip
    answered = {
        "content-type": "text/plain; charset=utf-8",
        "server": "nginx",
        "x-request-id": f"{random.getrandbits(48):012x}",
    }
    return {
        "at": at, "id": UUID(int=random.getrandbits(128), version=4), "delivery_id": delivery["id"], "webhook_id": one.id,
        "tenant_id": one.tenant_id, "event_type": delivery["event_type"], "number": number, "url": one.url,
        "request_headers": headers, "request_body": None, "is_success": failure is None, "status": status,
        "response_headers": answered if status else None, "response_body": _ANSWERS[status] if status else None,
        "duration_ms": round(15_000 + slow if failure == TIMEOUT else slow, 2), "error": error, "sent_by": "demo data",
    }  # fmt: skip


def _lanes(tx: Recording, planted: list[Planted], histories: dict[UUID, History]) -> None:
    for one in planted:
        calls = sorted(histories[one.id].attempts, key=lambda row: row["at"])
        if calls:
            tx.execute(insert(WebhookLane), _lane(one, calls))


def _lane(one: Planted, calls: list[dict[str, Any]]) -> dict[str, Any]:
    good = [row["at"] for row in calls if row["is_success"]]
    since = [row for row in calls if not good or row["at"] > good[-1]]
    return {
        "webhook_id": one.id, "tenant_id": one.tenant_id, "failures": len(since),
        "failing_since": since[0]["at"] if since else None, "last_attempt_at": calls[-1]["at"],
        "last_success_at": good[-1] if good else None, "last_status": calls[-1]["status"], "last_error": calls[-1]["error"],
        "attempts": len(calls), "successes": len(good),
    }  # fmt: skip
