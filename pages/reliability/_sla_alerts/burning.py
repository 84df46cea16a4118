"""Error budgets that burn: the most consumed first."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.sla import budget, burning, courses
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.reliability._sla import words
from pages.reliability._sla_customer import budget as shown

SHARES = {"Any": 0.0, "25 %": 0.25, "50 %": 0.5, "100 %": 1.0}


def show(actor: Actor) -> None:
    """Budgets of the month that are used up by the chosen share at least."""
    st.subheader("Error budgets that burn", anchor=False)
    share = st.segmented_control(
        "Consumed from", list(SHARES), default="25 %", key="from", bind="query-params", required=True
    )
    most = burning.burning(actor, SHARES[share])
    if not most.budgets:
        st.info("No contract that promises an uptime is measured in this month.", icon=":material/verified:")
        return
    st.caption(
        f"{most.burning:,} of {most.budgets:,} budgets; a burn rate of 1 uses a budget up exactly at the month's end."
    )
    if not most.contract_ids:
        st.info("No budget burns that much.", icon=":material/check_circle:")
        return
    found = budget.budgets(actor, contract_ids=most.contract_ids)
    _grid(actor, found.sort_values("consumed_ratio", ascending=False).reset_index(drop=True))
    if most.burning > burning.MOST:
        st.caption(f"These are the {burning.MOST} most consumed.")


def _grid(actor: Actor, found: pd.DataFrame) -> None:
    rows, now = found.to_dict("records"), utc_now()
    names = courses.names(actor, list(found["tenant_id"]))
    told = pd.DataFrame(
        {
            "tenant": [words.name({"tenant": names.get(str(row["tenant_id"])), "tenant_id": row["tenant_id"]}) for row in rows],
            "target": [words.target(row["target"]) for row in rows],
            "consumed": [float(row["consumed_ratio"]) * 100 if words.is_known(row["consumed_ratio"]) else None for row in rows],
            "remaining": [shown.remaining(row) for row in rows],
            **{name: [shown.rate(row[name]) for row in rows] for name in shown.RATES},
            "exhausted": [shown.exhausted(actor, row, now) for row in rows],
        }
    )  # fmt: skip
    event = st.dataframe(
        told, hide_index=True, key=table_key("burning"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(told) < 12 else 440, column_config=_config(),
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(rows)]
    if chosen:
        st.session_state["burning_opened"] = st.session_state.get("burning_opened", 0) + 1
        contract = str(rows[chosen[0]]["contract_id"])
        st.switch_page("reliability/sla_customer.py", query_params={"contract": contract})


def _config() -> dict[str, Any]:
    column = st.column_config
    return {
        "tenant": column.TextColumn("Customer", width=210), "target": column.TextColumn("Target", width=80),
        "consumed": column.ProgressColumn("Consumed", min_value=0, max_value=100, format="%.0f %%", width=130),
        "remaining": column.TextColumn("Remaining", width=110),
        **{name: column.TextColumn(f"Burn, {label}", width=85) for name, label in shown.RATES.items()},
        "exhausted": column.TextColumn("Used up", width=150),
    }  # fmt: skip
