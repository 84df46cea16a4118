"""Lines of access logs: the common and the combined format of Apache and nginx, and JSON of usual names."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import msgspec

from core.health.ingest.rows import Request
from core.health.ingest.rules import MAX_DURATION_MS, path_of

MAX_ROUTE, MAX_METHOD, MAX_TRACE = 500, 20, 100
# Apache's manual, "Log Files": common is host, identity, user, [time], "request", status, bytes; combined adds "referer"
# and "user agent". What a site adds behind these is left alone.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LOG = re.compile(
    rf'\S+ \S+ .*?\[(?P<time>[^\]]{{10,40}})\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{{3}}) (?P<bytes>\d{{1,15}}|-)'
    rf"(?: {_QUOTED} {_QUOTED}(?: .*)?)?"
)
_CLF_TIME = re.compile(r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_ID = re.compile(
    r"/(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9a-f]*\d)[0-9a-f]{12,})(?=/|$)", re.IGNORECASE
)
_NAMES: dict[str, Sequence[str]] = {
    "time": ("time_iso8601", "@timestamp", "timestamp", "time", "time_local", "msec", "ts", "at"),
    "method": ("request_method", "method", "verb"),
    "target": ("request_uri", "uri", "path", "url", "route"),
    "status": ("status", "status_code", "response_status", "http_status"),
    "bytes": ("body_bytes_sent", "bytes_sent", "response_bytes", "bytes", "size"),
    "trace": ("trace_id", "request_id", "http_x_request_id", "correlation_id"),
}
_SECONDS, _MILLISECONDS = ("request_time", "duration", "duration_s"), ("duration_ms", "request_time_ms")


class BadLine(ValueError):
    """The message is the reason that goes into the file of rejects."""


def parse(text: str, *, service: str) -> Request:
    """The request that a line tells of. Raises BadLine."""
    return _of_json(text, service) if text.startswith("{") else _of_log(text, service)


def folded(route: str) -> str:
    """The route with numbers, UUIDs and long hexadecimal parts as {id}."""
    return _ID.sub("/{id}", route)


def _of_log(text: str, service: str) -> Request:
    found = _LOG.fullmatch(text)
    if found is None:
        raise BadLine("not in the common or combined format")
    method, target = _asked(found["request"])
    size = None if found["bytes"] == "-" else int(found["bytes"])
    return Request(
        at=clf_time(found["time"]), service=service, route=_route(target), method=method, status=_status(found["status"]),
        response_bytes=size,
    )  # fmt: skip


def _asked(request: str) -> tuple[str, str]:
    """Method and target; what is no HTTP (a scan, a TLS greeting, a connection closed early) was answered all the same."""
    words = request.split(" ")
    if len(words) in (2, 3) and words[0].isascii() and words[0].isalpha():
        return words[0].upper()[:MAX_METHOD], words[1]
    return "-", "(malformed)"


def _route(target: str) -> str:
    path = target
    if "://" in target[:10]:  # a proxy's absolute form (RFC 9112, section 3.2.2)
        path = "/" + target.partition("://")[2].partition("/")[2]
    return path_of(path)[:MAX_ROUTE].replace("\0", "�")


def _status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadLine("no status") from None
    if not 100 <= status <= 599:
        raise BadLine("the status is not from 100 to 599")
    return status


@lru_cache(4096)
def clf_time(text: str) -> datetime:
    """A time such as 17/May/2015:10:05:03 +0000. Raises BadLine."""
    found = _CLF_TIME.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise BadLine("the time cannot be read")
    day, _, year, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        # A leap second is the one before it.
        moment = (int(year), _MONTHS[found[2]], int(day), int(hour), int(minute), min(int(second), 59))
        return datetime(*moment, tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLine("the time cannot be read") from None


def _of_json(text: str, service: str) -> Request:
    try:
        held = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadLine("not JSON") from None
    if isinstance(held.get("request"), dict):  # as Caddy writes it
        held = {**held["request"], **{name: value for name, value in held.items() if name != "request"}}
    method, target = _asked_of(held)
    size, trace = _first(held, "bytes"), _first(held, "trace")
    return Request(
        at=_moment(_first(held, "time")), service=str(held.get("service") or service)[:100], route=_route(target), method=method,
        status=_status(_first(held, "status")), duration_ms=_duration(held),
        response_bytes=_whole(size), trace_id=str(trace)[:MAX_TRACE] if trace else None,
    )  # fmt: skip


def _first(held: Mapping[str, Any], what: str) -> Any:
    return next((held[name] for name in _NAMES[what] if held.get(name) not in (None, "", "-")), None)


def _asked_of(held: Mapping[str, Any]) -> tuple[str, str]:
    method, target = _first(held, "method"), _first(held, "target")
    if isinstance(target, str) and isinstance(method, str):
        return method.upper()[:MAX_METHOD], target
    if isinstance(held.get("request"), str):
        return _asked(held["request"])
    raise BadLine("no method and path")


def _moment(value: Any) -> datetime:
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            return clf_time(value) if "/" in value else _iso(value)
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except BadLine:
        raise
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadLine("the time cannot be read" if value is not None else "no time") from None


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise BadLine("the time has no zone")
    return moment.astimezone(UTC)


def _duration(held: Mapping[str, Any]) -> float | None:
    for names, scale in ((_MILLISECONDS, 1), (_SECONDS, 1000)):
        for name in names:
            if held.get(name) in (None, "", "-"):
                continue
            try:
                took = float(held[name]) * scale
            except (TypeError, ValueError):
                raise BadLine(f"{name} is not a number") from None
            if not 0 <= took <= MAX_DURATION_MS:
                raise BadLine(f"{name} is negative, not finite or longer than 7 days")
            return took
    return None


def _whole(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= 2**53 else None
