"""An operator's own views of a page: choose, save, update, rename, delete, and which one opens by itself."""

import json
from collections.abc import Iterable
from urllib.parse import urlencode

import streamlit as st

from core.access.views import actions, queries, rules
from core.access.views.queries import View
from core.access.views.rules import Query
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages._registry import BY_KEY

# Names the chosen view in the address; `none` says that the default one is not wanted.
PARAMETER, NONE = "saved", "none"


def bar(actor: Actor, page_key: str, *, ignore: tuple[str, ...] = ()) -> None:
    """The popover with the views of this page. A view is the page's address without the parameters in `ignore`.

    Must be called before the page's filters are drawn: the view that opens by itself is put into the address first.
    """
    key = f"views_{page_key.replace('/', '_')}"
    kept = _own(actor, page_key, key)
    if key not in st.session_state and not st.query_params:
        _open_default(page_key, kept)
    chosen = next((view for view in kept if str(view.id) == st.query_params.get(PARAMETER)), None)
    popover = st.popover(
        plain(chosen.name) if chosen else "Views", icon=":material/bookmark:", key=key, on_change="rerun"
    )
    if popover.open:
        with popover:
            _panel(actor, page_key, key, chosen, (*ignore, PARAMETER))


def _own(actor: Actor, page_key: str, key: str) -> list[View]:
    """Read on arrival and whenever the popover is open; in between as it was."""
    if key not in st.session_state or st.session_state[key] or f"{key}_kept" not in st.session_state:
        st.session_state[f"{key}_kept"] = queries.own(actor, page_key)
    kept: list[View] = st.session_state[f"{key}_kept"]
    return kept


def _open_default(page_key: str, kept: list[View]) -> None:
    default = next((view for view in kept if view.is_default), None)
    if default is not None:
        st.switch_page(BY_KEY[page_key].file, query_params=_address(default.query, str(default.id)))


def _address(query: Query, view: str) -> list[tuple[str, str]]:
    return [*((name, value) for name, values in query.items() for value in values), (PARAMETER, view)]


def _panel(actor: Actor, page_key: str, key: str, chosen: View | None, ignore: tuple[str, ...]) -> None:
    kept: list[View] = st.session_state[f"{key}_kept"]
    shown = _shown(ignore)
    for view in kept:
        label = f"{plain(view.name)} · opens by itself" if view.is_default else plain(view.name)
        if st.button(label, key=f"{key}_choose_{view.id}", type="tertiary", icon=_icon(view, chosen)):
            _go(page_key, view.query, str(view.id))
    if not kept:
        st.caption("Set the filters as you often need them, and keep that as a view under a name.")
    elif st.button("Without a view", key=f"{key}_none", type="tertiary", icon=":material/filter_alt_off:"):
        _go(page_key, {}, NONE)
    with st.form(f"{key}_save", border=False, clear_on_submit=False):
        name = st.text_input(
            "Save these filters as", key=f"{key}_name", max_chars=rules.MAX_NAME, placeholder="At risk"
        )
        if st.form_submit_button("Save view", key=f"{key}_save_submit"):
            run_action(actions.create, actor, page=page_key, name=name, query=shown, done="View saved.")
    if chosen is not None:
        _acts(actor, key, chosen, shown)


def _icon(view: View, chosen: View | None) -> str:
    return ":material/check:" if view == chosen else ":material/bookmark:"


def _shown(ignore: Iterable[str]) -> Query:
    """What the address holds now."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in ignore}


def _acts(actor: Actor, key: str, view: View, shown: Query) -> None:
    st.caption(f"This view: {plain(view.name)}")
    with st.container(horizontal=True, gap="xsmall"):
        is_same = shown == view.query
        if st.button(
            "Update", key=f"{key}_update", icon=":material/save:", disabled=is_same, help="Keep the filters of now"
        ):
            run_action(actions.update, actor, view.id, query=shown, done="View updated.")
        if view.is_default and st.button("Do not open by itself", key=f"{key}_clear", icon=":material/home:"):
            run_action(actions.clear_default, actor, view.id, done="The page opens without a view again.")
        if not view.is_default and st.button("Open by itself", key=f"{key}_default", icon=":material/home:"):
            run_action(actions.make_default, actor, view.id, done="The page opens with this view from now on.")
        if st.button("Rename", key=f"{key}_rename", icon=":material/edit:"):
            _rename(actor, view)
        if st.button("Delete", key=f"{key}_delete", icon=":material/delete:"):
            _delete(actor, view)


@st.dialog("Rename view")
def _rename(actor: Actor, view: View) -> None:
    with st.form("rename_view", border=False):
        name = st.text_input("Name", view.name, key="rename_view_name", max_chars=rules.MAX_NAME)
        if st.form_submit_button("Rename", type="primary", key="rename_view_submit"):
            run_action(actions.rename, actor, view.id, name=name, done="View renamed.")


@st.dialog("Delete view")
def _delete(actor: Actor, view: View) -> None:
    st.write(f"**{plain(view.name)}** goes for good. What it shows stays as it is.")
    if st.button("Delete", type="primary", key="delete_view_submit"):
        run_action(actions.delete, actor, view.id, done="View deleted.")


def _go(page_key: str, query: Query, view: str) -> None:
    """Opens the page anew under the view's address: filters that are drawn already keep their own values otherwise."""
    address = f"/{BY_KEY[page_key].path}?{urlencode(_address(query, view))}"
    told = json.dumps(address).replace("<", "\\u003c")
    st.html(f"<script>window.location.assign({told})</script>", unsafe_allow_javascript=True)
    st.stop()
