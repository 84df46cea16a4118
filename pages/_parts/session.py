"""Who looks at the page: the cookie of this browser, resolved on the server at each run."""

from uuid import UUID

import streamlit as st

from core.access.sessions.actions import Visitor
from core.access.sessions.queries import resolve
from core.kernel.actor import Actor
from core.kernel.logs import current_request_id, new_request_id

# The same names as in api/identity.py, which sets them; a test holds the two together.
COOKIE = "quarterdeck_session"
BROWSER_COOKIE = "quarterdeck_browser"
_KEY, _REQUEST = "_actor", "_request_id"


def token() -> str | None:
    return st.context.cookies.get(COOKIE)


def visitor() -> Visitor:
    """The browser in front of the page."""
    mark = st.context.cookies.get(BROWSER_COOKIE, "")
    return Visitor(mark, st.context.ip_address, st.context.headers.get("User-Agent"), current_request_id())


def look_up() -> Actor | None:
    """The signed-in operator of this run, or None. Never cached: a revoked session ends here."""
    held = token()
    known = st.session_state[_REQUEST] = current_request_id() or new_request_id()
    who = visitor()
    actor = resolve(held, request_id=known, channel="page", ip=who.ip, user_agent=who.user_agent) if held else None
    st.session_state[_KEY] = actor
    return actor


def request_id() -> str | None:
    """The id of the latest run, also after the run has ended by an error."""
    known: str | None = st.session_state.get(_REQUEST)
    return known


def operator_id() -> UUID | None:
    """Who was signed in at the latest run."""
    actor: Actor | None = st.session_state.get(_KEY)
    return actor.operator_id if actor else None


def present() -> Actor:
    """The operator that `look_up` found in this run. Ends the run when there is none."""
    actor: Actor | None = st.session_state.get(_KEY)
    if actor is None:
        st.stop()
    return actor
