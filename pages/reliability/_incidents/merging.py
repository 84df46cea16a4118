"""Making one incident of several that turn out to be the same."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import merging, rules
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.reliability._incidents import words
from pages.reliability._incidents.dialogs import dialogs

_CHOSEN = "incidents_chosen"


def button(actor: Actor, rows: pd.DataFrame) -> None:
    """Offers merging where at least two are ticked; and the dialog that it opens."""
    if not actor.may("incidents:update"):
        return
    if st.button("Merge", key="incidents_merge", icon=":material/call_merge:", disabled=len(rows) < 2,
                 help="Tick at least two incidents."):  # fmt: skip
        st.session_state[_CHOSEN] = rows
        dialogs.open_now("merge")
    if dialogs.is_open("merge"):
        _dialog(actor, st.session_state[_CHOSEN])


@st.dialog("Merge", width="large", on_dismiss=dialogs.close)
def _dialog(actor: Actor, found: pd.DataFrame) -> None:
    """Which one goes on, and what becomes of the others."""
    st.write(
        "The others are closed and go on in the one that you choose: it begins when the first of them did, is as grave as the"
        " gravest, and shows their timelines with its own. This cannot be undone."
    )
    titles = {key: f"{number} {title}" for key, number, title in
              zip(found["id"], found["reference"], found["title"], strict=True)}  # fmt: skip
    running = [key for key, status in zip(found["id"], found["status"], strict=True) if status in rules.LIVE]
    if not running:
        st.warning("None of them runs any more. Reopen the one that should go on first.", icon=":material/error:")
        return
    into = st.selectbox("Goes on", running, index=None, key="merge_into", format_func=titles.__getitem__,
                        placeholder="Choose the one that goes on")  # fmt: skip
    then = [UNKNOWN if into is None else "Goes on" if key == into else "Closed, goes on there" for key in found["id"]]
    rows = {"Incident": list(titles.values()), "Now": [words.STATUS[one] for one in found["status"]], "Then": then}
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="merge_preview", placeholder=UNKNOWN)
    if st.button("Merge", key="merge_submit", type="primary", disabled=into is None) and into:
        ids = [UUID(one) for one in found["id"] if one != into]
        run_action(merging.merge, actor, ids, into_id=UUID(into), done=dialogs.closing("Merged."))
