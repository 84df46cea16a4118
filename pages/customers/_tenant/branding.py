"""White-label: how one tenant shows itself to its own people."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.branding import included, queries
from core.kernel.actor import Actor
from pages.customers._branding import domains, logo, look

_GONE = ("deleted", "purged")


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Names and colours with their preview, the logo, the domains; why not, where the plan does not include it."""
    if tenant["status"] in _GONE:
        st.info("The tenant is deleted; its branding cannot be shown any more.", icon=":material/inbox:")
        return
    brand = queries.one(actor, tenant["id"])
    picture = queries.logo(actor, tenant["id"]) if brand["logo_version"] else None
    known = queries.domains(actor, tenant["id"])
    is_included = included.is_included(actor, tenant["id"])
    may = actor.may("branding:update")
    if not is_included:
        _told(actor, tenant)
    can_edit = may and is_included
    look.show(actor, tenant, brand, picture, _verified(known), can_edit)
    left, right = st.columns(2, gap="large")
    with left:
        logo.show(actor, tenant, picture, brand["logo_version"], can_edit=can_edit, can_remove=may)
    with right:
        domains.show(actor, tenant, known, can_edit=can_edit, can_remove=may)


def _told(actor: Actor, tenant: dict[str, Any]) -> None:
    st.info(
        f"White-label is not part of the plan {tenant['tier'].capitalize()}. What is set here does not count. Change the "
        f"plan, or override the setting {included.SETTING}.",
        icon=":material/lock:",
    )
    if actor.may("configuration:read"):
        st.page_link(
            "customers/tenants.py", label="Open the settings", icon=":material/tune:",
            query_params={"tenant": str(tenant["id"]), "tab": "configuration"},
        )  # fmt: skip


def _verified(known: pd.DataFrame) -> str | None:
    shown = known.loc[known["state"] == "verified", "shown"]
    return None if shown.empty else str(shown.iloc[0])
