"""Sending a window of deliveries again: choose, look at what it would be, do it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.webhooks import actions, queries
from core.platform.webhooks.actions import MOST_REPLAYED, Window
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.platform._webhooks import choosing, messages, texts
from pages.platform._webhooks.dialogs import dialogs

_ONLY_FAILED, _ALL = "Only failed ones", "All that are finished"
_SPANS = {
    "Hour": timedelta(hours=1),
    "24 hours": timedelta(days=1),
    "7 days": timedelta(days=7),
    "All time": timedelta(days=3_650),
}
_CHOOSE = "From … to …"
MINUTE = timedelta(minutes=1)


@st.dialog("Replay a window", width="large", on_dismiss=dialogs.close)
def dialog(actor: Actor, webhook: dict[str, Any] | None) -> None:
    """For this endpoint, or for one that is chosen here."""
    st.write("They are sent again with their ids of before, so that a receiver can tell what it has seen.")
    webhook_id = (
        webhook["id"]
        if webhook
        else choosing.endpoint(actor, placeholder="Choose one", key="replay_endpoint", in_address=False)
    )
    window = _window(actor, webhook_id)
    if window is None:
        return
    count, first = queries.replay_preview(actor, window)
    if not count:
        st.info("No such delivery lies in this window.", icon=":material/inbox:")
        return
    _preview(actor, count, first)
    if count > MOST_REPLAYED:
        st.warning(
            f"A replay sends at most {MOST_REPLAYED:,} at once. Choose a shorter window.", icon=":material/warning:"
        )
        return
    label = f"Replay {texts.count(count, 'delivery', 'deliveries')}"
    if st.button(label, key="replay_submit", type="primary", icon=":material/replay:"):
        run_action(actions.replay, actor, window, expected=count, done=dialogs.closing(_said))


def _said(count: int) -> str:
    return f"{texts.count(count, 'delivery', 'deliveries')} sent again."


def _window(actor: Actor, webhook_id: UUID | None) -> Window | None:
    here = zone(actor)
    left, right = st.columns(2)
    with left:
        span = st.segmented_control("When", [*_SPANS, _CHOOSE], default="24 hours", key="replay_span", required=True)
    with right:
        kind = st.segmented_control(
            "Which", [_ONLY_FAILED, _ALL], default=_ONLY_FAILED, key="replay_kind", required=True
        )
    since, until = _moments(here, span)
    st.caption(f"By when the delivery was created, in times of {here.key}. What waits is sent anyway.")
    if webhook_id is None or since is None or until is None:
        return None
    if since >= until:
        st.error("The window must end after it begins.", icon=":material/error:")
        return None
    return Window(webhook_id, since, until, kind == _ONLY_FAILED)


def _moments(here: ZoneInfo, span: str) -> tuple[datetime | None, datetime | None]:
    """Begin and end, which is the end of this minute unless it is chosen."""
    now = (datetime.now(here) + MINUTE).replace(second=0, microsecond=0)
    if span != _CHOOSE:
        return now - _SPANS[span], now
    left, right = st.columns(2)
    since = left.datetime_input("From", (now - timedelta(days=1)).replace(tzinfo=None), key="replay_since", step=60)
    until = right.datetime_input("To", now.replace(tzinfo=None), key="replay_until", step=60)
    return since and since.replace(tzinfo=here), until and until.replace(tzinfo=here)


def _preview(actor: Actor, count: int, first: pd.DataFrame) -> None:
    shown = (
        f"The first {len(first)} of {count:,}" if count > len(first) else texts.count(count, "delivery", "deliveries")
    )
    st.markdown(f"**{shown if count <= MOST_REPLAYED else f'The first {len(first)} of more than {MOST_REPLAYED:,}'}**")
    st.dataframe(
        messages.told(first)[["created_at", "event_type", "status", "answer", "message_id"]], hide_index=True,
        key="replay_preview", placeholder=UNKNOWN, height="content" if len(first) < 8 else 300,
        column_config=messages.columns(actor),
    )  # fmt: skip
