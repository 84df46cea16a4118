"""Who is hit."""

import pandas as pd
import streamlit as st

from core.health.requests import breakdowns
from core.health.requests.filters import Filters
from core.kernel.actor import Actor
from pages._parts.time_range import TimeRange
from pages.health._requests import tables
from pages.health._requests.bar import narrow

NAMED = {"title": st.column_config.TextColumn("Tenant", width="large")}
NONE = "No tenant"


def show(actor: Actor, filters: Filters, span: TimeRange) -> None:
    """The first ten tenants; a click shows the requests of one."""
    st.subheader("Tenants: who is hit", anchor=False)
    order = tables.order_of("tenants", "Most errors" if filters.route or filters.status_class == 5 else "Most requests")
    frame = breakdowns.by_tenant(actor, filters, span.since, span.until, order=order)
    place = tables.table(frame.assign(title=titles(frame)), NAMED, "tenants_hit", order)
    if place is not None and pd.notna(frame["tenant_id"].iloc[place]):
        tables.forget("tenants_hit")
        narrow(tenant=str(frame["tenant_id"].iloc[place]))


def titles(frame: pd.DataFrame) -> pd.Series:
    """The tenants' names; the id of one whose name the viewer may not see."""
    return frame["tenant"].fillna(frame["tenant_id"]).fillna(NONE)
