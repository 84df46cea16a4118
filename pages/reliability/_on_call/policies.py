"""Escalation policies: whom they call, step by step, and for which incidents."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.on_call import page_queries as queries
from core.reliability.on_call import policies as actions
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.reliability._on_call import policy_form, words
from pages.reliability._on_call.dialogs import dialogs


def show(actor: Actor) -> None:
    """One card for each policy."""
    may = actor.may("on_call:update")
    if may and st.button("Create policy", key="create_policy", type="primary", icon=":material/add:"):
        policy_form.begin([])
        dialogs.open_now("create_policy")
    if dialogs.is_open("create_policy"):
        policy_form.create(actor)
    found = queries.policies(actor)
    if found.empty:
        st.info("There is no policy yet, so an incident calls nobody. Create one.", icon=":material/phone_in_talk:")
        return
    names = words.colleagues(actor) | words.channels(actor) | words.schedules(actor)
    for row in found.to_dict("records"):
        _card(actor, row, names, may)


def _card(actor: Actor, row: dict[Any, Any], names: Mapping[str, str], may: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(row['name'])}**", width="stretch")
            for one in row["severities"]:
                st.badge(words.SEVERITIES[one], color="orange")
            if may:
                _acts(actor, row)
        services = f"services {', '.join(row['services'])}" if row["services"] else "all services"
        by_itself = f"For incidents of {services}." if row["severities"] else "Only by hand."
        st.caption(plain(by_itself))
        st.markdown("\n".join(f"1. {_told(step, names)}" for step in row["steps"]))
        st.caption(_after(row))


def _told(step: Mapping[str, Any], names: Mapping[str, str]) -> str:
    when = "At once" if not step["after_minutes"] else f"After {step['after_minutes']} min"
    schedules = [f"who is on call in {plain(names.get(one, 'an archived schedule'))}" for one in step["schedules"]]
    others = [plain(words.named(names, one)) for one in (*step["operators"], *step["channels"])]
    return f"{when}: {', '.join([*schedules, *others])}"


def _after(row: Mapping[str, Any]) -> str:
    wait = f"{row['repeat_after_minutes']} min after the last step"
    again = "once more" if row["repeats"] == 1 else f"{row['repeats']} times more"
    return f"All of it {again}, {wait}, until somebody acknowledges." if row["repeats"] else f"Given up {wait}."


def _acts(actor: Actor, row: dict[Any, Any]) -> None:
    key = str(row["id"])
    if st.button("Edit", key=f"edit_{key}", icon=":material/edit:"):
        policy_form.begin(row["steps"])
        dialogs.open_now(f"edit_{key}", row["version"])
    if st.button("Archive", key=f"archive_{key}", icon=":material/archive:"):
        dialogs.open_now(f"archive_{key}", row["version"])
    if dialogs.is_open(f"edit_{key}"):
        policy_form.edit(actor, row)
    if dialogs.is_open(f"archive_{key}"):
        _archive(actor, row)


@st.dialog("Archive policy", on_dismiss=dialogs.close)
def _archive(actor: Actor, row: dict[Any, Any]) -> None:
    st.write(f"{plain(row['name'])} calls for no new incident. Pages that run go on.")
    if st.button("Archive", key="archive_policy_submit", type="primary"):
        run_action(
            actions.archive_policy,
            actor,
            UUID(str(row["id"])),
            version=dialogs.version(),
            done=dialogs.closing("Archived."),
        )
