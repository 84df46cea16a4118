"""Acting on the ticket that the viewer saw: what somebody else changed since then is a conflict, told before anything is
done. It is told once: the next attempt counts on the state of then."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Conflict
from core.support.tickets import queries
from pages._parts.frame import run_action
from pages.support._ticket.dialogs import dialogs

_DRAWN, _BEGUN = "ticket_drawn", "ticket_begun"
Ticket = dict[str, Any]
Said = str | Callable[[Any], str]


def base(ticket: Ticket) -> int:
    """The version that was on the screen when the viewer acted."""
    of, version = st.session_state.get(_DRAWN, (None, 0))
    return int(version if of == ticket["id"] else ticket["version"])


def drawn(ticket: Ticket) -> None:
    """The page shows this version now."""
    st.session_state[_DRAWN] = (ticket["id"], ticket["version"])


def begin(ticket: Ticket, what: str) -> None:
    """For a callback: the viewer begins to write `what`, on what is on the screen."""
    _begun().setdefault((ticket["id"], what), base(ticket))


def end(ticket: Ticket, what: str) -> None:
    _begun().pop((ticket["id"], what), None)


def _begun() -> dict[tuple[Any, str], int]:
    known: dict[tuple[Any, str], int] = st.session_state.setdefault(_BEGUN, {})
    return known


def _own(ticket: Ticket, said: Said) -> Callable[[Any], str]:
    """After an act of the viewer's own: what is on the screen next is what he knows of."""

    def done(result: Any) -> str:
        st.session_state.pop(_DRAWN, None)
        for one in [one for one in _begun() if one[0] == ticket["id"]]:
            _begun().pop(one)
        return said if isinstance(said, str) else said(result)

    return done


def run(actor: Actor, ticket: Ticket, action: Callable[..., Any], *, done: Said, **values: Any) -> None:
    """Runs the action on the version that was on the screen."""
    run_action(action, actor, ticket["id"], version=base(ticket), done=_own(ticket, done), **values)


def in_dialog(actor: Actor, ticket: Ticket, action: Callable[..., Any], *, done: Said, **values: Any) -> None:
    """Runs the action on the version on which the dialog was opened, and closes the dialog."""
    act = _told_once(action, dialogs.rebase)
    run_action(act, actor, ticket["id"], version=dialogs.version(), done=_own(ticket, dialogs.closing(done)), **values)


def written(actor: Actor, ticket: Ticket, what: str, action: Callable[..., Any], *, done: Said, **values: Any) -> None:
    """Runs the action on the version on which the writing of `what` began."""
    key = (ticket["id"], what)
    act = _told_once(action, lambda version: _begun().update({key: version}))
    run_action(act, actor, ticket["id"], version=_begun().get(key, base(ticket)), done=_own(ticket, done), **values)


def _told_once(action: Callable[..., Any], rebase: Callable[[int], None]) -> Callable[..., Any]:
    def act(actor: Actor, ticket_id: Any, **values: Any) -> Any:
        try:
            return action(actor, ticket_id, **values)
        except Conflict:
            rebase(queries.one(actor, ticket_id)["version"])
            raise

    return act
