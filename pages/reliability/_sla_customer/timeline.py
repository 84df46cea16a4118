"""Violations and incidents of the customer on one line of time, and the days' uptime."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import queries as incidents
from core.reliability.sla import customer, violations
from pages._parts import charts
from pages._parts.charts import TONES, Axes
from pages._parts.frame import zone
from pages.reliability._sla import words
from pages.reliability._violations import grid

SPANS = {"30 days": 30, "60 days": 60, "90 days": 90}
_COLOURS = {"critical": TONES["down"], "major": TONES["degraded"], "minor": "#1f8fb0"}
_INCIDENTS = "Incidents"
MOST, LISTED = 500, 50


def show(actor: Actor, row: dict[str, Any]) -> None:
    """The strip of days, the lanes, the list."""
    st.subheader("Time line", anchor=False)
    span = st.segmented_control("Span", list(SPANS), default="30 days", key="span", bind="query-params", required=True)
    now, key = utc_now(), UUID(str(row["contract_id"]))
    since = now - timedelta(days=SPANS[span])
    _days(actor, key, SPANS[span])
    found = violations.violations(actor, violations.Filters(contract_id=key, since=since), limit=MOST).frame
    bars = [*_violations(actor, found, now), *_incidents(actor, UUID(str(row["tenant_id"])), since, now)]
    if not bars:
        st.info(f"No violation and no incident in {span}.", icon=":material/check_circle:")
        return
    lanes = [lane for lane in (*words.METRICS.values(), _INCIDENTS) if any(bar["lane"] == lane for bar in bars)]
    least = (now - since) / 150
    bars = [bar | {"until": max(bar["until"], bar["since"] + least)} for bar in bars]  # or nobody could point at them
    axes = Axes("Violations and incidents", "", zone(actor), span=(since, now), height=90 + 34 * len(lanes))
    charts.show(charts.spans(pd.DataFrame(bars), lanes, axes), "sla_timeline")
    if not found.empty:
        grid.show(actor, found.head(LISTED), name="customer_violations", without=("tenant",))
        if len(found) > LISTED:
            _more(row)


def _more(row: dict[str, Any]) -> None:
    st.page_link(
        "reliability/violations.py", label="All violations of this contract", icon=":material/arrow_forward:",
        query_params={"contract": str(row["contract_id"]), "begun": "Always"},
    )  # fmt: skip


def _days(actor: Actor, contract_id: UUID, count: int) -> None:
    """Days without an observation stay grey."""
    found = customer.periods(actor, contract_id, "day", limit=count)
    if found.empty:
        return
    seen = found["observed_minutes"] + found["excluded_minutes"] + found["maintenance_minutes"]
    whole = seen + found["unobserved_minutes"]
    ratio = (seen / whole.where(whole > 0)).fillna(0)
    status = [_tone(row) for row in found.to_dict("records")]
    days = pd.DataFrame({
        "day": found["bucket"].dt.tz_convert(zone(actor)), "status": status, "observed_ratio": ratio,
        "available_ratio": found["uptime"] / 100,
    })  # fmt: skip
    charts.show(charts.strip(days, title="Uptime by day"), "sla_days")


def _tone(row: dict[Any, Any]) -> str:
    if not words.is_known(row["uptime"]):
        return "unknown"
    if not row["bad_minutes"]:
        return "healthy"
    return "down" if words.is_known(row["uptime_target"]) and row["uptime"] < row["uptime_target"] else "degraded"


def _violations(actor: Actor, found: pd.DataFrame, now: datetime) -> list[dict[str, Any]]:
    where = zone(actor)
    return [
        {
            "since": row["started_at"], "until": now if pd.isna(row["ended_at"]) else row["ended_at"],
            "lane": words.METRICS[row["metric"]], "colour": _COLOURS[row["impact"]],
            "is_hatched": row["standing"] in ("excluded", "withdrawn"),
            "told": f"{row['started_at'].astimezone(where):%d %b %H:%M}, {words.minutes(row['minutes'])}<br>"
            f"{words.IMPACTS[row['impact']][0]}, {words.STANDINGS[row['standing']][0].lower()}",
        }
        for row in found.to_dict("records")
    ]  # fmt: skip


def _incidents(actor: Actor, tenant_id: UUID, since: datetime, now: datetime) -> list[dict[str, Any]]:
    if not actor.may("incidents:read"):
        return []
    wanted = incidents.Filters(tenant_id=tenant_id, since=since, with_archived=True)
    rows = incidents.directory(actor, wanted, limit=MOST).frame.to_dict("records")
    return [
        {
            "since": row["started_at"], "until": now if pd.isna(row["resolved_at"]) else row["resolved_at"],
            "lane": _INCIDENTS, "colour": TONES["unknown"], "is_hatched": False,
            "told": f"{row['reference']}, {row['severity'].upper()}<br>{_escaped(row['title'])}",
        }
        for row in rows
    ]  # fmt: skip


def _escaped(title: str) -> str:
    """A chart's hover text takes some marks of HTML."""
    return title.replace("&", "&amp;").replace("<", "&lt;")
