"""The report as a PDF to hand on to the customer."""

from typing import Any

import pandas as pd
from fpdf import FPDF

from core.reliability.sla import report_charts as charts
from core.reliability.sla import report_words as words
from core.reliability.sla.report import Report
from core.reliability.sla.report_charts import Place, Series
from core.reliability.sla.report_paper import GRAY, MARGIN_MM, Paper, heading, line, table

_CHART_MM = 47.0


def render(report: Report) -> bytes:
    """The same bytes for the same report."""
    page = Paper(f"Service level report, {report.tenant}, {words.title(report)}", report.made_at)
    _head(page, report)
    _summary(page, report)
    _minutes(page, report)
    _days(page, report)
    _history(page, report)
    _violations(page, report)
    _exclusions(page, report)
    _credits(page, report)
    return bytes(page.output())


def _head(page: FPDF, report: Report) -> None:
    line(page, "Service level report", size=20, is_bold=True)
    line(page, report.tenant, size=14)
    so_far = "" if report.is_over else " The month is not over: figures are those so far."
    made = words.moment(report, report.made_at)
    told = f"{words.title(report)} · contract {report.contract_number} · days and times of {report.zone.key} · made {made}."
    line(page, told + so_far, gray=GRAY)


def _summary(page: FPDF, report: Report) -> None:
    heading(page, "What was promised and what was kept")
    rows = [(one.metric, one.promised, one.measured, words.kept(one)) for one in words.summary(report)]
    table(page, ("Metric", "Promised", "Measured", ""), rows, (4, 4, 4, 2), marked="Missed")


def _minutes(page: FPDF, report: Report) -> None:
    heading(page, "Minutes of the month")
    told = [f"{int(report.month[name]):,}" for name in words.MINUTES]
    table(page, tuple(words.MINUTES.values()), [told], (1,) * len(told), right=range(len(told)))
    page.ln(1.5)
    line(page, words.RECKONED, size=8, gray=GRAY)


def _place(page: FPDF) -> Place:
    """The next place for a chart, on a new page where this one is full."""
    if page.will_page_break(_CHART_MM + 4):
        page.add_page()
    place = Place(MARGIN_MM + page.c_margin, page.get_y() + 2, page.epw - page.c_margin, _CHART_MM)
    page.set_y(place.y + place.height)
    return place


def _days(page: FPDF, report: Report) -> None:
    """Three charts by day of the month; days that were not measured stay empty."""
    heading(page, "Day by day", needs_mm=_CHART_MM + 16)
    days, labels = words.by_day(report)
    away = [
        Series("Down", charts.DOWN, _values(days["bad_minutes"])),
        Series("Maintenance", charts.MAINTENANCE, _values(days["maintenance_minutes"])),
        Series("Not observed", charts.UNOBSERVED, _values(days["unobserved_minutes"])),
    ]
    sums = [sum(one.values[place] or 0 for one in away) for place in range(len(labels))]
    charts.bars(page, _place(page), "Minutes away", labels, away, charts.scale_from_zero(sums, least=10))
    for title, column, target, unit in (
        ("Latency P99", "latency_p99_ms", "latency_p99_target", "ms"),
        ("Error rate", "error_rate", "error_rate_target", "%"),
    ):
        _line(page, f"{title} ({unit})", days[column], labels, report.month[target])


def _line(page: FPDF, title: str, column: pd.Series, labels: list[str], target: Any) -> None:
    values = _values(column)
    promised = None if pd.isna(target) else Series("Promised", charts.TARGET, [float(target)] * len(labels))
    measured = Series("Measured", charts.LINE, values)
    least = float(target) * 1.2 if promised and target else 1.0
    charts.lines(page, _place(page), title, labels, [measured], charts.scale_from_zero(values, least=least), promised)


def _values(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in column]


def _history(page: FPDF, report: Report) -> None:
    if len(report.months) < 2:
        return
    heading(page, "The last months", needs_mm=_CHART_MM + 16)
    months, labels = words.by_month(report)
    values = [words.uptime_float(row) for row in months.to_dict("records")]
    target = Series("Promised", charts.TARGET, _values(months["uptime_target"]))
    scale = charts.scale_below([*values, *target.values], top=100.0)
    charts.lines(page, _place(page), "Uptime (%)", labels, [Series("Measured", charts.LINE, values)], scale, target)


def _violations(page: FPDF, report: Report) -> None:
    heading(page, "Violations")
    if report.violations.empty:
        line(page, "None in this month.", gray=GRAY)
        return
    head = ("Metric", "Began", "Ended", "Minutes", "Worst", "Impact", "Incident")
    table(page, head, words.violation_rows(report), (4, 4, 4, 2, 2.4, 2, 2.4), right=(3, 4))


def _exclusions(page: FPDF, report: Report) -> None:
    if report.exclusions.empty:
        return
    heading(page, "Excluded with approval")
    head = ("From", "Until", "Reason", "Approved by")
    table(page, head, words.exclusion_rows(report), (3, 3, 6, 3))


def _credits(page: FPDF, report: Report) -> None:
    if report.credits is None:
        return
    heading(page, "Credit")
    told, besides = words.told_credits(report), words.credit_state(report)
    if told:
        rows = [words.credit_row(row) for row in told]
        table(page, ("Credit", "Status", "Tier", "Amount"), rows, (4, 3, 3, 3), right=(3,))
    for row in told:
        page.ln(1.5)
        line(page, row["formula"], size=8, gray=GRAY)
    if besides is not None:
        page.ln(1.5)
        line(page, besides, gray=GRAY)
