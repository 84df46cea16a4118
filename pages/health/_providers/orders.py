"""Who follows whom: the order of each channel, moved up and down."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.providers import actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.health._providers import texts


def show(actor: Actor, frame: pd.DataFrame) -> None:
    """A card per channel that has a provider."""
    known = frame[frame["is_configured"]]
    if known.empty:
        return
    st.subheader("Failover order", anchor=False)
    st.caption("The first enabled provider of a channel is used. When it is disabled, the next enabled one follows.")
    with st.grid(3, gap="small", min_column_width=300):
        for channel, rows in known.groupby("channel"):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{plain(texts.channel(str(channel)))}**")
                _order(actor, str(channel), rows.sort_values("position"))


def _order(actor: Actor, channel: str, rows: pd.DataFrame) -> None:
    ids = [UUID(one) for one in rows["id"]]
    for place, row in enumerate(rows.to_dict("records")):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{place + 1}. {plain(row['provider'])}", width="stretch")
            st.badge(texts.use(row), color="blue" if row["is_active"] is True else "gray")
            if actor.may("providers:update") and len(ids) > 1:
                _button(actor, channel, ids, place, -1)
                _button(actor, channel, ids, place, 1)


def _button(actor: Actor, channel: str, ids: list[UUID], place: int, step: int) -> None:
    word = "up" if step < 0 else "down"
    target = place + step
    pressed = st.button(
        "", key=f"{word}_{ids[place]}", icon=f":material/arrow_{word}ward:", type="tertiary", help=f"Move {word}",
        disabled=not 0 <= target < len(ids),
    )  # fmt: skip
    if pressed:
        moved = ids.copy()
        moved[place], moved[target] = moved[target], moved[place]
        run_action(actions.reorder, actor, channel, moved, was=ids, done="Moved.")
