"""Mails that a mail server hands over as they came (MIME), in place of a mailbox that is looked at."""

from functools import partial

import anyio
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from api import bodies
from api.conventions import CurrentActor, area, documented, entity
from api.support.ticket_forms import ArrivalOut
from core.health.ingest.gate import Gate
from core.kernel.errors import Denied, ExpectedError, Invalid, Unavailable
from core.kernel.permissions import require
from core.support.mail import polling
from core.support.tickets import receiving

router = area("/tickets/inbound", "tickets")
TYPE = "message/rfc822"
_TYPES = {TYPE, "application/octet-stream", "text/plain"}
READ_WITHIN_S = 120
# Few at once: a mail may hold 80 MiB.
GATE = Gate(in_hand=4, of_one=4, at_work=2)
bodies.allow("/api/v1/tickets/inbound", polling.LARGEST)
# Documented as bytes: what reads the document seldom knows the type of a mail.
_BODY = {
    "requestBody": {
        "required": True,
        "description": f"The mail as it came over the wire (RFC 5322), at most 80 MiB; also with Content-Type {TYPE}.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}


class NotMail(ExpectedError):
    code, status = "unsupported_media_type", 415


@router.post("", response_model=ArrivalOut, openapi_extra=_BODY, responses=documented(413, 415, 422, 429))
async def take_inbound_mail(request: Request, actor: CurrentActor) -> Response:
    """Takes a mail into the ticket that it answers, or opens a ticket with it. Automatic answers and bounces are ignored,
    which the answer tells. It takes tickets:create, of a key that is not bound to a tenant; the same mail counts once."""
    require(actor, "tickets:create")
    if actor.scope != "all":
        raise Denied("Mails belong to any tenant. Use a key that is not bound to one.")
    given = request.headers.get("content-type", TYPE).partition(";")[0].strip().lower()
    if given not in _TYPES:
        raise NotMail(f"Send the mail as it came, with Content-Type: {TYPE}.")
    with GATE.enter(actor.id):
        raw = await _read(request)
        arrival = await GATE.run(partial(receiving.receive, raw, via="api", request_id=actor.request_id))
    return entity(request, ArrivalOut.model_validate({**_told(arrival), "refused": list(arrival.refused)}))


def _told(arrival: receiving.Arrival) -> dict[str, object]:
    return {name: getattr(arrival, name) for name in ("outcome", "reason", "ticket_id", "number")}


async def _read(request: Request) -> bytes:
    try:
        with anyio.fail_after(READ_WITHIN_S):
            return await request.body()
    except TimeoutError:
        raise Unavailable(f"The mail did not arrive within {READ_WITHIN_S} s. Send it again.") from None
    except ClientDisconnect:
        raise Invalid("The connection ended before the mail did.") from None
