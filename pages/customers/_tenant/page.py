"""One tenant: who it is, and its parts, of which only the open one runs."""

import importlib
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.customers.overview import actions
from core.customers.tenants import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts.markdown import plain

_STATE, _SEEN = "tenant_tab", "_tenants_seen"
_COLOURS: dict[str, Literal["green", "blue", "orange", "gray"]] = {
    "active": "green", "trial": "blue", "suspended": "orange", "deleted": "gray", "purged": "gray",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """`key` is the word in the address and the module's name; one of `permissions` opens it."""

    key: str
    label: str
    permissions: tuple[str, ...]

    def is_for(self, actor: Actor) -> bool:
        return any(actor.may(one) for one in self.permissions)


TABS = (
    Tab("overview", "Overview", ("tenants:read",)),
    Tab("users", "Users", ("users:read",)),
    Tab("usage", "Usage", ("tenants:read",)),
    Tab("subscription", "Subscription", ("subscriptions:read",)),
    Tab("contracts", "Contracts", ("contracts:read",)),
    Tab("quotas", "Quotas", ("quotas:read",)),
    Tab("features", "Features", ("flags:read",)),
    Tab("support", "Support", ("tenants:read",)),
    Tab("branding", "Branding", ("branding:read",)),
    Tab("infrastructure", "Infrastructure", ("infrastructure:read",)),
    Tab("configuration", "Configuration", ("configuration:read",)),
    Tab("access", "Access", ("audit:read", "assignments:read")),
    Tab("history", "History", ("audit:read",)),
)
BY_KEY = {tab.key: tab for tab in TABS}


def show(actor: Actor, key: str) -> None:
    """The tenant with that id, or a sentence when there is none in sight."""
    if st.button("All tenants", key="back", icon=":material/arrow_back:", type="tertiary"):
        _leave()
    try:
        tenant = queries.one(actor, UUID(str(key)))
    except (ValueError, NotFound):
        st.warning("This tenant does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _leave_trace(actor, tenant["id"])
    _head(tenant)
    wanted = _asked_for()
    if wanted.is_for(actor):
        _tabs(actor, tenant, wanted)
    else:
        _refuse(wanted)


def _leave_trace(actor: Actor, tenant_id: UUID) -> None:
    """Once in a session of the browser: each of its runs would say no more."""
    seen: set[UUID] = st.session_state.setdefault(_SEEN, set())
    if tenant_id not in seen:
        actions.look(actor, tenant_id)
        seen.add(tenant_id)


def _leave() -> None:
    for parameter in ("tenant", "tab", "setting"):
        st.query_params.pop(parameter, None)
    st.rerun()


def _head(tenant: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(tenant["name"]), anchor=False, width="content")
        st.badge(tenant["status"].capitalize(), color=_COLOURS[tenant["status"]])
        st.badge(tenant["tier"].capitalize(), color="violet", icon=":material/sell:")
        st.badge(tenant["region"], color="gray", icon=":material/public:")


def _asked_for() -> Tab:
    """The tab that the address names; what it names and we do not have is told and ignored."""
    known = st.query_params.get("tab", TABS[0].key).lower()
    if known not in BY_KEY:
        st.caption(f"This page has no part “{known[:40]}”; this is the overview.")
        known = TABS[0].key
    return BY_KEY[known]


def _refuse(wanted: Tab) -> None:
    st.error(
        f"Your role does not include {wanted.label} ({' or '.join(wanted.permissions)}). Ask an administrator.",
        icon=":material/lock:",
    )
    if st.button("Overview", key="tab_overview", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("tab", None)
        st.rerun()


def module_of(tab: Tab) -> Any:
    """The part's module, imported when it is first opened."""
    return importlib.import_module(f"{__package__}.{tab.key}")


def _tabs(actor: Actor, tenant: dict[str, Any], wanted: Tab) -> None:
    """The address decides which is open, so that a link to a tab works from this page too."""
    offered = [tab for tab in TABS if tab.is_for(actor)]
    st.session_state[_STATE] = wanted.label
    drawn = st.tabs([tab.label for tab in offered], key=_STATE, on_change=_remember)
    for tab, container in zip(offered, drawn, strict=True):
        if tab is wanted:
            with container:
                module_of(tab).show(actor, tenant)


def _remember() -> None:
    label = st.session_state[_STATE]
    st.query_params["tab"] = next(tab.key for tab in TABS if tab.label == label)
