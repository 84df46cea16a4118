"""What surrounds every page: logo, search, who is signed in, sign out."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.access.sessions import actions
from core.customers.tenants import queries as tenants
from core.customers.users import queries as users
from core.health.monitors import queries as monitors
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.platform.flags import queries as flags
from core.platform.keys import format as key_format
from core.platform.keys import queries as api_keys
from core.platform.webhooks import queries as webhooks
from pages._parts import account

LOGO, ICON = "pages/_assets/logo.svg", "pages/_assets/icon.svg"
Hit = tuple[str, str, str, dict[str, str]]


def _tenants(actor: Actor, text: str) -> list[Hit]:
    return [_hit(row["name"], row["domain"], row["id"]) for row in _rows(tenants.search(actor, text))]


def _users(actor: Actor, text: str) -> list[Hit]:
    return [
        _hit(row["name"], f"{row['email']} · {row['tenant']}", row["tenant_id"])
        for row in _rows(users.search(actor, text))
    ]


def _api_keys(actor: Actor, text: str) -> list[Hit]:
    """By name, by the last four characters, or by a whole key that leaked."""
    return [
        (row["name"], f"{key_format.shown(row['prefix'], row['mode'], row['hint'])} · {row['status']}",
         "platform/keys.py", {"key_id": row["id"]})
        for row in _rows(api_keys.search(actor, text))
    ]  # fmt: skip


def _flags(actor: Actor, text: str) -> list[Hit]:
    if not actor.may("flags:read"):
        return []
    found = flags.directory(actor, flags.Filters(text), limit=5).frame
    return [(row["name"], row["key"], "platform/flags.py", {"flag": row["id"]}) for row in _rows(found)]


def _webhooks(actor: Actor, text: str) -> list[Hit]:
    return [
        (row["name"], row["url"], "platform/webhooks.py", {"webhook": row["id"]})
        for row in _rows(webhooks.search(actor, text))
    ]


def _monitors(actor: Actor, text: str) -> list[Hit]:
    return [
        (row["name"], row["target"], "health/monitors.py", {"monitor": row["id"]})
        for row in _rows(monitors.search(actor, text))
    ]


def _rows(frame: pd.DataFrame) -> list[dict[Any, str]]:
    return frame.to_dict("records")


def _hit(label: str, hint: str, tenant_id: str) -> Hit:
    return label, hint, "customers/tenants.py", {"tenant": tenant_id}


# A slice that can be searched adds its line here: heading, and what finds at most five.
SEARCHES: dict[str, Callable[[Actor, str], list[Hit]]] = {
    "Tenants": _tenants, "Users": _users, "API keys": _api_keys, "Feature flags": _flags, "Webhooks": _webhooks,
    "Monitors": _monitors,
}  # fmt: skip


def sidebar(actor: Actor, role_title: str) -> None:
    """Search above, the operator below."""
    with st.sidebar:
        text = st.text_input(
            "Search",
            key="search",
            placeholder="Tenant, user, e-mail, id",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        if text.strip():
            _results(actor, text)
        with st.container(border=True, gap="xsmall"):
            scope = "" if actor.scope == "all" else " · assigned tenants"
            st.markdown(f"**{actor.name}**  \n:small[{role_title}{scope}]")
            _own_buttons(actor)


def _own_buttons(actor: Actor) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Account", key="account", icon=":material/manage_accounts:", help="Password and time zone"):
            account.show(actor)
        if st.button("Sign out", key="sign_out", icon=":material/logout:"):
            _sign_out(actor)


def _sign_out(actor: Actor) -> None:
    actions.sign_out(actor)
    st.html("<script>window.location.replace('/api/session/end')</script>", unsafe_allow_javascript=True)
    st.stop()


def _results(actor: Actor, text: str) -> None:
    """The first of each kind, below the way to all of them."""
    st.page_link(
        "customers/search.py",
        label="All results",
        icon=":material/manage_search:",
        query_params={"text": text.strip()[:200]},
    )
    found = False
    for heading, search in SEARCHES.items():
        try:
            hits = search(actor, text)
        except ExpectedError as error:
            st.caption(f"{heading}: {error}")
            continue
        if hits:
            found = True
            st.caption(heading)
        for label, hint, file, query in hits:
            st.page_link(file, label=label, help=hint, query_params=query)
    if not found:
        st.caption("Nothing found. Type the start of a name, domain or e-mail, or a whole id.")
