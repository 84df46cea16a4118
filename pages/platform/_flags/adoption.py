"""How much flags are used: evaluations per day, and how many tenants are on."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts import charts
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._flags import words

DAYS = {"7 days": 7, "30 days": 30, "90 days": 90}
SHOWN = 6


def show(actor: Actor, environment: str) -> None:
    """Every live flag with its tenants and evaluations; a click opens its own adoption."""
    found = queries.adoption_overview(actor, environment).sort_values(
        ["evaluations_7d", "name"], ascending=[False, True]
    )
    if found.empty:
        st.info("There are no flags yet.", icon=":material/inbox:")
        return
    event = _overview(actor, found)
    if event.selection.rows:
        st.session_state["part"] = "Adoption"
        open_row("adoption", "flag", found["flag_id"].iloc[event.selection.rows[0]])
    evaluations = queries.adoption(actor, environment, days=30)
    _chart(_most(evaluations), "key", f"Evaluations per day in {environment}, most used flags", "adoption_chart")


SHOWN_COLUMNS = [
    "name", "state", "rollout_percentage", "tenants_on", "tenants", "ratio", "tenant_count", "user_count", "evaluations_7d",
    "last_evaluated_at",
]  # fmt: skip


def _columns(here: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "name": column.TextColumn("Flag", width=200),
        "state": column.TextColumn("State", width=75),
        "rollout_percentage": column.NumberColumn("Rollout", format="%g %%", width=70),
        "tenants_on": column.NumberColumn("Tenants on", format="localized", width=85),
        "tenants": column.NumberColumn("Of all", format="localized", width=60),
        "ratio": column.ProgressColumn("Share on", min_value=0, max_value=100, format="%.0f %%", width=100),
        "tenant_count": column.NumberColumn("Named", help="Tenants named in rules and overrides.", width=70),
        "user_count": column.NumberColumn("Users named", help="In rules.", width=95),
        "evaluations_7d": column.NumberColumn(
            "7 days", help="Evaluations of the last 7 days.", format="localized", width=80
        ),
        "last_evaluated_at": column.DatetimeColumn("Last evaluated", format="distance", timezone=here, width=115),
    }


def _overview(actor: Actor, found: pd.DataFrame) -> Any:
    whole = found["tenants"].where(found["tenants"] > 0)
    shown = found.assign(state=found["state"].map(words.state), ratio=found["tenants_on"] / whole * 100)
    return st.dataframe(
        shown[SHOWN_COLUMNS], column_config=_columns(str(zone(actor))), hide_index=True,
        key=table_key("adoption"), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content" if len(found) < 10 else 380,
    )  # fmt: skip


def of_flag(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """Evaluations per day and variant."""
    days = st.segmented_control(
        "Days", list(DAYS), default="30 days", key="days_back", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    found = queries.adoption(actor, environment["environment"], days=DAYS[days], flag_id=flag["id"])
    if found.empty:
        st.info(
            f"Nobody asked for this flag in {environment['environment']} in the last {days}.", icon=":material/inbox:"
        )
        return
    with st.container(horizontal=True):
        for variant, count in found.groupby("variant")["evaluations"].sum().items():
            st.metric(f"Served {variant}", f"{int(count):,}", border=True, width=200)
    _chart(found, "variant", f"Evaluations per day in {environment['environment']}", "adoption_of_flag")


def _chart(found: pd.DataFrame, by: str, title: str, key: str) -> None:
    if not found.empty:
        charts.show(charts.stacked(found, "day", "evaluations", by, charts.Axes(title, "", height=280)), key)


def _most(found: pd.DataFrame) -> Any:
    """Per day and flag; the flags that are used least are one together."""
    totals = found.groupby("key")["evaluations"].sum().sort_values(ascending=False)
    kept = set(totals.index[:SHOWN])
    named = found.assign(key=found["key"].where(found["key"].isin(kept), "others"))
    return named.groupby(["day", "key"], as_index=False)["evaluations"].sum()
