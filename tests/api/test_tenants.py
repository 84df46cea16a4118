"""Tenants over HTTP: the same rights, the same audit, errors as problem details."""

from uuid import uuid4

import pytest

PATH = "/api/v1/superadmin/tenants"
ACME = {"name": "Acme", "domain": "acme.example", "tier": "pro", "region": "EU", "seats": 5}


def test_life_of_a_tenant(signed_in, raw):
    client = signed_in("admin")
    made = client.post(PATH, json=ACME, headers={"X-Request-ID": "request-0001"})
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    where = made.headers["location"]
    assert raw("SELECT channel, request_id FROM audit_entry WHERE action = 'tenants.create'")[0] == (
        "api",
        "request-0001",
    )
    changed = client.patch(where, json={"seats": 9}, headers={"If-Match": '"1"'})
    assert (changed.json()["seats"], changed.headers["etag"]) == (9, '"2"')
    assert client.post(f"{where}/suspend", json={"reason": "Unpaid"}).json()["status"] == "suspended"
    assert client.post(f"{where}/reactivate").json()["status"] == "active"
    assert client.get(where).json()["name"] == "Acme"


def test_list_pages_by_cursor(signed_in):
    client = signed_in("admin")
    for number in range(3):
        client.post(PATH, json=ACME | {"name": f"T{number}", "domain": f"t{number}.example"})
    first = client.get(PATH, params={"limit": 2}).json()
    second = client.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["T2", "T1", "T0"]
    assert second["next"] is None


def test_stale_change_is_a_conflict_that_names_who(signed_in):
    client = signed_in("admin")
    where = client.post(PATH, json=ACME).headers["location"]
    client.patch(where, json={"seats": 9}, headers={"If-Match": '"1"'})
    answer = client.patch(where, json={"name": "Mine"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["changes"] == [{"actor": "admin", "columns": ["seats"]}]


def test_idempotency_key_makes_one_tenant(signed_in, raw):
    client = signed_in("admin")
    for wanted in (201, 409):
        assert client.post(PATH, json=ACME, headers={"Idempotency-Key": "k1"}).status_code == wanted
    assert raw("SELECT count(*) FROM tenant")[0].count == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"domain": "nope"}, "domain"),
        ({"seats": 0}, "seats"),
        ({"tier": "gold"}, "tier"),
        ({"seats": "x"}, "seats"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bad_input_names_the_field(signed_in, change, field):
    answer = signed_in("admin").post(PATH, json=ACME | change)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_stranger_reader_and_wrong_id(client, signed_in):
    assert client.get(PATH).json()["type"] == "urn:quarterdeck:signed_out"
    reader = signed_in("support")
    assert reader.post(PATH, json=ACME).status_code == 403
    assert reader.get(f"{PATH}/{uuid4()}").status_code == 404
    assert reader.get(f"{PATH}/nonsense").status_code == 422
    assert reader.get(PATH, params={"cursor": "damaged"}).status_code == 422
    assert reader.get(PATH, params={"limit": 100000}).status_code == 422
    assert reader.get("/api/v1/nothing").json()["status"] == 404


def test_unexpected_error_is_a_problem_and_leaves_a_record(signed_in, monkeypatch, raw):
    from core.customers.tenants import queries

    client = signed_in("admin")
    monkeypatch.setattr(queries, "directory", lambda *_, **__: 1 / 0)
    answer = client.get(PATH)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:quarterdeck:internal_error")
    assert "division" not in answer.text
    record = raw("SELECT type, request_id FROM error_record")[0]
    assert (record.type, record.request_id) == ("ZeroDivisionError", answer.headers["x-request-id"])
