"""A tenant's own domains: the record that proves each, what was found, and when."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.customers.branding import actions, challenge, verifying
from core.customers.branding.challenge import Finding
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import ago

_COLOURS: dict[str, Literal["green", "blue", "red", "orange"]] = {
    "verified": "green", "pending": "blue", "failed": "red", "lost": "orange",
}  # fmt: skip
_MEANING = {
    "pending": "The record was not seen yet.", "verified": "The record is there; it is looked for every day.",
    "failed": "The record is missing or another. Correct it, then check again.",
    "lost": "The record was there and is gone. The domain does not count until it is back.",
}  # fmt: skip


def show(actor: Actor, tenant: dict[str, Any], found: pd.DataFrame, *, can_edit: bool, can_remove: bool) -> None:
    """Every domain with its state; below, a field for another one."""
    st.subheader("Domains", anchor=False)
    if found.empty:
        st.caption("The tenant has no domain of its own. Its people use the product's address.")
    for row in found.to_dict("records"):
        with st.container(border=True):
            _one(actor, row, can_edit=can_edit, can_remove=can_remove)
    if can_edit and len(found) < challenge.MOST_DOMAINS:
        _add(actor, tenant)


def _one(actor: Actor, row: dict[Any, Any], *, can_edit: bool, can_remove: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        ascii_form = "" if row["shown"] == row["domain"] else f" ({plain(row['domain'])})"
        st.markdown(f"**{plain(row['shown'])}**{ascii_form}", width="content")
        st.badge(row["state"].capitalize(), color=_COLOURS[row["state"]], help=_MEANING[row["state"]])
        st.caption(_checked(row))
    if row["state"] != "verified":
        st.caption("Have the domain's owner add this TXT record:")
        for part in ("record_name", "record_value"):
            st.code(row[part], language=None, wrap_lines=True)
    if not pd.isna(row["told"]) and row["finding"] != "found":
        st.text(row["told"])
    with st.container(horizontal=True):
        if can_edit and st.button("Check now", key=f"domain_check_{row['id']}", icon=":material/dns:"):
            with st.spinner("Asking the name servers"):
                run_action(verifying.check, actor, row["id"], done=_outcome)
        if can_remove:
            _remove(actor, row)
        if not pd.isna(row["verified_at"]):
            st.caption(f"Verified {row['verified_at'].astimezone(zone(actor)):%d %b %Y %H:%M}")


def _checked(row: dict[Any, Any]) -> str:
    if pd.isna(row["checked_at"]):
        return "Not looked for yet; this happens within a minute."
    again = row["next_check_at"]
    told = "not by itself any more" if pd.isna(again) else f"again in {_until(again)}"
    return f"Looked for {ago(utc_now() - row['checked_at'])}, {told}."


def _until(moment: pd.Timestamp) -> str:
    minutes = max(int((moment - utc_now()).total_seconds() // 60), 0)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _outcome(finding: Finding) -> str:
    return "Verified." if finding.kind == "found" else finding.told


def _remove(actor: Actor, row: dict[Any, Any]) -> None:
    with st.popover("Remove", icon=":material/delete:", key=f"domain_popover_{row['id']}"):
        st.write("The tenant's people can no longer use this address, and another tenant may prove it.")
        if st.button("Remove domain", key=f"domain_remove_{row['id']}", type="primary"):
            run_action(actions.remove_domain, actor, row["id"], version=row["version"], done="Removed.")


def _add(actor: Actor, tenant: dict[str, Any]) -> None:
    with st.form("add_domain", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        domain = st.text_input("Domain", key="new_domain", placeholder="app.example.com", max_chars=253)
        if st.form_submit_button("Add domain", key="add_domain_submit", icon=":material/add:"):
            run_action(actions.add_domain, actor, tenant["id"], domain=domain, done=_added)


def _added(row: Any) -> str:
    return f"Added. Now have the TXT record of {row.domain} made."
