"""What was typed into the grid and is not saved yet: it outlives other filters, pages and other people's changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pandas as pd

from core.support.tickets.bulk import Edit

# Columns of the grid by the field that is saved.
FIELDS = {
    "subject": "subject", "status": "status", "priority": "priority", "category": "category", "tags": "tags",
    "assignee": "assignee_id", "team": "team_id",
}  # fmt: skip


@dataclass(slots=True)
class Draft:
    """The typed values of one ticket by column, and the version they were typed over.

    `problem` says why the last attempt did not save it; `is_told` that the version of then is no longer the one to save over.
    """

    reference: str
    version: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None
    is_told: bool = False


Drafts = dict[str, Draft]


def plain(value: Any) -> Any:
    """A cell as it is compared and saved: a list, None for nothing, else the value."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, (list, tuple)):
        return list(value)
    return None if pd.isna(value) else value


def keep(drafts: Drafts, loaded: pd.DataFrame, typed: Mapping[int, Mapping[str, Any]]) -> None:
    """Puts what the editor knows of its rows into the drafts. What is typed back to what is stored is no draft."""
    for place, values in typed.items():
        row = loaded.iloc[int(place)]
        draft = drafts.setdefault(row["id"], Draft(row["reference"], int(row["version"])))
        draft.values |= {name: plain(value) for name, value in values.items() if name in FIELDS}
        draft.values = {name: value for name, value in draft.values.items() if value != plain(row[name])}
        if not draft.values:
            del drafts[row["id"]]


def rebase(drafts: Drafts, loaded: pd.DataFrame) -> None:
    """The operator has been told who changed these rows, and sees them: saving again puts his values over theirs."""
    for key, version in zip(loaded["id"], loaded["version"], strict=True):
        if key in drafts and drafts[key].is_told:
            drafts[key].version, drafts[key].is_told = int(version), False


def with_drafts(loaded: pd.DataFrame, drafts: Drafts) -> pd.DataFrame:
    """The rows with what was typed in place of what is stored."""
    shown = loaded.copy()
    for place, key in enumerate(loaded["id"]):
        for name, value in (drafts[key].values if key in drafts else {}).items():
            shown.at[shown.index[place], name] = value
    return shown


def edits(drafts: Drafts, ids: Mapping[str, Mapping[Any, Any]]) -> list[Edit]:
    """One Edit per draft; `ids` turn what is chosen by label in a column into what is stored."""
    return [Edit(UUID(key), one.version, _fields(one.values, ids)) for key, one in drafts.items()]


def _fields(values: Mapping[str, Any], ids: Mapping[str, Mapping[Any, Any]]) -> dict[str, Any]:
    return {FIELDS[name]: ids[name].get(value) if name in ids else value for name, value in values.items()}
