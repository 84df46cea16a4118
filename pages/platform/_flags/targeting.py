"""The targeting of one flag in one environment: everything that is edited and saved together."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import draft, limits, readings, rollout, rules, saving, times


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
    with _part(edited, "Ramp", len(values["ramp"]), ":material/trending_up:"):
        times.ramp(edited, here)
    planned = sum(values[name] is not None for name in ("enable_at", "disable_at"))
    with _part(edited, "Schedule", planned, ":material/schedule:"):
        times.schedule(edited, here)
    with _part(edited, "Prerequisites", len(values["prerequisites"]), ":material/account_tree:"):
        limits.prerequisites(actor, edited, flag)
    with _part(edited, "Guardrails", len(values["guardrails"]), ":material/health_and_safety:"):
        limits.guardrails(actor, edited)


def _part(edited: draft.Draft, title: str, count: int, icon: str) -> Any:
    stored = (
        edited.base[title.lower()] if title != "Schedule" else [edited.base["enable_at"] or edited.base["disable_at"]]
    )
    label = f"{title} · {count}" if count else title
    return st.expander(label, expanded=any(stored), icon=icon, key=edited.key("part", title.lower()))
