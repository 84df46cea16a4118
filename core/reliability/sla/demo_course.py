"""How the demo's minutes come about: stretches laid upon each other, and what a customer's own bad times look like."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some minutes in one state, and what they were judged by."""

    since: datetime
    until: datetime
    state: str
    cause: dict[str, Any]


@dataclass(slots=True)
class Course:
    """The minutes of one contract from `begin` to `end`: up, where nothing else was put."""

    contract_id: UUID
    tenant_id: UUID
    begin: datetime
    end: datetime
    stretches: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stretches = [Stretch(self.begin, self.end, "up", {})]

    def put(self, one: Stretch) -> None:
        """Whole minutes of it replace what was there before."""
        since, until = max(_floor(one.since), self.begin), min(_ceiling(one.until), self.end)
        if since >= until:
            return
        kept = [part for held in self.stretches for part in _without(held, since, until)]
        self.stretches = sorted([*kept, Stretch(since, until, one.state, one.cause)], key=lambda part: part.since)

    def bad(self) -> list[Stretch]:
        return [one for one in self.stretches if one.state == "down"]

    def rows(self) -> Iterator[dict[str, Any]]:
        """As the engine stores them."""
        for one in self.stretches:
            yield {
                "contract_id": self.contract_id, "starts_at": one.since, "ends_at": one.until, "tenant_id": self.tenant_id,
                "state": one.state, "cause": one.cause,
            }  # fmt: skip


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    whole = _floor(moment)
    return whole if whole == moment else whole + MINUTE


def _without(held: Stretch, since: datetime, until: datetime) -> Iterator[Stretch]:
    """What is left of a stretch beside others."""
    if held.until <= since or held.since >= until:
        yield held
        return
    if held.since < since:
        yield Stretch(held.since, since, held.state, held.cause)
    if held.until > until:
        yield Stretch(until, held.until, held.state, held.cause)


def own_outages(random: Random, begin: datetime, end: datetime) -> Iterator[Stretch]:
    """A few times when most requests of this customer failed; some had a long one."""
    if end - begin < timedelta(days=2):
        return
    lengths = random.choices((2, 3, 4, 6, 9, 14, 24), k=random.choices((0, 1, 2, 4), (20, 35, 25, 20))[0])
    lengths += [random.randint(25, 480)] if random.random() < 0.4 else []
    for minutes in lengths:
        yield from _failing(random, begin + (end - begin) * random.uniform(0.05, 0.9), minutes)


def _failing(random: Random, at: datetime, minutes: int) -> Iterator[Stretch]:
    """Each minute has its own figures."""
    for number in range(minutes):
        since, requests = _floor(at) + number * MINUTE, random.randint(14, 90)
        failed = {"requests": requests, "errors": round(requests * random.uniform(0.55, 1))}
        yield Stretch(since, since + MINUTE, "down", failed)


def clusters(given: Iterable[list[Stretch]], after: timedelta) -> list[tuple[datetime, datetime]]:
    """The times in which anything was bad, each with the time `after` it; those that touch are one."""
    found: list[tuple[datetime, datetime]] = []
    for one in sorted((stretch for some in given for stretch in some), key=lambda stretch: stretch.since):
        if found and one.since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.until + after))
        else:
            found.append((one.since, one.until + after))
    return found


def slow_minutes(random: Random, hour: Any) -> dict[str, Any]:
    """A violation of the promised latency in an hour whose latency was above it: its minutes are no longer kept."""
    began = hour.bucket + random.randint(2, 25) * MINUTE
    minutes, over = random.randint(6, 30), hour.latency_p99_ms - hour.latency_p99_target
    ended = began + minutes * MINUTE
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "contract_id": hour.contract_id, "tenant_id": hour.tenant_id,
        "metric": "latency_p99", "target": hour.latency_p99_target, "actual": round(hour.latency_p99_ms, 1), "minutes": minutes,
        "started_at": began, "impact": "critical" if over > 200 else "major" if over > 100 else "minor", "last_bad_at": ended,
        "ended_at": ended, "detected_at": began + 4 * MINUTE, "told_at": began + 5 * MINUTE, "detail": {},
    }  # fmt: skip
