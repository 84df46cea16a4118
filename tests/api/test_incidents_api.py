"""Incidents and deployments over HTTP, in the words of the models specification and in ours."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.kernel.times import utc_now
from core.platform.keys import actions as keys
from core.reliability.incidents import actions, impact
from tests.core.reliability.incidents.given import add_tenant, declare
from tests.core.support.tickets.given import add_operator

PATH, DEPLOYED = "/api/v1/superadmin/incidents", "/api/v1/superadmin/deployments"
SPEC = {
    "title": "Database connection pool exhaustion", "description": "High latency on API endpoints.",
    "incident_type": "performance", "severity": "high", "affected_services": ["assessments", "api"],
    "error_logs": {"error": "Connection timeout", "service": "db"},
}  # fmt: skip


@pytest.fixture
def caller(signed_in):
    return signed_in("developer")


def patch(caller, where, **body):
    return caller.patch(where, json=body)


def test_incident_of_the_specification_is_declared_worked_on_and_resolved(caller, raw):
    made = caller.post(PATH, json=SPEC, headers={"Idempotency-Key": "one"})
    again = caller.post(PATH, json=SPEC, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201 and again.json() == made.json()
    where, told = made.headers["location"], made.json()
    assert (told["severity"], told["level"], told["status"], told["state"]) == ("high", "sev2", "open", "investigating")
    assert told["affected_services"] == ["api", "assessments"] and told["source"] == "api"
    assert [one["id"] for one in caller.get(f"{PATH}/active").json()["items"]] == [told["id"]]
    lead = add_operator(raw, "Ann", "developer")
    assert patch(caller, where, assigned_to=str(lead)).json()["assigned_to_name"] == "Ann"
    assert caller.post(f"{where}/acknowledge").json()["status"] == "investigating"
    assert patch(caller, where, status="identified", note="The pool is too small").json()["state"] == "identified"
    assert patch(caller, where, severity="critical").json()["level"] == "sev1"
    assert patch(caller, where, status="resolved").status_code == 422
    done = patch(caller, where, status="resolved", resolution_notes="Larger pool", root_cause="A leak")
    assert (done.json()["status"], done.json()["resolution_notes"], done.json()["root_cause"]) == (
        "resolved", "Larger pool", "A leak",
    )  # fmt: skip
    assert caller.get(f"{PATH}/active").json() == {"items": [], "next": None}
    assert patch(caller, where, status="open").status_code == 422
    assert patch(caller, where, status="open", reason="Back again").json()["reopen_count"] == 1
    lines = [one["text"] for one in caller.get(f"{where}/timeline").json()["items"]]
    assert lines[:2] == ["SEV2 declared by developer", "Reported by developer: error_logs"]
    assert "Identified → resolved" not in lines and "Resolved: Larger pool" in lines


def test_both_vocabularies_find_the_same(caller, system):
    for severity, title in (("sev1", "One"), ("sev2", "Two"), ("sev3", "Three")):
        declare(system, title=title, severity=severity)
    taken = declare(system, title="Taken", severity="sev3")
    actions.set_status(system, taken.id, status="monitoring")

    def titles(**params):
        return sorted(one["title"] for one in caller.get(PATH, params=params).json()["items"])

    assert titles(severity="critical") == titles(severity="sev1") == ["One"]
    assert titles(severity="low") == titles(severity="medium") == ["Taken", "Three"]
    assert titles(status="open") == ["One", "Three", "Two"] and titles(state="monitoring") == ["Taken"]
    assert len(titles(status="investigating")) == 4 and titles(status="closed") == []
    assert titles(search="tak") == ["Taken"]
    first = caller.get(PATH, params={"limit": 3, "fields": "title"}).json()
    rest = caller.get(PATH, params={"limit": 3, "cursor": first["next"]}).json()
    assert len(first["items"]) == 3 and [one["title"] for one in rest["items"]] == ["One"] and rest["next"] is None


def test_a_change_is_one_act_and_an_old_version_changes_nothing(caller, system, raw):
    where = f"{PATH}/{declare(system).id}"
    assert patch(caller, where, title="New", status="resolved", resolution_notes="x").status_code == 422
    assert patch(caller, where, title="New", note="x").status_code == 422
    assert raw("SELECT title FROM incident")[0].title == "Invoices fail"
    etag = caller.get(where).headers["etag"]
    assert caller.patch(where, json={"title": "New"}, headers={"If-Match": etag}).json()["title"] == "New"
    late = caller.patch(where, json={"severity": "low"}, headers={"If-Match": etag})
    assert late.status_code == 412 and raw("SELECT severity FROM incident")[0].severity == "sev2"


def test_timeline_links_impact_tenants_and_roles(caller, system, raw):
    tenant, other = add_tenant(system), declare(system, title="Other")
    where = f"{PATH}/{declare(system).id}"
    at = (utc_now() + timedelta(hours=1)).isoformat()
    assert caller.post(f"{where}/timeline", json={"text": "Seen", "at": at, "is_key": True}).status_code == 422
    note = caller.post(f"{where}/timeline", json={"text": "Seen", "is_key": True})
    assert (note.status_code, note.json()["kind"], note.json()["is_key"]) == (201, "note", True)
    assert caller.post(f"{where}/links", json={"kind": "incident", "target": "INC-999999"}).status_code == 422
    made = caller.post(f"{where}/links", json={"kind": "incident", "target": str(other.id)})
    assert made.json() == {"is_new": True}
    link = caller.get(f"{PATH}/{other.id}/links").json()["items"][0]
    assert caller.delete(f"{where}/links/{link['id']}").status_code == 404
    assert caller.delete(f"{PATH}/{other.id}/links/{link['id']}").status_code == 204
    assert caller.get(f"{where}/links").json()["items"] == []
    assert (
        caller.put(f"{where}/tenants/{tenant}", json={"is_affected": True, "reason": "They called"}).status_code == 204
    )
    impact.compute()
    assert [one["tenant_id"] for one in caller.get(f"{where}/tenants").json()["items"]] == [str(tenant)]
    said = {"field": "users", "value": 250, "reason": "Counted"}
    assert caller.patch(f"{where}/impact", json=said).json()["figures"]["users"]["value"] == 250
    seen = caller.get(f"{where}/impact").json()
    assert seen["hidden"] == ["contracts_value", "revenue"] and "revenue" not in seen["figures"]
    whole = caller.get(where).json()
    assert whole["affected_users"] == whole["metrics"]["users"] == 250 and whole["affected_tenants"] == 1
    lead = add_operator(raw, "Ann", "developer")
    assert caller.put(f"{where}/roles/scribe/{lead}").status_code == 204
    assert [one["name"] for one in caller.get(f"{where}/roles").json()["items"]] == ["Ann"]
    assert caller.delete(f"{where}/roles/scribe/{lead}").status_code == 204
    assert caller.get(f"{where}/roles").json()["items"] == []


def test_merge_and_reopen(caller, system):
    one, into = declare(system, severity="sev1"), declare(system, title="Into")
    merged = caller.post(f"{PATH}/{into.id}/merge", json={"incident_ids": [str(one.id)]})
    assert (merged.status_code, merged.json()["level"]) == (200, "sev1")
    assert caller.get(f"{PATH}/{one.id}").json()["merged_into_id"] == str(into.id)
    assert (
        len(caller.get(PATH).json()["items"]) == 1
        and len(caller.get(PATH, params={"merged": True}).json()["items"]) == 2
    )
    assert caller.post(f"{PATH}/{one.id}/reopen", json={"reason": "x"}).status_code == 422
    assert caller.get(f"{PATH}/{uuid4()}").status_code == 404


def test_who_may_not_is_refused_and_the_key_of_a_tenant_sees_no_incident(client, system, raw):
    made = declare(system)
    scopes = ["incidents:read", "incidents:create", "deployments:create", "deployments:read"]
    bound = keys.create(system, name="Product", mode="live", scopes=scopes, tenant_id=add_tenant(system))
    client.headers["Authorization"] = f"Bearer {bound.key}"
    assert client.get(f"{PATH}/active").json()["items"] == [] and client.get(f"{PATH}/{made.id}").status_code == 404
    assert client.get(PATH, params={"search": "invoices"}).json()["items"] == []
    reading = keys.create(system, name="Build", mode="live", scopes=scopes[:1], tenant_id=None)
    client.headers["Authorization"] = f"Bearer {reading.key}"
    assert client.get(f"{PATH}/{made.id}").status_code == 200
    assert client.post(PATH, json=SPEC).status_code == 403
    assert client.post(DEPLOYED, json={"service": "a", "release": "1"}).status_code == 403


def test_build_system_reports_a_deployment_as_it_goes_on(client, system, raw):
    scopes = ["deployments:create", "deployments:read"]
    key = keys.create(system, name="Build", mode="live", scopes=scopes, tenant_id=None)
    client.headers["Authorization"] = f"Bearer {key.key}"
    build = {"service": "billing", "release": "4.2.0", "external_id": "build-7", "summary": "Faster invoices"}
    begun = client.post(DEPLOYED, json=build | {"status": "started"})
    done = client.post(DEPLOYED, json={name: build[name] for name in ("service", "release", "external_id")})
    assert begun.status_code == done.status_code == 201 and begun.json()["id"] == done.json()["id"]
    assert (done.json()["status"], done.json()["summary"], done.json()["at"]) == (
        "succeeded", "Faster invoices", begun.json()["at"],
    )  # fmt: skip
    client.post(DEPLOYED, json={"service": "mail", "release": "1", "environment": "staging"})
    assert [one["service"] for one in client.get(DEPLOYED, params={"service": "billing"}).json()["items"]] == [
        "billing"
    ]
    assert len(client.get(DEPLOYED).json()["items"]) == 2
    assert client.get(begun.headers["location"]).json()["release"] == "4.2.0"
    wrong = {"service": " ", "release": "1", "url": "javascript:alert(1)", "at": "2999-01-01T00:00:00Z"}
    assert client.post(DEPLOYED, json=wrong).status_code == 422
    assert raw("SELECT count(*) AS n FROM audit_entry WHERE action = 'deployments.report'")[0].n == 3
