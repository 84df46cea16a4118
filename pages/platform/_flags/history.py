"""Who changed a flag, when and why, with before and after."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.platform._flags import differences, saving, viewer
from pages.platform._flags.words import Here

UNTOLD = ("reason", "created_at", "set_by", "archived_by", "killed_by", "paused_by")


def show(actor: Actor, flag: dict[str, Any], _: dict[str, Any]) -> None:
    """The latest changes in every environment; a click shows before and after."""
    found = queries.history(actor, flag["id"])
    if found.empty:
        st.info("Nothing was done with this flag since the trail began.", icon=":material/inbox:")
        return
    here = zone(actor)
    known = viewer.here(actor)
    told = ["; ".join(map(_line, _differences(changes, known))) for changes in found["changes"]]
    event = st.dataframe(
        found.assign(told=told, action=found["action"].map(_verb))[["at", "actor", "action", "environment", "told", "reason"]],
        hide_index=True, key="history", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(here)),
            "actor": "Who", "action": st.column_config.TextColumn("Did", width="small"),
            "environment": st.column_config.TextColumn("Environment", width="small"),
            "told": st.column_config.TextColumn("Changed", width="large"),
            "reason": st.column_config.TextColumn("Why", width="medium"),
        },
    )  # fmt: skip
    if not event.selection.rows:
        st.caption("All environments. Select a line to read it in full.")
        return
    row = found.iloc[event.selection.rows[0]]
    full = _differences(row["changes"], known)
    if full:
        saving.table(full)


def _differences(changes: dict[str, Any], known: Here) -> list[differences.Difference]:
    pairs = [(name, *pair) for name, pair in changes.items() if pair[0] != pair[1] and name not in UNTOLD]
    return differences.of_fields(pairs, known)


def _line(one: differences.Difference) -> str:
    """A field that was empty before is told by what it became."""
    was = "" if one.before in (UNKNOWN, "none") else f"{one.before} → "
    return f"{one.field}: {was}{one.after}".replace("\n", " ")


def _verb(action: str) -> str:
    return action.partition(".")[2].replace("_", " ").capitalize()
