"""Campaigns: told of by the product, paused with their tenant, and running again with it."""

from uuid import uuid4

import pytest

from core.customers.campaigns import actions, queries, tasks
from core.customers.tenants import actions as tenants
from core.kernel.errors import AlreadyDone, Denied, Invalid, NotFound
from core.kernel.events import Event
from tests.core.customers.test_tenants import make


@pytest.fixture
def campaigns(db, system):
    """A tenant with a running, a paused and a finished campaign."""
    tenant = make(system)
    for status in ("running", "paused", "finished"):
        actions.put(system, f"c-{status}", tenant_id=tenant.id, name=status.capitalize(), status=status)
    return tenant


def follow(raw, system, event_type: str) -> None:
    row = raw("SELECT * FROM event WHERE type = :type ORDER BY id DESC LIMIT 1", type=event_type)[0]
    tasks.follow_tenant(system, Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload))


def statuses(raw) -> dict[str, tuple]:
    return {row[0]: tuple(row[1:]) for row in raw("SELECT external_id, status, paused_by_suspension FROM campaign")}


def test_suspension_pauses_what_runs_and_reactivation_resumes_no_more_than_that(campaigns, raw, system):
    tenants.suspend(system, campaigns.id, reason="Unpaid")
    follow(raw, system, "tenants.suspend")
    assert statuses(raw) == {
        "c-running": ("paused", True), "c-paused": ("paused", False), "c-finished": ("finished", False),
    }  # fmt: skip
    with pytest.raises(AlreadyDone):
        follow(raw, system, "tenants.suspend")
    tenants.reactivate(system, campaigns.id)
    follow(raw, system, "tenants.reactivate")
    assert statuses(raw)["c-running"] == ("running", False)
    assert statuses(raw)["c-paused"] == ("paused", False)
    done = raw(
        "SELECT action, actor_name FROM audit_entry WHERE action LIKE 'campaigns.%_suspension' ORDER BY occurred_at"
    )
    assert [row.action for row in done] == ["campaigns.pause_for_suspension", "campaigns.resume_after_suspension"]


def test_event_that_comes_late_does_not_pause_a_tenant_that_is_back(campaigns, raw, system):
    tenants.suspend(system, campaigns.id, reason="Unpaid")
    tenants.reactivate(system, campaigns.id)
    follow(raw, system, "tenants.suspend")
    assert statuses(raw)["c-running"] == ("running", False)


def test_deletion_pauses_too_and_restore_resumes(campaigns, raw, system):
    tenants.delete(system, campaigns.id, reason="x")
    follow(raw, system, "tenants.delete")
    assert statuses(raw)["c-running"] == ("paused", True)
    with pytest.raises(NotFound):
        actions.put(system, "c-new", tenant_id=campaigns.id, name="New", status="running")
    tenants.restore(system, campaigns.id)
    follow(raw, system, "tenants.restore")
    assert statuses(raw)["c-running"] == ("running", False)


def test_product_cannot_run_a_campaign_of_a_suspended_tenant(campaigns, raw, system):
    tenants.suspend(system, campaigns.id, reason="Unpaid")
    held = actions.put(system, "c-new", tenant_id=campaigns.id, name="New", status="running")
    assert (held.status, held.paused_by_suspension) == ("paused", True)


def test_put_makes_once_and_then_changes(campaigns, raw, system):
    actions.put(system, "c-running", tenant_id=campaigns.id, name=" Spring   sale ", status="finished")
    row = raw("SELECT name, status, version FROM campaign WHERE external_id = 'c-running'")[0]
    assert row == ("Spring sale", "finished", 2)
    other = make(system)
    actions.put(system, "c-running", tenant_id=other.id, name="Same id, other tenant", status="draft")
    assert raw("SELECT count(*) FROM campaign")[0].count == 4


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"external_id": "\x07"}, "external_id"),
    ],
)
def test_bad_input_names_its_field(campaigns, raw, system, given, field):
    values = {"external_id": "c-1", "name": "One", "status": "draft"} | given
    with pytest.raises(Invalid) as caught:
        actions.put(system, values.pop("external_id"), tenant_id=campaigns.id, **values)
    assert list(caught.value.fields) == [field]


def test_campaigns_stay_within_right_and_scope(campaigns, raw, actor_of, system):
    with pytest.raises(Denied):
        actions.put(actor_of("support"), "c-1", tenant_id=campaigns.id, name="One", status="draft")
    with pytest.raises(NotFound):
        actions.put(system, "c-1", tenant_id=uuid4(), name="One", status="draft")
    outsider = actor_of("client_success")
    assert queries.of_tenant(outsider, campaigns.id).empty
    assert queries.of_tenant(actor_of("support"), campaigns.id)["status"].iloc[0] == "running"
    assert len(queries.listing(system, queries.Filters(campaigns.id, ("paused",))).rows) == 1
    with pytest.raises(Denied):
        queries.of_tenant(actor_of("developer"), campaigns.id)
