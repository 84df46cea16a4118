"""Who is near a limit or over it, the most used share first."""

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import streamlit as st

from core.customers.quotas import queries
from core.customers.quotas.queries import Filters
from core.customers.quotas.resources import RESOURCES
from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from pages._parts import exporting, paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._quotas import words

SHARES = {"50 %": Decimal("0.5"), "80 %": Decimal("0.8"), "90 %": Decimal("0.9"), "100 %": Decimal(1)}


def show(actor: Actor) -> None:
    """How many, then the list; a click opens the quota of that tenant."""
    filters = _filters(actor)
    _counts(actor)
    way = paging.trail("quotas", filters)
    page = queries.near(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info(
            "Nobody is that near a limit here. Choose a lower share, or clear a filter.", icon=":material/check_circle:"
        )
        return
    _grid(actor, page.frame)
    paging.buttons("quotas", way, len(page.frame), page.next)


def _filters(actor: Actor) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Tenant: name, domain or id",
            icon=":material/search:",
        )
        share = st.segmented_control(
            "Used from", list(SHARES), default="80 %", key="from", bind="query-params", required=True
        )
        names = st.multiselect("Quota", RESOURCES, key="quota", bind="query-params", format_func=words.label)
        policies = st.multiselect(
            "Policy", list(words.POLICIES), key="policy", bind="query-params", format_func=words.POLICIES.__getitem__
        )
        tiers = st.multiselect(
            "Plan", list(words.PLANS), key="plan", bind="query-params", format_func=words.PLANS.__getitem__
        )
        is_own = st.toggle("Overridden only", key="overridden", bind="query-params")
        filters = Filters(text, tuple(names), tuple(policies), tuple(tiers), SHARES[share], is_own)
        said = {"text": text, "from": share, "quota": names, "policy": policies, "plan": tiers, "overridden": is_own}
        exporting.button(actor, "quotas", lambda who: _exported(who, filters), filters=said)
    return filters


def _exported(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    return frames(actor, queries.near_statement(filters))


def _counts(actor: Actor) -> None:
    counts = queries.counts(actor)
    with st.container(horizontal=True):
        for name, label in (("100", "Used up"), ("90", "90 to 100 %"), ("80", "80 to 90 %")):
            st.metric(label, f"{counts[name]:,}", border=True)


def _grid(actor: Actor, found: pd.DataFrame) -> None:
    event = st.dataframe(
        told(found), hide_index=True, key=table_key("quotas"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(found) < 17 else 620,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=200), "plan": st.column_config.TextColumn("Plan", width=90),
            "quota": st.column_config.TextColumn("Quota", width=90),
            "share": st.column_config.ProgressColumn("Used", format="%.0f %%", min_value=0, max_value=100),
            "amount": st.column_config.TextColumn("Amount", width=210),
            "source": st.column_config.TextColumn("Limit from", width=90), "policy": "At the limit",
            "until": st.column_config.DatetimeColumn("Override until", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    if event.selection.rows:
        row = found.iloc[event.selection.rows[0]]
        st.session_state["quotas_opened"] = st.session_state.get("quotas_opened", 0) + 1
        query = {"tenant": row["tenant_id"], "tab": "quotas", "quota": words.label(row["resource"])}
        st.switch_page("customers/tenants.py", query_params=query)


def told(found: pd.DataFrame) -> pd.DataFrame:
    """As people read it."""
    rows = words.rows(found)
    return pd.DataFrame(
        {
            "tenant": found["tenant"], "plan": [words.PLANS[row["tier"]] for row in rows],
            "quota": [words.label(row["resource"]) for row in rows],
            "share": [float(row["ratio"]) * 100 for row in rows],
            "amount": [words.share_of(row["resource"], row["used"], row["limit_value"]) for row in rows],
            "source": [words.SOURCES[row["source"]] for row in rows], "policy": [words.POLICIES[row["policy"]] for row in rows],
            "until": found["override_expires_at"],
        }
    )  # fmt: skip
