"""The demo's minutes: whole, without overlap, and violations and periods that say the same as they do."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.access.operators import actions as operators
from core.kernel.times import utc_now
from core.reliability.sla import demo
from core.reliability.sla.demo_course import Course, Stretch
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, MINUTE

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PUT = st.tuples(st.integers(-20, 130), st.integers(1, 60), st.sampled_from(("down", "maintenance", "unobserved")))


@settings(max_examples=100, deadline=None)
@given(st.lists(PUT, max_size=8))
def test_stretches_cover_every_minute_once_and_the_last_one_put_counts(put):
    course = Course(measured.uuid4(), measured.uuid4(), BEGIN, BEGIN + 100 * MINUTE)
    expected = ["up"] * 100
    for at, length, state in put:
        course.put(Stretch(BEGIN + at * MINUTE, BEGIN + (at + length) * MINUTE, state, {}))
        for minute in range(max(at, 0), min(at + length, 100)):
            expected[minute] = state
    told = [one.state for one in course.stretches for _ in range((one.until - one.since) // MINUTE)]
    assert told == expected
    assert [one.since for one in course.stretches[1:]] == [one.until for one in course.stretches[:-1]]


def _version(raw, contract_id, tenant_id, since: date) -> None:
    raw(
        "INSERT INTO contract_version (id, contract_id, tenant_id, number, effective_on, reason, annual_value, term_months,"
        " ends_on, renewal_on, notice_days, payment_terms, billing_cycle, support_level, uptime_target, latency_p99_ms,"
        " credit_tiers, credit_cap, maintenance, limits, created_by_name, created_at) VALUES (gen_random_uuid(), :key, :tenant,"
        " 1, :since, '', 12000, 12, :ends, :ends, 30, 'net_30', 'monthly', 'premium', 99.95, 200,"
        """ '[{"below": "99.95", "percent": "10"}]', 100, 'excluded', '{}', 'Ann', now())""",
        key=contract_id, tenant=tenant_id, since=since, ends=since + timedelta(days=364),
    )  # fmt: skip


def test_demo_says_the_same_in_spans_violations_periods_and_credits(system, raw):
    known = {
        role: operators.create(system, email=f"{role}@example.com", name=role, role=role, password="correct horse battery").id
        for role in ("client_success", "admin")
    }  # fmt: skip
    for number in range(4):
        tenant = make_tenant(system, f"Customer {number}").id
        _version(raw, measured.contract(raw, tenant), tenant, (utc_now() - 90 * DAY).date())
    raw("INSERT INTO checker_gap (id, since, until, cause) VALUES (gen_random_uuid(), :at, :end, 'stopped')",
        at=utc_now() - 9 * DAY, end=utc_now() - 8.5 * DAY)  # fmt: skip
    demo.seed(system, Random(3), utc_now(), known)
    (whole,) = raw("SELECT count(DISTINCT contract_id) AS contracts, sum(ends_at - starts_at) AS length FROM sla_span")
    assert (whole.contracts, whole.length) == (4, 4 * demo.DAYS * DAY)
    down = raw("SELECT sum(extract(epoch FROM ends_at - starts_at) / 60)::int FROM sla_span WHERE state = 'down'")[0][0]
    assert down > 0
    assert raw("SELECT sum(minutes)::int FROM sla_violation WHERE metric = 'uptime'")[0][0] >= down
    excluded = "(SELECT coalesce(sum(excluded_minutes), 0) FROM sla_period WHERE grain = 'day')"
    assert raw(f"SELECT (sum(bad_minutes) + {excluded})::int FROM sla_period WHERE grain = 'day'")[0][0] == down
    assert raw("SELECT min(unobserved_minutes) FROM sla_period WHERE grain = 'quarter'")[0][0] >= 0
    assert raw("SELECT count(*) FROM sla_credit WHERE sequence = 0")[0][0] == 4
