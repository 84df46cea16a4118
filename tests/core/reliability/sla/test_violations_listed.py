"""Violations as people look at them: filters, standing by exclusions, counts, sight; credits in figures."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.kernel.errors import Denied, NotFound
from core.kernel.times import utc_now
from core.reliability.sla import asked, customer, metrics, owed, violations
from core.reliability.sla.violations import Filters
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, midnight

DECIDED = {"decision": "approved", "decided_at": utc_now()}


@pytest.fixture
def given(raw, system):
    """One violation of each standing, the latest last; that one lasts."""
    tenant = make_tenant(system, "Acme").id
    key, now = measured.contract(raw, tenant), utc_now()
    excluded = measured.violation(raw, key, tenant, now - 40 * DAY)
    measured.exclusion(raw, excluded, **DECIDED)
    partly = measured.violation(raw, key, tenant, now - 20 * DAY, metric="error_rate", impact="minor")
    measured.exclusion(raw, partly, ends_at=now - 20 * DAY + timedelta(minutes=3), **DECIDED)
    taken = measured.violation(raw, key, tenant, now - 12 * DAY, detail='{"withdrawn": true}')
    waiting = measured.violation(raw, key, tenant, now - 10 * DAY)
    measured.exclusion(raw, waiting)
    counts = measured.violation(raw, key, tenant, now - DAY / 24, ended_at=None)
    return {"excluded": excluded, "partly": partly, "withdrawn": taken, "asked": waiting, "counts": counts, "key": key}


def test_standing_says_what_a_violation_is_worth(given, actor_of):
    reader = actor_of("support_tier_1")
    found = violations.violations(reader, Filters()).frame
    assert list(found["standing"]) == ["counts", "asked", "withdrawn", "partly", "excluded"]
    for standing in violations.Standing.__args__:
        (one,) = violations.violations(reader, Filters(standings=(standing,))).frame["id"]
        assert one == str(given[standing])
    assert violations.counts(reader) == {"open": 1, "asked": 1}
    waits = asked.exclusions(reader, is_waiting=True)
    assert (list(waits["violation_id"]), list(waits["tenant"])) == ([str(given["asked"])], ["Acme"])


def test_filters_narrow_and_what_lasts_began_at_no_time_too_early(given, actor_of, raw):
    reader = actor_of("support_tier_1")

    def found(**values: object) -> list[str]:
        return list(violations.violations(reader, Filters(**values)).frame["standing"])

    assert found(metrics=("error_rate",)) == ["partly"]
    assert found(impacts=("minor",)) == ["partly"]
    assert found(states=("open",)) == ["counts"]
    assert found(text="ac", since=utc_now() - 15 * DAY) == ["counts", "asked", "withdrawn"]
    assert found(text="nobody") == []
    assert found(since=utc_now()) == ["counts"]
    assert found(until=utc_now() - 30 * DAY) == ["excluded"]
    first = violations.violations(reader, Filters(), limit=3)
    assert len(violations.violations(reader, Filters(), after=first.next, limit=3).frame) == 2


def test_nothing_is_told_to_others(given, actor_of):
    stranger = actor_of("client_success")
    assert violations.violations(stranger, Filters()).frame.empty
    assert asked.exclusions(stranger).empty
    assert metrics.listing(stranger, metrics.Filters()).rows == []
    assert customer.contracts(stranger, contract_id=given["key"]) == []
    with pytest.raises(NotFound):
        violations.one(stranger, given["counts"])
    with pytest.raises(NotFound):
        customer.one(stranger, given["key"])
    for read in (violations.counts, asked.exclusions):
        with pytest.raises(Denied):
            read(actor_of("hotline_operator"))


def test_contracts_of_a_customer_follow_each_other(raw, system, actor_of):
    tenant = make_tenant(system, "Acme").id
    old, new = measured.contract(raw, tenant), None
    raw("UPDATE contract SET status = 'renewed'")
    new = measured.contract(raw, tenant)
    month = midnight().replace(day=1)
    measured.period(raw, old, tenant, "month", month - 40 * DAY)
    measured.period(raw, new, tenant, "month", month)
    reader = actor_of("support_tier_1")
    assert [one.contract_id for one in customer.contracts(reader, tenant_id=tenant)] == [new, old]
    assert [one.contract_id for one in customer.contracts(reader, contract_id=old)] == [new, old]
    assert list(customer.periods(reader, new, "month")["bad_minutes"]) == [0]


def test_credits_are_summed_by_currency_and_month_without_void_ones(raw, system, actor_of):
    tenant = make_tenant(system, "Acme").id
    key, today = measured.contract(raw, tenant), utc_now().date()
    month = date(today.year, today.month, 1)
    for number, (sequence, status, amount) in enumerate(((0, "issued", 120), (1, "draft", -20), (2, "void", 50))):
        raw(
            "INSERT INTO sla_credit (id, number, contract_id, tenant_id, month, sequence, status, currency, fee, percent,"
            " cap_amount, amount, formula, proof, computed_at, computed_by_name, created_at, updated_at, version) VALUES"
            " (gen_random_uuid(), :number, :key, :tenant, :month, :sequence, :status, 'EUR', 1200, 10, 1200, :amount, '', '{}',"
            " now(), 'clock', now(), now(), 1)",
            number=f"CN-{number}" if status == "issued" else None, key=key, tenant=tenant, month=month, sequence=sequence,
            status=status, amount=amount,
        )  # fmt: skip
    manager = actor_of("admin")
    assert owed.owed(manager, since=month) == [("EUR", Decimal(120), Decimal(-20), 2)]
    assert [(one.status, one.amount) for one in owed.by_month(manager, key)[month]] == [("issued", 120), ("draft", -20)]
    with pytest.raises(Denied):
        owed.owed(actor_of("support_tier_1"), since=month)
