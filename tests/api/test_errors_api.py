"""Errors over HTTP: lists, triage with If-Match, samples, and the trace of a request."""

from datetime import timedelta
from uuid import uuid4

from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.errors_given import MARK, seen
from tests.core.health.test_errors_correlation import ID, happened
from tests.core.health.test_errors_triage import person
from tests.core.platform.test_keys import make as make_key

ERRORS, REQUESTS = "/api/v1/superadmin/errors", "/api/v1/superadmin/requests"
B = "b" * 16


def test_list_filters_sorts_and_pages(signed_in):
    client = signed_in("developer")
    seen(times=3, service="shop")
    seen(B, service="mail", type="KeyError", at=utc_now() + timedelta(seconds=1))
    first = client.get(ERRORS, params={"limit": 1, "sort": "errors"}).json()
    second = client.get(ERRORS, params={"limit": 1, "sort": "errors", "cursor": first["next"]}).json()
    assert [(one["fingerprint"], one["errors"]) for one in first["items"] + second["items"]] == [(MARK, 3), (B, 1)]
    assert second["next"] is None
    assert [one["fingerprint"] for one in client.get(ERRORS).json()["items"]] == [B, MARK]
    assert [one["fingerprint"] for one in client.get(ERRORS, params={"service": "mail"}).json()["items"]] == [B]
    assert client.get(ERRORS, params={"state": "resolved"}).json()["items"] == []
    assert client.get(ERRORS, params={"state": "pretty"}).status_code == 422
    assert (
        client.get(ERRORS, params={"until": "2026-01-01T00:00:00Z", "since": "2026-01-02T00:00:00Z"}).status_code == 422
    )


def test_a_time_is_rounded_down_to_whole_buckets(signed_in):
    seen(times=2, at=utc_now() - timedelta(days=40))
    client, since = signed_in("developer"), utc_now() - timedelta(days=40, seconds=10)
    told = client.get(ERRORS, params={"since": since.isoformat().replace("+00:00", "Z")}).json()["items"]
    assert [one["errors"] for one in told] == [2]


def test_triage_with_if_match(signed_in, raw):
    seen()
    client, where = signed_in("developer"), f"{ERRORS}/{MARK}"
    shown = client.get(where)
    assert (shown.headers["etag"], shown.json()["state"], shown.json()["version"]) == ('"0"', "open", 0)
    done = client.patch(where, json={"state": "acknowledged", "note": "Looking"}, headers={"If-Match": '"0"'})
    assert (done.status_code, done.json()["state"], done.json()["note"], done.headers["etag"]) == (
        200,
        "acknowledged",
        "Looking",
        '"1"',
    )
    assert client.patch(where, json={"state": "resolved"}, headers={"If-Match": '"0"'}).status_code == 412
    assert client.patch(where, json={"state": "acknowledged"}).status_code == 422
    assert client.patch(where, json={"state": "resolved"}).json()["state"] == "resolved"
    assert client.patch(where, json={"state": "open"}).json()["resolved_at"] is None
    assert client.patch(where, json={"state": "ignored"}).status_code == 422
    assert client.patch(where, json={"state": "ignored", "note": "A bot"}).json()["state"] == "ignored"
    assert len(raw("SELECT 1 FROM error_triage")) == 1


def test_assignees_are_given_and_taken(signed_in, system):
    seen()
    ann, client, where = person(system), signed_in("developer"), f"{ERRORS}/{MARK}"
    assert client.patch(where, json={"assignee_id": str(ann.id)}).json()["assignee"] == "Ann"
    assert [one["fingerprint"] for one in client.get(ERRORS, params={"assignee_id": str(ann.id)}).json()["items"]] == [
        MARK
    ]
    assert client.patch(where, json={"assignee_id": None}).json()["assignee"] is None
    assert client.patch(where, json={"assignee_id": str(uuid4())}).status_code == 422
    for wrong in (
        {},
        {"state": "resolved", "assignee_id": None},
        {"note": "x"},
        {"assignee_id": None, "note": "x"},
        {"colour": 1},
    ):
        assert client.patch(where, json=wrong).status_code == 422, wrong


def test_samples_and_their_trace(signed_in):
    seen(times=2, trace="Traceback", request_id="r-1")
    client = signed_in("support")
    listed = client.get(f"{ERRORS}/{MARK}/samples", params={"limit": 1}).json()
    assert len(listed["items"]) == 1
    assert "trace" not in listed["items"][0]
    one = client.get(f"{ERRORS}/{MARK}/samples/{listed['items'][0]['id']}").json()
    assert (one["trace"], one["request_id"], one["type"]) == ("Traceback", "r-1", "ValueError")
    assert client.get(f"{ERRORS}/{MARK}/samples/{uuid4()}").status_code == 404


def test_the_trace_of_a_request(signed_in, system):
    happened(system)
    client = signed_in("support")
    told = client.get(f"{REQUESTS}/{ID}").json()
    assert [one["kind"] for one in told["items"]].count("error") == 1
    assert told["hidden"] == ["audit", "job"]
    assert client.get(f"{REQUESTS}/nobody-knows").json()["items"] == []


def test_rights_hold_over_http(signed_in, client, system):
    seen()
    support = signed_in("support")
    assert support.get(ERRORS).status_code == 200
    assert support.patch(f"{ERRORS}/{MARK}", json={"state": "resolved"}).status_code == 403
    assert support.get(f"{ERRORS}/nonsense").status_code == 404
    client.cookies.clear()
    assert client.get(ERRORS).status_code == 401
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    seen(B, tenant_id=other.id)
    key = make_key(system, tenant_id=mine.id, scopes=["errors:read"])
    headers = {"X-API-Key": key.key}
    assert B not in client.get(ERRORS, headers=headers).text
    assert client.get(f"{ERRORS}/{B}", headers=headers).status_code == 404


def test_strange_words_are_no_failure(signed_in):
    client = signed_in("developer")
    for params in (
        {"search": "a\0b"},
        {"service": "a\0b"},
        {"type": "a\0b"},
        {"search": "%_\\"},
        {"cursor": "nonsense"},
    ):
        assert client.get(ERRORS, params=params).status_code in (200, 422), params
    assert client.get(f"{REQUESTS}/a%00b").status_code == 422
    assert client.get(f"{ERRORS}/a%00b").status_code == 422
