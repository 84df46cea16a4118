"""Errors as problem details (RFC 9457), each with the request id."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.bodies import most_of
from core.health.errors.recording import record_error
from core.kernel.errors import Conflict, ExpectedError, Invalid
from core.kernel.logs import current_request_id

MEDIA_TYPE = "application/problem+json"
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong, after RFC 9457. `type` names it for machines, `detail` tells people what to do.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:quarterdeck:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"], "description": "Give it to the platform team."},
        "errors": {
            "type": "object", "additionalProperties": {"type": "string"},
            "description": "Of 422: a sentence for each field that cannot be accepted.",
        },
        "changes": {
            "type": "array", "description": "Of 409 and 412: who changed what in the meantime.",
            "items": {"type": "object", "properties": {
                "actor": {"type": "string"}, "columns": {"type": "array", "items": {"type": "string"}},
            }},
        },
    },
}  # fmt: skip
MEANING = {
    401: "Not signed in, or no longer",
    403: "Not permitted",
    404: "Not there, or not in sight",
    405: "The path does not take this method; Allow lists those it takes",
    406: "The answer cannot be given in a format that Accept lists",
    409: "Somebody was faster, it was done already, or it is being done",
    412: "The version in If-Match is not the present one; `changes` tells who changed what",
    413: "The body is larger than 1 MiB",
    415: "The body is not JSON",
    422: "Input that cannot be accepted; `errors` names the fields",
    428: "If-Match is needed here",
    429: "Too many calls; Retry-After says in how many seconds to call again",
    500: "A defect; it has been recorded under the request id",
    503: "The database or the portal is not available now",
    504: "It took too long",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: these errors as problems."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": MEANING[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


# What any call may end in; the rest follows from what an operation takes (api/document.py).
DOCUMENTED = documented(401, 403, 406, 429, 500, 503, 504)


def problem(status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The answer for one problem; `code` names it for machines."""
    body = {"type": f"urn:quarterdeck:{code}", "title": code.replace("_", " ").capitalize(), "status": status,
            "detail": detail, "request_id": current_request_id(), **more}  # fmt: skip
    return Response(orjson.dumps(body, default=str), status, dict(headers or {}), MEDIA_TYPE)


def too_large(most: int) -> Response:
    """413, with how many bytes are allowed."""
    return problem(413, "too_large", f"The body is larger than {most // 1024**2} MiB. Send less at once.")


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExpectedError)
    more: dict[str, Any] = {}
    status, code = error.status, error.code
    if isinstance(error, Invalid) and error.fields:
        more["errors"] = error.fields
    if isinstance(error, Conflict):
        if error.changes:
            more["changes"] = [{"actor": one["actor"], "columns": sorted(one["columns"])} for one in error.changes]
        if "if-match" in request.headers:
            status, code = 412, "precondition_failed"
    return problem(status, code, str(error), headers=getattr(error, "headers", None), **more)


def _told(one: Mapping[str, Any]) -> str:
    because = one.get("ctx", {}).get("error")
    return f"{one['msg']}: {because}" if one["type"] == "json_invalid" and because else str(one["msg"])


async def _unfit(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = {
        ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]): _told(one) for one in error.errors()
    }
    detail = "; ".join(f"{name}: {message}" for name, message in fields.items())
    return problem(422, "invalid", _plain(detail), errors={_plain(name): _plain(said) for name, said in fields.items()})


def _plain(text: str) -> str:
    """Text that JSON can carry: a lone surrogate of the input becomes a question mark."""
    return text.encode(errors="replace").decode()


async def _outside(_: Request, error: Exception) -> Response:
    """A value that Python can hold and PostgreSQL cannot; nothing was changed."""
    assert isinstance(error, DataError)
    return problem(422, "invalid", "A value is outside of what can be stored. Check numbers, times and characters.")


_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _allowed(request: Request) -> str:
    """Every method of the path; the router itself knows only those of the first route that fits."""
    routes = request.app.routes
    fits = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] == Match.FULL for route in routes)
    ]
    return ", ".join(fits)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 413:
        return too_large(most_of(request.scope))
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    detail = {
        404: "There is nothing at this path.",
        405: f"This path takes {headers.get('Allow')} only.",
    }.get(error.status_code, str(error.detail))
    return problem(error.status_code, _CODES.get(error.status_code, "http_error"), detail, headers=headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    record_error(error, route=request.url.path)
    return problem(500, "internal_error", "Something went wrong here. Give the request id to the platform team.")


def install(api: FastAPI) -> None:
    """Every error of the API leaves as a problem."""
    api.add_exception_handler(ExpectedError, _expected)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(DataError, _outside)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)
