"""What operators do with webhooks: each leaves row, audit entry and event, and each can be refused."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.customers.tenants import actions as tenants
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.platform.webhooks import actions, queries, signatures
from core.platform.webhooks.queries import DeliveryFilters, Filters

URL = "http://127.0.0.1:9/hook"
VALUES = {"name": "Billing", "url": URL, "events": ["tenants.*"]}


@pytest.fixture
def hook(db, system, loopback_allowed):
    return actions.create(system, **VALUES).webhook


@pytest.fixture
def tenant(db, system):
    return tenants.create(system, name="Acme", domain="acme.example.com", tier="pro", region="EU", seats=5)


@pytest.fixture
def delivery(raw, hook):
    """Makes a delivery of the webhook in a state; returns its id."""

    def make(status: str = "failed", *, webhook_id=None, created_at: datetime | None = None):
        key = uuid4()
        raw(
            "INSERT INTO webhook_delivery (id, webhook_id, event_id, event_type, body, status, attempts, next_attempt_at,"
            " created_at, finished_at) VALUES (:id, :hook, :id, 'tenants.suspend', '{}', :status, 10, now(), :at, now())",
            id=key, hook=webhook_id or hook.id, status=status, at=created_at or datetime.now(UTC),
        )  # fmt: skip
        return key

    return make


def recorded(raw, action: str):
    return raw("SELECT * FROM audit_entry WHERE action = :a AND outcome = 'done'", a=action)


def test_create_keeps_the_secret_encrypted_and_out_of_the_trail(db, raw, actor_of, loopback_allowed):
    made = actions.create(actor_of("developer"), **VALUES)
    stored = raw("SELECT * FROM webhook")[0]
    assert made.secret.startswith("whsec_") and len(signatures.key_bytes(made.secret)) == 32
    assert made.secret.encode() not in bytes(stored.secret)
    entry = recorded(raw, "webhooks.create")[0]
    assert made.secret not in str(entry.changes) and entry.entity_ids == [made.webhook.id]
    assert raw("SELECT id FROM event WHERE type = 'webhooks.create'")[0].id == entry.id


def test_own_secret_is_taken_and_a_bad_one_refused(db, system, loopback_allowed):
    secret = signatures.new_secret("v1a")
    assert actions.create(system, **VALUES, signing="v1a", secret=secret).secret == secret
    with pytest.raises(Invalid, match="begins with whsec_"):
        actions.create(system, **VALUES, secret=secret)


@pytest.mark.parametrize("role", ["admin", "support", "client_success", "hotline_operator"])
def test_who_may_not_is_refused_and_nothing_is_made(db, raw, actor_of, loopback_allowed, role):
    with pytest.raises(Denied):
        actions.create(actor_of(role), **VALUES)
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_inner_addresses_are_refused_when_saved(db, raw, system):
    with pytest.raises(Invalid) as caught:
        actions.create(system, **VALUES)
    assert "private or reserved" in caught.value.fields["url"] or "allow-listed" in caught.value.fields["url"]
    assert raw("SELECT count(*) FROM webhook")[0].count == 0


def test_a_webhook_of_a_tenant_is_out_of_sight_for_others(db, raw, system, actor_of, tenant, loopback_allowed):
    mine = actions.create(system, **VALUES, tenant_id=tenant.id).webhook
    stranger = actor_of("developer", scope="assigned")
    with pytest.raises(NotFound):
        actions.disable(stranger, mine.id, reason="no")
    with pytest.raises(NotFound):
        queries.one(stranger, mine.id)
    assert queries.directory(stranger, Filters()).frame.empty
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=stranger.operator_id, t=tenant.id)
    assert queries.one(stranger, mine.id)["name"] == "Billing"
    with pytest.raises(Denied, match="webhook of the platform"):
        actions.create(stranger, **VALUES)


def test_edit_records_before_and_after_and_refuses_a_stale_version(db, raw, system, hook):
    edited = actions.edit(system, hook.id, version=1, name="Invoices", events=["users.create"], retry_after_s=[0, 60])
    assert (edited.name, edited.version) == ("Invoices", 2)
    change = recorded(raw, "webhooks.update")[0].changes[0]["columns"]
    assert change["name"] == ["Billing", "Invoices"] and change["retry_after_s"] == [None, [0, 60]]
    with pytest.raises(Conflict):
        actions.edit(system, hook.id, version=1, name="Other")
    with pytest.raises(Invalid, match="rotate"):
        actions.edit(system, hook.id, version=2, signing="v1a")


def test_rotation_keeps_the_previous_secret_for_a_day(db, raw, system, hook):
    before = actions.reveal(system, hook.id)[0]
    made = actions.rotate(system, hook.id)
    assert made.secret != before and made.webhook.previous_secret == before
    assert abs(made.webhook.previous_expires_at - datetime.now(UTC) - timedelta(hours=24)) < timedelta(minutes=1)
    assert before not in str(recorded(raw, "webhooks.rotate")[0].changes)


def test_rotation_to_key_pairs_signs_with_both_kinds(db, system, hook):
    from core.platform.webhooks.testing import endpoint_of

    made = actions.rotate(system, hook.id, signing="v1a")
    assert [secret[:5] for secret in endpoint_of(made.webhook).secrets] == ["whsk_", "whsec"]
    made.webhook.previous_expires_at = datetime.now(UTC) - timedelta(seconds=1)
    assert [secret[:5] for secret in endpoint_of(made.webhook).secrets] == ["whsk_"]


def test_looking_at_the_secret_is_recorded(db, raw, actor_of, hook):
    developer = actor_of("developer")
    secret, public = actions.reveal(developer, hook.id)
    assert secret.startswith("whsec_") and public is None
    entry = recorded(raw, "webhooks.reveal")[0]
    assert (entry.actor_id, entry.entity_ids) == (developer.operator_id, [hook.id])
    assert entry.changes[0]["operation"] == "read" and secret not in str(entry.changes)
    with pytest.raises(Denied):
        actions.reveal(actor_of("support"), hook.id)


def test_disable_and_enable(db, raw, system, hook):
    with pytest.raises(ReasonRequired):
        actions.disable(system, hook.id, reason=" ")
    assert actions.disable(system, hook.id, reason="Moving").disabled_reason == "Moving"
    assert queries.one(system, hook.id)["state"] == "disabled"
    with pytest.raises(Invalid, match="disabled already"):
        actions.disable(system, hook.id, reason="Again")
    enabled = actions.enable(system, hook.id)
    assert enabled.disabled_at is None and enabled.enabled_at > enabled.created_at
    with pytest.raises(Invalid, match="enabled already"):
        actions.enable(system, hook.id)
    assert [len(recorded(raw, f"webhooks.{verb}")) for verb in ("disable", "enable")] == [1, 1]


def test_delete_cancels_what_waits_and_keeps_the_rest(db, raw, system, actor_of, hook, delivery):
    waiting, done = delivery("waiting"), delivery("delivered")
    with pytest.raises(ReasonRequired):
        actions.delete(system, hook.id, reason="")
    actions.delete(actor_of("developer"), hook.id, reason="Not needed")
    states = {row.id: row.status for row in raw("SELECT id, status FROM webhook_delivery")}
    assert states == {waiting: "cancelled", done: "delivered"}
    assert recorded(raw, "webhooks.delete")[0].details["cancelled"] == 1
    assert queries.delivery(system, done)["webhook"] is None


def test_retry_sends_failed_and_delivered_ones_again(db, raw, actor_of, hook, delivery):
    chosen = [delivery("failed"), delivery("delivered")]
    developer = actor_of("developer")
    assert actions.retry(developer, chosen) == 2
    rows = raw("SELECT * FROM webhook_delivery")
    assert {(row.status, row.attempts, row.finished_at, row.replayed_by) for row in rows} == {
        ("waiting", 0, None, developer.operator_id)
    }
    assert recorded(raw, "webhooks.retry")[0].changes[0]["rows"] == 2
    with pytest.raises(Denied):
        actions.retry(actor_of("support"), chosen)
    with pytest.raises(Invalid):
        actions.retry(developer, [])


def test_replay_takes_the_window_and_no_more_than_the_preview_showed(db, raw, system, hook, delivery):
    now = datetime.now(UTC)
    inside, outside = (
        delivery("failed", created_at=now - timedelta(hours=1)),
        delivery("failed", created_at=now - timedelta(hours=3)),
    )
    delivered = delivery("delivered", created_at=now - timedelta(hours=1))
    window = actions.Window(hook.id, now - timedelta(hours=2), now)
    count, first = queries.replay_preview(system, window)
    assert count == 1 and list(first["id"]) == [str(inside)]
    delivery("failed", created_at=now - timedelta(minutes=5))
    with pytest.raises(Invalid, match="2 deliveries by now"):
        actions.replay(system, window, expected=count)
    assert actions.replay(system, window, expected=2) == 2
    states = {row.id: row.status for row in raw("SELECT id, status FROM webhook_delivery")}
    assert states[inside] == "waiting" and states[outside] == "failed" and states[delivered] == "delivered"
    everything = actions.Window(hook.id, now - timedelta(hours=2), now, only_failed=False)
    assert queries.replay_preview(system, everything)[0] == 1
    with pytest.raises(Invalid, match="0 deliveries"):
        actions.replay(system, actions.Window(hook.id, now, now), expected=5)


def test_cancel_gives_up_only_what_waits(db, raw, system, hook, delivery):
    waiting, done = delivery("waiting"), delivery("delivered")
    assert actions.cancel(system, [waiting, done]) == 1
    assert {row.id: row.status for row in raw("SELECT id, status FROM webhook_delivery")}[done] == "delivered"


def test_lists_find_and_page(db, system, hook, tenant, delivery, loopback_allowed):
    other = actions.create(system, **VALUES | {"name": "Audit", "events": ["*"]}, tenant_id=tenant.id).webhook
    assert list(queries.directory(system, Filters(text="bill")).frame["name"]) == ["Billing"]
    assert list(queries.directory(system, Filters(text="127.0.0.1")).frame["name"]) == ["Audit", "Billing"]
    assert list(queries.directory(system, Filters(event="users.create")).frame["name"]) == ["Audit"]
    assert list(queries.directory(system, Filters(tenant_id=tenant.id)).frame["tenant"]) == ["Acme"]
    assert queries.count(system, Filters(states=("active",))) == 2
    assert list(queries.search(system, str(other.id))["name"]) == ["Audit"]
    ids = [delivery("delivered") for _ in range(5)]
    first = queries.deliveries(system, DeliveryFilters(webhook_id=hook.id), limit=3)
    rest = queries.deliveries(system, DeliveryFilters(webhook_id=hook.id), after=first.next, limit=3)
    assert sorted([*first.frame["id"], *rest.frame["id"]]) == sorted(map(str, ids)) and rest.next is None
    message_id = f"msg_{ids[0].hex}"
    assert list(queries.deliveries(system, DeliveryFilters(text=message_id)).frame["message_id"]) == [message_id]
    with pytest.raises(Invalid, match="whole id"):
        queries.deliveries(system, DeliveryFilters(text="msg_12"))


def test_success_rate_is_unknown_without_attempts(db, system, hook):
    import pandas as pd

    row = queries.directory(system, Filters()).frame.iloc[0]
    assert pd.isna(row["success_ratio"]) and row["state"] == "active"
    assert queries.health(system, hook.id).empty
