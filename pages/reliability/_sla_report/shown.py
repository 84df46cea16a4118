"""The report on the page: the same figures and words as in its files."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.reliability.sla import report_words as words
from core.reliability.sla.report import Report
from pages._parts import charts
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN

_AWAY = (
    ("bad_minutes", "Down", charts.TONES["down"]), ("maintenance_minutes", "Maintenance", charts.LINES[0]),
    ("unobserved_minutes", "Not observed", charts.TONES["unknown"]),
)  # fmt: skip


def show(report: Report) -> None:
    """From the promises down to the credit."""
    st.subheader(f"{plain(report.tenant)}, {words.title(report)}", anchor=False)
    so_far = "" if report.is_over else " The month is not over: figures are those so far."
    st.caption(f"Contract {report.contract_number} · days and times of {plain(report.zone.key)}.{so_far}")
    _summary(report)
    _minutes(report)
    left, right = st.columns(2)
    with left:
        charts.show(_away(report), "report_away")
        charts.show(_line(report, "Error rate", "%", "error_rate", "error_rate_target"), "report_errors")
    with right:
        charts.show(_line(report, "Latency P99", "ms", "latency_p99_ms", "latency_p99_target"), "report_latency")
        if len(report.months) > 1:
            charts.show(_history(report), "report_months")
    _violations(report)
    _credit(report)


def _summary(report: Report) -> None:
    with st.container(horizontal=True):
        for line in words.summary(report):
            _promise(line)


def _promise(line: words.Line) -> None:
    with st.container(border=True):
        st.metric(line.metric, line.measured, help=f"Promised: {line.promised}.")
        if line.is_kept is None:
            st.badge("Not known" if line.measured == UNKNOWN else "Not promised", color="gray")
        else:
            st.badge(words.kept(line), color="green" if line.is_kept else "red")


def _minutes(report: Report) -> None:
    told = {label: [f"{int(report.month[name]):,}"] for name, label in words.MINUTES.items()}
    st.dataframe(told, hide_index=True, key="report_minutes", height="content")
    st.caption(words.RECKONED)


def _axis(report: Report) -> tuple[pd.DataFrame, list[str]]:
    days, labels = words.by_day(report)
    return days, [f"{label} {report.first_day:%b}" for label in labels]


def _away(report: Report) -> go.Figure:
    days, labels = _axis(report)
    figure = charts.empty("Minutes away", "", 260)
    for column, name, colour in _AWAY:
        figure.add_trace(
            go.Bar(x=labels, y=_values(days[column]), name=name, marker_color=colour, hovertemplate="%{y:,.0f} min")
        )
    figure.update_layout(barmode="stack", bargap=0.3, showlegend=True)
    figure.update_xaxes(showgrid=False, type="category", nticks=10)
    figure.update_yaxes(rangemode="tozero", nticks=5, gridcolor=charts.FAINT)
    return figure


def _line(report: Report, title: str, unit: str, column: str, target: str) -> go.Figure:
    days, labels = _axis(report)
    figure = charts.empty(title, unit, 260)
    _measured(figure, labels, _values(days[column]), unit)
    promised = report.month[target]
    if promised is not None and not pd.isna(promised):
        _promised(figure, labels, [float(promised)] * len(labels), unit)
    figure.update_xaxes(showgrid=False, type="category", nticks=10)
    figure.update_yaxes(rangemode="tozero", nticks=5, gridcolor=charts.FAINT)
    return figure


def _history(report: Report) -> go.Figure:
    months, labels = words.by_month(report)
    figure = charts.empty("Uptime of the last months", "%", 260)
    _measured(figure, labels, [words.uptime_float(row) for row in months.to_dict("records")], "%")
    _promised(figure, labels, _values(months["uptime_target"]), "%")
    figure.update_xaxes(showgrid=False, type="category")
    figure.update_yaxes(nticks=5, gridcolor=charts.FAINT)
    return figure


def _measured(figure: go.Figure, labels: list[str], values: list[Any], unit: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=labels, y=values, name="Measured", mode="lines+markers", connectgaps=False, marker={"size": 4},
            line={"color": charts.LINES[0], "width": 1.8}, hovertemplate=f"%{{y:,.6~g}} {unit}",
        )
    )  # fmt: skip


def _promised(figure: go.Figure, labels: list[str], values: list[Any], unit: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=labels, y=values, name="Promised", mode="lines", hovertemplate=f"%{{y:,.6~g}} {unit}",
            line={"color": charts.LINES[1], "width": 1.4, "dash": "dash"},
        )
    )  # fmt: skip


def _values(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in column]


def _violations(report: Report) -> None:
    st.subheader("Violations", anchor=False)
    if report.violations.empty:
        st.caption("None in this month.")
    else:
        head = ["Metric", "Began", "Ended", "Minutes", "Worst", "Impact", "Incident"]
        rows = pd.DataFrame(words.violation_rows(report), columns=head)
        st.dataframe(rows, hide_index=True, key="report_violations", height="content" if len(rows) <= 12 else 440)
    if not report.exclusions.empty:
        st.markdown("**Excluded with approval**")
        rows = pd.DataFrame(words.exclusion_rows(report), columns=["From", "Until", "Reason", "Approved by"])
        st.dataframe(rows, hide_index=True, key="report_exclusions", height="content")


def _credit(report: Report) -> None:
    if report.credits is None:
        return
    st.subheader("Credit", anchor=False)
    besides = words.credit_state(report)
    if besides is not None:
        st.caption(f"{besides} Files for the customer tell only what was approved or issued.")
    for row in report.credits:
        named, status, _, told = words.credit_row(row)
        st.page_link(
            "reliability/credits.py", label=plain(f"{named}: {told}, {status.lower()}"), icon=":material/redeem:",
            query_params={"credit": str(row["id"])},
        )  # fmt: skip
        st.caption(plain(row["formula"]))
