"""One provider on one channel: figures, course, whom its failures hit, what it answered last, and what can be done."""

from typing import Any

import streamlit as st

from core.health.providers import course
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, milliseconds, percent
from pages._parts.time_range import TimeRange
from pages.health._providers import charts, listing, texts
from pages.health._providers.dialogs import add, dialogs, disable, edit, enable
from pages.health._requests.tenants import titles

TENANTS = {
    "title": st.column_config.TextColumn("Tenant", width="large"),
    "messages": st.column_config.NumberColumn("Messages", format="localized"),
    "failed": st.column_config.NumberColumn("Failed", format="localized"),
    "error_ratio": st.column_config.NumberColumn("Error rate", format="percent"),
    "delivery_ratio": st.column_config.NumberColumn("Delivered", format="percent"),
}


def show(actor: Actor, provider: str, channel: str, span: TimeRange) -> None:
    """The provider, or a sentence when nothing is known of it."""
    if st.button("All providers", key="back", icon=":material/arrow_back:", type="tertiary"):
        for name in ("provider", "channel"):
            st.query_params.pop(name, None)
        st.rerun()
    frame = listing.read(actor, span)
    found = frame[frame["provider"].eq(provider) & frame["channel"].eq(channel)]
    if found.empty:
        st.warning(
            "This provider is not configured, and carried no message in this time. Choose a longer time.",
            icon=":material/search_off:",
        )
        return
    row: dict[str, Any] = {str(name): value for name, value in found.iloc[0].items()}
    _head(row)
    _act(actor, row)
    listing.as_of(actor)
    _figures(row)
    charts.show(actor, span, provider=provider, channel=channel)
    _tenants(actor, row, span)
    _failures(actor, row, span)


def _head(row: dict[str, Any]) -> None:
    label, icon, colour = texts.BADGES[row["status"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(
            f"{plain(row['provider'])} · {plain(texts.channel(row['channel']))}", anchor=False, width="content"
        )
        st.badge(label, icon=icon, color=colour, help=texts.BANDS)
        st.badge(texts.use(row), color="blue" if row["is_active"] is True else "gray")
    if row["is_configured"] and not row["is_enabled"]:
        told = f"Disabled by {plain(row['disabled_by_name'])}: {plain(row['disabled_reason'])}"
        st.info(told, icon=":material/block:")
    if row["is_configured"] and row["note"]:
        st.text(row["note"])
    if not row["is_configured"]:
        st.info(
            "Messages name this provider, and it is not configured: nothing fails over to it.", icon=":material/help:"
        )


def _act(actor: Actor, row: dict[str, Any]) -> None:
    offered = _offered(actor, row)
    with st.container(horizontal=True):
        for name, (label, icon) in offered.items():
            if st.button(label, key=name, icon=f":material/{icon}:"):
                dialogs.open_now(name, int(row["version"]) if row["is_configured"] else None)
    if dialogs.is_open("add") and "add" in offered:
        add(actor, row["provider"], row["channel"])
    for name, dialog in {"edit": edit, "disable": disable, "enable": enable}.items():
        if dialogs.is_open(name) and name in offered:
            dialog(actor, row)


def _offered(actor: Actor, row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    if not row["is_configured"]:
        return {"add": ("Add provider", "add")} if actor.may("providers:create") else {}
    if not actor.may("providers:update"):
        return {}
    switch = {"disable": ("Disable", "block")} if row["is_enabled"] else {"enable": ("Enable", "check")}
    return {"edit": ("Edit", "edit"), **switch}


def _figures(row: dict[str, Any]) -> None:
    ratios = {
        name: texts.number(row[name]) for name in ("delivery_ratio", "error_ratio", "hour_error_ratio", "p50", "p95")
    }
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Messages", f"{int(row['messages']):,}", border=True, help="Of the chosen time.")
        st.metric("Delivered", percent(ratios["delivery_ratio"]), border=True, help="Delivered of sent.")
        st.metric("Error rate", percent(ratios["error_ratio"], 2), border=True, help="Failed of all messages.")
        st.metric("Error rate, last hour", percent(ratios["hour_error_ratio"], 2), border=True, help=texts.BANDS)
        st.metric("Response p50", milliseconds(ratios["p50"]), border=True, help=f"p95: {milliseconds(ratios['p95'])}.")
        st.metric("Cost of 24 h", texts.cost(row), border=True, help="What is unpriced is not counted as free.")
    untimed = int(row["sent"] + row["delivered"] + row["failed"] - row["timed"])
    if untimed:
        st.caption(f"{untimed:,} reports of this time tell no response time; it is that of the others.")


def _tenants(actor: Actor, row: dict[str, Any], span: TimeRange) -> None:
    st.subheader("Tenants: who is hit", anchor=False)
    frame = course.by_tenant(actor, row["provider"], row["channel"], span.since, span.until)
    if frame.empty:
        st.caption("No message of a tenant you see.")
        return
    st.dataframe(
        frame.assign(title=titles(frame))[list(TENANTS)], hide_index=True, key="tenants", height="content",
        placeholder=UNKNOWN, column_config=TENANTS,
    )  # fmt: skip


def _failures(actor: Actor, row: dict[str, Any], span: TimeRange) -> None:
    st.subheader("Last failures", anchor=False)
    frame = course.failures(actor, row["provider"], row["channel"], span.since, span.until)
    if frame.empty:
        st.caption(f"None is kept of this time (single messages are for {course.KEPT.days} days).")
        return
    shown = frame.assign(title=titles(frame))[["at", "error", "title", "message_id"]]
    st.dataframe(
        shown, hide_index=True, key="failures", height="content", placeholder=UNKNOWN,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor))),
            "error": st.column_config.TextColumn("Error", width="large"), "title": "Tenant", "message_id": "Message id",
        },
    )  # fmt: skip
