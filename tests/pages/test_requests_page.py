"""API metrics: empty, with figures, narrowed by clicks and by the address, forbidden; what is unknown is said."""

from datetime import timedelta

import pytest

from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.traffic import ago, requests, this_minute

KEY = "health/requests"


def figures(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def words(app) -> str:
    return "\n".join(element.value for element in [*app.caption, *app.info, *app.warning, *app.error])


def boxes(app) -> dict:
    return {box.label: box for box in app.selectbox}


@pytest.fixture
def traffic(raw, system):
    """Two tenants, three routes; the tenant that is hit."""
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    requests(raw, [
        *({"at": ago(minutes=5), "tenant_id": acme.id, "duration_ms": 40} for _ in range(6)),
        *({"at": ago(minutes=5), "tenant_id": globex.id, "route": "/pay", "service": "billing", "status": status,
           "duration_ms": 900, "request_id": f"pay-{status}"} for status in (200, 500, 503)),
        {"at": ago(minutes=5), "route": "/usage", "duration_ms": None},
        *({"at": ago(minutes=75), "duration_ms": 40} for _ in range(5)),
    ])  # fmt: skip
    return globex


def test_without_requests_it_says_what_would_show(open_page, actor_of):
    app = open_page(actor_of("developer"), KEY)
    assert not app.exception
    assert app.info[0].value.startswith("No request was recorded in this time.")
    assert "rollups have never run" in words(app)
    assert not app.metric


def test_figures_are_compared_and_the_unknown_is_told(open_page, actor_of, traffic):
    app = open_page(actor_of("developer"), KEY, range="1h")
    assert not app.exception
    told = figures(app)
    assert (told["Requests"], told["Error rate"]) == ("10", "20.00%")
    assert told["p50"].endswith("ms") and told["p99"].startswith("9")
    assert "1 of 10 requests did not tell their duration" in words(app)
    metrics = {metric.label: metric for metric in app.metric}
    assert metrics["Error rate"].delta == "+20.00 points"
    assert metrics["Requests"].delta.startswith("+")
    assert "In the time before, of the same length: 5." in metrics["Requests"].help


def test_endpoints_and_tenants_are_ranked(open_page, actor_of, traffic):
    app = open_page(actor_of("developer", grants=frozenset({"health:read", "tenants:read"})), KEY, range="1h")
    slowest, hit = (table.value for table in app.dataframe)
    assert list(slowest["route"]) == ["/pay", "/orders"]
    assert list(hit["title"]) == ["Acme", "Globex", "No tenant"]
    app.segmented_control(key="endpoints").set_value("Most errors").run()
    assert list(app.dataframe[0].value["route"]) == ["/pay"]
    app.segmented_control(key="endpoints").set_value("Most requests").run()
    assert list(app.dataframe[0].value["route"]) == ["/orders", "/pay", "/usage"]
    assert list(app.dataframe[0].value["untimed"]) == [0, 0, 1]


def test_a_route_shows_its_tenants_and_samples(open_page, actor_of, traffic):
    app = open_page(actor_of("super_admin"), KEY, range="1h", route="/pay", service="billing")
    assert not app.exception
    assert figures(app)["Requests"] == "3"
    hit, samples = (table.value for table in app.dataframe)
    assert set(samples["request_id"]) == {"pay-200", "pay-500", "pay-503"}
    assert list(hit["title"]) == ["Globex"]
    app.toggle(key="failed_only").set_value(True).run()
    assert set(app.dataframe[1].value["request_id"]) == {"pay-500", "pay-503"}


def test_filters_live_in_the_address(open_page, actor_of, traffic):
    app = open_page(actor_of("super_admin"), KEY, range="1h")
    boxes(app)["Service"].set_value("billing").run()
    assert app.query_params["service"] in ("billing", ["billing"])
    assert figures(app)["Requests"] == "3"
    boxes(app)["Status"].set_value("5").run()
    assert figures(app)["Requests"] == "2"
    boxes(app)["Tenant"].set_value(str(traffic.id)).run()
    assert figures(app)["Requests"] == "2"
    app.button(key="clear").click().run()
    assert figures(app)["Requests"] == "10"
    assert "service" not in app.query_params


def test_a_tenant_in_the_address_is_the_tenant_of_every_figure(open_page, actor_of, traffic):
    app = open_page(actor_of("super_admin"), KEY, range="1h", tenant=str(traffic.id))
    assert figures(app)["Requests"] == "3"
    assert list(app.dataframe[0].value["route"]) == ["/pay"]
    assert len(app.dataframe) == 1


@pytest.mark.parametrize(
    "query", [{"tenant": "nonsense"}, {"route": "/gone"}, {"service": "<b>x</b>"}, {"status": "9"}, {"channel": "fax"}]
)
def test_what_the_address_says_wrongly_breaks_nothing(open_page, actor_of, traffic, query):
    app = open_page(actor_of("super_admin"), KEY, range="1h", **query)
    assert not app.exception
    assert figures(app) or "No request matches" in app.info[0].value


def test_an_own_time_is_that_time(open_page, actor_of, traffic):
    begin = this_minute() - timedelta(minutes=80)
    query = {"from": f"{begin:%Y-%m-%dT%H:%M}", "to": f"{begin + timedelta(minutes=10):%Y-%m-%dT%H:%M}"}
    app = open_page(actor_of("developer"), KEY, **query)
    assert not app.exception
    assert figures(app)["Requests"] == "5"


def test_it_is_refused_without_the_right(open_page, actor_of):
    app = open_page(actor_of("developer", grants=frozenset()), KEY)
    assert "does not include the page API metrics" in app.error[0].value
    assert not app.metric


def test_an_assigned_operator_is_told_whose_requests_these_are(open_page, actor_of, traffic, raw):
    actor = actor_of("client_success")
    raw("INSERT INTO tenant_assignment (operator_id, tenant_id, assigned_at) VALUES (:one, :two, now())",
        one=actor.operator_id, two=traffic.id)  # fmt: skip
    app = open_page(actor, KEY, range="1h")
    assert figures(app)["Requests"] == "3"
    assert "the tenants you see" in words(app)


def test_figures_that_are_not_counted_any_more_are_told(open_page, actor_of, traffic, raw):
    raw("UPDATE rollup_watermark SET moved_at = now() - interval '10 minutes'")
    app = open_page(actor_of("developer"), KEY, range="1h")
    assert "nothing was counted since" in words(app)
