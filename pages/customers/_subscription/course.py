"""The course of the tenant's recurring revenue, from its ledger."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.customers.subscriptions import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.customers._plans import words


def show(actor: Actor, tenant_id: Any) -> None:
    """A stepped line, and the rows it is made of."""
    rows = queries.ledger(actor, tenant_id)
    if rows.empty:
        st.caption("Nothing was ever booked for this tenant: it has not paid yet.")
        return
    charts.show(_figure(rows, actor), "subscription_course")
    box = st.expander(
        f"Ledger ({len(rows):,})", icon=":material/list_alt:", key="subscription_ledger", on_change="rerun"
    )
    if box.open:
        with box:
            _table(rows, str(zone(actor)))


def _figure(rows: pd.DataFrame, actor: Actor) -> go.Figure:
    """MRR after each change; it stays what it was until the next one, and until now."""
    now: datetime = utc_now().astimezone(UTC)
    last = pd.DataFrame({"at": [pd.Timestamp(now)], "mrr_after": [rows["mrr_after"].iloc[-1]]})
    drawn = pd.concat([rows[["at", "mrr_after"]], last.astype({"at": rows["at"].dtype})], ignore_index=True)
    drawn["mrr_after"] = drawn["mrr_after"].astype(float)
    axes = charts.Axes("Recurring revenue a month", str(rows["currency"].iloc[-1]), zone(actor), height=220)
    figure = charts.line(drawn, "at", {"mrr_after": "MRR"}, axes)
    figure.update_traces(line_shape="hv")
    return figure


def _table(rows: pd.DataFrame, viewer: str) -> None:
    newest = rows.iloc[::-1]
    told = newest.assign(
        kind=newest["kind"].str.capitalize(),
        amount=[words.money(row["amount"], row["currency"]) for row in newest.to_dict("records")],
        mrr=[words.money(row["mrr_after"], row["currency"]) for row in newest.to_dict("records")],
    )
    sums = {"amount": "Change", "mrr": "After"}
    right = {name: st.column_config.TextColumn(label, alignment="right") for name, label in sums.items()}
    st.dataframe(
        told[["at", "kind", "amount", "mrr", "plan_before", "plan_after", "cause"]], hide_index=True, key="subscription_rows",
        placeholder=UNKNOWN, height="content" if len(told) <= 12 else 440,
        column_config=right | {
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=viewer), "kind": "Kind",
            "plan_before": "Plan before", "plan_after": "Plan after", "cause": "Cause",
        },
    )  # fmt: skip
