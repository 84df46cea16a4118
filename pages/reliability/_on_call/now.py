"""Now: who is on call, pages that wait for somebody, and the viewer's own shifts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents.rules import number_of
from core.reliability.on_call import page_queries, pages, queries
from pages._parts.frame import live, run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import ago
from pages.reliability._on_call import words

MOST_PAGES, MOST_SHIFTS, AHEAD = 20, 10, timedelta(days=60)


def show(actor: Actor) -> None:
    """What needs somebody first, then who is there, then what the viewer has before him."""
    _present(actor)
    _own(actor)


@live("15s")
def _present(actor: Actor) -> None:
    _waiting(actor)
    found = queries.on_call_now(actor)
    if found.empty:
        st.info("There is no schedule yet. Create one under Schedules.", icon=":material/calendar_month:")
        return
    with st.grid(3, gap="small", min_column_width=240):
        for row in found.to_dict("records"):
            _card(actor, row)


def _card(actor: Actor, row: dict[Any, Any]) -> None:
    is_gap = words.is_unknown(row["operator"])
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.caption(plain(row["schedule"]))
        if is_gap:
            st.markdown(":red[:material/person_off: **Nobody is on call**]")
        else:
            st.markdown(f":material/phone_in_talk: **{plain(row['operator'])}**")
        st.caption(_until(actor, row))


def _until(actor: Actor, row: dict[Any, Any]) -> str:
    where = zone(actor)
    if words.is_unknown(row["until"]):
        return "No end in the next 35 days"
    until = f"Until {words.moment(row['until'], where)}"
    if words.is_unknown(row["next_operator"]):
        return f"{until}, then nobody"
    gap = "" if row["next_at"] == row["until"] else f"nobody until {words.moment(row['next_at'], where)}, then "
    return f"{until}, then {gap}{plain(row['next_operator'])}"


def _waiting(actor: Actor) -> None:
    found = page_queries.needed(actor)
    if found.empty:
        return
    st.subheader("Pages that nobody has acknowledged", anchor=False)
    now = utc_now()
    for row in found.head(MOST_PAGES).to_dict("records"):
        _page(actor, row, now)
    if len(found) > MOST_PAGES:
        st.caption(f"And {len(found) - MOST_PAGES} more, under Pages.")


def _page(actor: Actor, row: dict[Any, Any], now: datetime) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(row["status"].capitalize(), color=words.COLOURS[row["status"]])
        if words.is_unknown(row["number"]):
            st.markdown("An incident that you may not see", width="stretch")
        else:
            label = f"{words.SEVERITIES[row['severity']]} · {number_of(int(row['number']))} · {plain(row['title'])}"
            st.page_link(
                "reliability/incident.py", label=label, query_params={"id": row["incident_id"]}, width="stretch"
            )
        st.caption(_course(row, now), width="content")
        if actor.may("incidents:update") and st.button(
            "Acknowledge", key=f"acknowledge_{row['id']}", type="primary", icon=":material/check:"
        ):
            run_action(
                pages.acknowledge, actor, UUID(row["id"]), version=row["version"], done="Acknowledged. It is yours."
            )


def _course(row: dict[Any, Any], now: datetime) -> str:
    since = f"{plain(row['policy'])}, {ago(now - row['created_at'])}"
    if row["status"] == "exhausted":
        return f"{since}: everybody was called, and nobody has answered"
    again = f", round {row['round'] + 1}" if row["round"] else ""
    return f"{since}: step {min(row['step'] + 1, row['steps'])} of {row['steps']}{again} comes next"


def _own(actor: Actor) -> None:
    st.subheader("My shifts", anchor=False)
    now = utc_now()
    found = queries.own_shifts(actor, start=now, end=now + AHEAD)
    if found.empty:
        st.caption(f"You are not on call in the next {AHEAD.days} days.")
        return
    shown = found.head(MOST_SHIFTS)
    where = str(zone(actor))
    lasting = [words.length(row["ends_at"] - row["starts_at"]) for row in shown.to_dict("records")]
    st.dataframe(
        shown.assign(length=lasting), hide_index=True, key="own_shifts", height="content",
        column_order=["schedule", "starts_at", "ends_at", "length"],
        column_config={
            "schedule": "Schedule", "length": "Length",
            "starts_at": st.column_config.DatetimeColumn("From", format="ddd D MMM YYYY, HH:mm", timezone=where),
            "ends_at": st.column_config.DatetimeColumn("Until", format="ddd D MMM YYYY, HH:mm", timezone=where),
        },
    )  # fmt: skip
