"""One value as a file holds it. Pure."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pandas as pd

# OWASP, "CSV Injection": what a spreadsheet takes for the beginning of a formula, also in its full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A worksheet's cell ends there.
LONGEST_CELL = 32_767


def plain(column: pd.Series) -> list[Any]:
    """The column's values as Python's own types, None where one is missing."""
    return column.astype(object).where(column.notna(), None).tolist()


def as_text(value: Any) -> str:
    """Lists with commas between, mappings as JSON, times in ISO 8601 and UTC."""
    if isinstance(value, (list, tuple, set)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, datetime):
        return in_utc(value).isoformat().replace("+00:00", "Z")
    return str(value)


def in_utc(moment: datetime) -> datetime:
    """A time without a zone counts as UTC: that is how the database keeps it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def guarded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def for_csv(value: Any) -> str:
    """Numbers as they are, also negative ones; everything that somebody may have typed is guarded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float, Decimal)) else guarded(as_text(value))


def for_sheet(value: Any) -> Any:
    """A number, boolean, date or time as such (a worksheet knows no zones: UTC), all else as text; None is an empty cell."""
    if isinstance(value, datetime):
        return in_utc(value).replace(tzinfo=None)
    is_typed = value is None or isinstance(value, (bool, int, float, Decimal, date))
    return value if is_typed else as_text(value)[:LONGEST_CELL]


def for_json(value: Any) -> Any:
    """A JSON value; money as text, so that no cent is lost."""
    if isinstance(value, datetime):
        return as_text(value)
    return str(value) if isinstance(value, Decimal) else value
