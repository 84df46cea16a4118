"""What is opened by a link alone: a schedule's calendar, and the page on which a call is acknowledged.

A mail program may look at a link as often as it likes: GET changes nothing, POST acknowledges, once.
"""

import hashlib
from collections.abc import Hashable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import PlainTextResponse, Response

from api.conditions import is_known
from api.identity import address_of
from api.reliability import acknowledge_page
from core.kernel import crypto
from core.kernel.errors import ExpectedError, NotFound, TooMany
from core.kernel.logs import current_request_id
from core.platform.keys.limiting import Limiter
from core.reliability.incidents.rules import number_of
from core.reliability.on_call import answering, feed, pages
from core.reliability.on_call.answering import Asked
from core.reliability.on_call.links import PATH

router = APIRouter(prefix=PATH, include_in_schema=False)
PER_TOKEN, WRONG_PER_ADDRESS = 30, 30  # calls a minute
_calls, _wrong = Limiter(), Limiter()
Token = Annotated[str, Path(max_length=200)]


def _spend(limiter: Limiter, who: Hashable, limit: int) -> None:
    quota = limiter.spend(who, limit)
    if not quota.is_allowed:
        raise TooMany(f"Too many calls. Try again in {quota.reset_s} s.", retry_after=quota.reset_s)


def _admit(request: Request, token: str) -> None:
    """Raises TooMany for who tries out tokens, and for a program that asks all the time."""
    left = _wrong.left(address_of(request), WRONG_PER_ADDRESS)
    if not left.remaining:
        raise TooMany("Too many wrong links came from here. Try again later.", retry_after=max(left.reset_s, 1))
    _spend(_calls, crypto.digest(token), PER_TOKEN)


@router.get("/feed/{token}.ics")
def show_calendar(
    request: Request, token: Token, person: Annotated[UUID | None, Query(description="Only this colleague's shifts.")] = None
) -> Response:  # fmt: skip
    """The schedule as a calendar (RFC 5545). A reader that has it as it is gets 304."""
    try:
        _admit(request, token)
        found = feed.calendar(token, person=person)
    except NotFound as error:
        _wrong.spend(address_of(request), WRONG_PER_ADDRESS)
        return _said(error)
    except ExpectedError as error:
        return _said(error)
    etag = f'"{hashlib.sha256(found.text).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex",
               "Content-Disposition": 'inline; filename="on-call.ics"'}  # fmt: skip
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(None, 304, headers)
    return Response(found.text, 200, headers, "text/calendar; charset=utf-8")


def _said(error: ExpectedError) -> Response:
    return PlainTextResponse(str(error), error.status, dict(error.headers))


def _asked(request: Request, token: str) -> Asked:
    """What the link asks. Raises NotFound for one that is not known, TooMany."""
    _admit(request, token)
    found = answering.asked(token)
    if found is None:
        _wrong.spend(address_of(request), WRONG_PER_ADDRESS)
        raise NotFound(pages.UNKNOWN)
    return found


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, acknowledge_page.HEADERS)


def _problem(error: ExpectedError) -> HTMLResponse:
    answer = _html(acknowledge_page.said("This did not work", str(error)), error.status)
    answer.headers.update(error.headers)
    return answer


def _closed(asked: Asked) -> HTMLResponse | None:
    if asked.state == "acknowledged":
        taken = f"{asked.acknowledged_by_name} has acknowledged this page. Nobody else is called."
        return _html(acknowledge_page.said("Acknowledged", taken))
    if asked.state == "resolved":
        return _html(acknowledge_page.said("It is over", "The incident is resolved. There is nothing to acknowledge."))
    return (
        _html(acknowledge_page.said("This link has expired", pages.EXPIRED), 410) if asked.state == "expired" else None
    )


@router.get("/acknowledge/{token}")
def show_page(request: Request, token: Token) -> HTMLResponse:
    """What the call is about, with the button that acknowledges. Nothing is changed."""
    try:
        asked = _asked(request, token)
    except ExpectedError as error:
        return _problem(error)
    reference = number_of(asked.number)
    return _closed(asked) or _html(acknowledge_page.asked(asked.name, reference, asked.severity, asked.title))


@router.post("/acknowledge/{token}")
def acknowledge_by_link(request: Request, token: Token) -> HTMLResponse:
    """Acknowledges in the name of whom the mail was sent to. Somebody who was faster is named."""
    try:
        asked = _asked(request, token)
        if closed := _closed(asked):
            return closed
        actor = asked.actor(request_id=current_request_id(), ip=address_of(request))
        pages.acknowledge_by_link(actor, token)
    except ExpectedError as error:
        return _problem(error)
    return _html(acknowledge_page.said("Acknowledged", f"{number_of(asked.number)} is yours. Nobody else is called."))
