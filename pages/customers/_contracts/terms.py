"""The terms of a contract: those in force, and every version with what it changed."""

from itertools import pairwise
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.contracts import queries, rules
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.customers._contracts import words

_GROUPS = {
    "Commercial": ("annual_value", "term_months", "renewal_on", "notice_days", "payment_terms", "billing_cycle"),
    "Commitments": (
        "uptime_target", "latency_p99_ms", "error_rate_target", "support_level", "support_response_minutes", "rpo_minutes",
        "rto_minutes",
    ),
    "Credits and limits": ("credit_tiers", "credit_cap", "maintenance", "maintenance_minutes", "limits"),
}  # fmt: skip


def show(actor: Actor, contract: dict[str, Any]) -> None:
    """The terms in force, in three groups."""
    columns = st.columns(len(_GROUPS))
    for column, (title, fields) in zip(columns, _GROUPS.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            told = {
                words.TERMS[field]: plain(words.term(field, contract[field], contract["currency"])) for field in fields
            }
            st.table(
                {"What": list(told), "Value": list(told.values())},
                border="horizontal",
                hide_index=True,
                hide_header=True,
            )


def versions(actor: Actor, contract: dict[str, Any]) -> None:
    """One row per version, the newest first."""
    found = queries.versions(actor, contract["id"]).to_dict("records")
    rows = [_version(actor, row, before, contract["currency"]) for row, before in pairwise([*found, None]) if row]
    st.caption("A version is never changed; an amendment makes a further one.")
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _version(actor: Actor, row: dict[Any, Any], before: dict[Any, Any] | None, currency: str) -> dict[str, Any]:
    return {
        "Version": int(row["number"]), "From": str(row["effective_on"]),
        "What it changed": plain(_changes(row, before, currency)),
        "Reason": plain(row["reason"]) or UNKNOWN, "By": plain(row["created_by_name"]),
        "Made": f"{row['created_at'].astimezone(zone(actor)):%Y-%m-%d %H:%M}",
    }  # fmt: skip


def _changes(row: dict[Any, Any], before: dict[Any, Any] | None, currency: str) -> str:
    if before is None:
        return "The first terms"
    told = []
    for field in rules.FIELDS:
        old, new = (words.term(field, one[field], currency) for one in (before, row))
        if old != new:
            told.append(f"{words.TERMS[field]}: {old} → {new}")
    return "; ".join(told)
