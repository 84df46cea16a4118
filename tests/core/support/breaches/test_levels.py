"""Levels of clocks: each is told once, whatever is started again or runs twice, and a burst is one mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event

from core.kernel import db as kernel
from core.kernel.errors import Denied, TooSlow, Unavailable
from core.kernel.times import utc_now
from core.support.breaches import levels, mailing, telling
from core.support.breaches.tasks import watch_clocks
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.breaches import given
from tests.core.support.breaches.given import HOUR

BEGIN = utc_now().replace(microsecond=0) - timedelta(days=2)


def told(raw) -> list[int]:
    return [row.level for row in raw("SELECT level FROM ticket_level_alert ORDER BY at, level")]


def test_each_level_is_told_once_as_the_time_is_used_up(db, raw, system):
    ticket = given.ticket()
    given.clock(ticket, BEGIN, 10 * HOUR)
    for minutes in range(0, 900, 15):
        levels.catch_up(system, now=BEGIN + timedelta(minutes=minutes))
        if minutes == 300:
            assert raw("SELECT level, next_at FROM ticket_clock") == [(50, BEGIN + 7.5 * HOUR)]
            assert raw("SELECT sla_state FROM ticket")[0].sla_state == "warned"
    rows = raw("SELECT level, at FROM ticket_level_alert ORDER BY at")
    assert [tuple(row) for row in rows] == [
        (50, BEGIN + 5 * HOUR), (75, BEGIN + 7.5 * HOUR), (90, BEGIN + 9 * HOUR), (100, BEGIN + 10 * HOUR),
    ]  # fmt: skip
    assert [row.after for row in raw("SELECT after FROM ticket_event WHERE kind = 'level' ORDER BY at")] == [
        "50", "75", "90", "100",
    ]  # fmt: skip
    assert raw("SELECT level, next_at, breached_at FROM ticket_clock") == [(100, None, BEGIN + 10 * HOUR)]
    assert raw("SELECT sla_state, version FROM ticket") == [("breached", 2)]  # 2: the clock was given after creation


def test_after_a_downtime_only_the_highest_level_is_told(db, raw, system):
    for hours in (5, 8, 9.5, 30):
        given.clock(given.ticket(), BEGIN - hours * HOUR, 10 * HOUR)
    assert levels.catch_up(system, now=BEGIN) == 4
    assert sorted(told(raw)) == [50, 75, 90, 100]
    assert levels.catch_up(system, now=BEGIN) == 0


def test_level_that_was_told_is_not_told_again_when_the_clock_is_computed_anew(db, raw, system):
    ticket = given.ticket()
    given.clock(ticket, BEGIN, 10 * HOUR)
    levels.catch_up(system, now=BEGIN + 8 * HOUR)
    raw("UPDATE ticket_clock SET level = 0, next_at = at_50")
    assert levels.catch_up(system, now=BEGIN + 8 * HOUR) == 1
    assert told(raw) == [75]
    assert raw("SELECT level, next_at FROM ticket_clock") == [(75, BEGIN + 9 * HOUR)]
    raw("UPDATE ticket_clock SET level = 0, started_at = :later, next_at = at_50", later=BEGIN + HOUR)
    levels.catch_up(system, now=BEGIN + 8 * HOUR)
    assert told(raw) == [75, 75], "a new cycle is told of anew"


def test_paused_clock_and_one_held_by_somebody_else_are_left_alone(db, raw, system):
    given.clock(given.ticket(), BEGIN, HOUR)
    raw("UPDATE ticket_clock SET state = 'paused'")
    assert levels.catch_up(system, now=BEGIN + 5 * HOUR) == 0
    assert told(raw) == []


def test_what_is_too_much_at_once_for_the_machine_is_told_in_parts(db, raw, system, monkeypatch):
    for _ in range(5):
        given.clock(given.ticket(), BEGIN, HOUR)
    monkeypatch.setattr(levels, "FEWEST", 2)
    act = levels.breach

    def slow(actor, *, at_once, **values):
        if at_once > 2:
            raise TooSlow("Too much.")
        return act(actor, at_once=at_once, **values)

    monkeypatch.setattr(levels, "breach", slow)
    assert levels.catch_up(system, now=BEGIN + 2 * HOUR) == 5
    assert told(raw) == [100] * 5
    monkeypatch.setattr(levels, "FEWEST", 3)
    given.clock(given.ticket(), BEGIN, HOUR)
    with pytest.raises(TooSlow):
        levels.catch_up(system, now=BEGIN + 2 * HOUR)


def test_breach_is_an_event_of_its_tenant_that_names_the_tickets(db, raw, system):
    acme = make_tenant(system, "Acme").id
    first, second = given.ticket(tenant_id=acme), given.ticket()
    for one, tenant in ((first, acme), (second, None)):
        given.clock(one, BEGIN, HOUR, tenant_id=tenant)
    levels.breach(system, now=BEGIN + 2 * HOUR)
    found = raw("SELECT tenant_id, payload FROM event WHERE type = 'tickets.breach'")
    assert {row.tenant_id: row.payload["entity_ids"] for row in found} == {acme: [str(first)], None: [str(second)]}
    kept = raw("SELECT severity, changes FROM audit_entry WHERE action = 'tickets.breach' AND tenant_id = :id", id=acme)
    assert kept[0].severity == "warning"
    assert "resolution_breached_at" in kept[0].changes[0]["columns"]


def test_only_the_portal_itself_watches_clocks(db, actor_of):
    for act in (levels.warn, levels.breach):
        with pytest.raises(Denied):
            act(actor_of("support_admin"))


def test_number_of_statements_does_not_depend_on_how_many_tickets_are_late(db, system):
    def look(tickets: int) -> int:
        for _ in range(tickets):
            given.clock(given.ticket(), BEGIN, HOUR)
            given.clock(given.ticket(), BEGIN, 100 * HOUR)
        seen: list[str] = []

        def note(connection, cursor, statement, *rest) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        event.listen(kernel.engine(), "before_cursor_execute", note)
        try:
            assert levels.catch_up(system, now=BEGIN + 60 * HOUR) == 2 * tickets
            telling.tell(system)
        finally:
            event.remove(kernel.engine(), "before_cursor_execute", note)
        return len(seen)

    assert look(1) == look(25)


def _staffed() -> dict[str, object]:
    people = {name: given.operator(name) for name in ("Ada", "Lea", "Max")}
    return people | {"team": given.team(lead=people["Lea"], manager=people["Max"])}


def test_assignee_hears_all_lead_from_90_and_manager_breaches_in_one_digest_each(db, raw, system, mailbox):
    who = _staffed()
    for hours in (5, 8, 9.5, 11, 12):
        ticket = given.ticket(assignee_id=who["Ada"], team_id=who["team"])
        given.clock(ticket, BEGIN - hours * HOUR, 10 * HOUR)
    given.clock(given.ticket(team_id=who["team"], subject="Nobody's"), BEGIN - 5 * HOUR, 10 * HOUR)
    levels.catch_up(system, now=BEGIN)
    assert telling.tell(system) == 3
    assert telling.tell(system) == 0
    counts = {row.operator_id: row.levels for row in raw("SELECT operator_id, levels FROM ticket_digest")}
    assert counts[who["Ada"]] == {"50": 1, "75": 1, "90": 1, "100": 2}
    assert counts[who["Lea"]] == {"50": 1, "75": 0, "90": 1, "100": 2}, "what is nobody's is the lead's"
    assert counts[who["Max"]] == {"50": 0, "75": 0, "90": 0, "100": 2}
    jobs = raw("SELECT count(*) AS n FROM procrastinate_jobs WHERE task_name = 'support.send_digests'")
    assert jobs[0].n == 1
    mailing.send_digests(system)
    assert sorted(one.rcpt_tos[0].split(".")[0] for one in mailbox.mails) == ["ada", "lea", "max"]
    assert {row.outcome for row in raw("SELECT outcome FROM ticket_digest")} == {"sent"}
    text = b"".join(one.content for one in mailbox.mails if one.rcpt_tos[0].startswith("lea")).decode()
    assert "2 overdue, 1 at 90 %, 1 at 50 %" in text
    assert "QD-900" in text
    assert "Nobody's" in text


def test_burst_is_one_mail_with_the_gravest_and_the_number_of_the_others(db, raw, system, mailbox):
    who = _staffed()
    for place in range(30):
        ticket = given.ticket(assignee_id=who["Ada"])
        given.clock(ticket, BEGIN - (6 if place else 40) * HOUR, 10 * HOUR)
    levels.catch_up(system, now=BEGIN)
    telling.tell(system)
    mailing.send_digests(system)
    text = mailbox.mails[0].content.decode()
    assert len(mailbox.mails) == 1
    assert text.index("overdue, due") < text.index("at 50 %, due")
    assert "10 more are on the page Escalations" in text


def test_mail_that_is_not_taken_stays_queued_and_account_out_of_service_gets_none(db, raw, system, mailbox):
    gone, here = given.operator("Gone", disabled_at=BEGIN), given.operator("Here")
    for one in (gone, here):
        given.clock(given.ticket(assignee_id=one), BEGIN, HOUR)
    levels.catch_up(system)
    assert telling.tell(system) == 1
    mailbox.answer = "451 Busy"
    with pytest.raises(Unavailable):
        mailing.send_digests(system)
    assert raw("SELECT outcome, claimed_at FROM ticket_digest") == [("queued", None)]
    mailbox.answer = "250 OK"
    mailing.send_digests(system)
    assert [one.rcpt_tos[0].split(".")[0] for one in mailbox.mails] == ["here"]


def test_two_workers_at_once_and_one_that_dies_tell_each_level_once(committed_db, committed_raw, system, monkeypatch):
    who = _staffed()
    for hours in (6, 8, 9.5, 11) * 5:
        given.clock(given.ticket(assignee_id=who["Ada"], team_id=who["team"]), utc_now() - hours * HOUR, 10 * HOUR)

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("the worker dies")

    with monkeypatch.context() as fault:
        fault.setattr(telling, "enqueue_on", die)
        with ThreadPoolExecutor(4) as workers:
            ended = [one.exception() for one in [workers.submit(watch_clocks, system) for _ in range(4)]]
    assert any(isinstance(one, RuntimeError) for one in ended)
    with ThreadPoolExecutor(4) as workers:
        assert not any(one.exception() for one in [workers.submit(watch_clocks, system) for _ in range(4)])
    rows = committed_raw("SELECT level, count(*) AS n FROM ticket_level_alert GROUP BY level ORDER BY level")
    assert [tuple(row) for row in rows] == [(50, 5), (75, 5), (90, 5), (100, 5)]
    assert committed_raw("SELECT count(*) AS n FROM ticket_event WHERE kind = 'level'")[0].n == 20
    digests = committed_raw(
        "SELECT sum((levels->>'100')::int) AS n FROM ticket_digest WHERE operator_id = :id", id=who["Max"]
    )
    assert digests[0].n == 5, "nothing told twice, and nothing forgotten"
