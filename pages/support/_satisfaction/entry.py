"""One answer, as lists show it."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.tickets import numbers
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock

_COLOURS: dict[int, Any] = {1: "red", 2: "orange", 3: "gray", 4: "blue", 5: "green"}


def show(actor: Actor, row: dict[str, Any]) -> None:
    """Rating, who gave it about what, and the comment as it was written."""
    score = int(row["score"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(f"{score} of 5", color=_COLOURS[score], icon=":material/star:")
        who = [row["requester"], row["tenant"]]
        told = " · ".join(plain(one) for one in who if isinstance(one, str) and one)
        at = clock(row["answered_at"].to_pydatetime(), zone(actor), now=utc_now())
        agent = f" · answered by {plain(row['agent'])}" if isinstance(row["agent"], str) else ""
        st.caption(f"{told} · {at}{agent}")
    if not pd.isna(row["comment"]):
        st.text(row["comment"])
    if isinstance(row["followed_up_by_name"], str):
        st.caption(f":material/check: Followed up by {plain(row['followed_up_by_name'])}.")


def link(row: dict[str, Any], *, key: str) -> None:
    """Leads to the ticket."""
    subject = " ".join(str(row["subject"]).split())
    short = subject if len(subject) <= 80 else f"{subject[:79]}…"
    with st.container(key=key):
        st.page_link(
            "support/ticket.py", label=f"{numbers.shown(int(row['number']))}: {plain(short)}",
            icon=":material/confirmation_number:", query_params={"id": str(row["ticket_id"])},
        )  # fmt: skip
