"""Changing the plan of many: what it comes to for each, before it is done."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.plans import queries as plans
from core.customers.subscriptions import many
from core.kernel.actor import Actor
from pages._parts import results
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.customers._directory.dialogs import dialogs

WHEN = {"now": "Now", "period_end": "At the end of the period"}


@st.dialog("Change plan", width="large", on_dismiss=dialogs.close)
def dialog(actor: Actor, chosen: list[UUID]) -> None:
    """The plan, when it begins, and a row per tenant with what changes and what cannot be changed."""
    options = plans.options(actor)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        plan_key = st.selectbox(
            "New plan",
            list(options),
            index=None,
            key="plan_key",
            format_func=options.__getitem__,
            placeholder="Choose a plan",
        )
        when = st.segmented_control(
            "Begins", list(WHEN), default="now", key="plan_when", format_func=WHEN.__getitem__, required=True
        )
    if plan_key is None:
        st.caption(f"{len(chosen):,} tenants are chosen. Choose a plan to see what it comes to for each.")
        return
    preview = many.preview_many(actor, chosen, plan_key=plan_key, when=when)
    able = preview[preview["problem"].isna()]
    _told(preview, able)
    _table(preview)
    if st.button(f"Change plan of {len(able):,}", key="plan_submit", type="primary", disabled=able.empty):
        ids = [UUID(str(one)) for one in able["tenant_id"]]
        names = dict(zip(ids, able["tenant"], strict=True))
        run_action(
            lambda present: results.kept("tenant", many.change_many(present, ids, plan_key=plan_key, when=when), names), actor,
            done=dialogs.closing(results.told),
        )  # fmt: skip


def _told(preview: pd.DataFrame, able: pd.DataFrame) -> None:
    """The change of MRR by currency."""
    parts = [
        f"{(rows['mrr_after'].sum() - rows['mrr_before'].sum()):+,.2f} {currency} a month"
        for currency, rows in able.groupby("currency")
    ]
    left = len(preview) - len(able)
    st.caption(
        f"{len(able):,} of {len(preview):,} change{': ' + ', '.join(parts) if parts else ''}."
        + (f" {left:,} cannot be changed, and stay as they are." if left else "")
    )


def _table(preview: pd.DataFrame) -> None:
    shown = preview[
        ["tenant", "plan_before", "plan_after", "mrr_before", "mrr_after", "net", "currency", "problem"]
    ].copy()
    money = {"mrr_before": "MRR now", "mrr_after": "MRR then", "net": "Due now"}
    for name in money:
        shown[name] = [None if pd.isna(one) else f"{one:,.2f}" for one in preview[name]]
    st.dataframe(
        shown,
        hide_index=True, key="plan_preview", placeholder=UNKNOWN, height="content" if len(shown) < 8 else 320,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", pinned=True),
            "plan_before": "Plan now", "plan_after": "Plan then", "currency": "Currency",
            **{name: st.column_config.TextColumn(label, alignment="right") for name, label in money.items()},
            "problem": st.column_config.TextColumn("Why not", width="medium"),
        },
    )  # fmt: skip
