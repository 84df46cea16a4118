"""The status page below the portal: its rendered files, and the forms for mails, which need the portal."""

from typing import Annotated, Any
from urllib.parse import parse_qs

import anyio
from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity import address_of
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, TooMany
from core.kernel.logs import current_request_id
from core.kernel.reads import as_id
from core.platform.keys.limiting import Limiter
from core.reliability.status_page import markup, places, subscribing
from core.reliability.status_page.links import Purpose
from core.reliability.status_page.places import PATH
from core.reliability.status_page.serving import StatusFiles

router = APIRouter(prefix=PATH, include_in_schema=False)
PER_ADDRESS, IN_ALL, WRONG_PER_ADDRESS, LARGEST = 5, 120, 30, 64 * 1024  # a minute; bytes of a form
_asked, _wrong = Limiter(), Limiter()
Token = Annotated[str, Path(max_length=200)]
HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip
SENT = (
    "Look into your mailbox",
    "If mails can go to this address, one is on its way: it says how to go on. It may take some minutes.",
)
_OPEN: dict[Purpose, tuple[str, str, str]] = {
    "confirm": ("Confirm your subscription", "Mails about the status come once you confirm.", "Confirm"),
    "unsubscribe": ("End your subscription", "No further mail will come.", "Unsubscribe"),
}
_DONE: dict[Purpose, tuple[str, str]] = {
    "confirm": ("You are subscribed", "A mail comes when something changes. Each has a link that ends it."),
    "unsubscribe": ("Your subscription has ended", "No further mail will come."),
}


def _page(title: str, sentence: str, status: int = 200, verb: str = "") -> HTMLResponse:
    about = {"title": title, "sentence": sentence, "verb": verb, "status_url": places.page_url(), "name": places.name()}
    return HTMLResponse(markup.page("said.html", form_action="'self'", **about), status, HEADERS)


def _problem(error: ExpectedError) -> HTMLResponse:
    answer = _page("This did not work", str(error), error.status)
    answer.headers.update(error.headers)
    return answer


def _visitor() -> Actor:
    return Actor.system("status page", channel="api", request_id=current_request_id())


def _spend(request: Request) -> None:
    """One try of this address, and of everybody together: nobody can have us send mails to the whole world."""
    for who, limit in ((address_of(request), PER_ADDRESS), ("everybody", IN_ALL)):
        quota = _asked.spend(who, limit)
        if not quota.is_allowed:
            raise TooMany(f"Too many tries. Try again in {quota.reset_s} s.", retry_after=quota.reset_s)


@router.post("/subscribe")
async def subscribe_to_status(request: Request) -> HTMLResponse:
    """Takes an address. The answer is the same for one that is subscribed and one that is not."""
    body = await request.body()
    return await anyio.to_thread.run_sync(_subscribe, request, body[: LARGEST + 1])


def _subscribe(request: Request, body: bytes) -> HTMLResponse:
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    chosen = [key for text in fields.get("component", ()) if (key := as_id(text))]
    try:
        _spend(request)
        subscribing.ask(_visitor(), fields.get("email", [""])[0], chosen)
    except ExpectedError as error:
        return _problem(error)
    return _page(*SENT, 202)


@router.get("/{purpose}/{token}")
def show_status_link(request: Request, purpose: str, token: Token) -> Any:
    """What the link would do, with the button that does it. Nothing is changed: mail programs look at links, too."""
    if purpose not in _OPEN:
        return _page("Not found", "There is no such page here.", 404)
    return _tried(request, purpose, token, _shown)


@router.post("/{purpose}/{token}")
def use_status_link(request: Request, purpose: str, token: Token) -> Any:
    """Confirms, or ends; the latter also by a mail program's own button (RFC 8058)."""
    if purpose not in _OPEN:
        return _page("Not found", "There is no such page here.", 404)
    return _tried(request, purpose, token, _used)


def _tried(request: Request, purpose: Any, token: str, step: Any) -> HTMLResponse:
    address = address_of(request)
    try:
        left = _wrong.left(address, WRONG_PER_ADDRESS)
        if not left.remaining:
            raise TooMany("Too many wrong links came from here. Try again later.", retry_after=max(left.reset_s, 1))
        answer: HTMLResponse = step(purpose, token)
    except ExpectedError as error:
        if error.status == 404:
            _wrong.spend(address, WRONG_PER_ADDRESS)
        return _problem(error)
    return answer


def _shown(purpose: Purpose, token: str) -> HTMLResponse:
    state = subscribing.look(_visitor(), purpose, token).state
    if state == "expired":
        return _page("This link has expired", subscribing.EXPIRED, 410)
    if state == "done":
        return _page(*_DONE[purpose])
    title, sentence, verb = _OPEN[purpose]
    return _page(title, sentence, verb=verb)


def _used(purpose: Purpose, token: str) -> HTMLResponse:
    act = subscribing.confirm if purpose == "confirm" else subscribing.unsubscribe
    act(_visitor(), token)
    return _page(*_DONE[purpose])


def at_root(api: ASGIApp) -> list[BaseRoute]:
    """/status/: the forms by the API, everything else from the folder. Without the slash links would lead elsewhere."""

    async def split(scope: Scope, receive: Receive, send: Send) -> None:
        first = _first(scope["path"].removeprefix(scope["root_path"]))
        if (first == "subscribe" and scope["method"] == "POST") or first in _OPEN:
            scope["root_path"] = scope["root_path"].removesuffix(PATH)
            await api(scope, receive, send)
        else:
            await StatusFiles(places.folder())(scope, receive, send)

    def with_slash(_: Request) -> RedirectResponse:
        return RedirectResponse(f"{PATH}/", 308)

    return [Route(PATH, with_slash), Mount(PATH, app=split)]


def _first(path: str) -> str:
    return path.strip("/").split("/", 1)[0]
