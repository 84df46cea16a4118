"""The terms of a contract as a form: for a new one, an amendment and a renewal."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from core.customers.contracts import rules, tiers
from core.customers.contracts.rules import BILLING_CYCLES, MAINTENANCE, PAYMENT_TERMS, SUPPORT_LEVELS
from core.customers.quotas.resources import ALL
from core.kernel.errors import Invalid
from pages.customers._contracts import words

_UNLIMITED = "unlimited"


def values(given: Mapping[str, Any], *, prefix: str, currency: str) -> dict[str, Any]:
    """The terms as typed, those given to begin with. Credit tiers and limits are still text: see `cleaned`."""
    typed = _value(given, prefix, currency)
    typed |= _commitments(given, prefix)
    return typed | _credits(given, prefix) | _limits(given, prefix)


def cleaned(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as rules.clean takes it. Raises Invalid."""
    found = {name: value for name, value in typed.items() if not name.startswith("limit_")}
    found["credit_tiers"] = tiers.parsed(typed["credit_tiers"])
    limits = {one.key: typed[f"limit_{one.key}"].strip().lower().replace(",", "") for one in ALL}
    found["limits"] = {key: None if text == _UNLIMITED else text for key, text in limits.items() if text}
    return found


def _value(given: Mapping[str, Any], prefix: str, currency: str) -> dict[str, Any]:
    with st.container(horizontal=True):
        value = st.text_input(
            f"Annual value ({currency})",
            _number(given.get("annual_value")),
            key=f"{prefix}_annual_value",
            placeholder="120000",
        )
        months = st.number_input("Term (months)", 1, 120, int(given["term_months"]), key=f"{prefix}_term_months")
        notice = st.number_input("Notice (days)", 0, 730, int(given["notice_days"]), key=f"{prefix}_notice_days")
        renewal = st.date_input(
            "Renewal", given.get("renewal_on"), key=f"{prefix}_renewal_on", format="YYYY-MM-DD",
            min_value=rules.EARLIEST, max_value=rules.LATEST, help="Empty: the day after the term.",
        )  # fmt: skip
    with st.container(horizontal=True):
        cycle = _choice("Invoiced", BILLING_CYCLES, words.CYCLES, given, f"{prefix}_billing_cycle", "billing_cycle")
        payment = _choice("Payment", PAYMENT_TERMS, words.PAYMENT, given, f"{prefix}_payment_terms", "payment_terms")
        level = _choice(
            "Support level", SUPPORT_LEVELS, words.LEVELS, given, f"{prefix}_support_level", "support_level"
        )
    return {
        "annual_value": value.replace(",", "").strip(), "term_months": months, "notice_days": notice, "renewal_on": renewal,
        "billing_cycle": cycle, "payment_terms": payment, "support_level": level,
    }  # fmt: skip


def _choice(
    label: str, options: tuple[str, ...], names: Mapping[str, str], given: Mapping[str, Any], key: str, field: str
) -> str:
    return str(st.selectbox(label, options, options.index(given[field]), key=key, format_func=names.__getitem__))


def _number(value: Any) -> str:
    return "" if words.is_none(value) else f"{Decimal(str(value)):f}"


def _commitments(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    st.markdown("**Commitments** :gray[(empty: not agreed)]")
    typed: dict[str, Any] = {}
    with st.container(horizontal=True):
        for field, label in (("uptime_target", "Uptime (%)"), ("error_rate_target", "Error rate (%)")):
            text = st.text_input(label, _percent(given[field]), key=f"{prefix}_{field}", placeholder="Not agreed")
            typed[field] = text.strip() or None
        typed["latency_p99_ms"] = _whole("Latency P99 (ms)", given, prefix, "latency_p99_ms", 1)
    with st.container(horizontal=True):
        for field, label, least in (
            ("support_response_minutes", "Support response (min)", 1), ("rpo_minutes", "RPO (min)", 0),
            ("rto_minutes", "RTO (min)", 0),
        ):  # fmt: skip
            typed[field] = _whole(label, given, prefix, field, least)
    return typed


def _percent(value: Any) -> str:
    return "" if words.is_none(value) else f"{value.normalize():f}"


def _whole(label: str, given: Mapping[str, Any], prefix: str, field: str, least: int) -> int | None:
    value = None if words.is_none(given[field]) else int(given[field])
    return st.number_input(
        label, least, rules.MOST_MINUTES, value, 1, key=f"{prefix}_{field}", placeholder="Not agreed"
    )


def _credits(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    with st.container(horizontal=True):
        text = st.text_input(
            "Credits (uptime: % of the month's fee)", tiers.typed(given["credit_tiers"]), key=f"{prefix}_credit_tiers",
            placeholder="99.95: 10, 99: 25, 95: 100", help="A month below an uptime is credited the percentage behind it.",
        )  # fmt: skip
        cap = st.text_input("Credit cap (%)", _percent(given["credit_cap"]), key=f"{prefix}_credit_cap")
        maintenance = _choice(
            "Maintenance", MAINTENANCE, words.MAINTENANCE, given, f"{prefix}_maintenance", "maintenance"
        )
        minutes = st.number_input(
            "At most (min a month)", 0, 44_640, given["maintenance_minutes"], 1, key=f"{prefix}_maintenance_minutes",
            placeholder="All of it",
        )  # fmt: skip
    return {"credit_tiers": text, "credit_cap": cap.strip(), "maintenance": maintenance, "maintenance_minutes": minutes}


def _limits(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    st.markdown(f"**Limits** :gray[(empty: those of the plan; “{_UNLIMITED}”: none)]")
    typed = {}
    with st.container(horizontal=True):
        for one in ALL:
            known = given["limits"].get(one.key, "")
            text = st.text_input(
                f"{one.label} ({one.unit})", _UNLIMITED if known is None else known, key=f"{prefix}_limit_{one.key}"
            )
            typed[f"limit_{one.key}"] = text
    return typed


def require_typed(given: Mapping[str, Any]) -> None:
    """That the fields without which there is no contract were filled in. Raises Invalid."""
    missing = {
        name: f"Give {label}."
        for name, label in (("tenant", "a tenant"), ("starts_on", "the first day"))
        if not given[name]
    }
    if missing:
        raise Invalid(" ".join(missing.values()), missing)
