"""Writing, approving and sending: who may, what becomes of the incident, and what is kept of it."""

from datetime import timedelta

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.models import uuid7
from core.reliability.communication import actions, queries, timing
from core.reliability.incidents import actions as incidents
from core.reliability.incidents import merging
from core.reliability.incidents import queries as incident_queries

TEXT = "We look into {{incident.services}}."


def lines(raw, incident_id) -> list[str]:
    found = raw(
        "SELECT text FROM incident_event WHERE incident_id = :i AND kind = 'message' ORDER BY at, id", i=incident_id
    )
    return [row.text for row in found]


def test_writing_fills_what_is_known_and_leaves_row_audit_and_event(declare, writer, raw):
    incident = declare(public_title="Trouble with payments")
    message = actions.compose(
        writer, incident.id, channel="status_page", subject="{{incident.title}}",
        body="{{incident.number}}: {{incident.services}}, {{impact.tenants}} customers, next by {{next_update.at}}.",
        next_update_minutes=30,
    )  # fmt: skip
    row = raw("SELECT * FROM incident_message")[0]
    assert (row.subject, row.audience, row.status, row.incident_status) == (
        "Trouble with payments", "public", "draft", "investigating",
    )  # fmt: skip
    known = incident_queries.number_of(incident)
    assert row.body == f"{known}: checkout, an unknown number of customers, next by {{{{next_update.at}}}}."
    assert row.author_ids == [writer.operator_id]
    assert (
        raw("SELECT actor_name FROM audit_entry WHERE action = 'incident_messages.compose'")[0].actor_name
        == "Wim Writer"
    )
    event = raw("SELECT payload FROM event WHERE type = 'incident_messages.compose'")[0].payload
    assert (event["incident_id"], event["message_id"]) == (str(incident.id), str(message.id))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "status_page", "audience": "all"}, "audience"),
        ({"channel": "mail", "body": " "}, "body"),
        ({"channel": "mail", "body": "{{incident.secret}}"}, "body"),
        ({"channel": "mail", "body": "{{incident.title"}, "body"),
        ({"channel": "mail", "subject": ""}, "subject"),
        ({"channel": "mail", "audience": "tenants"}, "tenant_ids"),
        ({"channel": "slack"}, "channel_ids"),
        ({"channel": "slack", "channel_ids": [uuid7()]}, "channel_ids"),
        ({"channel": "status_page", "body": "Hello {{tenant.name}}"}, "body"),
        ({"channel": "status_page", "body": "By {{next_update.at}}."}, "next_update_minutes"),
        ({"channel": "status_page", "next_update_minutes": -1}, "next_update_minutes"),
        ({"channel": "status_page", "components": {str(uuid7()): "major_outage"}}, "components"),
        ({"channel": "status_page", "components": {"x": "on fire"}}, "components"),
        ({"channel": "mail", "incident_status": "forgotten"}, "incident_status"),
    ],
)
def test_writing_refuses_what_could_not_be_sent(declare, writer, raw, given, field):
    incident = declare()
    with pytest.raises(Invalid) as caught:
        actions.compose(writer, incident.id, **({"body": TEXT, "subject": "Trouble"} | given))
    assert field in caught.value.fields
    assert raw("SELECT id FROM incident_message") == []


def test_a_message_is_not_for_everybody_to_write_or_to_approve(declare, writer, actor_of, raw):
    incident = declare("sev1")
    with pytest.raises(Denied):
        actions.compose(actor_of("hotline_operator"), incident.id, channel="status_page", body=TEXT)
    waiting = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    with pytest.raises(Denied):
        actions.approve(actor_of("developer"), waiting.id, version=1)
    assert raw("SELECT status FROM incident_message")[0].status == "waiting"


def test_a_sev1_is_told_only_after_somebody_else_agreed(declare, writer, approver, raw):
    incident = declare("sev1")
    message = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    assert message.status == "waiting"
    assert queries.waiting(writer) == 1
    with pytest.raises(Invalid, match="somebody else has to approve"):
        actions.send(writer, message.id)
    own = actions.compose(approver, incident.id, channel="mail", subject="Trouble", body=TEXT)
    with pytest.raises(Invalid, match="Somebody else"):
        actions.approve(approver, own.id, version=own.version)
    actions.approve(approver, message.id, version=message.version)
    assert actions.send(writer, message.id).status == "sent"
    row = raw("SELECT approved_by_name, status FROM incident_message WHERE id = :i", i=message.id)[0]
    assert tuple(row) == ("Ada Approver", "sent")
    assert lines(raw, incident.id) == [
        "The word on the status page waits for approval", "The mail to the customers that are hit waits for approval",
        "The word on the status page approved", "Told on the status page: We look into checkout.",
    ]  # fmt: skip


def test_whoever_changes_a_message_cannot_approve_it_and_an_approval_counts_for_what_was_read(
    declare, writer, approver
):
    incident = declare("sev1")
    message = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    read = message.version
    shorter = actions.update(writer, message.id, version=read, body="Shorter.")
    with pytest.raises(Conflict):
        actions.approve(approver, message.id, version=read)
    approved = actions.approve(approver, message.id, version=shorter.version)
    changed = actions.update(approver, message.id, version=approved.version, body="Even shorter.")
    assert (changed.status, changed.approved_at) == ("waiting", None)
    with pytest.raises(Invalid, match="Somebody else"):
        actions.approve(approver, message.id, version=changed.version)
    with pytest.raises(Invalid, match="somebody else has to approve"):
        actions.send(approver, message.id)


def test_a_message_that_became_a_sev1s_needs_approval_after_all(declare, writer):
    incident = declare("sev2")
    message = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    assert message.status == "draft"
    incidents.set_severity(writer, incident.id, severity="sev1")
    with pytest.raises(Invalid, match="somebody else has to approve"):
        actions.send(writer, message.id)
    assert actions.submit(writer, message.id).status == "waiting"


def test_colleagues_are_told_without_waiting(declare, writer):
    incident = declare("sev1")
    message = actions.compose(writer, incident.id, channel="mail", audience="internal", subject="Trouble", body=TEXT)
    assert message.status == "draft"
    assert actions.send(writer, message.id).status == "sent"


def test_sending_publishes_the_incident_and_starts_the_timer(declare, writer, raw):
    incident = declare()
    message = actions.compose(
        writer, incident.id, channel="status_page", subject="Payments fail", body="More by {{next_update.at}}.",
        incident_status="identified", next_update_minutes=30,
    )  # fmt: skip
    sent = actions.send(writer, message.id)
    row = raw("SELECT is_public, public_title, next_update_at, status FROM incident")[0]
    assert (row.is_public, row.public_title, row.status) == (True, "Payments fail", "investigating")
    assert row.next_update_at == sent.sent_at + timedelta(minutes=30)
    assert sent.body == f"More by {row.next_update_at:%d %b %Y %H:%M} UTC."
    with pytest.raises(Invalid, match="is sent"):
        actions.send(writer, message.id)
    with pytest.raises(Invalid, match="is sent"):
        actions.update(writer, message.id, version=sent.version, body="Never mind.")
    with pytest.raises(Invalid, match="is sent"):
        actions.cancel(writer, message.id)


def test_a_public_word_without_a_promise_ends_the_timer_and_one_among_colleagues_does_not(declare, writer, raw):
    incident = declare()
    timing.set_timer(writer, incident.id, minutes=10)
    inside = actions.compose(writer, incident.id, channel="mail", audience="internal", subject="Trouble", body=TEXT)
    actions.send(writer, inside.id)
    assert raw("SELECT next_update_at FROM incident")[0].next_update_at is not None
    public = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    actions.send(writer, public.id)
    assert raw("SELECT next_update_at FROM incident")[0].next_update_at is None


def test_a_rejected_message_goes_back_with_a_reason(declare, writer, approver, raw):
    incident = declare("sev1")
    message = actions.compose(writer, incident.id, channel="status_page", body=TEXT)
    back = actions.reject(approver, message.id, reason="Name the time")
    assert (back.status, lines(raw, incident.id)[-1]) == (
        "draft",
        "The word on the status page given back: Name the time",
    )
    gone = actions.cancel(writer, message.id)
    assert gone.status == "cancelled"
    with pytest.raises(Invalid, match="is cancelled"):
        actions.approve(approver, message.id, version=gone.version)


def test_nothing_is_told_of_an_incident_that_was_merged(declare, writer):
    one, into = declare(), declare(title="All is down")
    message = actions.compose(writer, one.id, channel="status_page", body=TEXT)
    merging.merge(writer, [one.id], into_id=into.id)
    with pytest.raises(Invalid, match="merged"):
        actions.send(writer, message.id)
    with pytest.raises(Invalid, match="merged"):
        actions.compose(writer, one.id, channel="status_page", body=TEXT)
    listed = queries.messages(writer, into.id)
    assert list(listed["id"]) == [str(message.id)]  # the one that goes on shows what was written


def test_what_is_not_there_is_not_found(writer):
    for act in (actions.send, actions.submit):
        with pytest.raises(NotFound):
            act(writer, uuid7())
    with pytest.raises(NotFound):
        actions.compose(writer, uuid7(), channel="status_page", body=TEXT)


def test_the_timer_is_for_incidents_that_run(declare, writer):
    incident = declare()
    incidents.resolve(writer, incident.id, resolution="Restarted")
    with pytest.raises(Invalid, match="resolved"):
        timing.set_timer(writer, incident.id, minutes=10)
