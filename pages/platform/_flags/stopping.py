"""Stopping a flag at once, and letting it go on: kill, revive, pause, resume."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.platform.flags import actions
from pages._parts.frame import run_action
from pages.platform._flags import words


def of_environment(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """The buttons that fit the state of the environment."""
    if flag["archived_at"] is not None:
        return
    is_killed, is_paused = environment["killed_at"] is not None, environment["paused_at"] is not None
    with st.container(horizontal=True, gap="xsmall", width="content"):
        if actor.may("flags:update"):
            label, icon = ("Resume", ":material/resume:") if is_paused else ("Pause", ":material/pause:")
            if not is_killed and st.button(label, key="pause", icon=icon):
                (resume if is_paused else pause)(actor, flag, environment["environment"])
        if not actor.may("flags:kill"):
            return
        if is_killed and st.button("Revive", key="revive", icon=":material/restart_alt:"):
            revive(actor, flag, environment["environment"])
        if not is_killed and st.button(
            ":red[Kill]", key="kill", icon=":material/dangerous:", help="Off for everybody within two seconds."
        ):
            kill(actor, flag, environment["environment"])


def _off_value(flag: dict[str, Any]) -> str:
    return f"Everybody gets `{flag['off_variant']}`."


@st.dialog("Kill flag", icon=":material/dangerous:")
def kill(actor: Actor, flag: dict[str, Any], environment: str) -> None:
    """Off for everybody, past review and maintenance. In production the key is typed, so that it is the right flag."""
    st.error(
        f"**{words.plain(flag['name'])}** goes off in **{environment}** within two seconds, for everybody and whatever "
        f"the rules, overrides and ramps say, until somebody revives it. {_off_value(flag)}"
    )
    with st.form("kill_flag", border=False):
        reason = st.text_area("Reason", key="kill_reason", max_chars=500, placeholder="What is going wrong")
        typed = flag["key"]
        if environment == "production":
            typed = st.text_input("Type the flag's key", key="kill_key", placeholder=flag["key"])
        if st.form_submit_button("Kill", type="primary", key="kill_submit", icon=":material/dangerous:"):
            run_action(_kill, actor, flag, environment, typed=typed, reason=reason, done="Killed.")


def _kill(actor: Actor, flag: dict[str, Any], environment: str, *, typed: str, reason: str) -> None:
    if typed.strip() != flag["key"]:
        sentence = f"This is not the key of the flag. Type {flag['key']}."
        raise Invalid(sentence, {"key": sentence})
    actions.kill(actor, flag["id"], environment, reason=reason)


@st.dialog("Revive flag")
def revive(actor: Actor, flag: dict[str, Any], environment: str) -> None:
    """Back to what is written in the targeting."""
    _with_reason(
        actor, flag, environment, actions.revive, "Revive", "Revived.",
        f"goes back to its targeting in **{environment}**, as it is written now.",
    )  # fmt: skip


@st.dialog("Pause flag")
def pause(actor: Actor, flag: dict[str, Any], environment: str) -> None:
    """Off until it is resumed; the ramp waits."""
    _with_reason(
        actor, flag, environment, actions.pause, "Pause", "Paused.",
        f"is off in **{environment}** until somebody resumes it, and its ramp waits. {_off_value(flag)}",
    )  # fmt: skip


@st.dialog("Resume flag")
def resume(actor: Actor, flag: dict[str, Any], environment: str) -> None:
    """Back to what is written in the targeting."""
    _with_reason(
        actor,
        flag,
        environment,
        actions.resume,
        "Resume",
        "Resumed.",
        f"goes back to its targeting in **{environment}**.",
    )


def _with_reason(
    actor: Actor, flag: dict[str, Any], environment: str, action: Any, verb: str, done: str, told: str
) -> None:
    st.markdown(f"**{words.plain(flag['name'])}** {told}")
    with st.form(f"{verb.lower()}_flag", border=False):
        reason = st.text_area("Reason", key=f"{verb.lower()}_reason", max_chars=500)
        if st.form_submit_button(verb, type="primary", key=f"{verb.lower()}_submit"):
            run_action(action, actor, flag["id"], environment, reason=reason, done=done)
