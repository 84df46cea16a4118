"""The tenants page: empty, with rows, forbidden, and what its forms do."""

import pytest

from core.access.operators import actions as operators
from core.access.operators import queries, rules
from core.customers.tenants import actions
from core.customers.tenants.actions import Edit
from core.kernel.errors import Denied
from tests.core.customers.test_tenants import make

KEY = "customers/tenants"


def test_empty_directory_says_what_to_do(open_page, actor_of):
    app = open_page(actor_of("admin"), KEY)
    assert [info.value for info in app.info] == ["There are no tenants yet. Create the first one."]


def test_directory_lists_filters_and_says_when_nothing_matches(open_page, actor_of, system):
    make(system, "Alpha", region="EU")
    make(system, "Beta", region="US")
    admin = actor_of("admin")
    app = open_page(admin, KEY)
    assert set(app.dataframe[0].value["name"]) == {"Alpha", "Beta"}
    app.text_input(key="text").set_value("alp").run()
    assert list(app.dataframe[0].value["name"]) == ["Alpha"]
    app.text_input(key="text").set_value("zzz").run()
    assert "No tenant matches" in app.info[0].value


def test_filters_come_from_the_address(open_page, actor_of, system):
    make(system, "Alpha", region="EU")
    make(system, "Beta", region="US")
    app = open_page(actor_of("admin"), KEY, region="US")
    assert list(app.dataframe[0].value["name"]) == ["Beta"]


def test_reader_can_neither_create_nor_edit(open_page, actor_of, system):
    make(system)
    app = open_page(actor_of("support"), KEY)
    assert not [button for button in app.button if button.label == "Create tenant"]
    assert not app.segmented_control


def test_deep_link_opens_one_tenant_with_history(open_page, actor_of, system):
    tenant = make(system, "Alpha")
    actions.update(system, tenant.id, version=1, seats=44)
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    assert "Alpha" in [header.value for header in app.header]
    history = app.dataframe[-1].value
    assert list(history["action"]) == ["tenants.update", "tenants.create"]
    assert history["changed"].iloc[0] == "seats: 10 → 44"


def test_unknown_or_hidden_tenant_is_a_sentence(open_page, actor_of, system):
    tenant = make(system)
    for actor, key in ((actor_of("admin"), "nonsense"), (actor_of("client_success"), str(tenant.id))):
        app = open_page(actor, KEY, tenant=key)
        assert "not among those you may see" in app.warning[0].value
        assert not app.exception


def test_reactivate_from_the_page(open_page, actor_of, system, raw):
    tenant = make(system)
    actions.suspend(system, tenant.id, reason="Unpaid")
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    assert "Unpaid" in app.warning[0].value
    app.button(key="reactivate").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "active"
    assert not app.exception


def test_grid_finds_what_was_edited_and_nothing_else(db, system):
    from core.customers.tenants import queries
    from pages.customers._tenants.edits import changes

    first, second = make(system, "Alpha"), make(system, "Beta")
    loaded = queries.directory(system, queries.Filters()).frame
    edited = loaded.copy()
    assert changes(loaded, edited) == []
    edited.loc[edited["id"] == str(first.id), "seats"] = 99
    edited.loc[edited["id"] == str(second.id), "region"] = "APAC"
    assert sorted(changes(loaded, edited), key=lambda one: one.tenant_id) == sorted(
        [Edit(first.id, 1, {"seats": 99}), Edit(second.id, 1, {"region": "APAC"})], key=lambda one: one.tenant_id
    )


def test_manager_assigns_a_tenant_to_a_colleague_and_takes_it_back(open_page, actor_of, system, raw, monkeypatch):
    monkeypatch.setattr(rules, "COST", 4)
    tenant = make(system, "Alpha")
    emma = operators.create(
        system, email="emma@example.com", name="Emma", role="client_success", password="a long enough one"
    )
    operators.create(system, email="olaf@example.com", name="Olaf", role="support", password="a long enough one")
    manager = actor_of("implementation_manager")
    app = open_page(manager, KEY, tenant=str(tenant.id))
    assert app.selectbox(key="assign_to").options == ["Emma · Client success"]
    app.button(key="assign_submit").click().run()
    assert "Choose an operator first." in [error.value for error in app.error]
    app.selectbox(key="assign_to").select("Emma · Client success")
    app.button(key="assign_submit").click().run()
    assert raw("SELECT operator_id FROM tenant_assignment") == [(emma.id,)]
    app.button(key=f"unassign_{emma.id}").click().run()
    assert raw("SELECT count(*) FROM tenant_assignment")[0].count == 0
    assert not app.exception


def test_assignments_stay_closed_to_those_without_the_right(open_page, actor_of, system):
    tenant = make(system, "Alpha")
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    assert "Assigned operators" not in [header.value for header in app.subheader]
    with pytest.raises(Denied):
        queries.assignable(actor_of("admin"))


def test_delete_asks_for_the_domain_and_a_reason_and_can_be_undone(open_page, actor_of, system, raw):
    tenant = make(system, "Alpha")
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id))
    app.button(key="delete").click().run()
    app.text_area(key="delete_reason").set_value("Contract ended")
    app.text_input(key="delete_domain").set_value("other.example")
    app.button(key="delete").click()
    app.button(key="delete_submit").click().run()
    assert f"Type {tenant.domain} as it stands." in [error.value for error in app.error]
    assert raw("SELECT status FROM tenant")[0].status == "active"
    app.text_input(key="delete_domain").set_value(tenant.domain)
    app.button(key="delete").click()
    app.button(key="delete_submit").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "deleted"
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id))
    app.button(key="restore").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "active"
    assert not app.exception


def test_delete_is_not_there_without_the_right(open_page, actor_of, system):
    app = open_page(actor_of("admin"), KEY, tenant=str(make(system).id))
    assert "delete" not in [button.key for button in app.button]
