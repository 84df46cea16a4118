"""The sign-in page. streamlit-authenticator draws the form; the server's action decides."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import streamlit as st
import streamlit_authenticator as stauth

from core.access.operators import demo, queries
from core.access.sessions import actions as sessions
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts import first_operator, session

_FIELDS = {"Form name": "Sign in", "Username": "E-mail", "Password": "Password", "Login": "Sign in"}
LOGO = "pages/_assets/logo.svg"


class _NoCookie:
    """The authenticator's own cookie could be read by scripts; ours is set by the server."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Door:
    """Hands what was typed to the action; keeps the code or the sentence."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.refusal: str | None = None

    def login(self, username: str = "", password: str = "", *_: Any, **__: Any) -> bool:
        if not username.strip() or not password:
            self.refusal = "Type your e-mail address and your password."
            return False
        try:
            self.code = sessions.sign_in(username, password, session.visitor())
        except ExpectedError as error:
            self.refusal = str(error)
        return False


class _Form(stauth.Authenticate):
    """The library's form with our door behind it."""

    def __init__(self, door: _Door) -> None:
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.cookie_controller = _NoCookie()
        self.authentication_controller = door


def show() -> None:
    """Asks who is there; at the very first start, who the first operator is."""
    listed = demo.sign_ins(Actor.system("sign-in", channel="page"))
    _, left, right, _ = st.columns([0.3, 1, 1.1, 0.3] if listed else [1, 1.3, 0.01, 1], gap="large")
    with left:
        st.image(LOGO, width=260)
        if queries.is_first_start():
            first_operator.show(enter)
        else:
            _sign_in()
    with right:
        _demo_sign_ins(listed)


def _sign_in() -> None:
    door = _Door()
    _Form(door).login(fields=_FIELDS, key="sign_in")
    if door.refusal:
        st.error(door.refusal, icon=":material/error:")
    if door.code:
        enter(door.code)


def enter(code: str) -> None:
    """Sends the browser to the route that sets the cookie, and from there to where it wanted to go."""
    parts = urlsplit(st.context.url or "/")
    wanted = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    if st.query_params and not parts.query:
        wanted += "?" + urlencode(
            [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
        )
    target = "/api/session/start?" + urlencode({"code": code, "to": wanted})
    st.html(f"<script>window.location.replace({orjson.dumps(target).decode()})</script>", unsafe_allow_javascript=True)


def _demo_sign_ins(listed: list[tuple[str, str, str]]) -> None:
    """Without a dozen accounts to learn by heart. They exist with demo data only."""
    if not listed:
        return
    with st.container(border=True, gap="xxsmall"):
        st.markdown(f"**Demo company.** Choose who you are, or type an address with the password `{listed[0][1]}`.")
        for email, password, role in listed:
            label = f"**{role}** :gray[· {email}]"
            if st.button(label, key=f"demo_{email}", type="tertiary", icon=":material/login:"):
                enter(sessions.sign_in(email, password, session.visitor()))
