"""From an alert to the message that people get: routing, retries, digests, escalation, silences, the end."""

from datetime import timedelta

import pytest

from core.health.alerts import actions as alerts
from core.health.alerts import lifecycle, silence_actions
from core.health.alerts.findings import Finding
from core.health.channels import actions, delivering, routes
from core.health.channels.escalating import escalate
from core.health.channels.rules import DIGEST, GATHER, PAUSES
from core.kernel.times import utc_now
from tests.core.health.channels_setup import SYSTEM, channel, clear, fire, hand_over, route, rule_of
from tests.core.platform.webhooks.conftest import loopback_allowed  # noqa: F401
from tests.core.platform.webhooks.receiver import receiving


@pytest.fixture
def receiver(committed_db, loopback_allowed):  # noqa: F811
    hand_over()
    with receiving() as running:
        yield running


@pytest.fixture
def ops(receiver):
    return channel("Ops", f"json://127.0.0.1:{receiver.port}/ops")


def send(minutes: float = 1) -> int:
    """What is due so many minutes from now."""
    return delivering.send_due(utc_now() + timedelta(minutes=minutes))


def bodies(receiver, path: str | None = None) -> list[str]:
    return [one.body.decode() for one in receiver.requests if path in (None, one.path)]


def log(committed_raw, columns: str = "channel, reason, status, attempts"):
    rows = committed_raw(f"SELECT {columns} FROM alert_notification ORDER BY created_at, id")
    return [tuple(row) for row in rows]


def test_an_alert_reaches_its_channel_once_and_says_what_since_when_how_bad_and_who(receiver, ops, committed_raw):
    route(ops)
    fire("web-1")
    assert delivering.send_due() == 0  # it gathers a moment
    assert send() == 1
    assert send(2) == 0
    told = bodies(receiver)[0]
    for part in ("[Warning]", "CPU used is 92 % (web-1).", "Since:", "How bad: warning", "Who is hit: web-1"):
        assert part in told, part
    assert log(committed_raw) == [("Ops", "opened", "sent", 1)]


def test_the_link_leads_to_the_alert(receiver, ops, monkeypatch):
    from core.kernel.settings import settings

    monkeypatch.setenv("PUBLIC_URL", "https://portal.example.com/")
    settings.cache_clear()
    route(ops)
    [alert_id] = fire("web-1")
    send()
    assert f"https://portal.example.com/alerts?alert={alert_id}" in bodies(receiver)[0].replace("\\/", "/")


def test_without_a_route_nobody_is_told(receiver, ops, committed_raw):
    fire("web-1")
    assert send() == 0 and log(committed_raw) == []


def test_an_event_that_comes_again_is_told_once(receiver, ops, committed_raw):
    route(ops)
    fire("web-1")
    committed_raw("UPDATE event_cursor SET xid = '0' WHERE subscriber = 'webhooks.fan_out'")
    hand_over()
    assert len(log(committed_raw)) == 1


def test_two_routes_to_one_channel_make_one_message(receiver, ops, committed_raw):
    route(ops, continues=True)
    route(ops, name="Again")
    fire("web-1")
    assert send() == 1 and len(log(committed_raw)) == 1


def test_a_failing_receiver_is_tried_again_with_growing_pauses_until_it_answers(receiver, ops, committed_raw):
    route(ops)
    fire("web-1")
    receiver.answer = lambda _: 503
    now = utc_now() + timedelta(minutes=1)
    for attempt, pause in enumerate(PAUSES[:3], start=1):
        assert delivering.send_due(now) == 0
        assert log(committed_raw) == [("Ops", "opened", "waiting", attempt)]
        assert delivering.send_due(now + pause - timedelta(seconds=1)) == 0
        assert len(receiver.requests) == attempt
        now += pause
    receiver.answer = lambda _: 204
    assert delivering.send_due(now) == 1
    assert delivering.send_due(now + timedelta(hours=1)) == 0
    assert log(committed_raw, "status, attempts, error") == [("sent", 4, None)]


def test_after_the_fifth_attempt_it_has_failed_and_says_why(receiver, ops, committed_raw):
    route(ops)
    fire("web-1")
    receiver.answer = lambda _: 500
    now = utc_now()
    for _ in range(7):
        now += timedelta(hours=1)
        delivering.send_due(now)
    [(status, attempts, error)] = log(committed_raw, "status, attempts, error")
    assert (status, attempts) == ("failed", 5) and "500" in error
    assert len(receiver.requests) == 5


def test_a_broken_channel_holds_up_no_other(receiver, ops, committed_raw):
    dead = channel("Dead", "json://127.0.0.1:9/dead")
    route(dead, ops)
    fire("web-1")
    assert send() == 1
    assert set(log(committed_raw, "channel, status")) == {("Dead", "waiting"), ("Ops", "sent")}


def test_who_got_the_opening_gets_the_end_and_nobody_else(receiver, ops, committed_raw):
    other = channel("Other", f"json://127.0.0.1:{receiver.port}/other")
    route(ops)
    [alert_id] = fire("web-1")
    send()
    routes.create(SYSTEM, name="Other", channel_ids=[other])
    clear(alert_id)
    assert send() == 1
    assert "[Resolved]" in bodies(receiver, "/ops")[1] and bodies(receiver, "/other") == []
    clear(alert_id)
    assert send(10) == 0


def test_what_was_over_before_it_was_sent_is_not_sent(receiver, ops, committed_raw):
    route(ops)
    [alert_id] = fire("web-1")
    clear(alert_id)
    assert send() == 0 and receiver.requests == []
    assert log(committed_raw, "status, error") == [("suppressed", "It was over before it was sent.")]


def test_the_end_waits_for_an_opening_that_is_still_being_tried(receiver, ops, committed_raw):
    route(ops)
    [alert_id] = fire("web-1")
    receiver.answer = lambda _: 500
    send()
    clear(alert_id)
    receiver.answer = lambda _: 204
    assert send(10) == 1
    assert send(11) == 1
    assert ["[Resolved]" in body for body in bodies(receiver)] == [False, False, True]


def test_dismissed_and_resolved_by_somebody_are_told_as_ends(receiver, ops):
    route(ops)
    first, second = fire("web-1", "web-2")
    send()
    alerts.dismiss(SYSTEM, [first], reason="A load test")
    hand_over()
    send(5)
    alerts.resolve(SYSTEM, [second], note="Restarted it")
    hand_over()
    send(10)
    assert "[Dismissed]" in bodies(receiver)[1] and "[Resolved]" in bodies(receiver)[2]
    assert "web-2" in bodies(receiver)[2]


def test_a_storm_is_one_message(receiver, ops, committed_raw):
    route(ops)
    fire(*(f"web-{number}" for number in range(40)))
    assert send() == 1
    told = bodies(receiver)[0]
    assert "40 alerts" in told and "and 20 more" in told and told.count("CPU used is 92 %") == 20
    assert len(set(log(committed_raw, "message_id"))) == 1
    fire("web-late")
    now = utc_now() + timedelta(minutes=1) + GATHER
    assert delivering.send_due(now) == 0  # the group was told less than a minute ago
    assert delivering.send_due(now + DIGEST) == 1


def test_where_each_alert_is_an_incident_nothing_is_put_together(receiver, ops, monkeypatch):
    from core.health.channels.kinds import KINDS

    incidents = {"json": KINDS["pagerduty"]}
    monkeypatch.setattr("core.health.channels.delivering.KINDS", {**KINDS, **incidents})
    route(ops)
    fire("web-1", "web-2")
    assert send() == 2


def test_children_of_a_cause_are_not_told_until_they_stand_alone(receiver, ops, committed_raw):
    route(ops)
    [cause] = fire("web-1")
    child = Finding(rule_of("server-memory"), "web-1", 0.95, subject="web-1", summary="Memory is short.", unit="ratio")
    lifecycle.open_many(SYSTEM, [child], parent_id=cause)
    hand_over()
    assert [row[0] for row in log(committed_raw, "alert_id")] == [cause]
    alert_id = committed_raw("SELECT id FROM alert WHERE parent_id IS NOT NULL")[0].id
    lifecycle.detach_many(SYSTEM, [alert_id])
    hand_over()
    assert {row[0] for row in log(committed_raw, "alert_id")} == {cause, alert_id}


def test_a_silence_keeps_it_quiet_and_after_it_what_still_fires_is_told(receiver, ops, committed_raw):
    route(ops)
    silence = silence_actions.create(
        SYSTEM, ends_at=utc_now() + timedelta(hours=1), reason="Moving house", subject_pattern="web-*"
    )
    fire("web-1")
    assert send() == 0 and receiver.requests == []
    assert log(committed_raw, "status, error") == [("waiting", "It is silenced.")]
    silence_actions.expire(SYSTEM, silence.id)
    assert send(30) == 0  # not before the silence was to end
    assert send(61) == 1


def test_what_ends_during_a_silence_is_never_told(receiver, ops, committed_raw):
    route(ops)
    silence_actions.create(
        SYSTEM, ends_at=utc_now() + timedelta(hours=1), reason="Moving house", subject_pattern="web-*"
    )
    [alert_id] = fire("web-1")
    send()
    clear(alert_id)
    assert send(90) == 0 and receiver.requests == []


def test_a_disabled_channel_is_passed_over_and_the_log_says_so(receiver, ops, committed_raw):
    route(ops)
    fire("web-1")
    actions.disable(SYSTEM, ops, reason="The team moved")
    fire("web-2")
    assert send() == 0
    assert set(log(committed_raw, "status, error")) == {
        ("suppressed", "The channel was disabled."), ("suppressed", "The channel is disabled."),
    }  # fmt: skip


def test_nobody_acknowledges_so_it_escalates_and_repeats_until_somebody_does(receiver, ops, committed_raw):
    lead = channel("Lead", f"json://127.0.0.1:{receiver.port}/lead")
    route(ops, escalate_after_minutes=15, escalation_channel_ids=[lead], repeat_every_minutes=30)
    [alert_id] = fire("web-1")
    opened = utc_now()
    send()
    assert escalate(opened + timedelta(minutes=14)) == 0
    assert escalate(opened + timedelta(minutes=16)) == 1
    assert escalate(opened + timedelta(minutes=17)) == 0
    assert delivering.send_due(opened + timedelta(minutes=17)) == 1
    assert "not acknowledged for 17 min" in bodies(receiver, "/lead")[0]
    assert escalate(opened + timedelta(minutes=47)) == 1
    assert log(committed_raw, "channel, reason")[1:] == [("Lead", "escalated"), ("Lead", "repeat")]
    alerts.acknowledge(SYSTEM, [alert_id])
    hand_over()
    assert escalate(opened + timedelta(hours=3)) == 0
    assert delivering.send_due(opened + timedelta(hours=3)) == 0
    assert log(committed_raw, "reason, status")[-1] == ("repeat", "suppressed")
    clear(alert_id)
    assert send(300) == 2  # both who were told are told that it is over


def test_what_is_over_or_silenced_does_not_escalate(receiver, ops, committed_raw):
    route(ops, escalate_after_minutes=5, escalation_channel_ids=[ops])
    first, second = fire("web-1", "api-1")
    clear(first)
    silence_actions.create(SYSTEM, ends_at=utc_now() + timedelta(hours=1), reason="Moving", subject_pattern="api-*")
    assert escalate(utc_now() + timedelta(minutes=6)) == 0
    assert [row.alert_id for row in committed_raw("SELECT alert_id FROM alert_escalation")] == [second]


def test_severity_area_and_hours_choose_the_channel(receiver, ops):
    night = channel("Night", f"json://127.0.0.1:{receiver.port}/night")
    now = utc_now()
    route(night, name="Other days", weekdays=[(now.weekday() + 3) % 7])
    route(night, name="Critical", severities=["critical"])
    route(ops, name="Servers", areas=["servers"])
    fire("web-1")
    fire("mail", key="component-down")
    send()
    assert "web-1" in bodies(receiver, "/ops")[0] and len(bodies(receiver, "/ops")) == 1
    assert "mail" in bodies(receiver, "/night")[0] and len(bodies(receiver, "/night")) == 1


def test_two_senders_at_once_send_each_message_once(receiver, ops):
    from concurrent.futures import ThreadPoolExecutor

    route(ops)
    fire("web-1")
    fire("api", key="component-down")
    at = utc_now() + timedelta(minutes=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: delivering.send_due(at), range(8)))
    assert len(receiver.requests) == 2


def test_a_mail_to_a_real_server(committed_db, mailbox):
    route(channel("Mail", "mail://ops@example.com,lead@example.com"))
    hand_over()
    fire("web-1")
    assert send() == 1
    assert [mail.rcpt_tos[0] for mail in mailbox.mails] == ["ops@example.com", "lead@example.com"]
    assert b"CPU used is 92" in mailbox.mails[0].content
