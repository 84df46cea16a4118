"""The portal's script: who is there, the navigation made for him, and the page."""

import time
from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from core.health.requests import recorder
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import bound, new_request_id
from core.roles import ROLES
from pages._parts import frame, session, shell, sign_in
from pages._registry import PAGES, Page

LEFT = 499  # nginx's word for a caller that did not wait


def main() -> None:
    """One run of one page."""
    st.set_page_config(page_title="Quarterdeck", page_icon=shell.ICON, layout="wide")
    with bound(request_id=new_request_id()):
        actor = session.look_up()
        if actor is None:
            st.navigation([_closed(page) for page in PAGES], position="hidden").run()
        else:
            _open(actor)


def _closed(page: Page) -> st.Page:
    """The sign-in form under the page's address, so that a deep link survives signing in."""

    def closed() -> None:
        sign_in.show()

    return st.Page(closed, title="Sign in", url_path=page.path, default=page.key == "home")


def _open(actor: Actor) -> None:
    st.logo(shell.LOGO, icon_image=shell.ICON, size="large")
    chosen = st.navigation(_sections(actor), expanded=True)
    role = ROLES.get(actor.role)
    shell.sidebar(actor, role.title if role else actor.role)
    frame.show_toast()
    frame.forget_status()
    _recorded(actor, chosen.url_path or "home", chosen.run)


def _sections(actor: Actor) -> dict[str, list[st.Page]]:
    sections: dict[str, list[st.Page]] = {}
    for page in PAGES:
        is_allowed = page.permission is None or actor.may(page.permission)
        shown = st.Page(
            page.file, title=page.title, icon=page.icon, url_path=page.path, default=page.key == "home", help=page.help,
            visibility="visible" if is_allowed and page.is_listed else "hidden",
        )  # fmt: skip
        sections.setdefault(page.section, []).append(shown)
    return sections


def _recorded(actor: Actor, path: str, run: Callable[[], None]) -> None:
    started, status = time.perf_counter(), 500
    try:
        run()
        status = frame.page_status()
    except (StopException, RerunException):
        status = _of_ended_run()
        raise
    except ExpectedError as error:
        status = error.status
        raise
    finally:
        recorder.add(
            route=f"/{path}", method="PAGE", status=status, duration_ms=(time.perf_counter() - started) * 1000,
            channel="page", operator_id=actor.operator_id, request_id=actor.request_id,
        )  # fmt: skip


def _of_ended_run() -> int:
    """What the page said of itself, or that the viewer left in its midst: that is no error of ours."""
    try:
        return frame.page_status()
    except StopException:
        return LEFT


main()
