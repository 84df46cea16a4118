"""Incidents: what runs, filters, declaring by hand and from elsewhere, merging, templates."""

import pytest

from core.reliability.incidents import actions, queries

KEY = "reliability/incidents"


@pytest.fixture
def support(db, system, actor_of, monkeypatch):
    """An operator of the database's own, so that a lead can be given."""
    from core.access.operators import actions as operators
    from core.access.operators import rules

    monkeypatch.setattr(rules, "COST", 4)
    made = operators.create(
        system, email="ada@deck.example", name="Ada Agent", role="support", password="correct horse battery"
    )
    return actor_of("support", operator_id=made.id, name="Ada Agent")


def grid(app):
    return app.dataframe[0].value


def test_without_incidents_it_says_so_and_without_the_right_it_refuses(open_page, support, actor_of):
    app = open_page(support, KEY)
    assert not app.exception
    assert "No incident runs now" in app.success[0].value
    assert "There are no incidents yet. Declare one" in app.info[0].value
    assert "Nobody" not in open_page(actor_of("hotline_operator"), KEY).info[0].value
    assert "incidents:read" in open_page(actor_of("admin", grants=frozenset()), KEY).error[0].value


def test_incidents_are_listed_filtered_and_counted(open_page, support):
    one = actions.declare(support, title="Checkout is down *now*", severity="sev1", services=["checkout"])
    two = actions.declare(support, title="Mail is slow", severity="sev3")
    actions.resolve(support, two.id, resolution="Restarted")
    app = open_page(support, KEY)
    assert not app.exception
    assert list(grid(app)["title"]) == ["Mail is slow", "Checkout is down *now*"]
    assert list(grid(app)["severity"]) == [["SEV3"], ["SEV1"]]
    assert any(one.value.startswith("2 incidents.") for one in app.caption)
    narrowed = open_page(support, KEY, show="Live", severity="SEV1")
    assert list(grid(narrowed)["reference"]) == [queries.number_of(one)]
    nothing = open_page(support, KEY, severity="SEV2")
    assert "No incident matches" in nothing.info[0].value


def test_an_incident_is_declared_and_refused_with_what_was_typed(open_page, support, raw):
    app = open_page(support, KEY)
    app.button(key="declare").click().run()
    app.button(key="declare_submit").click().run()
    assert "title" in app.error[0].value
    title = next(one for one in app.text_input if one.key.startswith("declare_title"))
    title.set_value("All is down")
    next(one for one in app.radio if one.key.startswith("declare_severity")).set_value("sev1")
    app.button(key="declare_submit").click().run()
    row = raw("SELECT title, severity, source, lead_id FROM incident")[0]
    assert tuple(row) == ("All is down", "sev1", "manual", support.operator_id)


def test_an_incident_is_declared_from_a_ticket_and_linked_to_it(open_page, support, raw):
    from core.support.tickets import actions as tickets

    ticket = tickets.create(
        support,
        subject="Nothing works",
        description="Since noon",
        requester_name="Zoe",
        requester_email="z@acme.example",
    )
    app = open_page(support, "support/ticket", id=str(ticket.id))
    app.button(key="declare").click().run()
    assert next(one for one in app.text_input if one.key.startswith("declare_title")).value == "Nothing works"
    app.button(key="declare_submit").click().run()
    assert raw("SELECT source FROM incident")[0].source == "ticket"
    assert tuple(raw("SELECT kind, target FROM incident_link")[0]) == ("ticket", str(ticket.id))


def test_a_template_is_written_changed_and_archived(open_page, support, raw):
    app = open_page(support, KEY)
    app.button(key="templates").click().run()
    own = "template_new_0"
    app.text_input(key=f"{own}_name").set_value("Short")
    app.text_area(key=f"{own}_body").set_value("Hello {{nobody}}")
    app.button(key="template_save").click().run()
    assert "{{nobody}} is no placeholder" in app.error[0].value
    app.text_area(key=f"{own}_body").set_value("We know. {{incident.number}}")
    app.button(key="template_save").click().run()
    made = raw("SELECT id, body FROM message_template WHERE name = 'Short'")[0]
    assert made.body == "We know. {{incident.number}}"
    app.selectbox(key="template_choice").set_value(str(made.id)).run()
    app.button(key="template_archive").click().run()
    assert raw("SELECT archived_at FROM message_template WHERE name = 'Short'")[0].archived_at is not None


def test_templates_and_declaring_are_for_those_who_work_on_incidents(open_page, actor_of, db):
    app = open_page(actor_of("support_tier_1"), KEY)
    assert {"templates", "declare"}.isdisjoint(one.key for one in app.button)
