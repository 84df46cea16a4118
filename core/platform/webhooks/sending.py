"""One call of an endpoint: signed afresh, at most one kB of the answer read, redirects not followed."""

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import aiohttp
import yarl

from core.kernel.outbound import Outbound, Refused, parse_url
from core.kernel.times import utc_now
from core.platform.webhooks import signatures

READ_BYTES = 1_024
_SHOWN_HEADERS = 40


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one webhook is called. `secrets`: the present one first, then the previous one while both count."""

    url: str
    secrets: Sequence[str]
    with_iris: bool
    timeout_s: float


@dataclass(slots=True)  # not frozen, as those below: one is made per call, and freezing triples what that costs
class Message:
    """What is sent; `id` is the webhook-id."""

    id: str
    event_type: str
    body: str


@dataclass(slots=True)
class Attempt:
    """What happened. `status` is None without an answer; `error` is None after a 2xx. Times in UTC, ms of the whole call."""

    at: datetime
    request_headers: Mapping[str, str]
    status: int | None
    response_headers: Mapping[str, str] | None
    response_body: str | None
    duration_ms: float
    error: str | None

    @property
    def is_success(self) -> bool:
        return self.error is None


@dataclass(slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: str


async def send(outbound: Outbound, endpoint: Endpoint, message: Message) -> Attempt:
    """Calls the endpoint once; whatever goes wrong is in the attempt and never raised."""
    at, body = utc_now(), message.body.encode()
    headers = signatures.headers_of(
        message_id=message.id, at=at, body=body, secrets=endpoint.secrets, event_type=message.event_type,
        with_iris=endpoint.with_iris,
    )  # fmt: skip
    begun = time.perf_counter()
    answer: _Answer | None = None
    try:
        async with asyncio.timeout(endpoint.timeout_s):
            answer = await _post(outbound, parse_url(endpoint.url), headers, body)
        error = _problem(answer.status)
    except TimeoutError:
        error = f"no answer within {endpoint.timeout_s:g} s"
    except (aiohttp.ClientError, OSError, ValueError) as failure:
        error = _told(failure)
    return Attempt(
        at, headers, answer.status if answer else None, answer.headers if answer else None,
        answer.body if answer else None, (time.perf_counter() - begun) * 1000, error,
    )  # fmt: skip


async def _post(outbound: Outbound, url: yarl.URL, headers: Mapping[str, str], body: bytes) -> _Answer:
    session = outbound.session_for(url)
    async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
        text = await _beginning(response.content)
        if not response.content.at_eof():
            response.close()  # the rest of a long answer is not waited for
        return _Answer(response.status, dict(islice(response.headers.items(), _SHOWN_HEADERS)), text)


async def _beginning(content: aiohttp.StreamReader) -> str:
    if content.at_eof():
        return ""
    read = await content.read(READ_BYTES)
    return read.decode(errors="replace").replace("\x00", "�")


def _problem(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return f"redirect ({status}) not followed" if 300 <= status < 400 else f"answered {status}"


def _told(failure: Exception) -> str:
    """The failure as a short phrase of one line."""
    cause = failure.__cause__ or failure
    refused = next(
        (one for one in (failure, cause, getattr(failure, "os_error", None)) if isinstance(one, Refused)), None
    )
    if refused is not None:
        return f"not called: {refused}"
    if isinstance(failure, aiohttp.ClientConnectorCertificateError | ssl.SSLError | aiohttp.ClientSSLError):
        return f"TLS: {failure}"[:300]
    if isinstance(failure, aiohttp.ClientConnectorError):
        reason = getattr(failure.os_error, "strerror", None) or str(failure.os_error)
        return f"no connection to {failure.host}: {reason[:200]}"
    if isinstance(failure, aiohttp.ServerDisconnectedError):
        return "the connection was closed without an answer"
    if isinstance(failure, ConnectionResetError | aiohttp.ClientOSError) and "reset" in str(failure).lower():
        return "the connection was reset"
    return (str(failure).splitlines() or [type(failure).__name__])[0][:300] or type(failure).__name__
