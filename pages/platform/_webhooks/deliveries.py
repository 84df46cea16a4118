"""The deliveries: find, open, send again, give up, replay a window."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.platform.webhooks import actions, queries
from core.platform.webhooks.catalogue import catalogue
from core.platform.webhooks.queries import DeliveryFilters
from pages._parts import paging
from pages._parts.frame import live, run_action
from pages._parts.moments import UNKNOWN
from pages.platform._webhooks import choosing, messages, replay, texts
from pages.platform._webhooks.dialogs import dialogs

PERIODS = {"Last hour": timedelta(hours=1), "24 hours": timedelta(days=1), "7 days": timedelta(days=7)}
_FRAME, _TURN = "deliveries_frame", "deliveries_turn"


def show(actor: Actor) -> None:
    """Filters, the table, and what can be done with the rows that are selected."""
    filters, period = _filters(actor)
    _table(actor, filters, period)


def turn_to(webhook_id: UUID) -> None:
    """For a button elsewhere: those of one endpoint, without the filters that were left set here."""
    state: dict[str, Any] = {"view": "Deliveries", "status": [], "type": [], "period": None, "id": ""}
    for key, value in state.items():
        st.session_state[key] = value
    st.query_params.pop("webhook", None)
    st.query_params[choosing.PARAMETER] = str(webhook_id)


def _filters(actor: Actor) -> tuple[DeliveryFilters, str | None]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        webhook_id = choosing.endpoint(actor, placeholder="Any webhook", key="deliveries_endpoint", width=210)
        statuses = st.multiselect(
            "Status", list(texts.STATUSES), key="status", bind="query-params", width=140, placeholder="Any",
            format_func=lambda one: texts.STATUSES[one][0],
        )  # fmt: skip
        kinds = st.multiselect(
            "Event", list(catalogue()), key="type", bind="query-params", width=150, placeholder="Any"
        )
        period = st.selectbox(
            "Created", list(PERIODS), None, key="period", bind="query-params", placeholder="Any time", width=115
        )
        text = st.text_input(
            "Id",
            key="id",
            bind="query-params",
            placeholder="msg_…",
            width=130,
            help="webhook-id, or the id of the delivery or of the event.",
        )
        if actor.may("webhooks:update") and st.button("Replay a window", key="replay", icon=":material/replay:"):
            dialogs.open_now("replay")
    if dialogs.is_open("replay"):
        replay.dialog(actor, None)
    return DeliveryFilters(webhook_id, tuple(statuses), tuple(kinds), text=text), period


@live("5s")
def _table(actor: Actor, filters: DeliveryFilters, period: str | None) -> None:
    way = paging.trail("deliveries", (filters, period))
    try:
        frame, following = _page(actor, filters, period, way)
    except Invalid as error:
        st.info(str(error), icon=":material/search:")
        return
    if frame.empty:
        _nothing(filters, period)
        return
    event = st.dataframe(
        messages.told(frame)[["created_at", "webhook", *messages.SHOWN[1:]]], hide_index=True, key=_grid(),
        on_select="rerun", selection_mode="multi-row", placeholder=UNKNOWN, column_config=messages.columns(actor),
        height="content" if len(frame) < 14 else 540,
    )  # fmt: skip
    _acts(actor, frame.iloc[event.selection.rows])
    paging.buttons("deliveries", way, len(frame), following)


def _page(
    actor: Actor, filters: DeliveryFilters, period: str | None, way: list[str]
) -> tuple[pd.DataFrame, str | None]:
    """The page; while rows are selected it stands still, so that a place still means the same delivery."""
    place = (filters, period, tuple(way))
    held, kept = st.session_state.get(_grid()), st.session_state.get(_FRAME)
    if held and held["selection"]["rows"] and kept and kept[0] == place:
        return kept[1], kept[2]
    since = utc_now() - PERIODS[period] if period else None
    found = queries.deliveries(
        actor, DeliveryFilters(filters.webhook_id, filters.statuses, filters.event_types, since, None, filters.text),
        after=paging.after(way), limit=paging.SIZE,
    )  # fmt: skip
    st.session_state[_FRAME] = (place, found.frame, found.next)
    return found.frame, found.next


def _grid() -> str:
    return f"deliveries_{st.session_state.get(_TURN, 0)}"


def _unselect() -> None:
    """A grid of another name has no selection, and so shows what is there by now."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _nothing(filters: DeliveryFilters, period: str | None) -> None:
    is_narrow = filters != DeliveryFilters() or period is not None
    message = "No delivery matches. Clear a filter, or choose a longer time." if is_narrow else (
        "Nothing was sent yet. An event that a webhook hears appears here at once."
    )  # fmt: skip
    st.info(message, icon=":material/inbox:")


def _acts(actor: Actor, chosen: pd.DataFrame) -> None:
    ids = [UUID(one) for one in chosen["id"]]
    waits = [UUID(one) for one in chosen.loc[chosen["status"] == "waiting", "id"]]
    row = st.container(horizontal=True, vertical_alignment="center")
    if row.button("Open", key="open_delivery", icon=":material/open_in_full:", disabled=len(ids) != 1):
        st.query_params["delivery"] = str(ids[0])
        st.rerun()
    if actor.may("webhooks:update"):
        if row.button(_counted("Retry", ids), key="retry", icon=":material/replay:", disabled=not ids):
            run_action(_retry, actor, ids, done=lambda count: f"{_named(count)} sent again.")
        if row.button(_counted("Cancel", waits), key="cancel", icon=":material/cancel:", disabled=not waits):
            run_action(_cancel, actor, waits, done=lambda count: f"{_named(count)} cancelled.")
    if ids:
        row.caption(f"{len(ids)} selected; the table stands still meanwhile.")


def _counted(label: str, ids: list[UUID]) -> str:
    return f"{label} {len(ids)}" if ids else label


def _named(count: int) -> str:
    return texts.count(count, "delivery", "deliveries")


def _retry(actor: Actor, ids: list[UUID]) -> int:
    count = actions.retry(actor, ids)
    _unselect()
    return count


def _cancel(actor: Actor, ids: list[UUID]) -> int:
    count = actions.cancel(actor, ids)
    _unselect()
    return count
