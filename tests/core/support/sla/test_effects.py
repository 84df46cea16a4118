"""What an edit would change, reapplying it, the replay of a past period, and the explanation of a clock."""

from datetime import timedelta
from uuid import UUID

import pytest

from core.kernel.errors import Denied, Invalid, NotFound, ReasonRequired
from core.kernel.models import uuid7
from core.support.sla import actions, effects, explaining, queries, reapplying, replay
from tests.core.support.sla.conftest import NOW, OFFICE_HOURS

HOUR = timedelta(hours=1)
WIDE = {"medium": {"resolution": 3 * 3600}}


@pytest.fixture
def admin(actor_of):
    return actor_of("support_admin")


@pytest.fixture
def standard(admin):
    return queries.policy(admin, UUID(queries.policies(admin)["id"].iloc[0]))


def edited(standard, **values):
    kept = ("name", "position", "calendar_id", "conditions", "targets", "pauses_in")
    return {name: standard[name] for name in kept} | values


def test_an_edit_of_a_policy_tells_what_it_would_breach_and_free(raw, ticket_of, admin, standard):
    answered = ((0.1, "reply"),)
    late = ticket_of(*answered, hours_ago=4)
    ticket_of(*answered, hours_ago=2)
    freed = ticket_of(*answered, hours_ago=5, priority="urgent")
    ticket_of(*answered, (1, "status", "resolved", "open"), status="resolved", hours_ago=50)
    found = effects.of_policy(
        admin, standard["id"], edited(standard, targets=WIDE | {"urgent": {"resolution": 6 * 3600}})
    )
    assert (found.examined, found.open_tickets, found.moved, found.breached, found.freed) == (3, 3, 3, 1, 1)
    assert found.newly_breached["ticket_id"].tolist() == [str(late.id)]
    assert found.newly_freed[["ticket_id", "before", "after"]].values.tolist() == [
        [str(freed.id), "breached", "warned"]
    ]


def test_an_edit_that_says_the_same_moves_nothing(ticket_of, admin, standard):
    ticket_of(hours_ago=4)
    assert effects.of_policy(admin, standard["id"], edited(standard)).moved == 0


def test_a_new_policy_takes_only_tickets_that_meet_it(ticket_of, admin, standard):
    ticket_of(hours_ago=3.5, channel="email")
    ticket_of(hours_ago=3.5)
    values = edited(standard, name="Mail", position=1, conditions={"channel": ["email"]}, targets=WIDE)
    found = effects.of_policy(admin, None, values)
    assert (found.moved, found.breached) == (1, 1)
    assert found.newly_breached["policy"].tolist() == ["Mail"]


def test_an_edit_of_a_calendar_tells_what_it_would_free(ticket_of, admin, standard):
    ticket_of((0.1, "reply"), hours_ago=30)
    calendar = queries.calendar(admin, standard["calendar_id"])
    local = (NOW - 31 * HOUR).weekday()
    # Works on one other day alone, so that nothing has elapsed.
    values = {
        "name": "Always",
        "time_zone": "UTC",
        "is_always": False,
        "holidays": {},
        "periods": [[(local + 4) % 7, 0, 60]],
    }
    found = effects.of_calendar(admin, calendar["id"], values)
    assert (found.moved, found.freed, found.newly_freed["after"].tolist()) == (1, 1, ["ok"])
    with pytest.raises(Invalid):
        effects.of_calendar(admin, calendar["id"], values | {"periods": []})


def test_reapplying_gives_open_tickets_the_terms_of_today(raw, ticket_of, admin, actor_of, standard):
    late, resolved = ticket_of(hours_ago=4), ticket_of(status="resolved", hours_ago=4)
    actions.update_policy(admin, standard["id"], version=1, targets=WIDE)
    fresh = ticket_of()
    with pytest.raises(ReasonRequired):
        reapplying.reapply_open(admin, reason="")
    assert reapplying.reapply_open(admin, reason="New contract") == 1
    assert reapplying.reapply_open(admin, reason="Again") == 0
    states = {row.id: (row.sla_state, row.terms_id) for row in raw("SELECT id, sla_state, terms_id FROM ticket")}
    assert states[late.id] == ("breached", fresh.terms_id)
    assert states[resolved.id][1] == resolved.terms_id
    (event,) = raw("SELECT * FROM ticket_event WHERE kind = 'terms'")
    assert (event.ticket_id, event.after, event.actor_name) == (late.id, "Standard", "Support admin")
    (entry,) = raw("SELECT reason FROM audit_entry WHERE action = 'sla.reapply' AND outcome = 'done'")
    assert entry.reason == "New contract"
    with pytest.raises(Denied):
        reapplying.reapply_open(actor_of("support"), reason="Mine")


def test_a_replay_counts_what_would_have_been_met(ticket_of, admin, office):
    for hours in (1, 5, 7):
        ticket_of((hours, "status", "resolved", "open"), hours_ago=10, priority="high")
    ticket_of((0.1, "reply"), hours_ago=1, priority="high")
    ticket_of((1, "status", "resolved", "open"), hours_ago=500, priority="high")
    found = replay.run(
        admin, since=NOW - 24 * HOUR, until=NOW, targets={"high": {"resolution": 4 * 3600, "first_response": 60}}
    )
    rows = {(row.priority, row.target): row for row in found.frame.itertuples()}
    assert (found.tickets, found.examined) == (4, 4)
    resolution = rows["high", "resolution"]
    assert (resolution.tickets, resolution.met_before, resolution.tickets_after, resolution.met_after) == (3, 3, 3, 1)
    first = rows["high", "first_response"]
    assert (first.tickets, first.met_before, first.tickets_after, first.met_after) == (4, 2, 4, 0)


def test_a_replay_can_count_by_another_calendar(ticket_of, admin):
    ticket_of((5, "status", "resolved", "open"), hours_ago=10, priority="high")
    rest = actions.create_calendar(admin, name="Another day", periods=[[((NOW - 11 * HOUR).weekday() + 4) % 7, 0, 60]])
    targets = {"high": {"resolution": 4 * 3600}}
    within = {"since": NOW - 24 * HOUR, "until": NOW, "targets": targets}
    assert replay.run(admin, **within).frame["met_after"].sum() == 0
    assert replay.run(admin, **within, calendar_id=rest.id).frame["met_after"].sum() == 1
    with pytest.raises(NotFound):
        replay.run(admin, **within, calendar_id=uuid7())
    with pytest.raises(Invalid):
        replay.run(admin, **within | {"until": NOW - 25 * HOUR})


def test_what_changes_is_told_only_to_who_may_read_tickets_and_settings(actor_of, standard, add_tenant):
    for role in ("hotline_operator", "developer"):
        with pytest.raises(Denied):
            effects.of_policy(actor_of(role), standard["id"], edited(standard))
        with pytest.raises(Denied):
            replay.run(actor_of(role), since=NOW - HOUR, until=NOW, targets=WIDE)


def test_a_clock_is_explained_stretch_by_stretch(ticket_of, admin, standard):
    actions.create_calendar(admin, name="Whole week", periods=[[day, 0, 1440] for day in range(7)])
    ticket = ticket_of((1, "status", "waiting", "open"), (3, "status", "in_progress", "waiting"), hours_ago=5)
    told = explaining.explain(admin, ticket.id, now=NOW)
    resolution = next(one for one in told.clocks if one.target == "resolution")
    stretches = [(one.is_running, round(one.counted_s), one.cause, one.is_open) for one in resolution.stretches]
    assert stretches == [
        (True, 3600, "The ticket was created", False),
        (False, 0, "From here on it waits for the customer", False),
        (True, 7200, "From here on it is worked on", True),
    ]
    assert (resolution.elapsed_s, resolution.due_at) == (3 * 3600, NOW + 21 * HOUR)
    assert told.content["policy"] == "Standard"
    with pytest.raises(NotFound):
        explaining.explain(admin, uuid7())


def test_an_explanation_names_the_rule_of_each_part(ticket_of, admin, standard):
    monday = NOW - timedelta(days=NOW.weekday() + 14, hours=NOW.hour, minutes=NOW.minute, seconds=NOW.second)
    calendar = actions.create_calendar(
        admin, name="Office", periods=OFFICE_HOURS, holidays={(monday + timedelta(days=1)).date(): "Fair"}
    )
    actions.update_policy(admin, standard["id"], version=1, calendar_id=calendar.id)
    ticket = ticket_of(created_at=monday + 16 * HOUR)
    told = explaining.explain(admin, ticket.id, now=monday + timedelta(days=2, hours=10))
    parts = next(one for one in told.clocks if one.target == "resolution").stretches[0].parts
    assert [(part.rule, part.counted_s) for part in parts] == [
        ("Working hours", 3600), ("Outside working hours", 0), ("Holiday: Fair", 0), ("Outside working hours", 0),
        ("Working hours", 3600),
    ]  # fmt: skip


def test_another_tenants_ticket_is_not_explained(ticket_of, actor_of, add_tenant):
    ticket = ticket_of(tenant_id=add_tenant())
    with pytest.raises(NotFound):
        explaining.explain(actor_of("client_success"), ticket.id)
