"""The look at the tickets' clocks: 100,000 open tickets that all reached a level, against 10,000 of them."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event

import core.tasks  # noqa: F401  (fills the registries)
from bench.owner import owner
from bench.report import Row
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.breaches import levels, telling

FEW, MANY, TENANTS, AGENTS = 10_000, 100_000, 1_000, 60
LONGEST_S = 10.0
_PEOPLE = """
INSERT INTO operator (id, email, name, role, password_hash, is_demo, created_at, updated_at, version)
SELECT gen_random_uuid(), 'agent' || n || '@bench.example', 'Agent ' || n, 'support_tier_1', 'x', true, now(), now(), 1
FROM generate_series(1, %(agents)s) AS n
"""
_TEAMS = """
INSERT INTO support_team (id, name, lead_id, manager_id, created_at, updated_at, version)
SELECT gen_random_uuid(), 'Team ' || n, (SELECT id FROM operator WHERE email = 'agent' || n || '@bench.example'),
    (SELECT id FROM operator WHERE email = 'agent1@bench.example'), now(), now(), 1 FROM generate_series(1, 6) AS n
"""
_TENANTS = """
INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)
SELECT gen_random_uuid(), 'Tenant ' || n, 'tenant-' || n || '.bench.example', 'active', 'pro', 'EU', 80, '{}', now(), now(), 1
FROM generate_series(1, %(tenants)s) AS n
"""
# One in ten has missed its target; the others are at 50, 75 or 90 % by turns.
_TICKETS = """
INSERT INTO ticket (id, number, tenant_id, requester_name, subject, description, status, priority, channel, tags, assignee_id,
    team_id, reopen_count, due_at, sla_state, created_at, updated_at, version)
SELECT gen_random_uuid(), %(first)s + n, t.ids[1 + n %% cardinality(t.ids)], 'Zoe', 'Ticket ' || n, 'x', 'in_progress', 'medium',
    'portal', '{}', o.ids[1 + n %% cardinality(o.ids)], s.ids[1 + n %% cardinality(s.ids)], 0,
    now() + interval '10 hours' * (1 - (ARRAY[0.6, 0.8, 0.95, 0.6, 0.8, 0.95, 0.6, 0.8, 0.95, 1.2])[1 + n %% 10]), 'ok',
    now() - interval '1 day', now(), 1
FROM generate_series(1, %(count)s) AS n,
    (SELECT array_agg(id) AS ids FROM tenant) AS t, (SELECT array_agg(id) AS ids FROM support_team) AS s,
    (SELECT array_agg(id) AS ids FROM operator WHERE email LIKE 'agent%%') AS o
"""
_CLOCKS = """
INSERT INTO ticket_clock (ticket_id, target, tenant_id, state, started_at, target_s, elapsed_s, at_50, at_75, at_90, due_at,
    level, next_at, computed_at)
SELECT id, 'resolution', tenant_id, 'running', due_at - interval '10 hours', 36000, 0, due_at - interval '5 hours',
    due_at - interval '150 minutes', due_at - interval '1 hour', due_at, 0, due_at - interval '5 hours', now()
FROM ticket WHERE number > %(first)s
"""


def run() -> list[Row]:
    """A look over the few, then one over the many, each on tickets of its own."""
    with owner() as connection:
        for statement in (_PEOPLE, _TEAMS, _TENANTS):
            connection.execute(statement, {"agents": AGENTS, "tenants": TENANTS})
    few, few_statements = _look(FEW, first=1_000_000)
    many, statements = _look(MANY, first=2_000_000)
    again, _ = _measured(_watch)
    return [
        Row(f"look at {MANY:,} open tickets that reached a level", f"{many:.2f} s", f"{LONGEST_S:g} s", many / LONGEST_S, "<= 1"),
        Row(f"the same per ticket, {MANY:,} against {FEW:,}", f"{many / MANY * 1e6:.0f} µs", f"{few / FEW * 1e6:.0f} µs",
            many / MANY / (few / FEW), "<= 1.5"),
        Row("statements of a look", f"{statements}", f"{few_statements} for {FEW:,}", statements / few_statements, "<= 1"),
        Row("look that finds nothing", f"{again * 1000:.1f} ms", f"{many:.2f} s", again / many, "<= 0.05"),
    ]  # fmt: skip


def _look(count: int, *, first: int) -> tuple[float, int]:
    with owner() as connection:
        connection.execute(_TICKETS, {"count": count, "first": first})
        connection.execute(_CLOCKS, {"first": first})
        connection.execute("VACUUM ANALYZE ticket, ticket_clock")
        before = connection.execute("SELECT count(*) FROM ticket_level_alert").fetchone()
    taken = _measured(_watch)
    with owner() as connection:
        after = connection.execute("SELECT count(*) FROM ticket_level_alert WHERE told_at IS NOT NULL").fetchone()
    told = (after or [0])[0] - (before or [0])[0]
    if told != count:
        raise AssertionError(f"{told:,} of {count:,} tickets were told of.")
    return taken


def _watch() -> None:
    actor = Actor.system("bench")
    levels.catch_up(actor, now=utc_now() + timedelta(seconds=1))
    telling.tell(actor)


def _measured(act: Callable[[], None]) -> tuple[float, int]:
    """Seconds, and how many statements SQLAlchemy sent."""
    seen = 0

    def note(*_: Any) -> None:
        nonlocal seen
        seen += 1

    event.listen(db.engine(), "before_cursor_execute", note)
    begun = time.perf_counter()
    try:
        act()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    return time.perf_counter() - begun, seen
