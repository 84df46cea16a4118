"""Telemetry from services: requests, messages, metrics and errors in batches."""

import hashlib
from functools import partial
from typing import Annotated, Any, Literal

import anyio
import msgspec
from fastapi import Header, Request, Response
from starlette.requests import ClientDisconnect

from api import bodies
from api.answers import JSON, to_json
from api.bodies import NotJson
from api.conventions import CurrentActor, Out, area, documented
from api.idempotency import REPLAYED
from core.health.ingest import rows, rules, splitting
from core.health.ingest.gate import GATE
from core.health.ingest.splitting import Sent
from core.health.ingest.taking import SENDS, Batch, Taken, take
from core.health.ingest.unpacking import unpack
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.kernel.permissions import require

router = area("/events", "telemetry")
PATH, NDJSON = "/api/v1/events", "application/x-ndjson"
MIB = rules.MAX_BYTES // 1024**2
READ_WITHIN_S = 60
bodies.allow(PATH, rules.MAX_BYTES)


class TooSlowly(ExpectedError):
    code, status = "too_slow", 408


class RowProblem(Out):
    """Why one row was refused; `index` counts from 0, in NDJSON it is the line's number less one."""

    index: int
    code: str
    field: str | None
    detail: str


class BatchOut(Out):
    """What became of a batch: `errors` has the first 100 of the `rejected` rows; all others are stored."""

    batch_id: str
    accepted: int
    rejected: int
    errors: list[RowProblem]


def _schema() -> dict[str, Any]:
    """Of the body in JSON, out of the very types that rows are decoded into."""
    _, kinds = msgspec.json.schema_components(rows.KINDS.values(), ref_template="#/components/schemas/{name}")
    other = {"description": "Anything else is refused by itself, and named in `errors`."}
    events = {"type": "array", "maxItems": rules.MAX_ROWS, "items": {"anyOf": [*kinds.values(), other]}}
    batch = {"type": ["string", "null"], "minLength": 1, "maxLength": rules.MAX_BATCH_ID, "pattern": "^[!-~]+$"}
    return {"type": "object", "required": ["events"], "additionalProperties": False,
            "properties": {"batch_id": batch, "events": events}}  # fmt: skip


_BODY = {
    "required": True,
    "description": f"Up to {rules.MAX_ROWS:,} rows and {MIB} MiB; may be compressed (Content-Encoding: gzip).",
    "content": {JSON: {"schema": _schema()}, NDJSON: {"schema": {"type": "string", "description": "A row a line."}}},
}
_TOLD = "The batch's id, in place of batch_id. A second call with it changes nothing and gets the same answer."
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=rules.MAX_BATCH_ID, pattern=r"^[!-~]+$", description=_TOLD
    ),
]
_MORE = {
    408: {"description": "The body did not arrive within a minute"},
    413: {"description": f"The body is larger than {MIB} MiB"},
    415: {"description": "The body is neither JSON nor NDJSON, or packed in a way that is not known"},
}


def _problems() -> dict[int | str, dict[str, Any]]:
    shape = documented(503)[503]
    return {status: {**shape, **told} for status, told in _MORE.items()}


@router.post("", response_model=BatchOut, openapi_extra={"requestBody": _BODY}, responses=_problems())
async def send_events(request: Request, actor: CurrentActor, idempotency_key: Key = None) -> Response:
    """Stores a batch of rows. Each is judged on its own: the good ones are stored, the others are named in `errors`.

    Rows of the types request, message, metric and error, up to 7 days old. A batch that was stored is committed; send one
    that was not answered again under its id, and none of its rows is stored twice.
    """
    require(actor, SENDS)
    kind = _kind_of(request)
    with GATE.enter(actor.id):
        body = await _read(request)
        work = partial(_take, actor, kind, request.headers.get("content-encoding", ""), idempotency_key)
        taken = await GATE.run(work, body)
    return Response(to_json(taken.answer), 200, {REPLAYED: "true"} if taken.is_repeat else None, JSON)


def _kind_of(request: Request) -> Literal["json", "ndjson"]:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given in (NDJSON, "application/ndjson", "application/jsonl"):
        return "ndjson"
    if given != JSON:
        raise NotJson(f"Send the batch as {JSON}, or a row a line as {NDJSON}.")
    return "json"


async def _read(request: Request) -> bytes:
    try:
        with anyio.fail_after(READ_WITHIN_S):
            return await request.body()
    except TimeoutError:
        raise TooSlowly(f"The body did not arrive within {READ_WITHIN_S} s. Send smaller batches.") from None
    except ClientDisconnect:
        raise Invalid("The connection ended before the body did.") from None


def _take(actor: Actor, kind: str, encoding: str, key: str | None, body: bytes) -> Taken:
    unpacked = unpack(body, encoding, rules.MAX_BYTES)
    sent = splitting.split_lines(unpacked) if kind == "ndjson" else splitting.split_json(unpacked)
    batch = Batch(_batch_id(sent, key), sent.rows, hashlib.sha256(unpacked).digest())
    return take(actor, batch)


def _batch_id(sent: Sent, key: str | None) -> str:
    if sent.batch_id is not None and key is not None and sent.batch_id != key:
        raise Invalid(
            "batch_id and Idempotency-Key differ. Send one of them.", {"batch_id": "Differs from the header."}
        )
    chosen = sent.batch_id if sent.batch_id is not None else key
    if chosen is None:
        sentence = (
            "Give the batch an id of its own (batch_id, or the header Idempotency-Key), so that it can be sent again."
        )
        raise Invalid(sentence, {"batch_id": "Missing."})
    if not rules.is_batch_id(chosen):
        sentence = f"A batch id has 1 to {rules.MAX_BATCH_ID} visible ASCII characters, such as a UUID."
        raise Invalid(sentence, {"batch_id": sentence})
    return chosen
