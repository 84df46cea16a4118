"""Webhooks over HTTP: endpoints and secrets, deliveries and replays, the catalogue."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pytest

from core.kernel.models import uuid7
from core.kernel.times import utc_now
from core.platform.webhooks import signatures, testing
from core.platform.webhooks.sending import Attempt

ROOT = "/api/v1/superadmin"
PATH = f"{ROOT}/webhooks"
GIVEN = {"name": "Billing", "url": "https://93.184.215.14/hook", "events": ["tenants.*"]}


@pytest.fixture
def developer(signed_in):
    return signed_in("developer")


@pytest.fixture
def deliver(raw):
    """A delivery with one attempt, as the deliverers leave it."""

    def store(webhook_id: str, status: str = "failed", at: datetime | None = None) -> str:
        values: dict[str, Any] = {
            "id": uuid7(),
            "webhook": webhook_id,
            "event": uuid4(),
            "at": at or utc_now(),
            "status": status,
        }
        raw(
            "INSERT INTO webhook_delivery (id, webhook_id, event_id, event_type, body, status, attempts, next_attempt_at,"
            " last_status, last_error, created_at, finished_at) VALUES (:id, :webhook, :event, 'tenants.suspend', '{}', :status,"
            " 1, :at, 500, 'answered 500', :at, :at)",
            **values,
        )
        raw(
            "INSERT INTO webhook_attempt (at, id, delivery_id, webhook_id, event_type, number, url, request_headers, is_success,"
            " status, duration_ms, error, sent_by) VALUES (:at, :own, :id, :webhook, 'tenants.suspend', 1, 'https://x.example',"
            " '{\"webhook-id\": \"msg_1\"}', false, 500, 12.5, 'answered 500', 'worker')",
            own=uuid4(), **values,
        )  # fmt: skip
        return str(values["id"])

    return store


def fits(client: Any, operation: str, answer: Any) -> None:
    """The answer is what the OpenAPI document says of the operation."""
    document = client.get("/api/v1/openapi.json").json()
    found = [one for path in document["paths"].values() for one in path.values() if one.get("operationId") == operation]
    assert len(found) == 1
    schema = found[0]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    whole = schema | {"components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer.json())


def test_life_of_a_webhook(developer, raw):
    made = developer.post(PATH, json=GIVEN | {"retry_after_s": [0, 5]}, headers={"Idempotency-Key": "k1"})
    assert made.status_code == 201
    fits(developer, "create_webhook", made)
    assert made.json()["secret"].startswith("whsec_")
    assert (
        developer.post(PATH, json=GIVEN | {"retry_after_s": [0, 5]}, headers={"Idempotency-Key": "k1"}).json()
        == made.json()
    )
    where, etag = made.headers["location"], made.headers["etag"]
    got = developer.get(where)
    fits(developer, "get_webhook", got)
    assert "secret" not in got.json()
    assert (got.json()["state"], got.json()["success_ratio"], got.headers["etag"]) == ("active", None, etag)

    changed = developer.patch(where, json={"name": "Renamed", "retry_after_s": None}, headers={"If-Match": etag})
    fits(developer, "change_webhook", changed)
    assert (changed.json()["name"], changed.json()["retry_after_s"]) == ("Renamed", None)
    assert developer.patch(where, json={"name": "Late"}, headers={"If-Match": etag}).status_code == 412
    assert developer.patch(where, json={"timeout_s": 20}).json()["name"] == "Renamed"

    disabled = developer.post(f"{where}/disable", json={"reason": "Moves house"})
    assert disabled.json()["disabled_reason"] == "Moves house"
    assert developer.post(f"{where}/disable", json={"reason": "Again"}).status_code == 422
    assert developer.post(f"{where}/enable").json()["disabled_at"] is None

    assert developer.delete(where, params={"reason": "Left"}).status_code == 428
    newest = developer.get(where).headers["etag"]
    assert developer.delete(where, params={"reason": "Left"}, headers={"If-Match": newest}).status_code == 204
    assert developer.get(where).status_code == 404
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_rotation_gives_a_key_pair(developer):
    where = developer.post(PATH, json=GIVEN).headers["location"]
    rotated = developer.post(f"{where}/rotate", json={"signing": "v1a"})
    fits(developer, "rotate_webhook", rotated)
    assert (rotated.json()["signing"], rotated.json()["public_key"][:5]) == ("v1a", "whpk_")
    assert rotated.json()["previous_expires_at"] is not None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://me:secret@93.184.215.14/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["DROP TABLE"]}, "events.0"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_QQ=="}, "secret"),
        ({"retry_after_s": [0, 999_999]}, "retry_after_s.1"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"signing": "v9"}, "signing"),
        ({"extra": 1}, "extra"),
    ],
)
def test_bad_input_names_the_field(developer, raw, change, field):
    answer = developer.post(PATH, json=GIVEN | change)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_list_filters_and_pages_by_cursor(developer):
    for number in range(3):
        developer.post(PATH, json=GIVEN | {"name": f"W{number}"})
    disabled = developer.post(PATH, json=GIVEN | {"name": "Off", "events": ["users.*"]}).headers["location"]
    developer.post(f"{disabled}/disable", json={"reason": "Moves house"})
    first = developer.get(PATH, params={"limit": 3})
    fits(developer, "list_webhooks", first)
    second = developer.get(PATH, params={"limit": 3, "cursor": first.json()["next"]}).json()
    assert [item["name"] for item in first.json()["items"] + second["items"]] == ["Off", "W2", "W1", "W0"]
    names = lambda **asked: [item["name"] for item in developer.get(PATH, params=asked).json()["items"]]  # noqa: E731
    assert names(state="disabled") == ["Off"]
    assert names(event="tenants.suspend") == ["W2", "W1", "W0"]
    assert names(search="w1") == ["W1"]
    assert names(state="active", event="users.create") == []


def test_reader_reads_and_changes_nothing(client, signed_in, deliver, raw):
    where = signed_in("developer").post(PATH, json=GIVEN).headers["location"]
    delivery = deliver(where.rpartition("/")[2])
    reader = signed_in("support")
    assert reader.get(where).status_code == 200
    for path, body in ((f"{where}/rotate", {}), (f"{where}/disable", {"reason": "x"}), (f"{where}/test", {}),
                       (f"{ROOT}/webhook-deliveries/retry", {"deliveries": [delivery]}), (PATH, GIVEN)):  # fmt: skip
        assert reader.post(path, json=body).status_code == 403
    stranger = signed_in("hotline_operator")
    for path in (
        PATH,
        where,
        f"{ROOT}/webhook-deliveries",
        f"{ROOT}/webhook-deliveries/{delivery}",
        f"{ROOT}/event-types",
    ):
        assert stranger.get(path).status_code == 403
    assert raw("SELECT status FROM webhook_delivery") == [("failed",)]


def test_deliveries_with_their_attempts_are_sent_again(developer, deliver, raw):
    first = developer.post(PATH, json=GIVEN).headers["location"]
    second = developer.post(PATH, json=GIVEN).headers["location"]
    failed, other = deliver(first.rpartition("/")[2]), deliver(second.rpartition("/")[2], "delivered")
    listed = developer.get(f"{ROOT}/webhook-deliveries")
    fits(developer, "list_webhook_deliveries", listed)
    ids = lambda answer: [item["id"] for item in answer.json()["items"]]  # noqa: E731
    assert ids(listed) == [other, failed]
    assert ids(developer.get(f"{first}/deliveries")) == [failed]
    assert ids(developer.get(f"{ROOT}/webhook-deliveries", params={"status": "delivered"})) == [other]
    assert developer.get(f"{ROOT}/webhook-deliveries", params={"id": "nonsense"}).status_code == 422

    one = developer.get(f"{ROOT}/webhook-deliveries/{failed}")
    fits(developer, "get_webhook_delivery", one)
    assert (one.json()["body"], one.json()["next_attempt_at"]) == ("{}", None)
    assert [attempt["error"] for attempt in one.json()["history"]] == ["answered 500"]
    assert developer.get(f"{ROOT}/webhook-deliveries/{uuid4()}").status_code == 404

    again = developer.post(f"{ROOT}/webhook-deliveries/retry", json={"deliveries": [failed, str(uuid4())]})
    assert again.json() == {"deliveries": 1}
    assert raw("SELECT id::text FROM webhook_delivery WHERE status = 'waiting'") == [(failed,)]


def test_replay_sends_what_the_preview_showed_and_no_more(developer, deliver, raw):
    where = developer.post(PATH, json=GIVEN).headers["location"]
    webhook_id, now = where.rpartition("/")[2], utc_now()
    for minutes in (1, 2, 600):
        deliver(webhook_id, at=now - timedelta(minutes=minutes))
    window = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(minutes=1)).isoformat()}
    preview = developer.get(f"{where}/replay", params=window)
    fits(developer, "preview_replay", preview)
    assert (preview.json()["count"], len(preview.json()["first"])) == (2, 2)
    assert developer.post(f"{where}/replay", json=window | {"expected": 1}).status_code == 422
    assert raw("SELECT count(*) FROM webhook_delivery WHERE status = 'waiting'")[0].count == 0
    assert developer.post(f"{where}/replay", json=window | {"expected": 2}).json() == {"deliveries": 2}
    assert raw("SELECT count(*) FROM webhook_delivery WHERE status = 'waiting'")[0].count == 2
    turned = {"since": window["until"], "until": window["since"]}
    assert developer.get(f"{where}/replay", params=turned).status_code == 422
    assert developer.get(f"{PATH}/{uuid4()}/replay", params=window).status_code == 404


def test_test_call_answers_with_what_came_back(developer, monkeypatch):
    asked = []

    def send(actor, webhook_id, *, event_type, body):
        asked.append((event_type, body))
        return Attempt(utc_now(), {"webhook-id": "msg_1"}, 503, {"server": "nginx"}, "busy", 12.0, "answered 503")

    monkeypatch.setattr(testing, "test", send)
    where = developer.post(PATH, json=GIVEN).headers["location"]
    answer = developer.post(f"{where}/test", json={"event_type": "tenants.suspend", "body": {"a": 1}})
    fits(developer, "test_webhook", answer)
    assert (answer.json()["is_success"], answer.json()["error"]) == (False, "answered 503")
    assert asked == [("tenants.suspend", '{"a":1}')]


def test_test_of_an_unknown_event_is_refused(developer):
    where = developer.post(PATH, json=GIVEN).headers["location"]
    answer = developer.post(f"{where}/test", json={"event_type": "nothing.such"})
    assert answer.status_code == 422
    assert "not in the catalogue" in answer.json()["detail"]


def test_samples_of_the_catalogue_fit_their_schemas(developer):
    answer = developer.get(f"{ROOT}/event-types")
    fits(developer, "list_event_types", answer)
    kinds = answer.json()["items"]
    assert {"tenants.suspend", "api_keys.revoke"} <= {kind["name"] for kind in kinds}
    for kind in kinds:
        jsonschema.Draft202012Validator(kind["schema"]).validate(kind["sample"])
    found = developer.get(
        f"{ROOT}/event-types", params={"search": "tenants.susp", "for_tenants": True, "fields": "name"}
    )
    assert found.json()["items"] == [{"name": "tenants.suspend"}]
    one = developer.get(f"{ROOT}/event-types/tenants.suspend")
    fits(developer, "get_event_type", one)
    assert developer.get(f"{ROOT}/event-types/nothing.such").status_code == 404


@pytest.mark.parametrize("signing", ["v1", "v1a"])
def test_documented_python_verifies_what_is_sent(signing):
    made, body = signatures.new_secret(signing), b'{"type":"tenants.suspend"}'
    headers = signatures.headers_of(
        message_id="msg_1", at=utc_now(), body=body, secrets=[made], event_type="tenants.suspend"
    )
    samples = re.findall(r"```python\n(.*?)```", Path("docs/webhooks.md").read_text(), re.DOTALL)
    known: dict[str, Any] = {"keep_once": lambda *_: None}
    exec("\n".join(samples).replace("whsec_…", made), known)
    if signing == "v1":
        assert [known["receive"](headers, text) for text in (body, body + b" ")] == [200, 401]
    else:
        key = str(signatures.public_key(made))
        assert [known["is_genuine"](key, headers, text) for text in (body, body + b" ")] == [True, False]
