"""What is stored of one environment, in words; and what it comes to at the moment."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages.platform._flags import draft, fields, words
from pages.platform._flags.viewer import here


def show(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """Every field as a sentence; nothing to edit."""
    told_by = here(actor)
    left, right = st.columns([5, 2], gap="medium")
    told = [
        {"": fields.field(name), "Is": words.plain(fields.told(name, environment[name], told_by))}
        for name in draft.FIELDS
    ]
    left.table(pd.DataFrame(told), hide_index=True, border="horizontal")
    if flag["archived_at"] is not None:
        return
    with right:
        now(queries.who_has_counts(actor, flag["id"], environment["environment"]))


def now(counts: pd.DataFrame) -> None:
    """How many tenants get which variant, as it is stored."""
    with st.container(border=True):
        st.markdown("**Tenants now**", help="As it is stored, without what you have not saved yet.")
        if counts.empty or not counts["tenants"].sum():
            st.caption("There are no tenants yet.")
            return
        for one in counts.to_dict("records"):
            st.progress(
                float(one["share"]), f"`{one['variant']}` · {int(one['tenants']):,} · {float(one['share']):.0%}"
            )
