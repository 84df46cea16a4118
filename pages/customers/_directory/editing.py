"""The grid to edit: several tenants are typed over and saved together, each on its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.tenants import bulk, queries, rules
from core.kernel.actor import Actor
from pages._parts.edit_grid import EditGrid
from pages._parts.frame import zone
from pages.customers._directory import columns
from pages.customers._directory.choices import Choices

FIELDS = {"name": "name", "domain": "domain", "region": "region", "tags": "tags", "csm": "csm_id"}
GRID = EditGrid("tenants", "name", FIELDS)


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices, labels: Mapping[UUID, str]) -> None:
    """The rows with their editor, what could not be saved, and the buttons."""
    names = list(chosen.columns)
    GRID.problems()
    GRID.rows(_loaded(frame, names, labels), names, _config(actor, names, labels))
    ids = {"csm": {label: csm for csm, label in labels.items()}}
    GRID.buttons(actor, bulk.update_many, ids, shown=set(frame["id"]))


def _loaded(frame: pd.DataFrame, names: list[str], labels: Mapping[UUID, str]) -> pd.DataFrame:
    """What is stored, in the editor's form: read-only columns as they are read, the others as they are typed."""
    given = frame.copy()
    given["csm"] = [labels.get(UUID(one)) if isinstance(one, str) else None for one in frame["csm_id"]]
    read_only = columns.shown(given, [name for name in names if name not in FIELDS])
    typed = given[[name for name in names if name in FIELDS]]
    about = given[[name for name in ("id", "version", "name") if name not in typed]]
    return pd.concat([about, typed, read_only], axis=1)


def _config(actor: Actor, names: list[str], labels: Mapping[UUID, str]) -> dict[str, Any]:
    """The columns that are typed over have their limits; the others are as in the grid to browse."""
    typed = {
        "name": st.column_config.TextColumn("Name", max_chars=rules.MAX_NAME, required=True, pinned=True, width=220),
        "domain": st.column_config.TextColumn("Domain", required=True, width=190),
        "region": st.column_config.SelectboxColumn("Region", options=list(rules.REGIONS), required=True, width=75),
        "csm": st.column_config.SelectboxColumn("CSM", options=list(labels.values()), width=130),
        "tags": st.column_config.MultiselectColumn("Tags", options=queries.tags(actor), accept_new_options=True, width=160)
        if "tags" in names else None,
    }  # fmt: skip
    read_only = columns.config([name for name in names if name not in FIELDS], zone=str(zone(actor)))
    return read_only | {name: one for name, one in typed.items() if name in names}
