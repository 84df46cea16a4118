"""Making one ticket of several."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import merging
from pages._parts.moments import UNKNOWN
from pages.support import _words as words
from pages.support._queue import preview
from pages.support._queue.dialogs import dialogs

_SELF, _OTHER = "Stays, and takes the others in", "Another customer: link these instead"


@st.dialog("Merge", width="large", on_dismiss=dialogs.close)
def dialog(actor: Actor, found: pd.DataFrame) -> None:
    """Which one stays, and what becomes of the others."""
    st.write("The others are closed; their conversations are read in the one that stays. This cannot be undone.")
    titles = {key: f"{number} {subject}" for key, number, subject in
              zip(found["id"], found["reference"], found["subject"], strict=True)}  # fmt: skip
    open_ones = [key for key, status in zip(found["id"], found["status"], strict=True) if status != "closed"]
    into = st.selectbox(
        "Into",
        open_ones,
        index=None,
        key="merge_into",
        format_func=titles.__getitem__,
        placeholder="Choose the one that stays",
    )
    _table(found, into)
    others = found[found["id"] != into]
    if st.button("Merge", key="merge_submit", type="primary", disabled=into is None or others.empty) and into:
        preview.run(actor, others, merging.merge, into_id=UUID(into))


def _table(found: pd.DataFrame, into: str | None) -> None:
    tenants = dict(zip(found["id"], found["tenant_id"].fillna(""), strict=True))
    then = [_then(key, into, tenants) if into else UNKNOWN for key in found["id"]]
    rows = {
        "Ticket": list(found["reference"]), "Subject": list(found["subject"]),
        "Tenant": list(found["tenant"]), "Now": [words.STATUS[one] for one in found["status"]], "Then": then,
    }  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="merge_preview", placeholder=UNKNOWN,
        height="content" if len(found) < 8 else 300,
    )  # fmt: skip


def _then(key: str, into: str, tenants: dict[str, str]) -> str:
    if key == into:
        return _SELF
    return "Closed" if tenants[key] == tenants[into] else _OTHER
