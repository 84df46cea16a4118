"""All monitors: how many are how, the table, and what can be done with several at once."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.monitors import actions, queries
from core.health.monitors.queries import Filters
from core.health.monitors.queries.lists import Sort
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import live, run_action
from pages.health._monitors import acts, checker, create, filters, grid, texts
from pages.health._monitors.dialogs import dialogs

_FRAME, _TURN, _CHOSEN = "monitors_frame", "monitors_turn", "monitors_chosen"


def show(actor: Actor) -> None:
    """Filters above, then the part that refreshes by itself."""
    create.show(actor)
    if dialogs.is_open("pause_many"):
        _pause_many(actor)
    wanted, sort = filters.ask(actor)
    _table(actor, wanted, sort)


@live("5s")
def _table(actor: Actor, wanted: Filters, sort: Sort) -> None:
    present = checker.warn(actor)
    counts = queries.counts(actor)
    if not sum(counts.values()):
        _none(actor)
        return
    _counts(counts)
    way = paging.trail("monitors", (wanted, sort))
    frame, following = _page(actor, wanted, sort, way)
    if frame.empty:
        st.info("No monitor matches. Clear a filter, or search for something else.", icon=":material/inbox:")
        create.button(actor)
        return
    rows, clicked = grid.show(actor, frame, key=_grid())
    if clicked is not None:
        _open(frame["id"].iloc[clicked])
    _acts(actor, frame.iloc[rows], checker.line(present))
    paging.buttons("monitors", way, len(frame), following, lambda: queries.count(actor, wanted))


def _none(actor: Actor) -> None:
    """The very first time."""
    st.info(
        "**Nothing is watched yet.** A monitor looks at a URL, a port, a DNS record or a certificate at an interval, or waits "
        "for a call of a job that must run. It says since when something is down, and why.",
        icon=":material/network_check:",
    )
    create.button(actor)


def _counts(counts: dict[str, int]) -> None:
    with st.grid(5, gap="small", min_column_width=110):
        for name in texts.WORST_FIRST:
            _, icon, colour = texts.STATES[name]
            tone = colour if counts[name] else "gray"
            st.metric(f":{tone}[{icon}] {texts.state(name)}", f"{counts[name]:,}", border=True)


def _page(actor: Actor, wanted: Filters, sort: Sort, way: list[str]) -> tuple[pd.DataFrame, str | None]:
    """The page; while rows are ticked it stands still, so that a place still means the same monitor."""
    place = (wanted, sort, tuple(way))
    held, kept = st.session_state.get(_grid()), st.session_state.get(_FRAME)
    if held and (held["selection"]["rows"] or held["selection"]["cells"]) and kept and kept[0] == place:
        return kept[1], kept[2]
    found = queries.directory(actor, wanted, sort=sort, after=paging.after(way), limit=paging.SIZE)
    st.session_state[_FRAME] = (place, found.frame, found.next)
    return found.frame, found.next


def _grid() -> str:
    return f"monitors_{st.session_state.get(_TURN, 0)}"


def _unselect() -> None:
    """A grid of another name has no selection, and so shows what is there by now."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _open(monitor_id: object) -> None:
    _unselect()
    st.query_params["monitor"] = str(monitor_id)
    st.rerun()


def _acts(actor: Actor, chosen: pd.DataFrame, told: str) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        create.button(actor)
        if actor.may("monitors:update"):
            _bulk(actor, chosen)
        st.caption(f"{len(chosen)} ticked; the table stands still meanwhile." if len(chosen) else told)


def _bulk(actor: Actor, chosen: pd.DataFrame) -> None:
    paused = chosen["is_paused"].astype(bool) if len(chosen) else pd.Series(dtype=bool)
    running, resting = _ids(chosen[~paused]), _ids(chosen[paused])
    if st.button(_counted("Pause", running), key="pause_many", icon=":material/pause:", disabled=not running):
        st.session_state[_CHOSEN] = running
        dialogs.open_now("pause_many")
    if st.button(_counted("Resume", resting), key="resume_many", icon=":material/play_arrow:", disabled=not resting):
        run_action(_resume, actor, resting, done=lambda count: f"{texts.count(count, 'monitor')} resumed.")


def _ids(frame: pd.DataFrame) -> list[UUID]:
    return [UUID(str(one)) for one in frame["id"]]


def _counted(label: str, ids: list[UUID]) -> str:
    return f"{label} {len(ids)}" if ids else label


def _resume(actor: Actor, ids: list[UUID]) -> int:
    count = actions.resume(actor, ids)
    _unselect()
    return count


@st.dialog("Pause monitors", on_dismiss=dialogs.close)
def _pause_many(actor: Actor) -> None:
    ids: list[Any] = st.session_state.get(_CHOSEN, [])
    st.write(
        f"{texts.count(len(ids), 'monitor')} will not be checked until resumed. The time counts for no availability."
    )
    acts.pause_form(actor, ids, then=_unselect)
