"""Errors as problem details (RFC 9457), each with the request id."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.health.errors.recording import record_error
from core.kernel.errors import Conflict, ExpectedError, Invalid
from core.kernel.logs import current_request_id

MEDIA_TYPE = "application/problem+json"
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_MEANING = {
    401: "Not signed in, or no longer",
    403: "Not permitted",
    404: "Not there, or not in sight",
    409: "Somebody was faster, or it was done already",
    422: "Input that cannot be accepted",
    503: "The database or the portal is not available now",
    504: "It took too long",
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status, meaning in _MEANING.items()
}


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """The answer for one problem; `code` names it for machines."""
    body = {"type": f"urn:quarterdeck:{code}", "title": code.replace("_", " ").capitalize(), "status": status,
            "detail": detail, "request_id": current_request_id(), **more}  # fmt: skip
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


async def _expected(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ExpectedError)
    more: dict[str, Any] = {}
    if isinstance(error, Invalid) and error.fields:
        more["errors"] = error.fields
    if isinstance(error, Conflict) and error.changes:
        more["changes"] = [{"actor": one["actor"], "columns": sorted(one["columns"])} for one in error.changes]
    return problem(error.status, error.code, str(error), **more)


async def _unfit(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = {
        ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]): one["msg"] for one in error.errors()
    }
    detail = "; ".join(f"{name}: {message}" for name, message in fields.items())
    return problem(422, "invalid", detail, errors=fields)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "http_error", str(error.detail))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    record_error(error, route=request.url.path)
    return problem(500, "internal_error", "Something went wrong here. Give the request id to the platform team.")


def install(api: FastAPI) -> None:
    """Every error of the API leaves as a problem."""
    api.add_exception_handler(ExpectedError, _expected)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)
