"""Pages as an operator sees them, without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.access.sessions.actions import Visitor
from core.kernel.actor import Actor
from pages._parts import session


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    yield
    st.cache_data.clear()


@pytest.fixture
def open_page(db, monkeypatch) -> Callable[..., AppTest]:
    """Opens a page (its key, such as `customers/tenants`) as an actor; None is a visitor who is not signed in."""

    def open_as(actor: Actor | None, key: str = "home", **query: str) -> AppTest:
        def look_up() -> Actor | None:
            st.session_state["_actor"] = actor
            return actor

        monkeypatch.setattr(session, "look_up", look_up)
        monkeypatch.setattr(session, "visitor", lambda: Visitor("browser"))
        app = AppTest.from_file(Path("pages/_portal.py").resolve(), default_timeout=20).run()
        if key != "home":
            app.switch_page(f"{key}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run() if key != "home" or query else app

    return open_as
