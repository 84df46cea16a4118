"""What was found, by kind; each row is a link, so that Tab and Enter lead on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from core.customers.search.asking import Asked
from core.customers.search.queries import Group
from core.customers.search.sources import MOST, Source
from pages._parts.markdown import plain
from pages._registry import BY_KEY

LIMIT = 10
_ICONS = {
    "tenants": ":material/apartment:", "domains": ":material/language:", "users": ":material/person:",
    "invoices": ":material/receipt_long:", "errors": ":material/bug_report:",
    "tickets": ":material/confirmation_number:",
}  # fmt: skip
_LONGEST = 120


def guide(kinds: Mapping[str, Source], asked: Asked) -> None:
    """What can be searched, before anything was."""
    if asked.text:
        st.caption("Type at least two characters.")
    for kind in kinds.values():
        st.markdown(f"{_ICONS.get(kind.kind, ':material/search:')} **{kind.label}** by {kind.says}")
    st.caption(
        "Press Enter to search. The best match comes first: the exact one, then starts of names, of words, the rest."
    )


def show(groups: list[Group], asked: Asked) -> None:
    """The groups with something in them, the one with the best match first; then which had nothing."""
    full = sorted((group for group in groups if len(group.rows)), key=lambda group: int(group.rows["rank"].iloc[0]))
    for group in groups:
        if group.problem:
            st.warning(f"{group.label}: {group.problem}", icon=":material/warning:")
    if not full:
        st.info(
            f"Nothing that you may see matches “{plain(asked.text)}”. Try the start of a word, a whole address, or an id.",
            icon=":material/search_off:",
        )
        return
    for group in full:
        _group(group)
    none = [group.label.lower() for group in groups if not len(group.rows) and not group.problem]
    if none:
        st.caption(f"Nothing in {', '.join(none)}.")


def _group(group: Group) -> None:
    shown = len(group.rows)
    count = f"{MOST} or more" if group.found >= MOST else f"{group.found:,}"
    best = f", the best {shown}" if group.found > shown else ""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{_ICONS.get(group.kind, ':material/search:')} **{group.label}** :gray[{count}{best}]")
        for row in group.rows.to_dict("records"):
            _row(row)


def _row(row: dict[Any, Any]) -> None:
    key, _, query = str(row["link"]).partition("?")
    told = " ".join(str(row["subtitle"]).split())
    told = told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"
    label = f"{plain(row['title'])} :gray[{plain(told)}]"
    if key in BY_KEY:
        st.page_link(BY_KEY[key].file, label=label, query_params=parse_qsl(query), width="stretch")
    else:
        st.markdown(label)
