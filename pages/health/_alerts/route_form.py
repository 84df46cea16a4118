"""The form of a route."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from core.health.channels import routes as actions
from core.health.channels.rules import LONGEST_MINUTES, MAX_NAME, WEEKDAYS
from core.kernel.actor import Actor
from pages._parts.frame import run_action, zone
from pages.health._alerts import words
from pages.health._alerts.dialogs import dialogs

CREATE, EDIT = "create_route", "edit_route"
_FRESH: dict[str, Any] = {
    "name": "", "severities": [], "areas": [], "weekdays": [], "starts_at": None, "ends_at": None, "time_zone": None,
    "channel_ids": [], "continues": False, "escalate_after_minutes": None, "escalation_channel_ids": [],
    "repeat_every_minutes": None,
}  # fmt: skip


@st.dialog("Create route", width="large", on_dismiss=dialogs.close)
def create(actor: Actor, channels: pd.DataFrame) -> None:
    """The form of a new route, which is asked last."""
    with st.form("route_form", border=False):
        typed = _fields(actor, _FRESH, channels, "new_route")
        if st.form_submit_button("Create route", type="primary", key="new_route_submit"):
            run_action(actions.create, actor, **typed, done=dialogs.closing("Created."))


@st.dialog("Edit route", width="large", on_dismiss=dialogs.close)
def edit(actor: Actor, route: dict[Any, Any], channels: pd.DataFrame) -> None:
    """The same form with the route's values."""
    with st.form("route_edit", border=False):
        typed = _fields(actor, route, channels, f"route_{route['id']}")
        if st.form_submit_button("Save", type="primary", key="route_edit_submit"):
            version = dialogs.version()
            run_action(
                actions.edit, actor, UUID(str(route["id"])), version=version, **typed, done=dialogs.closing("Saved.")
            )


def _fields(actor: Actor, given: dict[Any, Any], channels: pd.DataFrame, key: str) -> dict[str, Any]:
    names: dict[UUID, str] = {UUID(str(key)): name for key, name in zip(channels["id"], channels["name"], strict=True)}
    typed = {"name": st.text_input("Name", given["name"], key=f"{key}_name", max_chars=MAX_NAME, placeholder="Nights")}
    typed |= _which(given, key) | {"channel_ids": _channels("Channels", given["channel_ids"], names, f"{key}_channels")}
    typed |= _when(actor, given, key)
    typed |= _escalation(given, names, key)
    typed["continues"] = st.checkbox("Continue with the routes below", bool(given["continues"]), key=f"{key}_continues")
    return typed


def _which(given: dict[Any, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    severities = left.multiselect(
        "Severities", list(words.SEVERITIES), list(given["severities"]), key=f"{key}_severities", placeholder="All",
        format_func=lambda one: words.SEVERITIES[one][0],
    )  # fmt: skip
    areas = right.multiselect(
        "Areas", words.areas(), list(given["areas"]), key=f"{key}_areas", placeholder="All", format_func=words.area
    )
    return {"severities": severities, "areas": areas}


def _channels(label: str, given: Any, names: dict[UUID, str], key: str, *, held: str = "Choose channels") -> list[UUID]:
    chosen = [one for one in given if one in names]
    return list(st.multiselect(label, list(names), chosen, key=key, format_func=names.__getitem__, placeholder=held))


def _when(actor: Actor, given: dict[Any, Any], key: str) -> dict[str, Any]:
    zones = sorted(available_timezones())
    days = st.multiselect(
        "Days", list(range(7)), list(given["weekdays"]), key=f"{key}_days", format_func=WEEKDAYS.__getitem__,
        placeholder="Every day",
    )  # fmt: skip
    begin, end, where = st.columns([1, 1, 2])
    mine = given["time_zone"] or str(zone(actor))
    return {
        "weekdays": days,
        "starts_at": begin.time_input("From", _known(given["starts_at"]), key=f"{key}_from"),
        "ends_at": end.time_input("To", _known(given["ends_at"]), key=f"{key}_to", help="Before From: over midnight."),
        "time_zone": where.selectbox(
            "Time zone", zones, zones.index(mine) if mine in zones else None, key=f"{key}_zone"
        ),
    }


def _escalation(given: dict[Any, Any], names: dict[UUID, str], key: str) -> dict[str, Any]:
    after, again = st.columns(2)
    minutes = after.number_input(
        "Escalate after (minutes)", 1, LONGEST_MINUTES, _whole(given["escalate_after_minutes"]), key=f"{key}_after",
        placeholder="Never", help="When nobody has acknowledged the alert by then.",
    )  # fmt: skip
    every = again.number_input(
        "Repeat every (minutes)", 1, LONGEST_MINUTES, _whole(given["repeat_every_minutes"]), key=f"{key}_every",
        placeholder="Once only", help="Until somebody acknowledges it, or it is over.",
    )  # fmt: skip
    others = _channels("Escalate to", given["escalation_channel_ids"], names, f"{key}_others", held="Nobody")
    return {
        "escalate_after_minutes": _whole(minutes), "repeat_every_minutes": _whole(every), "escalation_channel_ids": others,
    }  # fmt: skip


def _known(value: Any) -> Any:
    return None if words.is_unknown(value) else value


def _whole(value: Any) -> int | None:
    return None if words.is_unknown(value) else int(value)
