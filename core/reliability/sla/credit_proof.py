"""How a credit came to be: its formula in one line, and every figure and row behind it as JSON. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.reliability.sla.credit_rules import MonthCredit, PartCredit, days_of, rounded_down, to_cent

MOST_SPANS = 500
UNOBSERVED = "Nothing was observed in this month, so no credit follows from it."


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes that were not up, as they were measured, clipped to the month."""

    starts_at: datetime
    ends_at: datetime
    state: str
    cause: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Minutes that somebody excluded with approval, clipped to the month."""

    id: UUID
    violation_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    decided_by_name: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What the month was, in its zone, and the rows behind its minutes; `span_count` also counts those over the limit."""

    time_zone: str
    starts_at: datetime
    ends_at: datetime
    spans: Sequence[Span]
    span_count: int
    exclusions: Sequence[Exclusion]


def formula(credit: MonthCredit) -> str:
    """What was reckoned, in one line of plain text."""
    uptime = credit.minutes.uptime
    if uptime is None:
        return UNOBSERVED
    seen, bad = credit.minutes.observed, credit.minutes.bad
    begin = f"Uptime 100 × ({seen:,} − {bad:,}) / {seen:,} = {rounded_down(uptime)} %"
    parts = "; ".join(_part(credit, one) for one in credit.parts)
    return f"{begin}; {parts} = {credit.currency} {credit.amount:,.2f}"


def _part(credit: MonthCredit, one: PartCredit) -> str:
    named = f"version {one.part.version}: " if len(credit.parts) > 1 else ""
    fee = f"{one.part.annual_value:,.2f} / 12 × {one.part.days}/{days_of(credit.month)} days"
    if one.tier is None:
        return f"{named}under no tier: {fee} × 0 %"
    capped = f", at most {_plain(one.part.cap_percent)} %" if one.uncapped > one.cap else ""
    return f"{named}under {_plain(one.tier.below)} %: {fee} × {_plain(one.tier.percent)} %{capped}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def proof(credit: MonthCredit, behind: Behind) -> dict[str, Any]:
    """Every figure, as text where it is money or percent; days are the contract's, times UTC."""
    uptime = credit.minutes.uptime
    return {
        "month": {
            "first_day": credit.month.isoformat(), "days": days_of(credit.month), "time_zone": behind.time_zone,
            "starts_at": behind.starts_at.isoformat(), "ends_at": behind.ends_at.isoformat(),
        },
        "minutes": asdict(credit.minutes) | {"total": credit.minutes.total},
        "uptime": str(rounded_down(uptime)) if uptime is not None else None,
        "parts": [_told(one) for one in credit.parts],
        "spans": [_span(one) for one in behind.spans], "span_count": behind.span_count,
        "exclusions": [_exclusion(one) for one in behind.exclusions],
        "computed": {"amount": str(credit.amount), "cap_amount": str(credit.cap_amount), "fee": str(credit.fee)},
    }  # fmt: skip


def _told(one: PartCredit) -> dict[str, Any]:
    part = one.part
    return {
        "version": part.version, "first_day": _day(part.first_day), "end_day": _day(part.end_day), "days": part.days,
        "annual_value": str(part.annual_value), "fee": str(to_cent(one.fee)), "cap_percent": str(part.cap_percent),
        "cap_amount": str(to_cent(one.cap)), "below": str(one.tier.below) if one.tier else None,
        "percent": str(one.tier.percent) if one.tier else "0", "amount": str(to_cent(one.amount)),
    }  # fmt: skip


def _day(day: date) -> str:
    return day.isoformat()


def _span(one: Span) -> dict[str, Any]:
    minutes = int((one.ends_at - one.starts_at).total_seconds()) // 60
    return {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(), "minutes": minutes,
            "state": one.state, "cause": one.cause}  # fmt: skip


def _exclusion(one: Exclusion) -> dict[str, Any]:
    return {"id": str(one.id), "violation_id": str(one.violation_id), "starts_at": one.starts_at.isoformat(),
            "ends_at": one.ends_at.isoformat(), "reason": one.reason, "approved_by": one.decided_by_name}  # fmt: skip
