"""Opening a ticket for somebody: the tenant, who of its people asks, and what for."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.users import queries as users
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import as_id
from core.support.tickets import actions, numbers, rules
from pages._parts.frame import run_action
from pages.platform._flags import tenants
from pages.support import _words as words
from pages.support._queue import known, way
from pages.support._queue.dialogs import dialogs

PEOPLE = 20  # of a tenant that are offered; more are found by name


def button(actor: Actor) -> None:
    """Opens the dialog; for who may open tickets."""
    if not actor.may("tickets:create"):
        return
    made = st.session_state.pop("ticket_made", None)
    if made:
        way.open_ticket(made)
    if st.button("Create ticket", key="create", type="primary", icon=":material/add:"):
        dialogs.open_now("create")
    if dialogs.is_open("create"):
        _dialog(actor)


@st.dialog("Create ticket", width="large", on_dismiss=dialogs.close)
def _dialog(actor: Actor) -> None:
    who = _who(actor)
    subject = st.text_input("Subject", key="create_subject", max_chars=rules.MAX_SUBJECT)
    description = st.text_area("Description", key="create_description", height=160)
    values = _about(actor)
    if st.button("Create", key="create_submit", type="primary"):
        run_action(_create, actor, who, subject=subject, description=description, **values, done=dialogs.closing(_told))


def _who(actor: Actor) -> dict[str, Any]:
    """The tenant and one of its people, or a name and an address."""
    picked = tenants.pick(actor, "Tenant", key="create_tenant")
    tenant_id = as_id(picked) if picked else None
    found = _people(actor, tenant_id)
    requester_id = st.selectbox(
        "Requester", list(found), index=None, key=f"create_requester_{tenant_id}", format_func=found.__getitem__,
        placeholder="Choose one of its people, or type name and address below" if found else "Nobody to choose from",
        disabled=not found,
    ) if tenant_id else None  # fmt: skip
    if requester_id:
        return {"tenant_id": tenant_id, "picked": picked, "requester_id": requester_id}
    with st.container(horizontal=True):
        name = st.text_input("Requester's name", key="create_name")
        email = st.text_input("Requester's address", key="create_email", placeholder="name@company.example")
    return {
        "tenant_id": tenant_id, "picked": picked, "requester_name": name.strip() or None,
        "requester_email": email.strip() or None,
    }  # fmt: skip


def _people(actor: Actor, tenant_id: UUID | None) -> dict[UUID, str]:
    """People in service of the tenant, by what is looked for."""
    if tenant_id is None or not actor.may("users:read"):
        return {}
    text = st.text_input(
        "Find the requester", key="create_find", placeholder="Name or address", icon=":material/search:", max_chars=200
    )
    wanted = users.Filters(text.strip(), tenant_id=tenant_id, is_active=True)
    rows = users.directory(actor, wanted, sort="seen last", limit=PEOPLE).frame
    return {
        UUID(key): f"{name} · {email}" for key, name, email in zip(rows["id"], rows["name"], rows["email"], strict=True)
    }


def _about(actor: Actor) -> dict[str, Any]:
    teams = {name: key for key, name in known.teams(actor).items()}
    colleagues = {label: key for key, label in known.colleagues(actor).items()}
    with st.container(horizontal=True):
        priority = st.selectbox(
            "Priority",
            list(words.PRIORITY),
            2,
            key="create_priority",
            format_func=words.PRIORITY.__getitem__,
            width=140,
        )
        channel = st.selectbox(
            "Channel",
            ["phone", "portal", "email"],
            key="create_channel",
            format_func=words.CHANNEL.__getitem__,
            width=130,
        )
        category = st.selectbox(
            "Category", known.categories(actor), index=None, key="create_category", accept_new_options=True,
            placeholder="Choose or type", width=190,
        )  # fmt: skip
    with st.container(horizontal=True):
        team = st.selectbox("Team", list(teams), index=None, key="create_team", placeholder="None", width=190)
        owner = st.selectbox(
            "Assignee", list(colleagues), index=None, key="create_assignee", placeholder="Nobody", width=230
        )
        tags = st.multiselect("Tags", known.tags(actor), key="create_tags", accept_new_options=True, width=250)
    return {
        "priority": priority, "channel": channel, "category": category, "tags": tags,
        "team_id": teams[team] if team else None, "assignee_id": colleagues[owner] if owner else None,
    }  # fmt: skip


def _create(actor: Actor, who: dict[str, Any], **values: Any) -> Any:
    given = {name: value for name, value in who.items() if name != "picked"}
    if who["picked"] and who["tenant_id"] is None:
        raise Invalid(
            "Choose a tenant from the list, or paste its id.", {"tenant_id": "Choose a tenant from the list."}
        )
    return actions.create(actor, **given, **values)


def _told(ticket: Any) -> str:
    st.session_state["ticket_made"] = str(ticket.id)
    return f"{numbers.number_of(ticket)} created."
