"""The filters of the audit page. All are in the address, so that what was found can be sent to a colleague."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import streamlit as st

from core.access.audit.queries import Filters

DAYS_BACK = timedelta(days=6)


def ask(here: ZoneInfo) -> Filters:
    """What the viewer looks for. Ends the run while only the first day is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        action = _text("Action", "action", "tenants.suspend, or its start", 220)
        who = _text("Who", "who", "Name, or its start", 170)
        what = _text("What", "what", "tenant, operator …", 160)
        outcome = _one("Outcome", "outcome", ["done", "denied"])
        severity = _one("Severity", "severity", ["info", "warning", "critical"])
        key = _text("Id", "id", "Of a request, a tenant or a row", 250)
        since, until = _days(here)
    return Filters(
        action=action, actor_name=who, entity_type=what, outcome=outcome, severity=severity, since=since, until=until,
        **_by_id(key),
    )  # fmt: skip


def _text(label: str, key: str, hint: str, width: int) -> str | None:
    return st.text_input(label, key=key, bind="query-params", placeholder=hint, width=width).strip() or None


def _one(label: str, key: str, options: list[str]) -> str | None:
    return st.selectbox(label, options, index=None, key=key, bind="query-params", placeholder="Any", width=130)


def _days(here: ZoneInfo) -> tuple[datetime, datetime]:
    today = datetime.now(here).date()
    chosen: Any = st.date_input(
        "Days", (today - DAYS_BACK, today), key="days", max_value=today, bind="query-params", width=250
    )
    if not isinstance(chosen, tuple) or len(chosen) != 2:
        st.info("Choose the last day too.", icon=":material/date_range:")
        st.stop()
    return _begin(chosen[0], here), _begin(chosen[1] + timedelta(days=1), here)


def _begin(day: date, here: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), here)


def _by_id(key: str | None) -> dict[str, Any]:
    """A UUID is a row or a tenant, anything else is a request."""
    if key is None:
        return {}
    try:
        return {"entity_id": UUID(key)}
    except ValueError:
        return {"request_id": key}
