"""What customers wrote, newest first."""

import streamlit as st

from core.customers.users import masking
from core.kernel.actor import Actor
from core.support.satisfaction import queries
from pages._parts import paging
from pages.support._satisfaction import entry
from pages.support._satisfaction.bar import Chosen

SIZE = 20


def show(actor: Actor, chosen: Chosen) -> None:
    """Of the period, the team and the agent."""
    st.subheader("Comments", anchor=False)
    if not masking.sees(actor):
        st.caption(":material/visibility_off: Names are masked: your role does not include users:pii.")
    one = chosen.filters
    # A live period moves on with every run, which must not lead back to the first page.
    way = paging.trail("comments", (chosen.label, one.team_id, one.agent_id))
    page = queries.comments(actor, one, after=paging.after(way), limit=SIZE)
    if page.frame.empty:
        st.info(f"Nobody wrote a comment in {chosen.label}.", icon=":material/chat_bubble_outline:")
        return
    for row in page.frame.to_dict("records"):
        known = {str(name): value for name, value in row.items()}
        with st.container(border=True):
            entry.show(actor, known)
            entry.link(known, key=f"comment_ticket_{known['id']}")
    paging.buttons("comments", way, len(page.frame), page.next, size=SIZE)
