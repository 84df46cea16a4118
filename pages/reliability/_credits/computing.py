"""Computing a month by hand: the clock does it by itself when the month is over."""

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.sla import crediting
from core.reliability.sla.credit_rules import previous_month
from core.reliability.sla.crediting import Computed
from pages._parts.frame import run_action
from pages.reliability._credits import words
from pages.reliability._credits.dialogs import dialogs

_MONTHS = 24


@st.dialog("Compute credits", on_dismiss=dialogs.close, icon=":material/calculate:")
def form(actor: Actor) -> None:
    """One month, all contracts in sight."""
    st.caption(
        "Months are computed by themselves when they are over, and again for three months. Drafts follow what is known now;"
        " what was approved or issued is corrected by an adjustment. Whoever computes by hand does not approve it."
    )
    months = [previous_month(utc_now().date())]
    while len(months) < _MONTHS:
        months.append(previous_month(months[-1]))
    with st.form("compute_credits", border=False):
        month = st.selectbox("Month", months, key="compute_month", format_func=words.month)
        if st.form_submit_button("Compute", type="primary", key="compute_submit"):
            run_action(crediting.compute, actor, month=month, done=dialogs.closing(told))


def told(found: Computed) -> str:
    """What it came to, in one sentence."""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (found.drafted, "new"), (found.changed, "changed"), (found.adjusted, "adjusted"),
            (found.waiting, "not judged to the end yet"),
        )
        if count
    ]  # fmt: skip
    return f"Computed {found.contracts:,}: {', '.join(parts) or 'nothing differs'}."
