"""Who else has the ticket open now."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import queries
from pages._parts.frame import live
from pages._parts.markdown import plain

NAMED = 3


@live("10s")
def show(actor: Actor, ticket_id: UUID) -> None:
    """Their names; and notes that the viewer is here too."""
    queries.mark_seen(actor, ticket_id)
    names = [plain(one["name"]) for one in queries.viewers(actor, ticket_id)]
    if names:
        rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        st.badge(f"Also here: {', '.join(names[:NAMED])}{rest}", icon=":material/visibility:", color="orange")
    else:
        st.caption("Nobody else has it open.")
