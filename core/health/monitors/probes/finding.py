"""What one look found, and how a failure is told."""

import errno
import socket
import ssl
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp

from core.health.monitors.rules import MAX_DETAIL
from core.kernel.logs import get_logger
from core.kernel.outbound import Refused
from core.kernel.times import utc_now

# What this process lacks, and not what it looks at.
_OWN = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}
_SILENT = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ETIMEDOUT, errno.EHOSTDOWN}
log = get_logger()


@dataclass(frozen=True, slots=True)
class Finding:
    """`state`: up, degraded or down. `latency_ms` is None without an answer.

    `is_answered` is false when nobody answered, which may be the network's fault; `is_own_fault` when the checker itself
    could not look, so that nothing was found at all.
    """

    state: str
    detail: str
    latency_ms: float | None = None
    certificate_expires_at: datetime | None = None
    is_answered: bool = True
    is_own_fault: bool = False

    def within(self, slow_ms: int | None) -> "Finding":
        """Degraded when it was up and took longer than the limit."""
        if self.state != "up" or slow_ms is None or self.latency_ms is None or self.latency_ms <= slow_ms:
            return self
        return replace(self, state="degraded", detail=f"took {self.latency_ms:,.0f} ms, more than {slow_ms:,} ms")

    def with_expiry(self, expires_at: datetime | None, days: int | None) -> "Finding":
        """Degraded when it was up and the certificate ends within so many days."""
        found = replace(self, certificate_expires_at=expires_at)
        if expires_at is None or days is None or self.state == "down":
            return found
        left = expires_at - utc_now()
        if left > timedelta(days=days):
            return found
        return replace(found, state="degraded", detail=f"the certificate expires on {day(expires_at)}")


def storable(text: str) -> str:
    """One line that the database takes, whatever a server wrote into it."""
    return " ".join(text.encode(errors="replace").decode().replace("\x00", "").split())[:MAX_DETAIL]


def day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def of_failure(error: Exception, latency_ms: float) -> Finding:
    """Down, with the failure as a short phrase."""
    cause = _root(error)
    number = getattr(cause, "errno", None)
    if number in _OWN:
        return Finding("down", str(cause)[:MAX_DETAIL], is_answered=False, is_own_fault=True)
    if isinstance(cause, Refused):
        return Finding("down", f"not asked: {cause}")
    if isinstance(cause, socket.gaierror):
        is_known_not_to_be = cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
        return Finding("down", f"the name is not found ({cause.strerror})", is_answered=is_known_not_to_be)
    if not isinstance(cause, (OSError, EOFError, ValueError, aiohttp.ClientError)):
        log.error("a monitor's check failed by a defect", exc_info=error)
        return Finding("down", f"the check failed ({type(cause).__name__})", is_own_fault=True)
    is_answered = number not in _SILENT
    return Finding("down", _phrase(cause)[:MAX_DETAIL], latency_ms if is_answered else None, is_answered=is_answered)


def _root(error: BaseException) -> BaseException:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    inner = getattr(error, "os_error", None) or error.__cause__
    known = (Refused, socket.gaierror, ssl.SSLError)
    while inner is not None and not isinstance(error, known):
        error, inner = inner, getattr(inner, "os_error", None) or inner.__cause__
    return error


def _phrase(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    if isinstance(cause, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(cause, ConnectionResetError | BrokenPipeError):
        return "the connection was reset"
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return "the connection was closed without an answer"
    text = getattr(cause, "strerror", None) or str(cause)
    return (text.splitlines() or [""])[0] or type(cause).__name__
