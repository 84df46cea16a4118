"""What proves a violation: the minutes around it and what each was judged by."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.sla import queries, violations
from pages._parts import charts
from pages._parts.charts import TONES, Axes
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._sla import words

_COLOURS = {"up": TONES["healthy"], "down": TONES["down"], "maintenance": "#8f6fc9", "unobserved": TONES["unknown"]}
_AROUND, MOST = timedelta(minutes=30), 500


def show(actor: Actor, row: dict[str, Any]) -> None:
    """A line of the minutes, and the bad ones with their causes; for other metrics than uptime what was measured."""
    st.subheader("What proves it", anchor=False)
    if row["metric"] == "support_response":
        st.caption("The ticket was urgent, and its first response came after the time that the contract allows.")
        return
    if row["metric"] == "uptime":
        _minutes(actor, row)
        return
    _measured(actor, row)


def _minutes(actor: Actor, row: dict[str, Any]) -> None:
    since, until = row["started_at"] - _AROUND, (row["ended_at"] or utc_now()) + _AROUND
    found = queries.spans(actor, row["contract_id"], since, until)
    if found.empty:
        st.info("The minutes of that time are no longer kept.", icon=":material/inventory_2:")
        return
    _draw(actor, found, since, min(until, utc_now()))
    bad = found[found["state"] != "up"]
    bad = bad[(bad["ends_at"] > row["started_at"]) & (bad["starts_at"] < (row["ended_at"] or utc_now()))].head(MOST)
    names = violations.monitors(actor, _ids(bad["cause"]))
    shown = pd.DataFrame(
        {
            "starts_at": bad["starts_at"], "ends_at": bad["ends_at"],
            "length": [words.minutes(one.total_seconds() / 60) for one in bad["ends_at"] - bad["starts_at"]],
            "state": [words.MINUTES[one] for one in bad["state"]], "cause": [_cause(one, names) for one in bad["cause"]],
        }
    )  # fmt: skip
    here, column = str(zone(actor)), st.column_config
    st.dataframe(
        shown, hide_index=True, key="evidence", placeholder=UNKNOWN, height="content" if len(shown) < 12 else 440,
        column_config={
            "starts_at": column.DatetimeColumn("From", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
            "ends_at": column.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
            "length": column.TextColumn("Length", width=90), "state": column.TextColumn("State", width=110),
            "cause": column.TextColumn("Judged by", width=520),
        },
    )  # fmt: skip


def _draw(actor: Actor, found: pd.DataFrame, since: Any, until: Any) -> None:
    rows = found.assign(
        since=found["starts_at"].clip(lower=since), until=found["ends_at"].clip(upper=until), lane="Minutes",
        colour=[_COLOURS[one] for one in found["state"]], is_hatched=found["state"].eq("unobserved"),
        told=[words.MINUTES[one] for one in found["state"]],
    )  # fmt: skip
    axes = Axes("State of each minute", "", zone(actor), span=(since, until), height=120)
    charts.show(charts.spans(rows, ["Minutes"], axes), "evidence_line")


def _ids(causes: Iterable[dict[str, Any]]) -> list[UUID]:
    return sorted({UUID(str(one)) for cause in causes for one in cause.get("monitors", ())})


def _cause(cause: dict[str, Any], names: dict[UUID, str]) -> str:
    """What the minutes were judged by; monitors out of sight by their number."""
    told = []
    if monitors := [UUID(str(one)) for one in cause.get("monitors", ())]:
        seen = sorted(names[one] for one in monitors if one in names)
        hidden = len(monitors) - len(seen)
        told.append(
            "Down: " + ", ".join([*seen, *([f"{hidden} monitors" if hidden > 1 else "a monitor"] if hidden else [])])
        )
    if cause.get("requests"):
        told.append(f"{int(cause.get('errors', 0)):,} of {int(cause['requests']):,} requests failed")
    if windows := cause.get("windows"):
        told.append(f"{len(windows)} maintenance window{'s' if len(windows) > 1 else ''}")
    return "; ".join(told) or "Nothing was observed"


def _measured(actor: Actor, row: dict[str, Any]) -> None:
    """The hours around it; minutes are not kept that long."""
    since = row["started_at"] - timedelta(hours=3)
    found = queries.periods(
        actor, row["contract_id"], "hour", since, (row["ended_at"] or utc_now()) + timedelta(hours=3)
    )
    if found.empty:
        st.info("The hours of that time are no longer kept.", icon=":material/inventory_2:")
        return
    is_latency = row["metric"] == "latency_p99"
    column, target, unit = (
        ("latency_p99_ms", "latency_p99_target", "ms") if is_latency else ("error_rate", "error_rate_target", "%")
    )
    axes = Axes(f"{words.METRICS[row['metric']]} by hour", unit, zone(actor), height=220)
    charts.show(charts.line(found, "bucket", {column: "Measured", target: "Target"}, axes), "evidence_course")
    st.caption(
        plain("It is judged by the last five minutes, with at least 20 requests in them; hours show its surroundings.")
    )
