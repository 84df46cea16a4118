"""What an edit would change, shown before it can be saved."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.kernel.errors import ExpectedError
from core.support.sla.effects import Effects
from core.support.tickets.numbers import shown
from pages.support import _words as words

_KEPT = "sla_preview"


def checked(values: dict[str, Any], effects_of: Callable[[], Effects], *, key: str) -> bool:
    """The button that computes what these values would change, and the result; whether it stands for these very values."""
    if st.button("Preview the effect", key=f"{key}_preview", icon=":material/visibility:"):
        _compute(values, effects_of, key)
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        st.caption("Preview the effect before you save.")
        return False
    if kept[1] != values:
        st.caption("The values have changed since the preview. Preview the effect again.")
        return False
    _show(kept[2], key)
    return True


def forget() -> None:
    """The next dialog begins without a preview."""
    st.session_state.pop(_KEPT, None)


def _compute(values: dict[str, Any], effects_of: Callable[[], Effects], key: str) -> None:
    forget()
    try:
        with st.spinner("Computing the clocks of the open tickets …"):
            st.session_state[_KEPT] = (key, values, effects_of())
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")


def _show(effects: Effects, key: str) -> None:
    all_of = f"the newest {effects.examined:,} of {effects.open_tickets:,}" if effects.examined < effects.open_tickets else (
        f"{effects.examined:,}")  # fmt: skip
    st.markdown(
        f"Tickets keep the terms they have. If these were reapplied, of **{all_of}** open tickets **{effects.moved:,}** would"
        f" come under other terms: **{effects.breached:,}** newly breached, **{effects.freed:,}** freed."
    )
    for frame, title in ((effects.newly_breached, "Newly breached"), (effects.newly_freed, "Freed")):
        if frame.empty:
            continue
        told = frame.assign(
            number=frame["number"].map(shown), before=frame["before"].map(words.SLA), after=frame["after"].map(words.SLA),
            priority=frame["priority"].map(words.PRIORITY), link="/ticket?id=" + frame["ticket_id"],
        )  # fmt: skip
        st.dataframe(
            told, hide_index=True, key=f"{key}_{title}", height=min(38 + 35 * len(told), 250),
            column_order=["link", "number", "subject", "priority", "policy", "before", "after"],
            column_config={
                "link": st.column_config.LinkColumn("", display_text=":material/open_in_new:", width="small"),
                "number": title, "subject": "Subject", "priority": "Priority", "policy": "Policy", "before": "Now",
                "after": "Then",
            },
        )  # fmt: skip
