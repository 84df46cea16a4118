"""The table of deliveries: its columns in words."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages.platform._webhooks import texts

SHOWN = ["created_at", "event_type", "status", "attempts", "answer", "next_attempt_at", "message_id"]


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """The deliveries with words for status and answer."""
    rows = frame.to_dict("records")
    words = [texts.STATUSES[row["status"]][0] for row in rows]
    answers = [texts.answer(row["last_status"], row["last_error"]) for row in rows]
    return frame.assign(status=words, answer=answers)


def columns(actor: Actor) -> dict[str, Any]:
    here = str(zone(actor))
    return {
        "created_at": st.column_config.DatetimeColumn("Created", format="YYYY-MM-DD HH:mm:ss", timezone=here),
        "webhook": st.column_config.TextColumn("Webhook", width=160),
        "event_type": st.column_config.TextColumn("Event", width=160),
        "status": st.column_config.TextColumn("Status", width=80),
        "attempts": st.column_config.NumberColumn("Attempts", width=75, help="Of the present round; a replay begins anew."),
        "answer": st.column_config.TextColumn("Last answer", width=170),
        "next_attempt_at": st.column_config.DatetimeColumn("Next attempt", format="distance", width=110, timezone=here),
        "message_id": st.column_config.TextColumn("webhook-id", width="medium"),
    }  # fmt: skip
