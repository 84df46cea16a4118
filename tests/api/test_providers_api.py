"""Providers over HTTP: who is used, the figures, switching, the order."""

from uuid import uuid4

import pytest

from core.health.providers import actions
from core.kernel.actor import Actor
from tests.core.health.traffic import ago, messages
from tests.core.platform.test_keys import make as make_key

HERE = "/api/v1/superadmin/providers"
SYSTEM = Actor.system("test")


def make(name="twilio", channel="sms", **values):
    return actions.create(SYSTEM, name=name, channel=channel, **values)


def order(client) -> tuple:
    body = client.get(f"{HERE}/route", params={"channel": "sms"}).json()
    return body["active"], body["order"]


def test_life_of_a_provider(signed_in):
    client = signed_in("developer")
    made = client.post(HERE, json={"name": "twilio", "channel": "sms"})
    assert made.status_code == 201
    assert made.headers["location"].endswith(made.json()["id"])
    client.post(HERE, json={"name": "telnyx", "channel": "sms"})
    assert order(client) == ("twilio", ["twilio", "telnyx"])
    one = f"{HERE}/{made.json()['id']}"
    assert client.post(f"{one}/disable", json={}).status_code == 422
    gone = client.post(f"{one}/disable", json={"reason": "Outage"})
    assert (gone.status_code, gone.json()["disabled_reason"]) == (200, "Outage")
    assert order(client) == ("telnyx", ["telnyx"])
    assert client.post(f"{one}/enable").json()["is_enabled"] is True
    changed = client.patch(one, json={"note": "spare"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 412
    version = client.get(one).headers["etag"]
    assert client.patch(one, json={"note": "spare"}, headers={"If-Match": version}).json()["note"] == "spare"


def test_last_provider_is_disabled_on_purpose_only(signed_in):
    client, row = signed_in("developer"), make()
    refused = client.post(f"{HERE}/{row.id}/disable", json={"reason": "Outage"})
    assert refused.status_code == 422
    assert "Nothing would be left" in refused.json()["detail"]
    assert client.post(f"{HERE}/{row.id}/disable", json={"reason": "Outage", "leave_none": True}).status_code == 200
    assert order(client) == (None, [])


def test_order_is_set_as_a_whole_and_a_stale_one_refused(signed_in):
    client = signed_in("developer")
    ids = [str(make(name).id) for name in ("twilio", "telnyx", "plivo")]
    moved = client.put(f"{HERE}/order", json={"channel": "sms", "provider_ids": ids[::-1], "was": ids})
    assert (moved.status_code, moved.json()["order"]) == (200, ["plivo", "telnyx", "twilio"])
    stale = client.put(f"{HERE}/order", json={"channel": "sms", "provider_ids": ids, "was": ids})
    assert stale.status_code == 409
    assert client.put(f"{HERE}/order", json={"channel": "sms", "provider_ids": ids[:2]}).status_code == 422
    assert order(client) == ("plivo", ["plivo", "telnyx", "twilio"])


def test_list_has_the_configured_and_the_seen(signed_in, raw):
    make()
    messages(raw, [
        {"at": ago(minutes=5), "provider": "mailgun", "channel": "email", "cost": 0.5, "currency": "EUR"},
        {"at": ago(minutes=5), "provider": "mailgun", "channel": "email", "status": "failed"},
    ])  # fmt: skip
    answer = signed_in("developer").get(HERE)
    assert answer.status_code == 200
    seen, known = answer.json()["items"]
    assert (seen["name"], seen["id"], seen["is_configured"], seen["status"]) == ("mailgun", None, False, "down")
    assert (seen["error_ratio"], seen["unpriced_24h"], seen["p95_ms"]) == (1.0, 0, None)
    assert {currency: float(cost) for currency, cost in seen["cost_24h"].items()} == {"EUR": 0.5}
    assert (known["name"], known["is_active"], known["status"], known["error_ratio"]) == (
        "twilio",
        True,
        "unknown",
        None,
    )
    assert answer.json()["next"] is None


def test_what_cannot_be_asked_is_a_problem(signed_in):
    client = signed_in("developer")
    assert client.get(f"{HERE}/route").status_code == 422
    assert client.get(f"{HERE}/{uuid4()}").status_code == 404
    assert client.post(HERE, json={"name": "x", "channel": "text messages"}).status_code == 422
    backwards = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    assert client.get(HERE, params=backwards).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("support", 403), ("developer", 200)])
def test_switching_takes_the_right(signed_in, role, status):
    row = make()
    answer = signed_in(role).post(f"{HERE}/{row.id}/disable", json={"reason": "x", "leave_none": True})
    assert answer.status_code == status


def test_a_service_asks_with_its_key_whom_to_use(client, db):
    make()
    key = make_key(SYSTEM, scopes=["providers:read"])
    headers = {"Authorization": f"Bearer {key.key}"}
    assert client.get(f"{HERE}/route", params={"channel": "sms"}, headers=headers).json() == {
        "channel": "sms", "active": "twilio", "order": ["twilio"],
    }  # fmt: skip
    assert client.get(f"{HERE}/route", params={"channel": "sms"}).status_code == 401
