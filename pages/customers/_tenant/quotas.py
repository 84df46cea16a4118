"""What one tenant may use, what it does use, and when that is up."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.quotas import queries
from core.customers.quotas.forecast import Forecast
from core.customers.quotas.resources import BY_KEY, RESOURCES
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago, clock
from pages.customers._quotas import chart, editor, upgrades, words

_REACHED = {
    "unknown": "Not known", "unlimited": "Never: no limit", "reached": "Reached", "later": "Not within a year",
    "not_growing": "Does not grow", "not_before_reset": "Not before it begins anew",
}  # fmt: skip


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """All quotas as a table; below, the chosen one with its course, forecast and acts."""
    tenant_id, now = UUID(str(tenant["id"])), utc_now()
    quotas = queries.of_tenant(actor, tenant_id, now=now)
    days = queries.courses(actor, tenant_id, now=now)
    found = queries.forecasts(actor, quotas, days, now=now)
    _table(actor, quotas, found)
    _measured(quotas, now)
    chosen = st.segmented_control(
        "Quota", RESOURCES, default=_nearest(quotas), key="quota", bind="query-params", format_func=words.label,
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    row = next(one for one in words.rows(quotas) if one["resource"] == chosen)
    _one(actor, tenant_id, row, days[days["resource"] == chosen], found[chosen], now)
    _requests(actor, tenant_id)


def _nearest(quotas: pd.DataFrame) -> str:
    """The quota that is used most."""
    known = quotas.dropna(subset=["ratio"])
    return RESOURCES[0] if known.empty else str(known["resource"].iloc[int(known["ratio"].astype(float).argmax())])


def _table(actor: Actor, quotas: pd.DataFrame, found: dict[str, Forecast]) -> None:
    rows = words.rows(quotas)
    shown = pd.DataFrame(
        {
            "quota": [words.label(row["resource"]) for row in rows],
            "share": [float(row["ratio"]) * 100 if words.is_known(row["ratio"]) else None for row in rows],
            "used": [words.used(row["resource"], row["used"]) for row in rows],
            "limit": [words.limit(row["resource"], row["limit_value"]) for row in rows],
            "source": [words.SOURCES[row["source"]] for row in rows], "policy": [words.POLICIES[row["policy"]] for row in rows],
            "decision": [words.DECISIONS[row["decision"]] for row in rows],
            "anew": pd.to_datetime([row["resets_at"] for row in rows], utc=True),
            "reached": [_reached(found[row["resource"]]) for row in rows],
        }
    )  # fmt: skip
    st.dataframe(
        shown, hide_index=True, key="tenant_quotas", placeholder=UNKNOWN,
        column_config={
            "quota": st.column_config.TextColumn("Quota", width=90),
            "share": st.column_config.ProgressColumn("Used", format="%.0f %%", min_value=0, max_value=100),
            "used": "Amount", "limit": "Limit", "source": st.column_config.TextColumn("Limit from", width=90),
            "policy": "At the limit", "decision": st.column_config.TextColumn("More is", width=90),
            "anew": st.column_config.DatetimeColumn("Begins anew", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "reached": st.column_config.TextColumn("Reached", width="medium"),
        },
    )  # fmt: skip


def _reached(found: Forecast) -> str:
    return f"{found.on:%d %b %Y}" if found.on else _REACHED[found.outcome]


def _measured(quotas: pd.DataFrame, now: datetime) -> None:
    known = [moment for moment in quotas["measured_at"] if words.is_known(moment)]
    if not known:
        st.caption("Not measured yet; that is done every minute.")
        return
    st.caption(
        f"Measured {ago(now - max(known))}. Months are those of UTC; what the product does not tell is not known."
    )


def _one(
    actor: Actor, tenant_id: UUID, row: dict[str, Any], days: pd.DataFrame, found: Forecast, now: datetime
) -> None:
    resource = BY_KEY[row["resource"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(resource.label, anchor=False, width="content")
        st.badge(words.DECISIONS[row["decision"]], color=words.COLOURS[row["decision"]])
        st.caption(resource.help, width="content")
    st.markdown(f"{row['decision_reason']} {found.sentence}")
    if words.is_known(row["override_reason"]):
        _override(actor, row)
    editor.buttons(actor, tenant_id, row)
    known = days.dropna(subset=["amount"])
    if known.empty:
        st.info("There is no course of this yet: nothing was told of any day.", icon=":material/query_stats:")
        return
    limit = float(row["limit_value"]) if words.is_known(row["limit_value"]) else None
    charts.show(
        chart.course(resource, days[days["day"] >= known["day"].iloc[0]], found, limit=limit, now=now), "quota_course"
    )
    _explained(resource.is_monthly, found)
    if resource.is_monthly:
        charts.show(chart.by_day(resource, days), "quota_days")


def _override(actor: Actor, row: dict[str, Any]) -> None:
    ends = row["override_expires_at"]
    until = f"until {clock(ends, zone(actor), now=utc_now())}" if words.is_known(ends) else "for good"
    st.caption(
        f":material/edit: Overridden {until} by {plain(row['override_by'])}: {plain(row['override_reason'])}. "
        f"The plan gives {words.limit(row['resource'], row['plan_limit'])}."
    )


def _explained(is_monthly: bool, found: Forecast) -> None:
    if found.course is None:
        return
    how = (
        "each coming day is expected to use what its day of the week usually does (the median of the last six weeks)"
        if is_monthly
        else "the median slope between all pairs of the last 60 days goes on (Theil and Sen), which single wild days do not move"
    )
    st.caption(f"From {found.days} known days: {how}. The band holds four of five outcomes.")


def _requests(actor: Actor, tenant_id: UUID) -> None:
    asked = queries.upgrades(actor, outcomes=queries.OUTCOMES, tenant_id=tenant_id, limit=20)
    if asked.empty:
        return
    st.subheader("Larger plans asked for", anchor=False)
    for row in asked[asked["outcome"] == "waiting"].to_dict("records"):
        upgrades.one(actor, row)
    decided = asked[asked["outcome"] != "waiting"]
    if not decided.empty:
        upgrades.table(actor, decided)
