"""What an endpoint may be, when a message is tried again, when an endpoint is left alone. Pure."""

import email.utils
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

STATUSES = ("waiting", "delivered", "failed", "cancelled")
SIGNINGS = ("v1", "v1a")
# The schedule of Standard Webhooks 1.0.0 (section "Deliverability and reliability"): seconds before each attempt.
SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
TIMEOUT_S, MAX_CONCURRENCY = 15, 10
LONGEST_WAIT = timedelta(hours=24)
MOST_ATTEMPTS = 20
# The circuit breaker: after so many failures in a row the endpoint rests, and one message tries whether it is back.
OPENS_AFTER = 5
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
DISABLE_AFTER = timedelta(days=5)
GONE = 410
ADVISED_BYTES = 20_000
MAX_NAME, MAX_URL = 100, 2_000

_PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")
Item = TypeVar("Item")


def schedule_of(own: Sequence[int] | None) -> tuple[int, ...]:
    """Seconds before each attempt: the endpoint's own, or the standard's."""
    return tuple(own) if own else SCHEDULE


def next_attempt(
    attempts: int, schedule: Sequence[int], *, now: datetime, random: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again after that many failed attempts; None when the schedule is at its end.

    `random` (0 to 1) spreads the moment over the JITTER share of the pause; a longer Retry-After counts, up to a day.
    """
    if attempts >= len(schedule):
        return None
    pause = timedelta(seconds=schedule[attempts] * (1 + JITTER * random))
    return now + min(max(pause, retry_after or timedelta()), max(LONGEST_WAIT, pause))


def retry_after_of(header: str | None, *, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for (RFC 9110, section 10.2.3: seconds or a date); None when it cannot be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_WAIT.total_seconds())))
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), LONGEST_WAIT)


def rest_after(failures: int) -> timedelta | None:
    """How long the breaker stays open after that many failures in a row; None while it is closed."""
    if failures < OPENS_AFTER:
        return None
    return min(FIRST_REST * int(2 ** min(failures - OPENS_AFTER, 10)), LONGEST_REST)


def is_failing_too_long(failing_since: datetime | None, enabled_at: datetime, *, now: datetime) -> bool:
    """Whether nothing but failures for five days of service; being enabled anew begins anew."""
    return failing_since is not None and now - max(failing_since, enabled_at) >= DISABLE_AFTER


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns (`tenants.suspend`, `tenants.*`, `*`) covers the type."""
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)


def take_turns(waiting: Sequence[tuple[Item, Any]], most: int) -> list[Item]:
    """At most `most` of the (item, owner) pairs, one owner after the other, each owner's in the given order."""
    by_owner: dict[Any, list[Item]] = {}
    for item, owner in waiting:
        by_owner.setdefault(owner, []).append(item)
    chosen: list[Item] = []
    rounds = max(map(len, by_owner.values()), default=0)
    for place in range(rounds):
        chosen += [items[place] for items in by_owner.values() if place < len(items)]
        if len(chosen) >= most:
            break
    return chosen[:most]


def _clean_name(text: Any) -> str:
    name = " ".join(str(text).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"Give the webhook a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_events(values: Any) -> list[str]:
    chosen = list(dict.fromkeys(str(value).strip() for value in values or ()))
    bad = [value for value in chosen if not _PATTERN.fullmatch(value)]
    if not chosen or bad:
        shown = f"“{bad[0][:60]}” is not an event" if bad else "No event is chosen"
        raise Invalid(f"{shown}. Choose from the catalogue, or write a pattern such as tenants.*")
    return ["*"] if "*" in chosen else chosen


def _clean_schedule(values: Any) -> list[int] | None:
    if not values:
        return None
    sentence = f"The schedule has 1 to {MOST_ATTEMPTS} pauses in seconds, each at most a day, such as 0, 5, 300."
    if len(values) > MOST_ATTEMPTS or any(isinstance(one, bool) or not isinstance(one, int) for one in values):
        raise Invalid(sentence)
    if any(not 0 <= one <= LONGEST_WAIT.total_seconds() for one in values):
        raise Invalid(sentence)
    return list(values)


def _clean_signing(value: Any) -> str:
    if value not in SIGNINGS:
        raise Invalid("Choose v1 (shared secret) or v1a (Ed25519 key pair) as the signature.")
    return str(value)


def _between(field: str, low: int, high: int) -> Any:
    def clean(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Invalid(f"The {field} is a whole number from {low} to {high}.")
        return value

    return clean


_CLEAN = {
    "name": _clean_name,
    "url": lambda value: str(value).strip(),  # what it must be is in core/kernel/outbound.py
    "events": _clean_events,
    "signing": _clean_signing,
    "sends_iris_headers": bool,
    "is_ordered": bool,
    "retry_after_s": _clean_schedule,
    "timeout_s": _between("timeout", 1, 60),
    "max_concurrency": _between("number of calls at once", 1, 100),
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)


def parse_schedule(text: str) -> list[int] | None:
    """`0, 5, 5m, 2h` as seconds; None for nothing. Raises Invalid."""
    parts = [part for part in re.split(r"[\s,;]+", text.strip().lower()) if part]
    units = {"s": 1, "m": 60, "h": 3600}
    seconds = []
    for part in parts:
        found = re.fullmatch(r"(\d{1,6})([smh]?)", part)
        if not found:
            sentence = f"“{part[:20]}” is not a pause. Write seconds, or 5m, or 2h, separated by commas."
            raise Invalid(sentence, {"retry_after_s": sentence})
        seconds.append(int(found[1]) * units.get(found[2], 1))
    return seconds or None


def show_schedule(seconds: Iterable[int]) -> str:
    """The pauses as parse_schedule reads them."""
    shown = (next((f"{one // size}{unit}" for size, unit in ((3600, "h"), (60, "m")) if one and one % size == 0), f"{one}s")
             for one in seconds)  # fmt: skip
    return ", ".join(shown)
