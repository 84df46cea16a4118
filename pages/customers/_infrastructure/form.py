"""What can be said of a record, new or old."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.customers.infrastructure import regions, rules
from pages._parts.moments import UNKNOWN
from pages.customers._infrastructure import texts

_SIZES = {"cpus": "CPUs", "memory_gb": "Memory (GB)", "storage_gb": "Storage (GB)"}


def values(record: Mapping[str, Any] | None, *, prefix: str) -> dict[str, Any]:
    """Place, host, database, sizes and notes as typed; those of `record` to begin with. Empty is unknown."""
    given = dict(record or {})
    st.caption(f":material/key_off: {texts.NO_SECRETS}")
    typed = _place(given, prefix)
    with st.container(horizontal=True):
        typed["host"] = _text("Host", given.get("host"), f"{prefix}_host", "db-7.eu.example.com")
        typed["database_name"] = _text("Database", given.get("database_name"), f"{prefix}_database", "acme_prod")
    with st.container(horizontal=True):
        typed["database_version"] = _text(
            "Version", given.get("database_version"), f"{prefix}_version", "PostgreSQL 18.1"
        )
        typed["compute"] = _text("Server", given.get("compute"), f"{prefix}_compute", "i-0abcd1234ef567890")
    with st.container(horizontal=True):
        for name, label in _SIZES.items():
            typed[name] = st.number_input(
                label, 1, rules.MAX_SIZE, given.get(name), 1, key=f"{prefix}_{name}", placeholder=UNKNOWN
            )
    typed["notes"] = st.text_area(
        "Notes", given.get("notes") or "", key=f"{prefix}_notes", max_chars=rules.MAX_NOTES, height=80
    )
    return typed


def _text(label: str, value: str | None, key: str, example: str) -> str:
    return st.text_input(label, value or "", key=key, placeholder=example, max_chars=253)


def _place(given: dict[str, Any], prefix: str) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = given.get("provider", regions.PROVIDERS[0])
        provider = st.selectbox(
            "Provider", regions.PROVIDERS, regions.PROVIDERS.index(known), key=f"{prefix}_provider",
            format_func=regions.PROVIDER_TITLES.__getitem__,
        )  # fmt: skip
        region = _region(given, provider, prefix)
        group = regions.group_of(provider, region or "")
        if group is not None:
            st.badge(f"Lies in {group}", icon=":material/public:", color="gray")
    declared = None if group else _declared(given, prefix) if region else None
    return {"provider": provider, "region": region or "", "region_group": declared}


def _region(given: dict[str, Any], provider: str, prefix: str) -> str | None:
    """One of the provider's regions, or one that is not listed here."""
    offered = regions.regions_of(provider)
    kept = given.get("region") if given.get("provider") == provider else None
    if kept and kept not in offered:
        offered = [kept, *offered]
    chosen: str | None = st.selectbox(
        "Region", offered, offered.index(kept) if kept else None, key=f"{prefix}_region_{provider}", placeholder="Choose or type",
        accept_new_options=True,
    )  # fmt: skip
    return chosen


def _declared(given: dict[str, Any], prefix: str) -> str | None:
    kept = given.get("region_group")
    chosen: str | None = st.selectbox(
        "This region is not listed here. It lies in", regions.GROUPS, regions.GROUPS.index(kept) if kept else None,
        key=f"{prefix}_group", placeholder="Unknown", help="Unknown is shown as unknown, and counts as no violation.",
    )  # fmt: skip
    return chosen
