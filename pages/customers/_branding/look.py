"""Names and colours of a tenant: typed, judged and previewed at once, saved together."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.customers.branding import actions, contrast, rules
from core.customers.branding.logos import Logo
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.customers._branding import preview

_LABELS = {
    "company_name": ("Company name", "Shown on screens and in mails.", rules.MAX_COMPANY),
    "support_email": ("Support address", "Where the tenant's people ask for help.", 254),
    "sender_name": ("Mail sender name", "The name that mails come from.", rules.MAX_SENDER),
}
_VERDICTS = {
    "AAA": ("AAA", "green"), "AA": ("AA", "green"), "enough": ("Enough", "green"), "weak": ("Weak", "orange"),
    "fails": ("Fails", "red"),
}  # fmt: skip


@st.fragment
def show(
    actor: Actor, tenant: dict[str, Any], brand: dict[str, Any], logo: Logo | None, domain: str | None, can_edit: bool
) -> None:
    """The form beside what it would look like. What was typed stays when somebody else saves in the meantime."""
    prefix = f"brand_{tenant['id']}_"
    _begin(prefix, brand)
    if not can_edit:
        _contrast(prefix, brand, can_edit=False)
        preview.show(preview.look(tenant, brand, logo, domain), f"{prefix}preview")
        return
    typed = _fields(prefix, brand)
    _contrast(prefix, typed, can_edit=True)
    preview.show(preview.look(tenant, typed, logo, domain), f"{prefix}preview")
    _stale(prefix, brand)
    if st.button("Save", key=f"{prefix}save", type="primary"):
        version = st.session_state[f"{prefix}loaded"]
        run_action(actions.update, actor, tenant["id"], version=version, **typed, done=_saved(prefix))


def _begin(prefix: str, brand: dict[str, Any]) -> None:
    """The form's values are of the version that was there when it was drawn for the first time."""
    if f"{prefix}company_name" not in st.session_state:
        st.session_state[f"{prefix}loaded"] = brand["version"]


def _saved(prefix: str) -> Callable[[Any], str]:
    def done(row: Any) -> str:
        st.session_state[f"{prefix}loaded"] = row.version
        return "Saved."

    return done


def _stale(prefix: str, brand: dict[str, Any]) -> None:
    if st.session_state[f"{prefix}loaded"] == brand["version"]:
        return
    st.warning(
        "Somebody saved other values since this form was drawn. Yours are kept here.", icon=":material/sync_problem:"
    )
    st.button("Load the saved values", key=f"{prefix}load", on_click=_forget, args=(prefix,))


def _forget(prefix: str) -> None:
    for name in (*rules.FIELDS, "loaded"):
        st.session_state.pop(f"{prefix}{name}", None)


def _fields(prefix: str, brand: dict[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    with st.container(horizontal=True):
        for name, (label, about, most) in _LABELS.items():
            typed[name] = st.text_input(
                label,
                brand[name] or "",
                key=f"{prefix}{name}",
                help=about,
                max_chars=most,
                placeholder="The product's own",
            )
    with st.container(horizontal=True):
        for name, value in rules.colors_of(brand).items():
            chosen = st.color_picker(rules.TITLES[name], value, key=f"{prefix}{name}")
            typed[name] = None if chosen == rules.DEFAULTS[name] else chosen
    return typed


def _contrast(prefix: str, values: dict[str, Any], *, can_edit: bool) -> None:
    """Each pair with its ratio; a click takes the nearest colour that has enough."""
    for place, one in enumerate(rules.judge(values)):
        with st.container(horizontal=True, vertical_alignment="center"):
            verdict: Any = _VERDICTS[one.verdict]
            st.badge(f"{verdict[0]} {contrast.shown(one.ratio)}", color=verdict[1])
            need = f"needs {one.pair.least:g}:1" if one.pair.is_text else "3:1 is advised"
            st.caption(f"{plain(one.pair.title)}, {need}")
            for name, color in one.suggestions.items() if can_edit else ():
                st.button(
                    f"{rules.TITLES[name]} {color}", key=f"{prefix}suggest_{place}_{name}", icon=":material/colorize:",
                    on_click=_take, args=(f"{prefix}{name}", color), help="The nearest colour that has enough.",
                )  # fmt: skip


def _take(key: str, color: str) -> None:
    st.session_state[key] = color
