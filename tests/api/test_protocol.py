"""Deprecation, calls from other sites, links to the next page: what holds for the whole API."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fastapi import FastAPI
from starlette.testclient import TestClient

from api import cross_origin

PATH = "/api/v1/superadmin/tenants"


def test_deprecated_alias_answers_and_announces_its_end(signed_in, client):
    old = client.get("/api/v1/health")
    assert old.status_code == 401
    assert old.headers["deprecation"] == f"@{int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())}"
    old = signed_in("support").get("/api/v1/health")
    new = client.get("/api/v1/superadmin/health")
    assert set(old.json()["components"]) == set(new.json()["components"])
    assert parsedate_to_datetime(old.headers["sunset"]) == datetime(2027, 5, 31, tzinfo=UTC)
    assert old.headers["link"] == '</api/v1/superadmin/health>; rel="successor-version"'
    assert "deprecation" not in new.headers


def test_other_sites_are_not_let_in_by_default(client):
    answer = client.get("/api/v1/healthz", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    assert client.options(PATH, headers=asked).status_code == 405


def test_listed_sites_are_let_in_without_the_cookie():
    app = FastAPI()

    @app.get("/x")
    def nothing() -> None:
        """Any route."""

    cross_origin.install(app, " https://one.example/, https://two.example ")
    caller = TestClient(app)
    told = caller.get("/x", headers={"Origin": "https://two.example"}).headers
    assert told["access-control-allow-origin"] == "https://two.example"
    assert "access-control-allow-credentials" not in told
    assert "ETag" in told["access-control-expose-headers"]
    assert "access-control-allow-origin" not in caller.get("/x", headers={"Origin": "https://three.example"}).headers
    asked = {"Origin": "https://one.example", "Access-Control-Request-Method": "PATCH",
             "Access-Control-Request-Headers": "If-Match, Idempotency-Key, Authorization"}  # fmt: skip
    assert caller.options("/x", headers=asked).status_code == 200


def test_link_header_leads_to_the_next_page_and_keeps_the_filters(signed_in):
    client = signed_in("admin")
    for number in range(3):
        client.post(PATH, json={"name": f"T{number}", "domain": f"t{number}.example"})
    first = client.get(PATH, params={"limit": 2, "status": "active"})
    where, relation = first.headers["link"].split("; ")
    assert relation == 'rel="next"'
    second = client.get(where.strip("<>"))
    assert [one["name"] for one in second.json()["items"]] == ["T0"]
    assert "link" not in second.headers


def test_times_are_utc_with_z(signed_in):
    made = signed_in("admin").post(PATH, json={"name": "A", "domain": "a.example"}).json()
    assert made["created_at"].endswith("Z")
