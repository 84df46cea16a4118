"""The API in process, signed in as whoever a test needs."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api import mount
from api.recording import Recorded
from core.access.operators import actions as operators
from core.access.operators import rules
from core.access.sessions import actions as sessions
from core.access.sessions.actions import Visitor
from core.kernel.actor import Actor

PASSWORD = "correct horse battery"


@pytest.fixture
def client(db) -> TestClient:
    """A caller without a session."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware

    app = Starlette(routes=[mount], middleware=[Middleware(Recorded)])
    return TestClient(app, base_url="http://testserver", raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def signed_in(client, monkeypatch) -> Callable[[str], TestClient]:
    """The same caller with the session of a new operator of that role."""
    monkeypatch.setattr(rules, "COST", 4)

    def enter(role: str) -> TestClient:
        email = f"{role.replace('_', '-')}@example.com"
        operators.create(Actor.system("test"), email=email, name=role, role=role, password=PASSWORD)
        visitor = Visitor("browser")
        token = sessions.start(sessions.sign_in(email, PASSWORD, visitor), visitor).token
        client.cookies.set("quarterdeck_session", token)
        return client

    return enter
