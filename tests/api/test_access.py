"""Operators, roles, audit and the caller's own account over HTTP."""

import csv
import io
from uuid import uuid4

PATH = "/api/v1/superadmin"
ANN = {"email": "ann@example.com", "name": "Ann", "role": "support", "password": "a long enough one"}


def test_life_of_an_operator(signed_in, raw):
    client = signed_in("super_admin")
    made = client.post(f"{PATH}/operators", json=ANN, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json()["scope"], made.json()["own_scope"]) == (201, "all", None)
    assert "password" not in made.text
    assert client.post(f"{PATH}/operators", json=ANN, headers={"Idempotency-Key": "one"}).content == made.content
    where = made.headers["location"]
    changed = client.patch(where, json={"scope": "assigned"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json()["scope"], changed.json()["version"]) == ("assigned", 2)
    assert client.patch(where, json={"scope": None}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.patch(where, json={"scope": None}).json()["own_scope"] is None
    assert client.post(f"{where}/disable", json={"reason": "Left"}).json()["disabled_at"]
    assert client.get(f"{PATH}/operators", params={"is_active": True, "search": "ann"}).json()["items"] == []
    assert client.post(f"{where}/enable").json()["disabled_at"] is None
    assert client.get(f"{PATH}/operators", params={"role": "support"}).json()["items"][0]["name"] == "Ann"


def test_operators_are_closed_to_those_without_the_right(signed_in):
    client = signed_in("support")
    assert client.get(f"{PATH}/operators").status_code == 403
    assert client.get(f"{PATH}/roles").status_code == 403
    assert client.post(f"{PATH}/operators", json=ANN).status_code == 403
    assert client.get(f"{PATH}/audit-logs").status_code == 403


def test_roles_tell_their_grants(signed_in):
    roles = {one["name"]: one for one in signed_in("admin").get(f"{PATH}/roles").json()["items"]}
    assert roles["super_admin"]["grants"] == ["*"]
    assert "tenants:update" in roles["admin"]["grants"]
    assert roles["client_success"]["scope"] == "assigned"


def test_own_session_tells_who_and_what(signed_in):
    own = signed_in("support").get(f"{PATH}/me").json()
    assert (own["name"], own["role"], own["scope"], own["key_id"]) == ("support", "support", "all", None)
    assert "tenants:read" in own["grants"]


def test_audit_is_filtered_paged_and_read_by_id(signed_in):
    client = signed_in("admin")
    for number in range(3):
        client.post(f"{PATH}/tenants", json={"name": f"T{number}", "domain": f"t{number}.example"})
    found = client.get(f"{PATH}/audit-logs", params={"action": "tenants.", "limit": 2}).json()
    assert [one["action"] for one in found["items"]] == ["tenants.create"] * 2
    assert (
        len(client.get(f"{PATH}/audit-logs", params={"action": "tenants.", "cursor": found["next"]}).json()["items"])
        == 1
    )
    entry = found["items"][0]
    assert client.get(f"{PATH}/audit-logs/{entry['id']}").json() == entry
    assert client.get(f"{PATH}/audit-logs/{uuid4()}").status_code == 404
    assert client.get(f"{PATH}/audit-logs/ffffffff-ffff-7fff-bfff-ffffffffffff").status_code == 404
    for nothing in ({"severity": "critical"}, {"user": "nobody"}, {"until": "2020-01-01T00:00:00Z"}, {"entity_type": "operat"},
                    {"tenant_id": str(uuid4())}):  # fmt: skip
        assert client.get(f"{PATH}/audit-logs", params={"action": "tenants.create"} | nothing).json()["items"] == [], (
            nothing
        )
    by_entity = client.get(f"{PATH}/audit-logs", params={"entity_id": entry["entity_ids"][0]}).json()["items"]
    assert [one["id"] for one in by_entity] == [entry["id"]]
    assert client.get(f"{PATH}/audit-logs", params={"since": "yesterday"}).status_code == 422
    assert client.get(f"{PATH}/audit-logs", params={"since": "2026-01-01T00:00:00"}).status_code == 422


def test_audit_export_is_csv_that_no_spreadsheet_runs(signed_in):
    client = signed_in("admin")
    made = client.post(f"{PATH}/tenants", json={"name": "Acme", "domain": "acme.example"}).headers["location"]
    client.post(f"{made}/suspend", json={"reason": '=HYPERLINK("http://evil"), "quoted"\nline'})
    answer = client.get(f"{PATH}/audit-logs/export", params={"action": "tenants."})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["tenants.suspend", "tenants.create"]
    assert rows[0]["reason"] == '\'=HYPERLINK("http://evil"), "quoted"\nline'
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    part = client.get(f"{PATH}/audit-logs/export", params={"action": "tenants.", "limit": 1})
    rest = client.get(part.headers["link"].split(";")[0].strip("<>"))
    assert [row["action"] for row in csv.DictReader(io.StringIO(rest.text))] == ["tenants.create"]
