"""Home: what needs me now. Each count leads to the page that shows what it counts."""

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts.counts import COUNTS, Count
from pages._parts.frame import begin_page, live

actor = begin_page("home")


def _show(actor: Actor, count: Count) -> bool:
    """Draws one count; returns whether it needs somebody."""
    try:
        value = count.read(actor)
    except ExpectedError as error:
        st.metric(count.label, "Unknown", border=True, help=str(error))
        return False
    label = f"{value:,}" if value is not None else "Unknown"
    with st.container(border=True):
        st.metric(count.label, label, help=count.help)
        st.page_link(count.file, label=count.link, icon=count.icon, query_params=count.query)
    return bool(value)


@live("10s")
def needs_me() -> None:
    """The counts that the operator may see."""
    mine = [count for count in COUNTS if actor.may(count.permission)]
    if not mine:
        st.info("Nothing is counted for your role yet. Open a page on the left.", icon=":material/inbox:")
        return
    with st.grid(4, gap="small", min_column_width=220):
        needed = [_show(actor, count) for count in mine]
    if not any(needed):
        st.caption("Nothing needs you now.")


st.caption(f"Good to see you, {actor.name.partition(' ')[0]}. This is what needs somebody now.")
needs_me()
