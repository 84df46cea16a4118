"""Periods of contracts in their zones, error budgets, and the alerts that come before a month is lost."""

from datetime import date

import pytest

from core.health.alerts.evaluating import evaluate_all
from core.kernel.telemetry import record
from core.reliability.sla import budget, judging, periods
from core.reliability.sla.minutes import evaluate
from tests.core.reliability.sla.agreed import DAY, HOUR, MINUTE, SYSTEM, at, contract, course, monitor, requests, tenant
from tests.core.support.breaches import given


def grain(raw, name, contract_id):
    return raw(
        "SELECT * FROM sla_period WHERE grain = :grain AND contract_id = :id ORDER BY bucket", grain=name, id=contract_id
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "hours", "begins"),
    [
        ("Europe/Berlin", 743, "23:00"),
        ("America/New_York", 743, "05:00"),
        ("Asia/Kolkata", 744, "18:30"),
        ("UTC", 744, "00:00"),
    ],
)
def test_the_month_of_summer_time_has_its_own_hours_and_an_outage_over_its_end_is_parted(raw, zone, hours, begins):
    acme = tenant()
    agreed, watched = contract(acme, zone=zone), monitor(acme)
    evaluate(since=at("2026-02-28"), until=at("2026-02-28", "00:01"))
    with record(SYSTEM) as tx:
        [[end]] = tx.session.execute(
            judging.text("SELECT CAST('2026-04-01' AS timestamp) AT TIME ZONE :zone"), {"zone": zone}
        )
    course(watched, (at("2026-02-28"), "up"), (end - 7 * MINUTE, "down"), (end + 5 * MINUTE, "up"))
    while evaluate(until=at("2026-04-02")).is_behind:
        pass
    march = grain(raw, "month", agreed)[1]
    assert march.bucket.strftime("%H:%M") == begins
    assert (march.observed_minutes, march.bad_minutes, march.unobserved_minutes) == (hours * 60, 7, 0)
    assert march.ends_at == end
    april = grain(raw, "month", agreed)[2]
    assert april.bad_minutes == 5
    quarter, following = grain(raw, "quarter", agreed)
    assert (quarter.bad_minutes, following.bad_minutes) == (7, 5)
    days = grain(raw, "day", agreed)
    assert (
        sum(day.observed_minutes for day in days)
        == march.observed_minutes + april.observed_minutes + grain(raw, "month", agreed)[0].observed_minutes
    )
    assert sorted({day.observed_minutes for day in days[1:-1]}) == ([1380, 1440] if hours == 743 else [1440])


def test_figures_of_a_period_are_those_of_its_requests_and_answers(raw):
    acme = tenant()
    agreed = contract(acme, starts="2026-03-02", zone="Asia/Kolkata", support_response_minutes=60)
    begin = at("2026-03-02", "18:30")  # the midnight after its first day
    requests(acme, [(begin - MINUTE, 100, 50)], ms=9_000)
    requests(acme, [(begin + place * HOUR, 100, 1) for place in range(3)], ms=100)
    requests(acme, [(begin + 24 * HOUR - MINUTE, 4, 4)], ms=5_000)
    given.ticket(
        tenant_id=acme, priority="urgent", created_at=begin, first_response_at=begin + HOUR, status="in_progress"
    )
    given.ticket(
        tenant_id=acme, priority="urgent", created_at=begin, first_response_at=begin + 2 * HOUR, status="in_progress"
    )
    evaluate(since=at("2026-03-02"), until=at("2026-03-04"))
    with record(SYSTEM) as tx:
        periods.figure(tx, ("hour", "day", "month", "quarter"), at("2026-03-02"))
    first, day, _ = grain(raw, "day", agreed)
    assert (first.requests, first.errors, first.error_rate) == (100, 50, 50)
    assert (day.requests, day.errors, day.error_rate) == (304, 7, pytest.approx(700 / 304))
    assert day.latency_p95_ms == pytest.approx(100, rel=0.01)
    assert day.latency_p99_ms == pytest.approx(5_000, rel=0.01)
    assert (day.responses, day.responses_late) == (2, 1)
    [month] = grain(raw, "month", agreed)
    assert (month.requests, month.errors, month.responses, month.responses_late) == (404, 57, 2, 1)
    assert month.latency_p99_ms == pytest.approx(9_000, rel=0.01)


def burning(raw, bad):
    """So many bad minutes of the last hour of ten days of June, by the portal's own clock."""
    acme = tenant("Acme")
    agreed, watched = contract(acme), monitor(acme)
    end = at("2026-06-11")
    course(watched, (at("2026-05-31"), "up"), (end - bad * MINUTE, "down"))
    while evaluate(since=at("2026-06-01"), until=end).is_behind:
        pass
    return agreed, end


def test_the_budget_of_a_month_its_rate_and_when_it_is_gone(raw, actor_of):
    agreed, end = burning(raw, 9)
    [one] = budget.budgets(actor_of("client_success", scope="all"), now=end).to_dict("records")
    allowed = 30 * 1440 * 0.0005
    assert (one["contract_id"], one["month"], one["bad_minutes"]) == (str(agreed), date(2026, 6, 1), 9)
    assert one["budget_minutes"] == pytest.approx(allowed)
    assert one["remaining_minutes"] == pytest.approx(allowed - 9)
    assert one["consumed_ratio"] == pytest.approx(9 / allowed)
    assert one["burn_rate_1h"] == pytest.approx(9 / 60 / 0.0005)
    assert one["burn_rate_1d"] == pytest.approx(9 / 1440 / 0.0005)
    assert one["exhausted_at"].to_pydatetime() == end + (allowed - 9) / 9 * DAY
    course_ = budget.course(actor_of("admin"), agreed, now=end)
    assert len(course_) == 10
    assert course_["remaining_minutes"].iloc[-1] == pytest.approx(allowed - 9)
    assert budget.budgets(actor_of("admin"), month=date(2026, 7, 1)).empty


def test_alerts_tell_of_a_violation_and_of_a_budget_that_burns_and_end_with_them(raw):
    burning(raw, 9)
    end = at("2026-06-11")
    evaluate_all(end)
    found = raw("SELECT a.summary, a.subject, a.tenant_id, a.link, r.key FROM alert a JOIN alert_rule r ON r.id = a.rule_id"
                " WHERE a.status = 'open' AND r.area = 'sla' ORDER BY r.key")  # fmt: skip
    assert [row.key for row in found] == ["sla-budget-fast", "sla-budget-slow", "sla-violation"]
    assert [row.subject for row in found] == ["Acme", "Acme", "Acme, uptime"]
    assert found[0].summary == "The error budget of the month burns 300.0 times too fast (Acme)."
    assert all(row.tenant_id is not None and row.link.startswith("reliability/sla_customer?contract=") for row in found)
    evaluate_all(end + MINUTE)
    assert len(raw("SELECT 1 FROM alert WHERE area = 'sla'")) == 3
    [[watched]] = raw("SELECT monitor_id FROM monitor_tenant")
    course(watched, (end, "up"))
    raw("UPDATE sla_violation SET detected_at = started_at")
    evaluate(until=end + HOUR)
    evaluate_all(end + HOUR)
    states = raw(
        "SELECT r.key, a.status FROM alert a JOIN alert_rule r ON r.id = a.rule_id WHERE a.area = 'sla' ORDER BY r.key"
    )
    assert [tuple(row) for row in states] == [
        ("sla-budget-fast", "resolved"), ("sla-budget-slow", "open"), ("sla-violation", "resolved")
    ]  # fmt: skip


def test_who_does_not_see_the_tenant_sees_no_budget(raw, actor_of):
    _, end = burning(raw, 1)
    assert len(budget.budgets(actor_of("admin"), now=end)) == 1
    assert budget.budgets(actor_of("client_success"), now=end).empty


def test_a_contract_without_a_target_has_minutes_and_no_budget(raw, actor_of):
    acme = tenant()
    agreed = contract(acme, uptime_target=None)
    course(monitor(acme), (at("2026-06-01"), "down"))
    evaluate(since=at("2026-06-01"), until=at("2026-06-01", "01:00"))
    [month] = grain(raw, "month", agreed)
    assert (month.bad_minutes, month.uptime, month.uptime_target) == (60, 0, None)
    assert raw("SELECT 1 FROM sla_violation") == []
    assert budget.budgets(actor_of("admin"), now=at("2026-06-01", "01:00")).empty
