"""The tenant page: its parts by the address and by right, what is wrong now, who was in, nothing from other tenants."""

import pytest

from core.access.operators import actions as operators
from core.access.operators import rules
from core.customers.overview import actions as overview
from core.customers.tenants import actions
from core.kernel.errors import Denied
from pages.customers._tenant import page
from tests.core.customers.test_tenants import make

KEY = "customers/tenants"
OWN = ("overview", "features", "support", "configuration", "access", "history")


def _open(open_page, actor, tenant, tab="overview", **query):
    return open_page(actor, KEY, tenant=str(tenant.id), tab=tab, **query)


def _labels(app):
    return [tab.label for tab in app.tabs]


def test_every_part_is_written_and_named_once():
    assert len({tab.key for tab in page.TABS}) == len({tab.label for tab in page.TABS}) == len(page.TABS) == 13


def test_only_the_open_part_runs(open_page, actor_of, system, monkeypatch):
    ran = []
    for key in OWN:
        module = page.module_of(page.BY_KEY[key])
        monkeypatch.setattr(module, "show", lambda _actor, _tenant, key=key: ran.append(key))
    tenant, admin = make(system), actor_of("super_admin")
    app = _open(open_page, admin, tenant, "configuration")
    assert ran == ["configuration"]
    assert app.session_state["tenant_tab"] == "Configuration"
    assert len(_labels(app)) == len(page.TABS)


def test_part_without_the_right_is_absent_and_refuses_by_the_address(open_page, actor_of, system):
    tenant, operator = make(system), actor_of("hotline_operator")
    app = _open(open_page, operator, tenant)
    assert not {"Configuration", "History", "Users", "Quotas"} & set(_labels(app))
    app = _open(open_page, operator, tenant, "configuration")
    assert "configuration:read" in app.error[0].value
    assert not app.dataframe
    app.button(key="tab_overview").click().run()
    assert "Overview" in _labels(app)


def test_unknown_part_is_told_and_the_overview_opens(open_page, actor_of, system):
    app = _open(open_page, actor_of("admin"), make(system), "nonsense")
    assert "no part “nonsense”" in app.caption[0].value
    assert app.session_state["tenant_tab"] == "Overview"


@pytest.mark.parametrize("tab", OWN)
def test_part_opens_for_an_empty_tenant(open_page, actor_of, system, tab):
    app = _open(open_page, actor_of("super_admin"), make(system, "A [b](c) *d*"), tab)
    assert not app.exception
    assert not app.error


def test_overview_says_nothing_is_wrong_and_what_is_unknown(open_page, actor_of, system):
    tenant = make(system)
    app = _open(open_page, actor_of("super_admin"), tenant)
    assert "Nothing is wrong" in app.success[0].value
    assert any("none watches this tenant" in one.value.replace("\\", "") for one in app.caption)
    actions.suspend(system, tenant.id, reason="Unpaid since May")
    app = _open(open_page, actor_of("support"), tenant)
    assert not app.success
    assert any("Suspended" in one.value and "Unpaid since May" in one.value for one in app.markdown)


def test_history_tells_changes_and_access_tells_who_looked(open_page, actor_of, system):
    tenant, admin = make(system, "Alpha"), actor_of("admin", name="Ada")
    actions.update(system, tenant.id, version=1, region="APAC")
    history = _open(open_page, admin, tenant, "history").dataframe[0].value
    assert list(history["action"])[:1] == ["tenants.update"]
    assert "overview.look" not in set(history["action"])
    assert history["changed"].iloc[0].startswith("region: EU → APAC")
    people = _open(open_page, admin, tenant, "access").dataframe[0].value.set_index("actor_name")
    assert people.loc["Ada", "looked"] >= 1
    app = _open(open_page, admin, tenant, "access", access_who="nobody of that name")
    assert "Nobody was in" in app.info[0].value


def test_page_leaves_one_trace_in_a_session(open_page, actor_of, system, raw):
    tenant = make(system)
    app = _open(open_page, actor_of("support"), tenant, "support")
    app.run()
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'overview.look'")[0].count == 1


def test_hidden_tenant_leaves_no_trace(open_page, actor_of, system, raw):
    tenant = make(system)
    app = _open(open_page, actor_of("client_success"), tenant)
    assert "not among those you may see" in app.warning[0].value
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'overview.look'")[0].count == 0
    with pytest.raises(Denied):
        overview.look(actor_of("developer"), tenant.id)


def test_manager_assigns_a_tenant_to_a_colleague_and_takes_it_back(open_page, actor_of, system, raw, monkeypatch):
    monkeypatch.setattr(rules, "COST", 4)
    tenant = make(system, "Alpha")
    emma = operators.create(
        system, email="emma@example.com", name="Emma", role="client_success", password="a long enough one"
    )
    app = _open(open_page, actor_of("implementation_manager"), tenant, "access")
    assert app.selectbox(key="assign_to").options == ["Emma · Client success"]
    app.button(key="assign_submit").click().run()
    assert "Choose an operator first." in [error.value for error in app.error]
    app.selectbox(key="assign_to").select("Emma · Client success")
    app.button(key="assign_submit").click().run()
    assert raw("SELECT operator_id FROM tenant_assignment") == [(emma.id,)]
    app.button(key=f"unassign_{emma.id}").click().run()
    assert raw("SELECT count(*) FROM tenant_assignment")[0].count == 0
    assert not app.exception
