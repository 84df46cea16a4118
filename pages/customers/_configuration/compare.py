"""Two tenants side by side."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.configuration import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts import exporting
from pages.customers._configuration import tenants, words
from pages.platform._flags.tenants import names


def show(actor: Actor) -> None:
    """Two choices, and what differs between them."""
    left, right = st.columns(2)
    with left:
        first = tenants.choose(actor, "Tenant", "tenant")
    with right:
        second = tenants.choose(actor, "Compared with", "with")
    if first is None or second is None:
        st.info("Choose two tenants to compare.", icon=":material/compare_arrows:")
        return
    if first == second:
        st.info("These are the same tenant. Choose another one to compare with.", icon=":material/compare_arrows:")
        return
    try:
        found = queries.compare(actor, first, second)
    except NotFound as error:
        st.warning(str(error), icon=":material/search_off:")
        return
    _table(actor, found, (first, second))


def _table(actor: Actor, found: pd.DataFrame, pair: tuple[UUID, UUID]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        differing = st.toggle("Differences only", key="differing", bind="query-params")
        text = st.text_input("Search", key="compare_text", bind="query-params", icon=":material/search:", width=260)

        def again(who: Actor) -> pd.DataFrame:
            return _narrowed(queries.compare(who, *pair), differing, text)

        filters = {"first": str(pair[0]), "second": str(pair[1]), "differences_only": differing, "text": text}
        exporting.button(actor, "configuration comparison", again, filters=filters)
    shown = _narrowed(found, differing, text)
    if shown.empty:
        st.info("Both have the same." if differing and not text else "No setting matches.", icon=":material/inbox:")
        return
    st.caption(f"{int(found['differs'].sum())} of {len(found)} settings differ.")
    known = names(actor)
    one, other = (known.get(str(key), str(key)) for key in pair)
    st.dataframe(
        shown, hide_index=True, key="comparison", height="content" if len(shown) < 14 else 620,
        column_config={
            "setting": st.column_config.TextColumn("Setting", width=230), "first": one, "first_source": "From",
            "second": other, "second_source": "From", "differs": st.column_config.CheckboxColumn("Differs", width=70),
            "area": "Area", "key": "Key",
        },
    )  # fmt: skip


def _narrowed(found: pd.DataFrame, differing: bool, text: str) -> pd.DataFrame:
    has_text = (found["title"] + " " + found["key"]).str.lower().str.contains(text.strip().lower(), regex=False)
    return _told(found[has_text & (found["differs"] | (not differing))])


def _told(found: pd.DataFrame) -> pd.DataFrame:
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "setting": found["title"], "first": [words.value(row["first"], row["unit"]) for row in rows],
            "first_source": found["first_source"].map(words.SOURCES),
            "second": [words.value(row["second"], row["unit"]) for row in rows],
            "second_source": found["second_source"].map(words.SOURCES), "differs": found["differs"],
            "area": found["area"], "key": found["key"],
        }
    )  # fmt: skip
