"""What incidents come to: from rollups, errors, monitors, tickets and violations; corrected by people, with a reason."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from core.health.requests.models import TENANT_ROLLUP, TENANT_TOTAL_ROLLUP
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound, ReasonRequired
from core.kernel.rollups import fill, start_of
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.reliability.incidents import actions, correcting, impact, impact_figures, queries
from tests.core.reliability.incidents.given import add_tenant, declare
from tests.core.support.tickets.given import add_person, open_ticket


def requests(tenant_id, at: datetime, total: int, errors: int, service="billing", channel="product"):
    return {
        "bucket": start_of(at, "minute"), "tenant_id": tenant_id, "service": service, "channel": channel, "status_class": 5,
        "total": total, "errors": errors, "timed": 0, "duration_ms_sum": 0, "duration_ms_max": None, "duration_ms_min": None,
        "sketch_keys": [], "sketch_counts": [],
    }  # fmt: skip


def fill_both(tx: Recording, grain, rows):
    """The rollup by service, and the one that adds services up."""
    fill(tx, TENANT_ROLLUP, grain, rows)
    totals: dict = {}
    for row in rows:
        known = totals.setdefault((row["bucket"], row["tenant_id"], row["channel"]), row | {
            "total": 0, "errors": 0, "status_2xx": 0, "status_3xx": 0, "status_4xx": 0, "status_5xx": 0,
        })  # fmt: skip
        known["total"] += row["total"]
        known["errors"] += row["errors"]
    left_out = ("service", "status_class")
    shown = [{name: value for name, value in row.items() if name not in left_out} for row in totals.values()]
    fill(tx, TENANT_TOTAL_ROLLUP, grain, shown)


def told(actor, incident_id):
    found = queries.impact(actor, incident_id)
    return {field: found[field]["value"] for field in queries.COMPUTED if field in found}


@pytest.fixture
def begun(db):
    return start_of(utc_now() - timedelta(hours=3), "minute")


def test_requests_count_in_the_window_and_services_and_hit_who_fails_often(raw, system, begun):
    hurt, well, outside = (add_tenant(system, name) for name in ("Hurt", "Well", "Outside"))
    end = begun + timedelta(hours=2, minutes=7)
    rows = [
        requests(hurt, begun, 10, 5), requests(hurt, begun + timedelta(hours=1), 20, 3),
        requests(hurt, end - timedelta(minutes=1), 10, 2), requests(hurt, end + timedelta(minutes=1), 500, 500),
        requests(hurt, begun - timedelta(minutes=1), 700, 700), requests(hurt, begun, 900, 900, service="mail"),
        requests(hurt, begun, 50, 50, channel="page"), requests(well, begun, 1_000, 49), requests(None, begun, 4, 4),
        requests(outside, end + timedelta(minutes=30), 90, 90),
    ]  # fmt: skip
    with record(system) as tx:
        fill_both(tx, "minute", rows)
    made = declare(system, started_at=begun, services=["billing"])
    wide = declare(system, started_at=begun, services=[])
    for one in (made, wide):
        actions.resolve(system, one.id, resolution="x", at=end)
    add_person(system, hurt)
    assert impact.compute() == 2
    seen = told(system, made.id)
    assert (seen["requests"], seen["requests_failed"], seen["tenants"], seen["users"]) == (1_044, 63, 1, 1)
    hit = queries.tenants(system, made.id)
    assert list(hit["tenant"]) == ["Hurt"] and list(hit["found_by"]) == [["requests"]]
    assert (hit["requests"][0], hit["requests_failed"][0]) == (40, 10)
    assert told(system, wide.id)["requests"] == 1_044 + 900


def test_old_times_are_counted_by_whole_hours_and_nothing_known_is_unknown(raw, system, db):
    long_ago = start_of(utc_now() - timedelta(days=10), "hour")
    tenant = add_tenant(system)
    with record(system) as tx:
        fill_both(tx, "hour", [requests(tenant, long_ago, 100, 50)])
    made = declare(system, started_at=long_ago + timedelta(minutes=20), services=["billing"])
    actions.resolve(system, made.id, resolution="x", at=long_ago + timedelta(minutes=40))
    empty = declare(system, started_at=utc_now(), services=["billing"])
    assert impact.compute() == 1 and impact.compute([made.id]) == 1
    assert told(system, made.id)["requests"] == 100 and told(system, empty.id)["requests"] is None
    assert queries.impact(system, uuid4())["computed_at"] is None


def test_errors_monitors_tickets_and_violations_say_who_is_hit(raw, system, begun):
    names = ("Errors", "Monitors", "Tickets", "Violations", "Stale")
    errors, monitors, tickets, violations, stale = (add_tenant(system, name) for name in names)
    made = declare(system, started_at=begun, services=[])
    raw("INSERT INTO error_group (fingerprint, service, type, message, route, first_seen_at, last_seen_at)"
        " VALUES ('f1', 'billing', 'KeyError', 'x', '/', :at, :at)", at=begun)  # fmt: skip
    raw("INSERT INTO error_record (at, id, service, tenant_id, fingerprint, type, message, trace, route, request_id)"
        " VALUES (:at, :id, 'billing', :tenant, 'f1', 'KeyError', 'x', '', '/', '')",
        at=begun + timedelta(minutes=1), id=uuid4(), tenant=errors)  # fmt: skip
    for tenant, courses in ((monitors, [(-30, "down")]), (stale, [(-30, "down"), (-10, "up")])):
        key = uuid4()
        raw(
            "INSERT INTO monitor (id, name, description, kind, settings, target, interval_s, timeout_s, retries,"
            " retry_interval_s, tags, is_paused, allows_private, created_at, updated_at, version)"
            " VALUES (:id, 'Web', '', 'http', '{}', 'x', 60, 10, 1, 20, '{}', false, false, now(), now(), 1)", id=key,
        )  # fmt: skip
        raw("INSERT INTO monitor_tenant VALUES (:id, :tenant)", id=key, tenant=tenant)
        for minute, state in courses:
            raw("INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause)"
                " VALUES (:id, :of, :at, :state, 'up', '')",
                id=uuid4(), of=key, at=begun + timedelta(minutes=minute), state=state)  # fmt: skip
    raw("INSERT INTO sla_violation (id, contract_id, tenant_id, metric, target, impact, minutes, started_at, last_bad_at,"
        " detected_at) VALUES (:id, :id, :tenant, 'uptime', 99.9, 'major', 5, :at, :at, :at)",
        id=uuid4(), tenant=violations, at=begun)  # fmt: skip
    actions.link(system, made.id, kind="error", target="f1")
    ticket = open_ticket(system, tenant_id=tickets)
    actions.link(system, made.id, kind="ticket", target=str(ticket.id))
    impact.compute()
    found = queries.tenants(system, made.id)
    assert {one["tenant"]: one["found_by"] for one in found.to_dict("records")} == {
        "Errors": ["errors"], "Monitors": ["monitors"], "Tickets": ["tickets"], "Violations": ["violations"],
    }  # fmt: skip
    seen = told(system, made.id)
    assert (seen["tenants"], seen["tickets"], seen["violations"], seen["contracts"]) == (4, 1, 1, 0)
    assert seen["revenue"] == []


def test_money_of_those_who_are_hit_is_told_per_currency_to_who_may_see_it(raw, system, begun, actor_of):
    tenants = [add_tenant(system, name) for name in ("A", "B", "C")]
    plan = raw("SELECT key FROM plan LIMIT 1")[0].key
    for tenant, (interval, amount, currency) in zip(
        tenants, (("monthly", 100, "USD"), ("yearly", 1_200, "USD"), ("monthly", 50, "EUR")), strict=True
    ):
        raw(
            "INSERT INTO subscription (id, tenant_id, plan_key, status, interval, seats, seats_included, unit_price, seat_price,"
            " discount, credit, period_amount, currency, started_at, anchor_on, period_start, period_end,"
            " cancels_at_period_end, created_at, updated_at, version) VALUES (:id, :tenant, :plan, 'active', :interval, 1, 1,"
            " 1, 1, 0, 0, :amount, :currency, now(), current_date, current_date, current_date + 30, false, now(), now(), 1)",
            id=uuid4(), tenant=tenant, plan=plan, interval=interval, amount=amount, currency=currency,
        )  # fmt: skip
    made = declare(system, started_at=begun)
    for tenant in tenants:
        correcting.set_tenant(system, made.id, tenant_id=tenant, is_affected=True, reason="They called")
    impact.compute()
    expected = [{"currency": "EUR", "amount": "50.00"}, {"currency": "USD", "amount": "200.00"}]
    assert told(system, made.id)["revenue"] == expected
    seen = queries.impact(actor_of("support_tier_2"), made.id)
    assert "revenue" not in seen and seen["hidden"] == ["contracts_value", "revenue"]
    assert queries.impact(actor_of("client_success"), made.id)["revenue"]["value"] == expected


def test_what_people_say_counts_and_what_was_computed_stays(raw, system, begun, actor_of):
    hurt, other = add_tenant(system, "Hurt"), add_tenant(system, "Other")
    with record(system) as tx:
        fill_both(tx, "minute", [requests(hurt, begun, 10, 9)])
    made = declare(system, started_at=begun)
    correcting.set_tenant(system, made.id, tenant_id=other, is_affected=True, reason="They called")
    impact.compute()
    assert told(system, made.id)["tenants"] == 2
    correcting.set_tenant(system, made.id, tenant_id=hurt, is_affected=False, reason="A load test")
    impact.compute()
    assert list(queries.tenants(system, made.id)["tenant"]) == ["Other"] and told(system, made.id)["tenants"] == 1
    correcting.correct(system, made.id, field="users", value=250, reason="Counted by hand")
    figure = queries.impact(system, made.id)["users"]
    assert (figure["value"], figure["computed"], figure["reason"]) == (250, 0, "Counted by hand")
    correcting.correct(system, made.id, field="users", value=None, reason="Wrong")
    assert queries.impact(system, made.id)["users"]["is_corrected"] is False
    assert len(impact_figures.corrections(system, made.id)) == 4
    wrong = [{"currency": "usd", "amount": 1}], [{"currency": "USD", "amount": "x"}], 5
    for field, value in (("users", -1), ("users", True), ("computed_at", 1), *(("revenue", one) for one in wrong)):
        with pytest.raises(Invalid):
            correcting.correct(system, made.id, field=field, value=value, reason="x")
    with pytest.raises(ReasonRequired):
        correcting.correct(system, made.id, field="users", value=1, reason="")
    with pytest.raises(NotFound):
        correcting.set_tenant(system, made.id, tenant_id=uuid4(), is_affected=True, reason="x")
    with pytest.raises(Invalid, match="Only who has"):
        correcting.correct(actor_of("developer"), made.id, field="revenue", value=[], reason="x")
    with pytest.raises(Denied):
        correcting.correct(actor_of("support_tier_1"), made.id, field="users", value=1, reason="x")


def test_how_many_statements_there_are_does_not_depend_on_how_many_run(raw, system, begun, monkeypatch):
    counted: list[str] = []
    execute = Recording.execute
    monkeypatch.setattr(Recording, "execute", lambda *given, **more: counted.append("x") or execute(*given, **more))

    def statements():
        counted.clear()
        impact.compute()
        return len(counted)

    declare(system, started_at=begun)
    one = statements()
    for _ in range(4):
        declare(system, started_at=begun)
    assert statements() == one


def test_who_sees_some_tenants_alone_sees_only_these_as_hit(raw, system, begun, actor_of):
    mine, other = add_tenant(system, "Mine"), add_tenant(system, "Other")
    made = declare(system, started_at=begun)
    for tenant in (mine, other):
        correcting.set_tenant(system, made.id, tenant_id=tenant, is_affected=True, reason="x")
    impact.compute()
    bound = actor_of("developer", scope="tenant", tenant_id=mine, key_id=uuid4(), operator_id=None)
    assert isinstance(bound, Actor) and list(queries.tenants(bound, made.id)["tenant_id"]) == [str(mine)]
