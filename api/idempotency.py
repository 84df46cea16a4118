"""Idempotency-Key on calls that make something: the second call gets the first one's answer and does nothing."""

import hashlib
from typing import Annotated
from uuid import UUID

import anyio
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from api.identity import CurrentActor
from core.platform.answers import claims
from core.platform.answers.claims import Answer, Asked

REPLAYED = "Idempotency-Replayed"
_KEPT_HEADERS = ("content-type", "etag", "location")
_TOLD = "Your own unique name for this call, such as a UUID. A second call with it within 24 h gets the same answer."


class Replay(Exception):
    """The call was answered before."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


async def claim(
    request: Request,
    actor: CurrentActor,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$", description=_TOLD),
    ] = None,
) -> str | None:
    """The key for the action's `once=`, or None without the header. Raises Replay, InProgress, Invalid."""
    if idempotency_key is None:
        return None
    fingerprint = hashlib.sha256(f"{request.url.query}\n".encode() + await request.body()).digest()
    route = f"{request.method} {request.url.path}"
    asked = Asked(actor.id or UUID(int=0), route, idempotency_key, fingerprint)
    answer = await anyio.to_thread.run_sync(claims.claim, asked)
    if answer is not None:
        raise Replay(answer)
    request.state.asked = asked
    return asked.once


Once = Annotated[str | None, Depends(claim)]


def repeated(answer: Answer) -> Response:
    """The stored answer."""
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})


async def settle(request: Request, response: Response | None) -> None:
    """Keeps a success for whoever asks again; gives the key back when the call changed nothing."""
    asked: Asked | None = request.scope.get("state", {}).get("asked")
    if asked is None:
        return
    if response is None or response.status_code >= 300:
        await anyio.to_thread.run_sync(claims.release, asked)
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = Answer(response.status_code, headers, bytes(response.body).decode())
    await anyio.to_thread.run_sync(claims.keep, asked, answer)
