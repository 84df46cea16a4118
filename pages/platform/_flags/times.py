"""What happens by itself: the schedule and the ramp, in the viewer's zone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.platform.flags.conditions import as_moment
from pages.platform._flags import draft, words
from pages.platform._flags.draft import Draft


def pick(label: str, value: Any, zone: ZoneInfo, **given: Any) -> Any:
    """A time of the viewer's clock, or None. An untouched one comes back as it was, seconds included."""
    shown = as_moment(value).astimezone(zone).replace(second=0, microsecond=0, tzinfo=None) if value else None
    picked: datetime | None = st.datetime_input(label, shown, format="YYYY-MM-DD", step=timedelta(minutes=5), **given)
    if picked == shown:
        return value
    return picked.replace(tzinfo=zone) if picked else None


def schedule(edited: Draft, zone: ZoneInfo) -> None:
    """When the flag turns on and off by itself."""
    with st.container(horizontal=True):
        for name, label in (("enable_at", "Turn on at"), ("disable_at", "Turn off at")):
            edited.values[name] = pick(label, edited.values[name], zone, key=edited.key(name), width=230)
    st.caption(f"In your time zone, {zone.key}. Empty: never by itself.")


def ramp(edited: Draft, zone: ZoneInfo) -> None:
    """The steps by which the rollout rises."""
    steps = edited.values["ramp"]
    for step in steps:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            _step(edited, steps, step, zone)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Add step", key=edited.key("add_step"), icon=":material/add:", type="tertiary", on_click=_add,
            args=(steps, edited.values["rollout_percentage"], zone),
        )  # fmt: skip
        if steps:
            st.button(
                "Clear ramp",
                key=edited.key("clear_ramp"),
                icon=":material/close:",
                type="tertiary",
                on_click=steps.clear,
            )
    st.caption("Each step raises the rollout at its time. A paused flag waits." if steps else "There is no ramp.")


def _step(edited: Draft, steps: list[dict[str, Any]], step: dict[str, Any], zone: ZoneInfo) -> None:
    is_done = bool(step.get("applied_at"))
    step["at"] = pick("At", step["at"], zone, key=edited.key(step["uid"], "at"), width=230, disabled=is_done)
    percentage = st.number_input(
        "Rollout (%)", 0.0, 100.0, float(step["percentage"]), 5.0, format="%g", key=edited.key(step["uid"], "share"),
        width=140, disabled=is_done,
    )  # fmt: skip
    step["percentage"] = float(percentage)
    if is_done:
        st.badge(f"Done {words.moment(step['applied_at'], zone)}", color="green")
        return
    st.button(
        "", key=edited.key(step["uid"], "remove"), icon=":material/close:", type="tertiary",
        help="Remove this step", on_click=steps.remove, args=(step,),
    )  # fmt: skip


def _add(steps: list[dict[str, Any]], now_at: float, zone: ZoneInfo) -> None:
    """Twice the last percentage, a day later: what one would mostly want."""
    last = as_moment(steps[-1]["at"]) if steps and steps[-1]["at"] else words.today(zone)
    share = float(steps[-1]["percentage"] if steps else now_at)
    steps.append(draft.row(at=last + timedelta(days=1), percentage=min(100.0, max(5.0, share * 2)), applied_at=None))
