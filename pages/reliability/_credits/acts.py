"""What can be done with the credits that are chosen in the list: open one, approve and issue many."""

from collections.abc import Callable
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.many import Outcome
from core.reliability.sla import credit_actions
from pages._parts.frame import run_action
from pages.reliability._credits import grid, words

_REFUSED = "credits_refused"


def show(actor: Actor, chosen: pd.DataFrame) -> None:
    """The buttons that fit the choice."""
    drafts, approved = chosen[chosen["status"] == "draft"], chosen[chosen["status"] == "approved"]
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen.empty:
            st.caption("Select one to open it with its proof, or several to approve or issue them.")
        if len(chosen) == 1 and st.button("Open", key="open", icon=":material/open_in_new:"):
            grid.forget()
            st.query_params["credit"] = str(chosen["id"].iloc[0])
            st.rerun()
        may_approve, may_issue = actor.may("sla_credits:approve"), actor.may("sla_credits:update")
        if (
            may_approve
            and len(drafts)
            and st.button(_label("Approve", drafts), key="approve", icon=":material/done_all:")
        ):
            run_action(credit_actions.approve_many, actor, _versions(drafts), done=_told(drafts, "Approved"))
        if may_issue and len(approved) and st.button(_label("Issue", approved), key="issue", icon=":material/send:"):
            run_action(credit_actions.issue_many, actor, _versions(approved), done=_told(approved, "Issued"))


def _label(verb: str, rows: pd.DataFrame) -> str:
    return verb if len(rows) == 1 else f"{verb} {len(rows)}"


def _versions(rows: pd.DataFrame) -> dict[UUID, int]:
    return {UUID(key): int(version) for key, version in zip(rows["id"], rows["version"], strict=True)}


def _told(rows: pd.DataFrame, verb: str) -> Callable[[list[Outcome]], str]:
    """Keeps the refusals by tenant, and says how it went."""
    names = {row["id"]: f"{row['tenant']}, {words.month(row['month'])}" for row in rows.to_dict("records")}

    def done(found: list[Outcome]) -> str:
        refused = [{"Credit": names[str(one.id)], "Why": one.problem} for one in found if one.problem]
        st.session_state[_REFUSED] = refused
        grid.forget()
        count = len(found) - len(refused)
        return f"{verb} {count}; {len(refused)} refused." if refused else f"{verb} {count}."

    return done


def outcomes() -> None:
    """The refusals of the last act, until they are put aside."""
    refused = st.session_state.get(_REFUSED)
    if not refused:
        return
    with st.container(border=True):
        st.warning(f"{len(refused)} stayed as they were.", icon=":material/error:")
        st.dataframe(pd.DataFrame(refused), hide_index=True, key="credits_refusals", height="content")
        if st.button("Dismiss", key="credits_dismiss", icon=":material/close:"):
            st.session_state.pop(_REFUSED)
            st.rerun()
