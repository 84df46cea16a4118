"""On-call for machines, and what a link alone opens: the calendar and the page that acknowledges."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from core.kernel.times import utc_now
from core.reliability.on_call import delivering, escalating, pages
from tests.core.conftest import mailbox  # noqa: F401  (a fixture)
from tests.core.reliability.on_call.given import SYSTEM, colleague, incident, policy, schedule

BASE = "/api/v1/superadmin/on-call"


@pytest.fixture
def admin(signed_in):
    return signed_in("admin")


def test_a_schedule_is_planned_and_says_who_is_on_call(admin):
    ann, ben = str(colleague("Ann")), str(colleague("Ben"))
    made = admin.post(f"{BASE}/schedules", json={"name": "Primary", "time_zone": "Europe/Berlin"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    path = f"{BASE}/schedules/{made.json()['id']}"
    begun = (utc_now() - timedelta(hours=1)).isoformat()
    layers = {"rotations": [{"name": "Days", "unit": "day", "starts_at": begun, "operator_ids": [ann, ben]}]}
    assert admin.put(f"{path}/rotations", json=layers, headers={"If-Match": '"1"'}).status_code == 200
    assert admin.put(f"{path}/rotations", json=layers, headers={"If-Match": '"1"'}).status_code == 412
    (now,) = admin.get(BASE).json()["items"]
    assert (now["operator"], now["next_operator"], now["schedule"]) == ("Ann", "Ben", "Primary")
    until = utc_now() + timedelta(hours=2)
    window = {"starts_at": utc_now().isoformat(), "ends_at": until.isoformat()}
    stood = admin.post(f"{path}/overrides", json={"operator_id": ben, **window})
    assert stood.status_code == 201
    assert admin.get(BASE).json()["items"][0]["operator"] == "Ben"
    shifts = admin.get(f"{BASE}/shifts").json()["items"]
    assert [one["operator"] for one in shifts][:2] == ["Ben", "Ann"]
    assert shifts[0]["override_id"] == stood.json()["id"]
    assert admin.post(f"{BASE}/overrides/{stood.json()['id']}/cancel").status_code == 200
    assert [one["name"] for one in admin.get(f"{path}/rotations").json()["items"]] == ["Days"]
    assert admin.get(f"{BASE}/overrides").json()["items"] == []
    assert admin.patch(path, json={"name": "First line"}).json()["name"] == "First line"
    assert admin.post(f"{path}/archive").status_code == 204
    assert admin.get(BASE).json()["items"] == []


def test_a_policy_pages_and_a_page_is_acknowledged(admin):
    ann = str(colleague("Ann"))
    bad = admin.post(f"{BASE}/policies", json={"name": "SEV1", "steps": [{"after_minutes": 0}]})
    assert (bad.status_code, "calls nobody" in bad.text) == (422, True)
    steps = [{"after_minutes": 0, "operators": [ann]}, {"after_minutes": 5, "operators": [ann]}]
    made = admin.post(f"{BASE}/policies", json={"name": "SEV1", "steps": steps, "severities": ["sev1"]})
    assert made.status_code == 201, made.text
    path = f"{BASE}/policies/{made.json()['id']}"
    assert admin.patch(path, json={"repeats": 2}, headers={"If-Match": '"1"'}).json()["repeats"] == 2
    given = {"incident_id": str(incident().id), "policy_id": made.json()["id"]}
    page = admin.post(f"{BASE}/pages", json=given)
    assert (page.status_code, page.json()["title"], page.json()["steps"]) == (201, "Checkout fails", 2)
    assert len(admin.get(f"{BASE}/pages", params={"status": "open"}).json()["items"]) == 1
    taken = admin.post(f"{BASE}/pages/{page.json()['id']}/acknowledge")
    assert (taken.json()["status"], taken.json()["acknowledged_by_name"]) == ("acknowledged", "admin")
    assert admin.post(f"{BASE}/pages/{page.json()['id']}/acknowledge").status_code == 422
    assert admin.post(f"{path}/archive").status_code == 204
    assert admin.get(f"{BASE}/policies").json()["items"] == []


def test_who_only_reads_changes_nothing(signed_in):
    reader = signed_in("support_tier_1")
    assert reader.get(BASE).status_code == 200
    assert reader.post(f"{BASE}/schedules", json={"name": "Mine"}).status_code == 403
    assert signed_in("hotline_operator").get(BASE).status_code == 403


def test_the_calendar_is_opened_by_its_address_alone(admin, client):
    ann, ben = colleague("Ann"), colleague("Ben; Öz, the 2nd")
    made = schedule("Primary", [ann, ben])
    address = admin.post(f"{BASE}/schedules/{made.id}/feed").json()["address"]
    client.cookies.clear()
    path = address[address.index("/api/") :]
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    events = Calendar.from_ical(answer.content).events
    names = {str(one["summary"]) for one in events}
    assert names == {"Ann on call: Primary", "Ben; Öz, the 2nd on call: Primary"}
    assert all(one.start.tzinfo and one.end > one.start and one.stamp for one in events)
    assert len({one.uid for one in events}) == len(events)
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    own = Calendar.from_ical(client.get(path, params={"person": str(ann)}).content).events
    assert {str(one["summary"]) for one in own} == {"Ann on call: Primary"}
    assert client.get("/api/on-call/feed/wrong.ics").status_code == 404
    from core.reliability.on_call import actions

    actions.revoke_feed(SYSTEM, made.id)
    assert client.get(path).status_code == 404


def test_the_link_of_a_mail_shows_and_acknowledges(client, mailbox, raw):  # noqa: F811
    ann = colleague("Ann <b>")
    made = policy((0, [], [ann], []))
    pages.page(SYSTEM, incident(description="x").id, policy_id=made.id)
    escalating.escalate(SYSTEM)
    delivering.deliver(SYSTEM)
    text = mailbox.mails[0].content.decode().replace("=\r\n", "").replace("=3D", "=")
    path = re.search(r"/api/on-call/acknowledge/[\w-]+", text)[0]
    shown = client.get(path)
    assert "Ann &lt;b&gt;, you are called" in shown.text
    assert "script-src" not in shown.headers["content-security-policy"]
    assert raw("SELECT status FROM on_call_page")[0].status == "open"
    assert "is yours" in client.post(path).text
    assert raw("SELECT status FROM on_call_page")[0].status == "acknowledged"
    assert "has acknowledged this page" in client.post(path).text
    assert client.get("/api/on-call/acknowledge/wrong").status_code == 404
