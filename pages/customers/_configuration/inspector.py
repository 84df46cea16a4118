"""What counts for one tenant, where it comes from, and one setting in full."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.configuration import queries
from core.customers.configuration.catalogue import AREAS
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts import exporting
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.customers._configuration import setting, tenants, words


def show(actor: Actor) -> None:
    """The view of the page: first the tenant."""
    tenant_id = tenants.choose(actor, "Tenant", "tenant")
    if tenant_id is None:
        st.info("Choose a tenant to see what counts for it, and why.", icon=":material/tune:")
        return
    try:
        panel(actor, tenant_id)
    except NotFound as error:
        st.warning(str(error), icon=":material/search_off:")


def panel(actor: Actor, tenant_id: UUID) -> None:
    """Every setting of the tenant; a click opens one."""
    found = queries.effective(actor, tenant_id)
    opened = st.query_params.get("setting")
    if opened in set(found["key"]):
        setting.show(actor, tenant_id, found.set_index("key", drop=False).loc[opened].to_dict())
    shown = _filtered(actor, tenant_id, found)
    _problems(found)
    if shown.empty:
        st.info("No setting matches. Clear a filter.", icon=":material/inbox:")
        return
    _grid(actor, shown)


def _filtered(actor: Actor, tenant_id: UUID, found: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="setting_text",
            bind="query-params",
            placeholder="Name or key",
            icon=":material/search:",
            width=260,
        )
        areas = st.multiselect("Area", AREAS, key="setting_area", bind="query-params", width=260)
        sources = st.multiselect(
            "From", list(words.SOURCES), format_func=words.SOURCES.__getitem__, key="setting_from", bind="query-params",
            width=220,
        )  # fmt: skip

        def again(who: Actor) -> pd.DataFrame:
            return told(_narrowed(queries.effective(who, tenant_id), text, areas, sources))

        filters = {"text": text, "areas": areas, "sources": sources}
        exporting.button(actor, "configuration", again, filters=filters, tenant_id=tenant_id)
    return _narrowed(found, text, areas, sources)


def _narrowed(found: pd.DataFrame, text: str, areas: list[str], sources: list[str]) -> pd.DataFrame:
    wanted = text.strip().lower()
    has_text = (
        (found["title"] + " " + found["key"] + " " + found["about"]).str.lower().str.contains(wanted, regex=False)
    )
    kept = has_text & (found["area"].isin(areas) | (not areas)) & (found["source"].isin(sources) | (not sources))
    return found[kept]


def _problems(found: pd.DataFrame) -> None:
    for row in found[found["problem"].notna()].to_dict("records"):
        st.warning(f"{row['title']}: {plain(row['problem'])}", icon=":material/error:")


def told(found: pd.DataFrame) -> pd.DataFrame:
    """As text, for the grid and for exports: secrets are set or not set."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "setting": found["title"], "value": [words.of_row(row) for row in rows],
            "source": found["source"].map(words.SOURCES), "marks": [_marks(row) for row in rows], "area": found["area"],
            "until": found["expires_at"], "set_by": found["set_by_name"], "reason": found["reason"],
            "key": found["key"],
        }
    )  # fmt: skip


def _marks(row: Mapping[Any, Any]) -> list[str]:
    known = {
        "Sensitive": row["sensitivity"] == "sensitive", "Secret": row["sensitivity"] == "secret",
        "Limited": row["control"] == "limited", "Request waits": bool(row["waiting"]),
    }  # fmt: skip
    return [name for name, holds in known.items() if holds]


def _grid(actor: Actor, shown: pd.DataFrame) -> None:
    rows = told(shown)
    own = rows if (shown["version"] > 0).any() else rows.drop(columns=["until", "set_by", "reason"])
    event = st.dataframe(
        own, hide_index=True, key=table_key("settings"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(shown) < 12 else 560,
        column_config={
            "setting": st.column_config.TextColumn("Setting", width=230),
            "value": st.column_config.TextColumn("Value", width=170),
            "source": st.column_config.TextColumn("From", width=80),
            "area": st.column_config.TextColumn("Area", width=110),
            "until": st.column_config.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor)), width=140),
            "set_by": st.column_config.TextColumn("Set by", width=120),
            "reason": st.column_config.TextColumn("Why", width=200),
            "marks": st.column_config.ListColumn("Marks", width=150),
            "key": st.column_config.TextColumn("Key", width=180),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("settings", "setting", shown["key"].iloc[event.selection.rows[0]])
