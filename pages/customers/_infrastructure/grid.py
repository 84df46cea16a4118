"""The grid of records; a click opens one."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.customers._infrastructure import texts

SHOWN = ["tenant", "status", "agreement", "tenant_region", "place", "host", "database_name", "specs", "progress", "steps_late",
         "provisioned_at", "created_at"]  # fmt: skip


def show(actor: Actor, frame: pd.DataFrame) -> None:
    """The page of records that was read; what is not known is told so."""
    rows = frame.to_dict("records")
    shown = frame.assign(
        tenant=[texts.title(row) for row in rows],
        place=[texts.place(row) for row in rows],
        specs=[texts.specs(row) for row in rows],
        status=frame["status"].str.capitalize(),
        agreement=frame["agreement"].map(texts.AGREEMENTS).where(frame["status"] != "retired"),
        progress=frame["steps_done"] / frame["steps"].where(frame["steps"] > 0) * 100,
    )
    viewer = str(zone(actor))
    event = st.dataframe(
        shown[SHOWN], hide_index=True, key=table_key("infrastructure"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=180),
            "status": st.column_config.TextColumn("Status", width=90),
            "agreement": st.column_config.TextColumn("Residency", width=110),
            "tenant_region": st.column_config.TextColumn("Tenant's region", width=100),
            "place": st.column_config.TextColumn("Lies in", width=200),
            "host": st.column_config.TextColumn("Host", width=200),
            "database_name": st.column_config.TextColumn("Database", width=120),
            "specs": st.column_config.TextColumn("Size", width=220),
            "progress": st.column_config.ProgressColumn("Checklist", format="%.0f %%", min_value=0, max_value=100, width=100),
            "steps_late": st.column_config.NumberColumn("Late steps", width=80),
            "provisioned_at": st.column_config.DatetimeColumn("Ready since", format="YYYY-MM-DD", timezone=viewer, width=95),
            "created_at": st.column_config.DatetimeColumn("Requested", format="YYYY-MM-DD", timezone=viewer, width=95),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("infrastructure", "record", frame["id"].iloc[event.selection.rows[0]])
