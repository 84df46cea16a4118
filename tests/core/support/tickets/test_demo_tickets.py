"""The demo tickets: what they look like, and that their clocks are what their logs say."""

from random import Random

import pytest

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.support.sla import steps
from core.support.tickets import demo


@pytest.fixture
def tickets(system, db):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(1), now)
        customers_demo.seed(tx, Random(1), now, operators)
        return demo.seed(tx, Random(1), now, operators)


def test_demo_tickets_are_of_every_state_and_none_of_the_future(raw, tickets):
    statuses = {row.status: row.n for row in raw("SELECT status, count(*) AS n FROM ticket GROUP BY 1")}
    assert set(statuses) >= {"open", "in_progress", "waiting", "resolved", "closed"}
    assert sum(statuses.values()) == len(tickets) == demo.TICKETS
    for table, column in (("ticket_event", "at"), ("ticket_message", "created_at")):
        assert raw(f"SELECT count(*) FROM {table} WHERE {column} > now()")[0][0] == 0
    assert raw("SELECT last FROM ticket_counter")[0].last == demo.TICKETS
    wrong = raw(
        "SELECT t.number FROM ticket AS t WHERE (t.status IN ('resolved', 'closed')) <> (t.resolved_at IS NOT NULL)"
        " OR t.status <> coalesce((SELECT e.after FROM ticket_event AS e WHERE e.ticket_id = t.id AND e.kind = 'status'"
        " ORDER BY at DESC, id DESC LIMIT 1), 'open') OR t.first_response_at IS DISTINCT FROM"
        " (SELECT min(at) FROM ticket_event AS e WHERE e.ticket_id = t.id AND e.kind = 'reply')"
    )
    assert wrong == []


def test_demo_clocks_are_of_every_state_and_stay_when_they_are_computed_again(raw, system, tickets):
    told = "SELECT ticket_id, target, state, started_at, stopped_at, target_s FROM ticket_clock ORDER BY 1, 2"
    before = raw(told)
    assert {row.state for row in before} >= {"running", "met", "missed"}
    with write(system, "demo.seed") as tx:
        steps.renew(tx, tickets)
    assert raw(told) == before
