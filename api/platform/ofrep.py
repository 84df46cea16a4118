"""OpenFeature's Remote Evaluation Protocol, version 1: any OpenFeature SDK can evaluate the portal's flags.

Source: github.com/open-feature/protocol, service/openapi.yaml. It is reached at /ofrep/v1 and /api/ofrep/v1. Errors of an
evaluation have the protocol's form (400, 404); whoever may not call gets a problem, as everywhere.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import JSON, to_json
from api.conditions import is_known
from api.conventions import CurrentActor, area
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Unavailable
from core.kernel.permissions import require
from core.kernel.reads import as_id
from core.platform.flags import audience, evaluating
from core.platform.flags.answers import NOT_FOUND, NOT_READY, Evaluation

router = area("/ofrep/v1", "ofrep", base="")
MISSING, INVALID, PARSE = "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "PARSE_ERROR"
_NOT_YET = "The flags have not been loaded yet. Try again in a second."
# What callers name as OpenFeature does, and what rules name as the portal does.
_NAMES = {"tenantId": "tenant_id", "userId": "user_id"}


@dataclass(frozen=True, slots=True)
class Given:
    """The context of a call, or what is wrong with it."""

    context: Mapping[str, Any]
    error: tuple[str, str] | None = None


async def _given(request: Request) -> Given:
    try:
        body = await request.json() if await request.body() else {}
    except ValueError as error:
        return Given({}, (PARSE, f"The body is not JSON: {error}."))
    context = body.get("context", {}) if isinstance(body, dict) else None
    if not isinstance(context, dict):
        return Given({}, (INVALID, "Send a JSON object with the object `context`."))
    for name in ("targetingKey", "tenantId", "tenant_id", "userId", "user_id"):
        if not isinstance(context.get(name, ""), str):
            return Given({}, (INVALID, f"{name} must be a text."))
    return Given(context)


Body = Annotated[Given, Depends(_given)]


def context_of(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The context as rules see it; None when it names nobody.

    The targeting key is the tenant, or the user where the tenant is named besides. A key that is bound to a tenant
    evaluates for that one. What the portal knows of the tenant counts more than what the caller says. Raises Denied.
    """
    named = {_NAMES.get(name, name): value for name, value in given.items() if name != "targetingKey"}
    target = given.get("targetingKey") or None
    tenant_id = named.get("tenant_id") or (str(actor.tenant_id) if actor.scope == "tenant" else target)
    if tenant_id is None:
        return None
    if target is not None and target != tenant_id:
        named.setdefault("user_id", target)
    return {**named, "tenant_id": tenant_id, **_facts(actor, tenant_id)}


def _facts(actor: Actor, tenant_id: str) -> dict[str, Any]:
    key = as_id(tenant_id)
    if actor.scope != "all" and (key is None or not audience.is_in_sight(actor, key)):
        raise Denied("This tenant is not among those that you may evaluate flags for.")
    return audience.facts_of(key) if key else {}


def _error(status: int, code: str, details: str, *, key: str | None = None) -> Response:
    named = {"key": key} if key is not None else {}
    return Response(to_json({**named, "errorCode": code, "errorDetails": details}), status, media_type=JSON)


def _answer(found: Evaluation, environment: str) -> dict[str, Any]:
    if found.error_code is not None:
        return {"key": found.key, "errorCode": found.error_code, "errorDetails": found.sentence}
    metadata: dict[str, Any] = {"environment": environment, "sentence": found.sentence}
    if found.config:
        metadata["config"] = to_json(found.config).decode()  # metadata hold texts, numbers and truth values only
    return {
        "key": found.key,
        "reason": found.reason,
        "variant": found.variant,
        "value": found.value,
        "metadata": metadata,
    }


def _context(actor: Actor, given: Given, key: str | None = None) -> dict[str, Any] | Response:
    require(actor, "flags:evaluate")
    if given.error is not None:
        return _error(400, *given.error, key=key)
    context = context_of(actor, given.context)
    if context is None:
        return _error(400, MISSING, "Send a targetingKey: the tenant's id, or the user's beside tenantId.", key=key)
    return context


@router.post("/evaluate/flags/{key}", include_in_schema=False)
def evaluate_flag(actor: CurrentActor, key: str, given: Body) -> Response:
    """One flag for one context."""
    context = _context(actor, given, key)
    if isinstance(context, Response):
        return context
    flags = evaluating.own()
    found = flags.evaluate(key, context)
    if found.error_code == NOT_READY:
        raise Unavailable(_NOT_YET)
    if found.error_code is not None:
        return _error(404 if found.error_code == NOT_FOUND else 400, found.error_code, found.sentence, key=key)
    return Response(to_json(_answer(found, flags.environment)), media_type=JSON)


@router.post("/evaluate/flags", include_in_schema=False)
def evaluate_flags(request: Request, actor: CurrentActor, given: Body) -> Response:
    """All flags for one context; 304 while they are what If-None-Match says."""
    context = _context(actor, given)
    if isinstance(context, Response):
        return context
    flags = evaluating.own()
    evaluations = flags.all(context)
    if flags.status().revision is None:
        raise Unavailable(_NOT_YET)
    answers = [_answer(found, flags.environment) for _, found in sorted(evaluations.items())]
    body = to_json({"flags": answers, "metadata": {"environment": flags.environment}})
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(None, 304, {"ETag": etag})
    return Response(body, 200, {"ETag": etag}, JSON)


def at_root(api: ASGIApp) -> ASGIApp:
    """The API for the mount /ofrep: its paths begin there, without the /api before them."""

    async def forward(scope: Scope, receive: Receive, send: Send) -> None:
        scope["root_path"] = scope["root_path"].removesuffix("/ofrep")
        await api(scope, receive, send)

    return forward
