"""What a ticket has to do with: other tickets, incidents, alerts, errors."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import links, numbers
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.support import _words as words

_KINDS = {"ticket": "Ticket", "incident": "Incident", "alert": "Alert", "error": "Error"}
_ICONS = {
    "ticket": ":material/confirmation_number:",
    "incident": ":material/emergency_home:",
    "alert": ":material/notifications:",
    "error": ":material/bug_report:",
}
_PAGES = {
    "ticket": ("support/ticket.py", "id"), "incident": ("reliability/incident.py", "id"),
    "alert": ("health/alerts.py", "alert"), "error": ("health/errors.py", "fingerprint"),
}  # fmt: skip


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """The links, making one, and what else happened in the request that the ticket is about."""
    found = links.of(actor, ticket["id"])
    for row in found.to_dict("records"):
        _link(actor, row)
    if found.empty:
        st.info("It is linked to nothing yet.", icon=":material/link:")
    if actor.may("tickets:update"):
        _form(actor, ticket)
    if ticket["correlation_id"]:
        _request(actor, ticket)


def _link(actor: Actor, row: dict[Any, Any]) -> None:
    file, parameter = _PAGES[row["kind"]]
    title = row["title"] if isinstance(row["title"], str) else f"{_KINDS[row['kind']]} {row['target'][:12]}"
    status = row["status"] if isinstance(row["status"], str) else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(file, label=plain(title), icon=_ICONS[row["kind"]], query_params={parameter: row["target"]})
        st.caption(f"{words.STATUS.get(status, status.capitalize())} · by {plain(row['created_by_name'])}")
        if actor.may("tickets:update") and st.button(
            "Unlink", key=f"unlink_{row['id']}", type="tertiary", icon=":material/link_off:"
        ):
            run_action(links.unlink, actor, UUID(row["id"]), done="Unlinked.")


def _form(actor: Actor, ticket: dict[str, Any]) -> None:
    with st.form("link", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Link to", list(_KINDS), key="link_kind", format_func=_KINDS.__getitem__, width=140)
        target = st.text_input(
            "Number or id", key="link_target", placeholder=numbers.shown(42), width=280, max_chars=200
        )
        if st.form_submit_button("Link", key="link_submit", icon=":material/link:"):
            run_action(links.link, actor, ticket["id"], kind=kind, target=target, done="Linked.")


def _request(actor: Actor, ticket: dict[str, Any]) -> None:
    """By the correlation id."""
    st.subheader("The same request", anchor=False)
    st.caption(f"Correlation id {plain(ticket['correlation_id'])}")
    others = links.related_tickets(actor, ticket["id"])
    for row in others.to_dict("records"):
        label = f"{numbers.shown(row['number'])} {plain(row['subject'])}"
        st.page_link("support/ticket.py", label=label, icon=_ICONS["ticket"], query_params={"id": row["id"]})
    if not actor.may("errors:read"):
        return
    errors = links.related_errors(actor, ticket["id"])
    if errors.empty:
        st.caption("No error of this request is known.")
        return
    st.dataframe(
        errors[["at", "type", "message", "route", "service"]], hide_index=True, key="related_errors", placeholder=UNKNOWN,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor))),
            "type": "Type", "message": st.column_config.TextColumn("Message", width="large"), "route": "Route",
            "service": "Service",
        },
    )  # fmt: skip
