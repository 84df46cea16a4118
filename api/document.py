"""The OpenAPI document: what FastAPI knows of the routes, and what all of them share."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from api.deprecation import MARK
from api.idempotency import REPLAYED
from api.problems import MEANING, MEDIA_TYPE, SCHEMA
from api.routing import PRODUCES

ABOUT = """\
Everything that the portal does, for machines: the same rights, the same audit as its pages.

Send an API key as `Authorization: Bearer …`, or the session cookie of a signed-in operator. Errors are problem details
(RFC 9457). Lists have `items` and `next`; give `next` back as `cursor`. What has a `version` has it as ETag: send it as
If-Match with a change, and nobody's edit is lost. Send an Idempotency-Key with what makes something, and a call that you
repeat is done once. Times are RFC 3339 in UTC, durations are seconds, shares run from 0 to 1.
"""
SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "quarterdeck_session",
        "description": "A signed-in operator.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "An API key of the page API keys."},
    "key_header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, for clients without bearer.",
    },
}
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of this call in logs and audit; yours, if you sent a good one.",
        "schema": _TEXT,
    },
    "RateLimit": {"description": "What is left of the key's quota, and for how many seconds.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "The key's quota.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds after which to call again.", "schema": _NUMBER},
    "ETag": {"description": "The version, for If-Match and If-None-Match.", "schema": _TEXT},
    "Location": {"description": "Where the new thing is.", "schema": _TEXT},
    "Link": {"description": "The next page (rel=next), or what replaces this operation.", "schema": _TEXT},
    "Allow": {"description": "The methods of this path.", "schema": _TEXT},
    "WWW-Authenticate": {"description": "How to sign in.", "schema": _TEXT},
    REPLAYED: {"description": "`true` when the stored answer of an earlier call is repeated.", "schema": _TEXT},
    "Deprecation": {"description": "Since when this operation is deprecated (RFC 9745).", "schema": _TEXT},
    "Sunset": {"description": "When it will go (RFC 8594).", "schema": _TEXT},
}
_OF_PROBLEM = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_ALWAYS = (405, 406, 429, 500, 503, 504)


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _problem_response(status: int, meaning: str) -> dict[str, Any]:
    names = ("X-Request-ID", *_OF_PROBLEM.get(status, ()))
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": meaning, "headers": {name: _header(name) for name in names}, "content": content}


def _takes(operation: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
    return {one["name"].lower(): one for one in operation.get("parameters", ()) if one["in"] == place}


def errors_of(operation: dict[str, Any]) -> set[int]:
    """Every error that an operation can end in, from what it takes and what its router says."""
    found = {int(status) for status in operation["responses"] if status.isdecimal() and int(status) >= 400}
    headers = _takes(operation, "header")
    found.update(_ALWAYS)
    if operation.get("security") != []:
        found.update((401, 403))
    if _takes(operation, "path") or "requestBody" in operation:
        found.add(404)
    if operation.get("parameters") or "requestBody" in operation:
        found.add(422)
    if "requestBody" in operation:
        found.update((413, 415))
    if "if-match" in headers:
        found.update((409, 412))
    if "idempotency-key" in headers:
        found.add(409)
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in document["paths"].values():
        yield from item.items()


def _schema_of(document: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"].get(name, schema)
    return found


def _describe_success(
    document: dict[str, Any], method: str, operation: dict[str, Any], response: dict[str, Any]
) -> None:
    properties = _schema_of(document, response.get("content", {})).get("properties", {})
    names = ["X-Request-ID", "RateLimit", "RateLimit-Policy"]
    names += ["ETag"] * ("version" in properties)
    names += ["Link"] * ("next" in properties or bool(operation.get("deprecated")))
    names += ["Deprecation", "Sunset"] * bool(operation.get("deprecated"))
    names += [REPLAYED, "Location"] * ("idempotency-key" in _takes(operation, "header"))
    response.setdefault("headers", {}).update({name: _header(name) for name in names})
    if method == "get" and "version" in properties:
        _may_be_known(operation)


def _may_be_known(operation: dict[str, Any]) -> None:
    told = "The ETag that you have; 304 when it is still the present one."
    operation.setdefault("parameters", []).append(
        {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}, "description": told}
    )
    operation["responses"]["304"] = {
        "description": "You have the present version.",
        "headers": {name: _header(name) for name in ("X-Request-ID", "ETag")},
    }


def _allow_parts(document: dict[str, Any], operation: dict[str, Any]) -> None:
    """Where `fields` chooses columns, none of them is sure to be there."""
    schemas = document["components"]["schemas"]
    for response in operation["responses"].values():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        if name not in schemas:
            continue
        part = schemas.setdefault(f"{name}Part", deepcopy(schemas[name]))
        items = part["properties"].get("items", {}).get("items", {})
        inner = items.get("$ref", "").rpartition("/")[2]
        if inner:
            schemas.setdefault(f"{inner}Part", deepcopy(schemas[inner])).pop("required", None)
            items["$ref"] = f"#/components/schemas/{inner}Part"
        else:
            part.pop("required", None)
        schema["$ref"] = f"#/components/schemas/{name}Part"


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is not one that may be null: there is no null in a query or a header."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1 or len(schema["anyOf"]) != 2:
        return schema
    only: dict[str, Any] = kinds[0]
    return {name: value for name, value in schema.items() if name != "anyOf"} | only


def _finish(document: dict[str, Any], method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    is_open = operation.get("security") == []
    told = errors_of(operation) - ({401, 403} if is_open else set())
    for status in [one for one in responses if one.isdecimal() and int(one) < 300]:
        _describe_success(document, method, operation, responses[status])
        if produced := operation.get(PRODUCES):
            responses[status]["content"] = {produced: {"schema": {"type": "string"}}}
    if "fields" in _takes(operation, "query"):
        _allow_parts(document, operation)
    for status in sorted(told):
        meaning = responses.get(str(status), {}).get("description") or MEANING[status]
        known = status in MEANING and meaning in (MEANING[status], "Validation Error")
        responses[str(status)] = (
            {"$ref": f"#/components/responses/{status}"} if known else _problem_response(status, meaning)
        )


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with shared problems, headers and security schemes."""
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["headers"] = HEADERS
    parts["responses"] = {str(status): _problem_response(status, meaning) for status, meaning in MEANING.items()}
    parts["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    document["servers"] = [{"url": "/api"}]
    for method, operation in _operations(document):
        _finish(document, method, operation)
    return document


def install(api: FastAPI) -> None:
    """Makes `api.openapi()` give the whole document, built once."""
    plain = api.openapi

    def whole() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = complete(plain())
        return api.openapi_schema

    api.openapi = whole  # type: ignore[method-assign]


__all__ = ["ABOUT", "MARK", "complete", "install"]
