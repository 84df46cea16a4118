"""What can be done with a contract, and the dialogs for it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.customers.contracts import actions, amending, renewals, rules
from core.customers.tenants import colleagues
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages.customers._contracts import form
from pages.customers._contracts.dialogs import dialogs

_ACTS = {
    "activate": ("Activate", "play_arrow"), "amend": ("Amend", "edit_document"), "start_renewal": ("Start renewal", "handshake"),
    "renew": ("Renew", "autorenew"), "update": ("People", "group"), "terminate": ("Terminate", "cancel"),
}  # fmt: skip


def show(actor: Actor, contract: dict[str, Any]) -> None:
    """The buttons that fit the contract's status, and the dialog that one of them opened."""
    if not actor.may("contracts:update"):
        return
    offered = [name for name in _ACTS if contract["status"] in rules.ALLOWED[name]]
    with st.container(horizontal=True):
        for name in offered:
            label, icon = _ACTS[name]
            if st.button(label, key=name, icon=f":material/{icon}:"):
                _begin(actor, contract, name)
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name) and name in offered:
            dialog(actor, contract)


def _begin(actor: Actor, contract: dict[str, Any], name: str) -> None:
    if name == "start_renewal":
        run_action(
            renewals.start_renewal, actor, contract["id"], version=contract["version"], done="The talks have begun."
        )
    dialogs.open_now(name, contract["version"])


@st.dialog("Activate", on_dismiss=dialogs.close)
def _activate(actor: Actor, contract: dict[str, Any]) -> None:
    st.write(
        f"It is in force from {contract['starts_on']} to {contract['last_day']}: measured, invoiced, and its limits count. "
        "From then on its terms change by amendments alone."
    )
    if st.button("Activate", key="activate_submit", type="primary"):
        run_action(
            actions.activate,
            actor,
            contract["id"],
            version=dialogs.version(),
            done=dialogs.closing("The contract is in force."),
        )


@st.dialog("Amend", width="large", on_dismiss=dialogs.close)
def _amend(actor: Actor, contract: dict[str, Any]) -> None:
    is_draft = contract["status"] == "draft"
    st.caption("A further version with these terms; those before it stay as they were.")
    terms = form.values(_present(contract), prefix="amend", currency=contract["currency"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        begins = None if is_draft else st.date_input(
            "From", "today", key="amend_effective_on", format="YYYY-MM-DD", min_value=contract["starts_on"],
            max_value=contract["last_day"], help="Midnight in the contract's zone; a past day is judged anew.",
        )  # fmt: skip
        reason = st.text_input(
            "Reason", key="amend_reason", max_chars=rules.MAX_TEXT, placeholder="Amendment 2: more seats"
        )
    if st.button("Amend", key="amend_submit", type="primary"):
        run_action(
            _amended,
            actor,
            contract,
            terms,
            begins,
            reason,
            dialogs.version(),
            done=dialogs.closing("A new version was made."),
        )


def _amended(
    actor: Actor, contract: dict[str, Any], terms: dict[str, Any], begins: Any, reason: str, version: Any
) -> None:
    changes = form.cleaned(terms)
    amending.amend(actor, contract["id"], effective_on=begins, reason=reason, version=version, **changes)


def _present(contract: dict[str, Any]) -> dict[str, Any]:
    """The terms as the form takes them; a renewal that simply follows the term is left to follow it."""
    follows = contract["renewal_on"] == rules.last_day(contract["starts_on"], contract["term_months"]) + rules.DAY
    return contract | {"renewal_on": None if follows else contract["renewal_on"]}


@st.dialog("Renew", width="large", on_dismiss=dialogs.close)
def _renew(actor: Actor, contract: dict[str, Any]) -> None:
    st.caption(
        f"A contract of its own from {contract['last_day'] + rules.DAY} on."
        f" The present one stays in force until {contract['last_day']}."
    )
    terms = form.values(contract | {"renewal_on": None}, prefix="renew", currency=contract["currency"])
    if st.button("Renew", key="renew_submit", type="primary"):
        run_action(_renewed, actor, contract, terms, dialogs.version(), done=dialogs.closing("Renewed."))


def _renewed(actor: Actor, contract: dict[str, Any], terms: dict[str, Any], version: Any) -> None:
    renewals.renew(actor, contract["id"], version=version, **form.cleaned(terms))


@st.dialog("People", on_dismiss=dialogs.close)
def _people(actor: Actor, contract: dict[str, Any]) -> None:
    names = colleagues.names(actor)
    present = list(names).index(contract["csm_id"]) if contract["csm_id"] in names else None
    with st.form("people_contract", border=False):
        csm = st.selectbox(
            "CSM", list(names), present, key="people_csm", format_func=names.__getitem__, placeholder="Nobody"
        )
        seller = st.text_input(
            "Account executive", contract["account_executive"], key="people_seller", max_chars=rules.MAX_TEXT
        )
        if st.form_submit_button("Save", type="primary", key="people_submit"):
            run_action(
                actions.update, actor, contract["id"], csm_id=csm, account_executive=seller, version=dialogs.version(),
                done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Terminate", on_dismiss=dialogs.close)
def _terminate(actor: Actor, contract: dict[str, Any]) -> None:
    is_draft = contract["status"] == "draft"
    st.write(
        "The draft is given up. This is final." if is_draft else
        "It ends early, and this is final. Until its last day it stays in force. What was invoiced beyond is not paid back by"
        " itself."
    )  # fmt: skip
    with st.form("terminate_contract", border=False):
        day = None if is_draft else st.date_input(
            "Last day", "today", key="terminate_on", format="YYYY-MM-DD", min_value=contract["starts_on"] - rules.DAY,
            max_value=contract["last_day"],
        )  # fmt: skip
        reason = st.text_area(
            "Reason", key="terminate_reason", max_chars=rules.MAX_TEXT, placeholder="Both sides agreed to part"
        )
        if st.form_submit_button("Terminate", type="primary", key="terminate_submit"):
            run_action(
                actions.terminate, actor, contract["id"], ended_on=day, reason=reason, version=dialogs.version(),
                done=dialogs.closing("Terminated."),
            )  # fmt: skip


_DIALOGS: dict[str, Callable[[Actor, dict[str, Any]], None]] = {
    "activate": _activate, "amend": _amend, "renew": _renew, "update": _people, "terminate": _terminate,
}  # fmt: skip
