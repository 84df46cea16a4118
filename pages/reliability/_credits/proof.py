"""The proof of a credit: minutes, versions of the terms, and the rows behind them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.customers._plans.words import money

_MINUTES = {
    "observed": "Observed", "bad": "Of these down", "maintenance": "Maintenance", "excluded": "Excluded with approval",
    "unobserved": "Not observed", "total": "Of the contract's days",
}  # fmt: skip
_STATES = {"down": "Down", "maintenance": "Maintenance", "unobserved": "Not observed"}
_CAUSES = {"monitors": "monitor", "windows": "window", "requests": "request", "errors": "error"}


def show(actor: Actor, credit: dict[str, Any]) -> None:
    """Everything that the amount came from."""
    proof = credit["proof"]
    month = proof["month"]
    st.caption(
        f"The month has {month['days']} days in {month['time_zone']}; the contract's part of it is"
        f" {_at(month['starts_at'], zone(actor))} to {_at(month['ends_at'], zone(actor))} in your time zone."
    )
    left, right = st.columns([2, 5])
    with left:
        told = {"Minutes": list(_MINUTES.values()), "": [f"{proof['minutes'][name]:,}" for name in _MINUTES]}
        st.dataframe(told, hide_index=True, key="proof_minutes", height="content")
    with right:
        parts = [_part(one, credit["currency"]) for one in proof["parts"]]
        st.dataframe(parts, hide_index=True, key="proof_parts", height="content", placeholder=UNKNOWN)
    _spans(actor, proof)
    if proof["exclusions"]:
        st.subheader("Excluded with approval", anchor=False)
        rows = [_exclusion(one, zone(actor)) for one in proof["exclusions"]]
        st.dataframe(rows, hide_index=True, key="proof_exclusions", height="content")


def _at(text: str, viewer: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(viewer):%d %b %Y %H:%M}"


def _part(one: dict[str, Any], currency: str) -> dict[str, Any]:
    tier = f"under {one['below']} %: {one['percent']} %" if one["below"] else None
    return {
        "Version": one["version"], "From": one["first_day"], "Days": one["days"],
        "Fee": money(Decimal(one["fee"]), currency), "Tier": tier, "Cap": money(Decimal(one["cap_amount"]), currency),
        "Amount": money(Decimal(one["amount"]), currency),
    }  # fmt: skip


def _spans(actor: Actor, proof: dict[str, Any]) -> None:
    st.subheader("Minutes that were not up", anchor=False)
    if not proof["spans"]:
        st.caption("None.")
        return
    viewer = zone(actor)
    rows = [
        {
            "From": _at(one["starts_at"], viewer), "Until": _at(one["ends_at"], viewer), "Minutes": one["minutes"],
            "State": _STATES.get(one["state"], one["state"]), "Cause": _cause(one["cause"]),
        }
        for one in sorted(proof["spans"], key=lambda one: (one["state"] != "down", one["starts_at"]))
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, key="proof_spans", height="content" if len(rows) <= 12 else 440)
    if proof["span_count"] > len(rows):
        st.caption(f"The first {len(rows):,} of {proof['span_count']:,}, those that were down before all others.")


def _cause(cause: dict[str, Any]) -> str:
    """What proved it, counted; the ids are in the API's answer."""
    counts = {
        name: len(value) if isinstance(value, list) else int(value) for name, value in cause.items() if name in _CAUSES
    }
    return (
        ", ".join(f"{count:,} {_CAUSES[name]}{'' if count == 1 else 's'}" for name, count in counts.items()) or UNKNOWN
    )


def _exclusion(one: dict[str, Any], viewer: ZoneInfo) -> dict[str, Any]:
    return {"From": _at(one["starts_at"], viewer), "Until": _at(one["ends_at"], viewer), "Reason": one["reason"],
            "Approved by": one["approved_by"]}  # fmt: skip
