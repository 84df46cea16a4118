"""Contracts as people read them."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from core.customers.contracts import rules, tiers
from core.customers.contracts.rules import STATUSES
from core.customers.quotas.resources import BY_KEY
from pages._parts.moments import UNKNOWN
from pages.customers._plans.words import money
from pages.customers._quotas import words as quotas

Colour = Literal["green", "blue", "orange", "red", "gray", "violet"]
COLOURS: Mapping[str, Colour] = {
    "draft": "gray", "active": "green", "renewing": "blue", "renewed": "violet", "expired": "orange", "terminated": "red",
}  # fmt: skip
LABELS = {status: status.capitalize() for status in STATUSES}
STAGES = {"to_start": "To start", "in_talks": "In talks", "renewed": "Renewed"}
PAYMENT = {"net_15": "Net 15 days", "net_30": "Net 30 days", "net_60": "Net 60 days", "net_90": "Net 90 days"}
CYCLES = {"monthly": "Monthly", "quarterly": "Quarterly", "annual": "Annual"}
LEVELS = {"standard": "Standard", "premium": "Premium", "enterprise": "Enterprise"}
MAINTENANCE = {"excluded": "Does not count", "counted": "Counts as downtime"}
TERMS = {
    "annual_value": "Annual value", "term_months": "Term", "renewal_on": "Renewal", "notice_days": "Notice",
    "payment_terms": "Payment", "billing_cycle": "Invoiced", "support_level": "Support level", "uptime_target": "Uptime",
    "latency_p99_ms": "Latency P99", "error_rate_target": "Error rate", "support_response_minutes": "Support response",
    "rpo_minutes": "RPO", "rto_minutes": "RTO", "credit_tiers": "Credits", "credit_cap": "Credit cap",
    "maintenance": "Maintenance", "maintenance_minutes": "Maintenance allowance", "limits": "Limits",
}  # fmt: skip
_NONE = "Not agreed"


def is_none(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))


def number(row: Mapping[Any, Any]) -> str:
    return rules.number_of(int(row["number"]))


def percent(value: Any) -> str:
    """Without digits that say nothing."""
    return _NONE if is_none(value) else f"{value.normalize():f} %"


def minutes(value: Any) -> str:
    """Minutes in the largest unit that is whole."""
    if is_none(value):
        return _NONE
    whole = int(value)
    for size, unit in ((1440, "d"), (60, "h")):
        if whole and whole % size == 0:
            return f"{whole // size} {unit}"
    return f"{whole} min"


def limits(value: Mapping[str, Any]) -> str:
    told = [f"{BY_KEY[key].label}: {quotas.limit(key, limit)}" for key, limit in value.items() if key in BY_KEY]
    return ", ".join(told) or "Those of the plan"


def term(field: str, value: Any, currency: str) -> str:
    """One term, for people."""
    words = {"payment_terms": PAYMENT, "billing_cycle": CYCLES, "support_level": LEVELS, "maintenance": MAINTENANCE}
    if field in words:
        return words[field][value]
    if field == "annual_value":
        return money(value, currency)
    if field in ("uptime_target", "error_rate_target", "credit_cap"):
        return percent(value)
    if field in ("support_response_minutes", "rpo_minutes", "rto_minutes"):
        return minutes(value)
    return _other(field, value)


def _other(field: str, value: Any) -> str:
    if field == "credit_tiers":
        return tiers.told(value).capitalize() or "None"
    if field == "limits":
        return limits(value)
    if field == "maintenance_minutes":
        return "All of it" if is_none(value) else f"{int(value)} min a month"
    units = {"term_months": "months", "notice_days": "days", "latency_p99_ms": "ms"}
    if is_none(value):
        return _NONE
    return f"{int(value)} {units[field]}" if field in units else str(value)


def left(days: Any) -> str:
    """How far away a renewal is."""
    if is_none(days):
        return UNKNOWN
    whole = int(days)
    return "today" if whole == 0 else f"in {whole} d" if whole > 0 else f"{-whole} d ago"
