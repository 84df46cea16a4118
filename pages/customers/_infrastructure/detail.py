"""One record: what it is, whether its region agrees, what can be done with it, its checklist."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.infrastructure import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.customers._infrastructure import acts, steps, texts, violations


def show(actor: Actor, key: str) -> None:
    """The record with that id, or a sentence when there is none in sight."""
    if st.button("All infrastructure", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["record"]
        st.rerun()
    try:
        record = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning(
            "This infrastructure does not exist, or is not among what you may see.", icon=":material/search_off:"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(texts.title(record)), anchor=False, width="content")
        st.badge(record["status"].capitalize(), color=texts.STATUS_COLOURS[record["status"]])
        if record["status"] != "retired":
            st.badge(texts.AGREEMENTS[record["agreement"]], color=texts.AGREEMENT_COLOURS[record["agreement"]])
        st.page_link(
            "customers/tenants.py", label="Open the tenant", icon=":material/apartment:",
            query_params={"tenant": str(record["tenant_id"]), "tab": "infrastructure"},
        )  # fmt: skip
    body(actor, record)


def body(actor: Actor, record: dict[str, Any]) -> None:
    """All but the head; the tenant's page shows it too."""
    violations.of_record(actor, record)
    acts.show(actor, record)
    facts = _facts(actor, record)
    told = {"What": list(facts), "Value": [plain(value) for value in facts.values()]}
    st.table(told, border="horizontal", hide_index=True, hide_header=True)
    steps.show(actor, record)


def _facts(actor: Actor, record: dict[str, Any]) -> dict[str, str]:
    def day(moment: Any) -> str:
        return UNKNOWN if texts.is_unknown(moment) else f"{moment.astimezone(zone(actor)):%d %b %Y %H:%M}"

    facts = {
        "Lies in": texts.place(record), "Tenant's region": texts.known(record["tenant_region"]),
        "Host": texts.known(record["host"]), "Database": texts.known(record["database_name"]),
        "Version": texts.known(record["database_version"]), "Server": texts.known(record["compute"]),
        "Size": texts.specs(record), "Requested": f"{day(record['created_at'])} by {record['requested_by_name']}",
        "Ready since": day(record["provisioned_at"]), "Notes": texts.known(record["notes"]),
    }  # fmt: skip
    if record["status"] == "retired":
        facts["Retired"] = f"{day(record['retired_at'])}: {record['retirement_reason']}"
    return facts
