"""The page and the panels of quotas and usage: empty, with rows, forbidden, forms."""

from datetime import timedelta

from core.customers.quotas import actions, measuring
from core.kernel.rollups import start_of
from core.kernel.times import utc_now
from tests.core.customers.quotas import given

KEY, TENANTS = "customers/quotas", "customers/tenants"


def _text(app) -> str:
    return " ".join(
        one.value for kind in ("markdown", "caption", "info", "warning", "success") for one in app.get(kind)
    )


def test_page_says_so_when_nobody_is_near_a_limit(open_page, actor_of):
    assert "Nobody is that near" in open_page(actor_of("support"), KEY).info[0].value
    assert "No larger plan waits" in open_page(actor_of("admin"), KEY, view="Larger plans").info[0].value
    assert "No override ends" in open_page(actor_of("admin"), KEY, view="Overrides that end").info[0].value
    assert "quotas:read" in open_page(actor_of("developer"), KEY).error[0].value


def test_page_lists_who_is_near_by_share(open_page, actor_of, system):
    for people in (5, 8, 12):
        given.tenant("pro", name=f"Tenant {people}", people=people)
    measuring.measure(system)
    app = open_page(actor_of("support"), KEY)
    assert list(app.dataframe[0].value["tenant"]) == ["Tenant 12", "Tenant 8"]
    assert [metric.value for metric in app.metric] == ["1", "0", "1"]
    app = open_page(actor_of("support"), KEY, **{"from": "50 %", "quota": "Users"})
    assert len(app.dataframe[0].value) == 3
    assert "Nobody is that near" in open_page(actor_of("support"), KEY, quota="Messages").info[0].value
    assert not app.exception


def test_larger_plan_is_decided_from_the_inbox_and_counted_at_home(open_page, actor_of, system, raw):
    acme = given.tenant("pro", people=1)
    request = actions.request_upgrade(system, acme, "users", reason="They grow")
    admin = actor_of("admin")
    assert "Larger plans to decide" in str(open_page(admin))
    app = open_page(admin, KEY, view="Larger plans")
    app.button(key=f"reject_submit_{request.id}").click().run()
    assert "Say why" in app.error[0].value
    app.button(key=f"approve_{request.id}").click().run()
    assert raw("SELECT outcome FROM quota_upgrade")[0].outcome == "approved"
    assert not app.exception


def test_panel_shows_course_and_forecast_and_sets_an_override_that_is_meant(open_page, actor_of, system, raw):
    acme, now = given.tenant("basic", seats=10, people=5), utc_now()
    today = start_of(now, "day")
    for day in range(20):
        given.calls(acme, today - timedelta(days=day), 1_000)
    measuring.recount(system, [today - timedelta(days=day) for day in range(1, 20)])
    measuring.measure(system)
    admin = actor_of("admin")
    app = open_page(admin, TENANTS, tenant=str(acme), tab="quotas", quota="API calls")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert "known days" in _text(app)
    app = open_page(admin, TENANTS, tenant=str(acme), tab="quotas", quota="Users")
    app.button(key="quota_set").click().run()
    app.number_input(key="quota_limit").set_value(3).run()
    assert "uses 5 people already" in _text(app)
    app.text_input(key="quota_reason").set_value("Abuse")
    app.button(key="quota_set_submit").click().run()
    assert "Confirm that this is meant" in app.error[0].value or "uses 5 people" in app.error[0].value
    app.checkbox(key="quota_meant").set_value(True).run()
    app.button(key="quota_set_submit").click().run()
    assert raw("SELECT limit_value, reason FROM tenant_quota") == [(3, "Abuse")]
    assert not app.exception


def test_panel_before_anything_was_measured_knows_nothing_and_offers_nothing_to_readers(open_page, actor_of):
    acme = given.tenant("free")
    app = open_page(actor_of("support"), TENANTS, tenant=str(acme), tab="quotas")
    assert "Not measured yet" in _text(app)
    assert not [one for one in app.button if one.key in ("quota_set", "quota_ask")]
    assert not app.exception


def test_usage_panel_shows_what_is_known_and_says_what_is_not(open_page, actor_of):
    acme = given.tenant()
    app = open_page(actor_of("admin"), TENANTS, tenant=str(acme), tab="usage")
    assert "Messages are not known" in _text(app)
    given.messages(acme, utc_now() - timedelta(hours=2), 21)
    app = open_page(actor_of("admin"), TENANTS, tenant=str(acme), tab="usage")
    assert {metric.label: metric.value for metric in app.metric}["Messages sent"] == "21"
    assert len(app.get("plotly_chart")) == 1
    assert not app.exception
