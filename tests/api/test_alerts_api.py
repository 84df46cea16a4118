"""Alerts, rules and silences over HTTP."""

from datetime import timedelta
from uuid import uuid4

from core.kernel.times import utc_now
from tests.core.health.alerts.conftest import World, opened, world  # noqa: F401  (fixtures)

ALERTS, RULES, SILENCES = (f"/api/v1/superadmin/{name}" for name in ("alerts", "alert-rules", "silences"))
CPU = {"name": "CPU", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8, "for_s": 120}


def test_the_inbox_pages_filters_and_shows_one(signed_in, opened):  # noqa: F811
    opened("web-1", "web-2", "web-3")
    client = signed_in("developer")
    first = client.get(ALERTS, params={"limit": 2}).json()
    rest = client.get(ALERTS, params={"limit": 2, "cursor": first["next"]}).json()
    assert {one["subject"] for one in first["items"] + rest["items"]} == {"web-1", "web-2", "web-3"}
    assert rest["next"] is None
    assert client.get(ALERTS, params={"severity": "critical"}).json()["items"] == []
    assert [one["subject"] for one in client.get(ALERTS, params={"search": "WEB-2"}).json()["items"]] == ["web-2"]
    one = client.get(f"{ALERTS}/{first['items'][0]['id']}").json()
    assert (one["value_first"], one["unit"], one["is_silenced"]) == (0.9, "ratio", False)
    assert client.get(f"{ALERTS}/{uuid4()}").status_code == 404


def test_alerts_are_handled_and_tell_what_happened(signed_in, opened):  # noqa: F811
    first, second, third = opened("web-1", "web-2", "web-3")
    client = signed_in("developer")
    given = {"alert_ids": [str(first)], "note": "Looking"}
    assert client.post(f"{ALERTS}/acknowledge", json=given).json() == {"changed": 1}
    assert client.post(f"{ALERTS}/acknowledge", json=given).json() == {"changed": 0}
    assert client.post(f"{ALERTS}/resolve", json={"alert_ids": [str(second)]}).json() == {"changed": 1}
    dismissal = {"alert_ids": [str(third)], "reason": "Load test"}
    assert client.post(f"{ALERTS}/dismiss", json=dismissal).json() == {"changed": 1}
    assert client.post(f"{ALERTS}/{first}/comments", json={"text": "Restarted it"}).status_code == 204
    told = client.get(f"{ALERTS}/{first}/history").json()["items"]
    assert [(one["kind"], one["by"], one["note"]) for one in told] == [
        ("opened", None, ""), ("acknowledged", "developer", "Looking"), ("commented", "developer", "Restarted it"),
    ]  # fmt: skip
    assert client.post(f"{ALERTS}/resolve", json={"alert_ids": [str(uuid4())]}).status_code == 404
    assert client.post(f"{ALERTS}/dismiss", json={"alert_ids": [str(first)], "reason": " "}).status_code == 422


def test_a_rule_is_made_changed_and_removed(signed_in, db):
    client = signed_in("developer")
    made = client.post(RULES, json=CPU)
    assert made.status_code == 201
    rule = made.json()
    assert rule["sentence"] == "CPU used above 80 % for 2 min, per server"
    place = made.headers["location"]
    assert client.patch(place, json={"bound": 0.9}, headers={"If-Match": '"1"'}).json()["bound"] == 0.9
    assert client.patch(place, json={"bound": 0.7}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.post(f"{place}/disable", params={"reason": "Too loud"}).json()["is_enabled"] is False
    assert client.post(f"{place}/enable").json()["is_enabled"] is True
    assert client.post(f"{place}/enable").status_code == 422
    assert client.delete(place, params={"reason": "Not wanted"}).status_code == 204
    assert client.get(place).status_code == 404


def test_a_bad_rule_says_which_fields(signed_in, db):
    client = signed_in("developer")
    answer = client.post(RULES, json=CPU | {"measure": "nonsense", "clear_bound": 0.9})
    assert answer.status_code == 422
    assert "measure" in answer.text
    answer = client.post(RULES, json=CPU | {"clear_bound": 0.9})
    assert "clear_bound" in answer.text
    assert client.post(RULES, json=CPU | {"bound": "high"}).status_code == 422


def test_the_rules_that_come_with_the_portal_and_the_measures_are_listed(signed_in, db):
    client = signed_in("developer")
    keys = {one["key"] for one in client.get(RULES).json()["items"]}
    assert {"server-cpu", "api-p95", "api-errors", "api-budget-fast", "monitor-down", "provider-errors"} <= keys
    measures = {one["name"]: one for one in client.get(f"{RULES}/measures").json()["items"]}
    assert measures["server.cpu"]["kinds"] == ["threshold", "rate_of_change", "anomaly"]


def test_a_dry_run_tells_when_it_would_have_fired(signed_in, world):  # noqa: F811
    server = world.server()
    world.cpu(server, [0.9] * 3 + [0.1] * 10)
    world.rolled(20)
    client = signed_in("developer")
    found = client.post(f"{RULES}/dry-run", json=CPU, params={"days": 1}).json()
    assert (found["count"], found["subjects"], found["grain"]) == (1, 1, "minute")
    assert found["intervals"][0]["subject"] == "web-1"
    assert "once" in found["told"]
    saved = client.post(RULES, json=CPU).headers["location"]
    assert client.get(f"{saved}/dry-run", params={"days": 1}).json()["count"] == 1


def test_silences_are_made_and_ended(signed_in, opened):  # noqa: F811
    opened("web-1", "db-1")
    client = signed_in("developer")
    ends = (utc_now() + timedelta(hours=1)).isoformat()
    made = client.post(SILENCES, json={"ends_at": ends, "reason": "Deploy", "subject_pattern": "web-*"})
    assert made.status_code == 201
    silenced = {one["subject"]: one["is_silenced"] for one in client.get(ALERTS).json()["items"]}
    assert silenced == {"web-1": True, "db-1": False}
    [one] = client.get(SILENCES).json()["items"]
    assert (one["state"], one["matching"], one["by"]) == ("active", 1, "developer")
    place = made.headers["location"]
    assert client.post(f"{place}/expire").json()["ended_at"] is not None
    assert client.post(f"{place}/expire").status_code == 422
    assert client.get(SILENCES).json()["items"] == []
    assert client.get(SILENCES, params={"past": True}).json()["items"][0]["state"] == "ended"


def test_readers_change_nothing_and_strangers_see_nothing(signed_in, client, opened):  # noqa: F811
    [alert] = opened("web-1")
    assert client.get(ALERTS).status_code == 401
    reader = signed_in("support")
    given = {"alert_ids": [str(alert)]}
    assert reader.post(f"{ALERTS}/acknowledge", json=given).status_code == 403
    assert reader.post(RULES, json=CPU).status_code == 403
