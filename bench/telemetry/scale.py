"""The scale the product is for: 1,000 tenants and ten million requests of a day; messages, metrics and errors of a week."""

from bench.owner import owner
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.kernel.times import utc_now

TENANTS, REQUESTS, MESSAGES, POINTS, ERRORS = 1_000, 10_000_000, 1_000_000, 1_000_000, 200_000
DAYS, REQUEST_DAYS, CHUNK = 7, 1, 100_000

# A few tenants and routes have most of the traffic; durations are lognormal; 1 of 12 requests comes without one.
_REQUESTS = """
INSERT INTO request_record (at, id, service, channel, route, method, status, duration_ms, is_error, tenant_id, request_id)
SELECT %(until)s - make_interval(secs => random() * %(seconds)s), gen_random_uuid(), 'service-' || s, 'product',
    '/api/v1/resource-' || r || '/{id}', 'GET', status, duration, status >= 500, t.id, md5(n::text)
FROM (SELECT n, floor(5 * random() ^ 2)::int AS s, floor(60 * random() ^ 2)::int AS r, floor(1000 * random() ^ 3)::int AS place,
        CASE WHEN random() < 0.004 THEN 500 WHEN random() < 0.03 THEN 404 ELSE 200 END AS status,
        CASE WHEN random() < 0.92 THEN round(exp(3.4 + 0.8 * (random() + random() + random() + random() - 2))::numeric, 3) END
            AS duration
      FROM generate_series(1, %(count)s) AS n) AS drawn
JOIN bench_tenant AS t USING (place)
"""
_MESSAGES = """
INSERT INTO message_event (at, id, tenant_id, provider, channel, status, duration_ms, cost, currency)
SELECT %(until)s - make_interval(secs => random() * %(seconds)s), gen_random_uuid(), t.id,
    (ARRAY['twilio', 'telnyx', 'plivo', 'elasticemail'])[1 + n %% 4], CASE WHEN n %% 4 = 3 THEN 'email' ELSE 'sms' END,
    CASE WHEN random() < 0.5 THEN 'sent' WHEN random() < 0.96 THEN 'delivered' ELSE 'failed' END,
    round((200 * random())::numeric, 3), 0.0075, 'USD'
FROM (SELECT n, floor(1000 * random() ^ 3)::int AS place FROM generate_series(1, %(count)s) AS n) AS drawn
JOIN bench_tenant AS t USING (place)
"""
_SERIES = """
INSERT INTO metric_series (id, name, kind, unit, service, labels, first_seen_at, last_seen_at)
SELECT gen_random_uuid(), 'figure_' || n / 10, 'gauge', 'percent', 'service-0', jsonb_build_object('host', n %% 10),
    now() - interval '7 days', now() FROM generate_series(1, 200) AS n
"""
_POINTS = """
INSERT INTO metric_point (at, id, series_id, value)
SELECT %(until)s - make_interval(secs => random() * %(seconds)s), gen_random_uuid(), s.id, 100 * random()
FROM generate_series(1, %(count)s) AS n
JOIN (SELECT id, row_number() OVER () AS place FROM metric_series) AS s ON s.place = 1 + n %% 200
"""
_ERRORS = """
INSERT INTO error_record (at, id, service, tenant_id, fingerprint, type, message, trace, route, request_id)
SELECT %(until)s - make_interval(secs => random() * %(seconds)s), gen_random_uuid(), 'service-0', t.id,
    md5('error' || f), 'Error' || f, 'It broke.', 'at line ' || f, '/api/v1/resource-1/{id}', md5(n::text)
FROM (SELECT n, floor(200 * random() ^ 3)::int AS f, floor(1000 * random() ^ 3)::int AS place
      FROM generate_series(1, %(count)s) AS n) AS drawn
JOIN bench_tenant AS t USING (place)
"""
_GROUPS = """
INSERT INTO error_group SELECT fingerprint, min(service), min(type), min(message), min(route), min(at), max(at)
FROM error_record GROUP BY fingerprint ON CONFLICT DO NOTHING
"""
FILLS = (
    ("request_record", _REQUESTS, REQUESTS, REQUEST_DAYS), ("message_event", _MESSAGES, MESSAGES, DAYS),
    ("metric_point", _POINTS, POINTS, DAYS), ("error_record", _ERRORS, ERRORS, DAYS),
)  # fmt: skip


def _tenants() -> None:
    with owner() as connection:
        connection.execute(
            "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
            " SELECT gen_random_uuid(), 'Bench ' || n, 'bench-' || n || '.example', 'active', 'pro', 'EU', 50, now(), now(), 1"
            " FROM generate_series(1, %s) AS n",
            [TENANTS],
        )
        connection.execute(
            "CREATE TABLE bench_tenant AS SELECT id, (row_number() OVER () - 1)::int AS place FROM tenant"
            " WHERE domain LIKE 'bench-%%' LIMIT %s",
            [TENANTS],
        )
        connection.execute("CREATE INDEX ON bench_tenant (place)")


def requests_now(count: int, seconds: float) -> None:
    """More requests of the last seconds."""
    with owner() as connection:
        connection.execute(_REQUESTS, {"until": utc_now(), "seconds": seconds, "count": count})


def load() -> None:
    """Fills the tables of events; the rollups are made by their own passes."""
    _tenants()
    for table, statement, count, days in FILLS:
        _ready(table, days)
        _fill(statement, count, days)
    with owner() as connection:
        connection.execute(_GROUPS)
        connection.execute("ANALYZE")


def _ready(table: str, days: int) -> None:
    now = utc_now()
    with record(Actor.system("bench")) as tx:
        for back in range(days + 1):
            day = now.fromtimestamp(now.timestamp() - 86_400 * back, now.tzinfo)
            retention.make_ready(tx, table, "day", day, day)


def _fill(statement: str, count: int, days: int) -> None:
    values = {"until": utc_now(), "seconds": days * 86_400.0, "count": CHUNK}
    with owner() as connection:
        if statement is _POINTS:
            connection.execute(_SERIES.replace("%%", "%"))
        for _ in range(count // CHUNK):
            connection.execute(statement, values)
