"""The tenants behind a figure that was clicked: movements of a month, who pays at its end, or a cohort."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.growth import months, movements
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import Page
from pages._parts import exporting, paging
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.customers._growth.bar import Chosen, look_behind

PAYING, ANY = "paying", "any"
_MOVED = ["tenant", "at", "kind", "amount", "mrr_before", "mrr_after", "plan_before", "plan_after", "cause"]
_HELD = ["tenant", "mrr", "plan", "since"]
_BEGAN = ["tenant", "started", "plan_started", "mrr", "plan", "since"]


def show(actor: Actor, chosen: Chosen) -> None:
    """Nothing until something was clicked; what the address says and makes no sense is told."""
    query = st.query_params
    try:
        if query.get("cohort"):
            _cohort(actor, chosen, months.parse(query["cohort"]))
        elif query.get("kind") == PAYING:
            _paying(actor, chosen)
        elif query.get("kind"):
            _movements(actor, chosen, months.parse(query.get("month", "")), query["kind"])
    except Invalid as error:
        st.caption(str(error))


def _movements(actor: Actor, chosen: Chosen, month: int, kind: str) -> None:
    filters, name = chosen.filters, months.name_of(month)
    only = "" if kind == ANY else kind
    way = paging.trail("movements", (filters, month, kind))
    page = movements.movements(actor, filters, month, only, after=paging.after(way))
    make = partial(movements.all_movements, filters=filters, month=month, kind=only)
    title = f"{kind.capitalize() if only else 'All movements'} in {name}"
    _head(title, actor, "movements", make, chosen.told | {"month": name, "kind": only})
    _listed(actor, page, _MOVED, "movements", way)


def _paying(actor: Actor, chosen: Chosen) -> None:
    make = partial(movements.all_tenants, filters=chosen.filters)
    _head(f"Paying at the end of {months.name_of(chosen.filters.as_of)}", actor, "paying tenants", make, chosen.told)
    way = paging.trail("paying", chosen.filters)
    _listed(actor, movements.tenants(actor, chosen.filters, after=paging.after(way)), _HELD, "paying", way)


def _cohort(actor: Actor, chosen: Chosen, cohort: int) -> None:
    name = months.name_of(cohort)
    make = partial(movements.all_tenants, filters=chosen.filters, cohort=cohort)
    _head(f"Began to pay in {name}", actor, "cohort", make, chosen.told | {"cohort": name})
    way = paging.trail("cohort", (chosen.filters, cohort))
    page = movements.tenants(actor, chosen.filters, cohort=cohort, after=paging.after(way))
    _listed(actor, page, _BEGAN, "cohort", way)


def _head(title: str, actor: Actor, name: str, make: Any, told: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(title, anchor=False)
        if st.button("Close", key="close_behind", icon=":material/close:"):
            look_behind()
        exporting.button(actor, name, make, filters=told, key="behind_export")


def _listed(actor: Actor, page: Page, columns: list[str], name: str, way: list[str]) -> None:
    if page.frame.empty:
        st.info("There is nobody behind this figure with these filters.", icon=":material/inbox:")
        return
    frame = page.frame
    amounts = [column for column in ("amount", "mrr_before", "mrr_after", "mrr", "started") if column in columns]
    shown = frame[columns].astype(dict.fromkeys(amounts, "float64"))
    event = st.dataframe(
        shown.assign(tenant=frame["tenant"].fillna("Not in sight")), hide_index=True, placeholder=UNKNOWN,
        key=f"{name}_{len(way)}", on_select="rerun", selection_mode="single-row", column_config=_config(actor),
    )  # fmt: skip
    if event.selection.rows and actor.may("tenants:read"):
        row = frame.iloc[event.selection.rows[0]]
        _lead(row)
    paging.buttons(name, way, len(frame), page.next)


def _lead(row: pd.Series) -> None:
    st.page_link(
        "customers/tenants.py", label=f"Open {plain(row['tenant'])}", icon=":material/apartment:",
        query_params={"tenant": row["tenant_id"], "tab": "subscription"},
    )  # fmt: skip


def _config(actor: Actor) -> dict[str, Any]:
    money = {
        "amount": "Amount", "mrr_before": "MRR before", "mrr_after": "MRR after", "mrr": "MRR", "started": "MRR at the start",
    }  # fmt: skip
    when = {
        name: st.column_config.DatetimeColumn(title, format="YYYY-MM-DD HH:mm", timezone=str(zone(actor)))
        for name, title in (("at", "When"), ("since", "Since"))
    }
    texts = {
        "tenant": "Tenant", "kind": "Kind", "plan_before": "Plan before", "plan_after": "Plan after", "cause": "Cause",
        "plan": "Plan", "plan_started": "Plan at the start",
    }  # fmt: skip
    return (
        {name: st.column_config.NumberColumn(title, format="accounting") for name, title in money.items()}
        | when
        | texts
    )
