"""The incident behind a violation: those that are linked, declaring one, linking one that is known."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import actions, queries
from core.reliability.incidents.queries import Filters
from pages._parts.frame import run_action
from pages.reliability._incidents import declaring
from pages.reliability._sla import words
from pages.reliability._violations.dialogs import dialogs

_SEVERITY = {"critical": "sev1", "major": "sev2", "minor": "sev3"}
# An incident that was declared long before or after has nothing to do with it.
_AROUND, MOST = timedelta(days=3), 50


def show(actor: Actor, row: dict[str, Any]) -> None:
    """For who may see incidents."""
    if not actor.may("incidents:read"):
        return
    st.subheader("Incident", anchor=False)
    declaring.linked(actor, "violation", str(row["id"]))
    with st.container(horizontal=True):
        _declare(actor, row)
        if actor.may("incidents:update") and st.button("Link an incident", key="link_incident", icon=":material/link:"):
            dialogs.open_now("link")
    if dialogs.is_open("link"):
        _link(actor, row)


def _title(row: dict[str, Any]) -> str:
    return f"{words.METRICS[row['metric']]} of {words.name(row)} below the contract"


def _declare(actor: Actor, row: dict[str, Any]) -> None:
    declaring.button(
        actor, kind="violation", target=str(row["id"]), title=_title(row), label=_title(row),
        severity=_SEVERITY[row["impact"]], started_at=row["started_at"], key="declare_incident",
    )  # fmt: skip


@st.dialog("Link an incident", on_dismiss=dialogs.close)
def _link(actor: Actor, row: dict[str, Any]) -> None:
    around = Filters(since=row["started_at"] - _AROUND, until=row["started_at"] + _AROUND, with_archived=True)
    found = queries.directory(actor, around, limit=MOST).frame.to_dict("records")
    if not found:
        st.info("No incident was declared within three days of it. Declare one.", icon=":material/search_off:")
        return
    by_label = {f"{one['reference']} · {one['title']}": UUID(str(one["id"])) for one in found}
    chosen = st.selectbox("Incident", list(by_label), key="link_which")
    if st.button("Link", key="link_submit", type="primary"):
        given = {"kind": "violation", "target": str(row["id"]), "label": _title(row)}
        run_action(actions.link, actor, by_label[chosen], **given, done=dialogs.closing("Linked."))
