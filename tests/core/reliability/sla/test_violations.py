"""Violations of contracts: opened, kept, ended, told once; and what people say of them."""

from decimal import Decimal

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.reads import read
from core.reliability.sla import alerting, exclusions, queries, tasks
from core.reliability.sla.minutes import evaluate
from core.reliability.sla.spans import counted
from tests.core.reliability.sla.agreed import (
    DAY,
    HOUR,
    MINUTE,
    SYSTEM,
    at,
    contract,
    course,
    monitor,
    requests,
    tenant,
    window,
)
from tests.core.support.breaches import given

NOON = at("2026-03-10", "12:00")


def violations(raw):
    return raw("SELECT * FROM sla_violation ORDER BY started_at, metric")


def at_minutes(*until):
    for minutes in until:
        evaluate(since=NOON - HOUR, until=NOON + minutes * MINUTE)


def an_outage(minutes, **terms):
    """Of a contract that is watched by one monitor, from noon."""
    acme = tenant()
    agreed = contract(acme, starts="2026-01-01", **terms)
    course(monitor(acme), (NOON - DAY, "up"), (NOON, "down"), (NOON + minutes * MINUTE, "up"))
    return acme, agreed


def test_an_outage_opens_with_its_first_minute_lasts_and_ends_after_two_good_ones(raw):
    an_outage(6)
    found = []
    for minutes in (0, 1, 3, 6, 7, 8, 30):
        at_minutes(minutes)
        found.append([(row.minutes, row.ended_at, row.impact) for row in violations(raw)])
    ended = NOON + 6 * MINUTE
    assert found == [
        [], [(1, None, "minor")], [(3, None, "minor")], [(6, None, "major")], [(6, None, "major")], [(6, ended, "major")],
        [(6, ended, "major")],
    ]  # fmt: skip
    [one] = violations(raw)
    assert (one.started_at, one.last_bad_at, one.metric, one.target) == (NOON, ended, "uptime", 99.95)
    observed = 31 * 1440 - (9 * 1440 + 660)  # of March, what was not measured before
    assert one.actual == pytest.approx(100 * (observed - 6) / observed)


def test_the_months_shortfall_makes_a_short_outage_grave(raw):
    acme, _ = an_outage(3)
    requests(acme, [])
    course(monitor(acme), (NOON - DAY, "up"), (NOON + 20 * MINUTE, "down"), (NOON + 80 * MINUTE, "up"),
           (NOON + 200 * MINUTE, "down"), (NOON + 202 * MINUTE, "up"))  # fmt: skip
    at_minutes(300)
    at_minutes(900)
    assert [(row.minutes, row.impact) for row in violations(raw)][-1] == (2, "critical")


def test_a_change_that_was_stored_late_is_part_of_the_violation(raw):
    acme = tenant()
    agreed, watched = contract(acme), monitor(acme)
    course(watched, (NOON - DAY, "up"))
    at_minutes(40)
    course(watched, (NOON + 10 * MINUTE, "down"), (NOON + 20 * MINUTE, "up"))
    at_minutes(41)
    [one] = violations(raw)
    assert (one.started_at, one.minutes) == (NOON + 10 * MINUTE, 10)
    with read(SYSTEM) as rx:
        [sums] = counted(rx, [(agreed, NOON, NOON + 41 * MINUTE)]).values()
    assert (sums.bad, sums.observed) == (10, 41)


def test_maintenance_that_is_declared_in_an_outage_takes_its_minutes_back(raw):
    an_outage(4)
    at_minutes(4)
    window(NOON - 5 * MINUTE, 60)
    at_minutes(5)
    [one] = violations(raw)
    assert (one.minutes, one.ended_at, one.detail) == (0, NOON, {"withdrawn": True})


def test_slow_and_failing_requests_are_judged_over_five_minutes(raw):
    acme = tenant()
    contract(acme, latency_p99_ms=400, error_rate_target=Decimal(1))
    minutes = [NOON + place * MINUTE for place in range(-10, 40)]
    slow = minutes[10:14]
    requests(acme, [(minute, 30, 3 if minute in slow else 0) for minute in minutes if minute not in slow], ms=100)
    requests(acme, [(minute, 30, 3) for minute in slow], ms=650)
    at_minutes(39)
    latency, errors = sorted(violations(raw), key=lambda row: row.metric == "error_rate")
    for one in (latency, errors):
        assert (one.started_at, one.last_bad_at) == (NOON, NOON + 8 * MINUTE)
        assert one.ended_at == one.last_bad_at
    assert latency.actual == pytest.approx(650, rel=0.02)
    assert (latency.impact, errors.impact) == ("critical", "minor")
    assert errors.actual == pytest.approx(100 * 12 / 150)


def test_few_requests_say_nothing_of_latency_or_errors(raw):
    acme = tenant()
    contract(acme, latency_p99_ms=400, error_rate_target=Decimal(1))
    requests(acme, [(NOON + place * MINUTE, 3, 1) for place in range(20)], ms=900)
    at_minutes(25)
    assert violations(raw) == []


def test_an_urgent_ticket_that_nobody_answers_in_time_is_a_violation_until_somebody_does(raw):
    acme = tenant()
    contract(acme, support_response_minutes=60)
    late = given.ticket(tenant_id=acme, priority="urgent", created_at=NOON)
    given.ticket(tenant_id=acme, priority="high", created_at=NOON)
    given.ticket(
        tenant_id=acme, priority="urgent", created_at=NOON, first_response_at=NOON + 59 * MINUTE, status="in_progress"
    )
    at_minutes(60)
    assert violations(raw) == []
    at_minutes(61)
    [one] = violations(raw)
    assert (one.ticket_id, one.started_at, one.ended_at, one.metric) == (late, NOON + HOUR, None, "support_response")
    raw("UPDATE ticket SET first_response_at = :at WHERE id = :id", id=late, at=NOON + 90 * MINUTE)
    at_minutes(95)
    [one] = violations(raw)
    assert (one.ended_at, one.minutes, one.actual) == (NOON + 90 * MINUTE, 30, 90)


def test_the_csm_is_mailed_once_for_a_violation(raw, mailbox):
    csm = given.operator("Cleo", role="client_success")
    acme = tenant("Acme")
    contract(acme, csm_id=csm)
    course(monitor(acme), (NOON - DAY, "up"), (NOON, "down"))
    at_minutes(3)
    assert alerting.tell(SYSTEM) == 1
    at_minutes(20)
    assert alerting.tell(SYSTEM) == 0
    [[arguments]] = raw("SELECT args FROM procrastinate_jobs WHERE task_name = 'sla.mail_csm'")
    alerting.send(SYSTEM, csm, arguments["violation_ids"])
    [mail] = mailbox.mails
    assert mail.rcpt_tos[0].startswith("cleo.")
    assert b"SLA violation: Acme, uptime" in mail.content
    assert b"10 Mar 2026 12:00 UTC" in mail.content


def an_ended_one(raw):
    acme, agreed = an_outage(10)
    at_minutes(30)
    return acme, agreed, violations(raw)[0].id


def test_an_exclusion_counts_once_somebody_else_approved_it_and_the_original_stays(raw, actor_of):
    _, agreed, key = an_ended_one(raw)
    before = violations(raw)
    asker, decider = actor_of("client_success", scope="all"), actor_of("admin")
    asked = exclusions.ask(
        asker, key, reason="Our probe was at fault", starts_at=NOON + 2 * MINUTE, ends_at=NOON + 7 * MINUTE
    )

    def minutes():
        with read(SYSTEM) as rx:
            return next(iter(counted(rx, [(agreed, NOON, NOON + 30 * MINUTE)]).values()))

    assert (minutes().bad, minutes().excluded) == (10, 0)
    exclusions.approve(decider, asked.id, note="Seen in the log")
    assert (minutes().bad, minutes().excluded, minutes().observed) == (5, 5, 25)
    assert violations(raw) == before
    [job] = raw("SELECT args FROM procrastinate_jobs WHERE task_name = 'sla.refresh'")
    tasks.refresh(SYSTEM, **{name: job.args[name] for name in ("contract_id", "since", "until")})
    [month] = raw("SELECT bad_minutes, excluded_minutes FROM sla_period WHERE grain = 'month'")
    assert tuple(month) == (5, 5)
    entries = raw("SELECT action, outcome FROM audit_entry WHERE action LIKE 'sla_exclusions.%' ORDER BY id")
    assert [tuple(row) for row in entries] == [("sla_exclusions.ask", "done"), ("sla_exclusions.approve", "done")]
    assert len(raw("SELECT 1 FROM event WHERE type = 'sla_exclusions.approve'")) == 1
    assert queries.exclusions(decider, key)["decision"].tolist() == ["approved"]
    assert len(queries.violations(decider, queries.Filters(without_excluded=True)).frame) == 0


def test_what_may_not_be_done_with_exclusions(raw, actor_of):
    _, _, key = an_ended_one(raw)
    admin, other = actor_of("admin"), actor_of("admin")
    with pytest.raises(Invalid):
        exclusions.ask(admin, key, reason="x", starts_at=NOON - MINUTE, ends_at=NOON + MINUTE)
    asked = exclusions.ask(admin, key, reason="A false alarm")
    with pytest.raises(Invalid, match="already"):
        exclusions.ask(other, key, reason="Me too")
    with pytest.raises(Denied, match="somebody else"):
        exclusions.approve(admin, asked.id)
    with pytest.raises(Denied):
        exclusions.approve(actor_of("client_success", scope="all"), asked.id)
    with pytest.raises(Denied):
        exclusions.ask(actor_of("hotline_operator"), key, reason="x")
    with pytest.raises(NotFound):
        exclusions.ask(actor_of("client_success"), key, reason="x")
    exclusions.refuse(other, asked.id, note="It was real")
    with pytest.raises(Conflict):
        exclusions.withdraw(admin, asked.id)
    assert raw("SELECT decision, decision_note FROM sla_exclusion") == [("refused", "It was real")]
