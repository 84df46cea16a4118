"""Tenants over HTTP: the same rights, the same audit, errors as problem details."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.customers.tenants.purge.tasks import purge_due
from core.kernel.actor import Actor
from core.kernel.times import utc_now

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
    changed = client.patch(where, json={"region": "APAC"}, headers={"If-Match": '"1"'})
    assert (changed.json()["region"], changed.headers["etag"]) == ("APAC", '"2"')
    assert client.post(f"{where}/suspend", json={"reason": "Unpaid"}).json()["status"] == "suspended"
    assert client.post(f"{where}/reactivate").json()["status"] == "active"
    assert client.get(where).json()["name"] == "Acme"


def test_create_with_owner_and_trial(signed_in, raw):
    client = signed_in("admin")
    ends_on = str(utc_now().date() + timedelta(days=14))
    owner = {"name": "Ann Berg", "email": "Ann@acme.example"}
    made = client.post(PATH, json=ACME | {"trial_ends_on": ends_on, "interval": "yearly", "owner": owner})
    assert (made.json()["status"], made.json()["trial_ends_on"]) == ("trial", ends_on)
    assert raw("SELECT id, email, is_admin FROM tenant_user")[0] == (
        UUID(made.json()["owner_id"]),
        "ann@acme.example",
        True,
    )
    bad = client.post(PATH, json=ACME | {"domain": "b.example", "owner": owner | {"email": "nobody"}})
    assert (bad.status_code, list(bad.json()["errors"])) == (422, ["owner_email"])
    assert raw("SELECT count(*) FROM tenant")[0].count == 1


def test_purged_tenant_hands_out_its_certificate(signed_in, raw):
    client = signed_in("super_admin")
    where = client.post(PATH, json=ACME).headers["location"]
    assert client.get(f"{where}/certificate").status_code == 404
    client.delete(where, params={"reason": "Contract ended"}, headers={"If-Match": "*"})
    raw("UPDATE tenant SET purge_after = now() - interval '1 minute'")
    purge_due(Actor.system("test"))
    found = client.get(f"{where}/certificate").json()
    assert (found["problem"], "tenant" in {one["table"] for one in found["kept"]}) == (None, True)
    document = client.get(f"{where}/certificate.pdf")
    assert (document.headers["content-type"], document.content[:4]) == ("application/pdf", b"%PDF")
    assert client.get(where).json()["status"] == "purged"
    assert client.post(f"{where}/restore", headers={"If-Match": "*"}).status_code == 422
    assert client.get(PATH).json()["items"] == []


def test_list_pages_by_cursor(signed_in):
    client = signed_in("admin")
    for number in range(3):
        client.post(PATH, json=ACME | {"name": f"T{number}", "domain": f"t{number}.example"})
    first = client.get(PATH, params={"limit": 2}).json()
    second = client.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["T2", "T1", "T0"]
    assert second["next"] is None


def test_stale_change_is_refused_and_names_who(signed_in):
    client = signed_in("admin")
    where = client.post(PATH, json=ACME).headers["location"]
    client.patch(where, json={"region": "APAC"}, headers={"If-Match": '"1"'})
    answer = client.patch(where, json={"name": "Mine"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:quarterdeck:precondition_failed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["changes"] == [{"actor": "admin", "columns": ["region"]}]
    assert client.get(where).json()["name"] == "Acme"


def test_delete_needs_a_version_and_a_reason_and_can_be_undone(signed_in, raw):
    client = signed_in("super_admin")
    where = client.post(PATH, json=ACME).headers["location"]
    assert client.delete(where, params={"reason": "Contract ended"}).status_code == 428
    assert client.delete(where, headers={"If-Match": '"1"'}).status_code == 422
    gone = client.delete(where, params={"reason": "Contract ended"}, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.json()["status"]) == (200, "deleted")
    assert client.get(PATH).json()["items"] == []
    entry = raw("SELECT severity, reason FROM audit_entry WHERE action = 'tenants.delete'")[0]
    assert entry == ("critical", "Contract ended")
    back = client.post(f"{where}/restore", headers={"If-Match": gone.headers["etag"]})
    assert (back.status_code, back.json()["status"]) == (200, "active")


def test_admin_may_not_delete(signed_in, raw):
    client = signed_in("admin")
    where = client.post(PATH, json=ACME).headers["location"]
    answer = client.delete(where, params={"reason": "x"}, headers={"If-Match": "*"})
    assert answer.status_code == 403
    assert raw("SELECT status FROM tenant")[0].status == "active"


def test_usage_says_what_is_known_and_null_for_the_rest(signed_in, raw):
    client = signed_in("admin")
    tenant = client.post(PATH, json=ACME).json()["id"]
    people = "INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, deactivated_at, last_seen_at, created_at,"
    for number, (gone, seen) in enumerate(
        (("NULL", "now()"), ("NULL", "now() - interval '40 days'"), ("now()", "NULL"))
    ):
        raw(f"{people} updated_at, version) VALUES (gen_random_uuid(), :tenant, '{number}@a.example', 'A', false, {gone},"
            f" {seen}, now(), now(), 1)", tenant=tenant)  # fmt: skip
    usage = client.get(f"{PATH}/{tenant}/usage").json()
    assert (usage["users"], usage["seats_used"], usage["users_active_30d"], usage["seats"]) == (3, 2, 1, 5)
    assert usage["api_calls_30d"] is None
    assert usage["storage_bytes"] is None
    raw("INSERT INTO rollup_watermark (rollup, xid, moved_at) VALUES ('tenant_rollup', '1', now())"
        " ON CONFLICT (rollup) DO UPDATE SET moved_at = now()")  # fmt: skip
    raw("INSERT INTO tenant_rollup_day (bucket, tenant_id, service, channel, status_class, total, errors, timed,"
        " duration_ms_sum, sketch_keys, sketch_counts) SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',"
        " :tenant, 'portal', 'api', 2, 7, 1, 7, 5, '{}', '{}'", tenant=tenant)  # fmt: skip
    usage = client.get(f"{PATH}/{tenant}/usage").json()
    assert (usage["api_calls_30d"], usage["api_errors_30d"]) == (7, 1)


def test_sort_and_fields(signed_in):
    client = signed_in("admin")
    for name in ("Beta", "Alpha", "Gamma"):
        client.post(PATH, json=ACME | {"name": name, "domain": f"{name}.example"})
    first = client.get(PATH, params={"sort": "name", "fields": "name,seats", "limit": 2}).json()
    assert first["items"] == [{"name": "Alpha", "seats": 5}, {"name": "Beta", "seats": 5}]
    assert client.get(PATH, params={"sort": "name", "cursor": first["next"]}).json()["items"][0]["name"] == "Gamma"
    answer = client.get(PATH, params={"fields": "password"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["fields"])


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
    monkeypatch.setattr(queries, "listing", lambda *_, **__: 1 / 0)
    answer = client.get(PATH)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:quarterdeck:internal_error")
    assert "division" not in answer.text
    record = raw("SELECT type, request_id FROM error_record")[0]
    assert (record.type, record.request_id) == ("ZeroDivisionError", answer.headers["x-request-id"])


def test_change_of_plan_changes_the_subscription_too(signed_in, raw):
    client = signed_in("admin")
    where = client.post(PATH, json=ACME).headers["location"]
    mixed = client.patch(where, json={"tier": "enterprise", "seats": 30, "name": "Acme Group"})
    assert (mixed.status_code, set(mixed.json()["errors"])) == (422, {"tier", "seats"})
    unchanged = client.patch(where, json={"tier": "pro", "seats": 5, "name": "Acme Group"}, headers={"If-Match": '"1"'})
    assert (unchanged.status_code, unchanged.json()["name"]) == (200, "Acme Group")
    changed = client.patch(where, json={"tier": "enterprise", "seats": 60}, headers={"If-Match": '"2"'})
    assert (changed.status_code, changed.json()["tier"], changed.json()["seats"]) == (200, "enterprise", 60)
    assert raw("SELECT plan_key, seats FROM subscription")[0] == ("enterprise", 60)
    assert client.patch(where, json={"tier": "pro"}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.get(where).headers["etag"] == changed.headers["etag"]
