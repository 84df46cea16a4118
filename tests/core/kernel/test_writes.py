"""The one way in: everything an action changes is checked, recorded and committed together."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone, Conflict, Denied, Invalid, Maintenance, NotFound, ReasonRequired
from core.kernel.state import MaintenanceMode
from core.kernel.times import utc_now
from core.kernel.writes import write


def make_tenant(actor: Actor, name: str = "Acme", **values: object) -> Tenant:
    given = {"domain": f"{uuid4().hex[:8]}.example", "tier": "pro", "region": "EU", "seats": 10} | values
    with write(actor, "tenants.create") as tx:
        return tx.add(Tenant(name=name, **given))


def test_create_leaves_row_audit_entry_and_event(db, raw, actor_of):
    actor = actor_of("admin", ip="192.0.2.7", user_agent="pytest")
    tenant = make_tenant(actor)

    entry = raw("SELECT * FROM audit_entry")[0]
    event = raw("SELECT * FROM event")[0]
    assert (entry.action, entry.outcome, entry.actor_id, str(entry.ip)) == (
        "tenants.create",
        "done",
        actor.operator_id,
        "192.0.2.7",
    )
    assert entry.request_id == actor.request_id == event.request_id
    assert entry.changes[0]["columns"]["name"] == [None, "Acme"]
    assert (event.id, event.type, event.tenant_id) == (entry.id, "tenants.create", tenant.id)
    assert event.payload["entity_ids"] == [str(tenant.id)]


def test_update_records_before_and_after_of_changed_columns_only(db, raw, system):
    tenant = make_tenant(system)
    with write(system, "tenants.update") as tx:
        row = tx.lock(Tenant, tenant.id, version=1)
        row.name, row.seats = "Acme Ltd", 10
    entry = raw("SELECT * FROM audit_entry WHERE action = 'tenants.update'")[0]
    assert entry.changes == [
        {"table": "tenant", "id": str(tenant.id), "operation": "update", "columns": {"name": ["Acme", "Acme Ltd"]}}
    ]


def test_two_flushes_are_one_change_from_first_before_to_last_after(db, raw, system):
    tenant = make_tenant(system)
    with write(system, "tenants.update") as tx:
        row = tx.lock(Tenant, tenant.id)
        row.name = "B"
        tx.session.flush()
        row.name = "C"
    assert raw("SELECT changes FROM audit_entry WHERE action = 'tenants.update'")[0].changes[0]["columns"] == {
        "name": ["Acme", "C"]
    }


def test_no_change_leaves_no_entry(db, raw, system):
    tenant = make_tenant(system)
    with write(system, "tenants.update") as tx:
        tx.lock(Tenant, tenant.id).name = "Acme"
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'tenants.update'")[0].count == 0


def test_exception_rolls_everything_back(db, raw, system):
    with pytest.raises(ZeroDivisionError), write(system, "tenants.create") as tx:
        tx.add(Tenant(name="Gone", domain="gone.example", tier="pro", region="EU", seats=1))
        tx.session.flush()
        1 / 0  # noqa: B018
    assert (
        raw("SELECT (SELECT count(*) FROM tenant) + (SELECT count(*) FROM audit_entry) + (SELECT count(*) FROM event)")[
            0
        ][0]
        == 0
    )


def test_refusal_without_permission_is_recorded_and_changes_nothing(db, raw, actor_of):
    actor = actor_of("support")
    with pytest.raises(Denied, match="tenants:create"):
        make_tenant(actor)
    entry = raw("SELECT * FROM audit_entry")[0]
    assert (entry.action, entry.outcome, entry.actor_id) == ("tenants.create", "denied", actor.operator_id)
    assert raw("SELECT count(*) FROM event")[0].count == 0


def test_database_refuses_what_the_permission_check_missed(db, raw, actor_of):
    """An action that asks for too little is stopped by row-level security, and the attempt recorded."""
    actor = actor_of("support", grants=frozenset({"tenants:update", "tenants:read"}))
    with pytest.raises(Denied, match="database refuses"), write(actor, "tenants.update") as tx:
        tx.add(Tenant(name="X", domain="x.example", tier="pro", region="EU", seats=1))
    assert raw("SELECT outcome FROM audit_entry")[0].outcome == "denied"


def test_undeclared_action_is_no_way_in(db, system):
    with pytest.raises(LookupError), write(system, "tenants.explode"):
        pass


def test_reason_is_demanded_where_the_table_says_so(db, raw, system):
    tenant = make_tenant(system)
    with pytest.raises(ReasonRequired), write(system, "tenants.suspend", reason="  ") as tx:
        tx.lock(Tenant, tenant.id).status = "suspended"
    with write(system, "tenants.suspend", reason="unpaid") as tx:
        tx.lock(Tenant, tenant.id).status = "suspended"
    assert raw("SELECT reason FROM audit_entry WHERE action = 'tenants.suspend'")[0].reason == "unpaid"


def test_stale_version_is_a_conflict_that_says_who_changed_what(db, actor_of, system):
    tenant = make_tenant(system)
    ann = actor_of("admin", name="Ann")
    with write(ann, "tenants.update") as tx:
        tx.lock(Tenant, tenant.id, version=1).seats = 99
    with pytest.raises(Conflict, match="Ann changed seats") as caught, write(system, "tenants.update") as tx:
        tx.lock(Tenant, tenant.id, version=1).seats = 5
    assert caught.value.changes[0]["columns"] == {"seats": [10, 99]}


def test_other_tenants_row_is_not_found(db, raw, actor_of, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    actor = actor_of("client_success", grants=frozenset({"tenants:read", "tenants:update"}))
    raw("INSERT INTO tenant_assignment VALUES (:o, :t, now())", o=actor.operator_id, t=mine.id)
    with write(actor, "tenants.update") as tx:
        tx.lock(Tenant, mine.id).seats = 11
    with pytest.raises(NotFound), write(actor, "tenants.update") as tx:
        tx.lock(Tenant, other.id).seats = 11


def test_bulk_records_predicate_and_count(db, raw, system):
    for seats in (1, 2, 3):
        make_tenant(system, seats=seats)
    with write(system, "tenants.update_many") as tx:
        assert tx.bulk(update(Tenant).where(Tenant.seats < 3).values(region="US")) == 2
    told = raw("SELECT changes FROM audit_entry WHERE action = 'tenants.update_many'")[0].changes[0]
    assert (told["table"], told["operation"], told["rows"]) == ("tenant", "bulk update", 2)
    assert "seats <" in told["statement"]
    assert told["values"]["seats_1"] == 3


def test_bulk_of_nothing_leaves_no_entry(db, raw, system):
    with write(system, "tenants.update_many") as tx:
        assert tx.bulk(delete(Tenant).where(Tenant.name == "nobody")) == 0
    assert raw("SELECT count(*) FROM audit_entry")[0].count == 0


def test_changes_of_two_tenants_are_two_entries(db, raw, system):
    tenants = [make_tenant(system), make_tenant(system)]
    with write(system, "tenants.update_many") as tx:
        for row in tx.lock_many(Tenant, [tenant.id for tenant in tenants]):
            row.seats = 77
    found = raw("SELECT tenant_id FROM audit_entry WHERE action = 'tenants.update_many'")
    assert {row.tenant_id for row in found} == {tenant.id for tenant in tenants}


def test_once_key_lets_only_the_first_write_through(db, raw, system):
    tenant = make_tenant(system)
    for seats in (20, 30):
        try:
            with write(system, "tenants.update", once="job:1") as tx:
                tx.lock(Tenant, tenant.id).seats = seats
        except AlreadyDone:
            assert seats == 30
    assert raw("SELECT seats FROM tenant")[0].seats == 20


def test_once_key_of_a_failed_write_is_free_again(db, raw, system):
    with pytest.raises(NotFound), write(system, "tenants.update", once="job:2") as tx:
        tx.lock(Tenant, uuid4())
    make_tenant(system)
    with write(system, "tenants.update_many", once="job:2") as tx:
        assert tx.bulk(update(Tenant).values(seats=4)) == 1


def test_duplicate_value_is_a_sentence(db, system):
    make_tenant(system, domain="same.example")
    with pytest.raises(Invalid, match="domain is already in use") as caught:
        make_tenant(system, domain="same.example")
    assert "domain" in caught.value.fields


def test_maintenance_refuses_writes_with_its_message_and_can_be_ended(db, system):
    with write(system, "settings.start_maintenance", reason="upgrade") as tx:
        window = tx.add(MaintenanceMode(message="Back at 10:00.", started_by=None))
    with pytest.raises(Maintenance, match="Back at 10:00"):
        make_tenant(system)
    with write(system, "settings.end_maintenance") as tx:
        tx.lock(MaintenanceMode, window.id).ended_at = utc_now()
    assert make_tenant(system).version == 1


def test_delete_records_what_was_there(db, raw, system):
    tenant = make_tenant(system)
    with write(system, "tenants.update") as tx:
        tx.delete(tx.lock(Tenant, tenant.id))
    told = raw("SELECT changes FROM audit_entry WHERE action = 'tenants.update'")[0].changes[0]
    assert (told["operation"], told["columns"]["name"]) == ("delete", ["Acme", None])
