"""The tenants' people, and the queue, over HTTP."""

from uuid import UUID, uuid4

from core.customers.users import inviting
from core.kernel import db as database
from core.kernel.actor import Actor
from core.kernel.tasks import enqueue_on
from core.kernel.telemetry import record
from core.platform.keys import actions as keys
from tests.core.customers.test_tenants import make

PATH = "/api/v1/superadmin"


def _people(raw, tenant_id, *names):
    for name in names:
        raw("INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, created_at, updated_at, version)"
            " VALUES (gen_random_uuid(), :tenant, lower(:name) || '@a.example', :name, :name = 'Ann', now(), now(), 1)",
            tenant=tenant_id, name=name)  # fmt: skip


def test_people_are_found_filtered_and_paged(signed_in, raw, system):
    tenant, other = make(system), make(system)
    _people(raw, tenant.id, "Ann", "Bob")
    _people(raw, other.id, "Cid")
    client = signed_in("support")
    assert {one["name"] for one in client.get(f"{PATH}/users").json()["items"]} == {"Ann", "Bob", "Cid"}
    ours = client.get(f"{PATH}/users", params={"tenant_id": str(tenant.id), "limit": 1}).json()
    rest = client.get(f"{PATH}/users", params={"tenant_id": str(tenant.id), "cursor": ours["next"]}).json()
    assert {one["name"] for one in ours["items"] + rest["items"]} == {"Ann", "Bob"}
    admins = client.get(f"{PATH}/users", params={"is_admin": True}).json()["items"]
    assert [one["name"] for one in admins] == ["Ann"]
    assert client.get(f"{PATH}/users", params={"search": "cid@"}).json()["items"][0]["name"] == "Cid"
    assert client.get(f"{PATH}/users", params={"is_active": False}).json()["items"] == []
    one = client.get(f"{PATH}/users/{admins[0]['id']}")
    assert (one.json(), one.headers["etag"]) == (admins[0], '"1"')
    assert client.get(f"{PATH}/users/{uuid4()}").status_code == 404


def test_people_of_other_tenants_are_not_in_sight(signed_in, raw, system):
    _people(raw, make(system).id, "Ann")
    assert signed_in("client_success").get(f"{PATH}/users").json()["items"] == []


def test_people_are_closed_to_those_without_the_right(signed_in):
    assert signed_in("hotline_operator").get(f"{PATH}/users").status_code == 403


def test_people_are_deactivated_activated_and_invited(signed_in, raw, system):
    tenant = make(system)
    _people(raw, tenant.id, "Ann", "Bob")
    client = signed_in("admin")
    ann, bob = sorted(client.get(f"{PATH}/users").json()["items"], key=lambda one: one["name"])
    path = f"{PATH}/users/{bob['id']}"
    gone = client.post(f"{path}/deactivate", json={"reason": "Left"}, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.json()["version"], gone.json()["deactivated_at"] is None) == (200, 2, False)
    assert client.post(f"{path}/deactivate", json={"reason": "Left"}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.post(f"{path}/invitation", headers={"Idempotency-Key": "a"}).status_code == 422
    assert client.post(f"{path}/activate").json()["deactivated_at"] is None
    many = client.post(f"{PATH}/users/deactivate", json={"user_ids": [ann["id"], bob["id"]], "reason": "Left"}).json()
    assert [one["problem"] is None for one in many["outcomes"]] == [False, True]
    assert (
        client.post(f"{PATH}/users/activate", json={"user_ids": [bob["id"]]}).json()["outcomes"][0]["problem"] is None
    )
    invited = client.post(f"{path}/invitation", headers={"Idempotency-Key": "b"})
    assert client.post(f"{path}/invitation", headers={"Idempotency-Key": "b"}).json() == invited.json()
    assert client.get(path).json()["invitation"] == "pending"
    assert [one["name"] for one in client.get(f"{PATH}/users", params={"invitation": "pending"}).json()["items"]] == [
        "Bob"
    ]
    token = inviting.issue_invitation(system, UUID(invited.json()["id"]))
    accepted = client.post(f"{PATH}/users/accept-invitation", json={"token": token})
    assert (accepted.json()["name"], accepted.json()["invitation"]) == ("Bob", "accepted")
    assert client.post(f"{PATH}/users/accept-invitation", json={"token": token}).status_code == 422


def test_a_key_without_the_scope_sees_people_masked(client, raw, system):
    _people(raw, make(system).id, "Zoe Quinn")
    both = {}
    for scopes in (["users:read"], ["users:read", "users:pii"]):
        key = keys.create(system, tenant_id=None, name="Robot", scopes=scopes).key
        headers = {"Authorization": f"Bearer {key}"}
        one = client.get(f"{PATH}/users", headers=headers).json()["items"][0]
        assert client.get(f"{PATH}/users/{one['id']}", headers=headers).json() == one
        both[len(scopes)] = one["name"], one["email"].partition("@")[0]
        found = client.get(f"{PATH}/users", headers=headers, params={"search": "quinn"}).json()["items"]
        assert len(found) == len(scopes) - 1
    assert both[2] == ("Zoe Quinn", "zoe quinn")
    assert both[1][0].startswith("Z… Q… ·")
    assert both[1][1] == "z…"


def test_people_are_not_changed_without_the_right(signed_in, raw, system):
    _people(raw, make(system).id, "Ann")
    client = signed_in("support")
    path = f"{PATH}/users/{client.get(f'{PATH}/users').json()['items'][0]['id']}"
    assert client.post(f"{path}/deactivate", json={"reason": "x"}).status_code == 403
    assert client.post(f"{path}/activate").status_code == 403
    assert client.post(f"{path}/invitation", headers={"Idempotency-Key": "a"}).status_code == 403


def test_schedules_run_pause_and_resume(signed_in, raw):
    client = signed_in("developer")
    names = [one["name"] for one in client.get(f"{PATH}/schedules", params={"fields": "name"}).json()["items"]]
    assert "queue.clean_up" in names
    queued = client.post(f"{PATH}/schedules/queue.clean_up/run", headers={"Idempotency-Key": "a"})
    again = client.post(f"{PATH}/schedules/queue.clean_up/run", headers={"Idempotency-Key": "a"})
    assert (queued.status_code, again.content) == (202, queued.content)
    assert client.post(f"{PATH}/schedules/queue.clean_up/run").status_code == 422
    assert client.post(f"{PATH}/schedules/nothing/run").status_code == 404
    assert client.post(f"{PATH}/schedules/queue.clean_up/pause").status_code == 204
    assert client.post(f"{PATH}/schedules/queue.clean_up/resume").status_code == 204
    assert client.post(f"{PATH}/schedules/queue.clean_up/resume").status_code == 422
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 1


def test_jobs_are_listed_cancelled_and_tried_again(signed_in, raw):
    with record(Actor.system("test")) as tx:
        job = enqueue_on(database.driver(tx.session), "queue.clean_up", request_id="r", arguments={})
    client = signed_in("developer")
    assert client.get(f"{PATH}/jobs", params={"status": "todo"}).json()["items"][0]["id"] == job
    assert client.post(f"{PATH}/jobs/{job}/retry").status_code == 422
    assert client.post(f"{PATH}/jobs/{job}/cancel").status_code == 204
    assert client.get(f"{PATH}/jobs", params={"status": "todo"}).json()["items"] == []
    assert client.post(f"{PATH}/jobs/99999/cancel").status_code == 404
    assert client.post(f"{PATH}/jobs/99999999999999999999/cancel").status_code == 422
    assert client.get(f"{PATH}/job-runs").json() == {"items": [], "next": None}


def test_jobs_are_closed_to_those_without_the_right(signed_in):
    client = signed_in("support")
    assert client.get(f"{PATH}/jobs").status_code == 403
    assert client.post(f"{PATH}/schedules/queue.clean_up/run").status_code == 403
