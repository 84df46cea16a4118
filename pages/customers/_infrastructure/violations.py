"""The view of residency violations: since when, by whom, and how each is settled."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.infrastructure import queries, residency
from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import exporting, paging
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago
from pages._parts.opening import open_row, table_key
from pages.customers._infrastructure import texts

_SHOWN = ["tenant", "tenant_region", "place", "opened_at", "caused_by_name", "cause"]
_OPEN = ["settle", "host", "status"]
_SETTLED = ["settled_at", "settled_by_name", "settlement"]


def show(actor: Actor) -> None:
    """Open violations, or those that are settled; a click opens their record."""
    text, is_open = _filters(actor)
    way = paging.trail("violations", (text, is_open))
    page = queries.violations(actor, text=text, is_open=is_open, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        told = (
            "Nothing matches."
            if text.strip()
            else "All infrastructure lies in its tenant's region, as far as is known."
        )
        st.info(told if is_open else "Nothing was settled yet.", icon=":material/verified_user:")
        return
    _grid(actor, page.frame, is_open)
    paging.buttons("violations", way, len(page.frame), page.next)
    st.caption(
        "A violation ends when the regions agree or the infrastructure is retired. Open one to see how to settle it."
    )


def _filters(actor: Actor) -> tuple[str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Tenant, host, database or id",
            icon=":material/search:",
        )
        is_settled = st.toggle("Settled ones", key="settled", bind="query-params")
        exporting.button(
            actor, "residency violations", lambda person: frames(person, queries.violated(text=text, is_open=not is_settled)),
            filters={"search": text, "settled": is_settled}, key="violations_export",
        )  # fmt: skip
    return text, not is_settled


def _grid(actor: Actor, frame: pd.DataFrame, is_open: bool) -> None:
    rows = frame.to_dict("records")
    shown = frame.assign(
        tenant=[texts.title(row) for row in rows], place=[texts.place(row) for row in rows],
        status=frame["status"].str.capitalize(), settle=[_first_way(row) for row in rows],
    )  # fmt: skip
    viewer = str(zone(actor))
    event = st.dataframe(
        shown[_SHOWN + (_OPEN if is_open else _SETTLED)], hide_index=True, key=table_key("violations"), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=180), "tenant_region": "Must lie in",
            "place": st.column_config.TextColumn("Lies in", width=210), "host": "Host", "status": "Status",
            "settle": st.column_config.TextColumn("To settle", width="large"),
            "opened_at": st.column_config.DatetimeColumn("Since", format="YYYY-MM-DD HH:mm", timezone=viewer),
            "cause": st.column_config.TextColumn("Because", width=200), "caused_by_name": "By",
            "settled_at": st.column_config.DatetimeColumn("Settled", format="YYYY-MM-DD HH:mm", timezone=viewer),
            "settled_by_name": "Settled by", "settlement": st.column_config.TextColumn("How", width=200),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("violations", "record", frame["infrastructure_id"].iloc[event.selection.rows[0]])


def _first_way(row: dict[Any, Any]) -> str:
    if texts.is_unknown(row["region_group"]):
        return "Say in the record where it lies."
    return residency.ways_to_settle(row["tenant_region"], row["region_group"], row["provider"])[0]


def of_record(actor: Actor, record: dict[str, Any]) -> None:
    """What a record violates now, and what ends it; nothing when it violates nothing."""
    if record["agreement"] == "agrees" or record["status"] == "retired":
        return
    found = queries.violations(actor, text=str(record["id"]), limit=1).frame
    since = _since(found.iloc[0], actor) if len(found) else "This is written down within the hour."
    if record["agreement"] == "violates":
        _violates(record, since)
    elif len(found):
        st.warning(
            f"It is unknown where this lies now, so its violation is not settled. {since}", icon=":material/gpp_maybe:"
        )


def _violates(record: dict[str, Any], since: str) -> None:
    ways = residency.ways_to_settle(record["tenant_region"], record["region_group"], record["provider"])
    listed = "\n".join(f"- {plain(way)}" for way in ways)
    must, lies = record["tenant_region"], plain(record["region_group"])
    st.error(
        f"The tenant's data must lie in {must}, and this lies in {lies}. {since}\n\nTo settle it:\n{listed}",
        icon=":material/gpp_bad:",
    )


def _since(row: pd.Series, actor: Actor) -> str:
    local = row["opened_at"].astimezone(zone(actor))
    told = ago(utc_now() - row["opened_at"])
    return f"Since {local:%d %b %Y %H:%M} ({told}), by {plain(row['caused_by_name'])}: {plain(row['cause'])}."
