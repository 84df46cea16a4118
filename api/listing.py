"""How lists are asked for: cursor, page size, columns, times."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime, BeforeValidator, Field

from core.kernel.errors import Invalid

LARGEST_PAGE = 200
# RFC 3339, section 5.6; a year that PostgreSQL and Python both know in every zone.
_INSTANT = r"^(?!0000|0001|9999)\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _instant(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(_INSTANT, value):
        raise ValueError("write a time with its zone, like 2026-01-31T08:00:00Z")
    return value


def _day(value: object) -> object:
    """A number is no day, whatever it may count."""
    if value is not None and not isinstance(value, date) and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("Write a day like 2026-11-21.")
    return value


Cursor = Annotated[
    str | None, Query(max_length=1_000, description="`next` of the page before; leave it out for the first page.")
]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Rows per page.")]
Instant = Annotated[
    AwareDatetime, BeforeValidator(_instant), Field(json_schema_extra={"format": "date-time", "pattern": _INSTANT})
]
Day = Annotated[date, BeforeValidator(_day)]
Search = Annotated[str, Query(max_length=200)]
_FIELDS = Query(
    max_length=500, pattern=r"^[a-z0-9_]+(,[a-z0-9_]+)*$", description="Only these fields, such as `id,name`."
)


async def _chosen(fields: Annotated[str | None, _FIELDS] = None) -> tuple[str, ...]:
    return tuple(fields.split(",")) if fields else ()


Fields = Annotated[tuple[str, ...], Depends(_chosen)]


def only(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """The row with the fields that were asked for. Raises Invalid for one that it does not have."""
    try:
        return {name: row[name] for name in fields}
    except KeyError as error:
        known = ", ".join(row)
        raise Invalid(
            f"There is no field {error.args[0]}. Choose of: {known}.", {"fields": f"Choose of: {known}."}
        ) from error


def utc(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
