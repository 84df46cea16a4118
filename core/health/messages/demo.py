"""Demo messages: what each provider carried, at what price, and how much of it arrived."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from core.health.messages.models import MESSAGE_ROLLUP, PROVIDER_ROLLUP, MessageEvent
from core.health.shapes import drawn, measured, shaped, times
from core.health.weather import Times, Weather, busy
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.rollups import Grain, fill, roll
from core.kernel.sketch import sketch_of
from core.kernel.telemetry import Recording, record

TOLD_FOR = timedelta(days=62)
ROLLUPS = (MESSAGE_ROLLUP, PROVIDER_ROLLUP)
ERRORS = (
    "30003 Unreachable destination handset", "30007 Message filtered by the carrier", "550 No such mailbox",
    "Timed out after 30 s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carrier:
    """`rate` is messages a minute in the busiest hour; `priced` is the share whose price is told."""

    provider: str
    channel: str
    rate: float
    failed: float
    median_ms: float
    price: Decimal
    currency: str
    priced: float = 1.0


CARRIERS = (
    Carrier("twilio", "sms", 11, 0.015, 900, Decimal("0.0079"), "USD"),
    Carrier("telnyx", "sms", 3, 0.085, 1_300, Decimal("0.0040"), "USD"),
    Carrier("elasticemail", "email", 14, 0.008, 350, Decimal("0.0009"), "EUR", priced=0.9),
    Carrier("twilio", "voice", 0.8, 0.21, 4_200, Decimal("0.0140"), "USD"),
    Carrier("mailgun", "email", 0.4, 0.01, 520, Decimal(0), "EUR", priced=0.0),
)


def seed(system: Actor, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Fills the message tables, which must be empty, over the times of the other telemetry."""
    weather, span = Weather(random, now), Times.up_to(now)
    callers: list[UUID | None] = [*tenants[:25]] or [None]
    with record(system, timeout_ms=60_000) as tx:
        _fill(
            tx, "hour", [row for at in span.hours if at > now - TOLD_FOR for row in _hour(random, weather, callers, at)]
        )
        _fill(tx, "minute", [row for at in span.minutes for row in _minute(random, callers, at)])
        retention.make_ready(tx, "message_event", "day", span.rows_from, now)
        tx.copy(MessageEvent, [row for at in span.last_minutes for row in _events(random, callers, at, now)])
    for rollup in ROLLUPS:
        roll(rollup)


def _fill(tx: Recording, grain: Grain, rows: list[dict[str, Any]]) -> None:
    for rollup in ROLLUPS:
        fill(tx, rollup, grain, rows)


def _hour(random: Random, weather: Weather, callers: list[Any], at: datetime) -> Iterator[dict[str, Any]]:
    if weather.is_dark(at):
        return
    for carrier in CARRIERS:
        sent = times(random, 60 * carrier.rate * busy(at))
        failed = min(times(random, sent * (carrier.failed + 0.3 * weather.down(at))), sent)
        sketch = shaped(sent - failed, carrier.median_ms, 0.6) if sent > failed else ([], [])
        yield from _summed(random, at, carrier, random.choice(callers), sent, failed, sketch)


def _minute(random: Random, callers: list[Any], at: datetime) -> Iterator[dict[str, Any]]:
    for carrier in CARRIERS:
        sent = times(random, carrier.rate * busy(at))
        failed = sum(random.random() < carrier.failed for _ in range(sent))
        sketch = sketch_of(drawn(random, sent - failed, carrier.median_ms, 0.6))
        yield from _summed(random, at, carrier, random.choice(callers), sent, failed, sketch)


def _summed(
    random: Random, at: datetime, carrier: Carrier, tenant: UUID | None, sent: int, failed: int, sketch: Any
) -> Iterator[dict[str, Any]]:
    """The priced sendings in their currency; the others, receipts and failures in none."""
    priced = round(sent * carrier.priced)
    who = {"bucket": at, "tenant_id": tenant, "provider": carrier.provider, "channel": carrier.channel}
    if priced:
        yield who | _counts(sent=priced, priced=priced) | {
            "currency": carrier.currency, "cost_sum": priced * carrier.price, **measured(([], [])),
        }  # fmt: skip
    if sent:
        rest = _counts(sent=sent - priced, delivered=sent - failed, failed=failed)
        yield who | rest | {"currency": None, "cost_sum": Decimal(0), **measured(sketch)}


def _counts(*, sent: int = 0, delivered: int = 0, failed: int = 0, priced: int = 0) -> dict[str, int]:
    return {
        "total": sent + delivered + failed,
        "sent": sent,
        "delivered": delivered,
        "failed": failed,
        "priced": priced,
    }


def _events(random: Random, callers: list[Any], at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    for carrier in CARRIERS:
        for _ in range(times(random, carrier.rate * busy(at))):
            moment = at + timedelta(seconds=random.uniform(0, 55))
            if moment + timedelta(seconds=10) < now:
                yield from _life(random, carrier, random.choice(callers), moment)


def _life(random: Random, carrier: Carrier, tenant: UUID | None, at: datetime) -> Iterator[dict[str, Any]]:
    """Sent, then delivered or failed."""
    is_priced, took = random.random() < carrier.priced, drawn(random, 1, carrier.median_ms, 0.6)[0]
    one = {
        "tenant_id": tenant, "provider": carrier.provider, "channel": carrier.channel,
        "message_id": f"demo-{random.getrandbits(48):012x}",
    }  # fmt: skip
    price = {"cost": carrier.price, "currency": carrier.currency} if is_priced else {"cost": None, "currency": None}
    yield one | price | {"at": at, "id": uuid7(), "status": "sent", "duration_ms": None, "error": None}
    failed = random.random() < carrier.failed
    yield one | {
        "at": at + timedelta(milliseconds=min(took, 9_000)), "id": uuid7(), "status": "failed" if failed else "delivered",
        "duration_ms": None if failed else Decimal(round(took * 1000)) / 1000, "cost": None, "currency": None,
        "error": random.choice(ERRORS) if failed else None,
    }  # fmt: skip
