"""Flags that should go: expired, fully rolled out, off or never asked for, since long."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, ReasonRequired
from core.platform.flags import actions, queries
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._flags import words


def show(actor: Actor, environment: str) -> None:
    """The report; tick some to archive them together, click a name to open it."""
    found = queries.stale(actor, environment)
    if found.empty:
        st.info(f"No flag is stale in {environment}.", icon=":material/check_circle:")
        return
    chosen = _grid(actor, found)
    if not actor.may("flags:delete"):
        return
    if chosen.empty:
        st.caption("Tick flags to archive them together.")
    elif st.button(f"Archive {len(chosen)}", key="archive_many", icon=":material/archive:"):
        archive_many(actor, chosen)


def _grid(actor: Actor, found: pd.DataFrame) -> pd.DataFrame:
    event = st.dataframe(
        found.assign(kind_of=found["kind_of"].str.capitalize())[["name", "kind_of", "why", "since", "owner", "key"]],
        hide_index=True, key=table_key("stale"), on_select="rerun",
        selection_mode=["multi-row", "single-cell"], placeholder=UNKNOWN,
        height="content" if len(found) < 15 else 560,
        column_config={
            "name": st.column_config.TextColumn("Flag", width=200),
            "kind_of": st.column_config.TextColumn("Stale as", width=120),
            "why": st.column_config.TextColumn("Why", width=330),
            "since": st.column_config.DatetimeColumn("Since", format="YYYY-MM-DD", timezone=str(zone(actor)), width=95),
            "owner": st.column_config.TextColumn("Owner", width=110),
            "key": st.column_config.TextColumn("Key", width=150),
        },
    )  # fmt: skip
    if event.selection.cells:
        open_row("stale", "flag", found["flag_id"].iloc[event.selection.cells[0][0]])
    return found.iloc[event.selection.rows]


@st.dialog("Archive flags", icon=":material/archive:")
def archive_many(actor: Actor, chosen: pd.DataFrame) -> None:
    """One reason for all of them; each can be restored."""
    st.markdown("\n".join(f"- {words.plain(name)}" for name in chosen["name"]))
    st.caption("They go out of service in every environment. Each can be restored.")
    with st.form("archive_flags", border=False):
        reason = st.text_area("Reason", key="archive_many_reason", max_chars=500, placeholder="Their code is gone")
        if st.form_submit_button("Archive", type="primary", key="archive_many_submit"):
            run_action(_archive_many, actor, chosen, reason=reason, done=str)


def _archive_many(actor: Actor, chosen: pd.DataFrame, *, reason: str) -> str:
    """Archives each on its own, so that one that cannot be archived does not hold up the others."""
    if not reason.strip():
        raise ReasonRequired
    refused: list[str] = []
    for row in chosen.to_dict("records"):
        refused += _refusal(actor, row, reason)
    done = len(chosen) - len(refused)
    return " ".join([f"Archived {done}.", *refused])


def _refusal(actor: Actor, row: dict[Any, Any], reason: str) -> list[str]:
    try:
        actions.archive(actor, UUID(str(row["flag_id"])), reason=reason, version=int(row["version"]))
    except ExpectedError as error:
        return [f"{row['name']}: {error}"]
    return []
