"""What contracts cost and how they are invoiced: periods, amendments, early ends, credits, void invoices."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.contracts import actions, amending, billing, invoicing, schedule
from core.customers.contracts.billing import Charged, Part
from core.customers.invoices import actions as invoices
from core.customers.subscriptions import renewals as subscriptions
from core.customers.subscriptions.periods import Period, add_months
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.sla.models import SlaCredit
from tests.core.customers.contracts.making import running

D = Decimal
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2032, 12, 31))
money = st.decimals(min_value=0, max_value=10**9, places=2)


def part(start, value, cycle="monthly"):
    return Part(start, start, D(value), cycle, "net_30")


def course(start, value, *later, last=None, cycle="monthly"):
    versions = [part(start, value, cycle), *(part(day, amount, cycle) for day, amount in later)]
    return billing.course(start, last or add_months(start, 12) - timedelta(days=1), versions)


@given(days, money, st.sampled_from(list(billing.MONTHS)), st.integers(1, 36))
def test_periods_follow_each_other_to_the_end_and_whole_ones_are_exact(start, value, cycle, months):
    given_course = course(start, value, last=add_months(start, months) - timedelta(days=1), cycle=cycle)
    periods = list(billing.periods(given_course, start))
    assert [one.start for one in periods] == [start, *(one.end for one in periods[:-1])]
    assert periods[-1].end == add_months(start, months)
    exact = value * billing.MONTHS[cycle] / 12
    for one in periods[:-1]:
        assert abs(billing.fee(given_course, one) - exact) <= D("0.005")


@given(days, money, money, st.integers(0, 500), st.integers(0, 400))
def test_parts_of_days_add_up_to_the_whole(start, before, after, switch, cut):
    """However days are cut, they cost the same (each cut rounds once)."""
    day, middle = start + timedelta(days=switch), start + timedelta(days=cut)
    given_course = course(start, before, (day, after))
    whole = Period(start, given_course.end)
    parts = [Period(start, min(middle, whole.end)), Period(min(middle, whole.end), whole.end)]
    total = sum(billing.fee(given_course, one) for one in parts if one.start < one.end)
    assert abs(total - billing.fee(given_course, whole)) <= D("0.01")


def test_hand_computed_fees():
    # 120,000 a year is 10,000 a month; from 16 June on 150,000 is 12,500: 15 of 30 days each.
    given_course = course(date(2026, 1, 1), "120000", (date(2026, 6, 16), "150000"))
    fees = {
        month: billing.fee(given_course, Period(date(2026, month, 1), date(2026, month + 1, 1))) for month in (2, 6, 7)
    }
    assert fees == {2: D("10000.00"), 6: D("11250.00"), 7: D("12500.00")}
    # Ended on 10 February: 10 of its 28 days.
    ended = course(date(2026, 1, 1), "120000", last=date(2026, 2, 10))
    assert billing.fee(ended, Period(date(2026, 2, 1), date(2026, 3, 1))) == D("3571.43")
    # From the 31st of January: the February of the contract is 28 February to 30 March.
    late = course(date(2026, 1, 31), "1200")
    assert list(billing.periods(late, late.starts_on))[1] == Period(date(2026, 2, 28), date(2026, 3, 31))


@given(money, st.lists(st.decimals(min_value=D("-1000"), max_value=D("-0.01"), places=2), max_size=6))
def test_never_more_is_taken_off_than_there_is(room, less):
    period = Period(date(2026, 1, 1), date(2026, 2, 1))
    taken = billing.taken(room, [Charged(period, amount) for amount in less])
    assert -sum(one.amount for one in taken) == min(room, -sum(less, D(0)))


def at(monkeypatch, day):
    """The clock stands at noon of that day."""
    moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    for place in ("core.kernel.writes", "core.customers.contracts.invoicing"):
        monkeypatch.setattr(f"{place}.utc_now", lambda: moment)


def lines(raw, contract):
    """Invoices of the contract in their order, each the amounts of its lines."""
    rows = raw(
        "SELECT i.number, l.amount FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id"
        " WHERE i.contract_id = :c AND i.status <> 'void' ORDER BY i.number, l.position", c=contract.id
    )  # fmt: skip
    found = {}
    for row in rows:
        found.setdefault(row.number, []).append(row.amount)
    return list(found.values())


def test_each_period_is_invoiced_once_in_advance_and_missed_ones_are_caught_up(db, raw, system, monkeypatch):
    contract = running(system, starts_on=date(2026, 1, 1), billing_cycle="quarterly", payment_terms="net_60")
    later = running(system, starts_on=date(2026, 9, 1))
    at(monkeypatch, date(2025, 12, 31))
    assert invoicing.invoice_due(system) == 0
    at(monkeypatch, date(2026, 4, 1))
    assert (invoicing.invoice_due(system), invoicing.invoice_due(system)) == (2, 0)
    assert lines(raw, contract) == [[D(30000)], [D(30000)]] and lines(raw, later) == []
    row = raw("SELECT * FROM invoice WHERE source = 'contract' ORDER BY period_start DESC LIMIT 1")[0]
    assert (row.source, row.status, row.issued_on, row.due_on) == (
        "contract",
        "open",
        date(2026, 4, 1),
        date(2026, 5, 31),
    )
    assert (row.period_start, row.period_end) == (date(2026, 4, 1), date(2026, 7, 1))
    at(monkeypatch, date(2027, 3, 1))
    actions.expire(system)
    assert invoicing.invoice_due(system) == 3
    assert sum(amount for one in lines(raw, contract) for amount in one) == D(120000)
    assert raw("SELECT billed_until FROM contract WHERE id = :c", c=contract.id)[0].billed_until is None
    assert invoicing.invoice_due(system) == 0
    shown = schedule.schedule(system, contract.id)
    assert list(shown["fee"]) == [D(30000)] * 4 and shown["number"].notna().all()


def test_an_amendment_in_mid_period_comes_with_the_next_invoice(db, raw, system, monkeypatch):
    contract = running(system, starts_on=date(2026, 1, 1), billing_cycle="monthly")
    at(monkeypatch, date(2026, 6, 1))
    invoicing.invoice_due(system)
    amending.amend(system, contract.id, effective_on=date(2026, 6, 16), reason="More seats", annual_value="150000")
    assert schedule.balance(system, contract.id) == D("1250.00")
    at(monkeypatch, date(2026, 7, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract)[-1] == [D("12500.00"), D("1250.00")]
    assert schedule.balance(system, contract.id) == 0
    amending.amend(system, contract.id, effective_on=date(2026, 7, 1), reason="Half, from July", annual_value="60000")
    at(monkeypatch, date(2026, 8, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract)[-1] == [D("5000.00"), D("-5000.00")], "as much as there is room for"
    assert raw("SELECT status, total FROM invoice WHERE source = 'contract' ORDER BY number DESC LIMIT 1")[0] == (
        "paid",
        0,
    )
    at(monkeypatch, date(2026, 9, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract)[-1] == [D("5000.00"), D("-2500.00")]


def test_an_early_end_cuts_the_last_period_and_a_void_invoice_is_made_up(db, raw, system, monkeypatch):
    contract = running(system, starts_on=date(2026, 1, 1), billing_cycle="monthly")
    actions.terminate(system, contract.id, ended_on=date(2026, 2, 10), reason="Merger")
    at(monkeypatch, date(2026, 1, 1))
    invoicing.invoice_due(system)
    first = raw("SELECT id FROM invoice WHERE source = 'contract'")[0].id
    invoices.void(system, first, reason="Sent to the wrong address")
    at(monkeypatch, date(2026, 2, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract) == [[D("3571.43"), D("10000.00")]]
    assert schedule.balance(system, contract.id) == 0


def credit(actor, contract, amount, *, month=date(2026, 1, 1), status="issued", sequence=0):
    with write(actor, "demo.seed") as tx:
        return tx.add(
            SlaCredit(
                id=uuid4(), contract_id=contract.id, tenant_id=contract.tenant_id, month=month, sequence=sequence, status=status,
                currency="USD", fee=D(10000), percent=D(10), cap_amount=D(10000), amount=D(amount), formula="", proof={},
                computed_at=utc_now(), computed_by_name="test", number=f"CN-{uuid4().hex[:6]}" if status == "issued" else None,
            )
        ).id  # fmt: skip


def test_issued_credits_are_taken_off_once_and_again_after_a_void_invoice(db, raw, system, monkeypatch):
    contract = running(system, starts_on=date(2026, 1, 1), billing_cycle="monthly")
    first, second = credit(system, contract, "1000"), credit(system, contract, "9500", month=date(2026, 2, 1))
    owed = credit(system, contract, "-100", month=date(2026, 2, 1), sequence=1)
    credit(system, contract, "500", month=date(2026, 3, 1), status="approved")
    at(monkeypatch, date(2026, 1, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract) == [[D(10000), D(-1000), D(100)]], "what does not fit as a whole waits"
    event = raw("SELECT payload FROM event WHERE type = 'contracts.invoice'")[0].payload
    made = raw("SELECT id FROM invoice WHERE source = 'contract'")[0].id
    assert event["credits"] == {str(first): str(made), str(owed): str(made)} and event["invoices"] == [str(made)]
    at(monkeypatch, date(2026, 2, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract)[-1] == [D(10000), D(-9500)]
    last = raw("SELECT id FROM invoice WHERE source = 'contract' ORDER BY number DESC LIMIT 1")[0].id
    invoices.void(system, last, reason="Wrong")
    at(monkeypatch, date(2026, 3, 1))
    invoicing.invoice_due(system)
    assert lines(raw, contract)[-1] == [D(10000), D(10000), D(-9500)]
    assert (
        str(second)
        in raw("SELECT payload FROM event WHERE type = 'contracts.invoice' ORDER BY id DESC")[0].payload["credits"]
    )


def test_who_has_a_contract_is_not_invoiced_for_the_subscription_too(db, raw, system):
    contract = running(system)
    other = running(system, starts_on=date(2020, 1, 1))
    day = raw("SELECT max(period_end) AS day FROM subscription")[0].day
    subscriptions.renew(system, today=day)
    invoiced = {row.tenant_id for row in raw("SELECT tenant_id FROM invoice WHERE source = 'renewal'")}
    assert other.tenant_id in invoiced and contract.tenant_id not in invoiced


def test_many_contracts_are_looked_for_at_once(db, raw, system, monkeypatch):
    at(monkeypatch, date(2026, 1, 1))
    for _ in range(5):
        running(system, starts_on=date(2026, 1, 1))
    monkeypatch.setattr(invoicing, "AT_ONCE", 2)
    assert (invoicing.invoice_due(system), invoicing.invoice_due(system)) == (5, 0)
    assert raw("SELECT count(*) AS n FROM invoice WHERE source = 'contract'")[0].n == 5


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "US/Hawaii"])
def test_a_period_begins_at_midnight_of_the_contracts_zone(db, raw, system, monkeypatch, zone):
    running(system, starts_on=date(2026, 1, 1), time_zone=zone)
    at(monkeypatch, date(2025, 12, 31))
    ahead = invoicing.invoice_due(system)
    at(monkeypatch, date(2026, 1, 1) if zone == "US/Hawaii" else date(2025, 12, 31))
    assert (ahead, invoicing.invoice_due(system)) == ((1, 0) if "Kiri" in zone else (0, 1))
