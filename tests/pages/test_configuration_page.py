"""The configuration page: empty, one tenant, one setting, forms, requests, comparison, forbidden."""

import pytest

from core.customers.configuration import actions
from tests.core.customers.test_tenants import make

KEY, SETTING, LIMITED, WHY = "customers/configuration", "api.calls_per_minute", "data.retention_days", "Ticket 4711"


def _text(app):
    return " ".join(one.value for kind in ("markdown", "caption", "info", "warning") for one in app.get(kind))


def test_page_says_what_to_do_while_nothing_is_chosen(open_page, actor_of):
    admin = actor_of("admin")
    assert "Choose a tenant" in open_page(admin, KEY).info[0].value
    assert "Choose two tenants" in open_page(admin, KEY, view="Compare").info[0].value
    assert "No tenant has an override" in open_page(admin, KEY, view="Overrides").info[0].value
    assert "Nothing waits" in open_page(admin, KEY, view="Requests").info[0].value


def test_page_is_refused_without_the_right(open_page, actor_of):
    assert "configuration:read" in open_page(actor_of("developer"), KEY).error[0].value


def test_inspector_lists_filters_and_opens_a_setting_by_the_address(open_page, actor_of, system):
    tenant = make(system, tier="pro")
    app = open_page(actor_of("support"), KEY, tenant=str(tenant.id), setting=SETTING, setting_from="Plan")
    listed = app.dataframe[-1].value
    assert set(listed["source"]) == {"Plan"}
    assert {metric.value for metric in app.metric} >= {"120 per minute", "600 per minute"}
    assert "never overridden" in _text(app)
    assert not [one for one in app.button if one.key in ("setting_set", "setting_clear")]
    app.text_input(key="setting_text").set_value("webhook").run()
    assert list(app.dataframe[-1].value["key"]) == ["api.webhook_endpoints"]
    app.text_input(key="setting_text").set_value("zzz").run()
    assert "No setting matches" in _text(app)
    assert not app.exception


def test_override_is_set_from_the_page_and_a_mistake_keeps_the_form(open_page, actor_of, system, raw):
    tenant = make(system)
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id), setting=SETTING)
    app.button(key="setting_set").click().run()
    app.number_input(key="setting_value").set_value(900)
    app.button(key="setting_submit").click().run()
    assert "Say why" in app.error[0].value
    assert app.number_input(key="setting_value").value == 900
    app.text_input(key="setting_reason").set_value(WHY)
    app.button(key="setting_submit").click().run()
    assert raw("SELECT value, reason, version FROM tenant_setting") == [(900, WHY, 1)]
    assert not app.exception
    app.button(key="setting_clear").click().run()
    app.text_input(key="setting_clear_reason").set_value(WHY)
    app.button(key="setting_clear_submit").click().run()
    assert raw("SELECT count(*) FROM tenant_setting")[0].count == 0


def test_edit_that_began_before_another_one_is_a_conflict(open_page, actor_of, system, raw):
    tenant = make(system)
    actions.set_override(system, tenant.id, SETTING, value=700, reason=WHY)
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id), setting=SETTING)
    app.button(key="setting_set").click().run()
    actions.set_override(system, tenant.id, SETTING, value=800, reason=WHY)
    app.number_input(key="setting_value").set_value(900)
    app.text_input(key="setting_reason").set_value(WHY)
    app.button(key="setting_submit").click().run()
    assert "was changed while you edited it" in " ".join(one.value for one in app.warning)
    assert raw("SELECT value FROM tenant_setting") == [(800,)]


@pytest.mark.parametrize(("role", "key"), [("support_tier_2", SETTING), ("admin", LIMITED)])
def test_who_may_not_change_it_alone_asks_a_second_person(open_page, actor_of, system, raw, role, key):
    tenant = make(system)
    app = open_page(actor_of(role), KEY, tenant=str(tenant.id), setting=key)
    assert [one.label for one in app.button if one.key == "setting_set"] == ["Request a change"]
    app.button(key="setting_set").click().run()
    app.number_input(key="setting_value").set_value(365)
    app.text_input(key="setting_reason").set_value(WHY)
    app.button(key="setting_submit").click().run()
    assert raw("SELECT key, value, outcome FROM tenant_setting_request") == [(key, 365, "waiting")]
    assert raw("SELECT count(*) FROM tenant_setting")[0].count == 0
    assert not [one for one in app.button if one.key == "setting_set"]


def test_request_is_decided_by_another_and_withdrawn_by_oneself(open_page, actor_of, system, raw):
    tenant, asks, decides = make(system, "Alpha"), actor_of("support_tier_2"), actor_of("admin")
    request = actions.propose(asks, tenant.id, LIMITED, value=365, reason=WHY)
    listed = open_page(decides, KEY, view="Requests").dataframe[0].value
    assert (listed["tenant"].iloc[0], listed["wish"].iloc[0]) == ("Alpha", "365 days")
    app = open_page(asks, KEY, view="Requests", request=str(request.id))
    assert {one.key for one in app.button} & {"request_approve", "request_withdraw"} == {"request_withdraw"}
    app = open_page(actor_of("support_tier_1"), KEY, view="Requests", request=str(request.id))
    assert "configuration:approve" in _text(app)
    app = open_page(decides, KEY, view="Requests", request=str(request.id))
    app.button(key="request_reject_submit").click().run()
    assert "Say why" in app.error[0].value
    app.button(key="request_approve").click().run()
    assert raw("SELECT value FROM tenant_setting") == [(365,)]
    assert "Approved by" in _text(app)
    assert not app.exception


def test_comparison_shows_differences_only_when_asked(open_page, actor_of, system):
    one, other = make(system, "Alpha"), make(system, "Beta")
    actions.set_override(system, one.id, SETTING, value=900, reason=WHY)
    query = {"view": "Compare", "tenant": str(one.id), "with": str(other.id)}
    app = open_page(actor_of("support"), KEY, **query)
    assert len(app.dataframe[0].value) > 20
    app.toggle(key="differing").set_value(True).run()
    assert list(app.dataframe[0].value["key"]) == [SETTING]


def test_secret_never_reaches_the_page(open_page, actor_of, system):
    tenant, secret = make(system), "correct-horse-battery-staple"
    actions.set_override(system, tenant.id, "messages.smtp_password", value=secret, reason=WHY)
    app = open_page(actor_of("super_admin"), KEY, tenant=str(tenant.id), setting="messages.smtp_password")
    assert "Set" in {metric.value for metric in app.metric}
    app.button(key="setting_set").click().run()
    assert app.text_input(key="setting_value").value == ""
    shown = " ".join(str(frame.value.to_csv()) for frame in app.dataframe) + str(app.main)
    assert secret not in shown


def test_home_counts_requests_of_others(open_page, actor_of, system):
    tenant, asks = make(system), actor_of("admin")
    actions.propose(asks, tenant.id, LIMITED, value=365, reason=WHY)
    counts = [{one.label: one.value for one in open_page(actor).metric} for actor in (asks, actor_of("support_admin"))]
    assert [one.get("Settings to approve") for one in counts] == [None, "1"]
