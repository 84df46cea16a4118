"""What may come in: at most 1 MiB (few paths take more), JSON of a sane depth, text that PostgreSQL can hold."""

import json
import re
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.kernel.errors import ExpectedError, Invalid

LARGEST = 1024 * 1024
_larger: dict[str, int] = {}
# An escaped NUL that is not itself behind an escaped backslash.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NO_NUL = "NUL characters cannot be stored. Leave them out."


class NotJson(ExpectedError):
    code, status = "unsupported_media_type", 415


class NotAcceptable(ExpectedError):
    code, status = "not_acceptable", 406


def allow(path: str, most: int) -> None:
    """Lets calls to this path bring bodies of up to `most` bytes; only for routes that read the body after they know who
    calls."""
    _larger[path] = most


def most_of(scope: Scope) -> int:
    """How many bytes a call may bring."""
    return _larger.get(scope["path"], LARGEST)


class BodyLimit:
    """ASGI middleware: counts what arrives, and ends the call with 413 when it is more than the path may bring."""

    def __init__(self, app: ASGIApp, refuse: ASGIApp) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        declared, most = Headers(scope=scope).get("content-length", ""), most_of(scope)
        if declared.isdecimal() and int(declared[:20]) > most:
            await self.refuse(scope, receive, send)
            return
        await self.app(scope, _counting(receive, most), send)


def _counting(receive: Receive, most: int) -> Receive:
    arrived = 0

    async def counted() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > most:
            raise HTTPException(413)
        return message

    return counted


class Call(Request):
    """A request whose JSON is read strictly: UTF-8, no lone surrogates, no NaN, no NUL, at most 1,024 levels deep."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            body = await self.body()
            if _NUL.search(body):
                raise json.JSONDecodeError(NO_NUL, "", 0)
            self._json = orjson.loads(body)
        return self._json


def require_text(scope: Scope) -> None:
    """Raises Invalid for a NUL in the path or the query."""
    if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
        raise Invalid(NO_NUL)


def require_json(headers: Headers) -> None:
    """Raises NotJson for a body of another type."""
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json" and not (given.startswith("application/") and given.endswith("+json")):
        raise NotJson("Send the body as JSON, with Content-Type: application/json.")


def require_acceptable(headers: Headers, produced: str) -> None:
    """Raises NotAcceptable when the caller wants nothing of what is produced (RFC 9110, section 12.5.1)."""
    wanted = headers.get("accept")
    if wanted is None or wanted in ("*/*", produced):
        return
    kinds = [part.partition(";") for part in wanted.lower().split(",")]
    names = {kind.strip() for kind, _, quality in kinds if not re.search(r"q\s*=\s*0(\.0*)?\s*$", quality)}
    if names.isdisjoint({produced, f"{produced.partition('/')[0]}/*", "*/*"}):
        raise NotAcceptable(f"This answers with {produced} only. Ask for that, or leave Accept out.")
