"""Who hears of what, exactly once."""

import orjson
import pytest

import core.models  # noqa: F401
from core.customers.tenants import actions as tenants
from core.kernel import dispatch
from core.kernel.actor import Actor
from core.platform.webhooks import actions, fanning_out
from tests.core.platform.webhooks.conftest import fan_out

SYSTEM = Actor.system("tests")
URL = "http://127.0.0.1:9/hook"


def make_tenant(name: str = "Acme"):
    values = {"domain": f"{name.lower()}.example.com", "tier": "pro", "region": "EU", "seats": 5}
    return tenants.create(SYSTEM, name=name, **values)


def heard(committed_raw) -> dict[str, list[str]]:
    rows = committed_raw(
        "SELECT w.name, array_agg(d.event_type ORDER BY d.position) AS types FROM webhook_delivery d"
        " JOIN webhook w ON w.id = d.webhook_id GROUP BY 1"
    )
    return {row.name: row.types for row in rows}


def test_each_webhook_hears_what_it_asked_for_and_may_hear(committed_db, committed_raw, make_webhook):
    mine, other = make_tenant("Mine"), make_tenant("Other")
    make_webhook(URL, name="all", events=["*"])
    make_webhook(URL, name="suspensions", events=["tenants.suspend"])
    make_webhook(URL, name="mine", events=["*"], tenant_id=mine.id)
    make_webhook(URL, name="other", events=["tenants.*"], tenant_id=other.id)
    make_webhook(URL, name="users", events=["users.*"])
    committed_raw("TRUNCATE event")
    tenants.suspend(SYSTEM, mine.id, reason="Unpaid")
    tenants.assign_operator(SYSTEM, other.id, operator_id=mine.id)
    fan_out()
    both = ["tenants.suspend", "tenants.assign_operator"]
    assert heard(committed_raw) == {"all": both, "suspensions": both[:1], "mine": both[:1]}


def test_disabled_ones_hear_nothing_and_later_ones_only_what_comes_later(committed_db, committed_raw, make_webhook):
    off = make_webhook(URL, name="off").webhook
    actions.disable(SYSTEM, off.id, reason="Not now")
    make_tenant("Early")
    fan_out()
    make_webhook(URL, name="late")
    make_tenant("Late")
    fan_out()
    assert heard(committed_raw) == {"late": ["tenants.create"]}


def test_bodies_tell_what_and_why_and_nothing_of_colleagues(committed_db, committed_raw, make_webhook):
    make_webhook(URL)
    tenant = make_tenant()
    tenants.suspend(SYSTEM, tenant.id, reason="Unpaid")
    fan_out()
    rows = committed_raw("SELECT body, event_id FROM webhook_delivery WHERE event_type = 'tenants.suspend'")
    body = orjson.loads(rows[0].body)
    assert set(body) == {"type", "version", "timestamp", "data"}
    assert body["data"] == {
        "id": str(rows[0].event_id), "tenant_id": str(tenant.id), "entity_type": "tenant", "entity_ids": [str(tenant.id)],
        "reason": "Unpaid", "previous_status": "active",
    }  # fmt: skip
    assert SYSTEM.name not in rows[0].body


def test_a_body_above_the_advised_size_is_cut(committed_db, committed_raw, make_webhook):
    make_webhook(URL)
    tenant = make_tenant()
    tenants.suspend(SYSTEM, tenant.id, reason="x" * 30_000)
    fan_out()
    body = committed_raw("SELECT body FROM webhook_delivery WHERE event_type = 'tenants.suspend'")[0].body
    assert len(body) < 20_000 and orjson.loads(body)["data"]["is_truncated"] is True


def test_a_batch_that_dies_halfway_is_made_again_without_doubles(
    committed_db, committed_raw, make_webhook, monkeypatch
):
    """As a kill between the deliveries and the cursor's move: nothing of the batch is there, and then all of it once."""
    make_webhook(URL)
    for name in "ABC":
        make_tenant(name)
    keep = dispatch._keep

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dispatch, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        fan_out()
    assert heard(committed_raw) == {}
    monkeypatch.setattr(dispatch, "_keep", keep)
    fan_out()
    fan_out()
    assert heard(committed_raw) == {"Hook": ["tenants.create"] * 3}


def test_one_bad_event_is_set_aside_and_the_others_go_on(committed_db, committed_raw, make_webhook, monkeypatch):
    make_webhook(URL)
    made = [make_tenant(name) for name in "ABC"]
    whole = fanning_out.body_of

    def picky(event, **given):
        if event.tenant_id == made[1].id:
            raise ValueError("not this one")
        return whole(event, **given)

    monkeypatch.setattr(fanning_out, "body_of", picky)
    fan_out()
    assert heard(committed_raw) == {"Hook": ["tenants.create"] * 2}
    failure = committed_raw("SELECT * FROM event_failure")[0]
    assert failure.subscriber == "webhooks.fan_out" and "not this one" in failure.error
    monkeypatch.setattr(fanning_out, "body_of", whole)
    committed_raw("UPDATE event_failure SET next_attempt_at = now()")
    fan_out()
    assert heard(committed_raw) == {"Hook": ["tenants.create"] * 3}
    assert committed_raw("SELECT count(*) FROM event_failure")[0].count == 0
