"""Post-mortems and incident figures: empty, forbidden, with rows, written and approved on an incident's part."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.kernel.times import utc_now
from core.reliability.incidents import actions as incidents
from core.reliability.review import actions, items, queries
from tests.core.support.tickets.given import add_operator

KEY, FIGURES = "reliability/post_mortems", "reliability/incident_figures"


@pytest.fixture
def signed(db, raw, actor_of):
    def make(role="developer", name="Wes"):
        return actor_of(role, name=name, operator_id=add_operator(raw, name, role))

    return make


def resolved(actor, title="Checkout fails", severity="sev2"):
    made = incidents.declare(actor, title=title, severity=severity, services=["checkout"])
    incidents.acknowledge(actor, made.id)
    incidents.resolve(actor, made.id, resolution="Rolled back")
    return made


def part(actor, incident_id, chosen):
    """The part of an incident's page, alone."""

    def script(actor, incident_id, chosen):
        import streamlit as st

        from core.reliability.incidents import queries
        from pages._parts import session
        from pages.reliability._incident import review

        session.look_up = lambda: actor
        st.session_state.setdefault("review_part", chosen)
        review.show(actor, queries.one(actor, incident_id))

    return AppTest.from_function(script, args=(actor, incident_id, chosen), default_timeout=30)


def test_nothing_to_show_says_so_and_who_may_not_is_told(open_page, signed, actor_of):
    app = open_page(signed(), KEY)
    assert "No resolved incident is here" in app.info[0].value
    app.segmented_control(key="view").set_value("items").run()
    assert "No action item matches" in app.info[0].value
    assert not app.exception
    app = open_page(signed(), FIGURES)
    assert "No incident began in the last 90 days" in app.info[0].value
    assert not app.exception
    refused = actor_of("hotline_supervisor")
    object.__setattr__(refused, "grants", frozenset({"health:read"}))
    assert "incidents:read" in open_page(refused, KEY).error[0].value


def test_rows_figures_and_action_items_are_shown(open_page, signed):
    actor = signed()
    incident = resolved(actor)
    item = items.add(actor, incident.id, title="Alert on disks", due_on=utc_now().date() - timedelta(days=2))
    app = open_page(actor, KEY)
    rows = next(one.value for one in app.dataframe if "reference" in one.value)
    assert (rows["status"][0], rows["actions"][0]) == ("Not begun", "1 of 1 open")
    assert [one.value for one in app.metric] == ["1", "1", "0"]
    app.segmented_control(key="view").set_value("items").run()
    app.toggle(key="overdue").set_value(True).run()
    shown = next(one.value for one in app.dataframe if "What" in one.value)
    assert shown["State"][0] == "Open, overdue" and shown["Owner"][0] == "Nobody"
    items.complete(actor, item.id)
    app.run()
    assert "No action item matches" in app.info[0].value
    app = open_page(actor, FIGURES)
    table = next(one.value for one in app.dataframe if "Severity" in one.value)
    assert (table["Severity"][0], table["Incidents"][0], table["Within target"][0]) == ("SEV2", 1, "100% of 1")
    app.segmented_control(key="by").set_value("service").run()
    assert "checkout" in set(next(one.value for one in app.dataframe if "Service" in one.value)["Service"])
    assert not app.exception


def test_a_post_mortem_is_begun_written_submitted_and_approved(signed):
    writer, approver = signed(), signed("admin", "Ada")
    incident = resolved(writer)
    app = part(writer, incident.id, "post_mortem").run()
    app.button(key="review_begin").click().run()
    review = queries.post_mortem(writer, incident.id)
    app = part(writer, incident.id, "post_mortem").run()
    name = f"review_{incident.id}_{review['version']}"
    app.text_input(key=f"{name}_why_1").set_value("Skipped the first")
    app.button(key=f"{name}_save").click().run()
    assert "Answer why number 1 first" in app.error[0].value
    assert app.text_input(key=f"{name}_why_1").value == "Skipped the first", "what was typed stays"
    app.text_input(key=f"{name}_why_0").set_value("The disk was full")
    app.text_area(key=f"{name}_summary").set_value("Down for an hour.")
    app.button(key=f"{name}_save").click().run()
    items.add(writer, incident.id, title="Alert on disks")
    assert queries.post_mortem(writer, incident.id)["whys"] == ["The disk was full", "Skipped the first"]
    actions.submit(writer, incident.id)
    app = part(approver, incident.id, "post_mortem").run()
    app.button(key="review_approve").click().run()
    assert queries.post_mortem(writer, incident.id)["status"] == "approved"
    assert not app.exception


def test_causes_and_items_of_an_incident(signed):
    actor = signed()
    resolved(actor, "Redis quorum lost")
    incident = resolved(actor, "Redis quorum lost again")
    app = part(actor, incident.id, "cause").run()
    assert any("Nothing changed in the 24 hours" in one.value for one in app.info)
    assert [one.value for one in app.subheader] == ["What changed before", "Similar incidents"]
    app = part(actor, incident.id, "items").run()
    app.button(key="item_add_submit").click().run()
    assert "Say what is to be done" in app.error[0].value
    app.text_input(key="item_new_title").set_value("Alert on disks")
    app.button(key="item_add_submit").click().run()
    assert list(queries.items(actor).frame["title"]) == ["Alert on disks"]
    assert not app.exception
