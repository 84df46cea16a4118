"""Tenants: what may be said of them, and what may become of them."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.tenants import actions, queries, rules
from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired


def make(actor, name="Acme", **values):
    given_values = {"domain": f"{uuid4().hex[:8]}.example", "tier": "pro", "region": "EU", "seats": 10} | values
    return actions.create(actor, name=name, **given_values)


def test_create_cleans_what_was_typed(db, raw, actor_of):
    tenant = make(actor_of("admin"), "  Acme   Ltd ", domain=" BÜCHER.example. ", seats="25")
    row = raw("SELECT name, domain, seats, status FROM tenant WHERE id = :id", id=tenant.id)[0]
    assert tuple(row) == ("Acme Ltd", "xn--bcher-kva.example", 25, "active")


def test_create_names_every_bad_field_at_once(db, raw, actor_of):
    with pytest.raises(Invalid) as caught:
        make(actor_of("admin"), " ", domain="no domain", tier="gold", region="MARS", seats="many")
    assert set(caught.value.fields) == {"name", "domain", "tier", "region", "seats"}
    assert raw("SELECT count(*) FROM tenant")[0].count == 0


@pytest.mark.parametrize(
    "domain", ["", "acme", "a..b", "-a.example", "a_b.example", "x" * 64 + ".com", "a." * 130 + "com", "exa mple.com"]
)
def test_bad_domains_are_refused(domain):
    with pytest.raises(Invalid, match="not a domain"):
        rules.clean_domain(domain)


@given(st.text(max_size=300))
def test_any_text_is_a_clean_domain_or_a_sentence(text):
    try:
        cleaned = rules.clean_domain(text)
    except Invalid as error:
        assert str(error)
    else:
        assert cleaned == rules.clean_domain(cleaned)
        assert cleaned.isascii()


def test_duplicate_domain_is_a_sentence(db, actor_of):
    admin = actor_of("admin")
    make(admin, domain="acme.example")
    with pytest.raises(Invalid, match="already in use"):
        make(admin, domain="ACME.example")


def test_create_is_refused_without_the_permission(db, raw, actor_of):
    with pytest.raises(Denied):
        make(actor_of("support"))
    assert raw("SELECT action, outcome FROM audit_entry")[0] == ("tenants.create", "denied")


def test_update_of_a_stale_version_is_a_conflict(db, raw, actor_of):
    admin = actor_of("admin", name="Ann")
    tenant = make(admin)
    actions.update(admin, tenant.id, version=1, region="APAC")
    with pytest.raises(Conflict, match="Ann changed region"):
        actions.update(admin, tenant.id, version=1, name="Mine")
    assert raw("SELECT name, region, version FROM tenant")[0] == ("Acme", "APAC", 2)


def test_update_refuses_a_field_that_is_not_for_editing(db, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    with pytest.raises(Invalid, match="cannot be edited"):
        actions.update(admin, tenant.id, version=1, status="deleted")


def test_suspend_and_reactivate_go_round(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    actions.suspend(admin, tenant.id, reason="Unpaid since May", version=1)
    row = raw("SELECT * FROM tenant")[0]
    assert (row.status, row.suspension_reason, row.suspended_by) == ("suspended", "Unpaid since May", admin.operator_id)
    actions.reactivate(admin, tenant.id)
    row = raw("SELECT * FROM tenant")[0]
    assert (row.status, row.suspension_reason, row.suspended_at) == ("active", None, None)
    assert [one.type for one in raw("SELECT type FROM event ORDER BY id")] == [
        "tenants.create",
        "tenants.suspend",
        "tenants.reactivate",
    ]


def test_suspend_demands_a_reason_and_a_tenant_that_runs(db, raw, actor_of):
    admin = actor_of("admin")
    tenant = make(admin)
    with pytest.raises(ReasonRequired):
        actions.suspend(admin, tenant.id, reason=" ")
    with pytest.raises(Invalid, match="nothing to reactivate"):
        actions.reactivate(admin, tenant.id)
    actions.suspend(admin, tenant.id, reason="x")
    with pytest.raises(Invalid, match="is suspended"):
        actions.suspend(admin, tenant.id, reason="again")
    assert raw("SELECT count(*) FROM audit_entry WHERE action LIKE 'tenants.%' AND outcome = 'done'")[0].count == 2


def test_other_peoples_tenants_are_not_found(db, actor_of, system):
    tenant = make(system)
    outsider = actor_of("client_success")
    with pytest.raises(NotFound):
        queries.one(outsider, tenant.id)
    assert queries.directory(outsider, queries.Filters()).frame.empty
    actions.assign_operator(system, tenant.id, operator_id=outsider.operator_id)
    assert queries.one(outsider, tenant.id)["name"] == "Acme"
    actions.unassign_operator(system, tenant.id, operator_id=outsider.operator_id)
    with pytest.raises(NotFound):
        queries.one(outsider, tenant.id)


@pytest.mark.parametrize("text", ["%", "_", "\\", "'; DROP TABLE tenant; --", "☃", "a" * 5000])
def test_search_takes_any_text_literally(db, actor_of, system, text):
    make(system)
    assert queries.search(actor_of("admin"), text).empty


def test_search_finds_by_name_domain_and_id(db, actor_of, system):
    tenant = make(system, "Zebra Works", domain="zw.example")
    for text in ("zebra", "ZW.ex", str(tenant.id)):
        assert list(queries.search(actor_of("support"), text)["id"]) == [str(tenant.id)], text
    assert queries.search(actor_of("developer"), "zebra").empty


def test_delete_and_restore_go_round_and_keep_a_suspension(db, raw, actor_of, system):
    owner = actor_of("super_admin")
    plain, paused = make(system, "Plain"), make(system, "Paused")
    actions.suspend(system, paused.id, reason="Unpaid")
    for tenant in (plain, paused):
        actions.delete(owner, tenant.id, reason="Contract ended")
        actions.restore(owner, tenant.id)
    assert {row.name: row.status for row in raw("SELECT name, status FROM tenant")} == {
        "Plain": "active",
        "Paused": "suspended",
    }
    told = raw("SELECT action, severity, reason FROM audit_entry WHERE action LIKE 'tenants.%e' AND tenant_id = :id"
               " ORDER BY occurred_at", id=plain.id)  # fmt: skip
    assert ("tenants.delete", "critical", "Contract ended") in told
    assert ("tenants.restore", "warning", None) in told
    assert (
        raw("SELECT payload FROM event WHERE type = 'tenants.delete' AND tenant_id = :id", id=paused.id)[0].payload[
            "previous_status"
        ]
        == "suspended"
    )


def test_delete_demands_right_reason_version_and_a_tenant_that_is_there(db, raw, actor_of, system):
    tenant = make(system)
    with pytest.raises(Denied):
        actions.delete(actor_of("admin"), tenant.id, reason="x")
    with pytest.raises(ReasonRequired):
        actions.delete(system, tenant.id, reason=" ")
    with pytest.raises(Conflict):
        actions.delete(system, tenant.id, reason="x", version=9)
    with pytest.raises(NotFound):
        actions.delete(system, uuid4(), reason="x")
    with pytest.raises(Invalid, match="nothing to restore"):
        actions.restore(system, tenant.id)
    assert raw("SELECT status FROM tenant")[0].status == "active"
    actions.delete(system, tenant.id, reason="x")
    with pytest.raises(Invalid, match="deleted"):
        actions.delete(system, tenant.id, reason="again")
