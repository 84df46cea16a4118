"""What a monitor may be, when it is checked, what its checks amount to. Pure; what each kind needs is in settings.py."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

KINDS = ("http", "tcp", "dns", "tls", "push")
CHECKED_STATES = ("up", "degraded", "down")
STATES = ("up", "degraded", "down", "paused", "unknown")
WORST_FIRST = ("down", "degraded", "up", "paused", "unknown")
SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S = 10, 86_400
LATE = timedelta(seconds=30)  # so much later than its time a check may come before nothing is known any more
SILENCE = timedelta(seconds=15)  # a checker that was not seen for so long does not run
MAX_NAME, MAX_DESCRIPTION, MAX_DETAIL, MOST_TAGS, MAX_TAG = 100, 2_000, 300, 20, 40
_TAG = re.compile(r"[a-z0-9][a-z0-9._:/-]*")


def phase_of(monitor_id: UUID, interval_s: int) -> float:
    """Seconds into each interval (counted from the epoch) at which the monitor is due: spread by its id, and always the same."""
    share = int.from_bytes(hashlib.blake2s(monitor_id.bytes, digest_size=8).digest()) / 2**64
    return share * interval_s


def next_slot(monitor_id: UUID, interval_s: int, after: float) -> float:
    """The first moment (epoch seconds) after `after` at which the monitor is due."""
    phase = phase_of(monitor_id, interval_s)
    passed = (after - phase) // interval_s
    return float((passed + 1) * interval_s + phase)


def due_by(next_at: datetime, timeout_s: float) -> datetime:
    """Until when a result must have come; after that nothing is known."""
    return next_at + timedelta(seconds=timeout_s) + LATE


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` until `until` (None: still) the state was `state`, because of `cause`."""

    since: datetime
    until: datetime | None
    state: str
    cause: str


def strip(changes: Sequence[Span], gaps: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """The changes without a gap between them, cut to [since, until), with what the checker does not know over them.

    `changes` are in order, each ending where the next one begins; a pause hides a gap: nobody wanted to know.
    """
    cut = [span for span in (_within(one, since, until) for one in changes) if span is not None]
    for gap in gaps:
        cut = [piece for span in cut for piece in _less(span, gap, until)]
    return _joined(cut)


def _within(span: Span, since: datetime, until: datetime) -> Span | None:
    begin, end = max(span.since, since), span.until
    if begin >= until or (end is not None and end <= begin):
        return None
    return Span(begin, end if end is not None and end < until else None, span.state, span.cause)


def _less(span: Span, gap: Span, until: datetime) -> list[Span]:
    begin, end = max(span.since, gap.since), min(span.until or until, gap.until or until)
    if begin >= end or span.state == "paused":
        return [span]
    pieces = [Span(span.since, begin, span.state, span.cause)] if span.since < begin else []
    is_open = span.until is None and gap.until is None
    pieces.append(Span(begin, None if is_open else end, gap.state, gap.cause))
    if end < (span.until or until):
        pieces.append(Span(end, span.until, span.state, span.cause))
    return pieces


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and last.until == span.since and (last.state, last.cause) == (span.state, span.cause):
            joined[-1] = Span(last.since, span.until, last.state, last.cause)
        else:
            joined.append(span)
    return joined


def overlap_s(spans: Iterable[tuple[datetime, datetime | None]], since: datetime, until: datetime) -> float:
    """Seconds of [since, until) that the spans hold; they do not overlap each other."""
    lengths = (min(end or until, until) - max(begin, since) for begin, end in spans)
    return sum(length.total_seconds() for length in lengths if length > timedelta())


def _clean_name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not 1 <= len(name) <= MAX_NAME or "\x00" in name:
        raise Invalid(f"Give the monitor a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_description(value: Any) -> str:
    text = str(value or "").replace("\x00", "").strip()
    if len(text) > MAX_DESCRIPTION:
        raise Invalid(f"The description has at most {MAX_DESCRIPTION:,} characters.")
    return text


def clean_tags(values: Any) -> list[str]:
    """Lower case, without repetition, in the given order. Raises Invalid."""
    chosen = list(dict.fromkeys(str(value).strip().lower() for value in values or () if str(value).strip()))
    if len(chosen) > MOST_TAGS or any(len(tag) > MAX_TAG or not _TAG.fullmatch(tag) for tag in chosen):
        raise Invalid(f"Write at most {MOST_TAGS} tags of letters, digits and . _ : / -, such as team:billing.")
    return chosen


def between(field: str, low: int, high: int) -> Any:
    """A cleaner of whole numbers."""

    def clean_number(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Invalid(f"The {field} is a whole number from {low:,} to {high:,}.")
        return value

    return clean_number


_CLEAN = {
    "name": _clean_name,
    "description": _clean_description,
    "interval_s": between("interval in seconds", SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S),
    "timeout_s": between("timeout in seconds", 1, 60),
    "retries": between("number of retries", 0, 10),
    "retry_interval_s": between("retry interval in seconds", 5, 3_600),
    "tags": clean_tags,
    "owner_id": lambda value: value,
    "allows_private": bool,
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that every kind has, as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)
