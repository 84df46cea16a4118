"""What can be done with one credit."""

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import credit_actions
from core.reliability.sla.crediting import compute
from pages._parts.frame import run_action
from pages.reliability._credits import computing
from pages.reliability._credits.dialogs import dialogs


class Act(NamedTuple):
    """A button: what it takes, how it looks, what it does (None: it opens a dialog), and what is said then."""

    name: str
    permission: str
    label: str
    icon: str
    action: Callable[..., Any] | None
    done: str
    is_next: bool = False


_ACTS = (
    Act("approve", "sla_credits:approve", "Approve", "done_all", credit_actions.approve, "Approved.", is_next=True),
    Act("issue", "sla_credits:update", "Issue", "send", credit_actions.issue, "Issued.", is_next=True),
    Act(
        "withdraw", "sla_credits:approve", "Withdraw approval", "undo", credit_actions.withdraw,
        "The approval is withdrawn.",
    ),
    Act("void", "sla_credits:approve", "Void", "block", None, "Voided."),
)  # fmt: skip


def show(actor: Actor, credit: dict[str, Any]) -> None:
    """The buttons that fit its status and the operator's rights."""
    with st.container(horizontal=True):
        clicked = [one for one in _ACTS if _is_offered(actor, credit, one) and _button(actor, credit, one)]
        is_again = actor.may("sla_credits:update") and st.button(
            "Compute again", key="again", icon=":material/calculate:"
        )
    if clicked:
        _act(actor, credit, clicked[0])
    elif is_again:
        ids = [credit["contract_id"]]
        run_action(compute, actor, month=credit["month"], contract_ids=ids, done=computing.told)
    if dialogs.is_open("void"):
        _void(actor, credit)


def _is_offered(actor: Actor, credit: dict[str, Any], act: Act) -> bool:
    return actor.may(act.permission) and credit["status"] in credit_actions.ALLOWED[act.name]


def _button(actor: Actor, credit: dict[str, Any], act: Act) -> bool:
    """Whoever had it computed sees why he does not approve it."""
    is_barred = act.name == "approve" and credit["computed_by"] is not None and credit["computed_by"] == actor.id
    told = "You had it computed yourself: somebody else approves it." if is_barred else None
    return st.button(
        act.label, key=act.name, icon=f":material/{act.icon}:", disabled=is_barred, help=told,
        type="primary" if act.is_next else "secondary",
    )  # fmt: skip


def _act(actor: Actor, credit: dict[str, Any], act: Act) -> None:
    if act.action is None:
        dialogs.open_now("void", credit["version"])
    else:
        run_action(act.action, actor, credit["id"], version=credit["version"], done=act.done)


@st.dialog("Void", on_dismiss=dialogs.close)
def _void(actor: Actor, credit: dict[str, Any]) -> None:
    st.write("The credit is given up for good. Computing the month again adds only what is owed besides.")
    with st.form("void_credit", border=False):
        reason = st.text_area(
            "Reason", key="void_reason", max_chars=credit_actions.MAX_REASON, placeholder="Waived by the customer"
        )
        if st.form_submit_button("Void", type="primary", key="void_submit"):
            run_action(
                credit_actions.void, actor, credit["id"], reason=reason, version=dialogs.version(),
                done=dialogs.closing("Voided."),
            )  # fmt: skip
