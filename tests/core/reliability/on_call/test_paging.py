"""Pages: whom each step calls, once; until somebody acknowledges, the incident is over, or nobody is left to call."""

import re
import threading
from datetime import timedelta

import pytest

from core.health.channels import actions as channels
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.times import utc_now
from core.reliability.incidents import actions as incidents
from core.reliability.on_call import answering, delivering, escalating, page_queries, pages, paging
from tests.core.reliability.on_call.given import SYSTEM, colleague, event, incident, policy, schedule

MINUTE = timedelta(minutes=1)


def run(now=None):
    """What the job does, at a later time."""
    moment = now or utc_now()
    return escalating.escalate(SYSTEM, now=moment), delivering.deliver(SYSTEM, now=moment)


def mails(mailbox):
    return [(mail.rcpt_tos[0], mail.content.decode()) for mail in mailbox.mails]


def outcomes(raw):
    rows = raw("SELECT round, step, outcome FROM on_call_delivery ORDER BY at, round, step, id")
    return [tuple(row) for row in rows]


def test_an_incident_calls_who_is_on_call_and_then_the_others(db, mailbox, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    row = policy(
        (0, [schedule("Primary", [ann]).id], [ann], []), (10, [], [ben], []), repeats=1, repeat_after_minutes=5
    )
    found = incident(services=["checkout"])
    told = event("incidents.declare", found)
    paging.page_for_incident(told)
    paging.page_for_incident(told)
    (page,) = raw("SELECT id, next_at FROM on_call_page")
    begun = page.next_at
    assert run(begun) == (1, 1)
    assert run(begun + 9 * MINUTE) == (0, 0)
    assert run(begun + 10 * MINUTE) == (1, 1)
    assert run(begun + 15 * MINUTE) == (1, 1)
    assert run(begun + 25 * MINUTE) == (1, 1)
    assert run(begun + 30 * MINUTE) == (1, 0)
    assert run(begun + 99 * MINUTE) == (0, 0)
    assert [address for address, _ in mails(mailbox)] == [
        "ann@example.com", "ben@example.com", "ann@example.com", "ben@example.com",
    ]  # fmt: skip
    assert outcomes(raw) == [(0, 0, "sent"), (0, 1, "sent"), (1, 0, "sent"), (1, 1, "sent")]
    (ended,) = raw("SELECT status, next_at FROM on_call_page")
    assert tuple(ended) == ("exhausted", None)
    text = mails(mailbox)[0][1]
    assert f"[SEV1] INC-{found.number:06}: Checkout fails" in text
    assert "Services: checkout" in text
    lines = raw("SELECT text FROM incident_event WHERE kind = 'page' ORDER BY at, id")
    assert [line.text for line in lines][:2] == ["People are paged by the policy Default.", "Step 1: Ann called."]
    assert lines[-1].text.startswith("Nobody has acknowledged")
    assert page_queries.open_count(SYSTEM) == 1
    assert pages.acknowledge(SYSTEM, page.id).status == "acknowledged"
    assert row.name == page_queries.pages_of(SYSTEM, found.id)["policy"].iloc[0]


def test_a_policy_pages_for_its_severities_and_services_alone(db, raw):
    ann = colleague("Ann")
    policy((0, [], [ann], []), name="SEV1 of checkout", services=["checkout"])
    policy((0, [], [ann], []), name="All SEV2", severities=["sev2"])
    for severity, services in (("sev1", ["search"]), ("sev3", []), ("sev2", ["search"])):
        paging.page_for_incident(event("incidents.declare", incident(severity, services=services)))
    named = "SELECT e.name FROM on_call_page p JOIN escalation_policy e ON e.id = p.policy_id"
    assert [row.name for row in raw(named)] == ["All SEV2"]
    old = event("incidents.declare", incident("sev2"), at=utc_now() - timedelta(hours=7))
    paging.page_for_incident(old)
    assert len(raw("SELECT 1 FROM on_call_page")) == 1


def test_a_graver_incident_calls_by_more_policies_and_none_twice(db, raw):
    ann = colleague("Ann")
    policy((0, [], [ann], []), name="Both", severities=["sev1", "sev2"])
    policy((0, [], [ann], []), name="Grave", severities=["sev1"])
    found = incident("sev2")
    paging.page_for_incident(event("incidents.declare", found))
    incidents.set_severity(SYSTEM, found.id, severity="sev1")
    paging.page_for_incident(event("incidents.set_severity", found))
    assert len(raw("SELECT 1 FROM on_call_page")) == 2


def test_nobody_on_call_means_the_next_step_at_once(db, mailbox, raw):
    ann = colleague("Ann")
    made = policy((0, [schedule("Empty").id], [], []), (30, [], [ann], []))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    moment = utc_now()
    assert run(moment) == (1, 0)
    assert run(moment) == (1, 1)
    assert outcomes(raw) == [(0, 0, "nobody"), (0, 1, "sent")]
    texts = [row.text for row in raw("SELECT text FROM incident_event WHERE kind = 'page' ORDER BY at, id")]
    assert "Step 1: nobody could be called. Nobody is on call in Empty." in texts


def test_after_a_standstill_the_steps_keep_their_distance(db, mailbox, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    made = policy((0, [], [ann], []), (10, [], [ben], []))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    late = utc_now() + timedelta(hours=1)
    assert run(late) == (1, 1)
    assert run(late + 9 * MINUTE) == (0, 0)
    assert run(late + 10 * MINUTE) == (1, 1)


def test_who_acknowledges_stops_it_and_what_waits_is_not_sent(db, actor_of, mailbox, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    made = policy((0, [], [ann], []), (10, [], [ben], []))
    found = incident()
    page = pages.page(SYSTEM, found.id, policy_id=made.id)
    with pytest.raises(Invalid, match="pages for this incident already"):
        pages.page(SYSTEM, found.id, policy_id=made.id)
    escalating.escalate(SYSTEM)
    with pytest.raises(Denied):
        pages.acknowledge(actor_of("support_tier_1"), page.id)
    pages.acknowledge(actor_of("support", name="Cleo"), page.id)
    with pytest.raises(Invalid, match="Cleo has acknowledged"):
        pages.acknowledge(actor_of("support"), page.id)
    assert run(utc_now() + timedelta(hours=1)) == (0, 0)
    assert (mails(mailbox), outcomes(raw)) == ([], [(0, 0, "not needed")])
    (payload,) = raw("SELECT payload FROM event WHERE type = 'on_call.acknowledge'")
    assert payload[0]["incident_id"] == str(found.id)


def test_the_link_of_a_mail_acknowledges_once_in_the_name_of_its_owner(db, mailbox, raw):
    ann = colleague("Ann")
    made = policy((0, [], [ann], []))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    run()
    text = mails(mailbox)[0][1].replace("=\r\n", "").replace("\r\n", "\n").replace("=3D", "=")
    token = re.search(r"/api/on-call/acknowledge/([\w-]+)", text)[1]
    assert token not in str(raw("SELECT * FROM on_call_delivery"))
    asked = answering.asked(token)
    assert (asked.name, asked.state) == ("Ann", "open")
    assert not asked.actor().may("tenants:read")
    pages.acknowledge_by_link(asked.actor(), token)
    (row,) = raw("SELECT status, acknowledged_by FROM on_call_page")
    assert tuple(row) == ("acknowledged", ann)
    with pytest.raises(Invalid, match="Ann has acknowledged"):
        pages.acknowledge_by_link(asked.actor(), token)
    with pytest.raises(NotFound):
        pages.acknowledge_by_link(asked.actor(), token + "x")
    raw("UPDATE on_call_page SET status = 'open'; UPDATE on_call_delivery SET at = at - interval '8 days'")
    with pytest.raises(Invalid, match="expired"):
        pages.acknowledge_by_link(asked.actor(), token)
    raw("UPDATE operator SET disabled_at = now()")
    assert answering.asked(token) is None


def test_the_end_of_the_incident_ends_its_pages(db, mailbox, raw):
    ann = colleague("Ann")
    made = policy((0, [], [ann], []))
    found, taken = incident(), incident()
    for one in (found, taken):
        pages.page(SYSTEM, one.id, policy_id=made.id)
    paging.follow_acknowledgement(event("incidents.acknowledge", taken))
    incidents.resolve(SYSTEM, found.id, resolution="Rolled back.")
    paging.follow_the_end(event("incidents.resolve", found))
    rows = raw("SELECT incident_id, status, acknowledged_by_name FROM on_call_page")
    assert {row[0]: tuple(row[1:]) for row in rows} == {found.id: ("resolved", None), taken.id: ("acknowledged", "Ann")}
    assert run(utc_now() + MINUTE) == (0, 0)
    with pytest.raises(Invalid, match="over"):
        pages.page(SYSTEM, found.id, policy_id=made.id)


def test_a_mail_that_is_refused_is_tried_again_and_then_has_failed(db, mailbox, raw):
    ann = colleague("Ann")
    channel = channels.create(SYSTEM, name="Ops", url="mail://ops@example.com")
    made = policy((0, [], [ann], [channel.id]))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    mailbox.answer = "450 later"
    moment = utc_now()
    run(moment)
    assert {row.outcome for row in raw("SELECT outcome FROM on_call_delivery")} == {"queued"}
    mailbox.answer = "250 OK"
    delivering.deliver(SYSTEM, now=moment + MINUTE)
    assert sorted(address for address, _ in mails(mailbox)) == ["ann@example.com", "ops@example.com"]
    shown = page_queries.deliveries(SYSTEM, raw("SELECT id FROM on_call_page")[0].id)
    assert sorted(shown[["whom", "kind", "outcome", "attempts"]].values.tolist()) == [
        ["Ann", "person", "sent", 2], ["Ops", "channel", "sent", 2],
    ]  # fmt: skip
    raw("UPDATE on_call_delivery SET outcome = 'queued', attempts = 4, due_at = now()")
    mailbox.answer = "450 later"
    delivering.deliver(SYSTEM, now=moment + timedelta(hours=1))
    assert {row.outcome for row in raw("SELECT outcome FROM on_call_delivery")} == {"failed"}


def test_a_step_that_fails_is_taken_whole_later_and_holds_up_no_other(db, monkeypatch, mailbox, raw):
    ann = colleague("Ann")
    made = policy((0, [], [ann], []))
    broken, sound = incident(), incident()
    first = pages.page(SYSTEM, broken.id, policy_id=made.id)
    pages.page(SYSTEM, sound.id, policy_id=made.id)
    add = escalating.timeline.add

    def failing(tx, found, *given, **named):
        if found.id == broken.id:
            raise RuntimeError("lost")
        return add(tx, found, *given, **named)

    monkeypatch.setattr(escalating.timeline, "add", failing)
    with pytest.raises(RuntimeError, match="lost"):
        escalating.escalate(SYSTEM)
    assert [row.page_id == first.id for row in raw("SELECT page_id FROM on_call_delivery")] == [False]
    monkeypatch.setattr(escalating.timeline, "add", add)
    assert escalating.escalate(SYSTEM) == 1
    assert len(raw("SELECT 1 FROM on_call_delivery")) == 2


def test_two_workers_take_a_step_once_and_send_one_mail(committed_db, committed_raw, mailbox):
    ann = colleague("Ann")
    made = policy((0, [], [ann], []))
    pages.page(SYSTEM, incident().id, policy_id=made.id)
    gate = threading.Barrier(4)

    def work():
        gate.wait()
        escalating.escalate(Actor.system("worker"))
        delivering.deliver(Actor.system("worker"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(mailbox.mails) == 1
    assert [tuple(row) for row in committed_raw("SELECT step, outcome FROM on_call_delivery")] == [(0, "sent")]
    assert committed_raw("SELECT step FROM on_call_page")[0].step == 1
