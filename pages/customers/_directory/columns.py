"""The columns of the directory: how each is called, shown and sorted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.summaries.health import HEALTHS
from core.customers.summaries.queries import RIGHTS
from core.customers.tenants import rules
from core.kernel.actor import Actor

STATUS_COLOURS = {"Active": "green", "Trial": "blue", "Suspended": "orange", "Deleted": "gray", "Purged": "gray"}
HEALTH_COLOURS = {"Healthy": "green", "Degraded": "orange", "Down": "red", "Unknown": "gray"}
assert {one.capitalize() for one in HEALTHS} == set(HEALTH_COLOURS)
assert {one.capitalize() for one in rules.STATUSES} == set(STATUS_COLOURS)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, chip, number, money, day or moment. Figures and moments are sorted from the largest at first."""

    label: str
    kind: str = "text"
    help: str | None = None
    width: int | None = None
    is_sortable: bool = True

    @property
    def begins_descending(self) -> bool:
        return self.kind in ("number", "money", "moment")


COLUMNS: dict[str, Column] = {
    "name": Column("Name", width=220),
    "domain": Column("Domain", width=190),
    "status": Column("Status", "chip", width=95),
    "tier": Column("Plan", width=90),
    "health": Column("Health", "chip", "Out of its monitors, alerts and requests.", width=95),
    "health_reason": Column("Why", help="What its health is judged by.", width=240, is_sortable=False),
    "seats_used": Column("Seats used", "number", "People in service, of the seats it may fill.", 95),
    "users_active_30d": Column("Active users", "number", "People seen in 30 days.", 95),
    "messages_30d": Column("Messages", "number", "Sent in 30 days.", 95),
    "api_calls_30d": Column("API calls", "number", "Of its own keys, in 30 days.", 95),
    "errors_24h": Column("Errors", "number", "In 24 hours.", 75),
    "open_alerts": Column("Open alerts", "number", width=90),
    "open_tickets": Column("Open tickets", "number", "Tickets that are not resolved or closed.", 95),
    "mrr": Column("MRR", "money", "Monthly recurring revenue.", 110),
    "revenue_30d": Column("Revenue", "money", "Invoices paid in 30 days.", 110),
    "csm": Column("CSM", help="The operator who answers for it.", width=130),
    "region": Column("Region", width=75),
    "tags": Column("Tags", width=160),
    "trial_ends_on": Column("Trial ends", "day", width=100),
    "created_at": Column("Created", "moment", width=100),
}
FIRST = ("name", "status", "tier", "health", "seats_used", "messages_30d", "revenue_30d", "open_tickets", "csm", "region",
         "created_at")  # fmt: skip


def offered(actor: Actor) -> list[str]:
    """The columns that the actor may see."""
    return [name for name in COLUMNS if name not in RIGHTS or actor.may(RIGHTS[name])]


def config(names: Iterable[str], *, zone: str, sorted_by: str = "", arrow: str = "") -> dict[str, Any]:
    """For st.dataframe; the label of the sorted column says in which direction."""
    marks = {sorted_by: f" {arrow}"}
    return {name: _config(name, COLUMNS[name], COLUMNS[name].label + marks.get(name, ""), zone) for name in names}


def _config(name: str, column: Column, label: str, zone: str) -> Any:
    about: dict[str, Any] = {"label": label, "help": column.help, "width": column.width}
    if column.kind == "chip":
        colours = STATUS_COLOURS if name == "status" else HEALTH_COLOURS
        return st.column_config.MultiselectColumn(options=list(colours), color=list(colours.values()), **about)
    if name == "seats_used":
        return st.column_config.TextColumn(alignment="right", **about)
    return _KINDS.get(column.kind, _text)(name, about, zone)


def _text(name: str, about: dict[str, Any], _zone: str) -> Any:
    if name == "tags":
        return st.column_config.ListColumn(**about)
    return st.column_config.TextColumn(pinned=name == "name", **about)


_KINDS: dict[str, Callable[[str, dict[str, Any], str], Any]] = {
    "number": lambda _name, about, _zone: st.column_config.NumberColumn(format="localized", **about),
    "money": lambda _name, about, _zone: st.column_config.TextColumn(alignment="right", **about),
    "day": lambda _name, about, _zone: st.column_config.DateColumn(**about),
    "moment": lambda _name, about, zone: st.column_config.DatetimeColumn(format="YYYY-MM-DD", timezone=zone, **about),
}


def shown(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The columns as they are read: chips, quota beside use, amounts with their currency."""
    given = {
        "status": lambda: [[one.capitalize()] for one in frame["status"]],
        "health": lambda: [[one.capitalize()] for one in frame["health"]],
        "tier": frame["tier"].str.capitalize,
        "seats_used": lambda: [_seats(*pair) for pair in zip(frame["seats_used"], frame["seats"], strict=True)],
        "mrr": lambda: amounts(frame, "mrr"),
        "revenue_30d": lambda: amounts(frame, "revenue_30d"),
    }
    return pd.DataFrame({name: given[name]() if name in given else frame[name] for name in names}, index=frame.index)


def _seats(used: Any, seats: Any) -> str | None:
    return None if pd.isna(used) else f"{used:,} of {seats:,}"


def amounts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Amounts with their currency; None where unknown."""
    pairs = zip(frame[name], frame["currency"], strict=True)
    return [None if pd.isna(amount) else f"{amount:,.2f} {currency}" for amount, currency in pairs]


def labels(names: Mapping[Any, str]) -> dict[Any, str]:
    """The colleagues' names, told apart by a part of their id where two are the same."""
    known = list(names.values())
    return {key: name if known.count(name) == 1 else f"{name} ({str(key)[:8]})" for key, name in names.items()}
