"""The delivery log: every message, to whom, why, and what became of it."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.channels import queries
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN
from pages.health._alerts import words

SHOWN = ["created_at", "channel", "reason", "status", "attempts", "error", "finished_at", "next_attempt_at", "open"]


def show(actor: Actor, channel_id: UUID | None = None) -> None:
    """The log of one channel, or of all."""
    statuses = st.multiselect(
        "Outcome", list(words.SENT), key="sent", bind="query-params", format_func=lambda one: words.SENT[one][0],
        placeholder="Any", width=260,
    )  # fmt: skip
    _table(actor, channel_id, tuple(statuses))


@live("5s")
def _table(actor: Actor, channel_id: UUID | None, statuses: tuple[str, ...]) -> None:
    name = f"sent_{channel_id}"
    way = paging.trail(name, statuses)
    page = queries.log(actor, channel_id=channel_id, statuses=statuses, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        told = "No message has this outcome. Clear the filter." if statuses else "Nothing was sent yet."
        st.info(told, icon=":material/inbox:")
        return
    grid(actor, page.frame, key=f"{name}_grid", without=("channel",) if channel_id else ())
    paging.buttons(name, way, len(page.frame), page.next)


def grid(actor: Actor, found: pd.DataFrame, *, key: str, without: tuple[str, ...] = ()) -> None:
    """Rows of the log."""
    shown = found.assign(
        reason=found["reason"].map(words.REASONS),
        status=[words.SENT[one][0] for one in found["status"]],
        open=words.column(
            (None if words.is_unknown(one) else f"/alerts?alert={one}" for one in found["alert_id"]), found
        ),
    )
    st.dataframe(
        shown[[name for name in SHOWN if name not in without]], hide_index=True, key=key, placeholder=UNKNOWN,
        height="content" if len(found) <= 12 else 460, column_config=_columns(str(zone(actor))),
    )  # fmt: skip


def _columns(here: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "created_at": column.DatetimeColumn("At", format="YYYY-MM-DD HH:mm:ss", timezone=here, width=140),
        "channel": column.TextColumn("Channel", width=140),
        "reason": column.TextColumn("Why", width=75),
        "status": column.TextColumn("Outcome", width=90),
        "attempts": column.NumberColumn("Attempts", width=65),
        "error": column.TextColumn("What went wrong", width=255),
        "finished_at": column.DatetimeColumn("Finished", format="HH:mm:ss", timezone=here, width=85),
        "next_attempt_at": column.DatetimeColumn("Next attempt", format="distance", timezone=here, width=95),
        "open": column.LinkColumn("Alert", display_text="Open", width=60),
    }
