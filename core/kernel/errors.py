"""Errors that a user can cause: each is one sentence that says what is wrong and what to do."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar


class ExpectedError(Exception):
    """Shown to the user as it stands. `code` names it for machines, `status` is its HTTP status.

    `headers` go with the HTTP answer.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    headers: Mapping[str, str] = MappingProxyType({})


class SignedOut(ExpectedError):
    code, status = "signed_out", 401


class Denied(ExpectedError):
    code, status = "denied", 403


class NotFound(ExpectedError):
    code, status = "not_found", 404


class AlreadyDone(ExpectedError):
    """An earlier write committed under the same idempotency key."""

    code, status = "already_done", 409


class Conflict(ExpectedError):
    """Somebody else was faster. `changes` has one mapping per later change: who, when, columns."""

    code, status = "conflict", 409

    def __init__(self, sentence: str, changes: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(sentence)
        self.changes = list(changes)


class Invalid(ExpectedError):
    """Input that cannot be accepted. `fields` maps a field's name to its sentence."""

    code, status = "invalid", 422

    def __init__(self, sentence: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.fields = dict(fields or {})


class ReasonRequired(Invalid):
    code = "reason_required"

    def __init__(self) -> None:
        super().__init__("Say why: this action needs a reason.", {"reason": "Say why in a few words."})


class TooMany(ExpectedError):
    """More calls than the caller's limit allows; `retry_after` is in whole seconds."""

    code, status = "rate_limited", 429

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


class Maintenance(ExpectedError):
    code, status = "maintenance", 503


class TooSlow(ExpectedError):
    code, status = "too_slow", 504


class Unavailable(ExpectedError):
    """The database does not answer."""

    code, status = "unavailable", 503


class KeyProblem(ExpectedError):
    """An encryption key is missing, malformed or not the one the data were written with."""

    code, status = "key_problem", 500
