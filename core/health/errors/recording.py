"""Keeps what nobody expected: in the log, and in the table of errors."""

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from core.health.errors.models import ErrorGroup, ErrorRecord
from core.health.errors.rules import fingerprint
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import current_request_id, get_logger
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

OWN = str(Path(__file__).parents[3])
MESSAGE_LENGTH, TRACE_LENGTH = 2_000, 50_000
COLUMNS = [
    "at", "id", "service", "tenant_id", "fingerprint", "type", "message", "trace", "route", "request_id", "operator_id",
]  # fmt: skip
_NEW = insert(ErrorGroup)
_SEEN = _NEW.on_conflict_do_update(
    index_elements=["fingerprint"],
    set_={
        "first_seen_at": func.least(ErrorGroup.first_seen_at, _NEW.excluded.first_seen_at),
        "last_seen_at": func.greatest(ErrorGroup.last_seen_at, _NEW.excluded.last_seen_at),
    },
)
log = get_logger()


def store(tx: Recording, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores errors and what their groups become. Each row: COLUMNS, where `id` may be missing; texts are cut to size."""
    held = [{"id": uuid7(), **row, **_told(row)} for row in rows]
    for day in {row["at"].date(): row["at"] for row in held}.values():
        retention.make_ready(tx, "error_record", "day", day, day)
    tx.copy(ErrorRecord, held, COLUMNS)
    tx.execute(_SEEN, [_seen(group) for group in _by_fingerprint(held)])


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "message": text_of(row["message"], MESSAGE_LENGTH), "trace": text_of(row["trace"], TRACE_LENGTH, keep_end=True),
    }  # fmt: skip


def _by_fingerprint(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """In the order of the fingerprints: two batches at the same time wait for each other, and never in a circle."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda one: (one["fingerprint"], one["at"])):
        groups.setdefault(row["fingerprint"], []).append(row)
    return list(groups.values())


def _seen(group: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    about = {name: group[0][name] for name in ("fingerprint", "service", "type", "message", "route")}
    return about | {"first_seen_at": group[0]["at"], "last_seen_at": group[-1]["at"]}


def record_error(
    error: BaseException, *, route: str, request_id: str | None = None, operator_id: UUID | None = None
) -> None:
    """Logs the error with its trace and stores it. Never raises: without a database the log has to do."""
    known, kind = request_id or current_request_id() or "", type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    mark = fingerprint(kind, str(error), frames, own=OWN)
    log.error("unexpected error", route=route, fingerprint=mark, exc_info=(type(error), error, error.__traceback__))
    now = utc_now()
    row = {
        "at": now, "service": "portal", "tenant_id": None, "fingerprint": mark, "type": kind, "message": str(error),
        "trace": "".join(traceback.format_exception(error)), "route": route, "request_id": known,
        "operator_id": operator_id,
    }  # fmt: skip
    try:
        with record(Actor.system("errors", request_id=known), timeout_ms=2_000) as tx:
            store(tx, [row])
    except ExpectedError as problem:
        log.warning("error not stored", fingerprint=mark, error=str(problem))


def text_of(told: str, length: int, *, keep_end: bool = False) -> str:
    """At most `length` characters; PostgreSQL's text takes neither NUL nor lone surrogates."""
    clean = told.replace("\0", "�").encode("utf-8", "replace").decode()
    return clean[-length:] if keep_end else clean[:length]
