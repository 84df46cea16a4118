"""What a report says, in words: the same on the page, in the PDF and in the workbook. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from core.reliability.incidents.rules import number_of
from core.reliability.sla.credit_rules import days_of, next_month, rounded_down
from core.reliability.sla.report import Report

UNKNOWN = "–"
METRICS = {
    "uptime": "Uptime", "latency_p99": "Latency P99", "error_rate": "Error rate", "support_response": "First response, urgent",
}  # fmt: skip
STATUSES = {"draft": "Draft", "approved": "Approved", "issued": "Issued", "void": "Void", "none": "Nothing owed"}
MINUTES = {
    "observed_minutes": "Observed", "bad_minutes": "Of these down", "maintenance_minutes": "Maintenance",
    "excluded_minutes": "Excluded with approval", "unobserved_minutes": "Not observed",
}  # fmt: skip


RECKONED = (
    "Uptime = 100 × (observed − down) / observed. Maintenance, minutes that were excluded with approval and minutes in which"
    " nothing was measured count neither as up nor as down."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One promise: what was promised and what was measured, as text; `is_kept` is None where either is unknown."""

    metric: str
    promised: str
    measured: str
    is_kept: bool | None


def kept(line: Line) -> str:
    return UNKNOWN if line.is_kept is None else "Kept" if line.is_kept else "Missed"


def summary(report: Report) -> list[Line]:
    """The four promises of a contract, in their order."""
    row = report.month
    return [
        _uptime(row),
        _below("Latency P99", row["latency_p99_target"], row["latency_p99_ms"], "ms", 1),
        _below("Error rate", row["error_rate_target"], row["error_rate"], "%", 3),
        _responses(row),
    ]


def uptime(row: Mapping[Any, Any]) -> Fraction | None:
    """In percent, from whole minutes; None when nothing was observed."""
    seen = 0 if _is_absent(row["observed_minutes"]) else int(row["observed_minutes"])
    return Fraction(100 * (seen - int(row["bad_minutes"])), seen) if seen else None


def uptime_told(row: Mapping[Any, Any]) -> str:
    """Rounded down: what fell short must not look as if it had not."""
    found = uptime(row)
    return UNKNOWN if found is None else f"{rounded_down(found, 3)} %"


def _uptime(row: dict[str, Any]) -> Line:
    target, found = row["uptime_target"], uptime(row)
    promised = "not promised" if _is_absent(target) else f"at least {target:g} %"
    is_kept = None if _is_absent(target) or found is None else found >= Fraction(str(target))
    return Line("Uptime", promised, uptime_told(row), is_kept)


def _below(name: str, target: Any, actual: Any, unit: str, digits: int) -> Line:
    promised = "not promised" if _is_absent(target) else f"at most {target:g} {unit}"
    measured = UNKNOWN if _is_absent(actual) else f"{actual:,.{digits}f} {unit}"
    return Line(name, promised, measured, None if _is_absent(target) or _is_absent(actual) else actual <= target)


def _responses(row: dict[str, Any]) -> Line:
    """Responses are counted only where a time was promised."""
    total, late = int(row["responses"]), int(row["responses_late"])
    told = f"{total - late:,} of {total:,} in time" if total else UNKNOWN
    return Line(METRICS["support_response"], "within the time agreed", told, late == 0 if total else None)


def _is_absent(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def actual(metric: str, value: Any) -> str:
    """The worst that a violation saw, in the unit of its metric."""
    if _is_absent(value):
        return UNKNOWN
    if metric == "latency_p99":
        return f"{value:,.0f} ms"
    return f"{value:,.0f} min" if metric == "support_response" else f"{value:,.3f} %"


def title(report: Report) -> str:
    return f"{report.first_day:%B %Y}"


def moment(report: Report, at: Any) -> str:
    """In the contract's zone."""
    return "still lasts" if _is_absent(at) else f"{at.astimezone(report.zone):%d %b %Y %H:%M}"


def amount(currency: str, value: Any) -> str:
    return f"{'−' if value < 0 else ''}{currency} {abs(value):,.2f}"


def uptime_float(row: Mapping[Any, Any]) -> float | None:
    """For charts."""
    found = uptime(row)
    return None if found is None else float(found)


def by_day(report: Report) -> tuple[pd.DataFrame, list[str]]:
    """One row per day of the month, empty where nothing was measured, and the days' labels."""
    count = days_of(report.first_day)
    every = pd.DataFrame({"day": [report.first_day.replace(day=place + 1) for place in range(count)]})
    return every.merge(report.days, on="day", how="left"), [str(place + 1) for place in range(count)]


def by_month(report: Report) -> tuple[pd.DataFrame, list[str]]:
    """One row per month from the first one that was measured on, empty where nothing was, and the months' labels."""
    days = [report.months["day"].iloc[0]]
    while days[-1] < report.first_day:
        days.append(next_month(days[-1]))
    every = pd.DataFrame({"day": [day.replace(day=1) for day in days]})
    return every.merge(report.months, on="day", how="left"), [f"{day:%b %y}" for day in days]


def violation_rows(report: Report) -> list[tuple[str, ...]]:
    return [
        (
            METRICS[row["metric"]], moment(report, row["started_at"]), moment(report, row["ended_at"]),
            f"{int(row['minutes']):,}", actual(row["metric"], row["actual"]), str(row["impact"]).capitalize(),
            UNKNOWN if _is_absent(row["incident"]) else number_of(int(row["incident"])),
        )
        for row in report.violations.to_dict("records")
    ]  # fmt: skip


def exclusion_rows(report: Report) -> list[tuple[str, ...]]:
    return [
        (
            moment(report, row["starts_at"]),
            moment(report, row["ends_at"]),
            str(row["reason"]),
            str(row["decided_by_name"]),
        )
        for row in report.exclusions.to_dict("records")
    ]


def credit_row(row: dict[str, Any]) -> tuple[str, ...]:
    """Number or what it is, status, tier, amount."""
    named = row["number"] or ("Adjustment" if row["sequence"] else "Credit of the month")
    percent = f"{row['percent'].normalize():f} %" if row["percent"] else UNKNOWN
    return named, STATUSES[row["status"]], percent, amount(row["currency"], row["amount"])


def told_credits(report: Report) -> list[dict[str, Any]]:
    """Those that may be told to the customer: what was approved or issued."""
    return [row for row in report.credits or () if row["status"] in ("approved", "issued")]


def credit_state(report: Report) -> str | None:
    """What there is to say besides: that nothing is owed, or that it is not certain yet. None when all is told."""
    statuses = {row["status"] for row in report.credits or ()}
    if not statuses:
        return "No credit was computed for this month." if report.is_over else "It is computed when the month is over."
    if "draft" in statuses:
        return "A credit is computed and waits for approval."
    return None if told_credits(report) else "No credit is owed for this month."
