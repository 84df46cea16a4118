"""Larger plans that were asked for: what waits, and what became of the others."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.quotas import actions, queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.customers._quotas import words

OUTCOMES = {
    "Waiting": ("waiting",), "Approved": ("approved",), "Rejected": ("rejected",), "Others": ("withdrawn", "lapsed"),
}  # fmt: skip
_COLUMNS = ["tenant", "quota", "plans", "reason", "by", "at", "outcome", "decided", "why"]


def show(actor: Actor) -> None:
    """The inbox; decided ones as a table."""
    chosen = st.segmented_control(
        "Outcome", list(OUTCOMES), default="Waiting", key="upgrade_outcome", bind="query-params",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    found = queries.upgrades(actor, outcomes=OUTCOMES[chosen])
    if found.empty:
        said = "No larger plan waits for a decision." if chosen == "Waiting" else "There is no such request."
        st.info(said, icon=":material/inbox:")
        return
    if chosen == "Waiting":
        for row in found.to_dict("records"):
            one(actor, row)
        return
    table(actor, found)


def one(actor: Actor, row: Mapping[Any, Any]) -> None:
    """A request that waits, with the decision."""
    key = str(row["id"])
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "customers/tenants.py", label=f"**{plain(row['tenant'])}**", icon=":material/apartment:", width="content",
                query_params={"tenant": str(row["tenant_id"]), "tab": "quotas", "quota": words.label(row["resource"])},
            )  # fmt: skip
            st.badge(f"{words.PLANS[row['from_plan']]} to {words.PLANS[row['to_plan']]}", color="violet")
            st.caption(_price(row), width="content")
        used, limit = words.used(row["resource"], row["used"]), words.limit(row["resource"], row["limit_value"])
        st.markdown(f"{words.label(row['resource'])}: {used} of {limit} when it was asked. {plain(row['reason'])}")
        st.caption(f"Asked by {plain(words.asker(row))}, {clock(row['created_at'], zone(actor), now=utc_now())}")
        _decision(actor, row, key)


def _price(row: Mapping[Any, Any]) -> str:
    if not words.is_known(row["price_before"]) or not words.is_known(row["price_after"]):
        return ""
    return f"{row['price_before']:,.0f} to {row['price_after']:,.0f} {row['currency']} a month at list price"


def _decision(actor: Actor, row: Mapping[Any, Any], key: str) -> None:
    if actor.operator_id is not None and str(row["requested_by"]) == str(actor.operator_id):
        st.caption("This is your own request; somebody else decides on it.")
        if st.button("Withdraw", key=f"withdraw_{key}", icon=":material/undo:"):
            run_action(actions.withdraw_upgrade, actor, UUID(key), done="Withdrawn.")
    elif actor.may("quotas:approve"):
        _decide(actor, row, key)
    else:
        st.caption("Your role does not decide on larger plans (quotas:approve).")


def _decide(actor: Actor, row: Mapping[Any, Any], key: str) -> None:
    version = int(row["version"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Approve", key=f"approve_{key}", type="primary", icon=":material/check:"):
            done = "Approved. The subscription changes within a minute."
            run_action(actions.approve_upgrade, actor, UUID(key), version=version, done=done)
        with st.popover("Reject", icon=":material/close:", key=f"reject_{key}"):
            reason = st.text_input("Reason", key=f"reject_reason_{key}", max_chars=500)
            if st.button("Reject", key=f"reject_submit_{key}", type="primary"):
                run_action(actions.reject_upgrade, actor, UUID(key), reason=reason, version=version, done="Rejected.")


def table(actor: Actor, found: pd.DataFrame) -> None:
    """Requests that are decided."""
    rows = words.rows(found)
    shown = found.assign(
        quota=[words.label(row["resource"]) for row in rows],
        plans=[f"{words.PLANS[row['from_plan']]} to {words.PLANS[row['to_plan']]}" for row in rows],
        by=[words.asker(row) for row in rows], at=found["created_at"], outcome=found["outcome"].str.capitalize(),
        decided=found["decided_by_name"], why=found["decision_reason"],
    )  # fmt: skip
    st.dataframe(
        shown[_COLUMNS], hide_index=True, key="upgrades", placeholder=UNKNOWN,
        column_config={
            "tenant": "Tenant", "quota": "Quota", "plans": "Plan", "reason": st.column_config.TextColumn("Why", width="medium"),
            "by": "Asked by", "at": st.column_config.DatetimeColumn("Asked", format="distance", timezone=str(zone(actor))),
            "outcome": "Outcome", "decided": "Decided by", "why": st.column_config.TextColumn("Reason", width="medium"),
        },
    )  # fmt: skip
