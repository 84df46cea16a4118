"""Home: what needs me now. Each count leads to the page that shows what it counts."""

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts.counts import COUNTS, Count
from pages._parts.frame import begin_page, live

actor = begin_page("home")


def _read(actor: Actor, count: Count) -> tuple[int | None, str]:
    """The number, None when it is unknown, and what there is to say about it."""
    try:
        return count.read(actor), count.help
    except ExpectedError as error:
        return None, str(error)


def _card(count: Count, value: int | None, said: str) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(count.label, "Unknown" if value is None else f"{value:,}", help=said)
        st.page_link(count.file, label=count.link, icon=count.icon, query_params=count.query)


def _quiet(counts: list[Count]) -> None:
    st.caption("Quiet")
    with st.container(horizontal=True, gap="small"):
        for count in counts:
            st.page_link(
                count.file, label=f":green[:material/check:] {count.label}", help=count.help, query_params=count.query
            )


@live("10s")
def needs_me() -> None:
    """The counts that the operator may see: first what needs somebody or is unknown, then what is quiet."""
    read = [(count, *_read(actor, count)) for count in COUNTS if actor.may(count.permission)]
    loud = [one for one in read if one[1] != 0]
    quiet = [count for count, value, _ in read if value == 0]
    if not read:
        st.info("Nothing is counted for your role yet. Open a page on the left.", icon=":material/inbox:")
    elif not loud:
        st.success("Nothing needs you now.", icon=":material/check_circle:")
    with st.grid(4, gap="small", min_column_width=220):
        for count, value, said in loud:
            _card(count, value, said)
    if quiet:
        _quiet(quiet)


st.caption(f"Good to see you, {actor.name.partition(' ')[0]}. This is what needs somebody now.")
needs_me()
