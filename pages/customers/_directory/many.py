"""What can be done with many tenants: of the chosen rows, or of all that match."""

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from core.customers.tenants import queries
from core.customers.tenants.bulk import MOST
from core.customers.tenants.queries import Filters
from core.kernel.actor import Actor
from pages.customers._directory import csm, plan, tagging
from pages.customers._directory.dialogs import dialogs

_CHOSEN = "tenants_chosen"


def offered(actor: Actor) -> dict[str, tuple[str, str]]:
    """Label and icon of what the actor may do with many."""
    acts: dict[str, tuple[str, str]] = {}
    if actor.may("tenants:update"):
        acts |= {"tag": ("Tag", ":material/sell:"), "csm": ("Assign CSM", ":material/support_agent:")}
    if actor.may("subscriptions:update") and actor.may("plans:read"):
        acts["plan"] = ("Change plan", ":material/swap_vert:")
    return acts


def bar(actor: Actor, rows: list[UUID], filters: Filters, total: int) -> None:
    """How many are chosen, and what can be done with them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, (label, icon) in offered(actor).items():
            is_all = bool(st.session_state.get("tenants_all"))
            if st.button(label, key=f"many_{name}", icon=icon, disabled=not (rows or is_all)):
                st.session_state[_CHOSEN] = queries.matching(actor, filters, limit=MOST) if is_all else rows
                dialogs.open_now(name)
        everything = st.toggle("All that match", key="tenants_all", help=f"Instead of the chosen rows, at most {MOST}.")
        count = min(total, MOST) if everything else len(rows)
        st.caption(f"{count:,} chosen" if count else "Choose rows to do something with many at once.")


def open_dialog(actor: Actor, labels: Mapping[UUID, str]) -> None:
    """The dialog that is open, if any; `labels` are the colleagues who may answer for tenants."""
    chosen: list[UUID] = st.session_state.get(_CHOSEN, [])
    if dialogs.is_open("tag"):
        tagging.dialog(actor, chosen)
    elif dialogs.is_open("csm"):
        csm.dialog(actor, chosen, labels)
    elif dialogs.is_open("plan"):
        plan.dialog(actor, chosen)
