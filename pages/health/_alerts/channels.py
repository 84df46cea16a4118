"""Channels and routes: whom alerts reach, in which order that is asked, and what was sent."""

import pandas as pd
import streamlit as st

from core.health.channels import queries
from core.health.channels.kinds import title_of
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.health._alerts import channel, channel_form, preview, routes, sent_log, words
from pages.health._alerts.dialogs import dialogs

SHOWN = ["name", "kind", "target", "state", "last_at", "last", "last_error", "failed_24h"]


def show(actor: Actor) -> None:
    """The channels, the routes in their order, who would be told now, and the latest messages."""
    if not actor.may(queries.READ):
        st.info("Your role does not see channels and routes (alert_channels:read).", icon=":material/lock:")
        return
    opened = st.query_params.get("channel")
    if opened:
        channel.show(actor, opened)
        return
    found = queries.channels(actor)
    _head(actor)
    if found.empty:
        st.info(
            "There are no channels yet, so nobody is told of alerts. Create the first one.", icon=":material/inbox:"
        )
        return
    _grid(actor, found)
    routes.show(actor, found)
    preview.show(actor)
    st.subheader("Delivery log", anchor=False)
    sent_log.show(actor)


def _head(actor: Actor) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Channels", anchor=False)
        if actor.may("alert_channels:create") and st.button(
            "Create channel", key="create_channel", type="primary", icon=":material/add:"
        ):
            dialogs.open_now(channel_form.CREATE)
    if dialogs.is_open(channel_form.CREATE):
        channel_form.create(actor)


def _grid(actor: Actor, found: pd.DataFrame) -> None:
    shown = found.assign(
        kind=[title_of(kind) for kind in found["kind"]],
        state=["Enabled" if enabled else "Disabled" for enabled in found["is_enabled"]],
        last=words.column(
            (None if words.is_unknown(one) else words.SENT[one][0] for one in found["last_status"]), found
        ),
        failed_24h=found["failed_24h"].where(found["failed_24h"] > 0),
        target=found["target"].where(found["target"] != ""),
    )
    column = st.column_config
    event = st.dataframe(
        shown[SHOWN], hide_index=True, key=table_key("channels"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(shown) <= 12 else 460,
        column_config={
            "name": column.TextColumn("Channel", width=170),
            "kind": column.TextColumn("Kind", width=130),
            "target": column.TextColumn("Reaches", width=170),
            "state": column.TextColumn("State", width=75),
            "last_at": column.DatetimeColumn("Last message", format="distance", timezone=str(zone(actor)), width=115),
            "last": column.TextColumn("Outcome", width=85),
            "last_error": column.TextColumn("What went wrong", width=220),
            "failed_24h": column.NumberColumn("Failed in 24 h", width=95),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("channels", "channel", found["id"].iloc[event.selection.rows[0]])
