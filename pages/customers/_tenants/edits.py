"""What was edited in the grid, against what was loaded."""

from typing import Any
from uuid import UUID

import pandas as pd

from core.customers.tenants import rules
from core.customers.tenants.actions import Edit


def with_kept(frame: pd.DataFrame, kept: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The loaded rows with the edits that could not be saved yet, so that nobody types them again."""
    shown = frame.copy()
    for tenant_id, values in kept.items():
        for field, value in values.items():
            shown.loc[shown["id"] == tenant_id, field] = value
    return shown


def changes(loaded: pd.DataFrame, edited: pd.DataFrame) -> list[Edit]:
    """One Edit per row that differs from what was loaded, with the changed columns only."""
    found = []
    for before, after in zip(loaded.to_dict("records"), edited.to_dict("records"), strict=True):
        values = {name: after[name] for name in rules.EDITABLE if not _same(before[name], after[name])}
        if values:
            found.append(Edit(UUID(before["id"]), int(before["version"]), values))
    return found


def _same(one: Any, other: Any) -> bool:
    return bool((pd.isna(one) and pd.isna(other)) or one == other)
