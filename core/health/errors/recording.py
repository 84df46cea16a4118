"""Keeps what nobody expected: in the log, and in the table of errors."""

import traceback
from pathlib import Path
from uuid import UUID

from core.health.errors.models import ErrorRecord
from core.health.errors.rules import fingerprint
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import current_request_id, get_logger
from core.kernel.telemetry import record
from core.kernel.times import utc_now

OWN = str(Path(__file__).parents[3])
MESSAGE_LENGTH, TRACE_LENGTH = 2_000, 50_000
log = get_logger()


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
        "at": now, "fingerprint": mark, "type": kind, "message": _text(str(error), MESSAGE_LENGTH),
        "trace": _text("".join(traceback.format_exception(error)), TRACE_LENGTH, keep_end=True), "route": route,
        "request_id": known, "operator_id": operator_id,
    }  # fmt: skip
    try:
        with record(Actor.system("errors", request_id=known), timeout_ms=2_000) as tx:
            retention.make_ready(tx, "error_record", "day", now, now)
            tx.session.add(ErrorRecord(**row))
    except ExpectedError as problem:
        log.warning("error not stored", fingerprint=mark, error=str(problem))


def _text(told: str, length: int, *, keep_end: bool = False) -> str:
    """PostgreSQL's text takes neither NUL nor lone surrogates."""
    clean = told.replace("\0", "�").encode("utf-8", "replace").decode()
    return clean[-length:] if keep_end else clean[:length]
