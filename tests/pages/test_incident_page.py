"""One incident: its head, acts, timeline, impact, messages with approval, links, and what others may not do."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.kernel.times import utc_now
from core.reliability.communication import actions as messages
from core.reliability.communication import timing
from core.reliability.incidents import actions
from tests.core.customers.test_tenants import make

KEY = "reliability/incident"
NAUGHTY = "<script>alert(1)</script> **bold** $x$ :material/home: [a](javascript:b)"


@pytest.fixture
def operator(db, system, actor_of, monkeypatch):
    monkeypatch.setattr(operator_rules, "COST", 4)

    def made(role="support", name="Ada Agent"):
        email = f"{uuid4().hex[:8]}@deck.example"
        row = operators.create(system, email=email, name=name, role=role, password="correct horse battery")
        return actor_of(role, operator_id=row.id, name=name)

    return made


@pytest.fixture
def ada(operator):
    return operator()


def declare(actor, **values):
    return actions.declare(actor, **({"title": "Checkout is down", "severity": "sev2"} | values))


def show(open_page, actor, incident, **query):
    app = open_page(actor, KEY, id=str(incident.id), **query)
    assert not app.exception
    return app


def pressed(app, key):
    return app.button(key=key).click().run()


def keys(app):
    return {one.key for one in app.button}


def stored(raw, incident):
    return raw("SELECT * FROM incident WHERE id = :id", id=incident.id)[0]


def test_without_an_incident_it_asks_for_a_number(open_page, ada, actor_of):
    incident = declare(ada)
    app = open_page(ada, KEY)
    app.text_input(key="find_number").set_value("INC-999999")
    assert "no incident of this number" in pressed(app, "find_submit").warning[0].value
    app.text_input(key="find_number").set_value(f"#{incident.number}")
    assert pressed(app, "find_submit").subheader[0].value.endswith("Checkout is down")
    for key in ("nonsense", str(uuid4())):
        assert "does not exist" in open_page(ada, KEY, id=key).warning[0].value
    assert "incidents:read" in open_page(actor_of("admin", grants=frozenset()), KEY, id=str(incident.id)).error[0].value


@pytest.mark.parametrize("tab", ["timeline", "impact", "messages", "links", "paging"])
def test_every_part_shows_text_as_text(open_page, ada, tab):
    incident = declare(ada, title=NAUGHTY, description=NAUGHTY, services=[NAUGHTY])
    actions.note(ada, incident.id, text=NAUGHTY)
    messages.compose(ada, incident.id, channel="status_page", subject=NAUGHTY, body=NAUGHTY)
    actions.link(ada, incident.id, kind="incident", target=str(declare(ada, title=NAUGHTY).number))
    app = show(open_page, ada, incident, tab=tab)
    assert not [one.value for one in app.markdown if "<script>" in one.value or "[a](" in one.value]
    if tab == "messages":
        assert NAUGHTY in [one.value for one in app.text]


def test_it_is_acknowledged_led_moved_resolved_and_closed(open_page, ada, raw):
    incident = declare(ada)
    app = pressed(show(open_page, ada, incident), "acknowledge")
    assert stored(raw, incident).acknowledged_at is not None
    assert "acknowledge" not in keys(app)
    app = pressed(pressed(app, "lead_me"), "to_identified")
    row = stored(raw, incident)
    assert (row.status, row.lead_id) == ("identified", ada.operator_id)
    app = pressed(app, "resolve")
    app = pressed(app, "resolve_submit")
    assert "resolution" in app.error[0].value
    app.text_area(key="resolve_how").set_value("Rolled back")
    app = pressed(app, "resolve_submit")
    assert (stored(raw, incident).status, stored(raw, incident).resolution) == ("resolved", "Rolled back")
    app = pressed(app, "close")
    assert stored(raw, incident).status == "closed"
    pressed(app, "reopen").text_area(key="reopen_reason").set_value("It is back")
    pressed(app, "reopen_submit")
    assert stored(raw, incident).status == "investigating"


def test_a_change_on_what_somebody_changed_meanwhile_is_a_conflict_and_told_once(open_page, ada, raw):
    incident = declare(ada)
    app = pressed(show(open_page, ada, incident), "severity")
    actions.update(ada, incident.id, version=stored(raw, incident).version, title="Checkout and login are down")
    app.radio(key="severity_choice").set_value("sev1")
    app = pressed(app, "severity_submit")
    assert "was changed while you edited it" in app.warning[0].value
    pressed(app, "severity_submit")
    assert stored(raw, incident).severity == "sev1"


def test_only_what_was_typed_is_edited(open_page, ada, raw):
    incident = declare(ada, services=["checkout"], started_at=utc_now() - timedelta(hours=1, seconds=17))
    app = pressed(show(open_page, ada, incident), "edit")
    app.text_input(key="edit_public").set_value("Trouble with payments")
    pressed(app, "edit_submit")
    row = stored(raw, incident)
    assert (row.public_title, row.title, row.services) == ("Trouble with payments", "Checkout is down", ["checkout"])
    assert row.started_at == incident.started_at


def test_the_timeline_takes_notes_filters_and_marks(open_page, ada, raw):
    incident = declare(ada)
    app = show(open_page, ada, incident)
    next(one for one in app.text_area if one.key.startswith("note_")).set_value("The database does not answer")
    app = pressed(app, "note_submit")
    assert any("The database does not answer" in one.value for one in app.markdown)
    assert next(one for one in app.text_area if one.key.startswith("note_")).value == ""
    event = raw("SELECT id, is_key FROM incident_event WHERE kind = 'note'")[0]
    assert not event.is_key
    app = pressed(app, f"star_{event.id}")
    assert raw("SELECT is_key FROM incident_event WHERE kind = 'note'")[0].is_key
    filtered = show(open_page, ada, incident, timeline_kinds="Course")
    assert not any("The database does not answer" in one.value for one in filtered.markdown)
    assert any("declared by" in one.value for one in filtered.markdown)


def test_a_figure_is_corrected_with_a_reason_and_a_customer_added(open_page, ada, system, raw):
    incident, acme = declare(ada), make(system, "Acme")
    app = pressed(show(open_page, ada, incident, tab="impact"), "correct")
    app.text_input(key="correct_value_tenants").set_value("twelve")
    app.text_area(key="correct_reason").set_value("Asked the gateway")
    app = pressed(app, "correct_submit")
    assert "whole number" in app.error[0].value
    app.text_input(key="correct_value_tenants").set_value("1,200")
    app = pressed(app, "correct_submit")
    assert next(one for one in app.metric if one.label == "Customers hit").value == "1,200"
    assert any("Asked the gateway" in one.value for one in app.caption)
    app = pressed(app, "correct_tenant")
    app.selectbox(key="tenant_pick").set_value(str(acme.id))
    app.text_area(key="tenant_reason").set_value("They called")
    pressed(app, "tenant_submit")
    said = raw("SELECT value FROM incident_correction WHERE field = :field", field=f"tenant:{acme.id}")[0]
    assert said.value == {"is_affected": True}


def test_a_message_is_written_from_a_template_looked_at_and_sent(open_page, ada, raw):
    incident = declare(ada, services=["checkout"])
    app = show(open_page, ada, incident, tab="messages")
    own = f"compose_{incident.id}_status_page_0"
    template = raw("SELECT id FROM message_template WHERE name = 'Status page: investigating'")[0].id
    app.selectbox(key=f"{own}_template").set_value(str(template)).run()
    assert "a problem with checkout" in app.text_area(key=f"{own}_body").value
    app = pressed(app, "compose_send")
    assert raw("SELECT status FROM incident_message")[0].status == "draft"
    assert any("Everybody sees it on the status page" in one.value for one in app.caption)
    app = pressed(app, "message_send_submit")
    row = raw("SELECT status, body FROM incident_message")[0]
    assert row.status == "sent"
    assert "UTC" in row.body
    assert "{{" not in row.body
    assert stored(raw, incident).is_public
    assert app.text_area(key=f"compose_{incident.id}_status_page_1_body").value == ""


def test_a_sev1s_message_waits_for_somebody_else(open_page, ada, operator, raw):
    incident, boss = declare(ada, severity="sev1"), operator("support_admin", "Bea Boss")
    app = show(open_page, ada, incident, tab="messages")
    own = f"compose_{incident.id}_status_page_0"
    app.text_area(key=f"{own}_body").set_value("We look into it.")
    app = pressed(app, "compose_submit")
    message = raw("SELECT id, status FROM incident_message")[0]
    assert message.status == "waiting"
    assert {f"message_approve_{message.id}", f"message_send_{message.id}"}.isdisjoint(keys(app))
    theirs = pressed(show(open_page, boss, incident, tab="messages"), f"message_approve_{message.id}")
    theirs = pressed(theirs, "message_approve_send")
    assert not theirs.error
    row = raw("SELECT status, approved_by_name FROM incident_message")[0]
    assert tuple(row) == ("sent", "Bea Boss")
    assert f"message_log_{message.id}" in keys(theirs)


def test_a_message_given_back_is_edited_and_cancelled(open_page, ada, operator, raw):
    incident, boss = declare(ada, severity="sev1"), operator("support_admin", "Bea Boss")
    message = messages.compose(ada, incident.id, channel="status_page", body="We look into it.")
    theirs = pressed(show(open_page, boss, incident, tab="messages"), f"message_approve_{message.id}")
    theirs.text_input(key="message_reject_reason").set_value("Too short")
    pressed(theirs, "message_reject_submit")
    assert raw("SELECT status FROM incident_message")[0].status == "draft"
    app = pressed(show(open_page, ada, incident, tab="messages"), f"message_change_{message.id}")
    app.text_area(key=f"message_change_{message.id}_body").set_value("We look into the checkout.")
    app = pressed(app, "message_change_submit")
    assert raw("SELECT body FROM incident_message")[0].body == "We look into the checkout."
    pressed(pressed(app, f"message_cancel_{message.id}"), "message_cancel_submit")
    assert raw("SELECT status FROM incident_message")[0].status == "cancelled"


def test_the_reach_is_counted_before_a_mail_is_written(open_page, ada, system):
    make(system, "Silent")
    incident = declare(ada)
    app = show(open_page, ada, incident, tab="messages")
    app.segmented_control(key="compose_channel").set_value("mail").run()
    own = f"compose_{incident.id}_mail_0"
    assert any("0 administrators of 0 customers" in one.value for one in app.caption)
    app.segmented_control(key=f"{own}_audience").set_value("all").run()
    assert any("1 customer has nobody to write to" in one.label for one in app.expander)
    app = pressed(app, "compose_draft")
    assert app.error  # neither text nor subject


def test_the_timer_counts_down_and_says_when_it_is_late(open_page, ada, raw):
    incident = declare(ada)
    app = pressed(show(open_page, ada, incident, tab="messages"), "timer_submit")
    assert any("Next update in" in one.value for one in app.markdown)
    timing.set_timer(ada, incident.id, minutes=1)
    raw("UPDATE incident SET next_update_at = now() - interval '90 seconds'")
    app = show(open_page, ada, incident)
    assert any("Next update overdue by 1:3" in one.value for one in app.markdown)


def test_a_merged_incident_leads_to_the_one_that_goes_on(open_page, ada):
    one, into = declare(ada), declare(ada, title="All is down")
    app = pressed(show(open_page, ada, into), "merge")
    app.multiselect(key="merge_others").set_value([str(one.id)]).run()
    assert not pressed(app, "merge_submit").exception
    old = show(open_page, ada, one)
    assert "was merged into" in old.info[0].value
    assert {"resolve", "edit", "note_submit"}.isdisjoint(keys(old))


def test_who_only_reads_changes_nothing(open_page, ada, actor_of):
    incident = declare(ada, severity="sev1")
    messages.compose(ada, incident.id, channel="status_page", body="We look into it.")
    reader = actor_of("support_tier_1")
    for tab in ("timeline", "impact", "messages", "links", "paging"):
        assert keys(show(open_page, reader, incident, tab=tab)) == {"back", "account", "sign_out"}, tab
