"""What can be done with the flags that are ticked in the list."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions
from pages._parts.frame import run_action
from pages.platform._flags import stale, words


def acts(actor: Actor, chosen: pd.DataFrame, environment: str) -> None:
    if chosen.empty:
        st.caption("Click a flag to open it, or tick some to act on them.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(chosen) == 1 and actor.may("flags:update"):
            _switch(actor, chosen.iloc[0], environment)
        live = chosen[chosen["archived_at"].isna()]
        if not actor.may("flags:delete") or live.empty:
            return
        if st.button(f"Archive {len(live)}", key="archive_many", icon=":material/archive:"):
            stale.archive_many(actor, live.rename(columns={"id": "flag_id"}))


def _switch(actor: Actor, one: pd.Series, environment: str) -> None:
    """Turns one flag on or off. In production it is said first what that means."""
    verb = "Turn off" if one["is_enabled"] else "Turn on"
    is_reviewed = bool(one["is_protected"]) and environment == "production"
    told = "This flag is protected: open it and propose the change." if is_reviewed else None
    if st.button(
        f"{verb} in {environment}", key="toggle", icon=":material/toggle_on:", disabled=is_reviewed, help=told
    ):
        if environment == "production":
            confirm(actor, one, verb)
        else:
            run_action(_toggle, actor, one, environment, done=f"{verb.replace('Turn', 'Turned')}.")


@st.dialog("Switch in production")
def confirm(actor: Actor, one: pd.Series, verb: str) -> None:
    """The last click before customers see it."""
    share = words.share(one["rollout_percentage"])
    told = (
        f"its rollout is {share}, with {int(one['rules'])} rules"
        if verb == "Turn on"
        else "everybody gets its off variant"
    )
    st.markdown(f"{verb} **{words.plain(one['name'])}** for customers: {told}.")
    if st.button(verb, type="primary", key="toggle_submit"):
        run_action(_toggle, actor, one, "production", done=f"{verb.replace('Turn', 'Turned')}.")


def _toggle(actor: Actor, one: Any, environment: str) -> None:
    actions.toggle(actor, UUID(str(one["id"])), environment, is_enabled=not one["is_enabled"])
