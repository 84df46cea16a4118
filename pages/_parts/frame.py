"""What every page begins with, and the one place where its actions' errors become sentences."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Conflict, ExpectedError, Invalid
from core.kernel.logs import bound, current_request_id, new_request_id
from pages._parts import session
from pages._registry import BY_KEY

_TOAST, _STATUS = "_toast", "_page_status"
P = ParamSpec("P")


def begin_page(key: str) -> Actor:
    """The operator, after the page's title. Refuses, and ends the run, without the page's permission."""
    page, actor = BY_KEY[key], session.present()
    if page.permission is not None and not actor.may(page.permission):
        st.session_state[_STATUS] = 403
        st.error(
            f"Your role does not include the page {page.title} ({page.permission}). Ask an administrator, or go back home.",
            icon=":material/lock:",
        )
        st.page_link("home.py", label="Home", icon=":material/home:")
        st.stop()
    st.header(page.title, anchor=False)
    return actor


def page_status() -> int:
    """The HTTP-like status of the run so far, for its request record."""
    return int(st.session_state.get(_STATUS, 200))


def forget_status() -> None:
    st.session_state.pop(_STATUS, None)


def run_action(
    action: Callable[..., Any], actor: Actor, *given: Any, done: str | Callable[[Any], str], **named: Any
) -> None:
    """Runs an action. Success is a toast and a new run; an expected error is a sentence, and what was typed stays.

    The session is looked up again: a dialog outlives the run that opened it, and the rights of that time may be gone.
    """
    present = session.look_up()
    if present is None or present.operator_id != actor.operator_id:
        st.rerun()
    try:
        with bound(request_id=present.request_id):
            result = action(present, *given, **named)
    except Invalid as error:
        for sentence in list(dict.fromkeys(error.fields.values())) or [str(error)]:
            st.error(sentence, icon=":material/error:")
    except Conflict as error:
        st.warning(str(error), icon=":material/sync_problem:")
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
    else:
        st.session_state[_TOAST] = done if isinstance(done, str) else done(result)
        st.rerun()


def show_toast() -> None:
    """What the last action left to say."""
    said = st.session_state.pop(_TOAST, None)
    if said:
        st.toast(said, icon=":material/check_circle:")


def live(every: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A part of the page that refreshes by itself; the session is looked up each time, so that a revoked one ends."""

    def decorate(function: Callable[P, None]) -> Callable[P, None]:
        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            with bound(request_id=current_request_id() or new_request_id()):
                if session.look_up() is None:
                    st.rerun()
                function(*args, **kwargs)

        fragment: Callable[P, None] = st.fragment(guarded, run_every=every)
        return fragment

    return decorate


def zone(actor: Actor) -> ZoneInfo:
    """The viewer's time zone: the one he chose, else his browser's, else UTC."""
    try:
        return ZoneInfo(actor.time_zone or st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
