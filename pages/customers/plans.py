"""Plans: what is sold, at which price, with which limits; compared, edited, and what they were before."""

import streamlit as st

from core.customers.plans import queries
from pages._parts.frame import begin_page
from pages.customers._plans import compare, detail, editor
from pages.customers._plans.dialogs import dialogs

actor = begin_page("customers/plans")
view = st.segmented_control(
    "View", ["Plans", "Compare", "Versions"], default="Plans", key="view", bind="query-params", label_visibility="collapsed",
    required=True,
)  # fmt: skip
plans = queries.listing(actor)
if plans.empty:
    st.info("There are no plans. They come with the database; run the migrations.", icon=":material/inbox:")
    st.stop()
if view == "Compare":
    compare.show(plans)
elif view == "Versions":
    detail.versions(actor, plans)
else:
    rows = plans.to_dict("records")
    for row, column in zip(rows, st.columns(len(rows)), strict=True):
        with column:
            detail.card(actor, row)
    for row in rows:
        if dialogs.is_open(f"edit_{row['key']}"):
            editor.edit(actor, row)
        elif dialogs.is_open(f"migrate_{row['key']}"):
            editor.migrate(actor, row)
