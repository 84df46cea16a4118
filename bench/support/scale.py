"""Support at scale: 250,000 tickets of two years with messages, events and clocks, of 1,000 tenants."""

from typing import Any

from bench.owner import owner

TICKETS, TENANTS, DAYS = 250_000, 1_000, 730

_WORD = """
CREATE FUNCTION support_word(n integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(
        substr('bcdfghjklmnprstvw', 1 + get_byte(d, i) % 17, 1) || substr('aeiou', 1 + get_byte(d, i + 4) % 5, 1), '')
    FROM (SELECT decode(md5((n % 3000)::text), 'hex') AS d) AS digest, generate_series(0, 2) AS i
$$
"""
_TENANTS = """
INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)
SELECT gen_random_uuid(), initcap(support_word(n) || ' ' || support_word(n / 7)) || ' ' || n, support_word(n) || '-s'
    || n || '.example',
    'active', (ARRAY['free', 'basic', 'pro', 'enterprise'])[1 + n %% 4], (ARRAY['US', 'EU', 'APAC'])[1 + n %% 3], 80, '{}',
    now() - interval '3 years', now(), 1 FROM generate_series(1, %(tenants)s) AS n
"""
# One in 24 is open still, all of them of the second year.
_PLAN = """
CREATE TABLE bench_ticket AS
SELECT n, gen_random_uuid() AS id, t.id AS tenant_id, s.id AS team_id, n %% 12 <> 0 OR n < %(tickets)s / 2 AS is_solved,
    (ARRAY['urgent', 'high', 'medium', 'medium', 'medium', 'low'])[1 + (n / 7) %% 6] AS priority,
    CASE WHEN n %% 17 > 0 THEN 'category ' || (n / 3) %% 28 END AS category, o.id AS operator_id, o.name AS operator,
    now() - interval '1 day' * %(days)s * (1 - n::float / (%(tickets)s + 1)) AS created_at,
    interval '1 minute' * exp(3 + 1.2 * random()) AS answer, interval '1 minute' * exp(6 + 1.4 * random()) AS solution
FROM generate_series(1, %(tickets)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM tenant) AS t
    ON t.place = n %% (SELECT count(*) FROM tenant)
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM support_team) AS s
    ON s.place = n %% (SELECT count(*) FROM support_team)
JOIN (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS place FROM operator) AS o
    ON o.place = (n / 5) %% (SELECT count(*) FROM operator)
"""
_TICKETS = """
INSERT INTO ticket (id, number, tenant_id, requester_name, requester_email, subject, description, status, priority,
    category, channel,
    tags, assignee_id, team_id, terms_id, first_response_at, resolved_at, closed_at, reopen_count, last_customer_at,
    last_agent_at,
    due_at, sla_state, created_at, updated_at, version)
SELECT id, 1000000 + n, tenant_id, initcap(support_word(n) || ' ' || support_word(n / 11)), support_word(n) || n
    || '@example.com',
    initcap(support_word(n)) || ' ' || support_word(n / 2) || ' ' || support_word(n / 3),
    'The ' || support_word(n / 4) || ' of ' || support_word(n / 5) || ' fails with ' || support_word(n / 6) || ' since ' || n,
    CASE WHEN is_solved THEN CASE WHEN created_at + solution > now() - interval '7 days' THEN 'resolved' ELSE 'closed' END
         ELSE (ARRAY['open', 'in_progress', 'waiting', 'reopened'])[1 + (n / 12) %% 4] END,
    priority, category, (ARRAY['portal', 'email', 'api', 'phone'])[1 + n %% 4],
    CASE WHEN n %% 3 = 0 THEN ARRAY['tag ' || n %% 40] ELSE '{}' END, CASE
    WHEN is_solved OR n %% 5 > 0 THEN operator_id END, team_id,
    (SELECT id FROM sla_terms LIMIT 1), CASE WHEN is_solved THEN created_at + answer END,
    CASE WHEN is_solved THEN created_at + answer + solution END, CASE
    WHEN is_solved THEN created_at + answer + solution END, 0,
    created_at, created_at + answer, CASE WHEN NOT is_solved THEN created_at + interval '8 hours' END,
    CASE WHEN is_solved THEN 'met' ELSE 'breached' END, created_at, created_at + answer, 1 FROM bench_ticket
"""
_MESSAGES = """
INSERT INTO ticket_message (id, ticket_id, tenant_id, author_kind, author_name, body, is_internal, mentions, created_at)
SELECT gen_random_uuid(), id, tenant_id, (ARRAY['customer', 'agent'])[which], operator,
    'Please look at ' || support_word(n / which) || ' and ' || support_word(n / 9) || ', it is '
    || support_word(n + which) || '.',
    false, '{}', created_at + answer * which FROM bench_ticket, generate_series(1, 2) AS which
"""
_EVENTS = """
INSERT INTO ticket_event (id, ticket_id, tenant_id, at, kind, before, after, actor_name, detail)
SELECT gen_random_uuid(), b.id, tenant_id, created_at + answer * step.delay, step.kind, step.before, step.after,
    operator, '{}'
FROM bench_ticket AS b, (VALUES (0, 'created', NULL, 'open'), (0.5, 'status', 'open', 'in_progress'), (1, 'reply', NULL,
    NULL))
    AS step (delay, kind, before, after)
"""
_CLOCKS = """
INSERT INTO ticket_clock (ticket_id, target, tenant_id, state, started_at, stopped_at, target_s, elapsed_s, due_at,
    breached_at, level,
    computed_at)
SELECT id, target, tenant_id, CASE WHEN NOT is_solved THEN 'running' WHEN took <= limit_s THEN 'met' ELSE 'missed' END,
    created_at,
    CASE WHEN is_solved THEN created_at + interval '1 second' * took END, limit_s, took,
    CASE WHEN NOT is_solved THEN created_at + interval '1 second' * limit_s END,
    CASE WHEN NOT is_solved OR took > limit_s THEN created_at + interval '1 second' * limit_s END, 0, now()
FROM (SELECT *, extract(epoch FROM answer + CASE target WHEN 'resolution' THEN solution ELSE interval '0' END)::bigint AS took
      FROM bench_ticket, (VALUES ('first_response', 14400), ('resolution', 86400)) AS goal (target, limit_s)) AS clock
"""


def load(tickets: int = TICKETS) -> None:
    """Adds all of it to the demo data."""
    with owner() as connection:
        connection.execute(_WORD)
        values: dict[str, Any] = {"tickets": tickets, "tenants": TENANTS, "days": DAYS}
        for statement in (_TENANTS, _PLAN, _TICKETS, _MESSAGES, _EVENTS, _CLOCKS):
            connection.execute(statement, values)
        connection.execute("UPDATE ticket_counter SET last = (SELECT max(number) FROM ticket)")
        connection.execute("DROP TABLE bench_ticket")
        connection.execute("VACUUM ANALYZE")
