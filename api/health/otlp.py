"""The OpenTelemetry protocol over HTTP: any OpenTelemetry SDK or collector can export to the portal.

Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP". The address for exporters is /api/otlp. Errors have the protocol's form,
`google.rpc.Status`, in the encoding of the call; 429, 503 and 504 may be sent again, the others not.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import bodies
from api.conventions import CurrentActor
from core.health.ingest.gate import GATE
from core.health.ingest.rules import MAX_BYTES
from core.health.otlp import formats, receiving
from core.health.otlp.formats import JSON, PROTOBUF, Encoding, Signal
from core.kernel.errors import ExpectedError, Invalid, Unavailable
from core.kernel.permissions import require

BASE = "/otlp/v1"
READ_WITHIN_S, RETRY_AFTER_S = 60, 5
# google/rpc/code.proto
_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14, 504: 4}
_INTERNAL = 13


class UnknownType(ExpectedError):
    code, status = "unsupported_media_type", 415


class Route(APIRoute):
    """Errors leave as the protocol has them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except ExpectedError as error:
                status = 400 if isinstance(error, Invalid) else error.status
                return _failure(request, status, str(error), dict(error.headers))
            except HTTPException as error:
                told = f"The body is larger than {MAX_BYTES // 1024**2} MiB. Export smaller batches."
                return _failure(request, error.status_code, told if error.status_code == 413 else str(error.detail), {})

        return answered


router = APIRouter(prefix=BASE, tags=["telemetry"], route_class=Route, include_in_schema=False)
for _signal in formats.REQUESTS:
    bodies.allow(f"/api{BASE}/{_signal}", MAX_BYTES)


def _encoding_of(request: Request) -> Encoding | None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return PROTOBUF if given == PROTOBUF else JSON if given == JSON else None


def _failure(request: Request, status: int, told: str, headers: dict[str, str]) -> Response:
    if status in (503, 504):
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    encoding = _encoding_of(request) or JSON
    body = formats.encoded(formats.failure(_CODES.get(status, _INTERNAL), told), encoding)
    return Response(body, status, headers, encoding)


@router.post("/metrics")
async def export_metrics(request: Request, actor: CurrentActor) -> Response:
    """Gauges, sums, histograms and summaries become series of metrics."""
    return await _export(request, actor, "metrics")


@router.post("/traces")
async def export_traces(request: Request, actor: CurrentActor) -> Response:
    """Spans of servers become requests, exceptions become errors."""
    return await _export(request, actor, "traces")


@router.post("/logs")
async def export_logs(request: Request, actor: CurrentActor) -> Response:
    """Records of severity ERROR and above become errors."""
    return await _export(request, actor, "logs")


async def _export(request: Request, actor: CurrentActor, signal: Signal) -> Response:
    require(actor, receiving.SENDS)
    encoding = _encoding_of(request)
    if encoding is None:
        raise UnknownType(f"Export with Content-Type {PROTOBUF} or {JSON}.")
    with GATE.enter(actor.id):
        body = await _read(request)
        packing = request.headers.get("content-encoding", "")
        answer = await GATE.run(partial(receiving.receive, actor, signal, body, encoding, packing=packing))
    message = formats.answer(signal, answer.rejected, answer.told)
    return Response(formats.encoded(message, encoding), 200, None, encoding)


async def _read(request: Request) -> bytes:
    try:
        with anyio.fail_after(READ_WITHIN_S):
            return await request.body()
    except TimeoutError:
        raise Unavailable(f"The body did not arrive within {READ_WITHIN_S} s. Export smaller batches.") from None
    except ClientDisconnect:
        raise Invalid("The connection ended before the body did.") from None
