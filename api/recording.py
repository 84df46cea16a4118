"""Around every HTTP request: a request id, the browser's mark, a row in the request records, no sniffing, no framing."""

import re
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.identity import BROWSER_COOKIE
from api.session import is_https
from core.health.requests import recorder
from core.kernel import crypto
from core.kernel.logs import bound, new_request_id

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "same-origin"}


def route_of(scope: Scope) -> str:
    """The route's template for the API, the folder for assets, the path for pages: few values, whatever is called."""
    path: str = scope["path"]
    if path.startswith("/api/"):
        template = getattr(scope.get("route"), "path", None)
        return f"/api{template.removeprefix('/api')}" if template else "/api/(unknown)"
    first = path.split("/", 2)[1]
    return f"/{first}/…" if first.startswith(("static", "_stcore", "media", "component")) else f"/{first[:40]}"


class Recorded:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _GOOD_ID.fullmatch(given) else new_request_id()
        answer: dict[str, Any] = {"status": 500}
        started = time.perf_counter()
        try:
            with bound(request_id=request_id):
                await self.app(scope, receive, _marking(send, scope, answer, request_id, _needs_mark(scope, headers)))
        finally:
            recorder.add(
                route=route_of(scope), method=scope["method"], status=answer["status"], request_id=request_id,
                duration_ms=(time.perf_counter() - started) * 1000, channel="api" if scope["path"].startswith("/api/") else "web",
                operator_id=_state(scope).get("operator_id"), key_id=_state(scope).get("key_id"),
                tenant_id=_state(scope).get("tenant_id"),
            )  # fmt: skip


def _state(scope: Scope) -> dict[str, Any]:
    """What the handling of the request left behind (request.state)."""
    state: dict[str, Any] = scope.get("state", {})
    return state


def _needs_mark(scope: Scope, headers: Headers) -> bool:
    is_page = (
        scope["method"] == "GET" and "text/html" in headers.get("accept", "") and not scope["path"].startswith("/api/")
    )
    return is_page and BROWSER_COOKIE not in cookie_parser(headers.get("cookie", ""))


def _marking(send: Send, scope: Scope, answer: dict[str, Any], request_id: str, needs_mark: bool) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = request_id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.update(_state(scope).get("limit_headers", {}))
            if needs_mark:
                secure = "; Secure" if is_https() else ""
                headers.append(
                    "Set-Cookie", f"{BROWSER_COOKIE}={crypto.new_token()}; Path=/; HttpOnly; SameSite=Lax{secure}"
                )
        await send(message)

    return marked
