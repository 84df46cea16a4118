"""The sign-in page. streamlit-authenticator draws the form; the server's action decides."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import streamlit as st
import streamlit_authenticator as stauth

from core.access.operators import actions as operators
from core.access.operators import demo, queries
from core.access.sessions import actions as sessions
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from pages._parts import session

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
    _, middle, _ = st.columns([1, 1.3, 1])
    with middle:
        st.image(LOGO, width=260)
        if queries.is_first_start():
            _first_operator()
        else:
            _sign_in()


def _sign_in() -> None:
    door = _Door()
    _Form(door).login(fields=_FIELDS, key="sign_in")
    if door.refusal:
        st.error(door.refusal, icon=":material/error:")
    if door.code:
        enter(door.code)
    _demo_sign_ins()


def enter(code: str) -> None:
    """Sends the browser to the route that sets the cookie, and from there to where it wanted to go."""
    parts = urlsplit(st.context.url or "/")
    wanted = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    if st.query_params and not parts.query:
        wanted += "?" + urlencode(st.query_params.to_dict())
    target = "/api/session/start?" + urlencode({"code": code, "to": wanted})
    st.html(f"<script>window.location.replace({orjson.dumps(target).decode()})</script>", unsafe_allow_javascript=True)


def _demo_sign_ins() -> None:
    listed = demo.sign_ins(Actor.system("sign-in", channel="page"))
    if not listed:
        return
    with st.container(border=True):
        st.markdown(f"**Demo company.** Every account has the password `{listed[0][1]}`.")
        st.dataframe(
            {"Role": [role for _, _, role in listed], "E-mail": [email for email, _, _ in listed]},
            hide_index=True, key="demo_sign_ins", height="content",
        )  # fmt: skip


def _first_operator() -> None:
    with st.form("first_operator"):
        st.subheader("Create the first operator", anchor=False)
        st.caption("Nobody has an account yet. The first one becomes super admin and makes the others.")
        name = st.text_input("Name", key="first_name")
        email = st.text_input("E-mail", key="first_email", autocomplete="username")
        password = st.text_input("Password", type="password", key="first_password", autocomplete="new-password")
        again = st.text_input("Password again", type="password", key="first_again", autocomplete="new-password")
        if st.form_submit_button("Create and sign in", type="primary", key="first_submit"):
            _create_first(name, email, password, again)


def _create_first(name: str, email: str, password: str, again: str) -> None:
    if password != again:
        st.error("The two passwords differ. Type the same one twice.", icon=":material/error:")
        return
    try:
        operators.create_first(email=email, name=name, password=password)
        code = sessions.sign_in(email, password, session.visitor())
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
        return
    enter(code)
