"""Files that are made after the click, with the rights that the operator has then."""

from collections.abc import Callable

from core.access.sessions.queries import resolve
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from core.kernel.logs import bound, new_request_id
from pages._parts import session


def present_again(actor: Actor) -> Callable[[], Actor]:
    """Looks the operator up outside of a run: rights may have gone since the page was drawn. Raises Denied once the session
    is over."""
    held, who = session.token(), session.visitor()

    def look_up() -> Actor:
        known = (
            resolve(held, request_id=new_request_id(), channel="page", ip=who.ip, user_agent=who.user_agent)
            if held else None
        )  # fmt: skip
        if known is None or known.operator_id != actor.operator_id:
            raise Denied("Your session has ended. Sign in again.")
        return known

    return look_up


def deferred(actor: Actor, make: Callable[[Actor], bytes]) -> Callable[[], bytes]:
    """What a download button calls when the file is asked for, in another thread. Raises Denied once the session is over."""
    look_up = present_again(actor)

    def made() -> bytes:
        known = look_up()
        with bound(request_id=known.request_id):
            return make(known)

    return made
