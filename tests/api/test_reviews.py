"""Post-mortems and action items over the API."""

import pytest

from core.reliability.incidents import actions as incidents

BASE = "/api/v1/superadmin"


@pytest.fixture
def incident(db, system):
    made = incidents.declare(system, title="Checkout fails", severity="sev1", services=["checkout"])
    incidents.resolve(system, made.id, resolution="Rolled back")
    return made


def test_a_post_mortem_is_begun_written_and_handed_out(signed_in, incident):
    client = signed_in("developer")
    url = f"{BASE}/incidents/{incident.id}/post-mortem"
    assert client.get(url).status_code == 404
    begun = client.post(url)
    assert begun.status_code == 201 and begun.json()["status"] == "draft"
    wrong = client.patch(url, json={"whys": ["", "b"]})
    assert wrong.status_code == 422 and "why number 1" in wrong.text
    assert client.patch(url, json={"summary": "x"}, headers={"If-Match": '"99"'}).status_code == 412
    factors = [{"kind": "process", "text": "No review"}]
    saved = client.patch(url, json={"summary": "An hour", "whys": ["Disk full"], "factors": factors}).json()
    assert (saved["summary"], saved["whys"], saved["factors"]) == ("An hour", ["Disk full"], factors)
    markdown = client.get(f"{url}/markdown")
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8" and "Why? Disk full" in markdown.text
    assert client.get(f"{url}/pdf").content.startswith(b"%PDF")
    figures = client.get(f"{BASE}/incidents/figures").json()["items"]
    assert [(one["group"], one["resolved"], one["in_time"]) for one in figures] == [("sev1", 1, 1)]


def test_action_items_are_listed_added_once_and_done(signed_in, incident):
    client = signed_in("developer")
    sent = {"incident_id": str(incident.id), "title": "Alert on disks", "due_on": "2020-01-31"}
    keyed = {"Idempotency-Key": "item-1"}
    first, again = (client.post(f"{BASE}/action-items", json=sent, headers=keyed) for _ in range(2))
    assert first.status_code == 201 and again.json()["id"] == first.json()["id"]
    listed = client.get(f"{BASE}/action-items", params={"overdue": True}).json()["items"]
    assert [(one["title"], one["reference"][:4], one["is_overdue"]) for one in listed] == [
        ("Alert on disks", "INC-", True)
    ]
    done = client.post(f"{BASE}/action-items/{first.json()['id']}/complete")
    assert done.json()["status"] == "done"
    assert client.get(f"{BASE}/action-items", params={"overdue": True}).json()["items"] == []
    assert signed_in("hotline_operator").post(f"{BASE}/action-items", json=sent).status_code == 403
