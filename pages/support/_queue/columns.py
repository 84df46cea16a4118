"""The columns of the queue: how each is called, shown and sorted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from pages.support import _words as words

MARK = "●"


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, chip, tags or moment. `sorts` are its orders in queries.SORTS, the first one first."""

    label: str
    kind: str = "text"
    help: str | None = None
    width: int | None = None
    sorts: tuple[str, ...] = ()


COLUMNS: dict[str, Column] = {
    "unread": Column("New", help="The customer wrote, and you have not read it.", width=45),
    "reference": Column("Number", width=95),
    "subject": Column("Subject", width=330),
    "status": Column("Status", "chip", width=110),
    "priority": Column("Priority", "chip", width=90),
    "left": Column("Time left", help="Until the first of its targets is due.", width=125, sorts=("due first",)),
    "sla": Column("SLA", "chip", width=95),
    "tenant": Column("Tenant", width=150),
    "requester_name": Column("Requester", width=140),
    "assignee": Column("Assignee", help="Nobody's where it is empty.", width=130),
    "team": Column("Team", width=110),
    "category": Column("Category", width=110),
    "tags": Column("Tags", "tags", width=150),
    "channel": Column("Channel", width=80),
    "created_at": Column("Created", "moment", width=125, sorts=("newest", "oldest")),
    "updated_at": Column("Changed", "moment", width=125, sorts=("changed last",)),
}
ALWAYS = ("unread", "reference", "subject")
FIRST = ("status", "priority", "left", "sla", "tenant", "assignee", "created_at")
OPENING = ("reference", "subject")  # a click on one of these cells opens the ticket
BY_SORT = {sort: name for name, column in COLUMNS.items() for sort in column.sorts}
_RISING = ("due first", "oldest")


def config(names: Iterable[str], *, zone: str, sort: str = "") -> dict[str, Any]:
    """For st.dataframe; the label of the sorted column says in which direction."""
    marks = {BY_SORT.get(sort, ""): " ↑" if sort in _RISING else " ↓"}
    return {name: _config(name, COLUMNS[name], COLUMNS[name].label + marks.get(name, ""), zone) for name in names}


def _config(name: str, column: Column, label: str, zone: str) -> Any:
    about: dict[str, Any] = {"label": label, "help": column.help, "width": column.width}
    if column.kind == "chip":
        names, colours = CHIPS[name]
        ordered = [colours[key] for key in names]
        return st.column_config.MultiselectColumn(options=list(names.values()), color=ordered, **about)
    if column.kind == "moment":
        return st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=zone, **about)
    if column.kind == "tags":
        return st.column_config.ListColumn(**about)
    return st.column_config.TextColumn(pinned=name in ALWAYS, **about)


CHIPS: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "status": (words.STATUS, words.STATUS_COLOURS), "priority": (words.PRIORITY, words.PRIORITY_COLOURS),
    "sla": (words.SLA, words.SLA_COLOURS),
}  # fmt: skip


def shown(frame: pd.DataFrame, names: Iterable[str], now: datetime) -> pd.DataFrame:
    """The columns as they are read: the number with its prefix, chips, the time left in words."""
    clocks = list(zip(frame["due_at"], frame["sla_state"], strict=True))
    given: dict[str, Callable[[], Any]] = {
        "unread": lambda: [MARK if is_unread else "" for is_unread in frame["is_unread"]],
        "status": lambda: [[words.STATUS[one]] for one in frame["status"]],
        "priority": lambda: [[words.PRIORITY[one]] for one in frame["priority"]],
        "left": lambda: [words.left(due_at, state, now) for due_at, state in clocks],
        "sla": lambda: [[words.SLA[words.state_now(due_at, state, now)]] for due_at, state in clocks],
        "assignee": lambda: frame["assignee"].fillna(frame["assignee_label"]),
        "channel": lambda: [words.CHANNEL[one] for one in frame["channel"]],
    }
    return pd.DataFrame({name: given[name]() if name in given else frame[name] for name in names}, index=frame.index)
