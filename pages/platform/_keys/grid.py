"""The grid of keys; a click opens one."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._keys import texts

SHOWN = ["name", "owner", "masked", "status", "flags", "last_used_at", "expires_at", "scopes", "created_at"]


def show(actor: Actor, frame: pd.DataFrame) -> None:
    """The page of keys that was read."""
    rows = frame.to_dict("records")
    shown = frame.assign(
        owner=[texts.owner(row) for row in rows],
        masked=[texts.masked(row) for row in rows],
        status=frame["status"].str.capitalize(),
        flags=pd.Series([texts.flags(row) for row in rows], index=frame.index, dtype="object"),
    )
    viewer = str(zone(actor))
    event = st.dataframe(
        shown[SHOWN], hide_index=True, key=table_key("keys"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(frame) <= 15 else 560,
        column_config={
            "name": st.column_config.TextColumn("Name", width=180),
            "owner": st.column_config.TextColumn("Bound to", width=170),
            "masked": st.column_config.TextColumn("Key", width=135),
            "status": st.column_config.TextColumn("Status", width=75),
            "flags": st.column_config.ListColumn("Flags", width=190),
            "last_used_at": st.column_config.DatetimeColumn("Last used", format="distance", timezone=viewer, width=115),
            "expires_at": st.column_config.DatetimeColumn("Expires", format="YYYY-MM-DD", timezone=viewer, width="small"),
            "scopes": st.column_config.ListColumn("Scopes", width="medium"),
            "created_at": st.column_config.DatetimeColumn("Created", format="distance", timezone=viewer, width="small"),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("keys", "key_id", frame["id"].iloc[event.selection.rows[0]])
