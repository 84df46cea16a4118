"""The very first start: nobody has an account yet."""

from collections.abc import Callable

import streamlit as st

from core.access.operators import actions as operators
from core.access.sessions import actions as sessions
from core.kernel.errors import ExpectedError
from pages._parts import session


def show(enter: Callable[[str], None]) -> None:
    """Asks for the first operator, and hands his sign-in code to `enter`."""
    with st.form("first_operator"):
        st.subheader("Create the first operator", anchor=False)
        st.caption("Nobody has an account yet. The first one becomes super admin and makes the others.")
        name = st.text_input("Name", key="first_name")
        email = st.text_input("E-mail", key="first_email", autocomplete="username")
        password = st.text_input("Password", type="password", key="first_password", autocomplete="new-password")
        again = st.text_input("Password again", type="password", key="first_again", autocomplete="new-password")
        if st.form_submit_button("Create and sign in", type="primary", key="first_submit"):
            code = _create(name, email, password, again)
            if code:
                enter(code)


def _create(name: str, email: str, password: str, again: str) -> str | None:
    if password != again:
        st.error("The two passwords differ. Type the same one twice.", icon=":material/error:")
        return None
    try:
        operators.create_first(email=email, name=name, password=password)
        return sessions.sign_in(email, password, session.visitor())
    except ExpectedError as error:
        st.error(str(error), icon=":material/error:")
        return None
