"""What happened, newest first: notes, states, and what was collected. It stays fresh while the incident runs."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import actions, queries, rules
from pages._parts.frame import live, run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import clock

KINDS = {
    "Notes": ("note",), "Course": ("declared", "status", "severity", "reopened", "merged", "edited"), "People": ("role", "page"),
    "Messages": ("message",), "Alerts": ("alert", "violation"), "Changes": ("flag", "deployment", "configuration", "access"),
    "Links and impact": ("link", "impact"),
}  # fmt: skip
_ICONS = {
    "declared": ":material/emergency_home:", "status": ":material/sync_alt:", "severity": ":material/priority_high:",
    "role": ":material/person:", "note": ":material/edit_note:", "link": ":material/link:", "merged": ":material/call_merge:",
    "reopened": ":material/undo:", "impact": ":material/groups:", "alert": ":material/notifications:",
    "violation": ":material/gpp_bad:", "flag": ":material/flag:", "deployment": ":material/rocket_launch:",
    "configuration": ":material/tune:", "access": ":material/key:", "message": ":material/campaign:",
    "page": ":material/phone_in_talk:", "edited": ":material/edit:",
}  # fmt: skip
FIRST, MOST = 40, 1_000
_TURN = "incident_note_turn"


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """Where a note is written, what is shown, and the lines."""
    if actor.may("incidents:update") and not incident["merged_into_id"]:
        _note(actor, incident)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.pills("Show", list(KINDS), selection_mode="multi", key="timeline_kinds", label_visibility="collapsed",
                          bind="query-params")  # fmt: skip
        key_only = st.toggle(
            "Key events", key="timeline_key", bind="query-params", help="What belongs into the post-mortem."
        )
    kinds = tuple(kind for name in chosen for kind in KINDS[name])
    draw = _fresh if incident["status"] in rules.LIVE else _lines
    draw(actor, incident, kinds, key_only)


def _note(actor: Actor, incident: dict[str, Any]) -> None:
    """The text is kept until it was stored; then the next one begins empty."""
    turn = st.session_state.setdefault(_TURN, 0)
    key = f"note_{incident['id']}_{turn}"
    text = st.text_area(
        "Note", key=key, height=80, placeholder="What you see, try or decide", label_visibility="collapsed"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        is_key = st.toggle("Key event", key=f"{key}_is_key")
        at = _moment(actor, key)
        if st.button("Add note", key="note_submit", icon=":material/edit_note:"):
            run_action(actions.note, actor, incident["id"], text=text, at=at, is_key=is_key, done=_stored)


def _moment(actor: Actor, key: str) -> Any:
    """When it was, where that is not now."""
    with st.popover("Now", icon=":material/schedule:"):
        picked = st.datetime_input("It was at", None, key=f"{key}_at", step=60, width=240)
    return picked.replace(tzinfo=zone(actor)) if picked else None


def _stored(_: Any) -> str:
    st.session_state[_TURN] += 1
    return "Note added."


def _lines(actor: Actor, incident: dict[str, Any], kinds: tuple[str, ...], key_only: bool) -> None:
    wanted = st.session_state.get(_shown(incident), FIRST)
    found = queries.events(actor, incident["id"], kinds=kinds, key_only=key_only, limit=wanted + 1)
    rows = found.iloc[::-1].to_dict("records")
    if not rows:
        st.info("Nothing of this kind happened yet.", icon=":material/inbox:")
    for row in rows[:wanted]:
        _line(actor, incident, row)
    if len(rows) > wanted and wanted < MOST:
        st.button("Show earlier", key="timeline_more", icon=":material/expand_more:", on_click=_more, args=(incident,))


_fresh = live("10s")(_lines)


def _shown(incident: dict[str, Any]) -> str:
    return f"timeline_shown_{incident['id']}"


def _more(incident: dict[str, Any]) -> None:
    key = _shown(incident)
    st.session_state[key] = min(st.session_state.get(key, FIRST) * 3, MOST)


def _line(actor: Actor, incident: dict[str, Any], row: dict[Any, Any]) -> None:
    """Time, kind, what, who, and whether it belongs into the post-mortem. What others wrote is shown as it stands."""
    with st.container(horizontal=True, gap="small", vertical_alignment="top"):
        st.text(clock(row["at"], zone(actor), now=utc_now()), width=135)
        with st.container(width="stretch", gap=None):
            merged = "" if row["incident_id"] == str(incident["id"]) else " :gray-badge[From a merged incident]"
            st.markdown(f"{_ICONS[row['kind']]} {_told(row)}{merged}")
            st.caption(plain(row["actor_name"]))
        if actor.may("incidents:update"):
            _star(actor, row)
        elif row["is_key"]:
            st.markdown(":orange[:material/star:]", width="content")


def _told(row: dict[Any, Any]) -> str:
    lines = [plain(line) for line in str(row["text"]).splitlines()]
    text = "  \n".join(lines)
    return f"**{text}**" if row["is_key"] and len(lines) == 1 else text


def _star(actor: Actor, row: dict[Any, Any]) -> None:
    label, icon = ("Key", ":material/star:") if row["is_key"] else ("Mark", ":material/star_outline:")
    if st.button(
        label, key=f"star_{row['id']}", type="tertiary", icon=icon, help="Belongs into the post-mortem, or not."
    ):
        said = "No longer a key event." if row["is_key"] else "Marked as key event."
        run_action(actions.mark_key, actor, UUID(row["id"]), is_key=not row["is_key"], done=said)
