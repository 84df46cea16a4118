"""The view of renewals: what is near, by how far the talks are."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.contracts import pipeline, queries
from core.kernel.actor import Actor
from pages._parts import exporting
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.customers._contracts import words
from pages.customers._plans.words import money

_SPANS = {"30 days": 30, "60 days": 60, "90 days": 90, "180 days": 180}


def show(actor: Actor) -> None:
    """The pipeline by stage, then one row per renewal; a click opens the contract."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        span = st.segmented_control(
            "Within", list(_SPANS), default="90 days", key="span", bind="query-params", required=True
        )
        exporting.button(
            actor, "contract renewals", lambda person: pipeline.renewals(person, within=_SPANS[span]), filters={"within": span},
            key="renewals_export",
        )  # fmt: skip
    found = pipeline.renewals(actor, within=_SPANS[span])
    if found.empty:
        st.info("No contract is to be renewed in this time.", icon=":material/event_available:")
        return
    with st.container(horizontal=True):
        for stage in pipeline.STAGES:
            _stage(stage, found[found["stage"] == stage])
    if len(found) == pipeline.MOST:
        st.caption(f"The nearest {pipeline.MOST}.")
    _table(found)


def _stage(stage: str, rows: pd.DataFrame) -> None:
    urgent = int(rows["is_urgent"].sum())
    values = rows["annual_value"].groupby(rows["currency"]).sum().to_dict()
    value = ", ".join(money(amount, str(currency)) for currency, amount in values.items())
    with st.container(border=True, gap="xsmall"):
        st.metric(f"{words.STAGES[stage]} ({len(rows):,})", value or UNKNOWN)
        st.caption(f":orange[{urgent:,} in under {queries.URGENT} days]" if urgent else "None is urgent.")


def _table(found: pd.DataFrame) -> None:
    rows: list[dict[Any, Any]] = found.to_dict("records")
    shown = pd.DataFrame({
        "urgent": ["Urgent" if row["is_urgent"] else None for row in rows], "tenant": found["tenant"].tolist(),
        "number": [words.number(row) for row in rows], "stage": [words.STAGES[row["stage"]] for row in rows],
        "value": [money(row["annual_value"], row["currency"]) for row in rows], "renewal_on": found["renewal_on"].tolist(),
        "left": [words.left(row["days_left"]) for row in rows], "notice_on": found["notice_on"].tolist(),
        "csm": found["csm"].tolist(), "account_executive": [row["account_executive"] or None for row in rows],
        "tasks": [_tasks(row) for row in rows], "next_task": found["next_task"].tolist(),
    })  # fmt: skip
    event = st.dataframe(
        shown, hide_index=True, key=table_key("renewals"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(found) <= 15 else 560,
        column_config={
            "urgent": st.column_config.TextColumn("", width=70), "tenant": st.column_config.TextColumn("Customer", width=200),
            "number": st.column_config.TextColumn("Number", width=85), "stage": "Stage",
            "value": st.column_config.TextColumn("Annual value", alignment="right"),
            "renewal_on": st.column_config.DateColumn("Renewal", format="YYYY-MM-DD", width=95),
            "left": st.column_config.TextColumn("", width=75),
            "notice_on": st.column_config.DateColumn("Notice until", format="YYYY-MM-DD", width=105), "csm": "CSM",
            "account_executive": "Account executive", "tasks": st.column_config.TextColumn("Open tasks", width=110),
            "next_task": st.column_config.DateColumn("Next task", format="YYYY-MM-DD", width=95),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("renewals", "contract", rows[event.selection.rows[0]]["id"])


def _tasks(row: dict[Any, Any]) -> str:
    late = f", {int(row['late_tasks'])} late" if row["late_tasks"] else ""
    return f"{int(row['open_tasks'])}{late}"
