"""Who one tenant is."""

from datetime import date
from typing import Any

import streamlit as st

from core.customers.overview import identity
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """What does not change from day to day, in two columns."""
    st.subheader("Identity", anchor=False)
    people = identity.people(actor, tenant)
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        _row("Domain", tenant["domain"])
        _row("Id", tenant["id"], code=True)
        _row("Region", tenant["region"])
        _row("Created", f"{tenant['created_at'].astimezone(zone(actor)):%d %b %Y}")
    with right.container(border=True, height="stretch"):
        _row("Plan", tenant["tier"].capitalize() + _trial(tenant))
        _row("Owner", people.owner)
        _row("Customer success", people.csm)
        _tags(tenant["tags"])


def _trial(tenant: dict[str, Any]) -> str:
    ends_on: date | None = tenant["trial_ends_on"]
    return f", on trial until {ends_on:%d %b %Y}" if tenant["status"] == "trial" and ends_on else ""


def _row(name: str, value: Any, *, code: bool = False) -> None:
    shown = f"`{value}`" if code else plain(value) if value else UNKNOWN
    st.markdown(f":gray[{name}]  \n{shown}")


def _tags(tags: list[str]) -> None:
    st.markdown(":gray[Tags]")
    with st.container(horizontal=True, gap="xsmall"):
        for tag in tags:
            st.badge(plain(tag), color="gray")
        if not tags:
            st.markdown(UNKNOWN)
