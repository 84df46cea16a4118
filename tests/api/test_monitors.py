"""Monitors, maintenance windows and heartbeats over HTTP."""

from uuid import UUID, uuid4

import pytest

from api.health import heartbeats
from core.health.monitors import actions, queries
from core.kernel.actor import Actor
from core.platform.keys.limiting import Limiter

HERE, WINDOWS = "/api/v1/superadmin/monitors", "/api/v1/superadmin/maintenance-windows"
SITE = {"name": "Website", "kind": "http", "settings": {"url": "https://93.184.216.34/", "statuses": "200, 204"}}


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch):
    monkeypatch.setattr(heartbeats, "_calls", Limiter())
    monkeypatch.setattr(heartbeats, "_wrong", Limiter())


@pytest.fixture
def api(signed_in):
    return signed_in("developer")


def test_a_monitor_is_made_read_changed_and_removed(api):
    made = api.post(HERE, json=SITE | {"tags": ["web"]})
    assert made.status_code == 201, made.text
    body, where = made.json(), made.headers["Location"]
    assert (body["target"], body["settings"]["statuses"], body["token"]) == ("https://93.184.216.34/", "200, 204", None)
    read = api.get(where)
    assert (read.json()["state"], read.json()["unobserved_24h"], read.headers["ETag"]) == ("unknown", 1.0, '"1"')
    assert api.get(where, headers={"If-None-Match": '"1"'}).status_code == 304
    changed = api.patch(where, json={"interval_s": 300, "owner_id": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["interval_s"], changed.headers["ETag"]) == (300, '"2"')
    assert api.patch(where, json={"interval_s": 60}, headers={"If-Match": '"1"'}).status_code == 412
    assert api.delete(where, params={"reason": "Done"}).status_code == 428
    assert api.delete(where, params={"reason": "Done"}, headers={"If-Match": '"2"'}).status_code == 204
    assert api.get(where).status_code == 404


def test_a_monitor_is_made_once_under_an_idempotency_key(api):
    first, second = (api.post(HERE, json=SITE, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == second.json() and second.headers["Idempotency-Replayed"] == "true"
    assert len(api.get(HERE).json()["items"]) == 1


def test_monitors_page_and_filter(api):
    for place in range(3):
        api.post(HERE, json=SITE | {"name": f"M{place}", "tags": ["odd"] if place == 1 else []})
    first = api.get(HERE, params={"limit": 2}).json()
    rest = api.get(HERE, params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["M0", "M1", "M2"] and rest["next"] is None
    assert [one["name"] for one in api.get(HERE, params={"tag": "odd"}).json()["items"]] == ["M1"]
    assert api.get(HERE, params={"fields": "name", "search": "m2"}).json()["items"] == [{"name": "M2"}]
    assert api.get(HERE, params={"state": "up"}).json()["items"] == []
    assert api.get(HERE, params={"state": "broken"}).status_code == 422


def test_bad_monitors_are_refused_by_field(api):
    private = api.post(HERE, json=SITE | {"settings": {"url": "http://127.0.0.1/"}})
    assert (private.status_code, list(private.json()["errors"])) == (422, ["url"])
    secret = api.post(HERE, json=SITE | {"settings": {"url": "https://user:pw@example.com/"}})
    assert "user name or password" in secret.json()["errors"]["url"]
    assert api.post(HERE, json=SITE | {"allows_private": True}).status_code == 403
    assert api.post(HERE, json=SITE | {"interval_s": 5}).status_code == 422
    assert api.post(HERE, json=SITE | {"unknown": 1}).status_code == 422


def test_who_may_not_makes_no_monitor(signed_in):
    api = signed_in("support")
    assert api.post(HERE, json=SITE).status_code == 403
    assert api.get(HERE).status_code == 200
    assert (
        api.post(WINDOWS, json={"title": "X", "starts_at": "2027-01-01T00:00:00Z", "duration_s": 60}).status_code == 403
    )


def test_pause_resume_and_check(api):
    where = api.post(HERE, json=SITE).headers["Location"]
    assert api.post(f"{where}/pause", json={"reason": "Moves"}).json()["state"] == "paused"
    assert api.post(f"{where}/check").status_code == 422
    assert api.post(f"{where}/resume").json()["state"] == "unknown"
    assert api.post(f"{where}/check").status_code == 204


def test_histories_of_a_monitor(api):
    where = api.post(HERE, json=SITE).headers["Location"]
    assert api.get(f"{where}/availability").json()["available_ratio"] is None
    assert [one["state"] for one in api.get(f"{where}/states").json()["items"]] == ["unknown"]
    assert api.get(f"{where}/course").json()["items"] == api.get(f"{where}/checks").json()["items"] == []
    backwards = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    assert api.get(f"{where}/states", params=backwards).status_code == 422
    assert api.get(f"{HERE}/{uuid4()}/states").status_code == 404
    assert api.get(f"{HERE}/checker").json()["problem"] == "no checker has run yet"


def push(api, **values: object) -> dict:
    made = api.post(HERE, json={"name": "Backup", "kind": "push", "settings": {"grace_s": 60}} | values)
    assert made.status_code == 201, made.text
    return made.json()


def test_a_push_monitor_is_called_by_its_token_alone(api, client):
    made = push(api)
    client.cookies.clear()
    called = client.get(made["push_path"], params={"status": "up", "msg": "12 files", "ping": "31.5"})
    assert (called.status_code, called.json()) == (200, {"ok": True})
    assert client.post(made["push_path"]).status_code == 200
    assert client.get(made["push_path"], params={"status": "sideways"}).status_code == 422
    assert client.get(made["push_path"], params={"ping": "fast"}).status_code == 422
    assert client.get(made["push_path"], params={"ping": "nan"}).status_code == 422
    assert client.get("/api/push/" + "x" * 43).status_code == 404
    rows = checks_of(made["id"])
    assert [(one["state"], one["detail"], one["latency_ms"]) for one in rows] == [
        ("up", "OK", None), ("up", "12 files", 31.5),
    ]  # fmt: skip


def checks_of(monitor_id: str) -> list[dict]:
    frame = queries.checks(Actor.system("test"), UUID(monitor_id)).frame
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def test_the_call_of_a_paused_monitor_is_not_kept(api, client):
    made = push(api)
    actions.pause(Actor.system("test"), [UUID(made["id"])])
    assert client.get(made["push_path"]).status_code == 200
    assert checks_of(made["id"]) == []


def test_a_rotated_token_replaces_the_old_one(api, client):
    made = push(api)
    newer = api.post(f"{HERE}/{made['id']}/rotate").json()
    assert newer["push_path"] != made["push_path"] and newer["previous_expires_at"] is not None
    assert client.get(newer["push_path"]).status_code == client.get(made["push_path"]).status_code == 200


def test_calls_are_limited_by_token_and_wrong_ones_by_address(api, client):
    made = push(api)
    answers = [client.get(made["push_path"]) for _ in range(heartbeats.PER_TOKEN + 1)]
    assert [one.status_code for one in answers[-2:]] == [200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    for place in range(heartbeats.WRONG_PER_ADDRESS):
        assert client.get(f"/api/push/{place:043}").status_code == 404
    other = push(api)
    assert client.get("/api/push/" + "x" * 43).status_code == 429
    assert client.get(other["push_path"]).status_code == 429


def test_maintenance_windows_are_planned_changed_and_cancelled(api):
    given = {"title": "Patch", "starts_at": "2027-01-03T01:00:00Z", "duration_s": 3_600, "rule": "FREQ=WEEKLY",
             "zone": "Europe/Berlin", "covers": "tags", "tags": ["web"]}  # fmt: skip
    made = api.post(WINDOWS, json=given, headers={"Idempotency-Key": "w1"})
    assert made.status_code == 201, made.text
    where = made.headers["Location"]
    assert api.get(where).json()["next_at"] == "2027-01-03T01:00:00Z"
    changed = api.patch(where, json={"rule": None, "policy": "counted"}, headers={"If-Match": '"1"'})
    assert (changed.json()["rule"], changed.json()["over_at"]) == (None, "2027-01-03T02:00:00Z")
    assert api.patch(where, json={"title": "Y"}, headers={"If-Match": '"1"'}).status_code == 412
    assert len(api.get(WINDOWS).json()["items"]) == 1
    assert api.post(f"{where}/cancel", json={"reason": "Not needed"}).json()["cancelled_reason"] == "Not needed"
    assert api.get(WINDOWS).json()["items"] == []
    assert len(api.get(WINDOWS, params={"past": True}).json()["items"]) == 1
    wrong = api.post(WINDOWS, json=given | {"rule": "FREQ=SECONDLY", "zone": "Mars/Base"})
    assert set(wrong.json()["errors"]) == {"rule", "zone"}
