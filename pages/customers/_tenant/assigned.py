"""Which of the operators who see assigned tenants only see this one."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.access.operators import queries as operators
from core.customers.tenants import actions, queries
from core.kernel.actor import Actor
from pages._parts.frame import run_action


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Those who have it, each with a way to take it back, and a choice of the others."""
    people = operators.assignable(actor)
    labels = {row["id"]: f"{row['name']} · {row['role_title']}" for row in people.to_dict("records")}
    held = queries.assigned(actor, tenant["id"])
    st.subheader("Assigned operators", anchor=False)
    st.caption("Some roles see only the tenants that are assigned to them.")
    for operator_id in (one for one in labels if one in held):
        _held(actor, tenant, operator_id, labels[operator_id])
    if actor.may("assignments:create"):
        _others(actor, tenant, {one: label for one, label in labels.items() if one not in held})


def _held(actor: Actor, tenant: dict[str, Any], operator_id: str, label: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(label)
        if actor.may("assignments:delete") and st.button("Unassign", key=f"unassign_{operator_id}", type="tertiary"):
            run_action(
                actions.unassign_operator, actor, tenant["id"], operator_id=UUID(operator_id), done="Unassigned."
            )


def _others(actor: Actor, tenant: dict[str, Any], labels: dict[str, str]) -> None:
    with st.form("assign_operator", border=False):
        chosen = st.selectbox(
            "Assign to", list(labels), index=None, format_func=labels.__getitem__, key="assign_to",
            placeholder="Choose an operator",
        )  # fmt: skip
        if st.form_submit_button("Assign", key="assign_submit", disabled=not labels):
            if chosen is None:
                st.error("Choose an operator first.", icon=":material/error:")
            else:
                run_action(actions.assign_operator, actor, tenant["id"], operator_id=UUID(chosen), done="Assigned.")
