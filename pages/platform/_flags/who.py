"""Which tenants get which variant of a flag, and why."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts import paging
from pages._parts.moments import UNKNOWN
from pages.platform._flags import readings


def show(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """The tenants with the reason of each; figures only for those who may not see tenants."""
    name = environment["environment"]
    counts = queries.who_has_counts(actor, flag["id"], name)
    if flag["unit"] == "user":
        st.caption("Percentages of this flag count users: within a tenant, some may have it and others not.")
    if not actor.may("tenants:read"):
        readings.now(counts)
        st.info("Your role sees how many tenants have it, and not which (tenants:read).", icon=":material/lock:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Tenant", key="who", bind="query-params", placeholder="Name, domain or id", icon=":material/search:"
        )
        variant = st.selectbox(
            "Variant", list(flag["variants"]), None, key="gets", bind="query-params", placeholder="Any", width=200
        )
    told = {row["variant"]: f"`{row['variant']}` {int(row['tenants']):,}" for row in counts.to_dict("records")}
    st.caption(" · ".join(told.values()) or "There are no tenants yet.")
    way = paging.trail("who", (str(flag["id"]), name, text, variant))
    page = queries.who_has(
        actor, flag["id"], name, variant=variant, text=text, after=paging.after(way), limit=paging.SIZE
    )
    if page.frame.empty:
        st.info("No tenant matches. Clear a filter.", icon=":material/inbox:")
        return
    _grid(page.frame)
    paging.buttons("who", way, len(page.frame), page.next)


def _grid(frame: Any) -> None:
    shown = frame.assign(
        open="/tenants?tenant=" + frame["tenant_id"],
        plan=frame["plan"].str.capitalize(),
        status=frame["status"].str.capitalize(),
    )
    st.dataframe(
        shown[["tenant", "open", "plan", "region", "status", "variant", "value", "sentence"]],
        hide_index=True, key="who_has", placeholder=UNKNOWN, height=520,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=220),
            "plan": st.column_config.TextColumn("Plan", width=80),
            "region": st.column_config.TextColumn("Region", width=65),
            "status": st.column_config.TextColumn("Status", width=85),
            "variant": st.column_config.TextColumn("Variant", width=90),
            "value": st.column_config.TextColumn("Value", width=90),
            "sentence": st.column_config.TextColumn("Why", width=320),
            "open": st.column_config.LinkColumn("Page", display_text="Open", width=55),
        },
    )  # fmt: skip
