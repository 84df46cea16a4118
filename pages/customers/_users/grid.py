"""The grid of people, of which some are chosen."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN

SHOWN = ["name", "email", "tenant", "status", "role", "last_seen_at", "invitation", "created_at"]
_MAIL = {"queued": "Mail waits", "failed": "Mail failed", "no mail server": "No mail server"}


def show(actor: Actor, frame: pd.DataFrame, *, key: str, has_tenant: bool = True) -> pd.DataFrame:
    """Draws the page of people that was read. Returns the chosen ones; who may change nobody chooses nobody."""
    viewer = str(zone(actor))
    shown = frame.assign(
        status=frame["deactivated_at"].isna().map({True: "Active", False: "Deactivated"}),
        role=[_role(owner, admin) for owner, admin in zip(frame["is_owner"], frame["is_admin"], strict=True)],
        invitation=_invitations(frame),
    )
    event: Any = st.dataframe(
        shown[[name for name in SHOWN if has_tenant or name != "tenant"]],
        hide_index=True, key=key, on_select="rerun" if actor.may("users:update") else "ignore", selection_mode="multi-row",
        placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "name": st.column_config.TextColumn("Name", width=170),
            "email": st.column_config.TextColumn("Address", width=235),
            "tenant": st.column_config.TextColumn("Tenant", width=150),
            "status": st.column_config.TextColumn("Status", width=95),
            "role": st.column_config.TextColumn("Role", width=105),
            "last_seen_at": st.column_config.DatetimeColumn("Last seen", format="distance", timezone=viewer, width=115),
            "invitation": st.column_config.TextColumn("Invitation", width=140),
            "created_at": st.column_config.DatetimeColumn("Created", format="distance", timezone=viewer, width=115),
        },
    )  # fmt: skip
    return frame.iloc[event.selection.rows if actor.may("users:update") else []]


def _role(is_owner: bool, is_admin: bool) -> str:
    return "Owner" if is_owner else "Administrator" if is_admin else "Member"


def _invitations(frame: pd.DataFrame) -> pd.Series:
    """The state of each, and what became of the mail while somebody waits for it."""
    mail = frame["invitation_mail"].map(_MAIL)
    told = frame["invitation"].str.capitalize()
    return told.where(mail.isna() | ~frame["invitation"].isin(["pending", "failed"]), mail)
