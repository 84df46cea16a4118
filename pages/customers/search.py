"""Search: one box over tenants, people, domains, invoices and errors, as far as the operator may see them."""

import streamlit as st

from core.customers.search import queries
from core.customers.search.asking import LONGEST, ask
from pages._parts.frame import begin_page
from pages.customers._search import recent, results

actor = begin_page("customers/search")
kinds = queries.kinds(actor)
if not kinds:
    st.info("Your role sees nothing that can be searched here. Ask an administrator.", icon=":material/lock:")
    st.stop()
text = st.text_input(
    "Search", key="text", bind="query-params", type="search", max_chars=LONGEST, live=False, label_visibility="collapsed",
    placeholder="Name, domain, address, invoice number, error or id",
)  # fmt: skip
only = st.pills(
    "Only", list(kinds), selection_mode="multi", key="only", bind="query-params", label_visibility="collapsed",
    format_func=lambda kind: kinds[kind].label,
)  # fmt: skip
asked = ask(text or "")
if not asked.is_enough:
    results.guide(kinds, asked)
    recent.show(asked.text)
    st.stop()
groups = queries.search(actor, asked.text, kinds=only, limit=results.LIMIT)
recent.keep(asked.text)
results.show(groups, asked)
recent.show(asked.text)
