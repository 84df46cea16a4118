"""The two routes that pages cannot be: they set and clear the session cookie."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from api.identity import BROWSER_COOKIE, COOKIE, address_of
from core.access.sessions import actions
from core.access.sessions.actions import Visitor
from core.kernel.errors import Denied
from core.kernel.logs import current_request_id
from core.kernel.settings import settings

router = APIRouter(prefix="/session", include_in_schema=False)


def is_https() -> bool:
    """Whether people reach the portal over HTTPS, so that cookies are for HTTPS only."""
    return (settings().public_url or "").startswith("https://")


def local_path(target: str) -> str:
    """The target when it is a path of this portal, else the home page: nobody is sent elsewhere."""
    parts = urlsplit(target)
    is_local = (
        not parts.scheme
        and not parts.netloc
        and target.startswith("/")
        and not target.startswith(("//", "/\\", "/api/"))
    )
    return target if is_local and "\\" not in target and target.isprintable() else "/"


def _visitor(request: Request) -> Visitor:
    mark = request.cookies.get(BROWSER_COOKIE, "")
    return Visitor(mark, address_of(request), request.headers.get("user-agent"), current_request_id())


@router.get("/start")
def start(request: Request, code: str, to: Annotated[str, Query(max_length=2000)] = "/") -> RedirectResponse:
    """Exchanges a sign-in code for the session cookie and goes on to the page that was asked for."""
    answer = RedirectResponse(
        local_path(to), status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
    try:
        started = actions.start(code, _visitor(request))
    except Denied:
        return answer  # the sign-in page asks again
    life = int(started.life.total_seconds())
    answer.set_cookie(COOKIE, started.token, max_age=life, httponly=True, samesite="lax", secure=is_https(), path="/")
    return answer


@router.get("/end")
def end() -> RedirectResponse:
    """Forgets the cookie of a session that has been ended on the server."""
    answer = RedirectResponse("/", status_code=303, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_https())
    return answer
