"""The targeting of one flag in one environment: everything that is edited and saved together."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import draft, guardrails, prerequisites, readings, rollout, rules, saving, times


def show(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """The editor for those who may change flags, and the same in words for everybody else."""
    if not actor.may("flags:update") or flag["archived_at"] is not None:
        readings.show(actor, flag, environment)
        return
    edited = draft.of(environment)
    counts = queries.who_has_counts(actor, flag["id"], environment["environment"])
    left, right = st.columns([5, 2], gap="medium")
    with left:
        rollout.switch(edited, environment["environment"])
        rules.edit(actor, edited, flag, queries.segments(actor))
        rollout.edit(edited, flag, counts)
        _further(actor, edited, flag)
    with right:
        readings.now(counts)
    saving.bar(actor, flag, environment, edited)


def _further(actor: Actor, edited: draft.Draft, flag: dict[str, Any]) -> None:
    """What most flags do not have; what is set is told in the title of its part."""
    here, values = zone(actor), edited.values
    planned = [values[name] for name in ("enable_at", "disable_at") if values[name] is not None]
    _part(edited, "Ramp", values["ramp"], ":material/trending_up:", lambda: times.ramp(edited, here))
    _part(edited, "Schedule", planned, ":material/schedule:", lambda: times.schedule(edited, here))
    needed, icon = values["prerequisites"], ":material/account_tree:"
    _part(edited, "Prerequisites", needed, icon, lambda: prerequisites.edit(actor, edited, flag))
    guards, icon = values["guardrails"], ":material/health_and_safety:"
    _part(edited, "Guardrails", guards, icon, lambda: guardrails.edit(actor, edited))


def _part(edited: draft.Draft, title: str, rows: list[Any], icon: str, body: Callable[[], None]) -> None:
    """A part that runs only while it is open; open at first when something is in it."""
    part = st.expander(title, expanded=bool(rows), icon=icon, key=edited.key("part", title.lower()), on_change="rerun")
    if part.open:
        with part:
            body()
