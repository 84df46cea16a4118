"""Larger plans are asked for, by the portal or by people, and decided by somebody else."""

import pytest

from core.customers.quotas import actions, deciding, measuring, queries, tasks, telling
from core.customers.subscriptions.upgrades import upgrade_for_quota
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.events import Event
from tests.core.customers.quotas import given
from tests.core.customers.test_tenants import make


@pytest.fixture
def acme(db, system):
    """A tenant on pro whose seats are used up."""
    made = given.tenant("pro", seats=3, people=3)
    measuring.measure(system)
    return made


def test_quota_reached_asks_for_the_next_plan_once(acme, system, actor_of, raw):
    telling.tell(system)
    rows = raw("SELECT from_plan, to_plan, outcome, requested_by, used FROM quota_upgrade")
    assert [tuple(row) for row in rows] == [("pro", "enterprise", "waiting", None, 3)]
    telling.tell(system)
    assert queries.waiting(actor_of("admin")) == len(raw("SELECT FROM quota_upgrade")) == 1


def test_approval_is_told_so_that_the_subscription_follows(acme, actor_of, raw):
    asked = actions.request_upgrade(actor_of("admin"), acme, "users", reason="They grow")
    found = actions.approve_upgrade(actor_of("support_admin"), asked.id, version=asked.version)
    assert (found.outcome, found.decided_by_name) == ("approved", "Support admin")
    event = raw("SELECT tenant_id, payload FROM event WHERE type = 'quotas.approve_upgrade'")[0]
    assert event.tenant_id == acme
    assert {"from_plan": "pro", "to_plan": "enterprise", "resource": "users"}.items() <= event.payload.items()
    with pytest.raises(Invalid, match="approved already"):
        actions.reject_upgrade(actor_of("admin"), asked.id, reason="No")


def test_nobody_decides_on_his_own_request(acme, actor_of, system, raw):
    admin = actor_of("admin")
    asked = actions.request_upgrade(admin, acme, "users", reason="They grow")
    assert (queries.waiting(admin), queries.waiting(actor_of("admin"))) == (0, 1)
    for actor in (admin, system, actor_of("support")):
        with pytest.raises(Denied):
            actions.approve_upgrade(actor, asked.id)
        with pytest.raises(Denied):
            actions.reject_upgrade(actor, asked.id, reason="No")
    with pytest.raises(Denied):
        actions.withdraw_upgrade(actor_of("admin"), asked.id)
    assert raw("SELECT outcome FROM quota_upgrade")[0].outcome == "waiting"
    actions.withdraw_upgrade(admin, asked.id)
    assert raw("SELECT outcome FROM quota_upgrade")[0].outcome == "withdrawn"


def test_rejection_needs_a_reason_and_what_is_beyond_is_slowed_down(acme, actor_of, system):
    asked = actions.request_upgrade(actor_of("admin"), acme, "users", reason="They grow")
    with pytest.raises(ReasonRequired):
        actions.reject_upgrade(actor_of("admin"), asked.id, reason="")
    with pytest.raises(Conflict):
        actions.reject_upgrade(actor_of("admin"), asked.id, reason="No", version=7)
    actions.reject_upgrade(actor_of("admin"), asked.id, reason="The customer said no")
    found = queries.of_tenant(system, acme).set_index("resource").loc["users"]
    assert (found.decision, found.upgrade) == ("throttled", "rejected")


def test_one_request_a_tenant_and_none_without_a_larger_plan(acme, actor_of, raw):
    admin = actor_of("admin")
    actions.request_upgrade(admin, acme, "users", reason="They grow")
    with pytest.raises(Invalid, match="waits already"):
        actions.request_upgrade(admin, acme, "messages", reason="They send")
    with pytest.raises(Invalid, match="No larger plan"):
        actions.request_upgrade(admin, given.tenant("enterprise"), "users", reason="They grow")
    with pytest.raises(NotFound):
        actions.request_upgrade(actor_of("admin", scope="assigned"), acme, "users", reason="They grow")
    assert len(raw("SELECT FROM quota_upgrade")) == 1


def test_request_lapses_when_the_plan_is_changed_otherwise(acme, actor_of, system, raw):
    asked = actions.request_upgrade(actor_of("admin"), acme, "users", reason="They grow")
    raw("UPDATE tenant SET tier = 'enterprise' WHERE id = :id", id=acme)
    with pytest.raises(Invalid, match="enterprise by now"):
        actions.approve_upgrade(actor_of("admin"), asked.id)
    tasks.measure(system)
    assert raw("SELECT outcome, version FROM quota_upgrade")[0] == ("lapsed", 2)
    assert queries.upgrades(system).empty


def test_approved_plan_becomes_the_subscriptions_with_its_seats(db, actor_of, system, raw):
    acme = make(system, tier="pro", seats=10).id
    asked = actions.request_upgrade(actor_of("admin"), acme, "users", reason="They grow")
    actions.approve_upgrade(actor_of("admin"), asked.id)
    row = raw("SELECT * FROM event WHERE type = 'quotas.approve_upgrade'")[0]
    event = Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload, request_id=row.request_id)
    for _ in range(2):  # an event may be handed over again
        upgrade_for_quota(system, event)
    assert raw("SELECT plan_key, seats FROM subscription")[0] == ("enterprise", 500)
    assert raw("SELECT tier FROM tenant")[0].tier == "enterprise"
    assert deciding.check(system, acme, "users").limit == 500
    assert raw("SELECT count(*) FROM event WHERE type = 'subscriptions.change_plan'")[0].count == 1
