"""The grid to edit: several rows are typed over and saved together, each on its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.tickets import bulk, rules
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.support import _words as words
from pages.support._queue import columns, drafts, known
from pages.support._queue.choices import Choices
from pages.support._queue.drafts import Drafts

_DRAFTS, _BASE, _TURN = "tickets_drafts", "tickets_base", "tickets_turn"
Ids = Mapping[str, Mapping[Any, Any]]


def kept() -> Drafts:
    """What is not saved yet."""
    held: Drafts = st.session_state.setdefault(_DRAFTS, {})
    return held


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices) -> None:
    """The rows with their editor, what could not be saved, and the buttons."""
    held, colleagues, teams = kept(), known.colleagues(actor), known.teams(actor)
    for draft in [one for one in held.values() if one.problem]:
        st.error(
            f"{draft.reference}: {draft.problem} What you typed is kept: change it, or save again.",
            icon=":material/error:",
        )
    names = [name for name in chosen.columns if name != "unread"]
    loaded = _loaded(frame, names, colleagues, teams)
    drafts.rebase(held, loaded)
    key, base = _base(loaded, held)
    st.data_editor(
        base, key=key, placeholder=UNKNOWN, hide_index=True, height="content" if len(base) < 16 else 590, num_rows="fixed",
        column_order=names, column_config=_config(actor, names, list(colleagues.values()), list(teams.values())),
        disabled=[name for name in names if name not in drafts.FIELDS],
        on_change=lambda: drafts.keep(held, loaded, st.session_state[key]["edited_rows"]),
    )  # fmt: skip
    ids: dict[str, Mapping[Any, Any]] = {
        "assignee": {label: one for one, label in colleagues.items()}, "team": {name: one for one, name in teams.items()},
        "status": {title: one for one, title in words.STATUS.items()},
        "priority": {title: one for one, title in words.PRIORITY.items()},
    }  # fmt: skip
    _buttons(actor, held, ids, shown=set(frame["id"]))


def _loaded(
    frame: pd.DataFrame, names: list[str], colleagues: Mapping[UUID, str], teams: Mapping[UUID, str]
) -> pd.DataFrame:
    """What is stored, in the editor's form: read-only columns as they are read, the others as they are typed."""
    typed = frame.assign(
        assignee=_labels(frame["assignee_id"], colleagues),
        team=_labels(frame["team_id"], teams),
        status=frame["status"].map(words.STATUS), priority=frame["priority"].map(words.PRIORITY),
    )[[name for name in names if name in drafts.FIELDS]]  # fmt: skip
    read_only = columns.shown(frame, [name for name in names if name not in drafts.FIELDS], utc_now())
    about = frame[[name for name in ("id", "version", "reference") if name not in names]]
    return pd.concat([about, typed, read_only], axis=1)


def _labels(ids: pd.Series, names: Mapping[UUID, str]) -> Any:
    return [names.get(UUID(one)) if isinstance(one, str) else None for one in ids]


def _base(loaded: pd.DataFrame, held: Drafts) -> tuple[str, pd.DataFrame]:
    """The editor's key and rows. Rows stay what they were as long as the editor lives: its edits are by place."""
    of = (tuple(loaded["id"]), tuple(loaded["version"]), tuple(loaded.columns), st.session_state.get(_TURN, 0))
    past = st.session_state.get(_BASE)
    if past is None or past[0] != of:
        st.session_state[_BASE] = past = (of, drafts.with_drafts(loaded, held))
    return f"tickets_editor_{hash(of)}", past[1]


def _config(actor: Actor, names: list[str], colleagues: list[str], teams: list[str]) -> dict[str, Any]:
    """The columns that are typed over have their limits; the others are as in the grid to browse."""
    choose, write = st.column_config.SelectboxColumn, st.column_config.TextColumn
    typed = {
        "subject": write("Subject", max_chars=rules.MAX_SUBJECT, required=True, pinned=True, width=330),
        "status": choose("Status", options=list(words.STATUS.values()), required=True, width=110),
        "priority": choose("Priority", options=list(words.PRIORITY.values()), required=True, width=90),
        "category": write("Category", max_chars=rules.MAX_CATEGORY, width=110),
        "assignee": choose("Assignee", options=colleagues, width=130), "team": choose("Team", options=teams, width=110),
        "tags": st.column_config.MultiselectColumn(
            "Tags", options=known.tags(actor), accept_new_options=True, width=150
        ) if "tags" in names else None,
    }  # fmt: skip
    read_only = columns.config([name for name in names if name not in drafts.FIELDS], zone=str(zone(actor)))
    return read_only | {name: one for name, one in typed.items() if name in names}


def _buttons(actor: Actor, held: Drafts, ids: Ids, *, shown: set[str]) -> None:
    elsewhere = len([key for key in held if key not in shown])
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Save {len(held)} change{'' if len(held) == 1 else 's'}" if held else "Save"
        if st.button(label, key="save", type="primary", disabled=not held, icon=":material/save:"):
            run_action(_save, actor, ids, done=_told)
        if st.button("Discard", key="discard", disabled=not held):
            held.clear()
            renew()
            st.rerun()
        if elsewhere:
            st.caption(f"{elsewhere} of them not among the rows above.")


def _save(actor: Actor, ids: Ids) -> tuple[int, int]:
    held = kept()
    outcomes = bulk.update_many(actor, drafts.edits(held, ids))
    problems = {str(one.ticket_id): one.problem for one in outcomes if one.problem}
    for key in list(held):
        if key in problems:
            held[key].problem, held[key].is_told = problems[key], True
        else:
            del held[key]
    renew()
    return len(outcomes) - len(problems), len(problems)


def renew() -> None:
    """Begins a new editor, on what is stored now."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _told(result: tuple[int, int]) -> str:
    saved, failed = result
    return f"Saved {saved}." if not failed else f"Saved {saved}; {failed} could not be saved and are kept for you."
