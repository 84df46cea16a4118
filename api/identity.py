"""Who calls: the session cookie of a signed-in operator. API keys join here."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from core.access.sessions.queries import resolve
from core.kernel.actor import Actor
from core.kernel.errors import Denied, SignedOut
from core.kernel.logs import current_request_id, new_request_id

COOKIE = "quarterdeck_session"
BROWSER_COOKIE = "quarterdeck_browser"
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


def current_actor(request: Request) -> Actor:
    """The caller. Raises SignedOut, and Denied for a change that another site caused."""
    token = request.cookies.get(COOKIE)
    request_id = current_request_id() or new_request_id()
    address, agent = address_of(request), request.headers.get("user-agent")
    actor = resolve(token, request_id=request_id, channel="api", ip=address, user_agent=agent) if token else None
    if actor is None:
        raise SignedOut("Sign in first; this call carries no valid session.")
    _require_same_origin(request)
    request.state.operator_id = actor.operator_id
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]
