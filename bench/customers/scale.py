"""The scale the product is for: 1,000 tenants with 50,000 people, two years of ledger, 100,000 invoices, errors, summaries."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from bench.owner import owner
from core.customers.subscriptions.ledger import chain
from core.customers.summaries.recomputing import recompute
from core.kernel.actor import Actor
from core.kernel.times import utc_now

TENANTS, USERS, INVOICES, ERRORS, CHANGES = 1_000, 50_000, 100_000, 3_000, 8
PRICES = {"basic": Decimal("49.00"), "pro": Decimal("199.00"), "enterprise": Decimal("999.00")}

_TENANTS = """
INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)
SELECT gen_random_uuid(), initcap(word(n) || ' ' || word(n / 7)) || ' ' || n, word(n) || '-' || n || '.example', 'active',
    (ARRAY['free', 'basic', 'pro', 'enterprise'])[1 + n %% 4], (ARRAY['US', 'EU', 'APAC'])[1 + n %% 3], 80, '{}',
    now() - interval '3 years' * random(), now(), 1
FROM generate_series(1, %(count)s) AS n
"""
# Names of words that differ, so that a search has as much to choose from as among people.
_WORD = """
CREATE FUNCTION word(n integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(
        substr('bcdfghjklmnprstvw', 1 + get_byte(d, i) % 17, 1) || substr('aeiou', 1 + get_byte(d, i + 4) % 5, 1), '')
    FROM (SELECT decode(md5((n % 2500)::text), 'hex') AS d) AS digest, generate_series(0, 2) AS i
$$
"""
_PLACES = """
CREATE TABLE bench_customer AS SELECT t.id, gen_random_uuid() AS subscription_id, t.tier, t.domain,
    (row_number() OVER (ORDER BY t.id) - 1)::int AS place
FROM tenant AS t WHERE NOT EXISTS (SELECT FROM subscription AS s WHERE s.tenant_id = t.id)
"""
_USERS = """
INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, last_seen_at, created_at, updated_at, version)
SELECT gen_random_uuid(), t.id, word(n) || '.' || word(n / 11) || n || '@' || t.domain, initcap(word(n) || ' ' || word(n / 11)),
    n %% 50 = 0, now() - interval '60 days' * random(), now() - interval '2 years' * random(), now(), 1
FROM generate_series(1, %(count)s) AS n JOIN bench_customer AS t ON t.place = n %% %(tenants)s
"""
_SUBSCRIPTIONS = """
INSERT INTO subscription (id, tenant_id, plan_key, status, interval, seats, seats_included, unit_price, seat_price, discount,
    credit, period_amount, currency, started_at, anchor_on, period_start, period_end, cancels_at_period_end, created_at,
    updated_at, version)
SELECT subscription_id, id, tier, 'active', 'monthly', 80, 80, 0, 0, 0, 0, 0, 'USD', now() - interval '2 years',
    CURRENT_DATE, CURRENT_DATE, CURRENT_DATE + 30, false, now() - interval '2 years' * random(), now(), 1 FROM bench_customer
"""
_CHANGES = """
INSERT INTO mrr_change (tenant_id, subscription_id, at, sequence, previous, kind, mrr_before, amount, mrr_after, currency,
    plan_before, plan_after, cause)
VALUES (%(tenant_id)s, %(subscription_id)s, %(at)s, %(sequence)s, %(previous)s, %(kind)s, %(mrr_before)s, %(amount)s,
    %(mrr_after)s, %(currency)s, %(plan_before)s, %(plan_after)s, %(cause)s)
"""
_INVOICES = """
INSERT INTO invoice (id, number, external_id, tenant_id, source, status, issued_on, due_on, paid_at, currency, subtotal, tax,
    total, created_at, updated_at, version)
SELECT gen_random_uuid(), 'B' || (2024 + n %% 3) || '-' || lpad(n::text, 6, '0'), 'ext-' || md5(n::text), t.id, 'import',
    CASE WHEN n %% 12 = 0 THEN 'open' ELSE 'paid' END, CURRENT_DATE - n %% 730, CURRENT_DATE - n %% 730 + 14,
    CASE WHEN n %% 12 <> 0 THEN now() - interval '1 day' * (n %% 730) END, 'USD', 199, 0, 199,
    now() - interval '1 day' * (n %% 730), now(), 1
FROM generate_series(1, %(count)s) AS n JOIN bench_customer AS t ON t.place = n %% %(tenants)s
"""
_ERRORS = """
INSERT INTO error_group SELECT md5('scale' || n), 'service-' || n %% 5, initcap(word(n)) || 'Error',
    'Could not ' || word(n) || ' the ' || word(n / 3) || ' of ' || word(n / 5), '/api/' || n %% 60, now() - interval '30 days',
    now() - interval '30 days' * random() FROM generate_series(1, %(count)s) AS n
"""


def load() -> None:
    """Adds all of it to the demo data, and counts the summaries."""
    with owner() as connection:
        connection.execute(_WORD)
        connection.execute(_TENANTS, {"count": TENANTS})
        connection.execute(_PLACES)
        connection.execute("CREATE UNIQUE INDEX ON bench_customer (place)")
        for statement, count in ((_USERS, USERS), (_INVOICES, INVOICES), (_ERRORS, ERRORS)):
            connection.execute(statement, {"count": count, "tenants": TENANTS})
        connection.execute(_SUBSCRIPTIONS)
        places = connection.execute("SELECT id, subscription_id FROM bench_customer ORDER BY place").fetchall()
        with connection.cursor() as cursor:
            cursor.executemany(_CHANGES, _ledger(places, Random(7), utc_now()))
    recompute(Actor.system("bench"))
    with owner() as connection:
        connection.execute("VACUUM ANALYZE")


def _ledger(places: list[tuple[UUID, UUID]], random: Random, now: datetime) -> list[dict[str, Any]]:
    """Two years of changes; about one in seven is an end, after which most come back."""
    return chain(one for tenant, subscription in places for one in _course(tenant, subscription, random, now))


def _course(tenant: UUID, subscription: UUID, random: Random, now: datetime) -> Iterator[dict[str, Any]]:
    for days in sorted((random.uniform(0, 730) for _ in range(CHANGES)), reverse=True):
        plan = random.choice(list(PRICES))
        mrr = Decimal(0) if random.random() < 0.14 else PRICES[plan] + 3 * random.randint(0, 40)
        yield {
            "tenant_id": tenant, "subscription_id": subscription, "at": now - timedelta(days=days), "mrr": mrr,
            "currency": "USD", "plan": plan, "cause": "bench",
        }  # fmt: skip
