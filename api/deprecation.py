"""Routes that will go: Deprecation (RFC 9745), Sunset (RFC 8594) and a link to the successor, on every answer."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

MARK = "x-deprecation"


def deprecated_route(*, since: date, sunset: date, successor: str) -> dict[str, Any]:
    """For a route's decorator: `@router.get(..., **deprecated_route(...))`. Days begin at midnight UTC."""
    told = {"since": since.isoformat(), "sunset": sunset.isoformat(), "successor": successor}
    return {"deprecated": True, "openapi_extra": {MARK: told}}


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), UTC)


def headers_of(told: dict[str, str]) -> dict[str, str]:
    """The three headers."""
    return {
        "Deprecation": f"@{int(_midnight(told['since']).timestamp())}",
        "Sunset": format_datetime(_midnight(told["sunset"]), usegmt=True),
        "Link": f'<{told["successor"]}>; rel="successor-version"',
    }


def announcing(send: Send, told: dict[str, str]) -> Send:
    """Adds the headers to whatever is answered, errors included."""
    headers = headers_of(told)

    async def announced(message: Message) -> None:
        if message["type"] == "http.response.start":
            for name, value in headers.items():
                MutableHeaders(scope=message).append(name, value)
        await send(message)

    return announced
