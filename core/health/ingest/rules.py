"""What rows of telemetry may be: sizes, times, numbers. Pure."""

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

MAX_ROWS = 10_000
MAX_BYTES = 16 * 1024 * 1024  # of a batch, unpacked
MAX_ROW_BYTES = 256 * 1024
MAX_BATCH_ID = 200
FUTURE = timedelta(minutes=10)  # clocks differ, and no more than this
PAST = timedelta(days=7)  # for as long as raw rows are kept: what is older would be dropped the night it comes
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MAX_DURATION_MS = 604_800_000  # seven days
MAX_COST = Decimal(10) ** 10  # numeric(18, 8)
OWN_SERVICE = "portal"
FILES = UUID("8d1f2a6e-3c0b-4a57-9d0e-5b2f7c61e0a4")  # the sender of all that is read from files
SHOWN_PROBLEMS = 100

_BATCH_ID = re.compile(r"[\x21-\x7e]{1,200}")
_CENT = Decimal(1).scaleb(-8)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was not stored. `code` is for machines, `field` the one at fault where there is one."""

    index: int
    code: str
    field: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Window:
    """The times that rows may have."""

    oldest: datetime
    latest: datetime

    @classmethod
    def at(cls, now: datetime, past: timedelta | None = PAST) -> "Window":
        return cls(EARLIEST if past is None else now - past, now + FUTURE)

    def problem(self, at: datetime) -> tuple[str, str] | None:
        """Code and sentence for a time outside of it."""
        if at > self.latest:
            return "in_future", f"The time {at:%Y-%m-%d %H:%M:%S%z} lies more than 10 minutes ahead. Check the clock."
        if at < self.oldest:
            return (
                "too_old",
                f"The time lies before {self.oldest:%Y-%m-%d %H:%M} UTC: older rows are not kept any more.",
            )
        return None


def time_problem(at: datetime, *, now: datetime, past: timedelta | None = PAST) -> str | None:
    """A sentence for a time that is too far ahead or too long ago; `past=None` allows all since 2000."""
    found = Window.at(now, past).problem(at)
    return found[1] if found else None


def is_batch_id(text: str) -> bool:
    """1 to 200 visible ASCII characters, as an Idempotency-Key."""
    return _BATCH_ID.fullmatch(text) is not None


def cost_problem(cost: Decimal, currency: str | None) -> tuple[str, str, str] | None:
    """Code, field and sentence for a cost that cannot be added up."""
    if not cost.is_finite():
        return "not_finite", "cost", "cost must be a number; NaN and Infinity are none. Leave an unknown cost out."
    if not 0 <= cost < MAX_COST:
        return "out_of_range", "cost", "cost must be from 0 to below 10,000,000,000."
    if currency is None:
        return "missing", "currency", "A cost needs its currency, such as EUR."
    return None


def rounded(cost: Decimal | None) -> Decimal | None:
    """To the eight places that are kept."""
    return None if cost is None else cost.quantize(_CENT)


def path_of(target: str) -> str:
    """The route without its query, which may hold what is nobody's business."""
    return target.partition("?")[0].partition("#")[0] or "/"


def answer_of(batch_id: str, accepted: int, problems: list[Problem]) -> dict[str, Any]:
    """What the sender is told: the first problems in full, and how many there are."""
    shown = sorted(problems, key=lambda one: one.index)[:SHOWN_PROBLEMS]
    return {
        "batch_id": batch_id,
        "accepted": accepted,
        "rejected": len(problems),
        "errors": [asdict(one) for one in shown],
    }
