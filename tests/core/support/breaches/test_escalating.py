"""Escalating by hand, and the lists of what is late."""

from datetime import timedelta

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound, ReasonRequired
from core.kernel.times import utc_now
from core.support.breaches import levels, mailing, queries
from core.support.breaches.actions import escalate
from core.support.breaches.queries import Filters
from tests.core.kernel.test_writes import make_tenant
from tests.core.support.breaches import given
from tests.core.support.breaches.given import HOUR


def state(raw, ticket):
    return raw("SELECT priority, status, assignee_id, version FROM ticket WHERE id = :id", id=ticket)[0]


def test_escalating_raises_the_priority_logs_why_and_tells_the_lead(db, raw, actor_of, mailbox, system):
    lead = given.operator("Lea")
    ticket, agent = given.ticket(team_id=given.team(lead=lead)), actor_of("support_tier_1")
    escalate(agent, ticket, reason="The customer calls every hour", version=1)
    assert state(raw, ticket).priority == "high"
    kinds = {row.kind: (row.before, row.after) for row in raw("SELECT kind, before, after FROM ticket_event")}
    assert kinds["priority"] == ("medium", "high")
    assert kinds["escalated"] == (None, "high")
    entry = raw("SELECT reason, severity FROM audit_entry WHERE action = 'tickets.escalate' AND outcome = 'done'")
    assert [tuple(row) for row in entry] == [("The customer calls every hour", "warning")]
    assert raw("SELECT count(*) AS n FROM event WHERE type = 'tickets.escalate'")[0].n == 1
    mailing.send_digests(system)
    text = mailbox.mails[0].content.decode()
    assert mailbox.mails[0].rcpt_tos[0].startswith("lea.")
    assert "was escalated to you" in text
    assert "calls every hour" in text


def test_escalating_to_the_lead_gives_him_the_ticket(db, raw, actor_of):
    lead = given.operator("Lea")
    ticket = given.ticket(team_id=given.team(lead=lead))
    escalate(actor_of("support_tier_1"), ticket, reason="Stuck", by="lead")
    assert (state(raw, ticket).assignee_id, state(raw, ticket).status) == (lead, "in_progress")
    with pytest.raises(Invalid, match="has this ticket already"):
        escalate(actor_of("support_tier_1"), ticket, reason="Stuck", by="lead")


def test_escalating_what_cannot_be_changes_nothing(db, raw, actor_of, system):
    agent = actor_of("support_tier_1")
    urgent, over = given.ticket(priority="urgent"), given.ticket(status="resolved")
    for ticket, by, sentence in ((urgent, "priority", "urgent already"), (urgent, "lead", "no team"),
                                 (over, "priority", "is over"), (urgent, "magic", "Choose one of")):  # fmt: skip
        with pytest.raises(Invalid, match=sentence):
            escalate(agent, ticket, reason="Why not", by=by)
    with pytest.raises(ReasonRequired):
        escalate(agent, urgent, reason=" ")
    with pytest.raises(Invalid, match="at most 500"):
        escalate(agent, urgent, reason="x" * 501)
    with pytest.raises(Conflict):
        escalate(agent, given.ticket(), reason="Why not", version=9)
    with pytest.raises(Denied):
        escalate(actor_of("developer"), urgent, reason="Why not")
    foreign = given.ticket(tenant_id=make_tenant(system, "Acme").id)
    with pytest.raises((NotFound, Denied)):
        escalate(actor_of("client_success"), foreign, reason="Why not")
    assert raw("SELECT count(*) AS n FROM ticket_event")[0].n == 0


def test_lists_show_overdue_unassigned_and_missed_in_order_and_by_filter(db, actor_of, system):
    now, agent = utc_now(), actor_of("support_tier_1")
    team = given.team()
    late = [
        given.ticket(priority=priority, team_id=team if priority == "high" else None) for priority in ("low", "high")
    ]
    for hours, ticket in zip((3, 30), late, strict=True):
        given.clock(ticket, now - hours * HOUR, HOUR)
    given.clock(late[1], now - 40 * HOUR, 2 * HOUR, target="first_response")
    later = given.ticket(priority="urgent", assignee_id=given.operator("Ada"))
    given.clock(later, now, HOUR)
    resolved = given.ticket(status="resolved", due_at=now - HOUR)
    levels.catch_up(system)

    rows = queries.overdue(agent, Filters()).frame
    assert list(rows["id"]) == [str(late[1]), str(late[0])]
    assert str(resolved) not in set(rows["id"])
    assert rows["late"].iloc[0] >= timedelta(hours=29)
    assert list(rows["targets"].iloc[0]) == ["first_response", "resolution"]
    first = queries.overdue(agent, Filters(), limit=1)
    assert list(queries.overdue(agent, Filters(), limit=1, after=first.next).frame["id"]) == [str(late[0])]
    assert list(queries.overdue(agent, Filters(targets=("first_response",))).frame["id"]) == [str(late[1])]
    assert list(queries.overdue(agent, Filters(team_ids=(team,))).frame["id"]) == [str(late[1])]
    assert list(queries.overdue(agent, Filters(priorities=("low",))).frame["id"]) == [str(late[0])]

    assert list(queries.unassigned(agent, Filters()).frame["id"]) == [str(late[1])]
    missed = queries.breaches(agent, Filters(), since=now - HOUR).frame
    assert sorted(missed["target"]) == ["first_response", "resolution", "resolution"]
    assert queries.breaches(agent, Filters(), since=now + HOUR).frame.empty
    assert queries.counts(agent) == {"overdue": 2, "unassigned": 1, "breaches": 3}
    with pytest.raises(Denied):
        queries.overdue(actor_of("hotline_operator", grants=frozenset()), Filters())


def test_lists_hide_tickets_of_tenants_out_of_sight(db, actor_of, system):
    tenant = make_tenant(system, "Acme").id
    ticket = given.ticket(tenant_id=tenant, priority="urgent")
    given.clock(ticket, utc_now() - 3 * HOUR, HOUR, tenant_id=tenant)
    levels.catch_up(system)
    assert queries.counts(actor_of("support_tier_1")) == {"overdue": 1, "unassigned": 1, "breaches": 1}
    assert queries.counts(actor_of("client_success")) == {"overdue": 0, "unassigned": 0, "breaches": 0}
