"""The page Violations: list, one violation with its proof, exclusions asked and decided, incidents linked."""

import json
from datetime import timedelta

import pytest

from core.kernel.times import utc_now
from core.reliability.incidents import actions as incidents
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, MINUTE

KEY = "reliability/violations"


@pytest.fixture
def given(raw, system):
    """An outage of ten minutes of yesterday, proved by failed requests."""
    tenant = make_tenant(system, "**Odd** [name](x)").id
    key = measured.contract(raw, tenant)
    began = (utc_now() - DAY).replace(second=0, microsecond=0)
    measured.span(raw, key, tenant, began - 2 * DAY, began, "up")
    cause = json.dumps({"requests": 40, "errors": 31, "monitors": []})
    measured.span(raw, key, tenant, began, began + 10 * MINUTE, "down", cause)
    measured.span(raw, key, tenant, began + 10 * MINUTE, began + DAY, "up")
    return measured.violation(raw, key, tenant, began), key, tenant


def _by_key(app, key):
    return [one for one in app.button if one.key == key]


def test_list_is_empty_filtered_and_refused(open_page, actor_of, given, raw):
    reader = actor_of("support_tier_1")
    assert "No violation matches" in open_page(reader, KEY, metric="Error rate").info[0].value
    app = open_page(reader, KEY)
    row = app.dataframe[0].value.iloc[0]
    assert (row["tenant"], row["metric"], row["minutes"]) == ("**Odd** [name](x)", "Uptime", "10 min")
    assert [one.value for one in app.metric] == ["0", "0"]
    measured.exclusion(raw, given[0])
    app = open_page(reader, KEY, standing="Exclusion asked")
    assert [one.value for one in app.metric] == ["0", "1"]
    assert any("Exclusions to decide" in one.value for one in app.markdown)
    assert "sla:read" in open_page(actor_of("hotline_operator"), KEY).error[0].value
    assert not app.exception


def test_one_violation_shows_what_proved_it_and_others_are_not_found(open_page, actor_of, given):
    app = open_page(actor_of("support_tier_1"), KEY, violation=str(given[0]))
    assert list(app.dataframe[0].value["cause"]) == ["31 of 40 requests failed"]
    assert [one.value for one in app.metric][2:] == ["10 min", "99.800 %", "99.900 %"]
    assert not _by_key(app, "ask_exclusion")
    assert not app.exception
    stranger = open_page(actor_of("client_success"), KEY, violation=str(given[0]))
    assert "does not exist" in stranger.warning[0].value


def test_exclusion_is_asked_for_by_one_and_decided_by_another(open_page, actor_of, given, raw):
    asker = actor_of("support_admin")
    app = open_page(asker, KEY, violation=str(given[0]))
    app.button(key="ask_exclusion").click().run()
    app.button(key="ask_submit").click().run()
    assert app.error
    app.text_area(key="ask_reason").set_value("Our probe lost its network")
    app.button(key="ask_submit").click().run()
    (row,) = raw("SELECT id, starts_at, ends_at, decision FROM sla_exclusion")
    assert (row.ends_at - row.starts_at, row.decision) == (timedelta(minutes=10), None)
    decider = open_page(actor_of("admin"), KEY, violation=str(given[0]))
    assert not _by_key(decider, f"withdraw_{row.id}")
    decider.button(key=f"refuse_{row.id}").click().run()
    decider.text_area(key="refuse_note").set_value("Customers saw it, too")
    decider.button(key="refuse_submit").click().run()
    assert raw("SELECT decision, decision_note FROM sla_exclusion") == [("refused", "Customers saw it, too")]
    assert not decider.exception


def test_exclusion_is_approved_and_own_ones_are_withdrawn(open_page, actor_of, given, raw):
    admin = actor_of("admin")
    theirs = measured.exclusion(raw, given[0])
    app = open_page(admin, KEY, violation=str(given[0]))
    app.button(key=f"approve_{theirs}").click().run()
    assert raw("SELECT decision FROM sla_exclusion") == [("approved",)]
    raw("DELETE FROM sla_exclusion")
    own = measured.exclusion(raw, given[0], asked_by=admin.operator_id)
    app = open_page(admin, KEY, violation=str(given[0]))
    assert not _by_key(app, f"approve_{own}")
    app.button(key=f"withdraw_{own}").click().run()
    assert raw("SELECT decision FROM sla_exclusion") == [("withdrawn",)]


def test_incident_is_linked_to_the_violation(open_page, actor_of, given, system, raw):
    incidents.declare(system, title="Database overloaded", severity="sev2")
    app = open_page(actor_of("support"), KEY, violation=str(given[0]))
    assert _by_key(app, "declare_incident")
    app.button(key="link_incident").click().run()
    app.button(key="link_submit").click().run()
    assert raw("SELECT kind, target FROM incident_link") == [("violation", str(given[0]))]
    assert not app.exception
