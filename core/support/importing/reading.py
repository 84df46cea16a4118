"""A ServiceNow incident log as a file: one row per update, grouped into incidents. No database.

The columns are those of the "Incident management process enriched event log" (UCI Machine Learning Repository, CC BY 4.0).
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from core.kernel.errors import Invalid

MISSING, FORM = "?", "%d-%m-%Y %H:%M"
PRIORITIES = {"1": "urgent", "2": "high", "3": "medium", "4": "low"}
STATES = {
    "New": "open", "Active": "in_progress", "Awaiting User Info": "waiting", "Awaiting Problem": "waiting",
    "Awaiting Vendor": "waiting", "Awaiting Evidence": "waiting", "Resolved": "resolved", "Closed": "closed",
}  # fmt: skip
NO_STATE = "-100"  # what the log has where no state was recorded
REQUIRED = (
    "number", "incident_state", "reopen_count", "sys_mod_count", "opened_at", "sys_updated_at", "priority",
)  # fmt: skip
# Written into a ticket's description, in this order.
TOLD = {
    "caller_id": "Caller", "opened_by": "Opened by", "contact_type": "Contact", "location": "Location",
    "category": "Category", "subcategory": "Subcategory", "u_symptom": "Symptom", "cmdb_ci": "Item", "impact": "Impact",
    "urgency": "Urgency", "closed_code": "Closed with", "resolved_by": "Resolved by", "made_sla": "Met its own SLA",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read; `line` counts from 1, the heading included."""

    line: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Update:
    """One row. `status` is None where the log has no state; times are in UTC; what is missing is None."""

    line: int
    count: int
    at: datetime
    status: str | None
    reopened: int
    priority: str
    group: str | None
    assignee: str | None
    category: str | None
    by: str | None
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    told: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Log:
    """What a file held: the updates of each incident in the order of the file, and the rows that could not be read."""

    incidents: dict[str, list[Update]]
    problems: list[Problem]
    rows: int = 0


def read(path: Path, zone: tzinfo = UTC) -> Log:
    """The whole file; its times are in `zone`. Raises Invalid when it is no such log."""
    log = Log({}, [])
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            heads = _heads(next(rows, []), path)
            for row in filter(None, rows):
                _take(log, rows.line_num, dict(zip(heads, row, strict=False)), len(row) == len(heads), zone)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path} cannot be read: {error}. Give a CSV file in UTF-8.") from error
    return log


def _heads(row: list[str], path: Path) -> list[str]:
    lacking = [name for name in REQUIRED if name not in row]
    if lacking:
        raise Invalid(f"{path} is no log of incidents: it has no column {', '.join(lacking)}.")
    return row


def _take(log: Log, line: int, row: Mapping[str, str], is_whole: bool, zone: tzinfo) -> None:
    log.rows += 1
    number = _text(row, "number") or ""
    try:
        if not is_whole:
            raise ValueError("it has another number of columns than the heading")
        if not number:
            raise ValueError("it has no number")
        update = _update(line, row, zone)
        log.incidents.setdefault(number, []).append(update)
    except ValueError as error:
        log.problems.append(Problem(line, number, str(error)))


def _update(line: int, row: Mapping[str, str], zone: tzinfo) -> Update:
    return Update(
        line, _whole(row, "sys_mod_count"), _moment(row, "sys_updated_at", zone), _status(row), _whole(row, "reopen_count"),
        _priority(row), _text(row, "assignment_group"), _text(row, "assigned_to"), _text(row, "category"),
        _text(row, "sys_updated_by"), _moment(row, "opened_at", zone), _perhaps(row, "resolved_at", zone),
        _perhaps(row, "closed_at", zone), tuple(_told(row)),
    )  # fmt: skip


def _text(row: Mapping[str, str], name: str) -> str | None:
    """The value with single spaces; None where it is missing."""
    value = " ".join(row.get(name, "").replace("\x00", "").split())
    return None if value in ("", MISSING) else value


def _whole(row: Mapping[str, str], name: str) -> int:
    value = row[name].strip()
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(f"{name} is {value[:40]!r} and no whole number")
    return int(value)


def _moment(row: Mapping[str, str], name: str, zone: tzinfo) -> datetime:
    value = row[name].strip()
    try:
        return datetime.strptime(value, FORM).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is {value[:40]!r} and not a time such as 29-02-2016 01:16") from error


def _perhaps(row: Mapping[str, str], name: str, zone: tzinfo) -> datetime | None:
    return _moment(row, name, zone) if _text(row, name) else None


def _status(row: Mapping[str, str]) -> str | None:
    value = row["incident_state"].strip()
    if value not in STATES and value != NO_STATE:
        raise ValueError(f"incident_state is {value[:40]!r}, which is none of {', '.join(STATES)}")
    return STATES.get(value)


def _priority(row: Mapping[str, str]) -> str:
    value = row["priority"].strip()
    if value[:1] not in PRIORITIES:
        raise ValueError(f"priority is {value[:40]!r} and does not begin with 1, 2, 3 or 4")
    return PRIORITIES[value[:1]]


def _told(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, title in TOLD.items():
        value = _text(row, name)
        if value is not None:
            yield title, value
