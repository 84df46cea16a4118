"""Whom and what a grave act hits, before it is confirmed."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.tenants import blast_radius
from core.kernel.actor import Actor
from pages._parts.moments import UNKNOWN


def show(actor: Actor, tenant_id: UUID) -> None:
    """One line per kind of thing that the tenant has; what is unknown says why."""
    found = blast_radius.counts(actor, tenant_id)
    with st.container(border=True):
        st.markdown("**What it hits**")
        for row in found.itertuples():
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.text(row.label, width="content")
                st.text(row.note or _number(row.count), width="content")


def _number(count: object) -> str:
    return UNKNOWN if pd.isna(count) else f"{count:,}"  # type: ignore[call-overload]  # a number, or pandas' NA
