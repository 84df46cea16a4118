"""Which series the page lists; what is chosen is in the address."""

import streamlit as st

from core.health.metrics import queries
from core.health.metrics.queries import Filters
from core.kernel.actor import Actor
from pages.health._metrics import texts

NOT_NAMED = "(not named)"


def choose(actor: Actor) -> Filters:
    """Draws the filters."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Name", key="name", bind="query-params", placeholder="Start of a name, or an id", icon=":material/search:"
        )
        service = st.selectbox(
            "Service", [one or NOT_NAMED for one in queries.services(actor)], index=None, key="service", bind="query-params",
            placeholder="All",
        )  # fmt: skip
        kind = st.selectbox(
            "Kind", list(texts.KIND_HELP), index=None, key="kind", bind="query-params", placeholder="All"
        )
        labels = st.text_input(
            "Labels", key="labels", bind="query-params", placeholder="queue=mail, region=eu", icon=":material/label:"
        )
    return Filters(text, "" if service == NOT_NAMED else service, kind, None, _labels(labels))


def _labels(text: str) -> dict[str, str]:
    """Pairs of name=value; what is none is told and ignored."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    wrong = [name.strip() for name, sign, _ in pairs if not sign or not name.strip()]
    if wrong:
        st.caption("A label is written name=value; what is not was left out.")
    return {name.strip(): value.strip() for name, sign, value in pairs if sign and name.strip()}
