"""How the API answers: JSON straight from rows, ETags of what has a version, links to the next page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pandas as pd
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from api.conditions import is_known
from api.listing import only

JSON = "application/json"
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def to_json(data: Any) -> bytes:
    """UTF-8 JSON. Times in UTC with Z, durations in seconds, ids as text, decimals as numbers."""
    return orjson.dumps(data, _plain, _OPTIONS)


def entity(
    request: Request, data: Mapping[str, Any] | BaseModel, *, status: int = 200, location: str | None = None,
    fields: tuple[str, ...] = (),
) -> Response:  # fmt: skip
    """One thing. What has a `version` gets it as ETag, and a reader who has that version already gets 304."""
    row = data.model_dump() if isinstance(data, BaseModel) else data
    headers = {"Location": location} if location else {}
    if "version" in row:
        headers["ETag"] = etag = f'"{row["version"]}"'
        if request.method == "GET" and is_known(request.headers.get("if-none-match"), etag):
            return Response(None, 304, headers)
    return Response(to_json(only(row, fields) if fields else dict(row)), status, headers, JSON)


def collection(
    request: Request, rows: Sequence[Mapping[str, Any]], after: str | None = None, *, fields: tuple[str, ...] = ()
) -> Response:
    """A page of a list: `items`, and the cursor of the `next` page (null at the end), which is in the Link header too."""
    items = [only(row, fields) for row in rows] if fields else [dict(row) for row in rows]
    headers = {"Link": f'<{next_page(request, after)}>; rel="next"'} if after else {}
    return Response(to_json({"items": items, "next": after}), 200, headers, JSON)


def next_page(request: Request, cursor: str) -> str:
    """The same list from the cursor on, as a path with its query."""
    url = request.url.include_query_params(cursor=cursor)
    return f"{url.path}?{url.query}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame with None for what is unknown."""
    return [_known(row) for row in frame.to_dict("records")]


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, (list, dict, str)):
        return value
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.to_pydatetime()
    return None if pd.isna(value) else value


def nothing(headers: Mapping[str, str] | None = None) -> Response:
    """204: done, and there is nothing to say."""
    return Response(None, 204, dict(headers or {}))


def rows_of(models: Iterable[BaseModel]) -> list[dict[str, Any]]:
    return [one.model_dump() for one in models]
