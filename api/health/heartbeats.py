"""Where push monitors are called: by a token in the path alone, and so with a limit per token and per address."""

from collections.abc import Hashable
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from api.conventions import area, documented, entity
from api.health.monitor_forms import HeartbeatOut
from api.identity import address_of
from core.health.monitors import heartbeats
from core.kernel import crypto
from core.kernel.errors import NotFound, TooMany
from core.platform.keys.limiting import Limiter

router = area("/push", "monitors", base="")
PER_TOKEN, WRONG_PER_ADDRESS = 60, 30  # calls a minute
_calls, _wrong = Limiter(), Limiter()
_OPEN: dict[str, Any] = {"security": []}
Token = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
Status = Annotated[str, Query(max_length=20, description="up, degraded or down.")]
Message = Annotated[str, Query(max_length=1_000)]
Ping = Annotated[str, Query(max_length=30, description="Milliseconds.")]


def _spend(limiter: Limiter, who: Hashable, limit: int) -> None:
    quota = limiter.spend(who, limit)
    if not quota.is_allowed:
        raise TooMany(f"At most {limit} calls a minute. Call again in {quota.reset_s} s.", retry_after=quota.reset_s)


def _take(request: Request, token: str, status: str, msg: str, ping: str) -> Response:
    address = address_of(request)
    left = _wrong.left(address, WRONG_PER_ADDRESS)
    if not left.remaining:
        raise TooMany("Too many calls with wrong tokens came from here.", retry_after=max(left.reset_s, 1))
    _spend(_calls, crypto.digest(token), PER_TOKEN)
    try:
        heartbeats.call(token, status=status, message=msg, ping_ms=heartbeats.parse_ping(ping))
    except NotFound:
        _wrong.spend(address, WRONG_PER_ADDRESS)
        raise
    return entity(request, {"ok": True})


@router.get("/{token}", response_model=HeartbeatOut, openapi_extra=_OPEN, responses=documented(404, 429))
def call_push_monitor(
    request: Request, token: Token, status: Status = "up", msg: Message = "OK", ping: Ping = ""
) -> Response:
    """Says that what a push monitor watches is alive; with status=down, that it is not."""
    return _take(request, token, status, msg, ping)


@router.post("/{token}", response_model=HeartbeatOut, openapi_extra=_OPEN, responses=documented(404, 429))
def call_push_monitor_by_post(
    request: Request, token: Token, status: Status = "up", msg: Message = "OK", ping: Ping = ""
) -> Response:
    """As GET, for callers that change by POST alone."""
    return _take(request, token, status, msg, ping)
