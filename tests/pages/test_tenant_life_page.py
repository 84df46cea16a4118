"""A tenant's life on its pages: the wizard with its draft, the acts that fit its state, and the certificate at its end."""

import pytest

from core.customers.tenants import actions
from core.customers.tenants.purge import actions as purging
from tests.core.customers.test_tenants import make

KEY = "customers/tenants"


def errors(app) -> list[str]:
    return [error.value for error in app.error]


def labels(app) -> set[str]:
    return {button.key for button in app.button}


def _to_plan(app, name="Acme", domain="acme.example"):
    app.button(key="create").click().run()
    app.text_input(key="new_name").set_value(name).run()
    app.text_input(key="new_domain").set_value(domain).run()
    app.button(key="wizard_next").click().run()
    return app


def test_wizard_makes_tenant_owner_and_trial_and_opens_it(open_page, actor_of, raw):
    app = _to_plan(open_page(actor_of("admin"), KEY), "Büro Nord", "bücher.example")
    assert not app.exception
    app.radio(key="new_tier").set_value("pro").run()
    assert app.number_input(key="new_seats_pro").value == 80
    app.button(key="wizard_next").click().run()
    app.radio(key="new_region").set_value("EU").run()
    app.button(key="wizard_next").click().run()
    app.button(key="wizard_next").click().run()
    assert len(errors(app)) == 2
    app.text_input(key="new_owner_name").set_value("Ann Berg").run()
    app.text_input(key="new_owner_email").set_value("ann@acme.example").run()
    app.button(key="wizard_next").click().run()
    assert app.toggle(key="new_is_trial").value
    app.button(key="wizard_next").click().run()
    row = raw("SELECT t.*, u.email, u.is_admin FROM tenant t JOIN tenant_user u ON u.id = t.owner_id")[0]
    assert (row.domain, row.status, row.tier, row.region, row.seats, row.email, row.is_admin) == (
        "xn--bcher-kva.example", "trial", "pro", "EU", 80, "ann@acme.example", True,
    )  # fmt: skip
    assert row.trial_ends_on is not None
    assert raw("SELECT count(*) FROM tenant_draft")[0].count == 0
    assert str(row.id) in app.query_params["tenant"]


def test_wizard_tells_a_bad_or_taken_domain_at_its_step_and_keeps_what_was_typed(open_page, actor_of, system, raw):
    make(system, domain="taken.example")
    app = _to_plan(open_page(actor_of("admin"), KEY), "Acme", "taken.example")
    assert errors(app) == ["The domain taken.example is already in use. Each tenant has its own."]
    assert app.text_input(key="new_name").value == "Acme"
    app.text_input(key="new_domain").set_value("no domain").run()
    app.button(key="wizard_next").click().run()
    assert "Write it like example.com" in errors(app)[0]
    assert raw("SELECT count(*) FROM tenant")[0].count == 1


def test_browser_closed_in_the_wizard_loses_nothing(open_page, actor_of, raw):
    admin = actor_of("admin")
    _to_plan(open_page(admin, KEY))
    app = open_page(admin, KEY)
    app.button(key="create").click().run()
    app.button(key="wizard_resume").click().run()
    assert app.radio(key="new_tier").value == "basic"
    app.button(key="wizard_back").click().run()
    assert (app.text_input(key="new_name").value, app.text_input(key="new_domain").value) == ("Acme", "acme.example")
    app = open_page(admin, KEY)
    app.button(key="create").click().run()
    app.button(key="wizard_discard").click().run()
    assert app.text_input(key="new_name").value == ""
    assert raw("SELECT count(*) FROM tenant_draft")[0].count == 0


@pytest.mark.parametrize(
    ("status", "role", "offered"),
    [
        ("active", "super_admin", {"edit", "suspend", "delete"}), ("trial", "admin", {"edit", "suspend"}),
        ("suspended", "super_admin", {"edit", "reactivate", "delete"}), ("deleted", "super_admin", {"restore"}),
        ("deleted", "admin", set()), ("active", "support", set()),
    ],
)  # fmt: skip
def test_only_acts_that_fit_state_and_role_are_offered(open_page, actor_of, system, raw, status, role, offered):
    tenant = make(system)
    raw("UPDATE tenant SET status = :status WHERE id = :id", status=status, id=tenant.id)
    app = open_page(actor_of(role), KEY, tenant=str(tenant.id))
    assert labels(app) & {"edit", "suspend", "reactivate", "delete", "restore"} == offered
    assert not app.exception


def test_delete_shows_whom_it_hits_and_asks_for_the_name_and_can_be_undone(open_page, actor_of, system, raw):
    tenant = make(system, "Alpha  Ltd")
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id))
    app.button(key="delete").click().run()
    shown = [text.value for text in app.text]
    assert {"Active users", "Running campaigns", "Contracts", "Not kept here yet"} <= set(shown)
    app.text_area(key="delete_reason").set_value("Contract ended")
    app.text_input(key="delete_name").set_value("Beta")
    app.button(key="delete_submit").click().run()
    assert errors(app) == ["Type the name Alpha Ltd to confirm."]
    assert raw("SELECT status FROM tenant")[0].status == "active"
    app.text_input(key="delete_name").set_value("Alpha Ltd")
    app.button(key="delete_submit").click().run()
    assert raw("SELECT status, deletion_reason FROM tenant")[0] == ("deleted", "Contract ended")
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id))
    assert "29 days left" in app.warning[0].value
    app.button(key="restore").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "active"
    assert not app.exception


def test_suspend_asks_for_name_and_reason_and_reactivate_ends_it(open_page, actor_of, system, raw):
    tenant = make(system, "Alpha")
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    app.button(key="suspend").click().run()
    app.text_input(key="suspend_name").set_value("Alpha")
    app.button(key="suspend_submit").click().run()
    assert "Say why" in errors(app)[0]
    app.text_area(key="suspend_reason").set_value("Unpaid")
    app.button(key="suspend_submit").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "suspended"
    app.button(key="reactivate").click().run()
    assert raw("SELECT status FROM tenant")[0].status == "active"


def test_edit_of_what_somebody_else_changed_is_a_conflict_and_nothing_is_lost(open_page, actor_of, system, raw):
    tenant = make(system, "Alpha")
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    app.button(key="edit").click().run()
    actions.update(actor_of("admin", name="Ann"), tenant.id, version=1, region="APAC")
    app.text_input(key="edit_name").set_value("Mine")
    app.button(key="edit_submit").click().run()
    assert "Ann changed region" in app.warning[-1].value
    assert app.text_input(key="edit_name").value == "Mine"
    assert raw("SELECT name, region FROM tenant")[0] == ("Alpha", "APAC")


def test_purged_tenant_shows_its_certificate_and_nothing_to_do(open_page, actor_of, system, raw):
    tenant = make(system, "Alpha")
    actions.delete(system, tenant.id, reason="x")
    raw("UPDATE tenant SET purge_after = now() - interval '1 minute'")
    made = purging.purge(system, tenant.id)
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id))
    assert not app.exception
    assert made.digest in [code.value for code in app.code]
    assert labels(app) & {"edit", "suspend", "reactivate", "delete", "restore"} == set()
