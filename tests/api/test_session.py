"""The routes that set and clear the cookie, and what the cookie opens."""

import pytest

from api import identity
from api.session import local_path
from core.access.operators import actions as operators
from core.access.operators import rules
from core.access.sessions import actions
from core.access.sessions.actions import Visitor
from pages._parts import session as page_session

PASSWORD = "correct horse battery"


@pytest.fixture
def code(client, system, monkeypatch):
    monkeypatch.setattr(rules, "COST", 4)
    operators.create(system, email="ann@example.com", name="Ann", role="admin", password=PASSWORD)
    return actions.sign_in("ann@example.com", PASSWORD, Visitor("mark"))


def test_code_becomes_an_http_only_cookie_and_leads_on(client, code):
    client.cookies.set("quarterdeck_browser", "mark")
    answer = client.get("/api/session/start", params={"code": code, "to": "/tenants?status=Trial"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/tenants?status=Trial")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=28800" in cookie
    assert client.get("/api/v1/superadmin/tenants").status_code == 200


def test_code_in_another_browser_gives_nothing(client, code):
    client.cookies.set("quarterdeck_browser", "somebody else")
    answer = client.get("/api/session/start", params={"code": code})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "tenants",
        "/a\nb",
        "/api/session/end",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(target):
    assert local_path(target) == "/"


def test_local_paths_survive():
    assert local_path("/tenants?tenant=1&x=a%20b") == "/tenants?tenant=1&x=a%20b"


def test_end_clears_the_cookie(client):
    answer = client.get("/api/session/end")
    assert answer.headers["location"] == "/"
    assert 'quarterdeck_session=""' in answer.headers["set-cookie"]


def test_cookie_names_are_the_same_on_both_sides():
    assert (identity.COOKIE, identity.BROWSER_COOKIE) == (page_session.COOKIE, page_session.BROWSER_COOKIE)


def test_request_id_is_taken_over_or_made_and_echoed(client):
    assert client.get("/api/v1/healthz", headers={"X-Request-ID": "abc-12345"}).headers["x-request-id"] == "abc-12345"
    assert len(client.get("/api/v1/healthz", headers={"X-Request-ID": "bad id; x"}).headers["x-request-id"]) == 26


def test_change_from_another_site_is_refused(signed_in):
    client = signed_in("admin")
    given = {"name": "A", "domain": "a.example"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = client.post("/api/v1/superadmin/tenants", json=given, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:quarterdeck:denied")
    same = client.post(
        "/api/v1/superadmin/tenants",
        json=given,
        headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
    )
    assert same.status_code == 201


def test_page_requests_get_a_mark_that_scripts_cannot_read(client):
    answer = client.get("/", headers={"Accept": "text/html"})
    assert "quarterdeck_browser=" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
