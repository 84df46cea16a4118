"""The key figures of one tenant, each with its course over 30 days."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.summaries import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago

_HEALTH = {"healthy": ":green[:material/check_circle:]", "degraded": ":orange[:material/warning:]",
           "down": ":red[:material/error:]", "unknown": ":gray[:material/help:]"}  # fmt: skip
_TITLES = {
    "seats_used": "Seats used", "users_active_30d": "People active in 30 d", "messages_30d": "Messages of 30 d",
    "api_calls_30d": "API calls of 30 d", "errors_24h": "Errors of 24 h", "open_alerts": "Open alerts", "mrr": "MRR",
    "revenue_30d": "Paid in 30 d",
}  # fmt: skip
_BAD_WHEN_MORE = {"errors_24h", "open_alerts"}
_MONEY = {"mrr", "revenue_30d"}


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Health in words, then a card per figure that the role sees."""
    now, course = queries.one(actor, tenant["id"]), queries.trend(actor, tenant["id"], days=30)
    st.subheader("Key figures", anchor=False)
    counted = f" · counted {ago(utc_now() - now['computed_at'])}" if now["computed_at"] else ""
    st.markdown(
        f"{_HEALTH[now['health']]} **{now['health'].capitalize()}** · {plain(now['health_reason'] or 'Not counted yet.')}"
        f":gray[{counted}]"
    )
    with st.container(horizontal=True):
        for figure, title in _TITLES.items():
            if actor.may(queries.RIGHTS[figure]):
                _card(tenant, figure, title, now, course)


def _card(tenant: dict[str, Any], figure: str, title: str, now: dict[str, Any], course: pd.DataFrame) -> None:
    known = course[course[figure].notna()]
    change, against = _change(figure, now, known)
    st.metric(
        title, _told(tenant, figure, now), change, border=True, width=230, height="stretch", delta_description=against,
        delta_color="inverse" if figure in _BAD_WHEN_MORE else "normal",
        chart_data=list(known[figure].astype(float)) if len(known) > 1 else None, chart_type="line",
    )  # fmt: skip


def _told(tenant: dict[str, Any], figure: str, now: dict[str, Any]) -> str:
    value = now[figure]
    if value is None:
        return UNKNOWN
    if figure in _MONEY:
        return f"{value:,.2f} {now['currency'] or ''}".strip()
    return f"{value:,} of {tenant['seats']:,}" if figure == "seats_used" else f"{value:,}"


def _change(figure: str, now: dict[str, Any], known: pd.DataFrame) -> tuple[str | None, str | None]:
    """Against the 30 days before for messages, else against the first day that was counted, and which of them."""
    value, before, against = now[figure], None, None
    if figure == "messages_30d":
        before, against = now["messages_30d_before"], "than before"
    elif len(known) > 1:
        before, against = known[figure].iloc[0], f"since {known['day'].iloc[0]:%d %b}"
    if value is None or before is None or float(value) == float(before):
        return None, None
    change = float(value) - float(before)
    return (f"{change:+,.2f}" if figure in _MONEY else f"{change:+,.0f}"), against
