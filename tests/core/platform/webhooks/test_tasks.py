"""What runs beside deliveries: the mail to whoever made the webhook, the rollup, the clean-up."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from core.access.operators import actions as operators
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event
from core.kernel.models import uuid7
from core.kernel.rollups import roll
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.webhooks import actions, queries, tasks
from core.platform.webhooks.models import WEBHOOK_ROLLUP, WebhookAttempt, WebhookDelivery, WebhookLane

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def owned(db, system, loopback_allowed):
    """A webhook that an operator made, disabled by the portal."""
    owner = operators.create(
        system, email="dev@example.com", name="Dev", role="developer", password="correct horse battery"
    )
    actor = Actor(owner.id, "Dev", "developer", frozenset({"webhooks:*"}), "all")
    webhook = actions.create(actor, name="Billing", url=URL, events=["*"]).webhook
    actions.disable_failing(system, webhook.id, error="answered 500")
    return webhook


def test_the_maker_gets_a_mail_once_per_event(owned, raw, system, mailbox, monkeypatch):
    jobs = []
    monkeypatch.setattr("core.kernel.tasks.enqueue_on", lambda connection, task, **given: jobs.append((task, given)))
    row = raw("SELECT * FROM event WHERE type = 'webhooks.disable_failing'")[0]
    event = Event(id=row.id, type=row.type, tenant_id=None, payload=row.payload, request_id=row.request_id)
    tasks.warn(system, event)
    with pytest.raises(AlreadyDone):
        tasks.warn(system, event)
    assert [name for name, _ in jobs] == ["webhooks.warn_owner"]
    tasks.warn_owner(system, **jobs[0][1]["arguments"])
    assert mailbox.mails[0].rcpt_tos == ["dev@example.com"]
    assert "answered 500" in mailbox.mails[0].content.decode()


def test_nobody_is_warned_of_one_that_was_enabled_again(owned, system, mailbox):
    actions.enable(system, owned.id)
    tasks.warn_owner(system, webhook_id=str(owned.id))
    assert mailbox.mails == []


def attempt(webhook, *, is_success: bool, minutes_ago: int) -> None:
    with record(Actor.system("tests")) as tx:
        tx.execute(insert(WebhookAttempt), {
            "at": utc_now() - timedelta(minutes=minutes_ago), "webhook_id": webhook.id, "event_type": "tenants.suspend",
            "number": 1, "url": URL, "request_headers": {}, "is_success": is_success, "duration_ms": 20.0, "sent_by": "tests",
        })  # fmt: skip


def test_success_rate_and_health_come_from_the_rollup(committed_db, system, loopback_allowed):
    webhook = actions.create(system, name="Billing", url=URL, events=["*"]).webhook
    for place in range(4):
        attempt(webhook, is_success=place > 0, minutes_ago=place)
    assert roll(WEBHOOK_ROLLUP) > 0
    assert queries.one(system, webhook.id)["success_ratio"] == 0.75
    found = queries.health(system, webhook.id)
    assert (found["total"].sum(), found["failures"].sum(), found["max_ms"].max()) == (4, 1, 20.0)


def test_clean_up_drops_what_is_old_and_finished_and_no_more(db, raw, system, loopback_allowed, monkeypatch):
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    webhook = actions.create(system, name="Billing", url=URL, events=["*"]).webhook
    rows = [(31, "delivered"), (31, "failed"), (32, "delivered"), (31, "waiting"), (29, "delivered")]
    with record(system) as tx:
        tx.execute(insert(WebhookLane), [{"webhook_id": webhook.id}, {"webhook_id": uuid7()}])
        for age, status in rows:
            at = utc_now() - timedelta(days=age)
            tx.execute(insert(WebhookDelivery), {"webhook_id": webhook.id, "event_id": uuid7(), "event_type": "x.y",
                       "body": "{}", "status": status, "next_attempt_at": at, "created_at": at})  # fmt: skip
    tasks.clean_up(system)
    kept = raw("SELECT status FROM webhook_delivery ORDER BY created_at")
    assert [row.status for row in kept] == ["waiting", "delivered"]
    assert [row.webhook_id for row in raw("SELECT webhook_id FROM webhook_lane")] == [webhook.id]
