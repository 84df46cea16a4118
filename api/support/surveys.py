"""Where a survey's link leads: shown by GET, as often as mail programs look at it; answered by POST, once."""

from collections.abc import Hashable
from typing import Annotated
from urllib.parse import parse_qs

import anyio
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from api.identity import address_of
from api.support import survey_page
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid, NotFound, TooMany
from core.kernel.logs import current_request_id
from core.platform.keys.limiting import Limiter
from core.support.satisfaction import actions, queries
from core.support.satisfaction.links import PATH
from core.support.satisfaction.queries import Question

router = APIRouter(prefix=PATH, include_in_schema=False)
PER_TOKEN, WRONG_PER_ADDRESS, LARGEST = 30, 30, 64 * 1024  # calls a minute; bytes of a form
_calls, _wrong = Limiter(), Limiter()
Token = Annotated[str, Path(max_length=200)]
_STATES = {"answered": ("Thank you", actions.ANSWERED, 200), "expired": ("This link has expired", actions.EXPIRED, 410)}


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, survey_page.HEADERS)


def _problem(error: ExpectedError) -> HTMLResponse:
    answer = _html(survey_page.said("This did not work", str(error)), error.status)
    answer.headers.update(error.headers)
    return answer


def _spend(limiter: Limiter, who: Hashable, limit: int) -> None:
    quota = limiter.spend(who, limit)
    if not quota.is_allowed:
        raise TooMany(f"Too many calls. Try again in {quota.reset_s} s.", retry_after=quota.reset_s)


def _asked(request: Request, token: str) -> Question:
    """What the link asks. Raises NotFound for one that is not known, TooMany."""
    address = address_of(request)
    left = _wrong.left(address, WRONG_PER_ADDRESS)
    if not left.remaining:
        raise TooMany("Too many wrong links came from here. Try again later.", retry_after=max(left.reset_s, 1))
    _spend(_calls, crypto.digest(token), PER_TOKEN)
    found = queries.question(token)
    if found is None:
        _wrong.spend(address, WRONG_PER_ADDRESS)
        raise NotFound(actions.UNKNOWN)
    return found


@router.get("/{token}")
def show_survey(request: Request, token: Token, score: Annotated[str, Query(max_length=10)] = "") -> HTMLResponse:
    """The question, or that it was answered or has expired. Nothing is changed."""
    try:
        asked = _asked(request, token)
    except ExpectedError as error:
        return _problem(error)
    return _closed(asked) or _html(survey_page.asked(asked.kind, asked.subject, score=score))


def _closed(asked: Question) -> HTMLResponse | None:
    if asked.state not in _STATES:
        return None
    title, sentence, status = _STATES[asked.state]
    return _html(survey_page.said(title, sentence), status)


@router.post("/{token}")
async def answer_survey(request: Request, token: Token) -> HTMLResponse:
    """Keeps the answer. One that cannot be kept comes back as it was, with the reason."""
    body = await request.body()
    return await anyio.to_thread.run_sync(_answer, request, token, body[: LARGEST + 1])


def _answer(request: Request, token: str, body: bytes) -> HTMLResponse:
    try:
        asked = _asked(request, token)
    except ExpectedError as error:
        return _problem(error)
    if closed := _closed(asked):
        return closed
    given = _form(body)
    try:
        actions.answer(_visitor(request), token, score=given.get("score", ""), comment=given.get("comment"))
    except Invalid as error:
        again = queries.question(token)
        closed = _closed(again) if again else None
        shown = {"score": given.get("score", ""), "comment": given.get("comment", "")}
        return closed or _html(survey_page.asked(asked.kind, asked.subject, problem=str(error), **shown), 422)
    except ExpectedError as error:
        return _problem(error)
    return _html(survey_page.said("Thank you", "Your answer is kept. You can close this page."))


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, the first value of each. More than a form of ours holds is cut, which its own limits tell."""
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _visitor(request: Request) -> Actor:
    return Actor.system("survey", channel="api", request_id=current_request_id())


def at_root(api: ASGIApp) -> Mount:
    """The page without the /api before it: the link in a mail is short."""

    async def forward(scope: Scope, receive: Receive, send: Send) -> None:
        scope["root_path"] = scope["root_path"].removesuffix(PATH)
        await api(scope, receive, send)

    return Mount(PATH, app=forward)
