"""What a contract may say and become. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.customers.contracts.models import BILLING_CYCLES, MAINTENANCE, PAYMENT_TERMS, STATUSES, SUPPORT_LEVELS
from core.customers.contracts.tiers import clean_tiers, fraction
from core.customers.quotas.rules import clean_limit, resource_of
from core.customers.subscriptions.periods import add_months
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

__all__ = ["BILLING_CYCLES", "MAINTENANCE", "PAYMENT_TERMS", "STATUSES", "SUPPORT_LEVELS"]  # pages know them from here

DAY = timedelta(days=1)
MAX_TEXT = 500
MOST_MINUTES = 60 * 24 * 366
MOST_VALUE = Decimal("999999999999.99")  # what numeric(14, 2) holds
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
CENT = Decimal("0.01")
# Support response, RPO and RTO: ADR-020, "Enterprise SLA Requirements"; term, notice and payment as most of our contracts.
DEFAULTS: dict[str, Any] = {
    "term_months": 12, "notice_days": 60, "payment_terms": "net_30", "billing_cycle": "annual", "support_level": "enterprise",
    "uptime_target": Decimal("99.95"), "latency_p99_ms": 100, "error_rate_target": None, "support_response_minutes": 60,
    "rpo_minutes": 60, "rto_minutes": 240, "credit_tiers": [], "credit_cap": Decimal(100), "maintenance": "excluded",
    "maintenance_minutes": None, "limits": {},
}  # fmt: skip
PEOPLE = ("csm_id", "account_executive")

# Which acts a contract of which status bears; everything else is refused.
ALLOWED = {
    "activate": frozenset({"draft"}),
    "amend": frozenset({"draft", "active", "renewing"}),
    "update": frozenset({"draft", "active", "renewing"}),
    "start_renewal": frozenset({"active"}),
    "renew": frozenset({"active", "renewing"}),
    "terminate": frozenset({"draft", "active", "renewing"}),
    "expire": frozenset({"active", "renewing"}),
}
_NEEDED = {
    "activate": "only a draft can be activated.",
    "amend": "only a draft or a contract that runs can be amended.",
    "update": "only a draft or a contract that runs can be edited.",
    "start_renewal": "only an active contract can begin its renewal.",
    "renew": "only a contract that runs can be renewed.",
    "terminate": "only a draft or a contract that runs can be terminated.",
    "expire": "only a contract that runs can expire.",
}


def require(act: str, status: str) -> None:
    """That a contract of this status bears the act. Raises Invalid."""
    if status not in ALLOWED[act]:
        raise Invalid(f"This contract is {status}; {_NEEDED[act]}")


def number_of(number: int) -> str:
    """The number as people write it."""
    return f"C-{number:05d}"


def refused(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def clean_zone(name: str) -> str:
    """An IANA time zone. Raises Invalid."""
    try:
        return ZoneInfo(name.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused("time_zone", f"“{name[:60]}” is no time zone. Write it like Europe/Berlin.") from error


def today_in(zone: str, now: datetime) -> date:
    """The contract's present day."""
    return now.astimezone(ZoneInfo(zone)).date()


def clean_day(field: str, value: Any) -> date:
    if not isinstance(value, date) or not EARLIEST <= value < LATEST:
        raise refused(field, f"Give {field.replace('_', ' ')} as a day between {EARLIEST:%Y} and {LATEST:%Y}.")
    return value


def clean_text(field: str, value: Any) -> str:
    """At most MAX_TEXT characters, without breaks. Raises Invalid."""
    text = " ".join(str(value or "").split())
    if len(text) > MAX_TEXT:
        raise refused(field, f"At most {MAX_TEXT} characters, please: {field.replace('_', ' ')} is too long.")
    return text


def _whole(low: int, high: int, *, is_open: bool = False) -> Callable[[str, Any], int | None]:
    def clean(field: str, value: Any) -> int | None:
        if value is None and is_open:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise refused(field, f"{field.replace('_', ' ').capitalize()} is a whole number from {low} to {high:,}.")
        return value

    return clean


def _one_of(allowed: tuple[str, ...]) -> Callable[[str, Any], str]:
    def clean(field: str, value: Any) -> str:
        if value not in allowed:
            raise refused(field, f"Choose one of {', '.join(allowed)} as {field.replace('_', ' ')}.")
        return str(value)

    return clean


def _renewal(field: str, value: Any) -> date | None:
    """None: the day after the term."""
    return None if value is None else clean_day(field, value)


def _percent(*, is_open: bool, least: Decimal = Decimal(0)) -> Callable[[str, Any], Decimal | None]:
    def clean(field: str, value: Any) -> Decimal | None:
        return None if value is None and is_open else fraction(field, value, least=least)

    return clean


def clean_value(field: str, value: Any) -> Decimal:
    """Money to the cent, 0 or more. Raises Invalid."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= MOST_VALUE or amount != amount.quantize(CENT):
        raise refused(field, "The annual value is an amount of 0 or more, to the cent.")
    return amount.quantize(CENT)


def clean_limits(field: str, value: Any) -> dict[str, str | None]:
    """Resource -> limit as text, None for no limit. Raises Invalid for what is no resource of quotas or no limit."""
    if not isinstance(value, Mapping):
        raise refused(field, "Give the limits by resource.")
    try:
        made = {resource_of(str(key)).key: clean_limit(limit) for key, limit in value.items()}
    except Invalid as error:
        raise refused(field, str(error)) from error
    return {key: None if limit is None else f"{limit.normalize():f}" for key, limit in made.items()}


_CLEAN: dict[str, Callable[[str, Any], Any]] = {
    "annual_value": clean_value, "term_months": _whole(1, 120), "renewal_on": _renewal, "notice_days": _whole(0, 730),
    "payment_terms": _one_of(PAYMENT_TERMS), "billing_cycle": _one_of(BILLING_CYCLES),
    "support_level": _one_of(SUPPORT_LEVELS), "uptime_target": _percent(is_open=True, least=Decimal("0.0001")),
    "latency_p99_ms": _whole(1, 3_600_000, is_open=True), "error_rate_target": _percent(is_open=True),
    "support_response_minutes": _whole(1, MOST_MINUTES, is_open=True), "rpo_minutes": _whole(0, MOST_MINUTES, is_open=True),
    "rto_minutes": _whole(0, MOST_MINUTES, is_open=True), "credit_tiers": clean_tiers, "credit_cap": _percent(is_open=False),
    "maintenance": _one_of(MAINTENANCE), "maintenance_minutes": _whole(0, 44_640, is_open=True), "limits": clean_limits,
}  # fmt: skip
FIELDS = tuple(_CLEAN)


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, {field: partial(clean_one, field) for field, clean_one in _CLEAN.items()})


def last_day(starts_on: date, term_months: int) -> date:
    """The last day of the term: a year from 1 March ends on the last of February."""
    return add_months(starts_on, term_months) - DAY


def settled(terms: dict[str, Any], *, starts_on: date, effective_on: date) -> dict[str, Any]:
    """The terms with the days that follow from them, once they agree with each other. Raises Invalid."""
    ends_on = last_day(starts_on, terms["term_months"])
    renewal_on = terms.get("renewal_on") or ends_on + DAY
    problems: dict[str, str] = {}
    if ends_on < effective_on:
        problems["term_months"] = f"With this term the contract ends on {ends_on}, before these terms begin."
    if not starts_on < renewal_on <= ends_on + DAY:
        problems["renewal_on"] = f"The renewal is after the first day, and on {ends_on + DAY} at the latest."
    target = terms["uptime_target"]
    if terms["credit_tiers"] and (target is None or Decimal(terms["credit_tiers"][0]["below"]) > target):
        problems["credit_tiers"] = "Credits are for months below the uptime target: no tier begins above it."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return terms | {"ends_on": ends_on, "renewal_on": renewal_on}


def require_effective(effective_on: date, *, since: date, ends_on: date) -> None:
    """New terms begin with or after those before them, and within the contract. Raises Invalid."""
    if not since <= effective_on <= ends_on:
        sentence = (
            f"These terms can begin from {since}, when the present ones did, to {ends_on}, the contract's last day."
        )
        raise refused("effective_on", sentence)


def require_end(ended_on: date, *, starts_on: date, ends_on: date) -> None:
    """A contract that began ends on one of its days; one that never ran on the day before. Raises Invalid."""
    if not starts_on - DAY <= ended_on <= ends_on:
        sentence = f"The last day is from {starts_on - DAY} (it never ran) to {ends_on}, the end of its term."
        raise refused("ended_on", sentence)
