"""The grid to edit: several tickets are typed over and saved together, each on its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.tickets import bulk, rules
from pages._parts.edit_grid import EditGrid
from pages._parts.frame import zone
from pages.support import _words as words
from pages.support._queue import columns, known
from pages.support._queue.choices import Choices

FIELDS = {
    "subject": "subject", "status": "status", "priority": "priority", "category": "category", "tags": "tags",
    "assignee": "assignee_id", "team": "team_id",
}  # fmt: skip
GRID = EditGrid("tickets", "reference", FIELDS)


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices) -> None:
    """The rows with their editor, what could not be saved, and the buttons."""
    colleagues, teams = known.colleagues(actor), known.teams(actor)
    names = [name for name in chosen.columns if name != "unread"]
    config = _config(actor, names, list(colleagues.values()), list(teams.values()))
    GRID.problems()
    GRID.rows(_loaded(frame, names, colleagues, teams), names, config)
    ids: dict[str, Mapping[Any, Any]] = {
        "assignee": {label: one for one, label in colleagues.items()}, "team": {name: one for one, name in teams.items()},
        "status": {title: one for one, title in words.STATUS.items()},
        "priority": {title: one for one, title in words.PRIORITY.items()},
    }  # fmt: skip
    GRID.buttons(actor, bulk.update_many, ids, shown=set(frame["id"]))


def _loaded(
    frame: pd.DataFrame, names: list[str], colleagues: Mapping[UUID, str], teams: Mapping[UUID, str]
) -> pd.DataFrame:
    """What is stored, in the editor's form: read-only columns as they are read, the others as they are typed."""
    typed = frame.assign(
        assignee=_labels(frame["assignee_id"], colleagues),
        team=_labels(frame["team_id"], teams),
        status=frame["status"].map(words.STATUS), priority=frame["priority"].map(words.PRIORITY),
    )[[name for name in names if name in FIELDS]]  # fmt: skip
    read_only = columns.shown(frame, [name for name in names if name not in FIELDS], utc_now())
    about = frame[[name for name in ("id", "version", "reference") if name not in names]]
    return pd.concat([about, typed, read_only], axis=1)


def _labels(ids: pd.Series, names: Mapping[UUID, str]) -> Any:
    return [names.get(UUID(one)) if isinstance(one, str) else None for one in ids]


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
    read_only = columns.config([name for name in names if name not in FIELDS], zone=str(zone(actor)))
    return read_only | {name: one for name, one in typed.items() if name in names}
