"""From a sent message to the mails and calls that arrive, and the log of them."""

import pytest

from core.health.channels import actions as channels
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.reliability.communication import actions, audience, delivering, queries, reminding, timing
from core.reliability.communication.tasks import deliver_waiting
from core.reliability.incidents import actions as incidents
from tests.core.customers.test_tenants import make
from tests.core.platform.webhooks.conftest import loopback_allowed  # noqa: F401
from tests.core.platform.webhooks.receiver import receiving

BODY = "Hello {{tenant.name}}, we look into it."


@pytest.fixture
def ops(db, system, loopback_allowed):  # noqa: F811
    with receiving() as running:
        made = channels.create(system, name="Ops", url=f"json://127.0.0.1:{running.port}/ops")
        yield running, made.id


def mail_to(writer, incident, audience="affected", **values):
    given = {"subject": "Trouble at {{tenant.name}}", "body": BODY} | values
    message = actions.compose(writer, incident.id, channel="mail", audience=audience, **given)
    return actions.send(writer, message.id)


def log(raw) -> list[tuple]:
    found = raw("SELECT recipient, outcome, error FROM incident_delivery ORDER BY recipient")
    return [(row.recipient, row.outcome, row.error) for row in found]


def received(mailbox) -> dict[str, str]:
    return {mail.rcpt_tos[0]: mail.content.decode() for mail in mailbox.mails}


def test_the_administrators_of_affected_tenants_get_a_mail_each(
    declare, other, writer, mailbox, run_jobs, raw, approver
):
    incident = declare()
    message = mail_to(writer, incident)
    assert run_jobs() == 1
    arrived = received(mailbox)
    assert list(arrived) == ["zoe@acme.example"]
    assert "Subject: Trouble at Acme" in arrived["zoe@acme.example"]
    assert "Hello Acme, we look into it." in arrived["zoe@acme.example"]
    assert "To: zoe@acme.example" in arrived["zoe@acme.example"]
    assert log(raw) == [("zoe@acme.example", "sent", None)]
    page = queries.deliveries(approver, message.id)
    assert list(page.frame["recipient"]) == ["zoe@acme.example"]
    assert list(page.frame["tenant"]) == ["Acme"]
    shown = queries.messages(writer, incident.id).iloc[0]
    assert (shown["sent"], shown["queued"], shown["failed"]) == (1, 0, 0)


def test_a_job_that_runs_again_sends_nothing_twice(declare, writer, system, mailbox, run_jobs, raw):
    from core.reliability.communication.tasks import deliver

    message = mail_to(writer, declare())
    run_jobs()
    deliver(system, message_id=str(message.id))
    deliver_waiting(system)
    assert len(mailbox.mails) == 1


def test_all_tenants_are_told_each_address_once_and_those_without_one_are_named(
    declare, other, writer, system, person_of, mailbox, run_jobs, raw
):
    person_of(other, "ZOE@acme.example")  # runs two tenants
    make(system, "Silent", domain="silent.example")
    mail_to(writer, declare(), "all")
    run_jobs()
    assert sorted(received(mailbox)) == ["otto@other.example", "zoe@acme.example"]
    assert log(raw) == [
        ("nobody at Silent (silent.example)", "no recipient", None), ("otto@other.example", "sent", None),
        ("zoe@acme.example", "sent", None),
    ]  # fmt: skip


def test_who_is_hit_is_settled_when_the_message_is_sent(declare, other, writer, mailbox, run_jobs, raw, acme):
    incident = declare()
    message = mail_to(writer, incident)
    raw("UPDATE incident_tenant SET tenant_id = :t", t=other.id)
    run_jobs()
    assert list(received(mailbox)) == ["zoe@acme.example"]
    assert message.tenant_ids == [acme.id]


def test_colleagues_who_have_a_part_are_mailed(declare, writer, approver, mailbox, run_jobs):
    incident = declare()
    incidents.assign_role(writer, incident.id, role="scribe", operator_id=approver.operator_id)
    mail_to(writer, incident, "internal", body="Look at it.", subject="Trouble")
    run_jobs()
    assert list(received(mailbox)) == ["ada@deck.example"]


def test_a_mail_that_cannot_be_taken_now_goes_out_later_and_a_refused_one_never(
    declare, writer, system, mailbox, run_jobs, raw
):
    mail_to(writer, declare())
    mailbox.answer = "451 try again later"
    run_jobs()
    assert mailbox.mails == []
    assert log(raw)[0][1] == "queued"
    assert "try again later" in log(raw)[0][2]
    mailbox.answer = "250 OK"
    deliver_waiting(system)
    assert log(raw) == [("zoe@acme.example", "sent", None)]
    mail_to(writer, declare(title="Again"))
    mailbox.answer = "550 no such person"
    run_jobs()
    deliver_waiting(system)
    outcomes = raw("SELECT outcome, error FROM incident_delivery WHERE outcome <> 'sent'")
    assert [row.outcome for row in outcomes] == ["failed"]
    assert "no such person" in outcomes[0].error


def test_what_waited_too_long_is_given_up(declare, writer, system, mailbox, run_jobs, raw):
    mail_to(writer, declare())
    mailbox.answer = "451 try again later"
    run_jobs()
    raw("UPDATE incident_delivery SET at = now() - interval '7 hours'")
    deliver_waiting(system)
    assert log(raw)[0][1] == "failed"


def test_without_a_mail_server_the_log_says_so(declare, writer, run_jobs, raw, monkeypatch):
    monkeypatch.delenv("SMTP_URL", raising=False)
    settings.cache_clear()
    mail_to(writer, declare())
    run_jobs()
    assert log(raw) == [("zoe@acme.example", "no mail server", None)]


def test_what_another_sender_holds_is_left_to_it(declare, writer, system, mailbox, run_jobs, raw):
    mail_to(writer, declare())
    raw("UPDATE incident_message SET status = status")
    from core.reliability.communication import expanding

    message_id = raw("SELECT id FROM incident_message")[0].id
    expanding.expand(system, message_id)
    raw("UPDATE incident_delivery SET claimed_at = now()")
    assert delivering.deliver(system) == 0
    raw("UPDATE incident_delivery SET claimed_at = now() - interval '6 minutes'")  # it has died
    assert delivering.deliver(system) == 1
    assert len(mailbox.mails) == 1


def test_channels_are_told_and_a_disabled_one_is_logged_as_failed(declare, writer, system, ops, run_jobs, raw):
    receiver, channel_id = ops
    incident = declare("sev1")
    for text in ("Now: {{incident.status}}.", "Still."):
        message = actions.compose(
            writer, incident.id, channel="slack", channel_ids=[channel_id], subject="{{incident.number}}", body=text
        )
        actions.send(writer, message.id)
        run_jobs()
        if text == "Still.":
            break
        channels.disable(system, channel_id, reason="Noise")
        channels.enable(system, channel_id)
    assert len(receiver.requests) == 2
    assert "Now: investigating." in receiver.requests[0].body.decode()
    last = actions.compose(writer, incident.id, channel="slack", channel_ids=[channel_id], body="More.")
    actions.send(writer, last.id)
    channels.disable(system, channel_id, reason="Noise")
    run_jobs()
    assert len(receiver.requests) == 2
    assert [one[1] for one in log(raw)] == ["sent", "sent", "failed"]


def test_a_word_on_the_status_page_is_logged(declare, writer, run_jobs, raw):
    message = actions.compose(writer, declare().id, channel="status_page", body="We look into it.")
    actions.send(writer, message.id)
    run_jobs()
    assert log(raw) == [("Status page", "sent", None)]


def test_the_reach_is_counted_whoever_asks_and_shows_what_the_viewer_may_see(declare, other, writer, actor_of, system):
    silent = make(system, "Silent")
    incident = declare()
    hit = audience.reach(writer, incident.id, channel="mail")
    assert (hit.tenants, hit.recipients, hit.without) == (1, 1, 0)
    everybody = audience.reach(actor_of("developer"), incident.id, channel="mail", audience="all")
    assert (everybody.tenants, everybody.recipients, everybody.without) == (3, 2, 1)
    assert everybody.listed.empty  # developers see no tenants
    some = audience.reach(writer, incident.id, channel="mail", audience="tenants", tenant_ids=[silent.id, other.id])
    assert list(some.listed["tenant"]) == ["Other", "Silent"]
    assert list(some.listed["recipients"]) == [1, 0]


def test_addresses_are_masked_for_who_may_not_see_people(declare, writer, mailbox, run_jobs, actor_of):
    message = mail_to(writer, declare())
    run_jobs()
    seen = queries.deliveries(actor_of("support_tier_1"), message.id).frame["recipient"][0]
    assert seen.startswith("z…@acme.example")


def test_a_late_update_is_told_once_to_the_lead(declare, writer, approver, system, mailbox, raw):
    incident = declare(lead_id=approver.operator_id)
    timing.set_timer(writer, incident.id, minutes=10)
    assert reminding.remind(system) == 0
    assert queries.overdue(writer) == 0
    raw("UPDATE incident SET next_update_at = :at", at=utc_now().replace(microsecond=120))
    assert queries.overdue(writer) == 1
    assert reminding.remind(system) == 1
    assert reminding.remind(system) == 0
    assert list(received(mailbox)) == ["ada@deck.example"]
    late = raw("SELECT count(*) AS n FROM incident_event WHERE source = 'update_due'")[0].n
    assert late == 1
    timing.set_timer(writer, incident.id, minutes=None)
    assert queries.overdue(writer) == 0
