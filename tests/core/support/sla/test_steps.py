"""A ticket's terms and clocks as they are stored."""

from datetime import timedelta

import pytest

from core.kernel.writes import write
from core.support.sla import actions, steps
from core.support.sla.models import TARGETS
from core.support.tickets.models import Ticket
from tests.core.support.sla.conftest import NOW, log

HOUR = timedelta(hours=1)


def clock(raw, ticket, target="resolution"):
    rows = raw("SELECT * FROM ticket_clock WHERE ticket_id = :id AND target = :target", id=ticket.id, target=target)
    return rows[0] if rows else None


def renewed(actor_of, ticket, *events):
    with write(actor_of("support"), "try.open") as tx:
        for hours, kind, *values in events:
            log(tx, ticket, kind, ticket.created_at + hours * HOUR, *values)
        steps.renew(tx, [ticket.id])


def test_a_new_ticket_has_terms_and_clocks(raw, ticket_of):
    ticket = ticket_of(priority="urgent")
    resolution = clock(raw, ticket)
    assert (resolution.state, resolution.target_s, resolution.level) == ("running", 4 * 3600, 0)
    assert (resolution.due_at, resolution.next_at) == (NOW + 4 * HOUR, NOW + 2 * HOUR)
    assert resolution.at_50 == resolution.next_at
    (stored,) = raw("SELECT due_at, sla_state, terms_id, version FROM ticket")
    assert (stored.due_at, stored.sla_state, stored.version) == (NOW + HOUR, "ok", 1)
    assert stored.terms_id == ticket.terms_id is not None
    assert clock(raw, ticket, "next_response") is None


def test_who_may_only_create_gives_a_ticket_its_terms_too(raw, ticket_of):
    ticket = ticket_of(role="hotline_operator")
    assert raw("SELECT sla_state FROM ticket WHERE id = :id", id=ticket.id)[0].sla_state == "ok"
    assert clock(raw, ticket).state == "running"


def test_the_policy_is_the_first_whose_conditions_hold(raw, ticket_of, actor_of, office, add_tenant):
    tenant = add_tenant(tier="enterprise")
    targets = {"low": {"resolution": 7200}}
    for name, position, conditions in (
        ("Enterprise", 20, {"tier": ["enterprise"]}), ("Mail", 10, {"channel": ["email"], "tag": ["vip", "new"]}),
    ):  # fmt: skip
        actions.create_policy(
            actor_of("support_admin"), name=name, position=position, calendar_id=office.id, conditions=conditions,
            targets=targets,
        )  # fmt: skip
    by_tier = ticket_of(priority="low", tenant_id=tenant, channel="email")
    by_tag = ticket_of(priority="low", tenant_id=tenant, channel="email", tags=["vip"])
    other = ticket_of(priority="low", channel="email")
    found = {row.id: row.content for row in raw("SELECT * FROM sla_terms")}
    names = [found[ticket.terms_id]["policy"] for ticket in (by_tier, by_tag, other)]
    assert names == ["Enterprise", "Mail", "Standard"]
    assert found[by_tier.terms_id]["calendar"]["holidays"] == {"2026-12-25": "Christmas"}


def test_terms_are_kept_once_and_an_edit_leaves_them_alone(raw, ticket_of, actor_of):
    first, second = ticket_of(), ticket_of()
    assert first.terms_id == second.terms_id
    policy = raw("SELECT * FROM sla_policy")[0]
    actions.update_policy(actor_of("support_admin"), policy.id, version=1, targets={"medium": {"resolution": 3600}})
    renewed(actor_of, first)
    assert clock(raw, first).target_s == 24 * 3600
    assert clock(raw, ticket_of()).target_s == 3600


def test_reapplying_takes_the_terms_of_today_and_forgets_other_targets(raw, ticket_of, actor_of):
    ticket = ticket_of(hours_ago=2)
    policy = raw("SELECT * FROM sla_policy")[0]
    actions.update_policy(actor_of("support_admin"), policy.id, version=1, targets={"medium": {"resolution": 3600}})
    with write(actor_of("support"), "try.open") as tx:
        locked = tx.lock(Ticket, ticket.id)
        steps.reapply(tx, locked)
        assert (locked.sla_state, locked.due_at) == ("breached", NOW - HOUR)
    assert [row.target for row in raw("SELECT target FROM ticket_clock")] == ["resolution"]
    (stored,) = raw("SELECT sla_state, due_at, terms_id FROM ticket")
    assert (stored.sla_state, stored.due_at) == ("breached", NOW - HOUR)
    assert clock(raw, ticket).breached_at == NOW - HOUR


@pytest.mark.parametrize(("told", "kept", "following"), [(0, 0, "at_50"), (50, 50, "at_75"), (90, 75, "at_90")])
def test_a_level_once_told_stays_unless_its_share_is_no_longer_used_up(raw, ticket_of, actor_of, told, kept, following):
    ticket = ticket_of(hours_ago=3.5, priority="urgent")
    raw("UPDATE ticket_clock SET level = :level WHERE target = 'resolution'", level=told)
    renewed(actor_of, ticket, (0.25, "status", "waiting", "open"), (0.5, "status", "open", "waiting"))
    found = clock(raw, ticket)
    assert (found.elapsed_s // 60, found.level, found.next_at) == (195, kept, getattr(found, following))


def test_a_level_stays_told_over_a_pause(raw, ticket_of, actor_of):
    ticket = ticket_of(hours_ago=3.5, priority="urgent")
    raw("UPDATE ticket_clock SET level = 75 WHERE target = 'resolution'")
    renewed(actor_of, ticket, (3.4, "status", "waiting", "open"))
    rests = clock(raw, ticket)
    assert (rests.state, rests.level, rests.next_at, rests.due_at) == ("paused", 75, None, None)
    renewed(actor_of, ticket, (3.45, "status", "in_progress", "waiting"))
    goes_on = clock(raw, ticket)
    assert (goes_on.level, goes_on.next_at) == (75, goes_on.at_90)


def test_a_new_cycle_is_told_of_anew(raw, ticket_of, actor_of):
    ticket = ticket_of((1, "reply"), (2, "customer"), hours_ago=9, priority="medium")
    raw("UPDATE ticket_clock SET level = 100, next_at = NULL WHERE target = 'next_response'")
    renewed(actor_of, ticket)
    assert clock(raw, ticket, "next_response").level == 100
    renewed(actor_of, ticket, (8, "reply"), (8.5, "customer"))
    found = clock(raw, ticket, "next_response")
    assert (found.state, found.level, found.next_at) == ("running", 0, found.at_50)


def test_what_is_over_is_stored_as_met_or_missed(raw, ticket_of):
    ticket = ticket_of((5, "reply"), (6, "status", "resolved", "open"), hours_ago=9, priority="high")
    states = {target: getattr(clock(raw, ticket, target), "state", None) for target in TARGETS}
    assert states == {"first_response": "missed", "next_response": None, "resolution": "met"}
    assert clock(raw, ticket, "first_response").breached_at == ticket.created_at + 2 * HOUR
    (stored,) = raw("SELECT sla_state, due_at, version FROM ticket")
    assert (stored.sla_state, stored.due_at, stored.version) == ("missed", None, 1)


def test_renewing_many_takes_as_many_statements_as_one(ticket_of, actor_of, statements):
    tickets = [ticket_of((1, "reply"), hours_ago=2) for _ in range(5)]
    counts = []
    for ids in ([tickets[0].id], [one.id for one in tickets]):
        with write(actor_of("support"), "try.open") as tx, statements() as seen:
            steps.renew(tx, ids)
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0


def test_tickets_without_terms_take_those_of_today(raw, ticket_of, actor_of):
    ticket = ticket_of()
    raw("DELETE FROM ticket_clock")
    raw("UPDATE ticket SET terms_id = NULL, due_at = NULL, sla_state = 'none'")
    renewed(actor_of, ticket)
    (stored,) = raw("SELECT terms_id, sla_state FROM ticket")
    assert (stored.terms_id is not None, stored.sla_state) == (True, "ok")
