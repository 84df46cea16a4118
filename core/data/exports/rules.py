"""What an export may be. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from core.kernel.errors import Invalid

Format = Literal["csv", "xlsx", "json"]
FORMATS: dict[Format, str] = {"csv": "CSV", "xlsx": "Excel", "json": "JSON"}
MIME: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
# Twice the largest list there is; a worksheet ends at 1,048,576 rows.
MAX_ROWS = 100_000
MAX_NAME = 80


def clean_name(text: str) -> str:
    """What is exported, in lower case and hyphens: it becomes the file's name. Raises Invalid."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if not name or len(name) > MAX_NAME:
        raise Invalid(f"Name what is exported in 1 to {MAX_NAME} letters and digits.")
    return name


def require_format(given: str) -> None:
    if given not in FORMATS:
        raise Invalid(f"Choose one of {', '.join(FORMATS)} as format.", {"format": f"One of {', '.join(FORMATS)}."})


def told(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that narrow, for the audit; sets and tuples as lists."""
    plain = {
        name: list(value) if isinstance(value, (set, frozenset, tuple)) else value for name, value in filters.items()
    }
    return {name: value for name, value in plain.items() if value not in (None, "", [], {})}


def file_name(name: str, form: Format, at: datetime) -> str:
    """Such as `users-2026-01-31T08-00-00Z.csv`."""
    return f"{name}-{at:%Y-%m-%dT%H-%M-%SZ}.{form}"
