"""A new contract, as a draft."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import streamlit as st

from core.customers.contracts import actions, rules
from core.customers.contracts.actions import Draft
from core.customers.tenants import colleagues
from core.customers.tenants.queries import search
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages._parts.frame import run_action
from pages.customers._contracts import form
from pages.customers._contracts.dialogs import dialogs


@st.dialog("Create contract", width="large", on_dismiss=dialogs.close, icon=":material/contract:")
def show(actor: Actor, tenant_id: UUID | None = None) -> None:
    """Whose it is, from when on, and its terms. It is a draft until it is activated."""
    given = _given(actor, tenant_id)
    terms = form.values(rules.DEFAULTS, prefix="new", currency=given["currency"] or "USD")
    if st.button("Create draft", type="primary", key="new_submit"):
        run_action(_create, actor, given, terms, done=dialogs.closing("Created. Activate it once it is signed."))


def _given(actor: Actor, tenant_id: UUID | None) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tenant = str(tenant_id) if tenant_id else _tenant(actor)
        starts_on = st.date_input("First day", None, key="new_starts_on", format="YYYY-MM-DD",
                                  min_value=rules.EARLIEST, max_value=rules.LATEST)  # fmt: skip
        zones = sorted(available_timezones())
        zone = st.selectbox(
            "Time zone", zones, zones.index("UTC"), key="new_time_zone", help="Its months begin and end in it."
        )
        currency = st.text_input("Currency", "USD", key="new_currency", max_chars=3)
    names = colleagues.names(actor)
    with st.container(horizontal=True):
        csm = st.selectbox(
            "CSM", list(names), None, key="new_csm", format_func=names.__getitem__, placeholder="The tenant's"
        )
        seller = st.text_input("Account executive", key="new_account_executive", max_chars=rules.MAX_TEXT)
    return {
        "tenant": tenant,
        "starts_on": starts_on,
        "time_zone": zone,
        "currency": currency,
        "csm_id": csm,
        "seller": seller,
    }


def _tenant(actor: Actor) -> str | None:
    """Found by the start of its name or domain: there are too many to choose from."""
    text = st.text_input("Customer", key="new_tenant_text", placeholder="Start of name or domain", max_chars=200)
    found = search(actor, text, limit=20) if text.strip() else None
    if found is None or found.empty:
        return None
    labels = {str(row["id"]): f"{row['name']} · {row['domain']}" for row in found.to_dict("records")}
    chosen: str | None = st.selectbox(
        "Found", list(labels), 0 if len(labels) == 1 else None, key="new_tenant", format_func=lambda one: labels.get(one, one),
        placeholder="Choose",
    )  # fmt: skip
    return chosen


def _create(actor: Actor, given: dict[str, Any], terms: dict[str, Any]) -> None:
    form.require_typed(given)
    wanted = Draft(
        UUID(given["tenant"]), given["starts_on"], currency=given["currency"], time_zone=given["time_zone"],
        csm_id=given["csm_id"], account_executive=given["seller"],
    )  # fmt: skip
    if not terms["annual_value"]:
        raise Invalid("Give the annual value.", {"annual_value": "Give the annual value."})
    actions.create(actor, wanted, **form.cleaned(terms))
