"""Channels and routes over the API: the same rights as on the page, and never a secret in an answer."""

import pytest

CHANNELS, ROUTES = "/api/v1/superadmin/alert-channels", "/api/v1/superadmin/alert-routes"
SECRET = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


@pytest.fixture
def channel(signed_in):
    client = signed_in("developer")
    made = client.post(CHANNELS, json={"name": "On-call", "url": SECRET})
    assert made.status_code == 201, made.text
    return client, made.json()


def test_the_url_never_comes_back(channel):
    client, made = channel
    assert made["kind"] == "slack" and made["version"] == 1
    for answer in (client.get(CHANNELS), client.get(f"{CHANNELS}/{made['id']}"),
                   client.patch(f"{CHANNELS}/{made['id']}", json={"url": SECRET, "name": "On call"})):  # fmt: skip
        assert answer.status_code == 200
        assert "TIiajkdnlazkcOXrIdevi7FQ" not in answer.text and "url" not in answer.json()
    assert client.get(CHANNELS).json()["items"][0]["name"] == "On call"


def test_a_stale_etag_is_refused(channel):
    client, made = channel
    path = f"{CHANNELS}/{made['id']}"
    assert client.patch(path, json={"name": "One"}, headers={"If-Match": '"1"'}).status_code == 200
    assert client.patch(path, json={"name": "Two"}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(path, params={"reason": "over"}).status_code == 428


def test_routes_are_made_ordered_tried_and_removed(channel):
    client, made = channel
    first = client.post(ROUTES, json={"name": "Rest", "channel_ids": [made["id"]]}).json()
    night = {"name": "Nights", "channel_ids": [made["id"]], "starts_at": "22:00:00", "ends_at": "06:00:00",
             "time_zone": "Europe/Berlin", "severities": ["critical"], "escalate_after_minutes": 15,
             "escalation_channel_ids": [made["id"]]}  # fmt: skip
    second = client.post(ROUTES, json=night)
    assert second.status_code == 201, second.text
    assert client.post(f"{ROUTES}/{second.json()['id']}/move", json={"to": 1}).json()["position"] == 1
    assert [one["name"] for one in client.get(ROUTES).json()["items"]] == ["Nights", "Rest"]
    asked = {"severity": "critical", "area": "servers", "at": "2026-11-20T23:00:00Z"}
    told = client.get(f"{ROUTES}/told", params=asked).json()["items"]
    assert [(one["route"], one["after"]) for one in told] == [("Nights", 0.0), ("Nights", 900.0)]
    in_use = client.delete(f"{CHANNELS}/{made['id']}", params={"reason": "over"}, headers={"If-Match": '"1"'})
    assert in_use.status_code == 422 and "Nights" in in_use.json()["detail"]
    gone = client.delete(f"{ROUTES}/{first['id']}", params={"reason": "over"}, headers={"If-Match": "*"})
    assert gone.status_code == 204


def test_null_takes_hours_away_and_nothing_else(channel):
    client, made = channel
    route = {"name": "Day", "channel_ids": [made["id"]], "starts_at": "08:00:00", "ends_at": "18:00:00"}
    path = f"{ROUTES}/{client.post(ROUTES, json=route).json()['id']}"
    assert client.patch(path, json={"starts_at": None}).status_code == 422
    changed = client.patch(path, json={"starts_at": None, "ends_at": None}).json()
    assert (changed["starts_at"], changed["name"], changed["channel_ids"]) == (None, "Day", [made["id"]])


@pytest.mark.parametrize("url", ["ops@example.com", "file:///etc/passwd", "json://169.254.169.254/latest", "slack://x"])
def test_a_bad_url_is_a_problem_of_its_field(signed_in, url):
    answer = signed_in("developer").post(CHANNELS, json={"name": "Bad", "url": url})
    assert answer.status_code == 422
    assert "url" in str(answer.json())


def test_support_may_not(signed_in):
    client = signed_in("support")
    assert client.get(CHANNELS).status_code == 403
    assert client.post(CHANNELS, json={"name": "Mine", "url": SECRET}).status_code == 403
    assert client.get(ROUTES).status_code == 403
    assert client.get(f"{ROUTES}/told", params={"severity": "info", "area": "servers"}).status_code == 403


def test_enable_disable_and_an_empty_log(channel):
    client, made = channel
    path = f"{CHANNELS}/{made['id']}"
    assert client.post(f"{path}/disable", json={"reason": "moved"}).json()["is_enabled"] is False
    assert client.post(f"{path}/disable", json={"reason": "moved"}).status_code == 422
    assert client.post(f"{path}/enable").json()["is_enabled"] is True
    assert client.get(f"{path}/notifications").json() == {"items": [], "next": None}
    assert client.get(f"{CHANNELS}/{made['id'][:-4]}0000").status_code == 404
