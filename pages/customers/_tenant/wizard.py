"""A new tenant, step by step. What is typed is kept on the server at once: a closed browser loses nothing."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.tenants import actions
from core.customers.tenants.actions import Owner
from core.customers.tenants.drafts import actions as drafts
from core.customers.tenants.drafts import queries, rules
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import session
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages.customers._tenant import wizard_steps
from pages.customers._tenant.dialogs import dialogs

NAME = "create"
LABELS = {"identity": "Identity", "plan": "Plan", "region": "Region", "owner": "Owner", "trial": "Trial"}
_STEP, _VALUES, _KEPT, _FOUND = "wizard_step", "wizard_values", "wizard_kept", "wizard_found"


def button(actor: Actor) -> None:
    """The button that begins a new tenant, or goes on with one that was begun, and the dialog while it is open."""
    if not actor.may("tenants:create"):
        return
    if st.button("Create tenant", key="create", type="primary", icon=":material/add:"):
        _begin(queries.own(actor))
        dialogs.open_now(NAME)
    if dialogs.is_open(NAME):
        _dialog(actor)


def _begin(draft: queries.Draft | None) -> None:
    st.session_state[_FOUND] = draft
    st.session_state[_STEP], st.session_state[_VALUES] = "identity", {}
    st.session_state[_KEPT] = {}


@st.dialog("Create tenant", width="large", on_dismiss=dialogs.close, icon=":material/domain_add:")
def _dialog(actor: Actor) -> None:
    found: queries.Draft | None = st.session_state.get(_FOUND)
    if found is not None:
        _choose(actor, found)
        return
    step: str = st.session_state[_STEP]
    _indicator(step)
    st.session_state[_VALUES] |= wizard_steps.FORMS[step](actor, st.session_state[_VALUES])
    _keep(step)
    _buttons(actor, step)


def _choose(actor: Actor, found: queries.Draft) -> None:
    """What was begun before is neither lost nor in the way."""
    when = clock(found.updated_at, zone(actor), now=utc_now())
    name = plain(str(found.values.get("name") or "a tenant without a name"))
    st.write(f"You began **{name}** on {when} and came as far as {LABELS[found.step].lower()}.")
    with st.container(horizontal=True):
        if st.button("Resume", key="wizard_resume", type="primary", icon=":material/play_arrow:"):
            st.session_state[_FOUND] = None
            st.session_state[_STEP] = found.step
            st.session_state[_VALUES] = dict(found.values)
            st.session_state[_KEPT] = {"step": found.step, **found.values}
            st.rerun()
        if st.button("Discard the draft", key="wizard_discard", icon=":material/delete:"):
            run_action(_discard, actor, done="Draft discarded.")


def _discard(actor: Actor) -> None:
    drafts.discard(actor)
    _begin(None)


def _indicator(step: str) -> None:
    """Where one is among the steps; in words too, for those who see no colours."""
    steps = list(LABELS)
    place = steps.index(step)
    st.caption(f"Step {place + 1} of {len(steps)}")
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(steps):
            if number < place:
                st.badge(LABELS[one], icon=":material/check:", color="green")
            else:
                st.badge(f"{number + 1} {LABELS[one]}", color="blue" if one == step else "gray")


def _keep(step: str) -> None:
    """Saves what differs from what is kept. The session is looked up again: a dialog outlives the run that opened it."""
    state = {"step": step, **st.session_state[_VALUES]}
    if state == st.session_state[_KEPT] or not any(st.session_state[_VALUES].values()):
        return
    present = session.look_up()
    if present is None:
        st.rerun()
    drafts.save(present, step=step, values=st.session_state[_VALUES])
    st.session_state[_KEPT] = state


def _buttons(actor: Actor, step: str) -> None:
    steps = list(LABELS)
    place = steps.index(step)
    is_last = place == len(steps) - 1
    with st.container(horizontal=True):
        if st.button("Back", key="wizard_back", icon=":material/arrow_back:", disabled=place == 0):
            _go(steps[place - 1])
        label, icon = ("Create tenant", "check") if is_last else ("Next", "arrow_forward")
        is_on = st.button(label, key="wizard_next", type="primary", icon=f":material/{icon}:")
    st.caption("Kept on the server as you type: you can close this and go on later.")
    if is_on and is_last:
        run_action(_create, actor, done=dialogs.closing("Created."))
    elif is_on:
        run_action(_check, actor, step, steps[place + 1], done="")


def _go(step: str) -> None:
    st.session_state[_STEP] = step
    st.rerun()


def _check(actor: Actor, step: str, following: str) -> None:
    """Goes on when the step is right; else its problems are told here, and not at the end."""
    values = st.session_state[_VALUES]
    rules.require_step(step, values, utc_now().date())
    if step == "identity":
        queries.require_free(actor, str(values["domain"]))
    st.session_state[_STEP] = following


def _create(actor: Actor) -> None:
    values: dict[str, Any] = st.session_state[_VALUES]
    rules.require_step("trial", values, utc_now().date())
    tenant = actions.create(
        actor, name=values["name"], domain=values["domain"], tier=values["tier"], region=values["region"],
        seats=values["seats"], interval=values["interval"],
        trial_ends_on=values["trial_ends_on"] if values["is_trial"] else None,
        owner=Owner(values["owner_name"], values["owner_email"]),
    )  # fmt: skip
    drafts.discard(actor)
    _begin(None)
    _open(tenant.id)


def _open(tenant_id: UUID) -> None:
    st.query_params["tenant"] = str(tenant_id)
