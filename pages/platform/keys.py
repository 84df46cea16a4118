"""API keys: who may call the API, with what rights, how much they do, and which of them to look at."""

import streamlit as st

from core.kernel.actor import Actor
from core.platform.keys import format, queries, rules
from core.platform.keys.queries import Filters
from pages._parts import paging
from pages._parts.frame import begin_page
from pages.platform._keys import create, detail, grid, issued, texts
from pages.platform._keys.dialogs import dialogs

actor = begin_page("platform/keys")
issued.show()
opened = st.query_params.get("key_id")
if opened:
    detail.show(actor, opened)
    st.stop()


def _filters(actor: Actor) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = _text()
        statuses = st.multiselect(
            "Status", rules.STATUSES, key="status", bind="query-params", format_func=str.capitalize
        )
        modes = st.multiselect("Mode", format.MODES, key="mode", bind="query-params", format_func=str.capitalize)
        flag = st.selectbox(
            "Flag", list(texts.FLAG_CHOICES), index=None, key="flag", bind="query-params", placeholder="All keys",
            format_func=texts.FLAG_CHOICES.__getitem__,
        )  # fmt: skip
        if actor.may("api_keys:create") and st.button(
            "Create key", key="create", type="primary", icon=":material/add:"
        ):
            dialogs.open_now("create")
    flags = tuple(rules.FLAGS) if flag == texts.ANY else (flag,) if flag else ()
    return Filters(text, tuple(statuses), tuple(modes), flags)


def _text() -> str:
    """What is searched for. It goes into the address, unless it is a whole key: a secret has no place there."""
    st.session_state.setdefault("text", st.query_params.get("text", ""))
    text: str = st.text_input(
        "Search", key="text", placeholder="Name, last four characters, or a leaked key", icon=":material/search:",
        autocomplete="off",
    )  # fmt: skip
    if text.strip() and not format.is_key(text.strip()):
        st.query_params["text"] = text
    else:
        st.query_params.pop("text", None)
    return text


filters = _filters(actor)
if dialogs.is_open("create"):
    create.form(actor)

way = paging.trail("keys", filters)
page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
if page.frame.empty:
    message = "No key matches. Clear a filter, or search for something else."
    none = "There are no API keys yet. Create the first one for a machine that calls the API."
    st.info(message if filters != Filters() else none, icon=":material/inbox:")
    st.stop()
if format.is_key(filters.text.strip()):
    st.warning(
        "This is the secret of the key below. If it was found where others can read it, open the key and revoke it.",
        icon=":material/gpp_maybe:",
    )

grid.show(actor, page.frame)

paging.buttons("keys", way, len(page.frame), page.next, lambda: queries.count(actor, filters))
