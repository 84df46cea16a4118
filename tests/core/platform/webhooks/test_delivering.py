"""From a committed event to a real receiver, through a real deliverer and a real database."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Official

from core.customers.tenants import actions as tenants
from core.kernel.actor import Actor
from core.platform.webhooks import actions
from core.platform.webhooks import delivering as module
from tests.certificates import self_signed
from tests.core.platform.webhooks.conftest import delivering, fan_out, until
from tests.core.platform.webhooks.receiver import receiving

SYSTEM = Actor.system("tests")


def make_tenant(n: int = 0):
    return tenants.create(SYSTEM, name=f"T{n}", domain=f"t{n}.example.com", tier="pro", region="EU", seats=5)


def statuses(committed_raw) -> dict[str, int]:
    return {row.status: row.count for row in committed_raw("SELECT status, count(*) FROM webhook_delivery GROUP BY 1")}


def test_an_event_reaches_the_receiver_signed_as_the_official_library_verifies(
    committed_db, committed_raw, receiver, make_webhook
):
    made = make_webhook(receiver.url(), sends_iris_headers=True)
    tenant = make_tenant()
    tenants.suspend(SYSTEM, tenant.id, reason="Unpaid")
    fan_out()
    with delivering():
        until(lambda: statuses(committed_raw) == {"delivered": 2})
    types = []
    for one in receiver.requests:
        body = Official(made.secret).verify(one.body, one.headers)
        types.append(body["type"])
        assert body["event"] == one.headers["x-iris-event"] == body["type"]
    assert sorted(types) == ["tenants.create", "tenants.suspend"]
    suspended = next(orjson.loads(one.body) for one in receiver.requests if b"tenants.suspend" in one.body)
    assert suspended["data"]["reason"] == "Unpaid"
    assert suspended["data"]["entity_ids"] == [str(tenant.id)]


def test_failure_is_retried_with_the_same_id_and_a_fresh_timestamp_until_it_arrives(
    committed_db, committed_raw, receiver, make_webhook
):
    make_webhook(receiver.url(), retry_after_s=[0, 1, 1])
    receiver.answer = lambda _: 204 if len(receiver.requests) > 2 else (500, {}, "sorry\x00" + "x" * 5_000)
    make_tenant()
    fan_out()
    with delivering():
        until(lambda: statuses(committed_raw) == {"delivered": 1})
    assert len(receiver.requests) == 3
    assert len(set(receiver.ids())) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.requests]
    assert stamps[0] < stamps[-1]
    attempts = committed_raw("SELECT * FROM webhook_attempt ORDER BY at")
    assert [(one.number, one.status, one.is_success) for one in attempts] == [
        (1, 500, False),
        (2, 500, False),
        (3, 204, True),
    ]
    assert attempts[0].response_body.startswith("sorry") and len(attempts[0].response_body) == 1024
    assert attempts[0].error == "answered 500" and attempts[2].error is None
    assert attempts[0].request_headers["webhook-id"] == receiver.ids()[0]
    lane = committed_raw("SELECT * FROM webhook_lane")[0]
    assert (lane.attempts, lane.successes, lane.failures, lane.failing_since, lane.leased_until) == (
        3,
        1,
        0,
        None,
        None,
    )


def test_the_schedule_ends_and_a_replay_begins_anew(committed_db, committed_raw, receiver, make_webhook):
    made = make_webhook(receiver.url(), retry_after_s=[0, 0])
    receiver.answer = lambda _: 302
    make_tenant()
    fan_out()
    with delivering():
        until(lambda: statuses(committed_raw) == {"failed": 1})
        row = committed_raw("SELECT * FROM webhook_delivery")[0]
        assert (row.attempts, row.last_status, row.last_error) == (2, 302, "redirect (302) not followed")
        receiver.answer = lambda _: 200
        now = datetime.now(UTC)
        window = actions.Window(made.webhook.id, now - timedelta(hours=1), now + timedelta(hours=1))
        assert actions.replay(SYSTEM, window, expected=1) == 1
        until(lambda: statuses(committed_raw) == {"delivered": 1})
    assert len(set(receiver.ids())) == 1


def test_certificate_that_nobody_vouches_for_is_not_trusted(
    committed_db, committed_raw, loopback_allowed, make_webhook, tmp_path
):
    with receiving(tls=self_signed(tmp_path)) as receiver:
        make_webhook(receiver.url().replace("http:", "https:"), retry_after_s=[0])
        make_tenant(1)
        fan_out()
        with delivering():
            until(lambda: statuses(committed_raw) == {"failed": 1})
        assert "TLS: " in committed_raw("SELECT last_error FROM webhook_delivery")[0].last_error
        assert receiver.requests == []


def test_gone_disables_and_keeps_what_waits(committed_db, committed_raw, receiver, make_webhook):
    made = make_webhook(receiver.url(), max_concurrency=1)
    receiver.answer = lambda _: 410
    for n in range(3):
        make_tenant(n)
    fan_out()
    with delivering():
        until(lambda: committed_raw("SELECT disabled_at FROM webhook")[0].disabled_at)
    assert len(receiver.requests) == 1
    assert statuses(committed_raw) == {"waiting": 3}
    entry = committed_raw("SELECT * FROM audit_entry WHERE action = 'webhooks.disable_gone'")[0]
    assert entry.severity == "critical"
    receiver.answer = lambda _: 200
    actions.enable(SYSTEM, made.webhook.id)
    committed_raw("UPDATE webhook_delivery SET next_attempt_at = now()")
    with delivering():
        until(lambda: statuses(committed_raw) == {"delivered": 3})


def test_five_days_of_failure_disable_it(committed_db, committed_raw, receiver, make_webhook):
    make_webhook(receiver.url(), retry_after_s=[0, 0])
    receiver.answer = lambda _: 500
    make_tenant()
    fan_out()
    committed_raw(
        "UPDATE webhook_lane SET failures = 3, failing_since = now() - interval '5 days 1 s', last_attempt_at = now()"
    )
    committed_raw("UPDATE webhook SET enabled_at = now() - interval '6 days'")
    with delivering():
        until(lambda: committed_raw("SELECT disabled_at FROM webhook")[0].disabled_at)
    row = committed_raw("SELECT * FROM webhook")[0]
    assert row.disabled_by is None and "five days" in row.disabled_reason and "answered 500" in row.disabled_reason


def test_the_breaker_lets_one_message_try_and_costs_the_others_no_attempt(
    committed_db, committed_raw, receiver, make_webhook
):
    make_webhook(receiver.url(), max_concurrency=1)
    receiver.answer = lambda _: 500
    for n in range(12):
        make_tenant(n)
    fan_out()
    with delivering():
        until(lambda: committed_raw("SELECT open_until FROM webhook_lane")[0].open_until)
        until(lambda: committed_raw("SELECT leased_until FROM webhook_lane")[0].leased_until is None)
        assert len(receiver.requests) == 5
        receiver.answer = lambda _: 200
        committed_raw("UPDATE webhook_lane SET open_until = now()")
        until(lambda: statuses(committed_raw).get("delivered") == 7)
    attempts = committed_raw("SELECT attempts, count(*) FROM webhook_delivery GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in attempts] == [(1, 12)]


def test_one_slow_endpoint_delays_no_other_and_has_no_more_calls_than_allowed(
    committed_db, committed_raw, receiver, make_webhook
):
    make_webhook(receiver.url("/slow"), name="Slow", max_concurrency=3)
    make_webhook(receiver.url("/fast"), name="Fast")
    receiver.answer = lambda one: "hang" if one.path == "/slow" else 204
    for n in range(30):
        make_tenant(n)
    fan_out()
    with delivering() as deliverer:
        until(lambda: statuses(committed_raw).get("delivered") == 30, within_s=60)
        assert receiver.most_at_once["/slow"] == 3
        receiver.answer = lambda _: 204
        deliverer._turns and [turn.get_loop().call_soon_threadsafe(turn.cancel) for turn in list(deliverer._turns)]


def test_ordered_endpoint_gets_events_one_by_one_and_waits_for_the_first(
    committed_db, committed_raw, receiver, make_webhook
):
    make_webhook(receiver.url(), is_ordered=True, retry_after_s=[0, 1, 1, 1])
    receiver.answer = lambda _: 204 if len(receiver.requests) > 1 else 500
    made = [make_tenant(n).id for n in range(6)]
    fan_out()
    with delivering():
        until(lambda: statuses(committed_raw) == {"delivered": 6})
    told = [orjson.loads(one.body)["data"]["entity_ids"][0] for one in receiver.requests]
    assert told == [str(made[0]), *map(str, made)]
    assert receiver.most_at_once["/hook"] == 1


def test_retry_after_is_honoured(committed_db, committed_raw, receiver, make_webhook):
    make_webhook(receiver.url())
    receiver.answer = lambda _: (429, {"Retry-After": "7200"}, "")
    make_tenant()
    fan_out()
    with delivering():
        until(lambda: committed_raw("SELECT attempts FROM webhook_delivery")[0].attempts == 1)
    wait = committed_raw("SELECT next_attempt_at - now() AS wait FROM webhook_delivery")[0].wait
    assert timedelta(minutes=118) < wait <= timedelta(minutes=120)


def test_a_name_that_points_inside_is_refused_at_the_call(
    committed_db, committed_raw, receiver, make_webhook, monkeypatch
):
    """Saved while the network was listed, sent when it is not any more: the address is checked at each call."""
    make_webhook(receiver.url().replace("127.0.0.1", "localhost"))
    make_tenant()
    fan_out()
    from core.kernel.settings import settings

    monkeypatch.setenv("OUTBOUND_ALLOW", "")
    settings.cache_clear()
    with delivering():
        until(lambda: committed_raw("SELECT attempts FROM webhook_delivery")[0].attempts == 1)
    error = committed_raw("SELECT last_error FROM webhook_delivery")[0].last_error
    assert error.startswith("not called: the address") and receiver.requests == []


def test_two_deliverers_share_the_work_and_call_once(committed_db, committed_raw, receiver, make_webhook, monkeypatch):
    monkeypatch.setattr(module, "LANES", 2)
    receiver.answer = lambda _: 0.1
    for n in range(8):
        make_webhook(receiver.url(f"/{n}"), name=f"H{n}", max_concurrency=5)
    for n in range(25):
        make_tenant(n)
    fan_out()
    with delivering(), delivering():
        until(lambda: statuses(committed_raw) == {"delivered": 200})
    assert len(receiver.requests) == 200
    senders = committed_raw("SELECT DISTINCT sent_by FROM webhook_attempt")
    assert len(senders) == 2


@pytest.mark.parametrize("told", ["reset", (200, {}, "")])
def test_a_reset_is_an_error_that_can_be_read(committed_db, committed_raw, receiver, make_webhook, told):
    make_webhook(receiver.url(), retry_after_s=[0])
    receiver.answer = lambda _: told
    make_tenant()
    fan_out()
    with delivering():
        until(lambda: statuses(committed_raw) and statuses(committed_raw) != {"waiting": 1})
    row = committed_raw("SELECT * FROM webhook_delivery")[0]
    if told == "reset":
        assert row.status == "failed" and row.last_status is None and "connection" in row.last_error
    else:
        assert row.status == "delivered"
