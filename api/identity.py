"""Who calls: an API key, or the session cookie of a signed-in operator."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api import limits
from core.access.sessions.queries import resolve
from core.kernel.actor import Actor
from core.kernel.errors import Denied, SignedOut
from core.kernel.logs import current_request_id, new_request_id
from core.platform.keys import uses, verifying

COOKIE = "quarterdeck_session"
BROWSER_COOKIE = "quarterdeck_browser"
KEY_HEADER = "X-API-Key"
# RFC 6750, section 3: what to send, and that what was sent did not count.
_CHALLENGE = 'Bearer realm="quarterdeck"'
_SAFE = {"GET", "HEAD", "OPTIONS"}


def _require_same_origin(request: Request) -> None:
    """A cookie travels with requests that other sites cause; these may read nothing and must change nothing."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = site in (None, "same-origin", "none") and (
        origin is None or urlsplit(origin).netloc == request.headers.get("host")
    )
    if request.method not in _SAFE and not ours:
        raise Denied("This call came from another site and was refused.")


def address_of(request: Request) -> str | None:
    """The caller's IP address; None when the server does not know one (a socket file, say)."""
    try:
        return str(ip_address(request.client.host)) if request.client else None
    except ValueError:
        return None


def key_of(request: Request) -> str | None:
    """The API key that came along, or None. Raises SignedOut for two that differ."""
    scheme, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else None
    given = request.headers.get(KEY_HEADER)
    named = given.strip() if given is not None else None
    if bearer is not None and named is not None and bearer != named:
        raise SignedOut("Two API keys came along. Send one.")
    return bearer if bearer is not None else named


def _by_key(request: Request, text: str, request_id: str) -> Actor:
    """The machine behind a key. No other site can make a browser send one, so where the call came from does not matter."""
    address = address_of(request)
    key = verifying.verify(text, address)
    request.state.key_id, request.state.tenant_id = key.id, key.tenant_id
    uses.note(key.id, key.tenant_id, address, is_previous=verifying.is_previous(key, text))
    limits.spend(request, key)
    agent = request.headers.get("user-agent")
    return verifying.actor_of(key, request_id=request_id, ip=address, user_agent=agent)


def _by_session(request: Request, request_id: str) -> Actor:
    token = request.cookies.get(COOKIE)
    address, agent = address_of(request), request.headers.get("user-agent")
    actor = resolve(token, request_id=request_id, channel="api", ip=address, user_agent=agent) if token else None
    if actor is None:
        raise SignedOut("Sign in first, or send an API key; this call carries no valid session.")
    _require_same_origin(request)
    request.state.operator_id = actor.operator_id
    return actor


def current_actor(request: Request) -> Actor:
    """The caller; a key that is wrong is refused even when a session came along.

    Raises SignedOut, TooMany, Unavailable, and Denied for a change that another site caused or a key that may not be used.
    """
    request_id = current_request_id() or new_request_id()
    try:
        text = key_of(request)
        return _by_key(request, text, request_id) if text is not None else _by_session(request, request_id)
    except SignedOut as error:
        has_key = KEY_HEADER in request.headers or "authorization" in request.headers
        error.headers = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"' if has_key else _CHALLENGE}
        raise


CurrentActor = Annotated[Actor, Depends(current_actor)]
