"""Where the page is, when it was written there, and what hindered it."""

from datetime import timedelta

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.status_page import actions, places, queries
from pages._parts.frame import live, run_action, zone
from pages._parts.moments import UNKNOWN, ago

LATE = timedelta(minutes=3)


def show(actor: Actor) -> None:
    """The places, a way to render now, and the log."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button("Open the page", f"{places.page_url()}/", icon=":material/open_in_new:")
        if actor.may("status_page:update") and st.button("Render now", key="render", icon=":material/refresh:"):
            run_action(actions.render, actor, done="It is rendered as soon as a worker is free.")
    st.caption(
        "It is rendered each minute and after each change. `python -m jobs status-page` serves the folder without the "
        "portal and the database; STATUS_PAGE_BUCKET writes it to a bucket, too."
    )
    _log(actor)


@live("5s")
def _log(actor: Actor) -> None:
    found = queries.latest(actor)
    if not found:
        st.info(
            "It was not rendered in the last 7 days. The jobs do that: look whether they run.", icon=":material/inbox:"
        )
    for one in found:
        age = utc_now() - one["last_at"]
        said = f"{one['target']}: {one['files']:,} files, last written {ago(age)}."
        if one["error"]:
            st.error(f"{one['target']}: {one['error']} Tried {ago(age)}.", icon=":material/error:")
        elif age > LATE:
            st.warning(said, icon=":material/schedule:")
        else:
            st.success(said, icon=":material/check_circle:")
    frame = queries.renders(actor)
    if frame.empty:
        return
    st.subheader("Log", anchor=False)
    moment = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor)))
    st.dataframe(
        frame[["last_at", "at", "times", "target", "files", "error"]].rename(columns=_TITLES), hide_index=True, key="renders",
        placeholder=UNKNOWN, column_config={"Last": moment, "First": moment},
    )  # fmt: skip


_TITLES = {
    "last_at": "Last", "at": "First", "times": "Times", "target": "Place", "files": "Files", "error": "What hindered it",
}  # fmt: skip
