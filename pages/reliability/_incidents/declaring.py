"""Declaring an incident: by hand, or from what shows it, on whatever page that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import actions, queries, rules
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages.reliability._incidents import known, words
from pages.reliability._incidents.dialogs import declaring_dialogs as dialogs

_MADE, _GIVEN = "incident_made", "incident_given"
PAGE = "reliability/incident.py"
_NAMES = {"alert": "the alert", "violation": "the SLA violation", "error": "the error", "ticket": "the ticket"}


@dataclass(frozen=True, slots=True)
class Given:
    """What the dialog begins with; `kind` and `target` are what the incident is declared from, empty by hand."""

    kind: str = ""
    target: str = ""
    label: str = ""
    title: str = ""
    severity: str = "sev2"
    services: tuple[str, ...] = ()
    started_at: datetime | None = None


def button(  # noqa: PLR0913  (what an incident may begin with)
    actor: Actor, *, kind: str = "", target: str = "", title: str = "", label: str = "", severity: str = "sev2",
    services: Sequence[str] = (), started_at: datetime | None = None, key: str = "declare",
) -> None:  # fmt: skip
    """The button, the dialog that it opens, and then the new incident's page; nothing for who may not declare one."""
    made = st.session_state.pop(_MADE, None)
    if made:
        st.switch_page(PAGE, query_params={"id": made})
    if not actor.may("incidents:create"):
        return
    is_main = not kind
    if st.button(
        "Declare an incident", key=key, icon=":material/emergency_home:", type="primary" if is_main else "secondary"
    ):
        st.session_state[_GIVEN] = Given(kind, target, label or title, title, severity, tuple(services), started_at)
        dialogs.open_now("declare")
    given: Given | None = st.session_state.get(_GIVEN)
    if dialogs.is_open("declare") and given is not None and (given.kind, given.target) == (kind, target):
        _dialog(actor, given)


def linked(actor: Actor, kind: str, target: str) -> None:
    """Links to the incidents that have to do with it."""
    if not actor.may("incidents:read"):
        return
    for row in queries.linked_to(actor, kind, [target]).to_dict("records"):
        label = f"{row['reference']} {plain(row['title'])} · {words.STATUS[row['status']]}"
        st.page_link(PAGE, label=label, icon=":material/emergency_home:", query_params={"id": row["id"]})


@st.dialog("Declare an incident", width="large", on_dismiss=dialogs.close)
def _dialog(actor: Actor, given: Given) -> None:
    if given.kind:
        st.caption(f"From {_NAMES[given.kind]} “{plain(given.label)}”, which is linked to it.")
    values = _what(given) | _where(actor, given) | _who(actor, given)
    if st.button("Declare", key="declare_submit", type="primary", icon=":material/emergency_home:"):
        links = [(given.kind, given.target, given.label)] if given.kind else []
        run_action(
            actions.declare, actor, source=given.kind or "manual", links=links, done=dialogs.closing(_told), **values
        )


def _key(name: str, given: Given) -> str:
    return f"declare_{name}_{given.kind}_{given.target}"


def _what(given: Given) -> dict[str, Any]:
    title = st.text_input(
        "Title", given.title[: rules.MAX_TITLE], key=_key("title", given), max_chars=rules.MAX_TITLE,
        placeholder="Checkout fails for customers in Europe",
    )  # fmt: skip
    severity = st.radio(
        "Severity", list(words.SEVERITY), list(words.SEVERITY).index(given.severity), key=_key("severity", given),
        format_func=words.SEVERITY_TOLD.__getitem__,
    )  # fmt: skip
    kind = st.segmented_control(
        "Kind",
        list(words.KIND),
        default="outage",
        key=_key("kind", given),
        format_func=words.KIND.__getitem__,
        required=True,
    )
    return {"title": title, "severity": severity, "kind": kind}


def _where(actor: Actor, given: Given) -> dict[str, Any]:
    offered = sorted({*known.services(actor), *given.services})
    services = st.multiselect(
        "Services", offered, list(given.services), key=_key("services", given), accept_new_options=True,
        placeholder="What is hit: choose or type; none means everything",
    )  # fmt: skip
    began = (given.started_at or utc_now()).astimezone(zone(actor)).replace(tzinfo=None, second=0, microsecond=0)
    started_at = st.datetime_input("Began", began, key=_key("started", given), step=60, width=240)
    return {"services": services, "started_at": started_at.replace(tzinfo=zone(actor)) if started_at else None}


def _who(actor: Actor, given: Given) -> dict[str, Any]:
    colleagues = known.colleagues(actor)
    options = [None, *colleagues]
    lead_id = st.selectbox(
        "Lead", options, options.index(actor.operator_id) if actor.operator_id in colleagues else 0, key=_key("lead", given),
        format_func=lambda one: colleagues[one] if one else "Nobody yet",
    )  # fmt: skip
    description = st.text_area(
        "What is known", key=_key("text", given), height=100, placeholder="What people see, since when, what was tried"
    )
    return {"lead_id": lead_id, "description": description}


def _told(incident: Any) -> str:
    st.session_state[_MADE] = str(incident.id)
    return f"{queries.number_of(incident)} declared."


def moment(value: Any) -> datetime | None:
    """A moment of a row; None where it has none."""
    return None if value is None or pd.isna(value) else value
