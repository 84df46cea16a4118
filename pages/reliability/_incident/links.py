"""What an incident has to do with: alerts, violations, errors, tickets, deployments, flags, other incidents."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import actions, queries
from pages._parts.frame import run_action
from pages._parts.markdown import plain

KINDS = {
    "alert": "Alert", "violation": "SLA violation", "error": "Error", "ticket": "Ticket", "incident": "Incident",
    "deployment": "Deployment", "flag": "Feature flag",
}  # fmt: skip
_ICONS = {
    "alert": ":material/notifications:", "violation": ":material/gpp_bad:", "error": ":material/bug_report:",
    "ticket": ":material/confirmation_number:", "incident": ":material/emergency_home:",
    "deployment": ":material/rocket_launch:", "flag": ":material/flag:",
}  # fmt: skip
# Page, parameter, and what it asks for.
_PAGES = {
    "alert": ("health/alerts.py", "alert", "alerts:read"), "error": ("health/errors.py", "fingerprint", "errors:read"),
    "ticket": ("support/ticket.py", "id", "tickets:read"), "incident": ("reliability/incident.py", "id", "incidents:read"),
    "flag": ("platform/flags.py", "flag", "flags:read"),
    "violation": ("reliability/violations.py", "violation", "sla:read"),
}  # fmt: skip
_HELP = "The number of a ticket or incident, the fingerprint of an error, the key of a flag, or an id."


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The links by kind, making one, and the incidents that go on in this one."""
    found = queries.links(actor, incident["id"])
    if found.empty:
        st.info("It is linked to nothing yet.", icon=":material/link:")
    may_change = actor.may("incidents:update") and not incident["merged_into_id"]
    for row in found.to_dict("records"):
        _link(actor, row, may_change=may_change)
    if may_change:
        _form(actor, incident)
    merged = queries.merged_into(actor, incident["id"])
    if not merged.empty:
        st.markdown("**Merged into this**")
    for row in merged.to_dict("records"):
        label = f"{row['reference']} {plain(row['title'])}"
        st.page_link("reliability/incident.py", label=label, icon=_ICONS["incident"], query_params={"id": row["id"]})


def _link(actor: Actor, row: dict[Any, Any], *, may_change: bool) -> None:
    kind = row["kind"]
    label = plain(row["label"] or row["target"])
    with st.container(horizontal=True, vertical_alignment="center"):
        file, parameter, needed = _PAGES.get(kind, ("", "", ""))
        if file and actor.may(needed):
            st.page_link(file, label=label, icon=_ICONS[kind], query_params={parameter: row["target"]})
        else:
            st.markdown(f"{_ICONS[kind]} {label}", width="content")
        st.caption(f"{KINDS[kind]} · by {plain(row['created_by_name'])}")
        if may_change and st.button("Unlink", key=f"unlink_{row['id']}", type="tertiary", icon=":material/link_off:"):
            run_action(actions.unlink, actor, UUID(row["id"]), done="Unlinked.")


def _form(actor: Actor, incident: dict[str, Any]) -> None:
    with st.form("link", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Link to", list(KINDS), key="link_kind", format_func=KINDS.__getitem__, width=170)
        target = st.text_input("Number or id", key="link_target", width=300, max_chars=200, help=_HELP)
        if st.form_submit_button("Link", key="link_submit", icon=":material/link:"):
            run_action(
                actions.link, actor, incident["id"], kind=kind, target=target,
                done=lambda is_new: "Linked." if is_new else "It was linked already.",
            )  # fmt: skip
