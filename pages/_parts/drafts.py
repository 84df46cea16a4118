"""What was typed into a grid and is not saved yet: it outlives other filters, pages and other people's changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(slots=True)
class Draft:
    """The typed values of one row by column, and the version they were typed over.

    `problem` says why the last attempt did not save it; `is_told` that the version of then is no longer the one to save over.
    """

    label: str
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


def keep(
    drafts: Drafts,
    loaded: pd.DataFrame,
    typed: Mapping[int, Mapping[str, Any]],
    *,
    fields: Mapping[str, str],
    label: str,
) -> None:
    """Puts what the editor knows of its rows into the drafts; `label` is the column that names a row.

    Columns that are not of `fields` are not for typing. What is typed back to what is stored is no draft.
    """
    for place, values in typed.items():
        row = loaded.iloc[int(place)]
        draft = drafts.setdefault(row["id"], Draft(row[label], int(row["version"])))
        draft.values |= {name: plain(value) for name, value in values.items() if name in fields}
        draft.values = {name: value for name, value in draft.values.items() if value != plain(row[name])}
        if not draft.values:
            del drafts[row["id"]]


def with_drafts(loaded: pd.DataFrame, drafts: Drafts) -> pd.DataFrame:
    """The rows with what was typed in place of what is stored."""
    shown = loaded.copy()
    for place, key in enumerate(loaded["id"]):
        for name, value in (drafts[key].values if key in drafts else {}).items():
            shown.at[shown.index[place], name] = value
    return shown


def rebase(drafts: Drafts, loaded: pd.DataFrame) -> None:
    """The operator has been told who changed these rows, and sees them: saving again puts his values over theirs."""
    for key, version in zip(loaded["id"], loaded["version"], strict=True):
        if key in drafts and drafts[key].is_told:
            drafts[key].version, drafts[key].is_told = int(version), False


def settle(drafts: Drafts, problems: Mapping[str, str]) -> tuple[int, int]:
    """After a save: keeps those with a problem and forgets the others. Returns how many of each: saved, kept."""
    tried = len(drafts)
    for key in list(drafts):
        if key in problems:
            drafts[key].problem, drafts[key].is_told = problems[key], True
        else:
            del drafts[key]
    return tried - len(drafts), len(drafts)


def saved(values: Mapping[str, Any], fields: Mapping[str, str], ids: Mapping[str, Mapping[Any, Any]]) -> dict[str, Any]:
    """Typed values by the field that is saved; `ids` turn what is chosen by label in a column into what is stored."""
    return {fields[name]: ids[name].get(value) if name in ids else value for name, value in values.items()}
