"""The report as an Excel workbook: numbers as numbers, and charts that Excel draws itself."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from core.reliability.incidents.rules import number_of
from core.reliability.sla import report_words as words
from core.reliability.sla.report import Report

_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}  # fmt: skip
_MINUTES, _FIGURES = "#,##0", "#,##0.000"
# Of a sheet of periods: heading, column, how its numbers look.
_COLUMNS = (
    ("Observed (min)", "observed_minutes", _MINUTES), ("Down (min)", "bad_minutes", _MINUTES),
    ("Maintenance (min)", "maintenance_minutes", _MINUTES), ("Excluded (min)", "excluded_minutes", _MINUTES),
    ("Not observed (min)", "unobserved_minutes", _MINUTES), ("Uptime (%)", "uptime", "0.000000"),
    ("Uptime promised (%)", "uptime_target", "0.00##"), ("Requests", "requests", _MINUTES), ("Errors", "errors", _MINUTES),
    ("Error rate (%)", "error_rate", _FIGURES), ("Error rate promised (%)", "error_rate_target", "0.00##"),
    ("Latency P50 (ms)", "latency_p50_ms", "#,##0.0"), ("Latency P95 (ms)", "latency_p95_ms", "#,##0.0"),
    ("Latency P99 (ms)", "latency_p99_ms", "#,##0.0"), ("Latency P99 promised (ms)", "latency_p99_target", "#,##0"),
)  # fmt: skip
_PLACES = {name: place for place, (_, name, _) in enumerate(_COLUMNS, start=1)}
_DOWN, _AWAY, _UNSEEN, _LINE, _TARGET = "#D6404E", "#1F8FB0", "#B8C0C6", "#1F8FB0", "#D9782D"


class _Book:
    """The workbook with the few ways in which cells look."""

    def __init__(self, file: io.BytesIO, made_at: datetime) -> None:
        self.book = Workbook(file, _OPTIONS)
        self.book.set_properties({"created": made_at.replace(tzinfo=None)})
        self.bold = self.book.add_format({"bold": True, "bottom": 1})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._looks: dict[str, Format] = {}

    def look(self, number: str) -> Format:
        return self._looks.setdefault(number, self.book.add_format({"num_format": number}))

    def sheet(self, name: str, head: Sequence[str], *, width: float = 15) -> Worksheet:
        made = self.book.add_worksheet(name)
        made.set_column(0, max(len(head) - 1, 0), width)
        for place, text in enumerate(head):
            made.write_string(0, place, text, self.bold)
        made.freeze_panes(1, 0)
        return made

    def write(self, sheet: Worksheet, line: int, place: int, value: Any, number: str = _FIGURES) -> None:
        """What is unknown stays empty; text is never read as a formula."""
        if isinstance(value, str):
            sheet.write_string(line, place, value)
        elif value is None or pd.isna(value):
            return
        elif isinstance(value, datetime):
            sheet.write_datetime(line, place, value.replace(tzinfo=None), self.look("yyyy-mm-dd hh:mm"))
        elif isinstance(value, date):
            sheet.write_datetime(line, place, value, self.look("yyyy-mm-dd"))
        else:
            sheet.write_number(line, place, float(value), self.look(number))


def render(report: Report) -> bytes:
    """A workbook of five sheets: Summary, Days, Months, Violations, Credit (where it may be seen)."""
    file = io.BytesIO()
    made = _Book(file, report.made_at)
    summary = _summary(made, report)
    days, _ = words.by_day(report)
    _periods(made, "Days", days)
    months, _ = words.by_month(report)
    _periods(made, "Months", months)
    _violations(made, report)
    if report.credits is not None:
        _credits(made, report)
    _charts(made, summary, len(days), len(months))
    made.book.close()
    return file.getvalue()


def _summary(made: _Book, report: Report) -> Worksheet:
    sheet = made.book.add_worksheet("Summary")
    sheet.set_column(0, 3, 24)
    sheet.write_string(0, 0, f"Service level report, {words.title(report)}", made.title)
    sheet.write_string(1, 0, report.tenant)
    told = f"Contract {report.contract_number} · days and times of {report.zone.key}"
    sheet.write_string(2, 0, told if report.is_over else f"{told} · the month is not over: figures are those so far")
    for place, text in enumerate(("Metric", "Promised", "Measured", "Kept")):
        sheet.write_string(4, place, text, made.bold)
    for line, one in enumerate(words.summary(report), start=5):
        for place, text in enumerate((one.metric, one.promised, one.measured, words.kept(one))):
            sheet.write_string(line, place, text)
    for line, (name, label) in enumerate(words.MINUTES.items(), start=10):
        sheet.write_string(line, 0, f"{label} (min)")
        made.write(sheet, line, 1, report.month[name], _MINUTES)
    sheet.merge_range(15, 0, 15, 3, words.RECKONED, made.wrapped)
    sheet.set_row(15, 48)
    return sheet


def _periods(made: _Book, name: str, frame: pd.DataFrame) -> None:
    sheet = made.sheet(name, ["Day" if name == "Days" else "Month", *(head for head, _, _ in _COLUMNS)])
    for line, row in enumerate(frame.to_dict("records"), start=1):
        made.write(sheet, line, 0, row["day"])
        for _, column, number in _COLUMNS:
            value = words.uptime_float(row) if column == "uptime" else row[column]
            made.write(sheet, line, _PLACES[column], value, number)


def _violations(made: _Book, report: Report) -> None:
    head = ("Metric", "Began", "Ended", "Minutes", "Promised", "Worst", "Impact", "Incident", "Excluded because")
    sheet = made.sheet("Violations", head, width=20)
    excluded = dict(zip(report.exclusions["violation_id"], report.exclusions["reason"], strict=True))
    for line, row in enumerate(report.violations.to_dict("records"), start=1):
        incident = None if pd.isna(row["incident"]) else number_of(int(row["incident"]))
        cells = (
            words.METRICS[row["metric"]], _local(row["started_at"], report.zone), _local(row["ended_at"], report.zone),
            row["minutes"], row["target"], row["actual"], str(row["impact"]).capitalize(), incident, excluded.get(row["id"]),
        )  # fmt: skip
        for place, value in enumerate(cells):
            made.write(sheet, line, place, value, _MINUTES if place == 3 else "#,##0.###")


def _local(moment: Any, zone: ZoneInfo) -> datetime | None:
    return None if pd.isna(moment) else moment.astimezone(zone).to_pydatetime()


def _credits(made: _Book, report: Report) -> None:
    rows = words.told_credits(report)
    head = ("Credit", "Status", "Currency", "Fee of the month", "Tier (%)", "Cap", "Amount", "Formula")
    sheet = made.sheet("Credit", head, width=18)
    sheet.set_column(7, 7, 110)
    for line, row in enumerate(rows, start=1):
        named, status, _, _ = words.credit_row(row)
        amounts: tuple[Decimal, ...] = (row["fee"], row["percent"], row["cap_amount"], row["amount"])
        for place, value in enumerate((named, status, row["currency"], *amounts, row["formula"])):
            made.write(sheet, line, place, value, "0.####" if place == 4 else "#,##0.00")


def _charts(made: _Book, sheet: Worksheet, days: int, months: int) -> None:
    """Below the figures of the summary, reading the sheets of days and months."""
    away = made.book.add_chart({"type": "column", "subtype": "stacked"})
    for name, colour in (("bad_minutes", _DOWN), ("maintenance_minutes", _AWAY), ("unobserved_minutes", _UNSEEN)):
        away.add_series(_series("Days", name, days) | {"fill": {"color": colour}, "gap": 40})
    _place(sheet, away, "Minutes away, by day", 17, "#,##0")
    for line, name, target, title in (
        (33, "latency_p99_ms", "latency_p99_target", "Latency P99 (ms), by day"),
        (49, "error_rate", "error_rate_target", "Error rate (%), by day"),
    ):
        _place(sheet, _lines(made, "Days", name, target, days), title, line, "#,##0.###")
    if months > 1:
        uptime = _lines(made, "Months", "uptime", "uptime_target", months)
        uptime.set_y_axis(
            {"max": 100, "num_format": "0.00", "major_gridlines": {"visible": True, "line": {"color": "#E1E5E8"}}}
        )
        _place(sheet, uptime, "Uptime (%), by month", 65, None)


def _lines(made: _Book, sheet: str, name: str, target: str, rows: int) -> Any:
    chart = made.book.add_chart({"type": "line"})
    marked = {"type": "circle", "size": 4, "fill": {"color": _LINE}, "border": {"none": True}}
    chart.add_series(_series(sheet, name, rows) | {"line": {"color": _LINE, "width": 1.5}, "marker": marked})
    dashed = {"color": _TARGET, "width": 1.25, "dash_type": "dash"}
    chart.add_series(_series(sheet, target, rows) | {"line": dashed})
    return chart


def _series(sheet: str, name: str, rows: int) -> dict[str, Any]:
    place = _PLACES[name]
    return {
        "name": [sheet, 0, place], "categories": [sheet, 1, 0, max(rows, 1), 0],
        "values": [sheet, 1, place, max(rows, 1), place],
    }  # fmt: skip


def _place(sheet: Worksheet, chart: Any, title: str, line: int, number: str | None) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"date_axis": False, "num_format": "d mmm", "num_font": {"size": 8}})
    if number is not None:
        chart.set_y_axis(
            {"min": 0, "num_format": number, "major_gridlines": {"visible": True, "line": {"color": "#E1E5E8"}}}
        )
    chart.set_size({"width": 720, "height": 300})
    sheet.insert_chart(line, 0, chart)
