"""Limits, levels, decisions and what may be asked for. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID

from core.customers.quotas.resources import BY_KEY, Resource
from core.kernel.errors import Denied, Invalid

POLICIES = ("notify", "throttle", "block", "auto_upgrade")
SOURCES = ("override", "seats", "plan", "none")
OUTCOMES = ("waiting", "approved", "rejected", "withdrawn", "lapsed")
LEVELS = (80, 90, 100)  # percent of the limit; issue 5
EASE = 5  # points below a level before it counts as left: a use that swings about a level is told once
MOST = Decimal(10) ** 15
LARGEST_RATIO = Decimal(999)
LONGEST_REASON = 500
LONGEST_OVERRIDE = timedelta(days=730)
Verdict = Literal["allowed", "throttled", "blocked"]


def month_of(moment: datetime) -> datetime:
    """The first moment of the month (UTC), as monthly quotas count it."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def resets_at(resource: Resource, moment: datetime) -> datetime | None:
    """When the use begins anew; None for what stands."""
    return month_of(month_of(moment) + timedelta(days=32)) if resource.is_monthly else None


def period_of(resource: Resource, moment: datetime) -> date | None:
    return month_of(moment).date() if resource.is_monthly else None


def ratio_of(used: Decimal | None, limit: Decimal | None) -> Decimal | None:
    """Used of limit, LARGEST_RATIO at most; None where the use is unknown or the limit is none.

    Of a limit of 0 nothing used is 0, and anything is too much: what a plan does not include is no reason to warn.
    """
    if used is None or limit is None:
        return None
    if limit == 0:
        return LARGEST_RATIO if used > 0 else Decimal(0)
    return min(used / limit, LARGEST_RATIO)


@dataclass(frozen=True, slots=True)
class Measured:
    """One look at a use: `ratio` None is unknown, `is_unlimited` says that there is no limit."""

    at: datetime
    period: date | None
    ratio: Decimal | None
    is_unlimited: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The level that was told last, and the look it comes from."""

    level: int
    period: date | None
    at: datetime


def level_after(held: int, ratio: Decimal) -> int:
    """The level that a use stands at, when it stood at `held`: up at once, down when it is EASE points below."""
    reached = max((level for level in LEVELS if ratio * 100 >= level), default=0)
    kept = max((level for level in LEVELS if level <= held and ratio * 100 >= level - EASE), default=0)
    return max(reached, kept)


def after(held: Held | None, measured: Measured) -> Held | None:
    """What is held after a look; None when the look changes nothing: it is unknown, late, or at the level already told.

    A month begins with no level, and that it does is no event. Looks may come late and twice.
    """
    if held is not None and measured.at <= held.at:
        return None
    if measured.ratio is None and not measured.is_unlimited:
        return None
    stood = held.level if held is not None and held.period == measured.period else 0
    level = 0 if measured.ratio is None else level_after(stood, measured.ratio)
    return None if level == stood else Held(level, measured.period, measured.at)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the product may go on. `reason` is one sentence."""

    verdict: Verdict
    reason: str


_OVER: dict[str, Decision] = {
    "notify": Decision("allowed", "The quota is used up; by the plan's policy that is told, and nothing stops."),
    "throttle": Decision("throttled", "The quota is used up; by the plan's policy what goes beyond it is slowed down."),
    "block": Decision("blocked", "The quota is used up; by the plan's policy nothing goes beyond it."),
}
_UPGRADING = Decision(
    "allowed", "The quota is used up; a larger plan is asked for, and until that is decided nothing stops."
)
_REJECTED = Decision(
    "throttled", "The quota is used up and a larger plan was refused: what goes beyond it is slowed down."
)


def decide(
    policy: str, used: Decimal | None, limit: Decimal | None, amount: Decimal, *, upgrade: str | None = None
) -> Decision:
    """Whether `amount` more may be used. What is unknown is allowed, and said to be unknown.

    `upgrade` is the outcome of the latest request for a larger plan in this period, if there was one.
    """
    if limit is None:
        return Decision("allowed", "There is no limit.")
    if used is None:
        return Decision("allowed", "How much is used is not known, so nothing is stopped.")
    if used + amount <= limit:
        return Decision("allowed", "Within the quota.")
    if policy == "auto_upgrade":
        return _REJECTED if upgrade == "rejected" else _UPGRADING if upgrade == "waiting" else _OVER["notify"]
    return _OVER[policy]


def resource_of(key: str) -> Resource:
    """Raises Invalid for what is no resource of quotas."""
    if key not in BY_KEY:
        sentence = f"Choose one of {', '.join(BY_KEY)} as resource."
        raise Invalid(sentence, {"resource": sentence})
    return BY_KEY[key]


def clean_limit(value: Any) -> Decimal | None:
    """None is no limit. Raises Invalid for what is no number from 0 to MOST."""
    if value is None:
        return None
    try:
        limit = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise _bad_limit() from error
    if isinstance(value, bool) or not limit.is_finite() or not 0 <= limit <= MOST:
        raise _bad_limit()
    return limit.quantize(Decimal("0.0001"))


def _bad_limit() -> Invalid:
    sentence = f"A limit is a number from 0 to {MOST:,.0f}, or none."
    return Invalid(sentence, {"limit": sentence})


def clean_reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST_REASON:
        sentence = f"Say why in 1 to {LONGEST_REASON} characters."
        raise Invalid(sentence, {"reason": sentence})
    return reason


def clean_expiry(expires_at: datetime | None, *, now: datetime) -> datetime | None:
    """None is for good. Raises Invalid for a time without a zone, in the past, or more than two years ahead."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        sentence = "Say the zone of the time at which the override ends."
    elif expires_at <= now:
        sentence = "An override ends in the future. Choose a later time."
    elif expires_at > now + LONGEST_OVERRIDE:
        sentence = "An override ends within two years, or is for good. Choose an earlier time."
    else:
        return expires_at
    raise Invalid(sentence, {"expires_at": sentence})


def require_waiting(outcome: str) -> None:
    if outcome != "waiting":
        raise Invalid(f"This request is {outcome} already. Load the page again.")


def require_other(requested_by: UUID | None, decider: UUID | None) -> None:
    """Two people: nobody decides what they asked for. Raises Denied."""
    if decider is None or decider == requested_by:
        raise Denied("A request is decided by a second person. Ask a colleague who may approve quotas.")
